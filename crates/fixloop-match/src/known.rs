//! The index with the versions of a package parsed on first use.

use std::sync::OnceLock;

use fixloop_index::{Index, IndexError, ParsedRange, Record, Row, scheme_of_range};
use fixloop_model::{Class, RangeType, Severity, Timestamp};
use fixloop_version::{Scheme, Version};

/// An index that remembers what it parsed. Shared between threads; grows with the packages looked at, at most to the index's.
pub struct Known<'i> {
    index: &'i Index,
    packages: Box<[OnceLock<Box<[KnownRow<'i>]>>]>,
    with_withdrawn: bool,
    /// Records as they were at this moment.
    at: Option<Timestamp>,
}

/// One affected package of one record; of one that is not withdrawn, unless made by [`Known::of_all_times`].
pub(crate) struct KnownRow<'i> {
    pub(crate) record: Record<'i>,
    pub(crate) ecosystem: &'i str,
    pub(crate) class: Class,
    pub(crate) severity: Option<Severity>,
    pub(crate) ranges: Vec<(RangeType, ParsedRange)>,
    pub(crate) versions: Vec<ListedVersion<'i>>,
    pub(crate) has_unusable_range: bool,
}

pub(crate) struct ListedVersion<'i> {
    pub(crate) text: &'i str,
    /// `None` outside the ecosystem's scheme: only the same text is equal.
    pub(crate) parsed: Option<Version>,
}

impl<'i> Known<'i> {
    pub fn new(index: &'i Index) -> Self {
        let packages = (0..index.n_packages()).map(|_| OnceLock::new()).collect();
        Self { index, packages, with_withdrawn: false, at: None }
    }

    /// Holds withdrawn records, too: for [`crate::hits`], which tells them apart.
    pub fn of_all_times(index: &'i Index) -> Self {
        Self { with_withdrawn: true, ..Self::new(index) }
    }

    /// Holds the records that were published and not yet withdrawn at a moment, with the ranges that they have today: what they said then,
    /// nobody kept.
    pub fn at(index: &'i Index, at: Timestamp) -> Self {
        Self { at: Some(at), ..Self::new(index) }
    }

    fn counts(&self, record: &Record<'_>) -> bool {
        match self.at {
            Some(at) => counts_at(record, at),
            None => self.with_withdrawn || record.withdrawn().is_none(),
        }
    }

    pub fn index(&self) -> &'i Index {
        self.index
    }

    /// The rows of a package; none if no record names it.
    pub(crate) fn rows(&self, ecosystem: &str, name: &str) -> Result<&[KnownRow<'i>], IndexError> {
        let Some(package) = self.index.package(ecosystem, name)? else { return Ok(&[]) };
        let Some(slot) = self.packages.get(package.number) else { return Ok(&[]) };
        if let Some(rows) = slot.get() {
            return Ok(rows);
        }
        let mut rows = Vec::new();
        for row in package.rows() {
            let row = row?;
            let record = row.record()?;
            if self.counts(&record) {
                rows.push(known_row(&row, record)?);
            }
        }
        Ok(slot.get_or_init(|| rows.into_boxed_slice()))
    }
}

pub(crate) fn known_row<'i>(row: &Row<'i>, record: Record<'i>) -> Result<KnownRow<'i>, IndexError> {
    let ecosystem = row.ecosystem()?;
    let mut has_unusable_range = row.has_unusable_range();
    let mut ranges = Vec::new();
    for range in row.ranges() {
        let range = range?;
        let events = range.events().collect::<Result<Vec<_>, _>>()?;
        let parsed = scheme_of_range(range.range_type, ecosystem)
            .and_then(|scheme| ParsedRange::parse(scheme, events).ok());
        match parsed {
            Some(parsed) => ranges.push((range.range_type, parsed)),
            // The import leaves such ranges out; an index of another version may not have.
            None => has_unusable_range = true,
        }
    }
    let scheme = Scheme::for_ecosystem(ecosystem);
    let mut versions = Vec::new();
    for text in row.versions() {
        let text = text?;
        versions.push(ListedVersion { text, parsed: scheme.and_then(|it| it.parse(text).ok()) });
    }
    Ok(KnownRow {
        record,
        ecosystem,
        class: row.class()?,
        severity: row.severity()?,
        ranges,
        versions,
        has_unusable_range,
    })
}

/// Whether a record was published, and not yet withdrawn, at a moment. The day of some is not told: their last change stands for it.
pub fn counts_at(record: &Record<'_>, at: Timestamp) -> bool {
    let published = record.published().filter(|it| it.0 > 0);
    published.or(record.modified()).is_some_and(|it| it <= at)
        && record.withdrawn().is_none_or(|it| it > at)
}
