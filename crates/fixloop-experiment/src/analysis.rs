//! Everything an experiment in teams has to say, in one place.

use fixloop_stats::{Causes, Observation, Sample, Start, kaplan_meier_from, restricted_mean};

use crate::decision::{Decision, Rule, Situation, Verdict, decide};
use crate::differences::{Differences, differences};
use crate::guardrails::{GuardrailReading, guardrails_together};
use crate::health::{HealthCheck, HealthStatus, health_status};
use crate::inside_team::{InsideTest, inside_looks, inside_test, inside_time_ratio};
use crate::looks::{LookReading, Looks, Schedule, looks};
use crate::naive::{Naive, naive};
use crate::observational::{Observed, observe};
use crate::sensitivity::{Sensitivity, sensitivity};
use crate::table::{Arm, Finding, Table, TableError};
use crate::team_randomized::{
    CannotTest, Settings, Statistic, TeamTest, TimeRatio, team_test, time_ratio,
};
use crate::waves::WaveReading;

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
    /// Planned looks; `None` for a single one, at the end.
    pub schedule: Option<Schedule>,
    /// The day of the data cut, if days are known.
    pub now: Option<f64>,
    /// Which findings of the experiment's time are of one advisory, in their order; `None` if nobody knows.
    pub advisories: Option<Vec<u32>>,
}

/// One team before and during the experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamDot {
    pub name: String,
    pub arm: Arm,
    pub n_findings: usize,
    pub n_fixed: usize,
    /// Mean days open up to the horizon, of the time before and of the experiment's; `None` where a team has too little to tell. Where
    /// findings were randomised inside teams: of the team's control and of its treated findings.
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
    /// Why nothing but health and guardrails may be shown today: no look is planned. All other parts are empty then.
    pub withheld: Option<CannotTest>,
    /// Planned looks up to now; empty for a single one.
    pub looks: Vec<LookReading>,
    /// Where teams were chosen.
    pub observed: Option<Observed>,
    /// Where findings were randomised inside teams.
    pub inside_test: Option<InsideTest>,
    /// Where waves were randomised one after another.
    pub waves: Vec<WaveReading>,
    pub decision: Decision,
}

/// Analyses an experiment.
///
/// # Errors
/// If the table's arms are not what the design says. A test that could not be made is part of the analysis.
pub fn analyze(table: &Table, design: Design, question: &Question) -> Result<Analysis, TableError> {
    table.check_arms()?;
    let mut analysis = Analysis::begun(table, design, question)?;
    let planned = question.schedule.as_ref().zip(question.now);
    if let Some(error) = planned.and_then(|(schedule, now)| schedule.check(now).err()) {
        analysis.withhold(table, &error, question);
        return Ok(analysis);
    }
    match design {
        Design::TeamRandomized => analysis.of_teams(table, question),
        Design::InsideTeam => analysis.inside_teams(table, question),
        Design::Observational => analysis.observed(table, question),
    }
    Ok(analysis)
}

impl Analysis {
    /// What every design has, and no test yet.
    fn begun(table: &Table, design: Design, question: &Question) -> Result<Self, TableError> {
        let arms = if design == Design::InsideTeam {
            vec![None; table.teams.len()]
        } else {
            table.arms_of_teams()?
        };
        let mut n_teams = [0; 2];
        arms.iter().flatten().for_each(|it| n_teams[it.index()] += 1);
        if design == Design::InsideTeam {
            n_teams = [table.teams.len(); 2];
        }
        let (mut n_findings, mut n_fixed) = ([0; 2], [0; 2]);
        for it in table.during() {
            n_findings[it.arm.index()] += 1;
            n_fixed[it.arm.index()] += usize::from(is_fixed(it));
        }
        Ok(Self {
            design,
            arm_names: table.arm_names.clone(),
            n_teams,
            n_findings,
            n_fixed,
            differences: differences(table, question.horizon),
            naive: naive(table),
            teams: dots(table, design, &arms, question.horizon),
            decision: Decision { verdict: Verdict::Inconclusive, rule: Rule::OutOfTime },
            sensitivity: Vec::new(),
            primary: Err(CannotTest::NoEvent),
            team_test: None,
            ratio: Err(CannotTest::NoEvent),
            looks: Vec::new(),
            observed: None,
            inside_test: None,
            waves: Vec::new(),
            withheld: None,
        })
    }

