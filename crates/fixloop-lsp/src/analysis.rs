//! From a text to its alerts: what every keystroke runs.

use std::path::Path;
use std::sync::Arc;

use fixloop_alert::{Alert, Basis};
use fixloop_exceptions::{Exceptions, covering_check};
use fixloop_manifest::{Beside, Format};
use fixloop_model::{BuildCheck, Component, Parsed, Span};
use fixloop_scan::Neighbors;

use crate::document::{Document, MAX_BYTES};
use crate::protocol::{MessageType, Uri};
use crate::session::{Judge, Session};

/// A text as it was read.
#[derive(Default)]
struct Read {
    parsed: Parsed,
    /// How many of the components it asks for itself; those behind are declared for others.
    n_asked: usize,
    /// An alert was left out because somebody is typing what it is about.
    is_waiting: bool,
}

impl Session {
    /// Judges a text anew, and shows what came out if that is something else than before.
    pub(crate) fn judge(&mut self, uri: &Uri, judge: Option<Judge<'_, '_>>) {
        let Some(judge) = judge else { return };
        let Some((text, found)) = self.judged(uri, judge) else { return };
        let (exceptions, today) = (self.exceptions_of(uri), (self.environment.today)());
        let Some(judged) = self.documents.get_mut(uri) else { return };
        (judged.parsed, judged.n_asked) = (text.parsed, text.n_asked);
        judged.is_waiting = text.is_waiting;
        let path = judged.document.path().to_owned();
        judged.take(found, &|it| {
            // Rules know the file from the work tree's root, exceptions from the folder that is open.
            let here = BuildCheck { path: path.clone(), ..it.clone() };
            covering_check(&exceptions, &here, today).is_some()
        });
        let is_dismissed = |rule: &str| {
            !self.dismissed.is_empty()
                && self.dismissed.contains(&(uri.clone(), String::new(), rule.to_owned()))
        };
        judged.rules.broken.retain(|it| !is_dismissed(&it.rule));
        // What the policy says decides what is recorded as well, so that is waited for; it takes milliseconds.
        if judged.applies.is_some() {
            self.show_alerts(uri, judge);
        }
    }

    /// What is accepted in the folder of a text.
    fn exceptions_of(&self, uri: &Uri) -> Arc<Exceptions> {
        let place = self.documents.get(uri).and_then(|it| it.document.place.as_ref());
        place.and_then(|it| self.exceptions.get(&it.root)).cloned().unwrap_or_default()
    }

    fn judged(&mut self, uri: &Uri, judge: Judge<'_, '_>) -> Option<(Read, Vec<Alert>)> {
        let judged = self.documents.get(uri).filter(|it| !it.document.is_lost)?;
        if judged.document.text.len() > MAX_BYTES {
            return Some((Read::default(), Vec::new()));
        }
        let root = judged.document.place.as_ref().map(|it| it.root.clone());
        if let Some(root) = &root {
            self.neighbors.entry(root.clone()).or_insert_with(|| Neighbors::new(root));
        }
        let exceptions = self.exceptions_of(uri);
        self.evaluate(uri, judge, &exceptions);
        let mut memory = std::mem::take(&mut self.documents.get_mut(uri)?.memory);
        let judged = self.documents.get(uri)?;
        let document = &judged.document;
        let mut read = self.read_text(root.as_deref(), document);
        let context = self.context(judge, &exceptions);
        let locked = judged.decision.lockfile().map(|it| &**it).zip(judged.evaluated.as_ref());
        let found = memory.alerts(&context, document.path(), &read.parsed, locked);
        let told = match found {
            Ok(mut found) => {
                let is_decided = !judged.decision.is_awaited();
                found.retain(|it| {
                    // Until the lockfile is read, only what it cannot change is told: else it would flicker.
                    (is_decided || it.basis == Basis::Written)
                        && document
                            .format
                            .is_none_or(|format| is_complete(format, &document.text, it.span))
                        && !self.is_dismissed(uri, it)
                });
                let n_found = found.len();
                found.retain(|it| !is_being_typed(it, judged.typed));
                read.is_waiting = found.len() < n_found;
                found
            }
            Err(error) => {
                self.show(
                    MessageType::Error,
                    &format!("the advisory index cannot be used: {error}"),
                );
                Vec::new()
            }
        };
        self.documents.get_mut(uri)?.memory = memory;
        Some((read, told))
    }

