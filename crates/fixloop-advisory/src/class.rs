//! What kind of finding an advisory makes.

use fixloop_model::Class;

/// Embedded malicious code, <https://cwe.mitre.org/data/definitions/506.html>.
const CWE_MALICIOUS: &str = "CWE-506";

/// What records say about themselves outside the common fields.
pub(crate) struct Marks<'a> {
    pub(crate) id: &'a str,
    /// RustSec: `unmaintained`, `unsound`, `notice`.
    pub(crate) informational: Option<&'a str>,
    /// RustSec: `malicious` among others.
    pub(crate) categories: &'a [String],
    /// GitHub and ossf/malicious-packages.
    pub(crate) cwe_ids: &'a [String],
    pub(crate) has_malicious_origin: bool,
}

pub(crate) fn class(marks: &Marks<'_>) -> Class {
    let says_malicious = marks.categories.iter().any(|it| it == "malicious")
        || marks.cwe_ids.iter().any(|it| it == CWE_MALICIOUS);
    if marks.id.starts_with("MAL-") || marks.has_malicious_origin || says_malicious {
        return Class::Malicious;
    }
    match marks.informational {
        Some("unmaintained") => Class::Unmaintained,
        Some("unsound" | "notice") => Class::Informational,
        _ => Class::Vulnerability,
    }
}
