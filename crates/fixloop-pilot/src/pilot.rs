//! What is joined: the pilot as its record has it, and what the mirrors say.

use std::collections::BTreeMap;

use fixloop_model::{Class, Exposure, Opportunity, Rating, Timestamp};
use fixloop_policy::{Arm, Moment, RepositoryId, Scope, Surface, Treatment};
use fixloop_telemetry::Subject;

/// In microseconds.
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// A pilot that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Pilot {
    pub started: Timestamp,
    /// The data cut: nothing later counts, be it an event or a commit.
    pub cut: Timestamp,
    /// The version of the bundle that the start wrote.
    pub bundle: u64,
    /// Days before the start that adjust the scores.
    pub history_days: u32,
    pub treatment: Treatment,
    /// Every team of the pilot, as assigned and never as received.
    pub arms: BTreeMap<String, Arm>,
}

/// One repository of the fleet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MirroredRepository {
    /// As in [`Opportunity::repository`].
    pub name: String,
    pub id: RepositoryId,
    /// As in the policy bundle, which knows one team for each repository.
    pub team: String,
    /// Every lockfile and manifest that was ever on its default branch, from its root with `/`. Those of exposures need not be among them.
    pub paths: Vec<String>,
}

/// What the mirrors' histories say, up to the cut.
#[derive(Clone, Copy, Debug)]
pub struct Mirrors<'a> {
    pub repositories: &'a [MirroredRepository],
    pub exposures: &'a [Exposure],
    /// Their exposures are places in `exposures`.
    pub opportunities: &'a [Opportunity],
}

/// Whether a treatment is about an opportunity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InScope {
    Yes,
    No,
    /// It was there at the first commit of the history: whether its advisory was public when it came in, nobody knows.
    CannotTell,
}

/// Alike in both arms and both periods, and by the mirrors alone: no editor has to be on for it.
///
/// `at_introduction` is the opportunity as its commits tell it, before any draft moved its start.
pub fn in_scope(treatment: &Treatment, at_introduction: &Opportunity) -> InScope {
    let it = at_introduction;
    let rating = it.severity.as_ref().map(|it| it.rating);
    if !of_scope(treatment, it.class, rating, it.direct) {
        return InScope::No;
    }
    match (treatment.moment, it.disclosed <= it.introduced, it.left_truncated) {
        (Moment::Present, ..) | (Moment::FirstReference, true, false) => InScope::Yes,
        (Moment::FirstReference, true, true) => InScope::CannotTell,
        (Moment::FirstReference, false, _) => InScope::No,
    }
}

/// The same of what an editor or agent saw.
pub(crate) fn is_about(treatment: &Treatment, subject: &Subject) -> bool {
    let is_surface = match treatment.surface {
        Surface::Editor => subject.surface == fixloop_telemetry::Surface::Editor,
        Surface::Agent => subject.surface == fixloop_telemetry::Surface::Agent,
        Surface::PullRequest | Surface::Build => false,
    };
    let is_moment = match treatment.moment {
        Moment::Present => true,
        Moment::FirstReference => subject.is_first_reference != Some(false),
    };
    is_surface
        && is_moment
        && of_scope(treatment, subject.class, subject.severity, subject.is_direct)
}

/// Unrated ones pass the threshold, for nobody knows. What no upgrade clears is in no statistic.
fn of_scope(
    treatment: &Treatment,
    class: Class,
    rating: Option<Rating>,
    direct: Option<bool>,
) -> bool {
    let is_scope = match treatment.scope {
        Scope::All => true,
        Scope::Malicious => class == Class::Malicious,
        Scope::Direct => direct == Some(true),
    };
    let passes = treatment.threshold.zip(rating).is_none_or(|(least, rating)| rating >= least);
    class <= Class::Vulnerability && is_scope && passes
}

/// Microseconds from the first to the second, as days.
pub(crate) fn days(from: Timestamp, until: Timestamp) -> f64 {
    until.0.saturating_sub(from.0) as f64 / DAY as f64
}
