//! Rings: ordered sets of teams, canary to broad.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::states::{History, advance, begin, note, states};
use super::{Change, Record, Refusal, Stamp, What, create, known};

states! {
    RingState {
        Open => "open" [Frozen],
        Frozen => "frozen" [],
    }
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    Randomised,
    Chosen,
    Volunteer,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RingPlan {
    /// `canary`, `pilot`, `early`, `broad`.
    pub name: String,
    /// From 0, in the order of rolling out.
    pub ordinal: u32,
    pub teams: Vec<String>,
    pub selection: Selection,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ring {
    pub id: ObjectId,
    pub state: RingState,
    pub plan: RingPlan,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RingChange {
    Created(RingPlan),
    Teams { teams: Vec<String>, why: String },
    Frozen,
}

pub(super) fn apply(
    rings: &mut BTreeMap<u32, Ring>,
    number: u32,
    change: &RingChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    match change.clone() {
        RingChange::Created(plan) => {
            let (id, state) = (ObjectId::new(Kind::Ring, number), RingState::Open);
            create(rings, number, Ring { id, state, plan, history: begin(state, stamp) })
        }
        RingChange::Teams { teams, why } => {
            let it = known(rings, number)?;
            if it.state == RingState::Frozen {
                return Err("its teams are frozen".to_owned());
            }
            it.plan.teams = teams;
            note(it.state, &mut it.history, stamp, &why);
            Ok(())
        }
        RingChange::Frozen => {
            let it = known(rings, number)?;
            advance((&mut it.state, &mut it.history), RingState::Frozen, stamp, None)
        }
    }
}

impl Record {
    /// Rings in the order of rolling out.
    pub fn rings_in_order(&self) -> Vec<&Ring> {
        let mut rings: Vec<&Ring> = self.rings.values().collect();
        rings.sort_by_key(|it| it.plan.ordinal);
        rings
    }

    pub fn ring_of_team(&self, team: &str) -> Option<&Ring> {
        self.rings.values().find(|it| it.plan.teams.iter().any(|it| it == team))
    }

    /// Makes a ring, or gives an open one other teams. A team is in one ring.
    pub fn set_ring(&self, plan: RingPlan, why: &str) -> Result<Change, Refusal> {
        let same = self.rings.values().find(|it| it.plan.name == plan.name);
        if plan.name.trim().is_empty() || plan.teams.iter().any(|it| it.trim().is_empty()) {
            return Err(Refusal::new("rings and teams have names", "--teams A,B"));
        }
        for team in &plan.teams {
            if let Some(other) = self.ring_of_team(team).filter(|it| it.plan.name != plan.name) {
                let what = format!("team {team} is in ring {} already", other.plan.name);
                let way_out = if other.state == RingState::Frozen {
                    "a rollout uses that ring, and its teams cannot move in the middle"
                } else {
                    "a team is in one ring: take it out of the other one first"
                };
                return Err(Refusal::new(what, way_out));
            }
            if plan.teams.iter().filter(|it| *it == team).count() > 1 {
                return Err(Refusal::new(
                    format!("team {team} is named twice"),
                    "name each team once",
                ));
            }
        }
        let Some(same) = same else {
            if let Some(other) = self.rings.values().find(|it| it.plan.ordinal == plan.ordinal) {
                let what = format!("ring {} is number {} already", other.plan.name, plan.ordinal);
                return Err(Refusal::new(what, "--ordinal N: rings have an order"));
            }
            let what = What::Ring(RingChange::Created(plan));
            return Ok(Change { object: self.next(Kind::Ring), what });
        };
        if same.plan.ordinal != plan.ordinal {
            return Err(Refusal::new(
                format!("ring {} is number {}, and stays so", plan.name, same.plan.ordinal),
                "make a ring of another name",
            ));
        }
        if same.state == RingState::Frozen {
            let moved: Vec<&str> = plan
                .teams
                .iter()
                .chain(&same.plan.teams)
                .filter(|it| plan.teams.contains(it) != same.plan.teams.contains(it))
                .map(|it| &**it)
                .collect();
            if moved.is_empty() {
                let what = format!("ring {} has these teams already", plan.name);
                return Err(Refusal::new(what, "nothing is to be done"));
            }
            return Err(Refusal::new(
                format!(
                    "ring {} is frozen, a rollout uses it: {} cannot move in the middle",
                    plan.name,
                    moved.join(", ")
                ),
                "whoever changed sides would make every number void; begin the next rollout with other rings",
            ));
        }
        let what = What::Ring(RingChange::Teams { teams: plan.teams, why: why.to_owned() });
        Ok(Change { object: same.id, what })
    }
}
