//! The bytes of an index, format 1. All integers are little-endian.
//!
//! ```text
//! header     magic (8) · format (u32) · crc of the rest of the header and of the checksums (u32) · file length (u64)
//!            · latest modification (i64, µs) · one (offset u64, entries u64) per section
//! checksums  CRC-32 (u32) of each 4,096-byte block from the start of the first section to the end
//! buckets    hash tag (u32), package + 1 (u32; 0 = empty): open addressing, a power of two of them
//! packages   ecosystem, normalized name (text each) · first row, rows (u32 each); sorted by both texts
//! rows       one affected package of one record: see `view::Row`
//! ranges     type (u32) · first event, events (u32 each)
//! events     bound (u32) · version (text)
//! versions   text: those of `versions` that the ranges do not imply
//! records    see `view::Record`
//! groups     first member, members (u32 each)
//! members    id (text): ids of one alias group, representative first
//! texts      UTF-8, referred to by offset and length (u32 each)
//! ```
//!
//! A block is checked when a byte of it is first read. So opening costs nothing that grows with the index, and yet no damaged
//! byte is ever used.

/// Changes with every change of the layout; readers refuse other formats.
pub(crate) const FORMAT: u32 = 1;
pub(crate) const MAGIC: &[u8; 8] = b"FIXLOOPX";
pub(crate) const BLOCK: usize = 4096;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Section {
    Buckets,
    Packages,
    Rows,
    Ranges,
    Events,
    Versions,
    Records,
    Groups,
    Members,
    Texts,
}

impl Section {
    pub(crate) const ALL: [Self; 10] = [
        Self::Buckets,
        Self::Packages,
        Self::Rows,
        Self::Ranges,
        Self::Events,
        Self::Versions,
        Self::Records,
        Self::Groups,
        Self::Members,
        Self::Texts,
    ];

    /// Bytes of one entry.
    pub(crate) const fn entry_len(self) -> usize {
        match self {
            Self::Buckets | Self::Versions | Self::Groups | Self::Members => 8,
            Self::Packages => 24,
            Self::Rows => 48,
            Self::Ranges | Self::Events => 12,
            Self::Records => 56,
            Self::Texts => 1,
        }
    }
}

/// Magic, format, checksum, length, latest modification, sections.
pub(crate) const HEADER_LEN: usize = 8 + 4 + 4 + 8 + 8 + Section::ALL.len() * 16;

/// FNV-1a, 64 bits, over both texts: stable over builds and machines, as the file needs it.
///
/// Source: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>.
pub(crate) fn hash(ecosystem: &str, name: &str) -> u64 {
    let bytes = ecosystem.bytes().chain([0]).chain(name.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The bucket to start at (of `n_buckets`, a power of two) and the tag kept there.
pub(crate) fn bucket(hash: u64, n_buckets: usize) -> (usize, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "both halves of the hash are wanted")]
    let (low, high) = (hash as usize, (hash >> 32) as u32);
    (low & (n_buckets - 1), high)
}

/// Times that a record does not have.
pub(crate) const NO_TIME: i64 = i64::MIN;
