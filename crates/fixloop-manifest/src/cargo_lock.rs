//! Reads `Cargo.lock`, versions 1 to 4.
//!
//! Format: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>; its writer is
//! <https://github.com/rust-lang/cargo/blob/master/src/cargo/core/resolver/encode.rs>. Cargo writes one key or array element a line,
//! and this reader takes exactly that, which is ten times as fast as a TOML tree; any other line is a problem and costs that line.
//!
//! What the file does not tell: scopes (`scope` is `None`), and workspace members from other path packages (both are
//! [`Source::Path`] without a path, [`Reach::Root`]). `[metadata]` (checksums of version 1) and `[[patch.unused]]` are no components.

mod remembered;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Source, Span};

use crate::excerpt::excerpt;
use crate::graph;
use crate::limits::within_limit;
use crate::registry::{source_of_registry_url, without_credentials};

pub(crate) use remembered::Remembered;

/// The newest lockfile version known to this reader.
const NEWEST_VERSION: &str = "4";

/// One `[[package]]` table as written.
#[derive(Default)]
struct Package<'a> {
    header: Span,
    name: Option<(&'a str, Span)>,
    version: Option<(&'a str, Span)>,
    source: Option<&'a str>,
    dependencies: Vec<&'a str>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Section {
    Top,
    Package,
    /// A table that holds no components.
    Other,
}

struct Reader<'a> {
    section: Section,
    in_dependencies: bool,
    packages: Vec<Package<'a>>,
    problems: Vec<Problem>,
}

pub fn parse(text: &str) -> Parsed {
    read(text).finish()
}

fn read(text: &str) -> Reader<'_> {
    let mut reader = Reader {
        section: Section::Top,
        in_dependencies: false,
        packages: Vec::new(),
        problems: Vec::new(),
    };
    let mut offset = 0;
    let (text, cut) = within_limit(text);
    for line in text.split_inclusive('\n') {
        let from_content = line.trim_start_matches('\u{feff}').trim_start();
        let start = offset + line.len() - from_content.len();
        let content = from_content.trim_end();
        if !content.is_empty() && !content.starts_with('#') {
            reader.line(content, Span::new(start, start + content.len()));
        }
        offset += line.len();
    }
    if reader.in_dependencies {
        let reason = "the text ends inside `dependencies`";
        reader.problem(Span::new(offset, offset), reason.to_owned(), true);
    }
    reader.problems.extend(cut);
    reader
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, span: Span) {
        if self.in_dependencies && !line.starts_with('[') {
            return self.dependency(line, span);
        }
        self.in_dependencies = false;
        match line {
            "[[package]]" | "[root]" => {
                self.section = Section::Package;
                self.packages.push(Package { header: span, ..Package::default() });
            }
            _ if line.starts_with('[') && line.ends_with(']') => self.section = Section::Other,
            _ if self.section == Section::Other => {}
            _ => self.key(line, span),
        }
    }

    fn key(&mut self, line: &'a str, span: Span) {
        let Some((key, value)) = line.split_once('=') else {
            let reason = format!("expected `key = value`, found `{}`", excerpt(line));
            return self.problem(span, reason, false);
        };
        let (key, value) = (key.trim_end(), value.trim_start());
        if self.section == Section::Top {
            if key == "version" && !("1"..=NEWEST_VERSION).contains(&value) {
                let reason = format!("lockfile version `{}` is not known", excerpt(value));
                self.problem(span, reason, true);
            }
            return;
        }
        if key == "dependencies" {
            return self.dependencies(value, span);
        }
        if !matches!(key, "name" | "version" | "source") {
            return;
        }
        let Some(unquoted) = unquote(value) else {
            let reason = format!("expected a string for `{key}`, found `{}`", excerpt(value));
            return self.problem(span, reason, false);
        };
        let end = span.end as usize - 1;
        let place = Span::new(end - unquoted.len(), end);
        let Some(package) = self.packages.last_mut() else { return };
        match key {
            "name" => package.name = Some((unquoted, place)),
            "version" => package.version = Some((unquoted, place)),
            _ => package.source = Some(unquoted),
        }
    }

    /// The part of an array that stands on the line of its key: usually just `[`.
    fn dependencies(&mut self, value: &'a str, span: Span) {
        let Some(rest) = value.strip_prefix('[') else {
            let reason = format!("expected an array, found `{}`", excerpt(value));
            return self.problem(span, reason, false);
        };
        self.in_dependencies = true;
        for item in rest.split_inclusive(',').map(str::trim).filter(|it| !it.is_empty()) {
            self.dependency(item, span);
        }
    }

    fn dependency(&mut self, line: &'a str, span: Span) {
        let (item, closes) = line.strip_suffix(']').map_or((line, false), |it| (it, true));
        let item = item.trim_end().trim_end_matches(',').trim_end();
        self.in_dependencies = !closes;
        if item.is_empty() {
            return;
        }
        if let (Some(dependency), Some(package)) = (unquote(item), self.packages.last_mut()) {
            package.dependencies.push(dependency);
        } else {
            let reason = format!("expected a dependency, found `{}`", excerpt(line));
            self.problem(span, reason, false);
        }
    }

    fn problem(&mut self, span: Span, reason: String, whole_file: bool) {
        self.problems.push(Problem { span, reason, whole_file });
    }

    fn finish(mut self) -> Parsed {
        let mut read = Vec::with_capacity(self.packages.len());
        for package in std::mem::take(&mut self.packages) {
            match (package.name, package.version) {
                (Some(name), Some(version)) => read.push((name, version, package)),
                (name, _) => {
                    let missing = if name.is_none() { "name" } else { "version" };
                    let span = name.map_or(package.header, |(_, span)| span);
                    self.problem(span, format!("package without `{missing}`"), false);
                }
            }
        }
        if read.is_empty() && !self.problems.is_empty() {
            self.problems.iter_mut().for_each(|it| it.whole_file = true);
        }
        let reaches = reaches(&read);
        let components = read.iter().zip(reaches);
        let components = components.map(|(it, reach)| Component { reach, ..component(it) });
        Parsed { components: components.collect(), problems: self.problems }
    }
}

