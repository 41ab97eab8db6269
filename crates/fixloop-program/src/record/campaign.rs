//! Campaigns: what has to go by when, how hard each ring is told, and every look at how it stands.

use std::collections::BTreeMap;

use fixloop_policy::{BranchKind, Mode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::{Kind, ObjectId};
use super::states::{History, advance, begin, note, states};
use super::{Actor, Change, Record, Refusal, Stamp, What, create, known};

/// Advisories and rules of one campaign.
const MAX_ABOUT: usize = 1_000;
/// Looks that one campaign keeps: three a day for a year.
const MAX_LOOKS: usize = 1_100;
/// A grace of a year is none.
const MAX_GRACE_HOURS: u32 = 24 * 366;

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

impl Campaign {
    fn change(&self, what: CampaignChange) -> Change {
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

    /// When a ring came to *break*, or is planned to by the ladder.
    pub fn breaks_at(&self, ring: Option<ObjectId>) -> Option<Timestamp> {
        let is_of = |it: Option<ObjectId>| it.is_none() || it == ring;
        let reached = self.steps.iter().filter(|it| is_of(it.ring) && it.mode == Mode::Break);
        let planned = self.plan.ladder.iter().filter(|it| is_of(it.ring) && it.mode == Mode::Break);
        reached.map(|it| it.since).min().or_else(|| planned.filter_map(|it| it.planned).min())
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

    fn only_open(&self, verb: &str) -> Result<(), Refusal> {
        let way_out = match self.state {
            CampaignState::Open => return Ok(()),
            CampaignState::Draft => format!("fixloop campaign open {}", self.id),
            CampaignState::Closed => "begin another one: fixloop campaign create".to_owned(),
        };
        let what = format!("{} is {} and cannot be {verb}", self.id, self.state.as_str());
        Err(Refusal::new(what, way_out))
    }

    pub fn open(&self, now: Timestamp) -> Result<Change, Refusal> {
        match self.state {
            CampaignState::Draft => {}
            CampaignState::Open => {
                return Err(Refusal::new(
                    format!("{} is open already", self.id),
                    format!("fixloop campaign forecast {} says how it stands", self.id),
                ));
            }
            CampaignState::Closed => self.only_open("opened")?,
        }
        in_the_future(self.plan.deadline, now)?;
        Ok(self.change(CampaignChange::Opened))
    }

    pub fn observe(&self, look: Look) -> Result<Change, Refusal> {
        self.only_open("looked at")?;
        if self.looks.len() >= MAX_LOOKS {
            return Err(Refusal::new(
                format!("{} has {MAX_LOOKS} looks already", self.id),
                "close it; fixloop campaign show looks without keeping it",
            ));
        }
        Ok(self.change(CampaignChange::Observed(Box::new(look))))
    }

    pub fn close(&self, why: &str) -> Result<Change, Refusal> {
        if self.state == CampaignState::Closed {
            self.only_open("closed again")?;
        }
        let why = reason(why)?;
        Ok(self.change(CampaignChange::Closed { why }))
    }

    pub fn take_back(&self, why: &str) -> Result<Change, Refusal> {
        self.only_open("taken back")?;
        if self.standing_pivot().is_none() {
            return Err(Refusal::new(
                format!("{} has no pivot that could be taken back", self.id),
                "fixloop campaign show lists its pivots",
            ));
        }
        let why = if why.trim().is_empty() { "no reason was given" } else { why.trim() };
        Ok(self.change(CampaignChange::TakenBack { why: why.to_owned() }))
    }

    /// What somebody did to it after a version was previewed.
    fn since_version(&self, version: u32) -> String {
        let lines: Vec<String> = self
            .history
            .iter()
            .rev()
            .take(usize::try_from(self.version.saturating_sub(version)).unwrap_or(1).max(1))
            .map(|it| {
                let what = it.why.as_deref().unwrap_or(&it.to);
                format!("{} at {}: {what}", it.who.as_str(), it.when)
            })
            .collect();
        lines.join("; before that ")
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
fn same_name(a: &Actor, b: &Actor) -> bool {
    a.as_str().trim().to_lowercase() == b.as_str().trim().to_lowercase()
}

fn reason(why: &str) -> Result<String, Refusal> {
    if why.trim().is_empty() {
        return Err(Refusal::new("a reason is needed", "--why \"…\""));
    }
    Ok(why.trim().to_owned())
}

fn in_the_future(deadline: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if deadline > now {
        return Ok(());
    }
    Err(Refusal::new(
        format!("the deadline {deadline} has passed"),
        "--deadline with a day in the future",
    ))
}

/// One line that people are shown.
fn line(what: &str, text: &str, option: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(format!("a campaign has {what}"), option));
    }
    if text.chars().count() > 200 || text.chars().any(char::is_control) {
        let what = format!("{what} is one line of at most 200 characters");
        return Err(Refusal::new(what, option));
    }
    Ok(())
}

impl Record {
    pub fn create_campaign(&self, plan: CampaignPlan, now: Timestamp) -> Result<Change, Refusal> {
        line("a title", &plan.title, "--title \"dependency confusion in package feeds\"")?;
        line("an owner", &plan.owner, "--owner NAME, or --as NAME")?;
        line("a contact, whom teams ask", &plan.contact, "--contact \"#supply-chain\"")?;
        in_the_future(plan.deadline, now)?;
        if plan.advisories.is_empty() && plan.rules.is_empty() {
            return Err(Refusal::new(
                "a campaign is about something",
                "--advisory FILE-OR-ID, --package PURL with --range, or --rule ID",
            ));
        }
        if plan.advisories.len() + plan.rules.len() > MAX_ABOUT {
            return Err(Refusal::new(
                format!("a campaign is about at most {MAX_ABOUT} advisories and rules"),
                "begin a second one",
            ));
        }
        if plan.branches.is_empty() {
            return Err(Refusal::new("break ends builds of some branch", "--branch default"));
        }
        for rung in &plan.ladder {
            if let Some(ring) = rung.ring {
                self.ring(ring)?;
            }
            if rung.mode == Mode::Observe || rung.grace_hours > MAX_GRACE_HOURS {
                return Err(Refusal::new(
                    "a rung alerts or breaks, after a grace of at most a year",
                    "--ladder alert,pilot:break:72@2027-01-15",
                ));
            }
            if rung.mode == Mode::Break && rung.planned.is_none() {
                return Err(Refusal::new(
                    "a campaign begins with an alert; a break is planned for a day",
                    "--ladder alert,pilot:break:72@2027-01-15, and fixloop campaign pivot when it comes",
                ));
            }
        }
        let what = What::Campaign(CampaignChange::Created(Box::new(plan)));
        Ok(Change { object: self.next(Kind::Campaign), what })
    }

    /// Brings rings to another mode, `asked` by one person and with a second one. `pivot.from` is found here.
    pub fn pivot_campaign(
        &self,
        id: ObjectId,
        asked: &Actor,
        mut pivot: Pivot,
    ) -> Result<Change, Refusal> {
        let it = self.campaign(id)?;
        it.only_open("pivoted")?;
        if pivot.preview_of != it.version {
            return Err(Refusal::new(
                format!(
                    "version {} of {id} was previewed, and it is at {} now: {}",
                    pivot.preview_of,
                    it.version,
                    it.since_version(pivot.preview_of)
                ),
                "preview it again, without --preview-of, and decide on what is there now",
            ));
        }
        if same_name(&pivot.with, asked) {
            return Err(Refusal::new(
                format!("a pivot has two names, and {} is who asks", pivot.with.as_str()),
                "--with the name of a second person",
            ));
        }
        pivot.why = reason(&pivot.why)?;
        if pivot.grace_hours > MAX_GRACE_HOURS {
            return Err(Refusal::new("a grace of over a year is none", "--grace 72h"));
        }
        let mut modes = Vec::new();
        for ring in &pivot.rings {
            modes.push((self.ring(*ring)?.plan.name.clone(), it.mode_of(Some(*ring))));
        }
        if modes.is_empty() {
            modes.push(("every ring".to_owned(), it.mode_of(None)));
        }
        for (name, mode) in &modes {
            if *mode == pivot.to {
                let what = format!("{name} is at {} already", mode_word(*mode));
                return Err(Refusal::new(what, "name the rings that are not"));
            }
            if *mode == Mode::Observe && pivot.to == Mode::Break {
                return Err(Refusal::new(
                    format!("{name} was not alerted yet, and a break comes after an alert"),
                    "--to alert first",
                ));
            }
        }
        if pivot.to == Mode::Observe {
            return Err(Refusal::new(
                "a campaign is not pivoted to observe",
                "fixloop campaign pivot --back takes the last pivot back; fixloop campaign close ends it",
            ));
        }
        let lowered = pivot.rings.iter().find(|ring| {
            pivot.to == Mode::Alert
                && it.steps.iter().any(|step| step.ring.is_none() && step.mode == Mode::Break)
                && it.mode_of(Some(**ring)) == Mode::Break
        });
        if lowered.is_some() {
            return Err(Refusal::new(
                "every ring came to break together, so one cannot be taken out of it",
                "fixloop campaign pivot --back, then pivot ring by ring",
            ));
        }
        pivot.from = modes.iter().map(|it| it.1).max().unwrap_or(Mode::Alert);
        Ok(it.change(CampaignChange::Pivoted(pivot)))
    }

    /// Campaigns that a policy carries.
    pub fn open_campaigns(&self) -> impl Iterator<Item = &Campaign> {
        self.campaigns.values().filter(|it| it.state == CampaignState::Open)
    }
}
