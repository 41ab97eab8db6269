//! Before a pilot: the best design, its power on the organisation's own past, and what it cannot show.
//!
//! Formulas screen; the number that counts comes from replaying: weeks of the organisation's own teams are drawn, the effect is planted,
//! and the analysis that would be made is made.

mod design;
mod formula;
mod past;
mod reach;
mod replay;
mod schedule;
#[cfg(test)]
mod tests;
mod world;

use fixloop_stats::size::{ErrorRates, InvalidSize};
use thiserror::Error;

pub use design::{MIN_TEAMS, MIN_TEAMS_PLANNED, PilotDesign, Refusal, Treatment};
pub use formula::{Formula, Needed};
pub use past::{MIN_PAST_TEAMS, Past, PastError, PastFacts, PastFinding};
pub use reach::Reach;
pub use replay::{LookPower, Power, Replay};
pub use schedule::{MIN_FIXES, SPENDING_POWER, default_looks};

use past::Weeks;
use replay::{Pilot, replay};
use world::Shape;

/// A pilot that somebody thinks of.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanQuestion {
    pub treatment: Treatment,
    /// Wanted cut of the time to fix, as 0.3.
    pub effect: f64,
    pub n_teams: u32,
    /// New opportunities count in the first `days - follow_up` days; all are watched to the last.
    pub days: u32,
    pub follow_up: u32,
    pub alpha: f64,
    /// Wanted.
    pub power: f64,
    /// Days, ascending; the last is `days`.
    pub looks: Vec<u32>,
    /// What is open on the first day counts if it is at most so old.
    pub stock_days: u32,
    pub n_runs: usize,
    pub seed: u64,
}

/// Why there is no plan.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PlanError {
    #[error(transparent)]
    Past(#[from] PastError),
    #[error(transparent)]
    Size(#[from] InvalidSize),
    #[error("{what} `{value}` is not {range}")]
    Range { what: &'static str, value: f64, range: &'static str },
    #[error("looks ascend from day 1 to the last day, `{days}`")]
    Looks { days: u32 },
}

/// One design that the treatment allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub design: PilotDesign,
    /// The smallest two-sided p that it can show; `None` where findings or weeks are drawn.
    pub min_p: Option<f64>,
    pub refusal: Option<Refusal>,
    /// `None` if it is refused, or the past cannot be replayed with it.
    pub replay: Option<Replay>,
    pub formula: Option<Formula>,
}

/// Power of one variation of the pilot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// Days or teams.
    pub n: u32,
    pub power: Power,
}

/// What would change, and what would not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outlook {
    /// The smallest cut of time that is seen with the wanted power; `None` if not even the largest tried is.
    pub smallest_effect: Option<f64>,
    /// The same teams for other times, one look at the end.
    pub over_days: Vec<Variation>,
    /// The same time with more teams.
    pub over_teams: Vec<Variation>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub question: PlanQuestion,
    pub facts: PastFacts,
    /// In the order in which they are offered.
    pub choices: Vec<Choice>,
    /// The place of the one that is offered; `None` if all are refused.
    pub chosen: Option<usize>,
    /// Of the one that is offered, where it can be replayed.
    pub outlook: Outlook,
    pub needed: Needed,
}

/// The largest cut that is tried.
pub const LARGEST_EFFECT: f64 = 0.95;

/// Times that are tried beside the asked one; longer pilots than eight weeks show where more days stop to help.
const DAYS_TRIED: &[u32] = &[14, 28, 42, 56, 84, 112];

/// Weeks are such that pilots of twice these days can be replayed, too.
const LEAST_DAYS_WATCHED: u32 = 56;

/// More teams than these are not tried: weeks of a few teams would be copied too often.
const MOST_TEAMS: u32 = 160;

/// Runs of a variation, of all.
const SHARE_OF_RUNS: usize = 4;
const MIN_RUNS: usize = 40;
const MAX_RUNS: usize = 100_000;

