//! Rollouts: a treatment on its way through the rings, with the ledger of who was assigned to what. A row is written once.

use std::collections::BTreeMap;

use fixloop_policy::Arm;
use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::problem::ProblemState;
use super::ring::{RingChange, RingState};
use super::states::{History, advance, begin, note, states};
use super::{Actor, Change, Record, Refusal, Stamp, What, create, known};

states! {
    RolloutState {
        Planned => "planned" [Live, RolledBack],
        Live => "live" [Paused, Done, RolledBack],
        Paused => "paused" [Live, RolledBack],
        Done => "done" [],
        RolledBack => "rolled_back" [],
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RolloutPlan {
    pub solution: ObjectId,
    pub treatment: ObjectId,
    /// The share of the teams of each ring that stays silent for good, so that the effect can still be told.
    pub holdout: f64,
}

/// How a team came to its arm.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Drawn by an experiment's randomizer.
    Drawn,
    /// By the hash of rollout and team.
    Hash,
    /// Chosen by a person.
    Hand,
}

/// One line of the ledger.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct AssignmentRow {
    pub team: String,
    pub ring: ObjectId,
    pub arm: Arm,
    pub how: How,
}

/// A rule was set aside: by whom and why is shown for ever.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Override {
    pub who: Actor,
    pub why: String,
    /// What the rule was.
    pub rule: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rollout {
    pub id: ObjectId,
    pub state: RolloutState,
    pub plan: RolloutPlan,
    pub ledger: Vec<AssignmentRow>,
    /// Rings whose turn has come, in the order in which it came.
    pub live_rings: Vec<ObjectId>,
    pub overrides: Vec<Override>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutChange {
    Planned(RolloutPlan),
    Assigned {
        rows: Vec<AssignmentRow>,
    },
    /// A ring's turn has come; the first one starts the rollout.
    Ramped {
        ring: ObjectId,
        set_aside: Option<Override>,
    },
    Paused {
        why: String,
    },
    Resumed {
        why: String,
    },
    RolledBack {
        why: String,
    },
    Done {
        why: String,
    },
}

pub(super) fn apply(
    rollouts: &mut BTreeMap<u32, Rollout>,
    number: u32,
    change: &RolloutChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    use RolloutState as S;
    if let RolloutChange::Planned(plan) = change.clone() {
        let rollout = Rollout {
            id: ObjectId::new(Kind::Rollout, number),
            state: S::Planned,
            plan,
            ledger: Vec::new(),
            live_rings: Vec::new(),
            overrides: Vec::new(),
            history: begin(S::Planned, stamp),
        };
        return create(rollouts, number, rollout);
    }
    let it = known(rollouts, number)?;
    let state = it.state;
    let mut go = |to, why: &str| advance((&mut it.state, &mut it.history), to, stamp, Some(why));
    match change.clone() {
        RolloutChange::Planned(_) => {}
        RolloutChange::Assigned { rows } => {
            for row in rows {
                if it.ledger.iter().any(|known| known.team == row.team) {
                    return Err(format!("team {} was assigned before", row.team));
                }
                it.ledger.push(row);
            }
        }
        RolloutChange::Ramped { ring, set_aside } => {
            if it.live_rings.contains(&ring) {
                return Err(format!("{ring} has it already"));
            }
            let why = match &set_aside {
                Some(it) => format!(
                    "to {ring}; {} set the rule aside ({}): {}",
                    it.who.as_str(),
                    it.rule,
                    it.why
                ),
                None => format!("to {ring}"),
            };
            if state == S::Live {
                note(state, &mut it.history, stamp, &why);
            } else {
                go(S::Live, &why)?;
            }
            it.live_rings.push(ring);
            it.overrides.extend(set_aside);
        }
        RolloutChange::Paused { why } => go(S::Paused, &why)?,
        RolloutChange::Resumed { why } => go(S::Live, &why)?,
        RolloutChange::RolledBack { why } => go(S::RolledBack, &why)?,
        RolloutChange::Done { why } => go(S::Done, &why)?,
    }
    Ok(())
}

impl Rollout {
    pub(super) fn change(&self, what: RolloutChange) -> Change {
        Change { object: self.id, what: What::Rollout(what) }
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, RolloutState::Planned | RolloutState::Live | RolloutState::Paused)
    }

    pub fn arm_of(&self, team: &str) -> Option<Arm> {
        self.ledger.iter().find(|it| it.team == team).map(|it| it.arm)
    }

    /// Whether a team gets something of it now.
    pub fn is_live_for(&self, row: &AssignmentRow) -> bool {
        self.state == RolloutState::Live && self.live_rings.contains(&row.ring)
    }

    fn only_from(&self, wanted: &[RolloutState], verb: &str) -> Result<(), Refusal> {
        if wanted.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<&str> = wanted.iter().map(|it| it.as_str()).collect();
        Err(Refusal::new(
            format!("{} is {} and cannot be {verb}", self.id, self.state.as_str()),
            format!("only what is {} can", words.join(" or ")),
        ))
    }

    pub fn pause(&self, why: &str) -> Result<Change, Refusal> {
        self.only_from(&[RolloutState::Live], "paused")?;
        Ok(self.change(RolloutChange::Paused { why: reason(why)? }))
    }

    pub fn resume(&self, why: &str) -> Result<Change, Refusal> {
        self.only_from(&[RolloutState::Paused], "resumed")?;
        Ok(self.change(RolloutChange::Resumed { why: reason(why)? }))
    }

    pub fn roll_back(&self, why: &str) -> Result<Change, Refusal> {
        let open = [RolloutState::Planned, RolloutState::Live, RolloutState::Paused];
        self.only_from(&open, "rolled back")?;
        Ok(self.change(RolloutChange::RolledBack { why: reason(why)? }))
    }

    pub fn finish(&self, why: &str) -> Result<Change, Refusal> {
        self.only_from(&[RolloutState::Live], "done")?;
        Ok(self.change(RolloutChange::Done { why: reason(why)? }))
    }
}

