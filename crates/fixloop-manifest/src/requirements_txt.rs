//! Reads pip's requirements files, pinned and ranged.
//!
//! Format: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>, with dependency specifiers of PEP 508. A pin (`==`,
//! `===`) is a version, anything else a requirement. Who needs a package stands in the `# via` comments that pip-compile and uv
//! write; a file without them tells nothing about it. `--index-url` is the registry of the whole file, wherever it stands; with
//! `--extra-index-url` at another host a package may come from either, which makes its source unknown. `--find-links` alone
//! changes nothing.
//!
//! What the file does not tell: scopes; whether a marker holds (the component is listed all the same); what an included file
//! holds ([`Requirements::includes`]); and the name of a folder that is installed (its own manifest has it).

mod direct;
mod lines;
mod options;
#[cfg(test)]
mod tests;
mod via;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Source, Span};
use fixloop_version::pep508;

use crate::excerpt::excerpt;
use crate::limits::within_limit;
use lines::LogicalLine;
use options::Registries;
use via::Needs;

/// What one requirements file holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Requirements {
    pub parsed: Parsed,
    pub includes: Vec<Include>,
}

/// A further file that a `-r` or `-c` line names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Include {
    pub path_span: Span,
    /// As written: relative to the including file, or an address.
    pub path: String,
    pub kind: IncludeKind,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum IncludeKind {
    /// `-r`: its requirements are installed too.
    Requirements,
    /// `-c`: it limits versions and installs nothing.
    Constraints,
}

pub fn parse(text: &str) -> Requirements {
    let mut reader = Reader::default();
    let (text, cut) = within_limit(text);
    lines::for_each(text, |line| reader.line(&line));
    reader.read.parsed.problems.extend(cut);
    reader.finish()
}

#[derive(Default)]
struct Reader {
    read: Requirements,
    registries: Registries,
    needs: Needs,
}

/// Where a requirement comes from if no registry is asked.
struct Direct {
    name: String,
    name_span: Span,
    version: Option<(String, Span)>,
    source: Source,
}

impl Reader {
    fn line(&mut self, line: &LogicalLine<'_>) {
        let before = self.read.parsed.components.len();
        let code = line.code.trim();
        if code.starts_with('-') {
            self.option(line);
        } else if !code.is_empty() {
            self.requirement(line);
        }
        let added = self.read.parsed.components.len() > before;
        if let Some(comment) = line.comment {
            // A comment belongs to the component on its line, or else to the last one before it.
            let component = (added || code.is_empty())
                .then(|| self.read.parsed.components.len().checked_sub(1))
                .flatten();
            self.needs.comment(comment, component, code.is_empty());
        } else {
            self.needs.end_of_list();
        }
    }

    fn requirement(&mut self, line: &LogicalLine<'_>) {
        let code = options::without_trailing_options(&line.code);
        if let Some(direct) = direct::parse(code, line.start) {
            match direct {
                Ok(Some(direct)) => self.push_direct(direct),
                Ok(None) => {}
                Err(reason) => self.problem(line, reason),
            }
            return;
        }
        let dependency = match pep508::parse(code) {
            Ok(dependency) => dependency,
            Err(error) => {
                let reason = format!("{error} in `{}`", excerpt(code.trim()));
                return self.problem(line, reason);
            }
        };
        let name = code[dependency.name.clone()].to_owned();
        let name_span = line.span(dependency.name);
        if let Some(url) = dependency.url {
            let (source, version) = direct::source(&code[url.clone()], line.start + url.start);
            return self.push_direct(Direct { name, name_span, version, source });
        }
        let mut component = component(name, name_span, Source::PublicRegistry);
        if let Some(specifier) = dependency.specifier {
            let (place, is_pin) = match pin(code, specifier.clone()) {
                Some(pin) => (pin, true),
                None => (specifier, false),
            };
            let written = code[place.clone()].to_owned();
            component.version_span = Some(line.span(place));
            *(if is_pin { &mut component.version } else { &mut component.requirement }) =
                Some(written);
        }
        self.registries.asked.push(self.read.parsed.components.len());
        self.read.parsed.components.push(component);
    }

    fn push_direct(&mut self, direct: Direct) {
        let mut component = component(direct.name, direct.name_span, direct.source);
        if let Some((version, span)) = direct.version {
            (component.version, component.version_span) = (Some(version), Some(span));
        }
        self.read.parsed.components.push(component);
    }

    fn problem(&mut self, line: &LogicalLine<'_>, reason: String) {
        let at = line.code.len() - line.code.trim_start().len();
        let span = line.span(at..at + line.code.trim().len());
        self.read.parsed.problems.push(Problem { span, reason, whole_file: false });
    }

    fn finish(mut self) -> Requirements {
        let source = self.registries.source();
        for index in self.registries.asked {
            self.read.parsed.components[index].source = source.clone();
        }
        self.needs.apply(&mut self.read.parsed.components);
        let parsed = &mut self.read.parsed;
        if parsed.components.is_empty()
            && self.read.includes.is_empty()
            && !parsed.problems.is_empty()
        {
            // Nothing of it could be read.
            parsed.problems[0].whole_file = true;
        }
        self.read
    }
}

fn component(name: String, name_span: Span, source: Source) -> Component {
    Component { source, ..Component::new(Ecosystem::PYPI, name, name_span) }
}

/// The version that a specifier pins: its only `==` or `===` clause, if that has no wildcard.
fn pin(code: &str, specifier: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let mut pins = Vec::new();
    let mut start = specifier.start;
    for clause in code[specifier].split(',') {
        let trimmed = clause.trim();
        if let Some(rest) = trimmed.strip_prefix("==") {
            let version = rest.strip_prefix('=').unwrap_or(rest).trim();
            let end = start + clause.trim_end().len();
            pins.push(end - version.len()..end);
        }
        start += clause.len() + 1;
    }
    let [pin] = &pins[..] else { return None };
    let version = &code[pin.clone()];
    let is_version =
        !version.is_empty() && !version.contains(|it: char| it.is_whitespace() || it == '=');
    (is_version && !version.ends_with(".*")).then(|| pin.clone())
}