    /// Takes out whatever would tell the arms apart.
    fn withhold(&mut self, table: &Table, error: &CannotTest, question: &Question) {
        let nothing = Table { findings: Vec::new(), ..table.clone() };
        self.differences = differences(&nothing, question.horizon);
        self.naive = naive(&nothing);
        self.teams = Vec::new();
        (self.n_findings, self.n_fixed) = ([0; 2], [0; 2]);
        self.primary = Err(error.clone());
        self.ratio = Err(error.clone());
        self.withheld = Some(error.clone());
        self.decide(question);
    }

    /// Teams in all; those with findings in both arms count once.
    pub fn n_teams_together(&self) -> usize {
        match self.design {
            Design::InsideTeam => self.n_teams[0],
            Design::TeamRandomized | Design::Observational => self.n_teams[0] + self.n_teams[1],
        }
    }

    fn of_teams(&mut self, table: &Table, question: &Question) {
        let settings = &question.settings;
        let planned = question.schedule.as_ref().zip(question.now);
        let (test, (looks, ratio)) = rayon::join(
            || team_test(table, settings),
            || match planned {
                Some((schedule, now)) => {
                    let looks = looks(table, settings, schedule, (now, question.worthwhile));
                    let ratio = match &looks {
                        Ok(looks) => looks.ratio.clone().ok_or(CannotTest::NoEvent),
                        Err(error) => Err(error.clone()),
                    };
                    (Some(looks), ratio)
                }
                None => (None, time_ratio(table, settings)),
            },
        );
        self.primary = match (&test, &looks) {
            (Ok(test), None) => Ok(of_team_test(test, question)),
            (Ok(test), Some(Ok(looks))) => {
                Ok(of_looks(&of_team_test(test, question), looks, question))
            }
            (_, Some(Err(error))) | (Err(error), _) => Err(error.clone()),
        };
        if let Ok(test) = &test {
            self.sensitivity = sensitivity(
                table,
                settings,
                test,
                (question.horizon, question.advisories.as_deref()),
            );
        }
        self.looks = looks.and_then(Result::ok).map(|it| it.readings).unwrap_or_default();
        self.team_test = test.ok();
        self.ratio = ratio;
        self.decide(question);
    }

    fn inside_teams(&mut self, table: &Table, question: &Question) {
        let settings = &question.settings;
        let (test, ratio) =
            rayon::join(|| inside_test(table, settings), || inside_time_ratio(table, settings));
        self.primary = test.as_ref().map(of_inside_test).map_err(Clone::clone);
        self.inside_test = test.ok();
        self.ratio = ratio;
        if let Some((schedule, now)) = question.schedule.as_ref().zip(question.now) {
            match inside_looks(table, settings, schedule, now) {
                Ok(looks) => self.looks = looks,
                Err(error) => self.primary = Err(error),
            }
        }
        self.decide(question);
    }

    fn observed(&mut self, table: &Table, question: &Question) {
        self.ratio = Err(CannotTest::NotRandomized);
        let observed = match observe(table, question.horizon) {
            Ok(observed) => observed,
            Err(error) => {
                self.primary = Err(CannotTest::Observed(error.to_string()));
                return;
            }
        };
        let primary = of_observed(&observed, question);
        let is_sooner = primary.statistic > 0.0;
        let is_seen = primary.p_value <= question.settings.alpha;
        self.decision = match (is_seen && is_sooner, observed.is_apart_from_drift) {
            _ if health_status(&question.health) == HealthStatus::Unhealthy => {
                Decision { verdict: Verdict::Inconclusive, rule: Rule::Unhealthy }
            }
            (true, true) => Decision { verdict: Verdict::Persevere, rule: Rule::Supports },
            (true, false) => Decision { verdict: Verdict::Inconclusive, rule: Rule::Drift },
            _ if question.has_time_left => {
                Decision { verdict: Verdict::Persevere, rule: Rule::TimeLeft }
            }
            _ => Decision { verdict: Verdict::Inconclusive, rule: Rule::OutOfTime },
        };
        self.primary = Ok(primary);
        self.observed = Some(observed);
    }

