//! Reads `when`.

use regex::{Regex, RegexBuilder};

use crate::condition::{Condition, Count, Package, Test};
use crate::error::Mistake;
use crate::parse::table::{Entry, Table};
use crate::parse::tree_path;
use crate::path::{Step, TreePath};
use crate::tree::Format;
use fixloop_model::Span;

/// Rules that nest deeper are read by nobody.
const MAX_DEPTH: usize = 8;

const MAX_CONDITIONS: usize = 200;

const MAX_PATTERN: usize = 2_000;

/// Compiled, in bytes: matching takes time in proportion to it times the text.
const MAX_COMPILED: usize = 256 << 10;

const KEYS: &[&str] = &[
    "at",
    "exists",
    "missing",
    "equals",
    "one-of",
    "matches",
    "not-matches",
    "contains",
    "count",
    "component",
    "all",
    "any",
    "none",
];

pub(super) fn when(table: &Table<'_>, format: Format) -> Result<Condition, Mistake> {
    let help = "say when a file is affected: `[when]`";
    let entry = table.required("when", help)?;
    let mut reader = Reader { format, n_conditions: 0 };
    let condition = reader.condition(&entry, 0, false)?;
    Ok(condition)
}

struct Reader {
    format: Format,
    n_conditions: usize,
}

impl Reader {
    /// `is_of_node`: whether a condition around it has led to a node.
    fn condition(
        &mut self,
        entry: &Entry<'_>,
        depth: usize,
        is_of_node: bool,
    ) -> Result<Condition, Mistake> {
        self.n_conditions += 1;
        if depth >= MAX_DEPTH || self.n_conditions > MAX_CONDITIONS {
            return Err(entry.mistake(format!(
                "more than {MAX_CONDITIONS} conditions, or nested deeper than {MAX_DEPTH}"
            )));
        }
        let table = entry.table(KEYS)?;
        if table.is_empty() {
            return Err(table.mistake("a condition that says nothing"));
        }
        let mut condition = Condition { tests: self.tests(&table)?, ..Condition::default() };
        condition.at = table.get("at").map(|it| self.path(&it)).transpose()?;
        condition.is_missing = is_missing(&table)?;
        condition.count = table.get("count").map(|it| count(&it)).transpose()?;
        let tests = ["equals", "one-of", "matches", "not-matches", "contains", "component"];
        let test = tests.iter().find_map(|it| table.get(it));
        if let Some(test) = test.filter(|_| condition.at.is_none() && !is_of_node) {
            if !self.format.is_list() {
                return Err(Mistake::new(test.place(), "of what place in the file?")
                    .help("add `at = \"…\"`, the path to it"));
            }
            let steps = vec![Step::Items];
            condition.at = Some(TreePath { steps, written: "[*]".to_owned() });
        }
        if condition.at.is_none() {
            let needs = ["exists", "missing", "count"].iter().find_map(|it| table.get(it));
            if let Some(it) = needs {
                return Err(Mistake::new(it.place(), "what place in the file?")
                    .help("add `at = \"…\"`, the path to it"));
            }
        }
        let is_of_node = is_of_node || condition.at.is_some();
        for (key, conditions) in [
            ("all", &mut condition.all),
            ("any", &mut condition.any),
            ("none", &mut condition.none),
        ] {
            let Some(entry) = table.get(key) else { continue };
            for part in entry.parts() {
                conditions.push(self.condition(&part, depth + 1, is_of_node)?);
            }
            if conditions.is_empty() {
                return Err(entry.mistake(format!("`{key}` of no conditions")));
            }
        }
        check_missing(&table, &condition)?;
        Ok(condition)
    }

    fn path(&self, entry: &Entry<'_>) -> Result<TreePath, Mistake> {
        let path = tree_path(entry)?;
        let has_items = path.steps.iter().any(|it| matches!(it, Step::Items | Step::Item(_)));
        let has_names = path.steps.iter().any(|it| matches!(it, Step::Name(_)));
        if has_items && matches!(self.format, Format::Xml | Format::Ini) {
            return Err(entry
                .mistake("there are no lists in this format")
                .help("a name leads to all of that name: leave the `[…]` out"));
        }
        if has_names && self.format.is_list() {
            return Err(entry
                .mistake("there are no names in this format")
                .help("leave `at` out, or write `[*]` for each line or package"));
        }
        Ok(path)
    }

