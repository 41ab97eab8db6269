//! Options: which further files, which registries, and those that name no component.

use fixloop_model::{Ecosystem, Source};

use super::direct;
use super::lines::LogicalLine;
use super::{Include, IncludeKind, Reader};
use crate::excerpt::excerpt;
use crate::registry::source_of_registry_url;

/// Options of a whole file, with what they do here.
const OPTIONS: &[(&str, Option<&str>, Meaning)] = &[
    ("--requirement", Some("-r"), Meaning::Include(IncludeKind::Requirements)),
    ("--constraint", Some("-c"), Meaning::Include(IncludeKind::Constraints)),
    ("--editable", Some("-e"), Meaning::Editable),
    ("--index-url", Some("-i"), Meaning::Index),
    ("--pypi-url", None, Meaning::Index),
    ("--extra-index-url", None, Meaning::ExtraIndex),
    ("--no-index", None, Meaning::NoIndex),
    ("--find-links", Some("-f"), Meaning::Nothing),
    ("--trusted-host", None, Meaning::Nothing),
    ("--no-binary", None, Meaning::Nothing),
    ("--only-binary", None, Meaning::Nothing),
    ("--prefer-binary", None, Meaning::Nothing),
    ("--require-hashes", None, Meaning::Nothing),
    ("--pre", None, Meaning::Nothing),
    ("--use-feature", None, Meaning::Nothing),
    ("--use-pep517", None, Meaning::Nothing),
    ("--no-use-pep517", None, Meaning::Nothing),
    ("--process-dependency-links", None, Meaning::Nothing),
    ("--always-unzip", Some("-Z"), Meaning::Nothing),
];

#[derive(Clone, Copy)]
enum Meaning {
    Include(IncludeKind),
    Editable,
    Index,
    ExtraIndex,
    NoIndex,
    /// Names no component and moves none.
    Nothing,
}

/// The registries a file asks.
#[derive(Default)]
pub(super) struct Registries {
    index: Option<String>,
    extra: Vec<String>,
    has_none: bool,
    /// Components that come from them.
    pub(super) asked: Vec<usize>,
}

impl Registries {
    /// Where a package without an address comes from.
    pub(super) fn source(&self) -> Source {
        if self.has_none {
            return Source::Unknown;
        }
        let source = |url: &String| source_of_registry_url(&Ecosystem::PYPI, url);
        let first = self.index.as_ref().map_or(Source::PublicRegistry, source);
        if self.extra.iter().all(|it| source(it) == first) { first } else { Source::Unknown }
    }
}

impl Reader {
    pub(super) fn option(&mut self, line: &LogicalLine<'_>) {
        let start = line.code.len() - line.code.trim_start().len();
        let code = line.code[start..].trim_end();
        let known = OPTIONS
            .iter()
            .find_map(|(long, short, meaning)| Some((value_start(code, long, *short)?, *meaning)));
        let Some((value_start, meaning)) = known else {
            let reason = format!("the option `{}` is not known", excerpt(code));
            return self.problem(line, reason);
        };
        let value_start = start + value_start;
        let value = line.code[value_start..].trim_end();
        let unquoted = value.trim_matches(['"', '\'']);
        let needs_value = !matches!(meaning, Meaning::NoIndex | Meaning::Nothing);
        if needs_value && unquoted.is_empty() {
            let reason = format!("`{}` lacks its value", excerpt(code));
            return self.problem(line, reason);
        }
        match meaning {
            Meaning::Include(kind) => {
                let at = value_start + (value.len() - value.trim_start_matches(['"', '\'']).len());
                let path_span = line.span(at..at + unquoted.len());
                self.read.includes.push(Include { path_span, path: unquoted.to_owned(), kind });
            }
            Meaning::Editable => match direct::parse(value, line.start + value_start) {
                Some(Ok(Some(direct))) => self.push_direct(direct),
                // A folder, whose own manifest names it.
                Some(Ok(None)) | None => {}
                Some(Err(reason)) => self.problem(line, reason),
            },
            Meaning::Index => self.registries.index = Some(unquoted.to_owned()),
            Meaning::ExtraIndex => self.registries.extra.push(unquoted.to_owned()),
            Meaning::NoIndex => self.registries.has_none = true,
            Meaning::Nothing => {}
        }
    }
}

/// Where the value starts in `code`, if it is this option: `--long=value`, `--long value`, `-s value`, `-svalue`.
fn value_start(code: &str, long: &str, short: Option<&str>) -> Option<usize> {
    let blanks = |from: usize| from + code[from..].len() - code[from..].trim_start().len();
    if let Some(rest) = code.strip_prefix(long) {
        return match rest.chars().next() {
            None => Some(code.len()),
            Some('=') => Some(blanks(long.len() + 1)),
            Some(it) if it.is_whitespace() => Some(blanks(long.len())),
            Some(_) => None,
        };
    }
    let short = short.filter(|_| !code.starts_with("--"))?;
    code.starts_with(short).then(|| blanks(short.len()))
}

/// The requirement before options of its own (`--hash`, `--config-settings`, …).
pub(super) fn without_trailing_options(code: &str) -> &str {
    let option =
        code.match_indices("--").find(|(at, _)| code[..*at].ends_with(char::is_whitespace));
    option.map_or(code, |(at, _)| &code[..at])
}
