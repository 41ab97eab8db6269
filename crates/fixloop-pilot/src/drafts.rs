//! What became of every draft exposure: landed, prevented, there before, or not to be told.
//!
//! The same in both arms: an editor that observes opens the same drafts as one that alerts.

use std::collections::{BTreeMap, HashMap};

use fixloop_model::{Exposure, Opportunity, Timestamp};
use fixloop_policy::{Arm, Key};
use fixloop_telemetry::{Cleared, DraftExposure, Event, drafts};

use crate::pilot::{DAY, Mirrors, Pilot, SECOND};
use crate::targets::{Likeness, TargetPlace, Targets};

/// As for exposures: what comes back within 14 days never went, and what has not landed by then was prevented.
const SETTLED: i64 = 14 * DAY;

/// Why a draft cannot be told from the mirrors.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Unjoined {
    /// The event names none: no bundle, or no repository with an address.
    NoTarget,
    /// No mirror has the file, as of a file that was never on a default branch.
    UnknownTarget,
    /// The repository's team has no part in the pilot.
    NotInPilot,
    /// It ended and was never on the default branch, and was no first reference: it was of another branch.
    AnotherBranch,
}

impl Unjoined {
    pub const ALL: [Self; 4] =
        [Self::NoTarget, Self::UnknownTarget, Self::NotInPilot, Self::AnotherBranch];

    pub fn words(self) -> &'static str {
        match self {
            Self::NoTarget => "the event names no target",
            Self::UnknownTarget => "no mirror has the file",
            Self::NotInPilot => "the team is not in the pilot",
            Self::AnotherBranch => "it was there before, on another branch",
        }
    }
}

/// What became of a draft up to the cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DraftClass {
    /// It stood on the default branch when it was first shown: the opportunity's place in [`Joined::opportunities`].
    Present {
        opportunity: usize,
    },
    /// It came to the default branch: the exposure's place in [`Joined::exposures`]. Withdrawn ones have no opportunity.
    Landed {
        exposure: usize,
        opportunity: Option<usize>,
    },
    /// It ended as fixed or removed and has not landed 14 days later: a prevented introduction.
    Prevented,
    /// An exception ended it.
    Suppressed,
    /// Still open, ended less than 14 days ago, or nobody looks any more.
    Pending,
    Unjoined(Unjoined),
}

impl DraftClass {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present { .. } => "present",
            Self::Landed { .. } => "landed",
            Self::Prevented => "prevented",
            Self::Suppressed => "suppressed",
            Self::Pending => "pending",
            Self::Unjoined(_) => "unjoined",
        }
    }
}

/// One package version in one target, by whomever it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Places in [`Joined::seen`]: one for each installation and time that saw it.
    pub seen: Vec<usize>,
    /// Place of the repository in the list.
    pub repository: Option<usize>,
    /// Of the repository, also where it has no part in the pilot.
    pub team: Option<String>,
    pub arm: Option<Arm>,
    pub opened: Timestamp,
    /// When the last one who saw it was done, or closed the file; nothing while somebody has it.
    pub ended: Option<Timestamp>,
    pub class: DraftClass,
}

/// Everything that was joined.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Draft exposures, one for each installation: each is part of exactly one [`Draft`].
    pub seen: Vec<DraftExposure>,
    pub drafts: Vec<Draft>,
    /// The mirrors' exposures; what landed from a draft was introduced when that opened.
    pub exposures: Vec<Exposure>,
    /// The mirrors' opportunities, in their order, with the same moved starts.
    pub opportunities: Vec<Opportunity>,
}

/// Joins what editors saw with what the mirrors hold. Events after the cut do not count. Costs a look at the exposures of its folder for
/// each draft.
pub fn join(
    pilot: &Pilot,
    targets: &Targets<'_>,
    mirrors: &Mirrors<'_>,
    events: &[Event],
) -> Joined {
    let until_cut = |it: &&Event| it.at.occurred_at <= pilot.cut;
    let events: Vec<Event> = events.iter().filter(until_cut).cloned().collect();
    let seen = drafts(&events);
    let joining = Joining::of(pilot, targets, mirrors);
    let drafts: Vec<Draft> = cases(&seen).into_iter().map(|it| joining.draft(&seen, it)).collect();
    let (exposures, opportunities) = moved(mirrors, &drafts);
    Joined { seen, drafts, exposures, opportunities }
}

