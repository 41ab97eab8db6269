//! Reads `[[exception]]` of `fixloop.toml`.
//!
//! Whatever is wrong with an entry costs that entry and is a [`Fault`]: an exception that is not understood covers nothing.

use fixloop_manifest::PackageUrl;
use fixloop_model::{LineIndex, Place};
use globset::GlobBuilder;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::exception::{Exception, Exceptions, Fault, PathPattern, Vulnerability};

const TABLES: &[&str] = &["exception"];
const KEYS: &[&str] = &["id", "package", "rule", "path", "reason", "owner", "expires"];

/// More than anybody can keep an eye on.
const MAX_EXCEPTIONS: usize = 1000;

/// Reads the text of the file called `file` in messages.
pub fn parse(file: &str, text: &str) -> Exceptions {
    let mut reader =
        Reader { file, text, lines: LineIndex::new(text), read: Exceptions::default() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(10) {
        let at = error.span().map_or(0, |it| it.start);
        reader.fault(at, "", error.message().lines().next().unwrap_or("not TOML"));
    }
    for (key, value) in table.get_ref() {
        match (&**key.get_ref(), value.get_ref()) {
            ("exception", DeValue::Array(entries)) => {
                for entry in entries.iter().take(MAX_EXCEPTIONS) {
                    reader.entry(entry);
                }
                if entries.len() > MAX_EXCEPTIONS {
                    let reason =
                        format!("more than {MAX_EXCEPTIONS} exceptions: the rest is not read");
                    reader.fault(key.span().start, "exception", &reason);
                }
            }
            ("exception", _) => {
                let reason = "`exception` is a list: write `[[exception]]`, with two brackets";
                reader.fault(key.span().start, "exception", reason);
            }
            (unknown, _) => {
                reader.fault(key.span().start, unknown, &unknown_key(unknown, TABLES));
            }
        }
    }
    reader.read.exceptions.sort_by(|a, b| a.place.cmp(&b.place));
    reader.read.faults.sort_by(|a, b| a.place.cmp(&b.place));
    reader.read
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    lines: LineIndex,
    read: Exceptions,
}

/// The values of one entry as written.
#[derive(Default)]
struct Entry<'a> {
    id: Option<&'a str>,
    package: Option<&'a str>,
    rule: Option<&'a str>,
    path: Option<&'a str>,
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    expires: Option<String>,
}