    /// What the lockfile's packages bring in; once per lockfile and index.
    fn evaluate(&mut self, uri: &Uri, judge: Judge<'_, '_>, exceptions: &Exceptions) {
        let Some(judged) = self.documents.get(uri).filter(|it| it.evaluated.is_none()) else {
            return;
        };
        let Some(locked) = judged.decision.lockfile().cloned() else { return };
        let evaluated = locked.evaluate(&self.context(judge, exceptions));
        // A damaged index is told where the text itself is judged.
        if let (Ok(evaluated), Some(judged)) = (evaluated, self.documents.get_mut(uri)) {
            judged.evaluated = Some(evaluated);
        }
    }

    /// Reads a text with the files around it; those open in the editor as they stand there.
    fn read_text(&self, root: Option<&Path>, document: &Document) -> Read {
        let read = |path: &str| self.beside(root?, path);
        let beside = Beside::new(document.path(), &read);
        let Some(format) = document.format else { return Read::default() };
        let mut parsed = format.parse_among(&document.text, beside);
        let n_asked = parsed.components.len();
        for component in format.declarations(&document.text, beside) {
            // What the file itself uses has been read with its version already.
            let is_used = |it: &Component| {
                it.version_span.is_some()
                    && it.version_span == component.version_span
                    && it.declared.is_none()
            };
            if !parsed.components.iter().any(is_used) {
                parsed.components.push(component);
            }
        }
        Read { parsed, n_asked, is_waiting: false }
    }

    pub(crate) fn beside(&self, root: &Path, path: &str) -> Option<Arc<str>> {
        let open = self.documents.text_at(root, path).map(Arc::from);
        open.or_else(|| self.neighbors.get(root)?.text(path))
    }

    fn is_dismissed(&self, uri: &Uri, alert: &Alert) -> bool {
        !self.dismissed.is_empty()
            && self.dismissed.contains(&(uri.clone(), alert.ecosystem.clone(), alert.name.clone()))
    }
}

/// Whether an alert is about a requirement that somebody is in the middle of typing: `4.1` on the way to `4.17.21` is none that anybody
/// meant. A version in full is told at once.
fn is_being_typed(alert: &Alert, typed: Option<Span>) -> bool {
    let is_inside =
        typed.is_some_and(|it| alert.span.start <= it.start && it.end <= alert.span.end);
    is_inside
        && alert.brought.is_empty()
        && matches!(alert.basis, Basis::Requirement(_) | Basis::Unknown)
}

/// Whether the literal at `span` is closed, so that it is not one that somebody is in the middle of typing.
fn is_complete(format: Format, text: &str, span: Span) -> bool {
    let has_quotes = matches!(
        format,
        Format::CargoToml
            | Format::ComposerJson
            | Format::Gemfile
            | Format::PackageJson
            | Format::Pipfile
            | Format::Pyproject
            | Format::VersionCatalog
    );
    if !has_quotes {
        return true;
    }
    let before = &text[..span.start as usize];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let Some(quote) = before[line_start..].rfind(['"', '\'']) else { return true };
    let quote = &before[line_start + quote..][..1];
    // An editor closes the quote by itself, before anything stands in it.
    if span.start == span.end {
        return false;
    }
    let rest = &text[span.end as usize..];
    let line = rest.split(['\n', '\r']).next().unwrap_or("");
    line.contains(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The span of `|…|` in the text.
    #[track_caller]
    fn check(format: Format, marked: &str, expected: bool) {
        let start = marked.find('|').expect("a mark");
        let end = marked.rfind('|').expect("a mark") - 1;
        let text = marked.replace('|', "");
        assert_eq!(is_complete(format, &text, Span::new(start, end)), expected, "{marked}");
    }

    #[test]
    fn a_literal_is_complete_once_it_is_closed() {
        check(Format::PackageJson, "{\"a\": \"|1.0|\"", true);
        check(Format::PackageJson, "{\"a\": \"|1.0|\n\"b\": \"2\"}", false);
        check(Format::PackageJson, "{\"a\": \"|1.0|", false);
        check(Format::CargoToml, "a = '=|1.0|'", true);
        check(Format::CargoToml, "a = \"=|1.0|\r\n", false);
        check(Format::PackageJson, "{\"a\": \"||\"", false);
        check(Format::RequirementsTxt, "a==|1.0|", true);
        check(Format::GoMod, "require a |v1.0.0|", true);
    }
}
