//! Which components the targets of a fleet hold, so that a new advisory is answered without reading a lockfile again.
//!
//! Each distinct component is there once, and each target is a sorted set of their numbers. On disk: a magic number, a CRC, and numbers (LEB128)
//! and texts; a set as the distances between its members.

use std::collections::HashMap;

use thiserror::Error;

const MAGIC: &[u8; 8] = b"fixcomp\x01";

/// More than any real index has.
const MAX_BYTES: usize = 2 << 30;

/// A component as targets hold it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Held {
    /// As OSV spells it.
    pub ecosystem: String,
    pub name: String,
    /// Nothing where the file does not fix one.
    pub version: Option<String>,
    pub origin: Origin,
}

/// Where its code comes from, as far as advisories ask.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Origin {
    Public,
    Registry(String),
    /// A repository, an archive, a folder or a workspace: no registry's advisories are about it.
    Elsewhere,
    Unknown,
}

/// One file that decides for its packages.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IndexedTarget {
    pub path: String,
    /// By the name of its format.
    pub format: String,
    /// Numbers in [`ComponentIndex::components`], ascending.
    pub components: Vec<u32>,
    /// Why it could not be read as a whole.
    pub unknown: Option<String>,
}

/// One repository as of its newest commit.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IndexedRepository {
    pub name: String,
    /// In hexadecimal; nothing while there is no commit.
    pub head: Option<String>,
    /// Microseconds since 1970, UTC.
    pub committed_at: Option<i64>,
    pub targets: Vec<IndexedTarget>,
    /// Why nothing of it could be read.
    pub unknown: Option<String>,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ComponentIndex {
    pub components: Vec<Held>,
    /// By name.
    pub repositories: Vec<IndexedRepository>,
}

/// Why bytes are no index that can be used: it is then made anew.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum IndexFault {
    #[error("no component index of this version")]
    Magic,
    #[error("larger than {} MiB", MAX_BYTES >> 20)]
    TooLarge,
    #[error("a damaged byte")]
    Damaged,
}

/// Makes an index, repository after repository.
#[derive(Default)]
pub struct Indexed {
    numbers: HashMap<Held, u32>,
    index: ComponentIndex,
}

impl Indexed {
    /// The number of a component, a new one where it was not met yet.
    pub fn number(&mut self, held: Held) -> u32 {
        if let Some(known) = self.numbers.get(&held) {
            return *known;
        }
        // No file has as many components: the reader of each is bounded.
        let number = u32::try_from(self.index.components.len()).unwrap_or(u32::MAX);
        self.index.components.push(held.clone());
        self.numbers.insert(held, number);
        number
    }

    pub fn add(&mut self, repository: IndexedRepository) {
        self.index.repositories.push(repository);
    }

    /// Takes a repository over from an index that was made before.
    pub fn keep(&mut self, old: &ComponentIndex, mut repository: IndexedRepository) {
        for target in &mut repository.targets {
            let held = target.components.iter().filter_map(|it| old.components.get(*it as usize));
            let mut numbers: Vec<u32> = held.map(|it| self.number(it.clone())).collect();
            numbers.sort_unstable();
            numbers.dedup();
            target.components = numbers;
        }
        self.add(repository);
    }

    pub fn finish(mut self) -> ComponentIndex {
        self.index.repositories.sort_by(|a, b| a.name.cmp(&b.name));
        self.index
    }
}

impl ComponentIndex {
    pub fn n_targets(&self) -> usize {
        self.repositories.iter().map(|it| it.targets.len()).sum()
    }

    pub fn repository(&self, name: &str) -> Option<&IndexedRepository> {
        let place = self.repositories.binary_search_by(|it| (*it.name).cmp(name)).ok()?;
        self.repositories.get(place)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::new());
        out.count(self.components.len());
        for it in &self.components {
            out.text(&it.ecosystem);
            out.text(&it.name);
            out.optional(it.version.as_deref());
            let (kind, host) = match &it.origin {
                Origin::Public => (0, None),
                Origin::Elsewhere => (1, None),
                Origin::Unknown => (2, None),
                Origin::Registry(host) => (3, Some(&**host)),
            };
            out.0.push(kind);
            out.optional(host);
        }
        out.count(self.repositories.len());
        for it in &self.repositories {
            out.text(&it.name);
            out.optional(it.head.as_deref());
            out.0.push(u8::from(it.committed_at.is_some()));
            out.number(it.committed_at.unwrap_or(0).cast_unsigned());
            out.optional(it.unknown.as_deref());
            out.count(it.targets.len());
            for target in &it.targets {
                out.text(&target.path);
                out.text(&target.format);
                out.optional(target.unknown.as_deref());
                out.set(&target.components);
            }
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(crc32fast::hash(&out.0).to_le_bytes());
        bytes.extend(out.0);
        bytes
    }

