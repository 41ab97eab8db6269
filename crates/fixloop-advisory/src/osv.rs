//! OSV records, schema 1.7: <https://ossf.github.io/osv-schema/>.
//!
//! Two extensions change what is affected and are read like ranges, because the records are wrong without them:
//! * GitHub's `affected[].database_specific.last_known_affected_version_range` closes a range that nothing else closes.
//! * Go's `affected[].ecosystem_specific.custom_ranges` gives versions that are no Go module versions; it stands in for a range
//!   `introduced: 0` that nothing closes, and beside any other, unless it is itself without an end beside one that has one.
//!
//! GIT ranges are counted and left out.

#[cfg(test)]
mod tests;
mod wire;

use fixloop_model::{
    Advisory, Affected, Bound, Ecosystem, Event, Range, RangeType, Severity, Timestamp,
};
use thiserror::Error;

use crate::class::{Marks, class};
use crate::unused::{Unused, UnusedReason};
use crate::{plain_text, severity};

/// The largest record that is read, in bytes; the largest real ones (versions listed one by one) have about 2 MB.
const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// A record and the parts of it that have no effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub advisory: Advisory,
    pub unused: Vec<Unused>,
}

#[derive(Debug, Error)]
pub enum OsvError {
    #[error("larger than {MAX_RECORD_BYTES} bytes")]
    TooLarge,
    #[error("not an OSV record")]
    Json(#[source] serde_json::Error),
    #[error("the record has no `id`")]
    NoId,
}

/// Reads one record.
///
/// # Errors
/// If the text is not JSON of the schema's shape, or has no id. Anything less is in [`Record::unused`].
pub fn parse(text: &[u8]) -> Result<Record, OsvError> {
    if text.len() > MAX_RECORD_BYTES {
        return Err(OsvError::TooLarge);
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let wire: wire::Record<'_> = serde_json::from_slice(text).map_err(OsvError::Json)?;
    if wire.id.is_empty() || wire.id.len() > 200 || wire.id.chars().any(char::is_control) {
        return Err(OsvError::NoId);
    }
    let mut unused = Unuseds::default();
    let affected = wire.affected.iter().filter_map(|it| affected(&wire, it, &mut unused)).collect();
    if wire.affected.is_empty() {
        unused.push("record", UnusedReason::NoAffected);
    }
    let modified = unused.time(wire.modified.as_deref());
    let published = unused.time(wire.published.as_deref());
    let withdrawn = unused.time(wire.withdrawn.as_deref());
    let summary = [wire.summary.as_deref(), wire.details.as_deref()]
        .into_iter()
        .flatten()
        .map(plain_text::one_line)
        .find(|it| !it.is_empty());
    let advisory = Advisory {
        url: url(&wire),
        summary: summary.unwrap_or_default(),
        aliases: owned(&wire.aliases),
        upstream: owned(&wire.upstream),
        published,
        modified: modified.or(published).unwrap_or(Timestamp(0)),
        // A withdrawal whose time cannot be read is still a withdrawal.
        withdrawn: withdrawn.or(wire.withdrawn.is_some().then_some(Timestamp(0))),
        id: wire.id.into_owned(),
        affected,
    };
    Ok(Record { advisory, unused: unused.0 })
}

#[derive(Default)]
struct Unuseds(Vec<Unused>);

impl Unuseds {
    fn push(&mut self, part: &'static str, reason: UnusedReason) {
        self.0.push(Unused { part, reason });
    }

    fn time(&mut self, text: Option<&str>) -> Option<Timestamp> {
        let text = text?;
        let Ok(time) = text.parse::<jiff::Timestamp>() else {
            self.push("time", UnusedReason::InvalidTime);
            return None;
        };
        Some(Timestamp(time.as_microsecond()))
    }
}

fn owned(ids: &[wire::Text<'_>]) -> Vec<String> {
    let visible = |it: &&wire::Text<'_>| !it.is_empty() && !it.chars().any(char::is_control);
    ids.iter().filter(visible).map(ToString::to_string).collect()
}

/// The advisory's page before any other reference.
fn url(wire: &wire::Record<'_>) -> String {
    let is_web = |it: &&wire::Reference<'_>| {
        let url: &str = &it.url;
        url.starts_with("https://") && !url.chars().any(|it| it.is_control() || it.is_whitespace())
    };
    let mut web = wire.references.iter().filter(is_web);
    let first = web.clone().next();
    let advisory = web.find(|it| it.kind == "ADVISORY");
    advisory.or(first).map(|it| it.url.to_string()).unwrap_or_default()
}

fn affected(
    record: &wire::Record<'_>,
    wire: &wire::Affected<'_>,
    unused: &mut Unuseds,
) -> Option<Affected> {
    let package =
        wire.package.as_ref().filter(|it| !it.ecosystem.is_empty() && !it.name.is_empty());
    let mut ranges: Vec<Range> =
        wire.ranges.iter().filter_map(|it| range(it, None, unused)).collect();
    let Some(package) = package else {
        unused.push("affected", UnusedReason::NoPackage);
        return None;
    };
    add_custom_ranges(wire, &mut ranges, unused);
    close_by_last_known(wire, &mut ranges, unused);
    if ranges.is_empty() && wire.versions.is_empty() {
        unused.push("affected", UnusedReason::NoRangesOrVersions);
        return None;
    }
    let specific = &wire.database_specific;
    let cwe_ids: Vec<String> = specific
        .cwes
        .iter()
        .map(|it| it.cwe_id.to_string())
        .chain(record.database_specific.cwe_ids.iter().map(ToString::to_string))
        .collect();
    let marks = Marks {
        id: &record.id,
        informational: specific.informational.as_deref(),
        categories: &specific.categories,
        cwe_ids: &cwe_ids,
        has_malicious_origin: record.database_specific.malicious_packages_origins.is_some(),
    };
    Some(Affected {
        ecosystem: Ecosystem::new(package.ecosystem.to_string()),
        name: package.name.to_string(),
        class: class(&marks),
        severity: severity(record, wire, unused),
        versions: wire.versions.iter().map(ToString::to_string).collect(),
        ranges,
    })
}

/// The affected package's own vectors, else the record's, else a database's extension.
fn severity(
    record: &wire::Record<'_>,
    affected: &wire::Affected<'_>,
    unused: &mut Unuseds,
) -> Option<Severity> {
    for list in [&affected.severity, &record.severity] {
        let mut best: Option<Severity> = None;
        for it in list {
            let read = if it.kind.starts_with("CVSS_V") {
                severity::from_vector(&it.score).ok_or(UnusedReason::UnknownCvss)
            } else {
                severity::from_word(&it.score).ok_or(UnusedReason::UnknownSeverityType)
            };
            match read {
                Ok(severity) => {
                    let is_better = best.as_ref().is_none_or(|best| {
                        severity::preference(&severity) > severity::preference(best)
                    });
                    if is_better {
                        best = Some(severity);
                    }
                }
                Err(reason) => unused.push("severity", reason),
            }
        }
        if best.is_some() {
            return best;
        }
    }
    let vector = affected.database_specific.cvss.as_deref().and_then(severity::from_vector);
    vector.or_else(|| severity::from_word(record.database_specific.severity.as_deref()?))
}

fn range(
    wire: &wire::Range<'_>,
    as_type: Option<RangeType>,
    unused: &mut Unuseds,
) -> Option<Range> {
    let range_type = match (as_type, &*wire.kind) {
        (Some(given), _) => given,
        (None, "SEMVER") => RangeType::Semver,
        (None, "ECOSYSTEM") => RangeType::Ecosystem,
        (None, kind) => {
            let is_git = kind == "GIT";
            let reason =
                if is_git { UnusedReason::GitRange } else { UnusedReason::UnknownRangeType };
            unused.push("range", reason);
            return None;
        }
    };
    let mut events = Vec::with_capacity(wire.events.len());
    for it in &wire.events {
        let named = [
            (Bound::Introduced, &it.introduced),
            (Bound::Fixed, &it.fixed),
            (Bound::LastAffected, &it.last_affected),
            (Bound::Limit, &it.limit),
        ];
        let before = events.len();
        for (bound, version) in named {
            if let Some(version) = version.as_deref().filter(|it| !it.is_empty()) {
                events.push(Event { bound, version: version.to_owned() });
            }
        }
        if events.len() == before {
            unused.push("event", UnusedReason::UnknownEvent);
        }
    }
    if events.is_empty() {
        unused.push("range", UnusedReason::NoEvents);
        return None;
    }
    if !events.iter().any(|it| it.bound == Bound::Introduced) {
        unused.push("range", UnusedReason::NoIntroduced);
        return None;
    }
    Some(Range { range_type, events })
}

/// Nothing in it ends what it begins.
fn is_unbounded(range: &Range) -> bool {
    range.events.iter().all(|it| it.bound == Bound::Introduced)
}

fn add_custom_ranges(wire: &wire::Affected<'_>, ranges: &mut Vec<Range>, unused: &mut Unuseds) {
    let Some(custom) = &wire.ecosystem_specific.custom_ranges else { return };
    let Some(custom) = custom.read() else {
        return unused.push("range", UnusedReason::UnreadableExtension);
    };
    let as_type = Some(RangeType::GoTags);
    let custom: Vec<Range> = custom.iter().filter_map(|it| range(it, as_type, unused)).collect();
    if custom.is_empty() {
        return;
    }
    ranges.retain(|it| !(is_unbounded(it) && it.events.iter().any(|it| it.version == "0")));
    // Beside a range with an end, one without says only since when; taken by itself it would never end.
    let has_end = ranges.iter().any(|it| !is_unbounded(it));
    ranges.extend(custom.into_iter().filter(|it| !(has_end && is_unbounded(it))));
}

fn close_by_last_known(wire: &wire::Affected<'_>, ranges: &mut [Range], unused: &mut Unuseds) {
    let Some(text) = wire.database_specific.last_known_affected_version_range.as_deref() else {
        return;
    };
    let text = text.trim();
    let event = if let Some(version) = text.strip_prefix("<=") {
        Event { bound: Bound::LastAffected, version: version.trim().to_owned() }
    } else if let Some(version) = text.strip_prefix('<') {
        Event { bound: Bound::Fixed, version: version.trim().to_owned() }
    } else {
        return unused.push("range", UnusedReason::UnreadableExtension);
    };
    if event.version.is_empty() || event.version.contains([',', ' ']) {
        return unused.push("range", UnusedReason::UnreadableExtension);
    }
    for range in ranges.iter_mut().filter(|it| is_unbounded(it)) {
        range.events.push(event.clone());
    }
}
