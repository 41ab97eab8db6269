//! The syntaxes themselves, for checks of files that are no manifests: texts as trees with byte spans.
//!
//! All readers are total: what could not be read is in the document's problems, and the rest is there.

pub use crate::tree::{Document, Text, Value};

/// JSON with comments and trailing commas, RFC 8259.
pub fn json(text: &str) -> Document<'_> {
    crate::json::parse(text)
}

/// TOML 1.1, <https://toml.io>.
pub fn toml(text: &str) -> Document<'_> {
    crate::toml::parse(text)
}

/// The everyday part of YAML 1.2, <https://yaml.org/spec/1.2.2/>; aliases are not expanded.
pub fn yaml(text: &str) -> Document<'_> {
    crate::yaml::parse(text)
}

pub mod xml {
    //! XML 1.0, <https://www.w3.org/TR/xml/>, without document types and entities of their own.

    pub use crate::xml::{Document, Element, Text};
}