    /// # Errors
    /// If these are not the bytes of an index.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, IndexFault> {
        if bytes.len() > MAX_BYTES {
            return Err(IndexFault::TooLarge);
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or(IndexFault::Magic)?;
        let (crc, rest) = rest.split_first_chunk::<4>().ok_or(IndexFault::Damaged)?;
        if u32::from_le_bytes(*crc) != crc32fast::hash(rest) {
            return Err(IndexFault::Damaged);
        }
        let mut reader = Reader(rest);
        let index = reader.index().ok_or(IndexFault::Damaged)?;
        if reader.0.is_empty() { Ok(index) } else { Err(IndexFault::Damaged) }
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            let [low, ..] = value.to_le_bytes();
            self.0.push(low | 0x80);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.0.push(low);
    }

    fn count(&mut self, value: usize) {
        self.number(value as u64);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn set(&mut self, numbers: &[u32]) {
        self.count(numbers.len());
        let mut last = 0;
        for it in numbers {
            self.number(u64::from(it.wrapping_sub(last)));
            last = *it;
        }
    }
}

/// Every function is `None` at the end of the bytes or at a value that cannot be.
struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// Of things that take at least a byte each.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    /// The inner one is the text that may be missing.
    #[expect(clippy::option_option, reason = "the end of the bytes is not a text that is missing")]
    fn optional(&mut self) -> Option<Option<String>> {
        match self.byte()? {
            0 => Some(None),
            1 => Some(Some(self.text()?)),
            _ => None,
        }
    }

    fn index(&mut self) -> Option<ComponentIndex> {
        let n_components = self.count()?;
        let components: Option<Vec<Held>> = (0..n_components).map(|_| self.held()).collect();
        let components = components?;
        let n_repositories = self.count()?;
        let repositories: Option<Vec<IndexedRepository>> =
            (0..n_repositories).map(|_| self.repository(n_components)).collect();
        Some(ComponentIndex { components, repositories: repositories? })
    }

    fn held(&mut self) -> Option<Held> {
        let (ecosystem, name, version) = (self.text()?, self.text()?, self.optional()?);
        let origin = match (self.byte()?, self.optional()?) {
            (0, None) => Origin::Public,
            (1, None) => Origin::Elsewhere,
            (2, None) => Origin::Unknown,
            (3, Some(host)) => Origin::Registry(host),
            _ => return None,
        };
        Some(Held { ecosystem, name, version, origin })
    }

    fn repository(&mut self, n_components: usize) -> Option<IndexedRepository> {
        let (name, head) = (self.text()?, self.optional()?);
        let (has_time, time) = (self.byte()?, self.number()?);
        let unknown = self.optional()?;
        let n_targets = self.count()?;
        let targets: Option<Vec<IndexedTarget>> =
            (0..n_targets).map(|_| self.target(n_components)).collect();
        let committed_at = (has_time == 1).then_some(time.cast_signed());
        Some(IndexedRepository { name, head, committed_at, targets: targets?, unknown })
    }

    fn target(&mut self, n_components: usize) -> Option<IndexedTarget> {
        let (path, format, unknown) = (self.text()?, self.text()?, self.optional()?);
        let n = self.count()?;
        let mut last = 0_u64;
        let mut components = Vec::with_capacity(n);
        for _ in 0..n {
            last = last.checked_add(self.number()?)?;
            components.push(u32::try_from(last).ok().filter(|it| (*it as usize) < n_components)?);
        }
        Some(IndexedTarget { path, format, components, unknown })
    }
}

#[cfg(test)]
mod tests;
