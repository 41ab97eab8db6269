//! What a build does about a finding: the ruling of every surface, held back where nobody could act.

use fixloop_model::{Class, Rating};

use crate::campaign::{About, BranchKind, Campaign};
use crate::decide::{Facts, Ruling, decide};
use crate::resolve::Resolution;
use crate::treatment::Mode;
use crate::why::Why;

/// How a finding stands to the merge-base.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Change {
    Introduced,
    /// The package was affected before, and more severely now.
    Worsened,
    PreExisting,
    /// It was there before, and nobody could know: its advisory is younger than the merge-base.
    NewlyDisclosed,
    Fixed,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Introduced => "introduced",
            Self::Worsened => "worsened",
            Self::PreExisting => "pre-existing",
            Self::NewlyDisclosed => "newly-disclosed",
            Self::Fixed => "fixed",
        }
    }

    /// Whether this change brought it.
    pub fn is_of_this_change(self) -> bool {
        matches!(self, Self::Introduced | Self::Worsened)
    }
}

/// What a build knows of a finding.
#[derive(Clone, Copy, Debug)]
pub struct BuildFacts<'a> {
    /// Of the surface `build` or `pull_request`.
    pub facts: Facts,
    pub about: About<'a>,
    pub change: Change,
    /// Whether there is a version, or a change of configuration, that clears it.
    pub has_fix: bool,
    pub branch: BranchKind,
    /// Microseconds since 1970, UTC.
    pub now: i64,
}

/// What a build does about a finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BuildRuling {
    pub ruling: Ruling,
    /// What is done; never harder than the ruling's.
    pub mode: Mode,
    /// What would be done if every rule were in [`Mode::Break`].
    pub would: Mode,
    /// From when on this ends builds; until then it is counted down. Microseconds since 1970, UTC.
    pub deadline: Option<i64>,
    pub because: Because,
}

/// Why a build ends, or does not although the ruling would end it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Because {
    /// The ruling's own reason is all there is.
    Ruling,
    BuiltIn,
    WasThereBefore,
    NoFix,
    Grace,
    GraceIsOver,
    OtherBranch,
    Gone,
}

impl Because {
    /// For people; without a period.
    pub fn sentence(self, why: Why) -> &'static str {
        match self {
            Self::Ruling => why.sentence(),
            Self::BuiltIn => "no policy is configured, so the built-in one decides",
            Self::WasThereBefore => {
                "it was there before this change, which it therefore does not end"
            }
            Self::NoFix => "there is no fix yet, so it is watched and ends no build",
            Self::Grace => "it was there before, and may stay until the grace period ends",
            Self::GraceIsOver => "the campaign's grace period is over",
            Self::OtherBranch => "the campaign does not break builds of this kind of branch",
            Self::Gone => "it is no longer there",
        }
    }
}

/// Rules on a finding of a build.
///
/// Only what this change introduced or worsened, and what has a fix, ends a build; a campaign's targets may not keep what was there before
/// either, once its grace period is over.
pub fn decide_build(resolution: &Resolution, it: &BuildFacts<'_>) -> BuildRuling {
    let mut ruling = decide(resolution, it.facts, it.about);
    if ruling.why == Why::WithoutPolicy {
        // Nobody said anything: what is built in decides.
        ruling.mode = built_in(it);
    }
    let campaign = breaking_campaign(resolution, it);
    let (mode, because, deadline) = held_back(&ruling, it, campaign);
    let harder = Ruling { mode: Mode::Break, ..ruling.clone() };
    let would = match ruling.why {
        _ if it.change == Change::Fixed => Mode::Observe,
        // Nothing of the policy speaks of it, however hard it spoke.
        Why::WithoutPolicy | Why::NotAbout => mode,
        _ => held_back(&harder, it, None).0.max(mode),
    };
    BuildRuling { ruling, mode, would, deadline, because }
}

/// Malicious packages, and critical and high vulnerabilities; everything else is told.
fn built_in(it: &BuildFacts<'_>) -> Mode {
    let is_severe = it.facts.severity >= Some(Rating::High);
    let breaks =
        it.facts.class == Class::Malicious || (it.facts.class == Class::Vulnerability && is_severe);
    if breaks { Mode::Break } else { Mode::Alert }
}

/// When the campaign that decided ends builds, and whether it does on this branch.
fn breaking_campaign(resolution: &Resolution, it: &BuildFacts<'_>) -> Option<(i64, bool)> {
    let ring = resolution.ring.as_deref();
    let breaks_at = |campaign: &Campaign| {
        let at = campaign.step(ring)?.breaks_at()?;
        Some((at, campaign.branches.contains(&it.branch)))
    };
    let about = resolution.campaigns.iter().filter(|campaign| campaign.is_about(it.about));
    about.filter_map(breaks_at).min_by_key(|(at, is_here)| (!is_here, *at))
}

fn held_back(
    ruling: &Ruling,
    it: &BuildFacts<'_>,
    campaign: Option<(i64, bool)>,
) -> (Mode, Because, Option<i64>) {
    let of_ruling = match ruling.why {
        Why::WithoutPolicy => Because::BuiltIn,
        _ => Because::Ruling,
    };
    if it.change == Change::Fixed {
        return (Mode::Observe, Because::Gone, None);
    }
    let is_by_campaign = ruling.campaign.is_some();
    match campaign {
        Some((_, false)) if is_by_campaign => {
            return (ruling.mode.min(Mode::Alert), Because::OtherBranch, None);
        }
        Some((at, true)) if ruling.mode == Mode::Break && !it.change.is_of_this_change() => {
            let is_over = it.now >= at;
            let (mode, because) = match (it.has_fix, is_over) {
                (false, _) => (Mode::Alert, Because::NoFix),
                (true, true) => (Mode::Break, Because::GraceIsOver),
                (true, false) => (Mode::Alert, Because::Grace),
            };
            return (mode, because, Some(at));
        }
        _ => {}
    }
    if ruling.mode < Mode::Break {
        return (ruling.mode, of_ruling, None);
    }
    if !it.change.is_of_this_change() {
        return (Mode::Alert, Because::WasThereBefore, None);
    }
    // What takes over a machine is no matter of having something better.
    if !it.has_fix && it.facts.class != Class::Malicious {
        return (Mode::Alert, Because::NoFix, None);
    }
    (Mode::Break, of_ruling, None)
}
