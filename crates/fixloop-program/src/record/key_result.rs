//! Key results: a metric, where it stood, where it shall be, until when, and who answers for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::evidence::Basis;
use super::id::{Kind, ObjectId};
use super::states::{History, advance, begin, note, states};
use super::{Change, Record, Refusal, Stamp, What, create, known};
use crate::smart::Answer;
use crate::{Baseline, Check};

states! {
    KeyResultState {
        Draft => "draft" [SmartChecked, Abandoned],
        SmartChecked => "smart_checked" [Active, Draft, Abandoned],
        Active => "active" [Achieved, Missed, Abandoned],
        Achieved => "achieved" [],
        Missed => "missed" [],
        Abandoned => "abandoned" [],
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyResult {
    pub id: ObjectId,
    pub state: KeyResultState,
    pub plan: KeyResultPlan,
    pub baseline: FrozenBaseline,
    pub checks: Vec<CheckRecord>,
    /// Plans that were replaced while it was active, the oldest first.
    pub earlier_plans: Vec<KeyResultPlan>,
    /// The oldest first.
    pub measurements: Vec<Measurement>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct KeyResultPlan {
    pub objective: ObjectId,
    pub statement: Option<String>,
    /// By its name in the registry of metrics.
    pub metric: String,
    pub statistic: String,
    pub unit: String,
    pub population: String,
    pub clock: String,
    pub event: String,
    /// As it was given: `-20%`.
    pub target: Option<String>,
    pub target_value: Option<f64>,
    /// 0.2 is 20 % less.
    pub reduction: Option<f64>,
    pub start: Date,
    pub end: Option<Date>,
    pub owner: Option<String>,
    pub risk: Option<String>,
    pub guards: Vec<GuardRecord>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct GuardRecord {
    pub metric: String,
    pub value: Option<f64>,
    pub words: String,
}

/// Where the metric stood, with what it was computed from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FrozenBaseline {
    pub value: Option<f64>,
    pub interval: Option<(f64, f64)>,
    pub from: Date,
    pub until: Date,
    pub n_events: usize,
    pub n_teams: usize,
    pub exposure_days_per_100_targets_a_month: Option<f64>,
    pub basis: Basis,
}

/// One SMART check as it was answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CheckRecord {
    pub letter: String,
    pub name: String,
    pub answer: String,
    pub words: String,
    pub way_out: Option<String>,
}

impl CheckRecord {
    pub fn of(check: &Check) -> Self {
        Self {
            letter: check.letter.as_str().to_owned(),
            name: check.name.to_owned(),
            answer: check.answer.as_str().to_owned(),
            words: check.words.clone(),
            way_out: check.way_out.clone(),
        }
    }

    fn is(&self, answer: Answer) -> bool {
        self.answer == answer.as_str()
    }
}

/// One line of the confidence log: where the metric stands and how sure that is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Measurement {
    pub cut: Timestamp,
    pub value: Option<f64>,
    pub interval: Option<(f64, f64)>,
    /// `ahead`, `cannot tell yet`, `behind` or `mix changed`.
    pub band: String,
    /// That the target is met by the deadline.
    pub probability: Option<f64>,
    pub basis: Basis,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyResultOutcome {
    Achieved,
    Missed,
    Abandoned,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyResultChange {
    Created {
        plan: KeyResultPlan,
        baseline: FrozenBaseline,
        checks: Vec<CheckRecord>,
    },
    /// Nothing blocks.
    Checked {
        checks: Vec<CheckRecord>,
    },
    /// Something blocks (again): back to draft, if it was checked.
    Blocked {
        checks: Vec<CheckRecord>,
    },
    /// With the reason why its warnings are accepted.
    Activated {
        why: Option<String>,
    },
    Measured(Measurement),
    /// Another metric, target or deadline: the old plan is kept.
    Revised {
        plan: KeyResultPlan,
        baseline: FrozenBaseline,
        checks: Vec<CheckRecord>,
        why: String,
    },
    Ended {
        outcome: KeyResultOutcome,
        why: String,
    },
}

pub(super) fn apply(
    key_results: &mut BTreeMap<u32, KeyResult>,
    number: u32,
    change: &KeyResultChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    use KeyResultState as S;
    if let KeyResultChange::Created { plan, baseline, checks } = change.clone() {
        let key_result = KeyResult {
            id: ObjectId::new(Kind::KeyResult, number),
            state: S::Draft,
            plan,
            baseline,
            checks,
            earlier_plans: Vec::new(),
            measurements: Vec::new(),
            history: begin(S::Draft, stamp),
        };
        return create(key_results, number, key_result);
    }
    let it = known(key_results, number)?;
    match change.clone() {
        KeyResultChange::Created { .. } => {}
        KeyResultChange::Checked { checks } => {
            it.has_to_be(&[S::Draft, S::SmartChecked])?;
            it.checks = checks;
            if it.state == S::Draft {
                advance((&mut it.state, &mut it.history), S::SmartChecked, stamp, None)?;
            }
        }
        KeyResultChange::Blocked { checks } => {
            it.has_to_be(&[S::Draft, S::SmartChecked])?;
            it.checks = checks;
            if it.state == S::SmartChecked {
                let why = Some("a check blocks");
                advance((&mut it.state, &mut it.history), S::Draft, stamp, why)?;
            }
        }
        KeyResultChange::Activated { why } => {
            advance((&mut it.state, &mut it.history), S::Active, stamp, why.as_deref())?;
        }
        KeyResultChange::Measured(measurement) => {
            it.has_to_be(&[S::Active])?;
            it.measurements.push(measurement);
        }
        KeyResultChange::Revised { plan, baseline, checks, why } => {
            it.has_to_be(&[S::Active])?;
            it.earlier_plans.push(std::mem::replace(&mut it.plan, plan));
            (it.baseline, it.checks) = (baseline, checks);
            note(it.state, &mut it.history, stamp, &why);
        }
        KeyResultChange::Ended { outcome, why } => {
            let to = match outcome {
                KeyResultOutcome::Achieved => S::Achieved,
                KeyResultOutcome::Missed => S::Missed,
                KeyResultOutcome::Abandoned => S::Abandoned,
            };
            advance((&mut it.state, &mut it.history), to, stamp, Some(&why))?;
        }
    }
    Ok(())
}

impl KeyResultPlan {
    pub fn of(baseline: &Baseline, objective: ObjectId) -> Self {
        let plan = &baseline.plan;
        let guard = |it: &crate::Guard| GuardRecord {
            metric: it.metric.to_owned(),
            value: it.value,
            words: it.words.to_owned(),
        };
        Self {
            objective,
            statement: plan.statement.clone(),
            metric: plan.metric.name().to_owned(),
            statistic: plan.metric.words().to_owned(),
            unit: match plan.metric.unit() {
                crate::Unit::Days => "days".to_owned(),
                crate::Unit::Share => "share".to_owned(),
            },
            population: plan.population.option().to_owned(),
            clock: baseline.definition.clock.to_string(),
            event: baseline.definition.event.to_string(),
            target: plan.target.map(|it| it.to_string()),
            target_value: baseline.wanted.map(|it| it.value),
            reduction: baseline.wanted.map(|it| it.reduction),
            start: plan.start,
            end: plan.end,
            owner: plan.owner.clone(),
            risk: plan.risk.clone(),
            guards: baseline.guards.iter().map(guard).collect(),
        }
    }
}

impl FrozenBaseline {
    pub fn of(it: &Baseline, basis: Basis) -> Self {
        Self {
            value: it.value.map(|it| it.value),
            interval: it.value.and_then(|it| it.interval),
            from: it.window.from,
            until: it.window.until,
            n_events: it.n_fixed(),
            n_teams: it.group.n_teams,
            exposure_days_per_100_targets_a_month: it.exposure_days_per_100_targets_a_month,
            basis,
        }
    }
}

impl KeyResult {
    pub fn blocks(&self) -> impl Iterator<Item = &CheckRecord> {
        self.checks.iter().filter(|it| it.is(Answer::Block))
    }

    pub fn warnings(&self) -> impl Iterator<Item = &CheckRecord> {
        self.checks.iter().filter(|it| it.is(Answer::Warn))
    }

    fn has_to_be(&self, wanted: &[KeyResultState]) -> Result<(), String> {
        if wanted.contains(&self.state) {
            return Ok(());
        }
        Err(format!("it is {}", self.state.as_str()))
    }

    fn change(&self, what: KeyResultChange) -> Change {
        Change { object: self.id, what: What::KeyResult(what) }
    }

    /// What the checks say now.
    pub fn check(&self, checks: Vec<CheckRecord>) -> Result<Change, Refusal> {
        if matches!(self.state, KeyResultState::Draft | KeyResultState::SmartChecked) {
            let blocks = checks.iter().any(|it| it.is(Answer::Block));
            return Ok(self.change(if blocks {
                KeyResultChange::Blocked { checks }
            } else {
                KeyResultChange::Checked { checks }
            }));
        }
        Err(Refusal::new(
            format!("{} is {}: its checks were answered", self.id, self.state.as_str()),
            if self.state == KeyResultState::Active {
                format!(
                    "fixloop okr revise {} gives it another metric, target or deadline, for a reason",
                    self.id
                )
            } else {
                "what is over stays as it is".to_owned()
            },
        ))
    }

    /// `why` says why its warnings are accepted.
    pub fn activate(&self, why: Option<String>) -> Result<Change, Refusal> {
        if let Some(block) = self.blocks().next() {
            let way_out = block.way_out.clone().unwrap_or_default();
            let what = format!(
                "{} is not SMART: {} {}: {}",
                self.id, block.letter, block.name, block.words
            );
            return Err(Refusal::new(what, way_out));
        }
        if self.state != KeyResultState::SmartChecked {
            let way_out = match self.state {
                KeyResultState::Draft => format!("fixloop okr check {} comes first", self.id),
                KeyResultState::Active => "it was begun before; nothing is to be done".to_owned(),
                _ => "what is over stays as it is: fixloop okr create".to_owned(),
            };
            let what = format!("{} is {}", self.id, self.state.as_str());
            return Err(Refusal::new(what, way_out));
        }
        if self.plan.owner.as_ref().is_none_or(|it| it.trim().is_empty()) {
            let what = format!(
                "{} has no owner: an active key result has one person who answers for it",
                self.id
            );
            let way_out = "fixloop okr create --owner NAME records it with one, and fixloop okr end abandons this one";
            return Err(Refusal::new(what, way_out));
        }
        let n = self.warnings().count();
        if n > 0 && why.as_ref().is_none_or(|it| it.trim().is_empty()) {
            let words: Vec<&str> = self.warnings().map(|it| &*it.name).collect();
            return Err(Refusal::new(
                format!(
                    "{} has {}: {}",
                    self.id,
                    crate::words::counted(n, "warning", "warnings"),
                    words.join(", ")
                ),
                "say why it is right all the same: --why \"…\"",
            ));
        }
        Ok(self.change(KeyResultChange::Activated { why }))
    }

    pub fn measure(&self, measurement: Measurement) -> Result<Change, Refusal> {
        if self.state != KeyResultState::Active {
            return Err(Refusal::new(
                format!(
                    "{} is {}, and only an active key result is measured",
                    self.id,
                    self.state.as_str()
                ),
                match self.state {
                    KeyResultState::Draft => {
                        format!("fixloop okr check {0}, then fixloop okr activate {0}", self.id)
                    }
                    KeyResultState::SmartChecked => format!("fixloop okr activate {}", self.id),
                    _ => "what is over stays as it is".to_owned(),
                },
            ));
        }
        Ok(self.change(KeyResultChange::Measured(measurement)))
    }

    pub fn revise(
        &self,
        (plan, baseline): (KeyResultPlan, FrozenBaseline),
        checks: Vec<CheckRecord>,
        why: &str,
    ) -> Result<Change, Refusal> {
        if self.state != KeyResultState::Active {
            return Err(Refusal::new(
                format!(
                    "{} is {}: only an active key result is revised",
                    self.id,
                    self.state.as_str()
                ),
                "create another one",
            ));
        }
        if checks.iter().any(|it| it.is(Answer::Block)) || plan.owner.is_none() {
            return Err(Refusal::new(
                "the revised key result is not SMART, and the old one stays".to_owned(),
                "fixloop okr baseline says what is missing",
            ));
        }
        if why.trim().is_empty() {
            return Err(Refusal::new("a key result is revised for a reason", "--why \"…\""));
        }
        let why = why.to_owned();
        Ok(self.change(KeyResultChange::Revised { plan, baseline, checks, why }))
    }

    pub fn end(&self, outcome: KeyResultOutcome, why: &str) -> Result<Change, Refusal> {
        let is_open = match outcome {
            KeyResultOutcome::Abandoned => {
                matches!(
                    self.state,
                    KeyResultState::Draft | KeyResultState::SmartChecked | KeyResultState::Active
                )
            }
            _ => self.state == KeyResultState::Active,
        };
        if !is_open {
            let what = format!("{} is {}", self.id, self.state.as_str());
            let way_out = match self.state {
                KeyResultState::Draft | KeyResultState::SmartChecked => {
                    "only what was begun is achieved or missed; a draft is abandoned"
                }
                _ => "what is over stays as it is",
            };
            return Err(Refusal::new(what, way_out));
        }
        if why.trim().is_empty() {
            return Err(Refusal::new("a reason is needed", "--why \"…\""));
        }
        Ok(self.change(KeyResultChange::Ended { outcome, why: why.to_owned() }))
    }
}

impl Record {
    pub fn create_key_result(
        &self,
        (plan, baseline): (KeyResultPlan, FrozenBaseline),
        checks: Vec<CheckRecord>,
    ) -> Result<Change, Refusal> {
        // One that is created together with its first key result is not there yet.
        let is_new = plan.objective == self.next(Kind::Objective);
        let objective = if is_new { None } else { Some(self.objective(plan.objective)?) };
        if let Some(it) = objective
            && it.state != super::ObjectiveState::Draft
            && it.state != super::ObjectiveState::Active
        {
            let what = format!("{} is {}", it.id, it.state.as_str());
            return Err(Refusal::new(what, "create another objective"));
        }
        let what = KeyResultChange::Created { plan, baseline, checks };
        Ok(Change { object: self.next(Kind::KeyResult), what: What::KeyResult(what) })
    }
}