/// Plans a pilot.
///
/// # Errors
/// If a number is out of its range, or the past says nothing.
pub fn plan(past: &Past, question: &PlanQuestion) -> Result<Plan, PlanError> {
    question.check()?;
    let rates = ErrorRates::new(question.alpha, question.power)?;
    let weeks = past.weeks(f64::from(question.days.max(LEAST_DAYS_WATCHED)))?;
    let choice = |design: &PilotDesign| question.choice(*design, &weeks, rates);
    let choices: Vec<Choice> = question.treatment.designs().iter().map(choice).collect();
    let chosen = best(&choices);
    let is_replayed = |it: &usize| choices[*it].replay.is_some();
    let outlook = match chosen.filter(is_replayed) {
        Some(at) => question.outlook(choices[at].design, &weeks),
        None => Outlook::default(),
    };
    let follow_up = f64::from(question.follow_up);
    let needed = formula::needed(
        weeks.facts.rate,
        question.effect,
        (f64::from(question.days) - follow_up, follow_up),
        rates,
    )?;
    Ok(Plan { question: question.clone(), facts: weeks.facts, choices, chosen, outlook, needed })
}

/// The first that is not refused; of two that draw teams, the one that sees more, if the replay can tell.
fn best(choices: &[Choice]) -> Option<usize> {
    let is_offered = |it: &usize| {
        choices[*it].refusal.is_none() && choices[*it].design != PilotDesign::Observational
    };
    let first = (0..choices.len()).find(is_offered)?;
    let power = |at: usize| Some(choices[at].replay.as_ref()?.power);
    if choices[first].design != PilotDesign::MatchedPairs {
        return Some(first);
    }
    let other = (first + 1..choices.len())
        .filter(is_offered)
        .find(|it| choices[*it].design == PilotDesign::TeamRandomized);
    let is_better = |it: &usize| match (power(*it), power(first)) {
        (Some(other), Some(first)) => {
            other.share - first.share > 2.0 * other.std_error.hypot(first.std_error)
        }
        _ => false,
    };
    Some(other.filter(is_better).unwrap_or(first))
}

impl PlanQuestion {
    fn check(&self) -> Result<(), PlanError> {
        let range = |what, value: f64, is_in: bool, range| {
            if is_in { Ok(()) } else { Err(PlanError::Range { what, value, range }) }
        };
        let runs = self.n_runs as f64;
        range("effect", self.effect, self.effect > 0.0 && self.effect < 1.0, "between 0 and 1")?;
        range(
            "teams",
            self.n_teams.into(),
            (1..=1_000).contains(&self.n_teams),
            "from 1 to 1,000",
        )?;
        range("days", self.days.into(), (1..=365).contains(&self.days), "from 1 to 365")?;
        let is_left = self.follow_up < self.days;
        range("follow-up", self.follow_up.into(), is_left, "less than the pilot's days")?;
        let is_possible = (MIN_RUNS..=MAX_RUNS).contains(&self.n_runs);
        range("runs", runs, is_possible, "from 40 to 100,000")?;
        let is_young = self.stock_days <= 365;
        range("age of what is open", self.stock_days.into(), is_young, "from 0 to 365")?;
        let ascends = self.looks.is_sorted_by(|a, b| a < b);
        let is_whole = self.looks.last() == Some(&self.days) && self.looks[0] > 0;
        if ascends && is_whole { Ok(()) } else { Err(PlanError::Looks { days: self.days }) }
    }

    fn pilot(&self, design: PilotDesign) -> Pilot {
        let is_paired = design == PilotDesign::MatchedPairs;
        let n_teams = if is_paired { self.n_teams / 2 * 2 } else { self.n_teams };
        Pilot {
            design,
            shape: Shape {
                n_teams: n_teams as usize,
                accrual: f64::from(self.days - self.follow_up),
                stock_days: f64::from(self.stock_days),
            },
            looks: self.looks.clone(),
            alpha: self.alpha,
            effect: self.effect,
        }
    }