impl Reader<'_> {
    fn place(&self, offset: usize) -> Place {
        let offset = u32::try_from(offset.min(self.text.len())).unwrap_or(u32::MAX);
        Place { path: self.file.to_owned(), position: self.lines.position(self.text, offset) }
    }

    fn fault(&mut self, offset: usize, subject: &str, reason: &str) {
        let (place, subject) = (self.place(offset), subject.to_owned());
        self.read.faults.push(Fault { place, subject, reason: reason.to_owned() });
    }

    fn entry(&mut self, value: &Spanned<DeValue<'_>>) {
        let start = value.span().start;
        let DeValue::Table(table) = value.get_ref() else {
            return self.fault(
                start,
                "exception",
                "an exception is a table: write `[[exception]]`",
            );
        };
        let (entry, mut is_sound) = self.values(table);
        let subject = entry.id.or(entry.package).or(entry.rule).unwrap_or("exception");
        for (key, is_there) in [
            ("reason", entry.reason.is_some()),
            ("owner", entry.owner.is_some()),
            ("expires", entry.expires.is_some()),
        ] {
            if !is_there {
                is_sound = false;
                self.fault(
                    start,
                    subject,
                    &format!("`{key}` is missing: every exception needs one"),
                );
            }
        }
        let of_package = entry.id.or(entry.package);
        if let Some(reason) = match (of_package, entry.rule) {
            (None, None) => Some(
                "too broad: name an advisory with `id`, a package with `package`, or a build rule with `rule`",
            ),
            (Some(_), Some(_)) => {
                Some("a build rule is about no package: write two exceptions, one with `rule`")
            }
            _ => None,
        } {
            is_sound = false;
            self.fault(start, subject, reason);
        }
        if !is_sound {
            return;
        }
        match self.exception(&entry, start) {
            Ok(exception) => self.read.exceptions.push(exception),
            Err(reason) => self.fault(start, subject, &reason),
        }
    }

    /// The values of a table, and whether all its keys could be used.
    fn values<'t>(&mut self, table: &'t DeTable<'_>) -> (Entry<'t>, bool) {
        let mut entry = Entry::default();
        let mut is_sound = true;
        for (key, value) in table {
            let at = key.span().start;
            let name = &**key.get_ref();
            let slot = match name {
                "id" => &mut entry.id,
                "package" => &mut entry.package,
                "rule" => &mut entry.rule,
                "path" => &mut entry.path,
                "reason" => &mut entry.reason,
                "owner" => &mut entry.owner,
                "expires" => {
                    entry.expires = date_text(value.get_ref());
                    if entry.expires.is_none() {
                        is_sound = false;
                        self.fault(at, name, "`expires` is a day like 2027-01-31");
                    }
                    continue;
                }
                unknown => {
                    is_sound = false;
                    self.fault(at, unknown, &unknown_key(unknown, KEYS));
                    continue;
                }
            };
            if let Some(text) = text_of(value.get_ref()) {
                *slot = Some(text);
            } else {
                is_sound = false;
                self.fault(at, name, &format!("`{name}` is a text in quotes and not empty"));
            }
        }
        (entry, is_sound)
    }

    fn exception(&self, entry: &Entry<'_>, start: usize) -> Result<Exception, String> {
        let package = entry.package.map(|written| {
            PackageUrl::parse(written).ok_or_else(|| {
                format!("`{written}` is no package URL: write one like `pkg:npm/lodash`")
            })
        });
        let expires = entry.expires.as_ref().map(|written| {
            written.parse::<Date>().map_err(|_| format!("`{written}` is no day like 2027-01-31"))
        });
        Ok(Exception {
            id: entry.id.map(|it| Vulnerability(vec![it.to_owned()])),
            packages: package.transpose()?.into_iter().collect(),
            rule: entry.rule.map(ToOwned::to_owned),
            path: entry.path.map(PathPattern::new).transpose()?,
            reason: entry.reason.unwrap_or("").to_owned(),
            owner: entry.owner.map(ToOwned::to_owned),
            expires: expires.transpose()?,
            place: self.place(start),
            // Not every scan asks build rules.
            must_be_used: entry.rule.is_none(),
        })
    }
}

impl PathPattern {
    /// # Errors
    /// If it is no glob, or leaves the root.
    pub(crate) fn new(written: &str) -> Result<Self, String> {
        if written.starts_with('/') || written.split('/').any(|it| it == "..") {
            return Err(format!("`{written}` leaves the scanned root: write it relative to that"));
        }
        let trimmed = written.trim_start_matches("./").trim_end_matches('/');
        let glob = |pattern: &str| {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            glob.map(|it| it.compile_matcher()).map_err(|error| format!("`path`: {error}"))
        };
        let below = format!("{trimmed}/**");
        Ok(Self { written: written.to_owned(), itself: glob(trimmed)?, below: glob(&below)? })
    }
}

fn text_of<'t>(value: &'t DeValue<'_>) -> Option<&'t str> {
    match value {
        DeValue::String(text) if !text.trim().is_empty() => Some(text_ref(text)),
        _ => None,
    }
}

fn text_ref<'t>(text: &'t DeString<'_>) -> &'t str {
    text
}

/// A date, or a text that may be one.
fn date_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.trim().to_owned()),
        DeValue::Datetime(date) => date.date.map(|it| it.to_string()),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    }
}

fn unknown_key(written: &str, known: &[&str]) -> String {
    let nearest = known.iter().min_by_key(|it| strsim::damerau_levenshtein(written, it));
    let meant = nearest.filter(|it| strsim::damerau_levenshtein(written, it) <= 3);
    match meant {
        Some(meant) => format!("unknown key `{written}`: did you mean `{meant}`?"),
        None => format!("unknown key `{written}`: there are {}", known.join(", ")),
    }
}
