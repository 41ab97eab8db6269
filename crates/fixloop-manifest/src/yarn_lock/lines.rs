//! The lines of a lockfile: headers, fields and dependencies of both generations.

use fixloop_model::{Problem, Span};

use crate::excerpt::excerpt;
use crate::limits::within_limit;

pub(super) struct Entry<'a> {
    /// All descriptors as written between the outer quotes.
    header: &'a str,
    pub(super) header_span: Span,
    pub(super) version: Option<(&'a str, Span)>,
    /// Yarn 1: the address.
    pub(super) resolved: Option<&'a str>,
    /// Berry: the locator.
    pub(super) resolution: Option<&'a str>,
    /// Name and range.
    pub(super) dependencies: Vec<(&'a str, &'a str)>,
}

impl<'a> Entry<'a> {
    /// `name@range`, one by one. Yarn 1 quotes each, berry all together.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.header.split(", ").map(|it| it.trim_matches('"')).filter(|it| !it.is_empty())
    }
}

pub(super) struct Lines<'a> {
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) problems: Vec<Problem>,
    pub(super) is_yarn: bool,
}

struct Reader<'a> {
    read: Lines<'a>,
    /// Whether the lines below are fields of the last entry; not those of `__metadata`, nor of one that could not be read.
    is_in_entry: bool,
    is_in_dependencies: bool,
    /// `? key`, whose fields follow behind a line `:`.
    pending_key: Option<(&'a str, usize)>,
}

pub(super) fn read(text: &str) -> Lines<'_> {
    let (text, cut) = within_limit(text);
    let read = Lines { entries: Vec::new(), problems: cut.into_iter().collect(), is_yarn: false };
    let mut reader =
        Reader { read, is_in_entry: false, is_in_dependencies: false, pending_key: None };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}');
        let skipped = line.len() - content.len();
        reader.line(content.trim_end(), offset + skipped);
        offset += line.len();
    }
    reader.read
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, start: usize) {
        let content = line.trim_start_matches(' ');
        if content.is_empty() {
            return;
        }
        if content.starts_with('#') {
            self.read.is_yarn |= content.contains("yarn lockfile v1");
            return;
        }
        let indent = line.len() - content.len();
        match indent {
            0 => self.header(line, start),
            _ if !self.is_in_entry => {}
            2 => self.field(content, start + 2),
            4 if self.is_in_dependencies => self.dependency(content, start + 4),
            _ => {}
        }
    }

    fn header(&mut self, line: &'a str, start: usize) {
        self.is_in_dependencies = false;
        if let Some(key) = line.strip_prefix("? ") {
            self.pending_key = Some((key, start + 2));
            self.is_in_entry = false;
            return;
        }
        let pending = self.pending_key.take().filter(|_| line == ":");
        let (key, start) = match (pending, line.strip_suffix(':')) {
            (Some((key, start)), _) => (key, start),
            (None, Some(key)) if !key.is_empty() && !key.contains("<<<") => (key, start),
            _ => {
                self.is_in_entry = false;
                // The marks of a merge that nobody finished stand here, too.
                let reason = format!("`{}` is no entry", excerpt(line));
                return self.problem(start, line, reason);
            }
        };
        if key == "__metadata" {
            self.read.is_yarn = true;
            self.is_in_entry = false;
            return;
        }
        let quote = usize::from(key.starts_with('"'));
        let header = key.trim_matches('"');
        self.read.entries.push(Entry {
            header,
            header_span: Span::new(start + quote, start + quote + header.len()),
            version: None,
            resolved: None,
            resolution: None,
            dependencies: Vec::new(),
        });
        self.is_in_entry = true;
    }

    /// `key value`, `key: value`, or the name of a table.
    fn field(&mut self, content: &'a str, start: usize) {
        self.is_in_dependencies = false;
        let Some((key, value)) = content.split_once(' ') else {
            let is_needed = matches!(content, "dependencies:" | "optionalDependencies:");
            self.is_in_dependencies = is_needed;
            if !content.ends_with(':') {
                let reason = format!("`{}` is no field", excerpt(content));
                self.problem(start, content, reason);
            }
            return;
        };
        let value_start = start + content.len() - value.len();
        let quote = usize::from(value.starts_with('"'));
        let value = value.trim_matches('"');
        let span = Span::new(value_start + quote, value_start + quote + value.len());
        let Some(entry) = self.read.entries.last_mut() else { return };
        match key.trim_end_matches(':') {
            "version" => entry.version = Some((value, span)),
            "resolved" => entry.resolved = Some(value),
            "resolution" => entry.resolution = Some(value),
            _ => {}
        }
    }

    /// `name "range"` or `"name": range`.
    fn dependency(&mut self, content: &'a str, start: usize) {
        let Some((name, range)) = content.split_once(' ') else {
            let reason = format!("`{}` is no dependency with its range", excerpt(content));
            return self.problem(start, content, reason);
        };
        let name = name.trim_end_matches(':').trim_matches('"');
        if let Some(entry) = self.read.entries.last_mut() {
            entry.dependencies.push((name, range.trim_matches('"')));
        }
    }

    fn problem(&mut self, start: usize, line: &str, reason: String) {
        let span = Span::new(start, start + line.len());
        self.read.problems.push(Problem { span, reason, whole_file: false });
    }
}