    fn choice(&self, design: PilotDesign, weeks: &Weeks, rates: ErrorRates) -> Choice {
        let refusal = design.refusal(self.n_teams, self.alpha);
        let is_replayed = refusal.is_none() && design.is_replayed();
        let replay =
            is_replayed.then(|| replay(weeks, &self.pilot(design), self.n_runs, self.seed));
        let of = |it: &Replay| {
            let asked = (self.effect, rates);
            formula::formula(design, &weeks.facts, it, self.n_teams, asked).ok()
        };
        let formula = replay.as_ref().and_then(of);
        Choice { design, min_p: design.min_p(self.n_teams), refusal, replay, formula }
    }

    fn outlook(&self, design: PilotDesign, weeks: &Weeks) -> Outlook {
        let pilot = self.pilot(design);
        Outlook {
            smallest_effect: self.smallest_effect(&pilot, weeks),
            over_days: self.over_days(&pilot, weeks),
            over_teams: self.over_teams(&pilot, weeks),
        }
    }

    fn n_runs_of_variation(&self) -> usize {
        (self.n_runs / SHARE_OF_RUNS).max(MIN_RUNS)
    }

    fn power_of(&self, pilot: &Pilot, weeks: &Weeks) -> Power {
        replay(weeks, pilot, self.n_runs_of_variation(), self.seed).power
    }

    /// By bisection, to a hundredth.
    fn smallest_effect(&self, pilot: &Pilot, weeks: &Weeks) -> Option<f64> {
        let is_seen = |effect: f64| {
            self.power_of(&Pilot { effect, ..pilot.clone() }, weeks).share >= self.power
        };
        let (mut low, mut high) = (0.0, LARGEST_EFFECT);
        if !is_seen(high) {
            return None;
        }
        while high - low > 0.015 {
            let middle = f64::midpoint(low, high);
            if is_seen(middle) { high = middle } else { low = middle }
        }
        Some((high * 100.0).round() / 100.0)
    }

    fn over_days(&self, pilot: &Pilot, weeks: &Weeks) -> Vec<Variation> {
        let mut tried: Vec<u32> = DAYS_TRIED.to_vec();
        tried.push(self.days);
        tried.sort_unstable();
        tried.dedup();
        // What could not be watched so long in the past cannot be replayed.
        let is_watched =
            |it: &u32| f64::from(*it) <= weeks.facts.watched_days.max(f64::from(self.days));
        let variation = |days: u32| {
            let accrual = f64::from(days.saturating_sub(self.follow_up).max(1));
            let shape = Shape { accrual, ..pilot.shape };
            let pilot = Pilot { shape, looks: vec![days], ..pilot.clone() };
            Variation { n: days, power: self.power_of(&pilot, weeks) }
        };
        tried.into_iter().filter(is_watched).map(variation).collect()
    }

    /// Until the wanted power is reached.
    fn over_teams(&self, pilot: &Pilot, weeks: &Weeks) -> Vec<Variation> {
        let mut found = Vec::new();
        for factor in [3, 4, 6, 8, 12, 16] {
            let n = (self.n_teams * factor / 2).next_multiple_of(2).max(MIN_TEAMS);
            if n > MOST_TEAMS || n <= self.n_teams {
                continue;
            }
            let shape = Shape { n_teams: n as usize, ..pilot.shape };
            let power = self.power_of(&Pilot { shape, ..pilot.clone() }, weeks);
            found.push(Variation { n, power });
            if power.share >= self.power {
                break;
            }
        }
        found
    }
}

impl Plan {
    /// The design that is offered.
    pub fn offered(&self) -> Option<&Choice> {
        self.chosen.map(|it| &self.choices[it])
    }

    pub fn power(&self) -> Option<Power> {
        Some(self.offered()?.replay.as_ref()?.power)
    }

    /// The first days tried, and no fewer, that see the wanted effect with the wanted power.
    pub fn days_to_decision(&self) -> Option<u32> {
        let is_enough = |it: &&Variation| it.power.share >= self.question.power;
        self.outlook.over_days.iter().find(is_enough).map(|it| it.n)
    }

    pub fn teams_to_decision(&self) -> Option<u32> {
        let is_enough = |it: &&Variation| it.power.share >= self.question.power;
        self.outlook.over_teams.iter().find(is_enough).map(|it| it.n)
    }
}
