//! A made-up organisation for stories and tests: teams with real git repositories, advisories that are disclosed over time, and
//! developers who fix at their own pace. Everything comes from a seed: the same seed gives the same commits, byte for byte.
//!
//! [`Organization::new`] writes the past at once: `host/*.git` (bare), `repositories.csv` and `advisories/` (OSV records, each from the
//! day of its publication). Then days pass. [`Organization::work`] is what developers have open on a day; somebody shows them alerts, or
//! does not; [`Organization::live`] asks which, and lets the day's commits happen; [`Organization::push`] writes them.
//! [`Organization::advance`] does both for several days.
//!
//! The organisation knows nothing of arms, treatments or fixloop: an alert is a yes to the question whether a team was shown an exposure.
//! From then on the remaining time to the fix is multiplied by the planted [`Settings::effect`], and a vulnerable version that was about to
//! come in for the first time is left out with the probability [`Settings::prevention`].
//!
//! How often things happen is measured on ten public repositories ([`measured`]), or else said to be assumed there.

mod alerts;
mod calendar;
mod catalog;
mod files;
mod host;
pub mod measured;
mod opening;
mod organization;
mod osv;
pub mod random;
mod repository;
mod settings;
mod work;

pub use host::SimError;
pub use organization::{Organization, RepositoryInfo};
pub use repository::{Landed, LandedKind, Planted};
pub use settings::{Settings, TimeToFix};
pub use work::{Moment, Shown, Work};
