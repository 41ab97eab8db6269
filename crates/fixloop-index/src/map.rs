//! A read-only file mapping: the only unsafe code of the workspace.

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::Mmap;

/// Bytes of an index: mapped from a file, or built in memory.
pub(crate) enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Bytes {
    #[expect(
        unsafe_code,
        reason = "mapping a file is unsafe because the file may change under the map"
    )]
    pub(crate) fn map(file: &File) -> io::Result<Self> {
        // SAFETY: the map is read-only and private to this process. `Builder` never writes into an index in place: it writes a new
        // file and renames it, so the mapped file keeps its bytes. Every read is bounds-checked against the length mapped, and
        // checked by CRC before use. A foreign process that truncates the file in place can end this one by SIGBUS; it cannot
        // make it read outside the map.
        unsafe { Mmap::map(file) }.map(Self::Mapped)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}
