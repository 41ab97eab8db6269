//! Which of a bundle's treatments apply to a repository's team, and how.

use std::fmt;

use crate::bundle::{Assigned, Bundle};
use crate::campaign::Campaign;
use crate::keys::Key;
use crate::treatment::{Arm, Mode, Surface, Treatment};
use crate::why::Why;

/// What applies to one repository. Made once per bundle; [`crate::decide`] asks it for each finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resolution {
    /// Of the bundle that says so; none where there is none that can be believed.
    pub version: Option<u64>,
    pub team: Option<String>,
    pub ring: Option<String>,
    /// Every treatment of the bundle, whatever its surface, by id.
    pub treatments: Vec<Applied>,
    /// Open ones in which the team has reached a rung, by id.
    pub campaigns: Vec<Campaign>,
    /// Everything observes, for this reason.
    pub observes: Option<Why>,
    /// What holds on a surface that no treatment speaks to, and why that is asked at all.
    pub(crate) otherwise: (Mode, Why),
}

/// A treatment, and the team's place in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Applied {
    pub treatment: Treatment,
    pub place: Place,
}

/// A team's place in a treatment's rollout.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Place {
    Unassigned,
    /// Its ring's turn has not come, or the rollout is paused.
    Paused,
    Live,
    Holdout,
}

impl Place {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unassigned => "unassigned",
            Self::Paused => "not live",
            Self::Live => "treated",
            Self::Holdout => "holdout",
        }
    }

    pub fn arm(self) -> Option<Arm> {
        match self {
            Self::Unassigned => None,
            Self::Paused | Self::Live => Some(Arm::Treated),
            Self::Holdout => Some(Arm::Holdout),
        }
    }

    /// The holdout stays one while nothing of it is live.
    fn of(assigned: &Assigned) -> Self {
        match (assigned.arm, assigned.is_live) {
            (Arm::Holdout, _) => Self::Holdout,
            (Arm::Treated, true) => Self::Live,
            (Arm::Treated, false) => Self::Paused,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Resolution {
    /// Nobody configured a policy: alerts are shown as they always were.
    pub fn without_policy() -> Self {
        let otherwise = (Mode::Alert, Why::WithoutPolicy);
        Self {
            version: None,
            team: None,
            ring: None,
            treatments: Vec::new(),
            campaigns: Vec::new(),
            observes: None,
            otherwise,
        }
    }

    /// A policy is configured, and there is no bundle that can be believed.
    pub fn observing(why: Why) -> Self {
        let otherwise = (Mode::Observe, why);
        Self { observes: Some(why), otherwise, ..Self::without_policy() }
    }

    /// Only what is asked of one surface, for whoever asks often.
    #[must_use]
    pub fn on(mut self, surface: Surface) -> Self {
        self.treatments.retain(|it| it.treatment.surface == surface);
        self
    }

    /// Whether nothing can be shown on a surface, whatever the finding.
    pub fn is_silent_on(&self, surface: Surface) -> bool {
        let of_surface = || self.treatments.iter().filter(|it| it.treatment.surface == surface);
        let is_loud = |it: &Applied| it.place == Place::Live && it.treatment.mode > Mode::Observe;
        let step = |it: &Campaign| it.step(self.ring.as_deref()).map(|it| it.mode);
        let has_campaign = self.campaigns.iter().any(|it| step(it) > Some(Mode::Observe));
        self.observes.is_some()
            || !has_campaign
                && if of_surface().next().is_some() {
                    !of_surface().any(is_loud)
                } else {
                    self.otherwise.0 == Mode::Observe
                }
    }

    /// Whether a policy decides, rather than the installation.
    pub fn has_policy(&self) -> bool {
        self.otherwise.1 != Why::WithoutPolicy
    }
}

/// What applies to a repository, by [`crate::OrganizationKey::repository`]; `None` for what lies in none.
pub fn resolve(bundle: &Bundle, repository: Option<Key>) -> Resolution {
    let team = repository.and_then(|it| bundle.repositories.get(&it));
    let why = if repository.is_some() { Why::UnknownRepository } else { Why::NoRepository };
    let mut resolution = match team {
        Some(team) => resolve_team(bundle, team),
        None => Resolution { version: Some(bundle.version), ..Resolution::observing(why) },
    };
    // Said before anything else: it is what somebody will ask about.
    if bundle.kill_switch {
        resolution.observes = Some(Why::KillSwitch);
    }
    resolution
}

/// What applies to a team.
pub fn resolve_team(bundle: &Bundle, team: &str) -> Resolution {
    let ring = bundle.rings.iter().find(|it| it.teams.iter().any(|it| it == team));
    let place = |treatment: &Treatment| {
        let of_team = |it: &&Assigned| it.team == team && it.treatment == treatment.id;
        // Two rollouts of one treatment may overlap: whoever is in the holdout of one is in none's treated arm.
        bundle.assigned.iter().filter(of_team).map(Place::of).max().unwrap_or(Place::Unassigned)
    };
    let mut treatments: Vec<Applied> = bundle
        .treatments
        .iter()
        .map(|it| Applied { place: place(it), treatment: it.clone() })
        .collect();
    treatments.sort_by(|a, b| a.treatment.id.cmp(&b.treatment.id));
    let name = ring.map(|it| &*it.name);
    let mut campaigns: Vec<Campaign> =
        bundle.campaigns.iter().filter(|it| it.step(name).is_some()).cloned().collect();
    campaigns.sort_by(|a, b| a.id.cmp(&b.id));
    Resolution {
        version: Some(bundle.version),
        team: Some(team.to_owned()),
        ring: ring.map(|it| it.name.clone()),
        treatments,
        campaigns,
        observes: bundle.kill_switch.then_some(Why::KillSwitch),
        otherwise: (bundle.otherwise, Why::Otherwise),
    }
}
