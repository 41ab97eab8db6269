//! Domain nouns and their invariants; no serialization, no input or output, no dependencies.
//!
//! The words are those of `docs/glossary.md`. Wire shapes (OSV JSON, index rows, report JSON) live at the edges.

mod advisory;
mod build_check;
mod component;
mod ecosystem;
mod exposure;
mod files;
mod finding;
mod line_index;
mod package;
mod span;

pub use advisory::{
    Advisory, Affected, Bound, Event, Range, RangeType, Rating, Severity, SeveritySource, Timestamp,
};
pub use build_check::{BuildCheck, CheckState};
pub use component::{Component, Declaration, Parsed, Problem, Reach, Scope, Source};
pub use ecosystem::Ecosystem;
pub use exposure::{Ending, Exposure, Opportunity, Regression};
pub use files::Files;
pub use finding::{
    AsOf, Base, Class, Diff, Exploited, Finding, IndexSummary, InventoryItem, Place, Scan,
    ScannedFile, Suppressed, Unknown, UnknownKind,
};
pub use line_index::{LineIndex, Position};
pub use package::normalize_name;
pub use span::Span;
