//! Where an editor or a build gets its organization's policy from: a file or an HTTPS address.
//!
//! [`Policy`] reads the bundle, believes it or not, keeps the last one that it believed, and says what counts now as a [`Standing`].
//! [`Follower`] is what a server holds: the policy, what of it applies to a file, and where events go.
//! [`BuildChecks`] and [`private_index`] are what a bundle adds to what is looked for.
//! Whatever goes wrong ends in silence, never in a louder mode, and is said once.

mod build_checks;
mod build_rule;
mod cache;
mod causes;
mod follower;
mod key;
mod policy;
mod private_advisories;
mod source;
mod standing;
#[cfg(test)]
mod tests;

pub use build_checks::BuildChecks;
pub use build_rule::BuildRule;
pub use causes::with_causes;
pub use follower::{Applies, Follower, Identity, PolicyPlace, Tree};
pub use key::{KeyError, public_key};
pub use policy::{MAX_STALE_US, Policy, Polled};
pub use private_advisories::{PrivateError, private_index};
pub use source::{PolicySource, SourceError};
pub use standing::Standing;
