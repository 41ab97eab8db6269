//! Everything an experiment in teams has to say, in one place.

use fixloop_stats::{Causes, Observation, Sample, Start, kaplan_meier_from, restricted_mean};

use crate::decision::{Decision, Situation, decide};
use crate::differences::{Differences, differences};
use crate::guardrails::{GuardrailReading, guardrails_together};
use crate::health::{HealthCheck, HealthStatus, health_status};
use crate::looks::LookReading;
use crate::naive::{Naive, naive};
use crate::sensitivity::{Sensitivity, sensitivity};
use crate::table::{Arm, Finding, Table, TableError};
use crate::team_randomized::{
    CannotTest, Settings, Statistic, TeamTest, TimeRatio, team_test, time_ratio,
};

/// How findings came to their arms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Design {
    /// Whole teams were drawn.
    TeamRandomized,
    /// Findings were drawn inside their teams.
    InsideTeam,
    /// Teams were chosen: at best this supports, it never confirms.
    Observational,
}

/// The test that decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Primary {
    pub p_value: f64,
    /// One-sided: fixes come sooner.
    pub p_greater: f64,
    /// The smallest two-sided p that the design could have shown; `None` if none bounds it.
    pub min_p: Option<f64>,
    /// Above 0: sooner with the treatment.
    pub statistic: f64,
    pub n_assignments: usize,
    pub is_exhaustive: bool,
    /// How it was made, in a sentence.
    pub method: String,
}

/// What was registered before the numbers were known.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub settings: Settings,
    /// Up to which age means and shares go, in days.
    pub horizon: f64,
    /// Smallest share of time that is worth the trouble, as 0.1.
    pub worthwhile: f64,
    pub health: Vec<HealthCheck>,
    pub guardrails: Vec<GuardrailReading>,
    pub has_time_left: bool,
}

/// One team before and during the experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamDot {
    pub name: String,
    pub arm: Arm,
    pub n_findings: usize,
    pub n_fixed: usize,
    /// Mean days open up to the horizon; `None` where a team has too little to tell.
    pub before: Option<f64>,
    pub during: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    pub design: Design,
    pub arm_names: [String; 2],
    pub n_teams: [usize; 2],
    pub n_findings: [usize; 2],
    pub n_fixed: [usize; 2],
    pub primary: Result<Primary, CannotTest>,
    /// What the test was made of, where teams were randomised.
    pub team_test: Option<TeamTest>,
    pub ratio: Result<TimeRatio, CannotTest>,
    pub differences: Differences,
    /// Empty where there is no test to stand beside.
    pub sensitivity: Vec<Sensitivity>,
    pub naive: Naive,
    pub teams: Vec<TeamDot>,
    /// Planned looks up to now; empty for a single one.
    pub looks: Vec<LookReading>,
    pub decision: Decision,
}

/// Analyses an experiment whose teams were randomised.
///
/// # Errors
/// If the table's arms are no assignment of teams. A test that could not be made is part of the analysis.
pub fn analyze(table: &Table, question: &Question) -> Result<Analysis, TableError> {
    let arms = table.arms_of_teams()?;
    let (test, ratio) = rayon::join(
        || team_test(table, &question.settings),
        || time_ratio(table, &question.settings),
    );
    let sensitivity = match &test {
        Ok(test) => sensitivity(table, &question.settings, test, question.horizon),
        Err(_) => Vec::new(),
    };
    let mut n_teams = [0; 2];
    arms.iter().flatten().for_each(|it| n_teams[it.index()] += 1);
    let (mut n_findings, mut n_fixed) = ([0; 2], [0; 2]);
    for it in table.during() {
        n_findings[it.arm.index()] += 1;
        n_fixed[it.arm.index()] += usize::from(is_fixed(it));
    }
    let alpha = question.settings.alpha;
    let primary = test.as_ref().map(|it| primary(it, question)).map_err(Clone::clone);
    let situation = Situation {
        is_healthy: health_status(&question.health) != HealthStatus::Unhealthy,
        can_reach_alpha: primary.as_ref().is_ok_and(|it| it.min_p.is_none_or(|it| it <= alpha)),
        is_rejected: primary.as_ref().is_ok_and(|it| it.p_value <= alpha),
        ratio: ratio.as_ref().ok().and_then(|it| it.point),
        low: ratio.as_ref().ok().and_then(|it| it.low),
        high: ratio.as_ref().ok().and_then(|it| it.high),
        worthwhile: question.worthwhile,
        guardrails: guardrails_together(&question.guardrails),
        has_time_left: question.has_time_left,
    };
    Ok(Analysis {
        design: Design::TeamRandomized,
        arm_names: table.arm_names.clone(),
        n_teams,
        n_findings,
        n_fixed,
        differences: differences(table, question.horizon),
        naive: naive(table),
        teams: dots(table, &arms, question.horizon),
        decision: decide(&situation),
        sensitivity,
        primary,
        team_test: test.ok(),
        ratio,
        looks: Vec::new(),
    })
}

fn primary(test: &TeamTest, question: &Question) -> Primary {
    let which =
        if test.is_exhaustive { "all" } else { "the observed one and drawn ones, together" };
    let statistic = match (question.settings.statistic, &test.history) {
        (Statistic::LogRank, _) => "the log-rank numerator within strata",
        (Statistic::TeamScore, None) => {
            "the weighted mean of log((O + 0.5) / (E + 0.5)) by team within strata"
        }
        (Statistic::TeamScore, Some(_)) => {
            "the weighted mean of log((O + 0.5) / (E + 0.5)) by team within strata, adjusted for the teams' own history without a look at the arms"
        }
    };
    Primary {
        p_value: test.p.two_sided,
        p_greater: test.p.greater,
        min_p: Some(test.min_p),
        statistic: test.difference,
        n_assignments: test.n_assignments,
        is_exhaustive: test.is_exhaustive,
        method: format!(
            "randomisation test over {which} {} assignments of {} and {} units; the statistic is {statistic}; the interval of the time ratio is the same test inverted, with every finding cut at min(C, C / ratio)",
            test.n_assignments, test.n_units[0], test.n_units[1]
        ),
    }
}

fn is_fixed(it: &Finding) -> bool {
    crate::table::FIXED.holds(it.observation.outcome())
}

fn dots(table: &Table, arms: &[Option<Arm>], horizon: f64) -> Vec<TeamDot> {
    let mut of_team: Vec<[Vec<Observation>; 2]> = vec![Default::default(); table.teams.len()];
    let mut n_fixed = vec![0; table.teams.len()];
    for it in &table.findings {
        of_team[it.team as usize][usize::from(!it.is_before)].push(it.observation);
        n_fixed[it.team as usize] += usize::from(!it.is_before && is_fixed(it));
    }
    let mean = |of: &[Observation]| {
        let sample = Sample::new(of).ok()?;
        let curve = kaplan_meier_from(sample, Causes::Any, Start::Origin);
        Some(restricted_mean(&curve, horizon).ok()?.mean)
    };
    let dot = |index: usize| {
        let of = &of_team[index];
        Some(TeamDot {
            name: table.teams[index].name.clone(),
            arm: arms[index]?,
            n_findings: of[1].len(),
            n_fixed: n_fixed[index],
            before: mean(&of[0]),
            during: mean(&of[1]),
        })
    };
    (0..table.teams.len()).filter_map(dot).collect()
}
