//! From prepared advisories to the bytes of [`crate::layout`].

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fixloop_model::{Advisory, Affected, Severity, SeveritySource, normalize_name};
use thiserror::Error;

use crate::group::{Groups, groups};
use crate::layout::{BLOCK, FORMAT, HEADER_LEN, MAGIC, NO_TIME, Section, bucket, hash};
use crate::prepare::Prepared;
use crate::view::{BOUNDS, CLASSES, CVSS_VERSIONS, FLAG_UNUSABLE_RANGE, RANGE_TYPES, RATINGS};

#[derive(Debug, Error)]
pub enum BuildError {
    #[error("the advisories do not fit an index: {part} need more than 4 GiB")]
    TooLarge { part: &'static str },
    #[error("failed to write index `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Collects advisories, one copy of each record.
#[derive(Default)]
pub struct Builder {
    newest: BTreeMap<String, Prepared>,
    formerly: HashMap<String, String>,
    /// Copies that gave way to another copy of the same record.
    pub n_older_copies: u64,
}

impl Builder {
    /// Adds a record; of two with one id, the one modified later stays, and among equals the one that names more.
    pub fn add(&mut self, prepared: Prepared) {
        let weight = |it: &Prepared| (it.advisory.modified, it.advisory.affected.len());
        match self.newest.get_mut(&prepared.advisory.id) {
            Some(known) => {
                self.n_older_copies += 1;
                if weight(&prepared) > weight(known) {
                    *known = prepared;
                }
            }
            None => {
                self.newest.insert(prepared.advisory.id.clone(), prepared);
            }
        }
    }

    /// Keeps the representative that each alias group has in an earlier index.
    pub fn keep_representatives(
        &mut self,
        earlier: &crate::Index,
    ) -> Result<(), crate::IndexError> {
        for record in earlier.records() {
            let mut ids = record?.group_ids();
            let Some(representative) = ids.next().transpose()? else { continue };
            self.formerly.insert(representative.to_owned(), representative.to_owned());
            for id in ids {
                self.formerly.insert(id?.to_owned(), representative.to_owned());
            }
        }
        Ok(())
    }

    pub fn n_records(&self) -> usize {
        self.newest.len()
    }

    pub fn n_withdrawn(&self) -> usize {
        self.newest.values().filter(|it| it.advisory.withdrawn.is_some()).count()
    }

    pub fn build(self) -> Result<Built, BuildError> {
        let mut flags = Vec::with_capacity(self.newest.len());
        let mut advisories = Vec::with_capacity(self.newest.len());
        for prepared in self.newest.into_values() {
            flags.push(prepared.has_unusable_range);
            advisories.push(prepared.advisory);
        }
        let groups = groups(&advisories, &self.formerly);
        let mut tables = Tables::default();
        tables.groups(&groups)?;
        let mut by_package: BTreeMap<(&str, String), Vec<RowSource<'_>>> = BTreeMap::new();
        for (number, (advisory, flags)) in advisories.iter().zip(&flags).enumerate() {
            tables.record(advisory, groups.of_record[number])?;
            let number = index_of(number, "records")?;
            for (affected, flag) in advisory.affected.iter().zip(flags) {
                let name = normalize_name(affected.ecosystem.base(), &affected.name).into_owned();
                let rows = by_package.entry((affected.ecosystem.base(), name)).or_default();
                rows.push((number, affected, *flag));
            }
        }
        for ((ecosystem, name), rows) in &by_package {
            tables.package(ecosystem, name, rows)?;
        }
        let buckets = buckets(by_package.keys().map(|(ecosystem, name)| hash(ecosystem, name)));
        tables.sections[Section::Buckets as usize] = buckets;
        let latest = advisories.iter().map(|it| it.modified.0).max().unwrap_or(NO_TIME);
        Ok(Built { bytes: tables.assemble(latest) })
    }
}

/// The bytes of an index.
pub struct Built {
    bytes: Vec<u8>,
}

impl Built {
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Writes beside `path` and renames: a reader sees the old index or the new one, and nothing is left behind on failure.
    pub fn write(&self, path: &Path) -> Result<(), BuildError> {
        let failed = |source| BuildError::Write { path: path.to_owned(), source };
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".fixloop-index-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o644));
        }
        let mut file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        file.write_all(&self.bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|it| failed(it.error))?;
        Ok(())
    }
}

/// What becomes a row: the record's number, the affected package, and whether a range of it is unusable.
type RowSource<'a> = (u32, &'a Affected, bool);

