//! The chain of a pilot, live: delivered, seen, acted, landed or prevented, for each arm, as counts with what they are of.
//!
//! No verdict is drawn from it. It is readable from the first hour on, and says where a treatment gets stuck before any outcome can.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fixloop_model::{Ending, Timestamp};
use fixloop_policy::Arm;
use fixloop_program::record::LeadingMeasure;
use fixloop_telemetry::{Cleared, Event, ExposureId, Kind, Mode, NotUseful, SourceId};

use crate::drafts::{DraftClass, Joined, Unjoined};
use crate::heard::{Heard, heard};
use crate::pilot::{Pilot, is_about};
use crate::targets::Targets;

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// So many, of so many that could be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    pub n: usize,
    pub of: usize,
}

impl Count {
    /// In [0, 1]; nothing of nothing is not defined.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.n as f64 / self.of as f64)
    }
}

/// One arm's chain since the start. Exposures are drafts of this pilot: one package version in one target, by whomever it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmChain {
    pub arm: Arm,
    pub n_teams: usize,
    /// Repositories for which an editor had the started bundle or a later one, of those assigned.
    pub delivered: Count,
    /// Repositories for which the last bundle that an editor met was refused: they observe.
    pub n_refused: usize,
    /// Delivered repositories in which anything was seen.
    pub repositories_seen: Count,
    /// Exposures that were shown, in the holdout silently, of those that the treatment is about and an editor detected.
    pub seen: Count,
    /// Exposures with a fix applied, cleared as fixed or removed, or excepted after they were seen; of those seen.
    pub acted: Count,
    /// Fixed on the default branch after they were seen, of those acted on that stood there.
    pub landed: Count,
    /// Never landed, of those acted on that did not stand on the default branch. The rest may still land.
    pub prevented: Count,
    /// What became of the drafts that were seen, by class.
    pub classes: BTreeMap<&'static str, usize>,
    /// The first counted exposure: shown in the treated arm, silent in the holdout.
    pub first_counted: Option<Timestamp>,
    /// Reasons of *not useful*, with how often each was given.
    pub not_useful: BTreeMap<&'static str, usize>,
    /// What people wrote, by time.
    pub comments: Vec<(NotUseful, String)>,
}

/// A step that a leading measure may name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StepName {
    Delivered,
    Seen,
    Acted,
    Landed,
    Prevented,
}

impl StepName {
    pub const ALL: [Self; 5] =
        [Self::Delivered, Self::Seen, Self::Acted, Self::Landed, Self::Prevented];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Seen => "seen",
            Self::Acted => "acted",
            Self::Landed => "landed",
            Self::Prevented => "prevented",
        }
    }

    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    OverTheLine,
    UnderTheLine,
    /// Its hours are not over, or there is nothing yet that could have been counted.
    TooEarly,
    /// The measure names no step of the chain.
    NoSuchStep,
}

impl Reading {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OverTheLine => "over the line",
            Self::UnderTheLine => "under the line",
            Self::TooEarly => "too early",
            Self::NoSuchStep => "no such step",
        }
    }
}

/// The leading measure of the treated arm, with what it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadingReading {
    pub measure: LeadingMeasure,
    pub count: Count,
    pub reading: Reading,
    /// When its hours are over.
    pub readable_from: Timestamp,
}

/// Events and drafts that nothing could be made of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Unjoinable {
    /// Events about an exposure or a bundle, up to the cut.
    pub n_events: usize,
    pub events: BTreeMap<Unjoined, usize>,
    pub n_drafts: usize,
    pub drafts: BTreeMap<Unjoined, usize>,
    /// Exposures of a treated team that only observed, as before the bundle came.
    pub n_silent_in_treated: usize,
    /// Exposures of a holdout team that were shown all the same.
    pub n_shown_in_holdout: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Treated, then holdout.
    pub arms: [ArmChain; 2],
    pub leading: Option<LeadingReading>,
    pub unjoinable: Unjoinable,
}

