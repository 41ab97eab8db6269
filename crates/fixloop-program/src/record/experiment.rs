//! Experiments: a rollout whose arms were drawn, with a question that was fixed before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::problem::ProblemState;
use super::readout::{FrozenReadout, ReadoutChange};
use super::solution::{SolutionChange, SolutionState};
use super::states::{History, advance, begin, states};
use super::{Change, Record, Refusal, Stamp, What, create, known};

states! {
    ExperimentState {
        Draft => "draft" [Registered, Void],
        Registered => "registered" [Running, Draft, Void],
        Running => "running" [Paused, Analysed, Draft, Void],
        Paused => "paused" [Running, Analysed, Draft, Void],
        Analysed => "analysed" [Decided, Void],
        Decided => "decided" [Void],
        Void => "void" [],
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Experiment {
    pub id: ObjectId,
    pub state: ExperimentState,
    pub solution: ObjectId,
    pub rollout: ObjectId,
    /// SHA-256 of the plan that was read, with what it cannot show.
    pub plan: Option<String>,
    pub registered: Option<Registered>,
    pub started: Option<Started>,
    /// The first counted exposure of each arm was seen.
    pub first_telemetry: Option<Timestamp>,
    pub readouts: Vec<ObjectId>,
    /// What was changed while it ran; each began the clock anew.
    pub scope_changes: Vec<ScopeChange>,
    pub decision: Option<ObjectId>,
    pub history: History,
}

/// The question, locked.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Registered {
    /// `complete`, `stratified`, `pairs`.
    pub design: String,
    /// The one primary metric.
    pub primary: String,
    pub alpha: f64,
    /// 0.1: the smallest share of the time to fix that is worth the trouble.
    pub worthwhile: f64,
    /// Up to which age means and shares go, in days.
    pub horizon: f64,
    /// Planned days, the last being the end.
    pub looks: Vec<f64>,
    /// Days of history before the start that adjust the scores.
    pub history_days: u32,
    pub guards: Vec<String>,
    /// Of the question.
    pub analysis_hash: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Started {
    pub at: Timestamp,
    /// SHA-256 of the assignment's document.
    pub assignment: String,
    pub bundle: u64,
    pub n_teams: usize,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ScopeChange {
    pub what: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExperimentChange {
    Created {
        solution: ObjectId,
        rollout: ObjectId,
        plan: Option<String>,
    },
    Registered(Registered),
    Started(Started),
    FirstTelemetry {
        at: Timestamp,
    },
    Looked {
        readout: ObjectId,
    },
    Paused {
        why: String,
    },
    Resumed {
        why: String,
    },
    /// A planned look, or a harm, ended it.
    Analysed {
        readout: ObjectId,
        why: String,
    },
    /// Metric, arm or ring was edited: the clock begins anew.
    ScopeChanged {
        what: String,
    },
    Decided {
        decision: ObjectId,
        verdict: String,
    },
    Void {
        reason: String,
    },
}

pub(super) fn apply(
    experiments: &mut BTreeMap<u32, Experiment>,
    number: u32,
    change: &ExperimentChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    use ExperimentState as S;
    if let ExperimentChange::Created { solution, rollout, plan } = change.clone() {
        let experiment = Experiment {
            id: ObjectId::new(Kind::Experiment, number),
            state: S::Draft,
            solution,
            rollout,
            plan,
            registered: None,
            started: None,
            first_telemetry: None,
            readouts: Vec::new(),
            scope_changes: Vec::new(),
            decision: None,
            history: begin(S::Draft, stamp),
        };
        return create(experiments, number, experiment);
    }
    let it = known(experiments, number)?;
    let mut go = |to, why: Option<&str>| advance((&mut it.state, &mut it.history), to, stamp, why);
    match change.clone() {
        ExperimentChange::Created { .. } => {}
        ExperimentChange::Registered(registered) => {
            go(S::Registered, Some(&format!("question {}", registered.analysis_hash)))?;
            it.registered = Some(registered);
        }
        ExperimentChange::Started(started) => {
            go(S::Running, Some(&format!("bundle {}", started.bundle)))?;
            it.started = Some(started);
        }
        ExperimentChange::FirstTelemetry { at } => {
            if it.started.is_none() || it.first_telemetry.is_some() {
                return Err("telemetry is first once, after the start".to_owned());
            }
            it.first_telemetry = Some(at);
        }
        ExperimentChange::Looked { readout } => {
            if !matches!(it.state, S::Running | S::Paused) || it.readouts.contains(&readout) {
                return Err(format!("{readout} is no new look of what is {}", it.state.as_str()));
            }
            it.readouts.push(readout);
        }
        ExperimentChange::Paused { why } => go(S::Paused, Some(&why))?,
        ExperimentChange::Resumed { why } => go(S::Running, Some(&why))?,
        ExperimentChange::Analysed { readout, why } => {
            if !it.readouts.contains(&readout) {
                return Err(format!("{readout} is no readout of it"));
            }
            go(S::Analysed, Some(&why))?;
        }
        ExperimentChange::ScopeChanged { what } => {
            go(S::Draft, Some(&format!("scope changed: {what}")))?;
            (it.registered, it.started, it.first_telemetry) = (None, None, None);
            it.scope_changes.push(ScopeChange { what, at: stamp.at });
        }
        ExperimentChange::Decided { decision, verdict } => {
            go(S::Decided, Some(&verdict))?;
            it.decision = Some(decision);
        }
        ExperimentChange::Void { reason } => go(S::Void, Some(&reason))?,
    }
    Ok(())
}

/// An experiment that runs: only one that does can be looked at.
pub struct Running<'a> {
    pub experiment: &'a Experiment,
    pub registered: &'a Registered,
    pub started: &'a Started,
}

impl Experiment {
    pub(super) fn change(&self, what: ExperimentChange) -> Change {
        Change { object: self.id, what: What::Experiment(what) }
    }

    /// Neither over nor void.
    pub fn is_open(&self) -> bool {
        use ExperimentState as S;
        matches!(self.state, S::Draft | S::Registered | S::Running | S::Paused)
    }

    pub fn running(&self) -> Result<Running<'_>, Refusal> {
        use ExperimentState as S;
        match (self.state, &self.registered, &self.started) {
            (S::Running | S::Paused, Some(registered), Some(started)) => {
                Ok(Running { experiment: self, registered, started })
            }
            (S::Draft, ..) => Err(self
                .refuse("is not registered yet", "fixloop experiment register locks the question")),
            (S::Registered, ..) => {
                Err(self.refuse("has not started", "fixloop experiment start draws the teams"))
            }
            _ => Err(self.refuse(
                &format!("is {}", self.state.as_str()),
                "its readouts stay: fixloop readout show",
            )),
        }
    }

    fn refuse(&self, what: &str, way_out: &str) -> Refusal {
        Refusal::new(format!("{} {what}", self.id), way_out)
    }

    pub fn pause(&self, why: &str) -> Result<Change, Refusal> {
        if self.state != ExperimentState::Running {
            return Err(
                self.refuse(&format!("is {}", self.state.as_str()), "only what runs is paused")
            );
        }
        Ok(self.change(ExperimentChange::Paused { why: reason(why)? }))
    }

    pub fn resume(&self, why: &str) -> Result<Change, Refusal> {
        if self.state != ExperimentState::Paused {
            return Err(self
                .refuse(&format!("is {}", self.state.as_str()), "only what is paused is resumed"));
        }
        Ok(self.change(ExperimentChange::Resumed { why: reason(why)? }))
    }

    pub fn void(&self, reason: &str) -> Result<Change, Refusal> {
        if self.state == ExperimentState::Void {
            return Err(self.refuse("is void already", "nothing is to be done"));
        }
        if reason.trim().is_empty() {
            return Err(Refusal::new("an experiment is made void for a reason", "--why \"…\""));
        }
        Ok(self.change(ExperimentChange::Void { reason: reason.to_owned() }))
    }

    /// The clock begins anew: what runs is a draft again.
    pub(super) fn scope_changed(&self, what: &str) -> Option<Change> {
        let is_locked = self.state != ExperimentState::Draft;
        is_locked.then(|| self.change(ExperimentChange::ScopeChanged { what: what.to_owned() }))
    }

    pub fn first_telemetry(&self, at: Timestamp) -> Option<Change> {
        let is_news = self.started.is_some() && self.first_telemetry.is_none();
        is_news.then(|| self.change(ExperimentChange::FirstTelemetry { at }))
    }
}

fn reason(why: &str) -> Result<String, Refusal> {
    if why.trim().is_empty() {
        return Err(Refusal::new("a reason is needed", "--why \"…\""));
    }
    Ok(why.to_owned())
}

impl Record {
    pub fn create_experiment(
        &self,
        (solution, rollout): (ObjectId, ObjectId),
        plan: Option<String>,
    ) -> Result<Vec<Change>, Refusal> {
        let it = self.solution(solution)?;
        let problem = self.problem(it.plan.problem)?;
        if problem.state == ProblemState::Rejected {
            return Err(Refusal::new(
                format!("{} was rejected: there is nothing to solve", problem.id),
                format!("fixloop hypothesis create --supersedes {}", problem.id),
            ));
        }
        let rollout = self.rollout(rollout)?;
        if rollout.plan.solution != solution {
            let what = format!("{} is of {}", rollout.id, rollout.plan.solution);
            return Err(Refusal::new(what, "an experiment and its rollout are of one hypothesis"));
        }
        if !rollout.is_open() {
            let what = format!("{} is {}", rollout.id, rollout.state.as_str());
            return Err(Refusal::new(what, format!("fixloop rollout plan --solution {solution}")));
        }
        for other in self.experiments.values().filter(|it| it.is_open()) {
            let theirs = self.rollouts.get(&other.rollout.number());
            if theirs.is_some_and(|it| it.plan.treatment == rollout.plan.treatment) {
                return Err(Refusal::new(
                    format!(
                        "{} runs on {} already, and two experiments cannot share a treatment",
                        other.id, rollout.plan.treatment
                    ),
                    format!("end it, or make it void: fixloop experiment void {}", other.id),
                ));
            }
        }
        let planned = self.plan_solution(solution, "the plan and what it cannot show were read")?;
        let what = ExperimentChange::Created { solution, rollout: rollout.id, plan };
        let created = Change { object: self.next(Kind::Experiment), what: What::Experiment(what) };
        Ok(planned.into_iter().chain([created]).collect())
    }

    pub fn register(&self, id: ObjectId, registered: Registered) -> Result<Change, Refusal> {
        let it = self.experiment(id)?;
        match it.state {
            ExperimentState::Draft => {}
            state @ (ExperimentState::Registered
            | ExperimentState::Running
            | ExperimentState::Paused) => {
                return Err(it.refuse(
                    &format!("is {}: its question is locked", state.as_str()),
                    "fixloop experiment edit names what changes, and the clock begins anew",
                ));
            }
            other => {
                return Err(
                    it.refuse(&format!("is {}", other.as_str()), "create another experiment")
                );
            }
        }
        let is_ascending = registered.looks.windows(2).all(|it| it[0] < it[1]);
        let are_days = registered.looks.iter().all(|it| it.is_finite() && *it > 0.0);
        if registered.looks.is_empty() || !is_ascending || !are_days {
            return Err(Refusal::new("looks are days that grow", "--looks 14,28,42,56"));
        }
        Ok(it.change(ExperimentChange::Registered(registered)))
    }

    pub fn start(&self, id: ObjectId, started: Started) -> Result<Vec<Change>, Refusal> {
        let it = self.experiment(id)?;
        if it.state != ExperimentState::Registered {
            let way_out = "fixloop experiment register comes first, and an experiment starts once";
            return Err(it.refuse(&format!("is {}", it.state.as_str()), way_out));
        }
        let solution = self.solution(it.solution)?;
        let piloting = match solution.state {
            SolutionState::Planned | SolutionState::Inconclusive => {
                Some(solution.change(SolutionChange::Piloting))
            }
            _ => None,
        };
        Ok(piloting.into_iter().chain([it.change(ExperimentChange::Started(started))]).collect())
    }

    /// Metric, arm or ring is edited: recorded, and everything begins anew.
    pub fn edit_scope(&self, id: ObjectId, what: &str) -> Result<Change, Refusal> {
        let it = self.experiment(id)?;
        if !it.is_open() || it.state == ExperimentState::Draft {
            return Err(it.refuse(
                &format!("is {}", it.state.as_str()),
                "only what is registered or runs can creep",
            ));
        }
        Ok(it.change(ExperimentChange::ScopeChanged { what: reason(what)? }))
    }

    /// Files a look's readout. The question has to be the registered one.
    pub fn look(
        &self,
        readout: FrozenReadout,
        ends: Option<String>,
    ) -> Result<Vec<Change>, Refusal> {
        let it = self.experiment(readout.experiment)?;
        let running = it.running()?;
        if readout.analysis_hash != running.registered.analysis_hash {
            return Err(it.refuse(
                "was registered with another question",
                "fixloop experiment edit names what changed, and the clock begins anew",
            ));
        }
        let taken = it.readouts.iter().filter_map(|id| self.readouts.get(&id.number()));
        let is_same = |other: &&super::Readout| other.frozen.day.to_bits() == readout.day.to_bits();
        let since = it.scope_changes.last().map(|it| it.at);
        let mut taken = taken.filter(|it| it.history.first().map(|it| it.when) > since);
        if let Some(other) = taken.find(is_same) {
            return Err(Refusal::new(
                format!("the look of day {} was taken: {}", readout.day, other.id),
                format!("fixloop readout show {}", other.id),
            ));
        }
        let id = self.next(Kind::Readout);
        let mut changes = vec![
            Change { object: id, what: What::Readout(ReadoutChange::Frozen(readout)) },
            it.change(ExperimentChange::Looked { readout: id }),
        ];
        if let Some(why) = ends {
            changes.push(it.change(ExperimentChange::Analysed { readout: id, why }));
        }
        Ok(changes)
    }
}
