//! What counts now.

use std::sync::Arc;

use fixloop_policy::{Bundle, RepositoryId, Resolution, Why, resolve};

/// What counts now: a bundle, or silence for a reason. Cheap to copy and to send elsewhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    Bundle(Arc<Bundle>),
    Observing {
        why: Why,
        /// There was one that was not believed, rather than none at all.
        is_refused: bool,
    },
}

impl Standing {
    pub fn bundle(&self) -> Option<&Arc<Bundle>> {
        match self {
            Self::Bundle(bundle) => Some(bundle),
            Self::Observing { .. } => None,
        }
    }

    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Observing { is_refused: true, .. })
    }

    /// What applies to a repository; `None` for what lies in none that has an address.
    pub fn resolution(&self, repository: Option<&RepositoryId>) -> Resolution {
        match self {
            Self::Bundle(bundle) => {
                resolve(bundle, repository.map(|it| bundle.telemetry.key.repository(it)))
            }
            Self::Observing { why, .. } => Resolution::observing(*why),
        }
    }
}