impl Chain {
    pub fn arm(&self, arm: Arm) -> &ArmChain {
        match arm {
            Arm::Treated => &self.arms[0],
            Arm::Holdout => &self.arms[1],
        }
    }

    /// When the first exposure was counted in each arm: the later of the two firsts.
    pub fn first_telemetry(&self) -> Option<Timestamp> {
        let [treated, holdout] = &self.arms;
        Some(treated.first_counted?.max(holdout.first_counted?))
    }
}

/// Counts from the start to the cut. `joined` is of the same pilot and events.
pub fn chain(
    pilot: &Pilot,
    targets: &Targets<'_>,
    joined: &Joined,
    events: &[Event],
    leading: Option<&LeadingMeasure>,
) -> Chain {
    let heard = heard(pilot, targets, events);
    let stories = Stories::of(pilot, joined, &heard);
    let deliveries = Deliveries::of(pilot, &heard);
    let arm = |arm| {
        let mut it = stories.arm(arm, joined, pilot.cut);
        deliveries.add(&mut it, (pilot, targets), &stories.repositories_seen(arm, joined));
        add_reasons(&mut it, (pilot, targets), &heard);
        it
    };
    let arms = [arm(Arm::Treated), arm(Arm::Holdout)];
    let leading = leading.map(|it| read(it, &arms[0], pilot));
    Chain { unjoinable: unjoinable(&heard, joined, &stories), arms, leading }
}

/// What happened to one draft since the start.
#[derive(Clone, Copy, Debug, Default)]
struct Story {
    shown: Option<Timestamp>,
    silent: Option<Timestamp>,
    /// When somebody first acted on it after it was seen.
    acted: Option<Timestamp>,
}

impl Story {
    /// When it was seen as its arm is to see it.
    fn counted(&self, arm: Arm) -> Option<Timestamp> {
        match arm {
            Arm::Treated => self.shown,
            Arm::Holdout => self.silent,
        }
    }

    fn is_detected(&self) -> bool {
        self.shown.or(self.silent).is_some()
    }
}

/// A story for each draft.
struct Stories(Vec<Story>);

