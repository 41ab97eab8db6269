//! A gate's report rendered for every place that shows one: text, JSON, SARIF, annotations of GitHub and Azure DevOps, `JUnit`, Markdown.
//!
//! Pure: the caller decides and gathers. What people hear of is chosen once ([`fixloop_gate::Report::told`]) and put into words once
//! ([`words`]); each writer escapes for its own reader. JSON alone also tells what is only observed, for scripts and events.

mod annotations;
mod escape;
mod groups;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;
mod words;

pub use annotations::{write_gate_azure, write_gate_github};
pub use json::write_gate_json;
pub(crate) use json::{CheckJson, check, of_build};
pub use junit::write_gate_junit;
pub use markdown::{write_gate_markdown, write_gate_summary};
pub use sarif::write_gate_sarif;
pub use text::write_gate_text;