fn reason(why: &str) -> Result<String, Refusal> {
    if why.trim().is_empty() {
        return Err(Refusal::new("a reason is needed", "--why \"…\""));
    }
    Ok(why.to_owned())
}

impl Record {
    pub fn plan_rollout(&self, plan: RolloutPlan) -> Result<Change, Refusal> {
        let solution = self.solution(plan.solution)?;
        self.treatment(plan.treatment)?;
        let problem = self.problem(solution.plan.problem)?;
        if problem.state == ProblemState::Rejected {
            return Err(Refusal::new(
                format!("{} was rejected: nothing is rolled out for it", problem.id),
                format!("fixloop hypothesis create --supersedes {}", problem.id),
            ));
        }
        if solution.is_over() {
            return Err(Refusal::new(
                format!("{} is {}", solution.id, solution.state.as_str()),
                "what was stopped or pivoted away from is not rolled out: create another solution hypothesis",
            ));
        }
        if solution.plan.treatment != plan.treatment {
            return Err(Refusal::new(
                format!(
                    "{} is about {}, not {}",
                    solution.id, solution.plan.treatment, plan.treatment
                ),
                "a rollout is of the treatment that its hypothesis names",
            ));
        }
        if !(0.0..=0.9).contains(&plan.holdout) {
            return Err(Refusal::new("the holdout is a share from 0 to 90 %", "--holdout 10%"));
        }
        if let Some(other) =
            self.rollouts.values().find(|it| it.is_open() && it.plan.treatment == plan.treatment)
        {
            return Err(Refusal::new(
                format!(
                    "{} rolls {} out already, and two rollouts cannot share a treatment",
                    other.id, plan.treatment
                ),
                format!(
                    "end it (fixloop rollout rollback {}), or create another treatment",
                    other.id
                ),
            ));
        }
        let what = What::Rollout(RolloutChange::Planned(plan));
        Ok(Change { object: self.next(Kind::Rollout), what })
    }

    /// Writes rows of the ledger; a team that has one keeps it.
    pub fn assign(
        &self,
        rollout: ObjectId,
        rows: Vec<AssignmentRow>,
    ) -> Result<Vec<Change>, Refusal> {
        let it = self.rollout(rollout)?;
        if !it.is_open() {
            return Err(Refusal::new(
                format!("{rollout} is {}", it.state.as_str()),
                "plan another rollout",
            ));
        }
        for (n, row) in rows.iter().enumerate() {
            if rows[..n].iter().any(|it| it.team == row.team) {
                return Err(Refusal::new(
                    format!("team {} is named twice", row.team),
                    "name each team once",
                ));
            }
            let ring = self.ring(row.ring)?;
            if !ring.plan.teams.contains(&row.team) {
                return Err(Refusal::new(
                    format!("team {} is not in ring {}", row.team, ring.plan.name),
                    "teams keep their ring while a rollout runs",
                ));
            }
            if let Some(arm) = it.arm_of(&row.team) {
                return Err(Refusal::new(
                    format!("team {} was assigned before, as {arm}", row.team),
                    "an assignment is written once: whoever changed sides would make every number void",
                ));
            }
        }
        let mut rings: Vec<ObjectId> = rows.iter().map(|it| it.ring).collect();
        rings.sort_unstable();
        rings.dedup();
        let open = rings.into_iter().filter(|it| self.rings[&it.number()].state == RingState::Open);
        let freeze = open.map(|object| Change { object, what: What::Ring(RingChange::Frozen) });
        Ok(freeze.chain([it.change(RolloutChange::Assigned { rows })]).collect())
    }

