//! One scan rendered: text for people, JSON for scripts.

mod history_json;
mod json;
mod purl;
mod text;
mod time;
mod visible;

pub use history_json::{GapRow, HistoryReport, RepositoryRow, write_history_json};
pub use json::write_json;
pub use purl::purl;
pub use text::write_text;
pub use time::{day, rfc3339};
pub use visible::visible;
