//! Campaigns: what has to go by when, how hard each ring is told, and every look at how it stands.

mod asked;

use std::collections::BTreeMap;

use fixloop_policy::{BranchKind, Mode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::{Kind, ObjectId};
use super::states::{History, advance, begin, note, states};
use super::{Actor, Change, Stamp, What, create, known};

states! {
    CampaignState {
        Draft => "draft" [Open, Closed],
        Open => "open" [Closed],
        Closed => "closed" [],
    }
}

/// What is to happen when, as planned at the start. Nothing is reached by itself: whoever pivots has two names.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Rung {
    /// Nothing for every ring.
    pub ring: Option<ObjectId>,
    pub mode: Mode,
    /// How long what was there before may stay.
    pub grace_hours: u32,
    /// When it is planned; nothing for *at opening*.
    pub planned: Option<Timestamp>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CampaignPlan {
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// Whom teams ask.
    pub contact: String,
    pub deadline: Timestamp,
    /// Ids of every advisory that it is about, private ones too.
    pub advisories: Vec<String>,
    /// OSV records of the organization's own, as they were entered.
    pub private: Vec<Value>,
    /// Ids of build rules.
    pub rules: Vec<String>,
    pub ladder: Vec<Rung>,
    /// On which branches *break* ends a build.
    pub branches: Vec<BranchKind>,
    pub words: Option<String>,
    pub link: Option<String>,
    /// Hosts that serve the public registries' packages unchanged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mirrors: Vec<String>,
}

/// Where a ring stands.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Reached {
    /// Nothing for every ring.
    pub ring: Option<ObjectId>,
    pub mode: Mode,
    pub since: Timestamp,
    pub grace_hours: u32,
}

/// Targets by state, as of a look.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct TargetCounts {
    pub affected: u64,
    pub fixed: u64,
    pub clean: u64,
    pub unknown: u64,
}

/// One look at how the campaign stands; forecasts are kept to be scored.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Look {
    pub at: Timestamp,
    pub counts: TargetCounts,
    /// SHA-256 of the list of targets.
    pub targets: String,
    /// As it was said; nothing where there was none.
    pub forecast: Option<Value>,
    /// Why there was none.
    pub no_forecast: Option<String>,
}

/// One ring, or all of them, came to another mode.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Pivot {
    pub from: Mode,
    pub to: Mode,
    /// Empty for every ring.
    pub rings: Vec<ObjectId>,
    pub grace_hours: u32,
    pub why: String,
    /// The second name.
    pub with: Actor,
    /// Version of the campaign that was previewed.
    pub preview_of: u32,
}