/// What names one package version in one target; without a component's key, its advisories do.
#[derive(Eq, Hash, PartialEq)]
enum Identity<'s> {
    Component(Key, Key),
    Advisories(Key, &'s str, &'s [String]),
    /// Without a target's key nothing can be told to be the same.
    Alone(usize),
}

/// One draft's sightings, and its end.
struct Case {
    seen: Vec<usize>,
    opened: Timestamp,
    end: Option<(Timestamp, Cleared)>,
}

/// Sightings of one package version in one target that are of one time; what comes back within 14 days goes on.
fn cases(seen: &[DraftExposure]) -> Vec<Case> {
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by_key(|it| (seen[*it].opened, seen[*it].source, seen[*it].exposure()));
    let mut cases: Vec<Case> = Vec::new();
    let mut latest: HashMap<Identity<'_>, usize> = HashMap::new();
    for place in order {
        let it = &seen[place];
        let identity = match (it.subject.target, it.subject.component) {
            (None, _) => Identity::Alone(place),
            (Some(target), Some(component)) => Identity::Component(target, component),
            (Some(target), None) => {
                let subject = &it.subject;
                Identity::Advisories(target, subject.ecosystem.as_str(), subject.advisories.ids())
            }
        };
        match latest.get(&identity).map(|at| &mut cases[*at]) {
            Some(case) if case.goes_on(it.opened) => case.add(place, it),
            _ => {
                latest.insert(identity, cases.len());
                let end = it.ended.zip(it.how);
                cases.push(Case { seen: vec![place], opened: it.opened, end });
            }
        }
    }
    cases
}

impl Case {
    /// Whether what opens then is the same draft.
    fn goes_on(&self, opened: Timestamp) -> bool {
        match self.end {
            Some((ended, Cleared::Fixed | Cleared::Removed)) => {
                opened.0.saturating_sub(ended.0) <= SETTLED
            }
            Some((ended, Cleared::Suppressed)) => opened <= ended,
            Some((_, Cleared::FileClosed)) | None => true,
        }
    }

    /// Over when the last one who has it is done; whoever still has it keeps it open.
    fn add(&mut self, place: usize, it: &DraftExposure) {
        self.seen.push(place);
        self.end = match (self.end, it.ended.zip(it.how)) {
            (Some(one), Some(other)) => Some(if other.0 >= one.0 { other } else { one }),
            _ => None,
        };
    }

    /// When it was decided in the editors; a closed file decides nothing.
    fn decided(&self) -> Option<(Timestamp, Cleared)> {
        self.end.filter(|it| it.1 != Cleared::FileClosed)
    }
}

struct Joining<'j> {
    pilot: &'j Pilot,
    targets: &'j Targets<'j>,
    mirrors: &'j Mirrors<'j>,
    /// Of each exposure: its opportunity.
    opportunity_of: Vec<Option<usize>>,
}

impl<'j> Joining<'j> {
    fn of(pilot: &'j Pilot, targets: &'j Targets<'j>, mirrors: &'j Mirrors<'j>) -> Self {
        let mut opportunity_of = vec![None; mirrors.exposures.len()];
        for (place, opportunity) in mirrors.opportunities.iter().enumerate() {
            for exposure in &opportunity.exposures {
                if let Some(of) = opportunity_of.get_mut(*exposure) {
                    *of = Some(place);
                }
            }
        }
        Self { pilot, targets, mirrors, opportunity_of }
    }

    fn draft(&self, seen: &[DraftExposure], case: Case) -> Draft {
        let subject = &seen[case.seen[0]].subject;
        let place = subject.target.and_then(|it| self.targets.target(it));
        let team = place.map(|it| self.targets.team(it.repository));
        let arm = team.and_then(|it| self.pilot.arms.get(it)).copied();
        let class = match (subject.target, place, arm) {
            (None, ..) => DraftClass::Unjoined(Unjoined::NoTarget),
            (_, None, _) => DraftClass::Unjoined(Unjoined::UnknownTarget),
            (.., None) => DraftClass::Unjoined(Unjoined::NotInPilot),
            (_, Some(place), Some(_)) => self.class(seen, &case, place),
        };
        Draft {
            repository: place.map(|it| it.repository),
            team: team.map(str::to_owned),
            arm,
            opened: case.opened,
            ended: case.end.map(|it| it.0),
            class,
            seen: case.seen,
        }
    }

