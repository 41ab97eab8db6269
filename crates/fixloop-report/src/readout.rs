//! A readout rendered: text for people, a JSON fragment, the rows as CSV, and one HTML file.

pub(crate) mod chart;
mod csv;
mod html;
mod json;
mod text;
pub(crate) mod words;

pub use csv::write_rows_csv;
pub use html::write_readout_html;
pub use json::{ReadoutJson, definition_json, readout_json, rows_json};
pub use text::write_readout_text;

#[cfg(test)]
mod tests;
