//! Typed views of entries. Each borrows from the mapped bytes; nothing is copied.

use fixloop_model::{Bound, Class, RangeType, Rating, Severity, SeveritySource, Timestamp};

use crate::image::{IndexError, i64_at, u32_at};
use crate::layout::{NO_TIME, Section};
use crate::open::Index;

/// ecosystem without suffix @0, normalized name @8, first row @16, rows @20.
#[derive(Clone, Copy)]
pub struct Package<'i> {
    pub(crate) index: &'i Index,
    pub(crate) entry: &'i [u8],
    /// Its place among [`Index::packages`].
    pub number: usize,
}

impl<'i> Package<'i> {
    pub fn ecosystem(&self) -> Result<&'i str, IndexError> {
        self.index.image.text(self.entry, 0)
    }

    /// In normalized form.
    pub fn name(&self) -> Result<&'i str, IndexError> {
        self.index.image.text(self.entry, 8)
    }

    pub fn rows(&self) -> impl Iterator<Item = Result<Row<'i>, IndexError>> + use<'i> {
        let (index, first) = (self.index, u32_at(self.entry, 16) as usize);
        let count = u32_at(self.entry, 20) as usize;
        index
            .image
            .each(Section::Rows, first, count)
            .map(move |entry| Ok(Row { index, entry: entry? }))
    }
}

/// One affected package of one record: record @0, flags @4, full ecosystem @8, ranges (first @16, count @20), versions (first @24,
/// count @28), class @32, rating @33 (0 = none given), CVSS version @34 (0 = the record's own word), score in tenths @35, vector @36,
/// unused @44.
#[derive(Clone, Copy)]
pub struct Row<'i> {
    index: &'i Index,
    entry: &'i [u8],
}

/// A range of the row could not be evaluated and was left out.
pub(crate) const FLAG_UNUSABLE_RANGE: u32 = 1;

pub(crate) const CVSS_VERSIONS: [&str; 4] = ["2.0", "3.0", "3.1", "4.0"];
pub(crate) const CLASSES: [Class; 4] =
    [Class::Malicious, Class::Vulnerability, Class::Unmaintained, Class::Informational];
pub(crate) const RATINGS: [Rating; 5] =
    [Rating::None, Rating::Low, Rating::Medium, Rating::High, Rating::Critical];
pub(crate) const RANGE_TYPES: [RangeType; 3] =
    [RangeType::Semver, RangeType::Ecosystem, RangeType::GoTags];
pub(crate) const BOUNDS: [Bound; 4] =
    [Bound::Introduced, Bound::LastAffected, Bound::Fixed, Bound::Limit];

const DAMAGED: IndexError = IndexError::Damaged { at: 0 };

impl<'i> Row<'i> {
    pub fn record(&self) -> Result<Record<'i>, IndexError> {
        self.index.record(u32_at(self.entry, 0) as usize)
    }

    pub fn has_unusable_range(&self) -> bool {
        u32_at(self.entry, 4) & FLAG_UNUSABLE_RANGE != 0
    }

    /// With suffix, as the record has it.
    pub fn ecosystem(&self) -> Result<&'i str, IndexError> {
        self.index.image.text(self.entry, 8)
    }

    pub fn class(&self) -> Result<Class, IndexError> {
        CLASSES.get(usize::from(self.entry[32])).copied().ok_or(DAMAGED)
    }

    pub fn severity(&self) -> Result<Option<Severity>, IndexError> {
        let Some(rating) = usize::from(self.entry[33]).checked_sub(1) else { return Ok(None) };
        let rating = *RATINGS.get(rating).ok_or(DAMAGED)?;
        let source = match usize::from(self.entry[34]).checked_sub(1) {
            None => SeveritySource::Record,
            Some(version) => SeveritySource::Cvss {
                version: CVSS_VERSIONS.get(version).ok_or(DAMAGED)?,
                score_tenths: self.entry[35],
                vector: self.index.image.text(self.entry, 36)?.to_owned(),
            },
        };
        Ok(Some(Severity { rating, source }))
    }

    /// Versions named one by one that no range implies.
    pub fn versions(&self) -> impl Iterator<Item = Result<&'i str, IndexError>> + use<'i> {
        let (index, first) = (self.index, u32_at(self.entry, 24) as usize);
        let count = u32_at(self.entry, 28) as usize;
        index
            .image
            .each(Section::Versions, first, count)
            .map(move |entry| index.image.text(entry?, 0))
    }

    pub fn ranges(&self) -> impl Iterator<Item = Result<RangeView<'i>, IndexError>> + use<'i> {
        let (index, first) = (self.index, u32_at(self.entry, 16) as usize);
        let count = u32_at(self.entry, 20) as usize;
        index.image.each(Section::Ranges, first, count).map(move |entry| {
            let entry = entry?;
            let range_type = *RANGE_TYPES.get(u32_at(entry, 0) as usize).ok_or(DAMAGED)?;
            Ok(RangeView { index, entry, range_type })
        })
    }
}

