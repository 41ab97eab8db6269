//! Why something is shown or not, in a closed set that people are told.

/// The reason of a ruling.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Why {
    WithoutPolicy,
    /// The bundle cannot be read, or not be believed.
    NotBelieved,
    /// The last believed bundle has not been confirmed for too long.
    Stale,
    KillSwitch,
    NoRepository,
    UnknownRepository,
    Holdout,
    NotLive,
    Unassigned,
    FirstReferenceUnknown,
    DirectUnknown,
    NotAbout,
    Treated,
    Campaign,
    Otherwise,
}

impl Why {
    pub const ALL: &[Self] = &[
        Self::WithoutPolicy,
        Self::NotBelieved,
        Self::Stale,
        Self::KillSwitch,
        Self::NoRepository,
        Self::UnknownRepository,
        Self::Holdout,
        Self::NotLive,
        Self::Unassigned,
        Self::FirstReferenceUnknown,
        Self::DirectUnknown,
        Self::NotAbout,
        Self::Treated,
        Self::Campaign,
        Self::Otherwise,
    ];

    /// For JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WithoutPolicy => "without_policy",
            Self::NotBelieved => "not_believed",
            Self::Stale => "stale",
            Self::KillSwitch => "kill_switch",
            Self::NoRepository => "no_repository",
            Self::UnknownRepository => "unknown_repository",
            Self::Holdout => "holdout",
            Self::NotLive => "not_live",
            Self::Unassigned => "unassigned",
            Self::FirstReferenceUnknown => "first_reference_unknown",
            Self::DirectUnknown => "direct_unknown",
            Self::NotAbout => "not_about",
            Self::Treated => "treated",
            Self::Campaign => "campaign",
            Self::Otherwise => "otherwise",
        }
    }

    /// For people; without a period, as every message here.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::WithoutPolicy => "no policy is configured here, so alerts are shown",
            Self::NotBelieved => {
                "there is no policy bundle that can be believed, so everything observes"
            }
            Self::Stale => {
                "the policy bundle has not been confirmed for too long, so everything observes"
            }
            Self::KillSwitch => "the policy's kill switch is on, so everything observes",
            Self::NoRepository => {
                "the file is in no repository with an address, so nobody knows whose it is"
            }
            Self::UnknownRepository => "the policy does not list this repository, so it observes",
            Self::Holdout => {
                "the team is in the holdout, which observes for as long as there is one"
            }
            Self::NotLive => {
                "the team is assigned, and its ring's turn has not come or the rollout is paused"
            }
            Self::Unassigned => "the team is not assigned to a treatment that speaks to this",
            Self::FirstReferenceUnknown => {
                "a treatment speaks at first references only, and whether this is one is not known"
            }
            Self::DirectUnknown => {
                "a treatment speaks of direct dependencies only, and whether this is one is not known"
            }
            Self::NotAbout => "no treatment of this surface speaks to such a finding",
            Self::Treated => "the team gets this treatment",
            Self::Campaign => "an open campaign is about this, and the team has reached its rung",
            Self::Otherwise => {
                "no treatment speaks to this surface, so the policy's `otherwise` holds"
            }
        }
    }
}