    fn decide(&mut self, question: &Question) {
        let alpha = question.settings.alpha;
        let primary = self.primary.as_ref();
        let ratio = self.ratio.as_ref().ok();
        let is_rejected = if self.looks.is_empty() {
            primary.is_ok_and(|it| it.p_value <= alpha)
        } else {
            self.looks.iter().any(|it| it.is_rejected)
        };
        self.decision = decide(&Situation {
            is_healthy: health_status(&question.health) != HealthStatus::Unhealthy,
            is_tested: primary.is_ok(),
            can_reach_alpha: primary.is_ok_and(|it| it.min_p.is_none_or(|it| it <= alpha)),
            is_rejected,
            ratio: ratio.and_then(|it| it.point),
            low: ratio.and_then(|it| it.low),
            high: ratio.and_then(|it| it.high),
            worthwhile: question.worthwhile,
            guardrails: guardrails_together(&question.guardrails),
            has_time_left: question.has_time_left,
        });
    }
}

fn of_looks(single: &Primary, looks: &Looks, question: &Question) -> Primary {
    let n_planned = question.schedule.as_ref().map_or(0, |it| it.days.len());
    Primary {
        // Before the first look that spends, nothing is against the hypothesis.
        p_value: looks.p_value.unwrap_or(1.0),
        method: format!(
            "exact group-sequential test over {n_planned} planned looks, the p-value counting each: {}",
            single.method
        ),
        ..single.clone()
    }
}

fn of_inside_test(test: &InsideTest) -> Primary {
    let over = match test.n_assignments {
        Some(n) if test.is_exhaustive => {
            format!("all {n} assignments of findings inside their teams")
        }
        Some(n) => format!(
            "the observed and drawn assignments of findings inside their teams, {n} together"
        ),
        None => "the normal distribution, findings being too many to assign anew".to_owned(),
    };
    Primary {
        p_value: test.p.two_sided,
        p_greater: test.p.greater,
        min_p: test.n_assignments.map(|it| 1.0 / it as f64),
        statistic: test.score,
        n_assignments: test.n_assignments.unwrap_or(0),
        is_exhaustive: test.is_exhaustive,
        method: format!(
            "log-rank test stratified by team and stratum, against {over}; the interval of the time ratio is the same test inverted, with every finding cut at min(C, C / ratio)"
        ),
    }
}

fn of_observed(observed: &Observed, question: &Question) -> Primary {
    let found = observed.differences.difference_in_differences;
    let p_value = found.p_permutation.unwrap_or(found.test.p);
    let is_sooner = found.test.difference < 0.0;
    Primary {
        p_value,
        p_greater: if is_sooner { p_value / 2.0 } else { 1.0 - p_value / 2.0 },
        min_p: None,
        statistic: -found.test.difference,
        n_assignments: 0,
        is_exhaustive: false,
        method: format!(
            "difference in differences of mean days open up to {} days by team; teams were chosen, so p is of a placebo distribution (ring labels exchanged), not of a randomisation",
            question.horizon
        ),
    }
}

fn of_team_test(test: &TeamTest, question: &Question) -> Primary {
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

fn dots(table: &Table, design: Design, arms: &[Option<Arm>], horizon: f64) -> Vec<TeamDot> {
    let is_inside = design == Design::InsideTeam;
    let mut of_team: Vec<[Vec<Observation>; 2]> = vec![Default::default(); table.teams.len()];
    let mut n_fixed = vec![0; table.teams.len()];
    for it in table.findings.iter().filter(|it| !is_inside || !it.is_before) {
        let is_second = if is_inside { it.arm == Arm::Treated } else { !it.is_before };
        of_team[it.team as usize][usize::from(is_second)].push(it.observation);
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
            arm: if is_inside { Arm::Treated } else { arms[index]? },
            n_findings: if is_inside { of[0].len() + of[1].len() } else { of[1].len() },
            n_fixed: n_fixed[index],
            before: mean(&of[0]),
            during: mean(&of[1]),
        })
    };
    (0..table.teams.len()).filter_map(dot).collect()
}