/// One range of a row.
#[derive(Clone, Copy)]
pub struct RangeView<'i> {
    index: &'i Index,
    entry: &'i [u8],
    pub range_type: RangeType,
}

impl<'i> RangeView<'i> {
    /// As the record has them; [`crate::ParsedRange`] brings them into order.
    pub fn events(&self) -> impl Iterator<Item = Result<(Bound, &'i str), IndexError>> + use<'i> {
        let (index, first) = (self.index, u32_at(self.entry, 4) as usize);
        let count = u32_at(self.entry, 8) as usize;
        index.image.each(Section::Events, first, count).map(move |entry| {
            let entry = entry?;
            let bound = *BOUNDS.get(u32_at(entry, 0) as usize).ok_or(DAMAGED)?;
            Ok((bound, index.image.text(entry, 4)?))
        })
    }
}

/// id @0, summary @8, address @16, published @24, modified @32, withdrawn @40, alias group @48, unused @52.
#[derive(Clone, Copy)]
pub struct Record<'i> {
    pub(crate) index: &'i Index,
    pub(crate) entry: &'i [u8],
}

impl<'i> Record<'i> {
    pub fn id(&self) -> Result<&'i str, IndexError> {
        self.index.image.text(self.entry, 0)
    }

    pub fn summary(&self) -> Result<&'i str, IndexError> {
        self.index.image.text(self.entry, 8)
    }

    pub fn url(&self) -> Result<&'i str, IndexError> {
        self.index.image.text(self.entry, 16)
    }

    pub fn published(&self) -> Option<Timestamp> {
        self.time(24)
    }

    pub fn modified(&self) -> Option<Timestamp> {
        self.time(32)
    }

    pub fn withdrawn(&self) -> Option<Timestamp> {
        self.time(40)
    }

    fn time(&self, at: usize) -> Option<Timestamp> {
        let time = i64_at(self.entry, at);
        (time != NO_TIME).then_some(Timestamp(time))
    }

    /// Identifies the alias group within this index.
    pub fn group(&self) -> u32 {
        u32_at(self.entry, 48)
    }

    /// Every id of the record's alias group, the representative first.
    pub fn group_ids(&self) -> impl Iterator<Item = Result<&'i str, IndexError>> + use<'i> {
        let index = self.index;
        let group = index.image.entry(Section::Groups, self.group() as usize);
        let (place, error) = match group {
            Ok(entry) => (Some((u32_at(entry, 0) as usize, u32_at(entry, 4) as usize)), None),
            Err(error) => (None, Some(Err(error))),
        };
        place
            .into_iter()
            .flat_map(|(first, count)| index.image.each(Section::Members, first, count))
            .map(|entry| index.image.text(entry?, 0))
            .chain(error)
    }
}