    /// A ring's turn has come, `asked` by somebody. What the problem's state does not allow needs an override by name; for a breaking
    /// treatment that name is a second one.
    pub fn ramp(
        &self,
        rollout: ObjectId,
        ring: ObjectId,
        (asked, set_aside): (&Actor, Option<(Actor, String)>),
    ) -> Result<Change, Refusal> {
        let it = self.rollout(rollout)?;
        it.only_from(&[RolloutState::Planned, RolloutState::Live], "ramped")?;
        let ring = self.ring(ring)?;
        if it.live_rings.contains(&ring.id) {
            let what = format!("ring {} has {rollout} already", ring.plan.name);
            return Err(Refusal::new(what, "name the next ring"));
        }
        if !it.ledger.iter().any(|row| row.ring == ring.id) {
            return Err(Refusal::new(
                format!("no team of ring {} is assigned yet", ring.plan.name),
                format!(
                    "fixloop rollout ramp {rollout} assigns by hash; an experiment draws its own"
                ),
            ));
        }
        let last = it.live_rings.iter().filter_map(|it| self.rings.get(&it.number()));
        if let Some(later) =
            last.map(|it| it.plan.ordinal).max().filter(|it| *it > ring.plan.ordinal)
        {
            return Err(Refusal::new(
                format!("ring {} comes before ring number {later}, which has it", ring.plan.name),
                "rings are taken in their order",
            ));
        }
        let rule = self.may_reach(it, ring.plan.ordinal)?;
        let is_breaking = self.treatment(it.plan.treatment)?.is_breaking();
        if let (Some(rule), Some((who, _))) = (&rule, &set_aside)
            && is_breaking
            && who == asked
        {
            return Err(Refusal::new(
                format!(
                    "{rule}, or two names: {} asks and {} decides",
                    asked.as_str(),
                    who.as_str()
                ),
                "--override with the name of a second person",
            ));
        }
        let set_aside = match (rule, set_aside) {
            (None, _) => None,
            (Some(rule), Some((who, why))) if !why.trim().is_empty() => {
                Some(Override { who, why, rule })
            }
            (Some(rule), _) => {
                return Err(Refusal::new(
                    rule,
                    "confirm the problem first, or set the rule aside by name: --override NAME --why \"…\"; both are shown for ever",
                ));
            }
        };
        Ok(it.change(RolloutChange::Ramped { ring: ring.id, set_aside }))
    }

    /// The rule that forbids this ring, if one does.
    fn may_reach(&self, rollout: &Rollout, ordinal: u32) -> Result<Option<String>, Refusal> {
        let solution = self.solution(rollout.plan.solution)?;
        let problem = self.problem(solution.plan.problem)?;
        let treatment = self.treatment(rollout.plan.treatment)?;
        let pilot = self.ring(solution.plan.ring)?;
        let (state, id) = (problem.state, problem.id);
        if state == ProblemState::Rejected {
            return Err(Refusal::new(
                format!("{id} was rejected: nothing is rolled out for it"),
                format!("fixloop hypothesis create --supersedes {id}"),
            ));
        }
        let is_confirmed = state == ProblemState::Confirmed;
        let rule = if is_confirmed {
            None
        } else if treatment.is_breaking() {
            Some(format!(
                "a breaking treatment needs a confirmed problem, and {id} is {}",
                state.as_str()
            ))
        } else if ordinal > pilot.plan.ordinal {
            Some(format!(
                "beyond the pilot ring {} the problem has to be confirmed, and {id} is {}",
                pilot.plan.name,
                state.as_str()
            ))
        } else if state != ProblemState::Supported {
            Some(format!(
                "a pilot needs a problem that is supported at least, and {id} is {}",
                state.as_str()
            ))
        } else if !treatment.plan.is_reversible {
            Some(format!(
                "what cannot be taken back needs a confirmed problem, and {id} is supported only"
            ))
        } else {
            None
        };
        Ok(rule)
    }
}