    fn tests(&self, table: &Table<'_>) -> Result<Vec<Test>, Mistake> {
        let mut tests = Vec::new();
        if let Some(entry) = table.get("equals") {
            tests.push(Test::OneOf(vec![entry.scalar()?.to_owned()]));
        }
        if let Some(entry) = table.get("one-of") {
            let parts = entry.parts();
            let values = parts.iter().map(|it| Ok(it.scalar()?.to_owned()));
            tests.push(Test::OneOf(values.collect::<Result<_, Mistake>>()?));
        }
        if let Some(entry) = table.get("matches") {
            tests.push(Test::Matches(regex(&entry)?));
        }
        if let Some(entry) = table.get("not-matches") {
            tests.push(Test::NotMatches(regex(&entry)?));
        }
        if let Some(entry) = table.get("contains") {
            tests.push(Test::Contains(entry.scalar()?.to_owned()));
        }
        if let Some(entry) = table.get("component") {
            if self.format != Format::Lockfile {
                return Err(Mistake::new(entry.place(), "packages stand in lockfiles")
                    .help("write `format = \"lockfile\"`"));
            }
            tests.push(Test::Component(packages(&entry)?));
        } else if self.format == Format::Lockfile && !tests.is_empty() {
            return Err(table
                .mistake("of a lockfile only packages are known")
                .help("write `component = [\"name@1.2.3\"]`"));
        }
        Ok(tests)
    }
}

fn is_missing(table: &Table<'_>) -> Result<bool, Mistake> {
    let exists = table.get("exists").map(|it| it.truth()).transpose()?;
    let missing = table.get("missing").map(|it| it.truth()).transpose()?;
    match (exists, missing) {
        (Some(exists), Some(missing)) if exists == missing => {
            Err(table.mistake("`exists` and `missing` contradict each other"))
        }
        (exists, missing) => Ok(missing == Some(true) || exists == Some(false)),
    }
}

fn check_missing(table: &Table<'_>, it: &Condition) -> Result<(), Mistake> {
    let asks_more = !it.tests.is_empty()
        || !it.all.is_empty()
        || !it.any.is_empty()
        || !it.none.is_empty()
        || it.count.is_some();
    if it.is_missing && asks_more {
        return Err(table
            .mistake("what is missing cannot be tested")
            .help("put the test into a condition of its own, under `all` or `any`"));
    }
    Ok(())
}

fn count(entry: &Entry<'_>) -> Result<Count, Mistake> {
    Count::parse(entry.scalar()?)
        .ok_or_else(|| entry.mistake("no count").help("write a number, or `\">= 2\"`"))
}

fn packages(entry: &Entry<'_>) -> Result<Vec<Package>, Mistake> {
    let parts = entry.parts();
    if parts.is_empty() {
        return Err(entry.mistake("at least one package is expected"));
    }
    let package = |it: &Entry<'_>| {
        let written = it.text()?;
        Package::parse(written).ok_or_else(|| {
            it.mistake(format!("`{written}` is no package"))
                .help("write `name@1.2.3`, `name` for every version, or a package URL")
        })
    };
    parts.iter().map(package).collect()
}

fn regex(entry: &Entry<'_>) -> Result<Regex, Mistake> {
    let pattern = entry.text()?;
    if pattern.len() > MAX_PATTERN {
        return Err(entry.mistake(format!("a pattern of more than {MAX_PATTERN} characters")));
    }
    if let Some((start, end, reason)) = broken(pattern) {
        let from = entry.span().start as usize;
        let span =
            if entry.is_as_written() { Span::new(from + start, from + end) } else { entry.span() };
        return Err(Mistake::new(span, format!("no regular expression: {reason}")));
    }
    RegexBuilder::new(pattern).size_limit(MAX_COMPILED).dfa_size_limit(1 << 20).build().map_err(
        |error| match error {
            regex::Error::CompiledTooBig(_) => entry
                .mistake("a pattern that is too large")
                .help("repeat less, or use smaller classes: `[0-9]` for `\\d`"),
            other => entry.mistake(format!("no regular expression: {other}")),
        },
    )
}

/// Where in a pattern its mistake is, in bytes, and what it is.
fn broken(pattern: &str) -> Option<(usize, usize, String)> {
    let error = regex_syntax::Parser::new().parse(pattern).err()?;
    let (span, reason) = match &error {
        regex_syntax::Error::Parse(it) => (*it.span(), it.kind().to_string()),
        regex_syntax::Error::Translate(it) => (*it.span(), it.kind().to_string()),
        _ => return None,
    };
    Some((span.start.offset, span.end.offset, reason))
}
