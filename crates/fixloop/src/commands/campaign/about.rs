//! What a campaign is about, as it is entered: advisories as files or ids, and ranges of packages in a short form.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fixloop_manifest::PackageUrl;
use fixloop_version::{Scheme, Version};
use serde_json::{Value, json};
use thiserror::Error;

use crate::error::CommandError;

/// As the bundle, which carries them, and more than any real record.
const MAX_BYTES: u64 = 1 << 20;

/// What a range is written as.
const EXAMPLE: &str = "write a range as \">=4.0.0 <4.17.21\", \"<2\", \"<=1.4.1\" or \"=1.0.3\", several joined by ||";

#[derive(Debug, Error)]
pub(super) enum AboutError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is larger than {} MiB", .0.display(), MAX_BYTES >> 20)]
    TooLarge(PathBuf),
    #[error("`{}` is no OSV record", path.display())]
    Osv { path: PathBuf, source: fixloop_advisory::OsvError },
    #[error("`{}` is no JSON", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("`{}` names no package with a range that could be evaluated: {reason}", path.display())]
    Nothing { path: PathBuf, reason: String },
    #[error("`{0}` is no package URL")]
    Purl(String),
    #[error("`{0}` is no range: {1}")]
    Range(String, String),
    #[error("each --package needs its --range: {packages} packages, {ranges} ranges")]
    Pairs { packages: usize, ranges: usize },
}

/// A private advisory of a campaign.
#[derive(Clone, Debug)]
pub(super) struct Private {
    pub(super) id: String,
    pub(super) record: Value,
}

/// A record from a file, or the id of a public one.
pub(super) enum Named {
    Private(Private),
    Id(String),
}

/// What `--advisory` names: a file if there is one of that name, else an id.
pub(super) fn advisory(written: &str) -> Result<Named, CommandError> {
    let path = Path::new(written);
    let is_json = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("json"));
    let looks_like_file = written.contains(['/', '\\']) || is_json;
    if !path.exists() && !looks_like_file {
        return Ok(Named::Id(written.to_owned()));
    }
    let failed = |source| AboutError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(failed)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(AboutError::TooLarge(path.to_owned()).into());
    }
    let read = fixloop_advisory::parse(&bytes)
        .map_err(|source| AboutError::Osv { path: path.to_owned(), source })?;
    let record = serde_json::from_slice(&bytes)
        .map_err(|source| AboutError::Json { path: path.to_owned(), source })?;
    if read.advisory.affected.is_empty() {
        let reasons = read.unused.iter().map(|it| format!("{} ({})", it.part, it.reason.as_str()));
        let reason = reasons.collect::<Vec<_>>().join(", ");
        let error = CommandError::from(AboutError::Nothing { path: path.to_owned(), reason });
        return Err(error.hint("the OSV schema's affected[].package and affected[].ranges say what is affected; or --package PURL --range RANGE"));
    }
    Ok(Named::Private(Private { id: read.advisory.id, record }))
}

/// A package and what of it is affected.
#[derive(Clone, Debug)]
pub(super) struct PackageRange {
    package: PackageUrl,
    /// OSV events of each part.
    parts: Vec<Vec<Value>>,
}

/// `--package` and `--range`, in pairs.
pub(super) fn package_ranges(
    packages: &[String],
    ranges: &[String],
) -> Result<Vec<PackageRange>, CommandError> {
    if packages.len() != ranges.len() {
        let (packages, ranges) = (packages.len(), ranges.len());
        let error = CommandError::from(AboutError::Pairs { packages, ranges });
        return Err(error.hint("--package pkg:npm/lodash --range \"<4.17.21\""));
    }
    let pairs = packages.iter().zip(ranges);
    pairs.map(|(package, range)| package_range(package, range)).collect()
}

fn package_range(package: &str, range: &str) -> Result<PackageRange, CommandError> {
    let package = PackageUrl::parse(package).ok_or_else(|| {
        let error = CommandError::from(AboutError::Purl(package.to_owned()));
        error.hint("write pkg:npm/lodash, pkg:pypi/jinja2, pkg:maven/group/artifact")
    })?;
    let ecosystem = package.ecosystem.as_str();
    let parts = range.split("||").map(|part| events(ecosystem, part));
    let parts: Result<Vec<Vec<Value>>, String> = parts.collect();
    let parts = parts.map_err(|reason| {
        CommandError::from(AboutError::Range(range.to_owned(), reason)).hint(EXAMPLE)
    })?;
    Ok(PackageRange { package, parts })
}

/// `>=1 <2` as OSV events: introduced, and fixed or last affected.
fn events(ecosystem: &str, part: &str) -> Result<Vec<Value>, String> {
    let scheme = Scheme::for_ecosystem(ecosystem)
        .ok_or_else(|| format!("the order of versions of {ecosystem} is not known"))?;
    let mut bounds = Bounds::default();
    let spaced = part.replace(',', " ");
    let mut words = spaced.split_whitespace().peekable();
    if words.peek().is_none() {
        return Err("it is empty; `*` stands for every version".to_owned());
    }
    while let Some(word) = words.next() {
        let text = word.trim_start_matches(['<', '>', '=']);
        let operator = &word[..word.len() - text.len()];
        let text = if text.is_empty() { words.next().unwrap_or("") } else { text };
        bounds.add(operator, text, scheme)?;
    }
    bounds.events()
}

