//! One scan rendered: text for people, JSON for scripts.

mod json;
mod purl;
mod text;
mod time;
mod visible;

pub use json::write_json;
pub use purl::purl;
pub use text::write_text;
pub use time::{day, rfc3339};
pub use visible::visible;
