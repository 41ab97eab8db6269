//! When a target was exposed: episodes from inventories over time, and what one upgrade closes.
//!
//! [`exposures`] is one pure function over what was seen when. It serves git histories and, later, reports of builds alike:
//!
//! 1. [`carry_over`] joins files that are one target: a moved lockfile, one that replaces another package manager's.
//! 2. [`timeline`] gives what a target held from when on. What could not be read, and a sudden loss of most components, is no proof
//!    that anything went.
//! 3. [`episode`] gives, per package and alias group, when an affected version was there; what comes back within 14 days never went.
//! 4. [`opportunity`] joins the exposures of one package that are open together.

mod carry_over;
mod episode;
mod exposures;
mod opportunity;
mod sightings;
#[cfg(test)]
mod tests;
mod timeline;

pub use exposures::{EarlyEnd, Exposures, exposures};
pub use sightings::{
    Acceptance, FileState, FileTrack, Held, Hit, Moment, Sighting, Sightings, VulnerabilityGroup,
};

use fixloop_model::Timestamp;

/// What comes back within this time never went (`docs/exposures.md`).
pub const REOPEN_DAYS: i64 = 14;

/// [`REOPEN_DAYS`] in microseconds.
pub(crate) const REOPEN: i64 = REOPEN_DAYS * 86_400_000_000;

/// Whether `later` lies within the reopening window of `earlier`.
pub(crate) fn is_soon(earlier: Timestamp, later: Timestamp) -> bool {
    later.0.saturating_sub(earlier.0) <= REOPEN
}