/// A pivot, as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pivoted {
    pub at: Timestamp,
    pub by: Actor,
    #[serde(flatten)]
    pub pivot: Pivot,
    pub taken_back: Option<TakenBack>,
    /// Where rings stood before.
    #[serde(skip)]
    before: Vec<Reached>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TakenBack {
    pub at: Timestamp,
    pub by: Actor,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Campaign {
    pub id: ObjectId,
    pub state: CampaignState,
    /// Grows with everything that teams get to feel.
    pub version: u32,
    #[serde(flatten)]
    pub plan: CampaignPlan,
    pub opened_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub steps: Vec<Reached>,
    pub pivots: Vec<Pivoted>,
    pub looks: Vec<Look>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignChange {
    Created(Box<CampaignPlan>),
    Opened,
    Observed(Box<Look>),
    Pivoted(Pivot),
    TakenBack { why: String },
    Closed { why: String },
}

pub(super) fn apply(
    campaigns: &mut BTreeMap<u32, Campaign>,
    number: u32,
    change: &CampaignChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    use CampaignState as S;
    if let CampaignChange::Created(plan) = change.clone() {
        let campaign = Campaign {
            id: ObjectId::new(Kind::Campaign, number),
            state: S::Draft,
            version: 1,
            plan: *plan,
            opened_at: None,
            closed_at: None,
            steps: Vec::new(),
            pivots: Vec::new(),
            looks: Vec::new(),
            history: begin(S::Draft, stamp),
        };
        return create(campaigns, number, campaign);
    }
    let it = known(campaigns, number)?;
    match change.clone() {
        CampaignChange::Created(_) => {}
        CampaignChange::Opened => {
            advance((&mut it.state, &mut it.history), S::Open, stamp, None)?;
            it.opened_at = Some(stamp.at);
            it.steps = it.first_steps(stamp.at);
            it.version += 1;
        }
        CampaignChange::Observed(look) => {
            if it.state == S::Draft {
                return Err("a draft is not looked at".to_owned());
            }
            it.looks.push(*look);
        }
        CampaignChange::Pivoted(pivot) => it.pivoted(pivot, stamp)?,
        CampaignChange::TakenBack { why } => it.taken_back(why, stamp)?,
        CampaignChange::Closed { why } => {
            advance((&mut it.state, &mut it.history), S::Closed, stamp, Some(&why))?;
            it.closed_at = Some(stamp.at);
            it.version += 1;
        }
    }
    Ok(())
}

impl CampaignPlan {
    /// As a policy carries it, before any ring is told.
    pub fn as_published(&self, id: ObjectId) -> fixloop_policy::Campaign {
        fixloop_policy::Campaign {
            id: id.to_string(),
            version: 1,
            title: self.title.clone(),
            advisories: self.advisories.clone(),
            rules: self.rules.clone(),
            deadline: self.deadline.as_microsecond(),
            contact: self.contact.clone(),
            words: self.words.clone(),
            link: self.link.clone(),
            branches: self.branches.clone(),
            steps: Vec::new(),
        }
    }
}

impl Campaign {
    pub(super) fn change(&self, what: CampaignChange) -> Change {
        Change { object: self.id, what: What::Campaign(what) }
    }

    /// What is told at opening: the ladder's rungs without a planned time, and an alert to every ring where it has none.
    fn first_steps(&self, at: Timestamp) -> Vec<Reached> {
        let step = |ring, mode, grace_hours| Reached { ring, mode, since: at, grace_hours };
        let now = self.plan.ladder.iter().filter(|it| it.planned.is_none());
        let steps: Vec<Reached> = now
            .filter(|it| it.mode == Mode::Alert)
            .map(|it| step(it.ring, it.mode, it.grace_hours))
            .collect();
        if steps.is_empty() { vec![step(None, Mode::Alert, 0)] } else { steps }
    }

    /// The mode of a ring; nothing for those that no step names.
    pub fn mode_of(&self, ring: Option<ObjectId>) -> Mode {
        self.step_of(ring).map_or(Mode::Observe, |it| it.mode)
    }

    /// The last step that a ring has reached: its own or that of all, the harder one; of equals the first.
    pub fn step_of(&self, ring: Option<ObjectId>) -> Option<&Reached> {
        let of_ring = self.steps.iter().filter(|it| it.ring.is_none() || it.ring == ring);
        of_ring.max_by_key(|it| (it.mode, std::cmp::Reverse(it.since)))
    }

    /// When a ring was first told anything.
    pub fn alerted_at(&self, ring: Option<ObjectId>) -> Option<Timestamp> {
        let of_ring = self.steps.iter().filter(|it| it.ring.is_none() || it.ring == ring);
        of_ring.filter(|it| it.mode >= Mode::Alert).map(|it| it.since).min()
    }

    /// From when on builds of a ring end, its grace period being over; if it is not in *break*, as the ladder plans it.
    pub fn breaks_at(&self, ring: Option<ObjectId>) -> Option<Timestamp> {
        let is_of = |it: Option<ObjectId>| it.is_none() || it == ring;
        let after = |at: Timestamp, hours: u32| {
            at.saturating_add(SignedDuration::from_hours(i64::from(hours))).ok()
        };
        let reached = self.steps.iter().filter(|it| is_of(it.ring) && it.mode == Mode::Break);
        let planned = self.plan.ladder.iter().filter(|it| is_of(it.ring) && it.mode == Mode::Break);
        let planned = planned.filter_map(|it| after(it.planned?, it.grace_hours)).min();
        reached.filter_map(|it| after(it.since, it.grace_hours)).min().or(planned)
    }

    /// When somebody pivoted or took that back.
    pub fn turns(&self) -> impl Iterator<Item = Timestamp> {
        let back = self.pivots.iter().filter_map(|it| it.taken_back.as_ref().map(|it| it.at));
        self.pivots.iter().map(|it| it.at).chain(back)
    }

    fn pivoted(&mut self, pivot: Pivot, stamp: Stamp<'_>) -> Result<(), String> {
        if self.state != CampaignState::Open {
            return Err(format!("it is {}", self.state.as_str()));
        }
        if pivot.preview_of != self.version {
            return Err(format!(
                "version {} was previewed, not {}",
                pivot.preview_of, self.version
            ));
        }
        if same_name(&pivot.with, stamp.actor) {
            return Err("a pivot has two names".to_owned());
        }
        let before = self.steps.clone();
        let (to, grace_hours) = (pivot.to, pivot.grace_hours);
        let step = |ring| Reached { ring, mode: to, since: stamp.at, grace_hours };
        let rings: Vec<Option<ObjectId>> = if pivot.rings.is_empty() {
            self.steps.retain(|it| it.mode < to);
            vec![None]
        } else {
            pivot.rings.iter().copied().map(Some).collect()
        };
        if to < pivot.from {
            self.steps.retain(|it| !rings.contains(&it.ring) || it.mode <= to);
        }
        for ring in rings {
            if self.steps.iter().all(|it| it.ring != ring || it.mode != to) {
                self.steps.push(step(ring));
            }
        }
        let why = format!("{}; with {}: {}", pivot.told(), pivot.with.as_str(), pivot.why);
        note(self.state, &mut self.history, stamp, &why);
        self.version += 1;
        let (at, by) = (stamp.at, stamp.actor.clone());
        self.pivots.push(Pivoted { at, by, pivot, taken_back: None, before });
        Ok(())
    }

    fn taken_back(&mut self, why: String, stamp: Stamp<'_>) -> Result<(), String> {
        if self.state != CampaignState::Open {
            return Err(format!("it is {}", self.state.as_str()));
        }
        let last = self.pivots.iter_mut().rfind(|it| it.taken_back.is_none());
        let last = last.ok_or("there is no pivot to take back")?;
        self.steps = last.before.clone();
        let text = format!("taken back: {}: {why}", last.pivot.told());
        last.taken_back = Some(TakenBack { at: stamp.at, by: stamp.actor.clone(), why });
        note(self.state, &mut self.history, stamp, &text);
        self.version += 1;
        Ok(())
    }

    /// The last pivot that stands.
    pub fn standing_pivot(&self) -> Option<&Pivoted> {
        self.pivots.iter().rfind(|it| it.taken_back.is_none())
    }
}

impl Pivot {
    /// `alert → break for ring-1, ring-2`.
    pub fn told(&self) -> String {
        let rings: Vec<String> = self.rings.iter().map(ObjectId::to_string).collect();
        let rings = if rings.is_empty() { "every ring".to_owned() } else { rings.join(", ") };
        format!("{} → {} for {rings}", mode_word(self.from), mode_word(self.to))
    }
}

pub fn mode_word(it: Mode) -> &'static str {
    match it {
        Mode::Observe => "observe",
        Mode::Alert => "alert",
        Mode::Break => "break",
    }
}

/// Whether two names are one person's, as far as letters tell.
pub(super) fn same_name(a: &Actor, b: &Actor) -> bool {
    a.as_str().trim().to_lowercase() == b.as_str().trim().to_lowercase()
}
