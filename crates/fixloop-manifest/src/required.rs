//! A manifest's requirement: the one version it admits, or the requirement as written.

use fixloop_model::{Component, Span};
use fixloop_version::{Requirement, Syntax};

/// Writes into `component` what `written`, which stands at `span`, requires.
pub(crate) fn require(component: &mut Component, syntax: Syntax, written: &str, span: Span) {
    component.version_span = Some(span);
    let requirement = Requirement::parse(syntax, written);
    let exact = requirement.as_ref().ok().and_then(Requirement::exact);
    let Some((version, at)) = exact.and_then(|it| Some((it, written.find(it)?))) else {
        component.requirement = Some(written.to_owned());
        return;
    };
    component.version = Some(version.to_owned());
    let start = span.start as usize + at;
    // Where escapes keep the text and its meaning apart, the whole requirement is the place.
    if span.range().len() == written.len() {
        component.version_span = Some(Span::new(start, start + version.len()));
    }
}
