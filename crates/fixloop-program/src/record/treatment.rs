//! Treatments: what is tried, as data.

use std::collections::BTreeMap;

use fixloop_policy::{Mode, Treatment};
use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::states::{History, Step};
use super::{Change, Record, Refusal, Stamp, What, create, known};

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TreatmentKind {
    IdeHint,
    PrComment,
    AutoPr,
    BuildWarn,
    BuildBreak,
    Campaign,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TreatmentPlan {
    pub name: String,
    pub kind: TreatmentKind,
    /// Its id is the object's.
    pub data: Treatment,
    /// It can be taken back, and leaves nothing behind.
    pub is_reversible: bool,
    pub cost_days: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TreatmentRecord {
    pub id: ObjectId,
    /// `current`.
    pub state: &'static str,
    pub plan: TreatmentPlan,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TreatmentChange {
    Created(TreatmentPlan),
    /// Its next version.
    Changed {
        data: Treatment,
        why: String,
    },
}

pub(super) fn apply(
    treatments: &mut BTreeMap<u32, TreatmentRecord>,
    number: u32,
    change: &TreatmentChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let step = |from: Option<String>, to: u32, why: Option<String>| Step {
        who: stamp.actor.clone(),
        when: stamp.at,
        from,
        to: format!("version {to}"),
        why,
    };
    match change.clone() {
        TreatmentChange::Created(plan) => {
            let id = ObjectId::new(Kind::Treatment, number);
            let history = vec![step(None, plan.data.version, None)];
            create(treatments, number, TreatmentRecord { id, state: "current", plan, history })
        }
        TreatmentChange::Changed { data, why } => {
            let it = known(treatments, number)?;
            let before = it.plan.data.version;
            if data.version != before + 1 {
                return Err(format!("version {} does not follow {before}", data.version));
            }
            if data.id != it.plan.data.id {
                return Err(format!("it is of `{}`", data.id));
            }
            it.history.push(step(Some(format!("version {before}")), data.version, Some(why)));
            it.plan.data = data;
            Ok(())
        }
    }
}

impl TreatmentRecord {
    pub fn is_breaking(&self) -> bool {
        self.plan.data.mode == Mode::Break
    }
}

impl Record {
    /// The plan's data gets its id and version here.
    pub fn create_treatment(&self, mut plan: TreatmentPlan) -> Result<Change, Refusal> {
        let object = self.next(Kind::Treatment);
        plan.data.id = object.to_string();
        plan.data.version = 1;
        if plan.name.trim().is_empty() {
            return Err(Refusal::new(
                "a treatment has a name",
                "--name \"alert at the first reference\"",
            ));
        }
        if plan.data.mode == Mode::Observe {
            return Err(Refusal::new(
                "a treatment that only observes treats nothing",
                "--mode alert or break; the holdout observes anyway",
            ));
        }
        if let Some(rule) = &plan.data.rule {
            self.check_rule(rule)?;
        }
        Ok(Change { object, what: What::Treatment(TreatmentChange::Created(plan)) })
    }

    /// Another version: of what an experiment runs on, only with a reason, and the experiment's clock begins anew.
    pub fn change_treatment(
        &self,
        id: ObjectId,
        mut data: Treatment,
        why: &str,
    ) -> Result<Vec<Change>, Refusal> {
        let it = self.treatment(id)?;
        if why.trim().is_empty() {
            return Err(Refusal::new("a treatment is changed for a reason", "--why \"…\""));
        }
        (data.id, data.version) = (it.plan.data.id.clone(), it.plan.data.version);
        if data == it.plan.data {
            return Err(Refusal::new(
                format!("nothing of {id} would be another"),
                "--mode, --threshold, --words or --link says what changes",
            ));
        }
        if data.mode == Mode::Break && !it.is_breaking() {
            self.may_break(id)?;
        }
        data.version += 1;
        let text = format!("{id} became version {}: {why}", data.version);
        let what = What::Treatment(TreatmentChange::Changed { data, why: why.to_owned() });
        let mut changes = vec![Change { object: id, what }];
        for experiment in self.experiments.values().filter(|it| it.is_open()) {
            let is_of_it = self
                .rollouts
                .get(&experiment.rollout.number())
                .is_some_and(|it| it.plan.treatment == id);
            if is_of_it {
                changes.extend(experiment.scope_changed(&text));
            }
        }
        Ok(changes)
    }

    /// Alert to break is a step of its own: what teams have already is not turned into it behind the rule for breaking treatments.
    fn may_break(&self, id: ObjectId) -> Result<(), Refusal> {
        let has_teams = |it: &&super::Rollout| {
            it.is_open() && it.plan.treatment == id && !it.live_rings.is_empty()
        };
        for rollout in self.rollouts.values().filter(has_teams) {
            let problem = self.problem(self.solution(rollout.plan.solution)?.plan.problem)?;
            if problem.state != super::ProblemState::Confirmed {
                return Err(Refusal::new(
                    format!(
                        "{} has brought {id} to teams, and breaking needs a confirmed problem: {} is {}",
                        rollout.id,
                        problem.id,
                        problem.state.as_str()
                    ),
                    "confirm the problem first, or create a breaking treatment with a hypothesis and a rollout of its own",
                ));
            }
        }
        Ok(())
    }
}
