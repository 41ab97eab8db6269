//! Reads `Gemfile.lock` and `gems.locked`.
//!
//! Format: written by Bundler, <https://bundler.io/man/bundle-lock.1.html>; sections, two blanks per level. A gem that is locked for
//! several platforms is one component, and its version is without the platform. Direct is what stands under `DEPENDENCIES`.
//!
//! What the file does not tell: groups, so scopes; and from which of several remotes of one section a gem came.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Source, Span};

use crate::excerpt::excerpt;
use crate::graph::tell_reaches;
use crate::limits::within_limit;
use crate::registry::{source_of_registry_url, without_credentials};

/// Bytes of one address, and addresses of one section.
const MAX_REMOTE: usize = 2048;
const MAX_REMOTES: usize = 16;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Section {
    Gem,
    Git,
    Path,
    Dependencies,
    /// Platforms, checksums, versions: nothing that is installed.
    Other,
}

#[derive(Default)]
struct Reader<'a> {
    section: Option<Section>,
    remotes: Vec<&'a str>,
    parsed: Parsed,
    /// By name and version: other platforms of one gem.
    seen: HashMap<(&'a str, &'a str), usize>,
    by_name: HashMap<&'a str, usize>,
    /// Component and the name that it needs.
    needs: Vec<(usize, &'a str)>,
    direct: Vec<&'a str>,
    last: Option<usize>,
}

pub fn parse(text: &str) -> Parsed {
    let (text, cut) = within_limit(text);
    let mut reader = Reader::default();
    if text.starts_with("---") {
        let reason = "written by Bundler 0.9, whose format is not read".to_owned();
        let problem = Problem { span: Span::new(0, 3), reason, whole_file: true };
        return Parsed { problems: vec![problem], ..Parsed::default() };
    }
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}');
        reader.line(content.trim_end(), offset + line.len() - content.len());
        offset += line.len();
    }
    reader.parsed.problems.extend(cut);
    reader.finish()
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, start: usize) {
        let content = line.trim_start_matches(' ');
        if content.is_empty() {
            return;
        }
        let indent = line.len() - content.len();
        if indent == 0 {
            return self.heading(content, start);
        }
        let at = start + indent;
        match (self.section, indent) {
            (Some(Section::Gem | Section::Git | Section::Path), 2) => {
                if let Some(remote) = content.strip_prefix("remote: ") {
                    // Every gem of the section has it, so that a long one would fill the memory.
                    if remote.len() > MAX_REMOTE || self.remotes.len() >= MAX_REMOTES {
                        return self.problem(content, at, "is longer than any address");
                    }
                    self.remotes.push(remote);
                }
            }
            (Some(Section::Gem | Section::Git | Section::Path), 4) => self.spec(content, at),
            (Some(Section::Gem | Section::Git | Section::Path), 6) => {
                let name = content.split(' ').next().unwrap_or(content);
                self.needs.extend(self.last.map(|last| (last, name)));
            }
            (Some(Section::Dependencies), 2) => {
                let name = content.split([' ', '!']).next().unwrap_or(content);
                self.direct.push(name);
            }
            (Some(Section::Other), _) => {}
            _ => self.problem(content, at, "stands at no level of this section"),
        }
    }

    fn heading(&mut self, heading: &'a str, start: usize) {
        // A merge that nobody finished left its marks inside a section, which goes on.
        if heading.starts_with(['<', '=', '>']) && self.section.is_some() {
            return self.problem(heading, start, "is no section");
        }
        self.remotes.clear();
        self.last = None;
        let is_heading = heading.bytes().all(|it| it.is_ascii_uppercase() || it == b' ');
        self.section = match heading {
            "GEM" => Some(Section::Gem),
            "GIT" => Some(Section::Git),
            // Plug-ins of Bundler are folders on the same disk.
            "PATH" | "PLUGIN SOURCE" => Some(Section::Path),
            "DEPENDENCIES" => Some(Section::Dependencies),
            _ if is_heading => Some(Section::Other),
            _ => {
                self.problem(heading, start, "is no section");
                None
            }
        };
    }

    /// `name (1.2.3-platform)`.
    fn spec(&mut self, content: &'a str, at: usize) {
        self.last = None;
        let parts = content.split_once(" (").and_then(|(name, rest)| {
            let version = rest.strip_suffix(')')?;
            let version = version.split('-').next().filter(|it| !it.is_empty())?;
            Some((name, version))
        });
        let Some((name, version)) = parts.filter(|(name, _)| !name.is_empty()) else {
            return self.problem(content, at, "is not `name (version)`");
        };
        let index = *self.seen.entry((name, version)).or_insert(self.parsed.components.len());
        self.last = Some(index);
        if index < self.parsed.components.len() {
            return;
        }
        let version_at = at + name.len() + " (".len();
        let name_span = Span::new(at, at + name.len());
        self.by_name.insert(name, index);
        self.parsed.components.push(Component {
            version: Some(version.to_owned()),
            version_span: Some(Span::new(version_at, version_at + version.len())),
            source: self.source(),
            ..Component::new(Ecosystem::RUBYGEMS, name, name_span)
        });
    }

    fn source(&self) -> Source {
        let first = self.remotes.first().copied();
        match self.section {
            Some(Section::Git) => {
                first.map_or(Source::Unknown, |it| Source::Git { url: without_credentials(it) })
            }
            Some(Section::Path) => Source::Path { path: first.map(ToOwned::to_owned) },
            Some(Section::Gem) => {
                let mut sources =
                    self.remotes.iter().map(|it| source_of_registry_url(&Ecosystem::RUBYGEMS, it));
                let first = sources.next().unwrap_or(Source::Unknown);
                // Of several remotes a gem may come from any, unless they are all the same.
                if sources.all(|it| it == first) { first } else { Source::Unknown }
            }
            Some(Section::Dependencies | Section::Other) | None => Source::Unknown,
        }
    }

    fn problem(&mut self, content: &str, at: usize, what: &str) {
        let reason = format!("`{}` {what}", excerpt(content));
        let span = Span::new(at, at + content.len());
        self.parsed.problems.push(Problem { span, reason, whole_file: false });
    }

    fn finish(mut self) -> Parsed {
        let mut edges = vec![Vec::new(); self.parsed.components.len()];
        for (from, name) in &self.needs {
            edges[*from].extend(self.by_name.get(name));
        }
        let roots: Vec<_> =
            self.direct.iter().filter_map(|it| Some((*self.by_name.get(it)?, None))).collect();
        tell_reaches(&mut self.parsed.components, &roots, &edges);
        if self.section.is_none() && self.parsed.components.is_empty() {
            let reason = "no Gemfile.lock: it has no section".to_owned();
            self.parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
        }
        self.parsed
    }
}