#[derive(Default)]
struct Bounds<'a> {
    introduced: Option<(&'a str, Version)>,
    fixed: Option<(&'a str, Version)>,
    last_affected: Option<(&'a str, Version)>,
}

impl<'a> Bounds<'a> {
    fn add(&mut self, operator: &str, text: &'a str, scheme: Scheme) -> Result<(), String> {
        if operator.is_empty() && text == "*" {
            return Ok(());
        }
        let version = || {
            let parsed = scheme.parse(text);
            parsed.map(|it| (text, it)).map_err(|error| format!("version `{text}`: {error}"))
        };
        let slots = match operator {
            ">=" => vec![&mut self.introduced],
            "<" => vec![&mut self.fixed],
            "<=" => vec![&mut self.last_affected],
            "=" | "==" => vec![&mut self.introduced, &mut self.last_affected],
            ">" => {
                return Err(format!(
                    "`>{text}` cannot be told exactly: name the first version that is affected, with >="
                ));
            }
            _ => return Err(format!("`{operator}{text}` has no operator that is known")),
        };
        for slot in slots {
            if slot.is_some() {
                return Err("two bounds on one side".to_owned());
            }
            *slot = Some(version()?);
        }
        Ok(())
    }

    fn events(self) -> Result<Vec<Value>, String> {
        if self.fixed.is_some() && self.last_affected.is_some() {
            return Err("two bounds on one side".to_owned());
        }
        let lower = self.introduced.as_ref().map(|it| &it.1);
        let is_empty = match (lower, &self.fixed, &self.last_affected) {
            (Some(lower), Some((_, fixed)), _) => fixed <= lower,
            (Some(lower), None, Some((_, last))) => last < lower,
            _ => false,
        };
        if is_empty {
            return Err("nothing is in it: its end is not after its beginning".to_owned());
        }
        let mut events = vec![json!({ "introduced": self.introduced.map_or("0", |it| it.0) })];
        events.extend(self.fixed.map(|it| json!({ "fixed": it.0 })));
        events.extend(self.last_affected.map(|it| json!({ "last_affected": it.0 })));
        Ok(events)
    }
}

/// The record that such ranges come to, in the words of the OSV schema 1.7.
pub(super) fn record_of(
    id: &str,
    title: &str,
    ranges: &[PackageRange],
    now: jiff::Timestamp,
) -> Private {
    let affected: Vec<Value> = ranges
        .iter()
        .map(|it| {
            let ranges: Vec<Value> = it
                .parts
                .iter()
                .map(|events| json!({ "type": "ECOSYSTEM", "events": events }))
                .collect();
            json!({
                "package": { "ecosystem": it.package.ecosystem.as_str(), "name": it.package.name },
                "ranges": ranges,
            })
        })
        .collect();
    let now = now.to_string();
    let record = json!({
        "schema_version": "1.7.0",
        "id": id,
        "published": now,
        "modified": now,
        "summary": title,
        "affected": affected,
    });
    Private { id: id.to_owned(), record }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(package: &str, range: &str, expected: &str) {
        let found = match package_range(package, range) {
            Ok(it) => serde_json::to_string(&it.parts).unwrap(),
            Err(error) => error.chain(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn ranges_become_events() {
        let npm = "pkg:npm/lodash";
        check(npm, ">=4.0.0 <4.17.21", r#"[[{"introduced":"4.0.0"},{"fixed":"4.17.21"}]]"#);
        check(npm, ">= 4.0.0, < 4.17.21", r#"[[{"introduced":"4.0.0"},{"fixed":"4.17.21"}]]"#);
        check(npm, "<2.0.0", r#"[[{"introduced":"0"},{"fixed":"2.0.0"}]]"#);
        check(npm, "<=1.4.1", r#"[[{"introduced":"0"},{"last_affected":"1.4.1"}]]"#);
        check(npm, "=1.0.3", r#"[[{"introduced":"1.0.3"},{"last_affected":"1.0.3"}]]"#);
        check(npm, "*", r#"[[{"introduced":"0"}]]"#);
        check(
            npm,
            "=1.0.3 || =1.0.5",
            r#"[[{"introduced":"1.0.3"},{"last_affected":"1.0.3"}],[{"introduced":"1.0.5"},{"last_affected":"1.0.5"}]]"#,
        );
    }

    #[test]
    fn what_is_no_range_is_told() {
        let npm = "pkg:npm/lodash";
        check(npm, "", "`` is no range: it is empty; `*` stands for every version");
        check(
            npm,
            ">=2.0.0 <1.0.0",
            "`>=2.0.0 <1.0.0` is no range: nothing is in it: its end is not after its beginning",
        );
        check(
            npm,
            ">1.0.0",
            "`>1.0.0` is no range: `>1.0.0` cannot be told exactly: name the first version that is affected, with >=",
        );
        check(npm, "^1.0.0", "`^1.0.0` is no range: `^1.0.0` has no operator that is known");
        check(npm, "<1.0.0 <2.0.0", "`<1.0.0 <2.0.0` is no range: two bounds on one side");
        check("lodash", "<1.0.0", "`lodash` is no package URL");
    }

    #[test]
    fn a_record_of_ranges_is_an_osv_record() {
        let ranges = package_ranges(&["pkg:npm/lodash".to_owned()], &["<4.17.21".to_owned()]);
        let made =
            record_of("LOCAL-1", "a title", &ranges.ok().unwrap(), jiff::Timestamp::UNIX_EPOCH);
        let read = fixloop_advisory::parse(made.record.to_string().as_bytes()).unwrap();
        assert!(read.unused.is_empty(), "{:?}", read.unused);
        assert_eq!((&*read.advisory.id, read.advisory.affected.len()), ("LOCAL-1", 1));
        assert!(package_ranges(&["pkg:npm/a".to_owned()], &[]).is_err());
    }
}
