//! The one decision for every surface: what is shown of a finding, and why.

use fixloop_model::{Class, Rating};

use crate::campaign::{About, Campaign};
use crate::resolve::{Applied, Place, Resolution};
use crate::treatment::{Arm, Mode, Moment, Scope, Surface, Treatment};
use crate::why::Why;

/// What is known of a finding where it meets somebody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Facts {
    pub surface: Surface,
    /// Whether the package was not there before; nothing where that is not known.
    pub is_first_reference: Option<bool>,
    /// Whether the project names the package itself.
    pub is_direct: Option<bool>,
    /// Nothing where nobody rated it.
    pub severity: Option<Rating>,
    pub class: Class,
}

/// What is done about a finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ruling {
    pub mode: Mode,
    /// `treatment-1@3`: what decided, also where it decided for silence.
    pub treatment: Option<String>,
    /// `campaign-1@2`, where a campaign decided.
    pub campaign: Option<String>,
    pub arm: Option<Arm>,
    /// Put before the alert's own words.
    pub words: Option<String>,
    pub link: Option<String>,
    pub why: Why,
}

impl Ruling {
    fn observe(why: Why) -> Self {
        Self {
            mode: Mode::Observe,
            treatment: None,
            campaign: None,
            arm: None,
            words: None,
            link: None,
            why,
        }
    }

    fn of(it: &Applied, why: Why) -> Self {
        let arm = it.place.arm();
        Self { treatment: Some(it.treatment.name()), arm, ..Self::observe(why) }
    }

    /// Whether somebody is told.
    pub fn is_shown(&self) -> bool {
        self.mode > Mode::Observe
    }
}

impl Ruling {
    fn of_campaign(it: &Campaign, mode: Mode) -> Self {
        let (words, link) = (it.words.clone(), it.link.clone());
        Self { mode, campaign: Some(it.name()), words, link, ..Self::observe(Why::Campaign) }
    }
}

/// Whether a treatment is about a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Speaks {
    Yes,
    No,
    Unknown(Why),
}

/// Rules on a finding.
///
/// Silence wins wherever something is not known. A treatment that has the team in its holdout silences what it speaks to, even where
/// another treatment would show it: else the comparison would be between two treatments. Among several live ones the hardest mode
/// counts, and of equals the first by id.
///
/// A campaign is not an experiment: where the team has reached a rung that speaks, it is heard in every arm, unless a treatment speaks
/// harder already.
pub fn decide(resolution: &Resolution, facts: Facts, about: About<'_>) -> Ruling {
    if let Some(why) = resolution.observes {
        return Ruling::observe(why);
    }
    let of_treatments = decide_treatments(resolution, facts, about);
    match loudest_campaign(resolution, about) {
        Some((campaign, mode)) if mode > of_treatments.mode => Ruling::of_campaign(campaign, mode),
        _ => of_treatments,
    }
}

/// The campaign that speaks hardest about a finding, and how hard; of equals the one with the nearest deadline.
pub(crate) fn loudest_campaign<'r>(
    resolution: &'r Resolution,
    about: About<'_>,
) -> Option<(&'r Campaign, Mode)> {
    let ring = resolution.ring.as_deref();
    let speaking = resolution.campaigns.iter().filter(|it| it.is_about(about));
    let with_mode = speaking.filter_map(|it| Some((it, it.step(ring)?.mode)));
    with_mode.max_by_key(|(it, mode)| (*mode, std::cmp::Reverse((it.deadline, it.id.clone()))))
}

fn decide_treatments(resolution: &Resolution, facts: Facts, about: About<'_>) -> Ruling {
    let of_surface =
        || resolution.treatments.iter().filter(|it| it.treatment.surface == facts.surface);
    if of_surface().next().is_none() {
        let (mode, why) = resolution.otherwise;
        return Ruling { mode, ..Ruling::observe(why) };
    }
    let speaking = |place: Place| {
        of_surface()
            .filter(move |it| it.place == place)
            .filter(|it| speaks(&it.treatment, facts, about) == Speaks::Yes)
    };
    let unknown = |place: Place| {
        of_surface().filter(move |it| it.place == place).find_map(|it| {
            match speaks(&it.treatment, facts, about) {
                Speaks::Unknown(why) => Some(why),
                Speaks::Yes | Speaks::No => None,
            }
        })
    };
    if let Some(it) = speaking(Place::Holdout).next() {
        return Ruling::of(it, Why::Holdout);
    }
    if let Some(why) = unknown(Place::Holdout) {
        return Ruling::observe(why);
    }
    // The first of the hardest: they are in the order of their ids.
    let hardest = speaking(Place::Live)
        .reduce(|best, it| if it.treatment.mode > best.treatment.mode { it } else { best });
    if let Some(it) = hardest {
        let Treatment { mode, words, link, .. } = &it.treatment;
        let (words, link) = (words.clone(), link.clone());
        return Ruling { mode: *mode, words, link, ..Ruling::of(it, Why::Treated) };
    }
    if let Some(why) = unknown(Place::Live) {
        return Ruling::observe(why);
    }
    if let Some(it) = speaking(Place::Paused).next() {
        return Ruling::of(it, Why::NotLive);
    }
    let is_unassigned = speaking(Place::Unassigned).next().is_some();
    Ruling::observe(if is_unassigned { Why::Unassigned } else { Why::NotAbout })
}

fn speaks(treatment: &Treatment, facts: Facts, whose: About<'_>) -> Speaks {
    let about = |known: Option<bool>, why: Why| match known {
        Some(true) => Speaks::Yes,
        Some(false) => Speaks::No,
        None => Speaks::Unknown(why),
    };
    let is_below = facts.severity.zip(treatment.threshold).is_some_and(|(it, least)| it < least);
    let is_of_rule = treatment.rule.as_deref() == whose.rule;
    let checks = [
        about(Some(is_of_rule), Why::NotAbout),
        about(Some(!is_below), Why::NotAbout),
        match treatment.scope {
            Scope::All => Speaks::Yes,
            Scope::Malicious => about(Some(facts.class == Class::Malicious), Why::NotAbout),
            Scope::Direct => about(facts.is_direct, Why::DirectUnknown),
        },
        match treatment.moment {
            Moment::Present => Speaks::Yes,
            Moment::FirstReference => about(facts.is_first_reference, Why::FirstReferenceUnknown),
        },
    ];
    // What one of them rules out is ruled out, whatever is not known besides.
    if checks.contains(&Speaks::No) {
        return Speaks::No;
    }
    checks.into_iter().find(|it| *it != Speaks::Yes).unwrap_or(Speaks::Yes)
}