    fn class(&self, seen: &[DraftExposure], case: &Case, place: TargetPlace) -> DraftClass {
        let mut alike: BTreeMap<usize, Likeness> = BTreeMap::new();
        for it in &case.seen {
            let found = self.targets.alike(place, &seen[*it].subject, self.mirrors.exposures);
            for (exposure, likeness) in found {
                let known = alike.entry(exposure).or_insert(likeness);
                *known = likeness.max(*known);
            }
        }
        if let Some(opportunity) = self.present(case.opened, &alike) {
            return DraftClass::Present { opportunity };
        }
        if let Some(exposure) = self.landed(case, &alike) {
            let opportunity = self.opportunity_of[exposure];
            return DraftClass::Landed { exposure, opportunity };
        }
        let is_first = |it: &usize| seen[*it].subject.is_first_reference != Some(false);
        match case.decided() {
            None => DraftClass::Pending,
            Some((_, Cleared::Suppressed)) => DraftClass::Suppressed,
            Some((ended, _)) if self.pilot.cut.0.saturating_sub(ended.0) <= SETTLED => {
                DraftClass::Pending
            }
            Some(_) if case.seen.iter().any(is_first) => DraftClass::Prevented,
            Some(_) => DraftClass::Unjoined(Unjoined::AnotherBranch),
        }
    }

    /// The opportunity that was open when the draft was shown.
    fn present(&self, opened: Timestamp, alike: &BTreeMap<usize, Likeness>) -> Option<usize> {
        let open = alike.iter().filter_map(|(exposure, likeness)| {
            let place = self.opportunity_of[*exposure]?;
            let it = &self.mirrors.opportunities[place];
            let is_before = !is_from(it.introduced, opened);
            let is_open = is_before && it.end.is_none_or(|end| end > opened);
            is_open.then_some((*likeness, place))
        });
        open.max_by_key(|(likeness, place)| (*likeness, std::cmp::Reverse(*place))).map(|it| it.1)
    }

    /// The exposure that the draft became: the most alike, of those the first.
    fn landed(&self, case: &Case, alike: &BTreeMap<usize, Likeness>) -> Option<usize> {
        let until = case.decided().map_or(i64::MAX, |it| it.0.0.saturating_add(SETTLED));
        let landed = alike.iter().filter(|(exposure, _)| {
            let introduced = self.mirrors.exposures[**exposure].introduced;
            is_from(introduced, case.opened)
                && introduced.0 <= until
                && introduced <= self.pilot.cut
        });
        let first = |exposure: usize| {
            std::cmp::Reverse((self.mirrors.exposures[exposure].introduced, exposure))
        };
        landed.max_by_key(|(exposure, likeness)| (**likeness, first(**exposure))).map(|it| *it.0)
    }
}

/// Whether a commit is at or after a moment. Git tells whole seconds, so one of the same second may be after it.
fn is_from(commit: Timestamp, moment: Timestamp) -> bool {
    commit.0.saturating_add(SECOND) > moment.0
}

/// Exposures and opportunities with the starts that drafts tell: never later than the commit's.
fn moved(mirrors: &Mirrors<'_>, drafts: &[Draft]) -> (Vec<Exposure>, Vec<Opportunity>) {
    let mut exposures = mirrors.exposures.to_vec();
    let mut opportunities = mirrors.opportunities.to_vec();
    for draft in drafts {
        let DraftClass::Landed { exposure, opportunity } = draft.class else { continue };
        // What one commit brought in came in with it, whatever advisories there are.
        let commit = mirrors.exposures[exposure].introduced;
        let members = opportunity.map(|it| mirrors.opportunities[it].exposures.clone());
        for member in members.unwrap_or_else(|| vec![exposure]) {
            if mirrors.exposures[member].introduced == commit {
                let it = &mut exposures[member];
                it.introduced = it.introduced.min(draft.opened);
                // Only what lands is here, so it is at risk from the commit on: `entry` stays, and no time is immortal.
                it.start = it.introduced.max(it.disclosed);
            }
        }
        if let Some(place) = opportunity {
            follow(&mut opportunities[place], &exposures);
        }
    }
    (exposures, opportunities)
}

/// An opportunity starts with the first of its exposures.
fn follow(it: &mut Opportunity, exposures: &[Exposure]) {
    let members = it.exposures.iter().filter_map(|place| exposures.get(*place));
    let entry = members.clone().map(|it| it.entry).min();
    let Some(first) = members.min_by_key(|it| (it.start, it.introduced)) else { return };
    (it.introduced, it.disclosed, it.start) = (first.introduced, first.disclosed, first.start);
    it.entry = entry.unwrap_or(it.entry).max(it.start);
}