impl Stories {
    fn of(pilot: &Pilot, joined: &Joined, heard: &[Heard<'_>]) -> Self {
        let places = Places::of(joined);
        let mut stories = vec![Story::default(); joined.drafts.len()];
        for it in heard.iter().filter(|it| it.event.at.occurred_at >= pilot.started) {
            let (Some(subject), Some(draft)) = (&it.event.subject, places.draft(it.event)) else {
                continue;
            };
            let (at, story) = (it.event.at.occurred_at, &mut stories[draft]);
            let arm = joined.drafts[draft].arm;
            match &it.event.kind {
                Kind::AlertShown if is_about(&pilot.treatment, subject) => {
                    let seen = match subject.mode {
                        Mode::Alert => &mut story.shown,
                        Mode::Observe => &mut story.silent,
                    };
                    seen.get_or_insert(at);
                }
                Kind::FixApplied
                | Kind::ExceptionAdded
                | Kind::AlertCleared {
                    how: Cleared::Fixed | Cleared::Removed | Cleared::Suppressed,
                } if arm.is_some_and(|arm| story.counted(arm).is_some()) => {
                    story.acted.get_or_insert(at);
                }
                _ => {}
            }
        }
        Self(stories)
    }

    /// Everything of an arm that drafts tell.
    fn arm(&self, arm: Arm, joined: &Joined, cut: Timestamp) -> ArmChain {
        let mut chain = ArmChain {
            arm,
            n_teams: 0,
            delivered: Count::default(),
            n_refused: 0,
            repositories_seen: Count::default(),
            seen: Count::default(),
            acted: Count::default(),
            landed: Count::default(),
            prevented: Count::default(),
            classes: BTreeMap::new(),
            first_counted: None,
            not_useful: BTreeMap::new(),
            comments: Vec::new(),
        };
        for (draft, story) in joined.drafts.iter().zip(&self.0) {
            if draft.arm != Some(arm) || !story.is_detected() {
                continue;
            }
            chain.seen.of += 1;
            let Some(counted) = story.counted(arm) else { continue };
            chain.seen.n += 1;
            chain.acted.of += 1;
            chain.first_counted = Some(chain.first_counted.map_or(counted, |it| it.min(counted)));
            *chain.classes.entry(draft.class.as_str()).or_default() += 1;
            if story.acted.is_none() {
                continue;
            }
            chain.acted.n += 1;
            let (count, is_done) = match draft.class {
                DraftClass::Present { opportunity } => {
                    (&mut chain.landed, is_fixed(joined, Some(opportunity), (counted, cut)))
                }
                DraftClass::Landed { opportunity, .. } => {
                    (&mut chain.landed, is_fixed(joined, opportunity, (counted, cut)))
                }
                class => (&mut chain.prevented, class == DraftClass::Prevented),
            };
            count.of += 1;
            count.n += usize::from(is_done);
        }
        chain
    }

    fn repositories_seen(&self, arm: Arm, joined: &Joined) -> BTreeSet<usize> {
        let drafts = joined.drafts.iter().zip(&self.0);
        let of_arm =
            drafts.filter(|(draft, story)| draft.arm == Some(arm) && story.counted(arm).is_some());
        of_arm.filter_map(|(draft, _)| draft.repository).collect()
    }
}

fn is_fixed(
    joined: &Joined,
    opportunity: Option<usize>,
    (seen, cut): (Timestamp, Timestamp),
) -> bool {
    let it = opportunity.and_then(|it| joined.opportunities.get(it));
    let is_in_time = |it: &Timestamp| seen <= *it && *it <= cut;
    it.is_some_and(|it| {
        matches!(it.outcome, Ending::Upgraded | Ending::Removed)
            && it.end.as_ref().is_some_and(is_in_time)
    })
}

/// Which draft an event is of: by installation, exposure and time.
struct Places(HashMap<(SourceId, ExposureId), Vec<(Timestamp, usize)>>);

impl Places {
    fn of(joined: &Joined) -> Self {
        let mut places: HashMap<(SourceId, ExposureId), Vec<(Timestamp, usize)>> = HashMap::new();
        for (place, draft) in joined.drafts.iter().enumerate() {
            for seen in &draft.seen {
                let it = &joined.seen[*seen];
                places.entry((it.source, it.exposure())).or_default().push((it.opened, place));
            }
        }
        for it in places.values_mut() {
            it.sort_unstable();
        }
        Self(places)
    }