/// The sections as they grow.
#[derive(Default)]
struct Tables {
    sections: [Vec<u8>; Section::ALL.len()],
    texts: HashMap<String, u32>,
}

impl Tables {
    fn section(&mut self, section: Section) -> &mut Vec<u8> {
        &mut self.sections[section as usize]
    }

    fn n_entries(&self, section: Section) -> Result<u32, BuildError> {
        index_of(self.sections[section as usize].len() / section.entry_len(), "entries")
    }

    /// Appends the text unless it is there, and then its reference to `section`.
    fn text(&mut self, section: Section, text: &str) -> Result<(), BuildError> {
        let len = index_of(text.len(), "texts")?;
        let offset = if let Some(offset) = self.texts.get(text) {
            *offset
        } else {
            let texts = self.section(Section::Texts);
            let offset = index_of(texts.len(), "texts")?;
            texts.extend_from_slice(text.as_bytes());
            self.texts.insert(text.to_owned(), offset);
            offset
        };
        self.u32(section, offset);
        self.u32(section, len);
        Ok(())
    }

    fn u32(&mut self, section: Section, value: u32) {
        self.section(section).extend_from_slice(&value.to_le_bytes());
    }

    fn i64(&mut self, section: Section, value: i64) {
        self.section(section).extend_from_slice(&value.to_le_bytes());
    }

    fn groups(&mut self, groups: &Groups<'_>) -> Result<(), BuildError> {
        for ids in &groups.ids {
            let first = self.n_entries(Section::Members)?;
            self.u32(Section::Groups, first);
            self.u32(Section::Groups, index_of(ids.len(), "groups")?);
            for id in ids {
                self.text(Section::Members, id)?;
            }
        }
        Ok(())
    }

    fn record(&mut self, advisory: &Advisory, group: u32) -> Result<(), BuildError> {
        let section = Section::Records;
        self.text(section, &advisory.id)?;
        self.text(section, &advisory.summary)?;
        self.text(section, &advisory.url)?;
        self.i64(section, advisory.published.map_or(NO_TIME, |it| it.0));
        self.i64(section, advisory.modified.0);
        self.i64(section, advisory.withdrawn.map_or(NO_TIME, |it| it.0));
        self.u32(section, group);
        self.u32(section, 0);
        Ok(())
    }

    fn package(
        &mut self,
        ecosystem: &str,
        name: &str,
        rows: &[(u32, &Affected, bool)],
    ) -> Result<(), BuildError> {
        self.text(Section::Packages, ecosystem)?;
        self.text(Section::Packages, name)?;
        let first = self.n_entries(Section::Rows)?;
        self.u32(Section::Packages, first);
        self.u32(Section::Packages, index_of(rows.len(), "rows")?);
        rows.iter().try_for_each(|(record, affected, flag)| self.row(*record, affected, *flag))
    }

