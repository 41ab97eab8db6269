//! The mapped bytes and their checksums: every read goes through here.

use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

use crate::layout::{BLOCK, FORMAT, HEADER_LEN, MAGIC, Section};
use crate::map::Bytes;

#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum IndexError {
    #[error("not a fixloop index")]
    Foreign,
    #[error(
        "index format {found} is not the one this version reads ({FORMAT}); import the advisories again"
    )]
    Format { found: u32 },
    #[error("the index is cut short: {found} of {expected} bytes")]
    Truncated { expected: u64, found: u64 },
    #[error("the index is damaged at byte {at}; import the advisories again")]
    Damaged { at: u64 },
}

pub(crate) struct Image {
    bytes: Bytes,
    sections: [(usize, usize); Section::ALL.len()],
    /// Where the first checked block starts.
    body: usize,
    is_checked: Vec<AtomicBool>,
    pub(crate) latest_modified: i64,
}

impl Image {
    pub(crate) fn new(bytes: Bytes) -> Result<Self, IndexError> {
        let header = bytes.get(..HEADER_LEN);
        let is_ours = bytes.get(..MAGIC.len()) == Some(MAGIC);
        if !is_ours {
            return Err(IndexError::Foreign);
        }
        let found = bytes.len() as u64;
        let Some(header) = header else {
            return Err(IndexError::Truncated { expected: HEADER_LEN as u64, found });
        };
        let format = u32_at(header, 8);
        if format != FORMAT {
            return Err(IndexError::Format { found: format });
        }
        let expected = u64_at(header, 16);
        if expected != found {
            return Err(IndexError::Truncated { expected, found });
        }
        let damaged = IndexError::Damaged { at: 0 };
        let mut sections = [(0, 0); Section::ALL.len()];
        let mut body = bytes.len();
        for (slot, section) in sections.iter_mut().zip(Section::ALL) {
            let at = 32 + section as usize * 16;
            let place = |at| usize::try_from(u64_at(header, at)).ok();
            let (start, entries) = place(at).zip(place(at + 8)).ok_or(damaged.clone())?;
            let len = entries.checked_mul(section.entry_len()).ok_or(damaged.clone())?;
            let end = start.checked_add(len).filter(|end| *end <= bytes.len());
            if end.is_none() || start < HEADER_LEN {
                return Err(damaged);
            }
            body = body.min(start);
            *slot = (start, entries);
        }
        let n_blocks = (bytes.len() - body).div_ceil(BLOCK);
        let checksums = bytes.get(HEADER_LEN..HEADER_LEN + n_blocks * 4).ok_or(damaged.clone())?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&header[16..]);
        hasher.update(checksums);
        if HEADER_LEN + checksums.len() > body || hasher.finalize() != u32_at(header, 12) {
            return Err(damaged);
        }
        let is_checked = (0..n_blocks).map(|_| AtomicBool::new(false)).collect();
        let latest_modified = i64::from_le_bytes(array(header, 24));
        Ok(Self { bytes, sections, body, is_checked, latest_modified })
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn n_entries(&self, section: Section) -> usize {
        self.sections[section as usize].1
    }

    /// One entry of a section, checked.
    pub(crate) fn entry(&self, section: Section, index: usize) -> Result<&[u8], IndexError> {
        self.entries(section, index, 1)
    }

    /// Each of `count` entries; one error if they do not all lie in the section, whatever the count says.
    pub(crate) fn each(
        &self,
        section: Section,
        first: usize,
        count: usize,
    ) -> impl Iterator<Item = Result<&[u8], IndexError>> + use<'_> {
        let (start, n_entries) = self.sections[section as usize];
        let end = first.checked_add(count).filter(|end| *end <= n_entries);
        let error = end.is_none().then_some(Err(IndexError::Damaged { at: start as u64 }));
        (first..end.unwrap_or(first)).map(move |index| self.entry(section, index)).chain(error)
    }

    pub(crate) fn entries(
        &self,
        section: Section,
        first: usize,
        count: usize,
    ) -> Result<&[u8], IndexError> {
        let (start, n_entries) = self.sections[section as usize];
        let is_inside = first.checked_add(count).is_some_and(|end| end <= n_entries);
        if !is_inside {
            return Err(IndexError::Damaged { at: start as u64 });
        }
        let from = start + first * section.entry_len();
        self.checked(from, from + count * section.entry_len())
    }

    /// The text that a reference (offset and length, 8 bytes) at `at` of an entry names.
    pub(crate) fn text(&self, entry: &[u8], at: usize) -> Result<&str, IndexError> {
        let (offset, len) = (u32_at(entry, at) as usize, u32_at(entry, at + 4) as usize);
        let bytes = self.entries(Section::Texts, offset, len)?;
        let start = self.sections[Section::Texts as usize].0 + offset;
        std::str::from_utf8(bytes).map_err(|_| IndexError::Damaged { at: start as u64 })
    }

    /// Checks every block.
    pub(crate) fn check_all(&self) -> Result<(), IndexError> {
        self.checked(self.body, self.bytes.len()).map(|_| ())
    }

    fn checked(&self, start: usize, end: usize) -> Result<&[u8], IndexError> {
        if start < end {
            for block in (start - self.body) / BLOCK..=(end - 1 - self.body) / BLOCK {
                if !self.is_checked[block].load(Ordering::Relaxed) {
                    self.check(block)?;
                }
            }
        }
        Ok(&self.bytes[start..end])
    }

    #[cold]
    fn check(&self, block: usize) -> Result<(), IndexError> {
        let start = self.body + block * BLOCK;
        let end = (start + BLOCK).min(self.bytes.len());
        let expected = u32_at(&self.bytes, HEADER_LEN + block * 4);
        if crc32fast::hash(&self.bytes[start..end]) != expected {
            return Err(IndexError::Damaged { at: start as u64 });
        }
        self.is_checked[block].store(true, Ordering::Relaxed);
        Ok(())
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the slice has this length")
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

pub(crate) fn i64_at(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(array(bytes, at))
}