    fn draft(&self, event: &Event) -> Option<usize> {
        let exposure = event.subject.as_ref()?.exposure;
        let of_it = self.0.get(&(event.source, exposure))?;
        let n_before = of_it.partition_point(|it| it.0 <= event.at.occurred_at);
        Some(of_it[n_before.checked_sub(1)?].1)
    }
}

/// What editors said of bundles since the start.
struct Deliveries {
    delivered: BTreeSet<usize>,
    /// Of each repository: whether the last bundle was refused.
    last_refused: BTreeMap<usize, bool>,
}

impl Deliveries {
    fn of(pilot: &Pilot, heard: &[Heard<'_>]) -> Self {
        let mut found = Self { delivered: BTreeSet::new(), last_refused: BTreeMap::new() };
        for it in heard.iter().filter(|it| it.event.at.occurred_at >= pilot.started) {
            let (Ok(place), Kind::Policy { version, is_refused, .. }) = (it.place, &it.event.kind)
            else {
                continue;
            };
            found.last_refused.insert(place, *is_refused);
            if *version >= pilot.bundle && !is_refused {
                found.delivered.insert(place);
            }
        }
        found
    }

    fn add(
        &self,
        chain: &mut ArmChain,
        (pilot, targets): (&Pilot, &Targets<'_>),
        seen: &BTreeSet<usize>,
    ) {
        chain.n_teams = pilot.arms.values().filter(|it| **it == chain.arm).count();
        let is_of_arm = |it: &usize| pilot.arms.get(targets.team(*it)) == Some(&chain.arm);
        let assigned: Vec<usize> = (0..targets.repositories.len()).filter(is_of_arm).collect();
        let of_arm = |it: &&usize| assigned.binary_search(it).is_ok();
        let delivered = self.delivered.iter().filter(of_arm);
        chain.delivered = Count { n: delivered.clone().count(), of: assigned.len() };
        chain.repositories_seen =
            Count { n: delivered.filter(|it| seen.contains(it)).count(), of: chain.delivered.n };
        let refused = self.last_refused.iter().filter(|it| *it.1).map(|it| it.0);
        chain.n_refused = refused.filter(of_arm).count();
    }
}

fn add_reasons(
    chain: &mut ArmChain,
    (pilot, targets): (&Pilot, &Targets<'_>),
    heard: &[Heard<'_>],
) {
    for it in heard.iter().filter(|it| it.event.at.occurred_at >= pilot.started) {
        let Kind::NotUseful { reason, comment } = &it.event.kind else { continue };
        if it.arm(pilot, targets) != Some(chain.arm) {
            continue;
        }
        *chain.not_useful.entry(reason.as_str()).or_default() += 1;
        if let Some(comment) = comment {
            chain.comments.push((*reason, comment.as_str().to_owned()));
        }
    }
}

/// Of the step before: repositories for the first two steps, exposures for the others.
fn read(measure: &LeadingMeasure, treated: &ArmChain, pilot: &Pilot) -> LeadingReading {
    let step = StepName::of_word(&measure.step);
    let count = step.map_or_else(Count::default, |it| match it {
        StepName::Delivered => treated.delivered,
        StepName::Seen => treated.repositories_seen,
        StepName::Acted => treated.acted,
        StepName::Landed => treated.landed,
        StepName::Prevented => treated.prevented,
    });
    let wait = i64::from(measure.within_hours).saturating_mul(HOUR);
    let readable_from = Timestamp(pilot.started.0.saturating_add(wait));
    let reading = match (step, count.share()) {
        (None, _) => Reading::NoSuchStep,
        (Some(_), Some(share)) if pilot.cut >= readable_from => {
            if share >= measure.line {
                Reading::OverTheLine
            } else {
                Reading::UnderTheLine
            }
        }
        _ => Reading::TooEarly,
    };
    LeadingReading { measure: measure.clone(), count, reading, readable_from }
}

fn unjoinable(heard: &[Heard<'_>], joined: &Joined, stories: &Stories) -> Unjoinable {
    let mut found = Unjoinable { n_drafts: joined.drafts.len(), ..Unjoinable::default() };
    for it in heard {
        if it.event.subject.is_none() && !matches!(it.event.kind, Kind::Policy { .. }) {
            continue;
        }
        found.n_events += 1;
        if let Err(reason) = it.place {
            *found.events.entry(reason).or_default() += 1;
        }
    }
    for (draft, story) in joined.drafts.iter().zip(&stories.0) {
        if let DraftClass::Unjoined(reason) = draft.class {
            *found.drafts.entry(reason).or_default() += 1;
        }
        let in_other_mode = match draft.arm {
            Some(Arm::Treated) => story.shown.is_none() && story.silent.is_some(),
            Some(Arm::Holdout) => story.shown.is_some(),
            None => false,
        };
        match draft.arm {
            Some(Arm::Treated) => found.n_silent_in_treated += usize::from(in_other_mode),
            Some(Arm::Holdout) => found.n_shown_in_holdout += usize::from(in_other_mode),
            None => {}
        }
    }
    found
}