    fn row(&mut self, record: u32, affected: &Affected, flag: bool) -> Result<(), BuildError> {
        let section = Section::Rows;
        self.u32(section, record);
        self.u32(section, if flag { FLAG_UNUSABLE_RANGE } else { 0 });
        self.text(section, affected.ecosystem.as_str())?;
        let first = self.n_entries(Section::Ranges)?;
        self.u32(section, first);
        self.u32(section, index_of(affected.ranges.len(), "ranges")?);
        for range in &affected.ranges {
            let first = self.n_entries(Section::Events)?;
            self.u32(Section::Ranges, place(&RANGE_TYPES, &range.range_type));
            self.u32(Section::Ranges, first);
            self.u32(Section::Ranges, index_of(range.events.len(), "events")?);
            for event in &range.events {
                self.u32(Section::Events, place(&BOUNDS, &event.bound));
                self.text(Section::Events, &event.version)?;
            }
        }
        let first = self.n_entries(Section::Versions)?;
        self.u32(section, first);
        self.u32(section, index_of(affected.versions.len(), "versions")?);
        for version in &affected.versions {
            self.text(Section::Versions, version)?;
        }
        let class = byte(place(&CLASSES, &affected.class));
        let [rating, version, score] = affected.severity.as_ref().map_or([0; 3], severity_bytes);
        self.section(section).extend_from_slice(&[class, rating, version, score]);
        let vector = match affected.severity.as_ref().map(|it| &it.source) {
            Some(SeveritySource::Cvss { vector, .. }) => vector,
            _ => "",
        };
        self.text(section, vector)?;
        self.u32(section, 0);
        Ok(())
    }

    fn assemble(self, latest_modified: i64) -> Vec<u8> {
        let body_len: usize = self.sections.iter().map(Vec::len).sum();
        let n_blocks = body_len.div_ceil(BLOCK);
        let body = HEADER_LEN + n_blocks * 4;
        let mut bytes = Vec::with_capacity(body + body_len);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&((body + body_len) as u64).to_le_bytes());
        bytes.extend_from_slice(&latest_modified.to_le_bytes());
        let mut start = body;
        for (content, section) in self.sections.iter().zip(Section::ALL) {
            bytes.extend_from_slice(&(start as u64).to_le_bytes());
            let n_entries = content.len() / section.entry_len();
            bytes.extend_from_slice(&(n_entries as u64).to_le_bytes());
            start += content.len();
        }
        bytes.resize(body, 0);
        self.sections.iter().for_each(|it| bytes.extend_from_slice(it));
        let (head, content) = bytes.split_at_mut(body);
        for (slot, block) in head[HEADER_LEN..].chunks_mut(4).zip(content.chunks(BLOCK)) {
            slot.copy_from_slice(&crc32fast::hash(block).to_le_bytes());
        }
        let crc = crc32fast::hash(&head[16..]);
        head[12..16].copy_from_slice(&crc.to_le_bytes());
        bytes
    }
}

/// Half full at most, so that a look-up of a package without advisories ends after one or two buckets.
fn buckets(hashes: impl ExactSizeIterator<Item = u64>) -> Vec<u8> {
    let n_buckets = (hashes.len() * 2).next_power_of_two();
    let mut table = vec![(0u32, 0u32); n_buckets];
    for (number, hash) in (1u32..).zip(hashes) {
        let (mut at, tag) = bucket(hash, n_buckets);
        while table[at].1 != 0 {
            at = (at + 1) & (n_buckets - 1);
        }
        table[at] = (tag, number);
    }
    table
        .iter()
        .flat_map(|(tag, number)| [tag.to_le_bytes(), number.to_le_bytes()])
        .flatten()
        .collect()
}

/// Rating + 1, CVSS version + 1, score.
fn severity_bytes(severity: &Severity) -> [u8; 3] {
    let rating = byte(place(&RATINGS, &severity.rating)) + 1;
    match &severity.source {
        SeveritySource::Record => [rating, 0, 0],
        SeveritySource::Cvss { version, score_tenths, .. } => {
            [rating, byte(place(&CVSS_VERSIONS, version)) + 1, *score_tenths]
        }
    }
}

/// The place of a value in the table by which the index numbers it.
fn place<T: PartialEq>(table: &[T], value: &T) -> u32 {
    let at =
        table.iter().position(|it| it == value).expect("advisories hold only values of the table");
    u32::try_from(at).expect("the tables are short")
}

fn byte(place: u32) -> u8 {
    u8::try_from(place).expect("the tables are short")
}

fn index_of(at: usize, part: &'static str) -> Result<u32, BuildError> {
    u32::try_from(at).map_err(|_| BuildError::TooLarge { part })
}