fn component(((name, name_span), version, it): &Named<'_>) -> Component {
    Component {
        version: Some(version.0.to_owned()),
        source: source(it.source),
        version_span: Some(version.1),
        ..Component::new(Ecosystem::CRATES_IO, *name, *name_span)
    }
}

type Named<'a> = ((&'a str, Span), (&'a str, Span), Package<'a>);

/// Direct is what a package without a source depends on; everything else was brought by one of those.
fn reaches(packages: &[Named<'_>]) -> Vec<Reach> {
    let mut by_name: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
    for (index, ((name, _), ..)) in packages.iter().enumerate() {
        by_name.entry(name).or_default().push(index);
    }
    // An element is `name`, `name version` or `name version (source)`: as much as it takes to be unique.
    let resolve = |dependency: &str| -> Option<usize> {
        let mut parts = dependency.splitn(3, ' ');
        let candidates = by_name.get(parts.next()?)?;
        let (version, source) = (parts.next(), parts.next());
        let source = source.and_then(|it| it.strip_prefix('(')?.strip_suffix(')'));
        candidates.iter().copied().find(|index| {
            let (_, (found, _), package) = &packages[*index];
            version.is_none_or(|it| it == *found)
                && source.is_none_or(|it| package.source.is_some_and(|found| is_source(found, it)))
        })
    };
    let is_local = |index: &usize| packages[*index].2.source.is_none();
    let dependencies_of = |index: usize| packages[index].2.dependencies.iter().copied();
    let mut is_direct = vec![false; packages.len()];
    for index in (0..packages.len()).filter(is_local) {
        for direct in dependencies_of(index).filter_map(resolve) {
            is_direct[direct] = true;
        }
    }
    let direct = (0..packages.len()).filter(|it| is_direct[*it] && !is_local(it));
    let via = graph::shortest_paths(packages.len(), direct, |from, next| {
        next.extend(dependencies_of(from).filter_map(resolve));
    });
    via.into_iter()
        .enumerate()
        .map(|(index, via)| match via {
            _ if is_local(&index) => Reach::Root,
            _ if is_direct[index] => Reach::Direct,
            Some(via) => Reach::Transitive { via: Some(via) },
            // Nothing local needs it: the lockfile has no root (a library's patch, a hand edit).
            None => Reach::Unknown,
        })
        .collect()
}

/// Whether a need's source is this one; the commit of a repository is not repeated there.
fn is_source(found: &str, needed: &str) -> bool {
    found == needed || found.split('#').next() == Some(needed)
}

fn source(written: Option<&str>) -> Source {
    let Some(written) = written else { return Source::Path { path: None } };
    match written.split_once('+') {
        Some(("registry" | "sparse", url)) => source_of_registry_url(&Ecosystem::CRATES_IO, url),
        Some(("git", url)) => Source::Git { url: without_credentials(url) },
        Some(("path", path)) => Source::Path { path: Some(path.to_owned()) },
        _ => Source::Unknown,
    }
}

fn unquote(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then_some(inner)
}
