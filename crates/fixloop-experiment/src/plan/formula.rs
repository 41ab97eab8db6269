//! Power by formula: a screen beside the replay, and what more days can never give.

use fixloop_stats::size::{
    Accrual, ClusterSpread, ClusteredEvents, ErrorRates, ExponentialHazard, InvalidSize,
    cluster_power, minimum_detectable_ratio, schoenfeld_events, total_subjects,
};

use super::design::PilotDesign;
use super::past::PastFacts;
use super::replay::Replay;

/// Findings that differ by nothing but chance: teams without number, all alike.
const MANY_TEAMS: u32 = 1_000_000;

/// More than a pilot ever has.
const ENDLESS_EVENTS: f64 = 1e12;

/// What formulas say of a design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Formula {
    /// Of the wanted effect.
    pub power: f64,
    /// With days without end: teams still differ. 1 where findings are drawn.
    pub floor: f64,
    /// Smallest cut of time seen with the wanted power, with days without end; 0 where findings are drawn.
    pub floor_effect: f64,
    /// What history is hoped to explain of the variance between teams.
    pub history_reliability: f64,
}

/// Findings that a comparison would need if findings were independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needed {
    pub n_events: f64,
    pub n_findings: f64,
    /// If each could be watched for 30 days more.
    pub n_findings_with_follow_up: f64,
    /// Days after which half are fixed, at the pace of the first 60 days.
    pub half_life: f64,
}

pub(super) const FOLLOW_UP: f64 = 30.0;

pub(super) fn formula(
    design: PilotDesign,
    facts: &PastFacts,
    replay: &Replay,
    n_teams: u32,
    (effect, rates): (f64, ErrorRates),
) -> Result<Formula, InvalidSize> {
    let ratio = 1.0 / (1.0 - effect);
    if design == PilotDesign::InsideTeam {
        let spread = ClusterSpread::new(0.0, 0.0)?;
        let comparison = ClusteredEvents::new(replay.n_fixed, MANY_TEAMS, spread)?;
        let power = cluster_power(comparison, ratio, rates.alpha())?;
        return Ok(Formula { power, floor: 1.0, floor_effect: 0.0, history_reliability: 0.0 });
    }
    let known = facts.theta * replay.n_fixed_before;
    let history_reliability = known / (1.0 + known);
    let spread =
        ClusterSpread::new(facts.theta, facts.size_cv)?.with_history(history_reliability)?;
    let of = |n_events: f64| ClusteredEvents::new(n_events, n_teams / 2, spread);
    let endless = of(ENDLESS_EVENTS)?;
    Ok(Formula {
        power: cluster_power(of(replay.n_fixed)?, ratio, rates.alpha())?,
        floor: cluster_power(endless, ratio, rates.alpha())?,
        floor_effect: 1.0 - minimum_detectable_ratio(endless, rates),
        history_reliability,
    })
}

/// By Schoenfeld's formula, with even arrival over `accrual` days and `follow_up` days after.
pub(super) fn needed(
    rate: f64,
    effect: f64,
    (accrual, follow_up): (f64, f64),
    rates: ErrorRates,
) -> Result<Needed, InvalidSize> {
    let ratio = 1.0 / (1.0 - effect);
    let n_events = schoenfeld_events(ratio, 0.5, rates)?;
    let half_life = std::f64::consts::LN_2 / rate;
    let control = ExponentialHazard::of_median(half_life)?;
    let arms = [control, control.times(ratio)?];
    let findings = |days: f64| total_subjects(n_events, Accrual::new(accrual, days)?, arms);
    Ok(Needed {
        n_events,
        n_findings: findings(follow_up)?,
        n_findings_with_follow_up: findings(follow_up + FOLLOW_UP)?,
        half_life,
    })
}
