//! Records inside zip and tar.zst archives, one at a time and within bounds.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use thiserror::Error;

/// One record at most; the largest real one has about 2 MB.
pub(crate) const MAX_RECORD_BYTES: u64 = 16 << 20;
/// One archive unpacked at most: three times all of OSV today.
const MAX_ARCHIVE_BYTES: u64 = 8 << 30;

#[derive(Debug, Error)]
pub(crate) enum ArchiveError {
    #[error("failed to read")]
    Read(#[source] io::Error),
    #[error("not a zip archive, or a damaged one")]
    Zip(#[source] zip::result::ZipError),
    #[error("larger than {MAX_RECORD_BYTES} bytes unpacked: not read")]
    EntryTooLarge,
    #[error("unpacks to more than {MAX_ARCHIVE_BYTES} bytes: the rest is not read")]
    ArchiveTooLarge,
}

/// One text from an archive, or why it could not be had.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) content: Result<Vec<u8>, ArchiveError>,
}

/// Calls `take` with every entry that is a record by its name.
///
/// # Errors
/// If the archive cannot be read to its end; entries before that place have been taken.
pub(crate) fn for_each_zip_entry(
    path: &Path,
    mut take: impl FnMut(Entry),
) -> Result<(), ArchiveError> {
    let file = BufReader::new(File::open(path).map_err(ArchiveError::Read)?);
    let mut archive = zip::ZipArchive::new(file).map_err(ArchiveError::Zip)?;
    let mut n_bytes = 0;
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                let name = format!("entry {index}");
                take(Entry { name, content: Err(ArchiveError::Zip(error)) });
                continue;
            }
        };
        let name = entry.name().map_or("?".into(), Cow::into_owned);
        if !entry.is_file() || !is_record_name(&name) {
            continue;
        }
        let content = read(&mut entry, &mut n_bytes);
        if matches!(content, Err(ArchiveError::ArchiveTooLarge)) {
            return content.map(|_| ());
        }
        take(Entry { name, content });
    }
    Ok(())
}

/// See [`for_each_zip_entry`].
pub(crate) fn for_each_tar_entry(
    path: &Path,
    mut take: impl FnMut(Entry),
) -> Result<(), ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::Read)?;
    let mut decoder = zstd::Decoder::new(file).map_err(ArchiveError::Read)?;
    // 128 MiB: what `zstd --long` needs at most without asking for more.
    decoder.window_log_max(27).map_err(ArchiveError::Read)?;
    // Tar skips entries by reading them, so the bound lies on the stream.
    let mut archive = tar::Archive::new(decoder.take(MAX_ARCHIVE_BYTES));
    let mut n_bytes = 0;
    for entry in archive.entries().map_err(ArchiveError::Read)? {
        let mut entry = entry.map_err(ArchiveError::Read)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || !is_record_name(&name) {
            continue;
        }
        let content = read(&mut entry, &mut n_bytes);
        match content {
            Err(ArchiveError::ArchiveTooLarge | ArchiveError::Read(_)) => {
                return content.map(|_| ());
            }
            content => take(Entry { name, content }),
        }
    }
    Ok(())
}

pub(crate) fn is_record_name(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let is_json = Path::new(file).extension().is_some_and(|it| it.eq_ignore_ascii_case("json"));
    is_json && !file.starts_with('.')
}

fn read(entry: &mut impl Read, n_bytes: &mut u64) -> Result<Vec<u8>, ArchiveError> {
    let mut content = Vec::new();
    let read = entry.take(MAX_RECORD_BYTES + 1).read_to_end(&mut content);
    *n_bytes += content.len() as u64;
    read.map_err(ArchiveError::Read)?;
    if *n_bytes > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::ArchiveTooLarge);
    }
    if content.len() as u64 > MAX_RECORD_BYTES {
        return Err(ArchiveError::EntryTooLarge);
    }
    Ok(content)
}
