//! Files that are there in full or not at all, also after a power failure.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes `partial`, has the disk keep it, and gives it the name `path`, which must be in the same folder. When this returns, the file
/// stays; before that, `path` is what it was.
pub(crate) fn write(
    options: &mut OpenOptions,
    partial: &Path,
    path: &Path,
    bytes: &[u8],
) -> io::Result<()> {
    let written = options.write(true).open(partial).and_then(|mut file| {
        step();
        file.write_all(bytes)?;
        step();
        file.sync_all()
    });
    step();
    let renamed = written.and_then(|()| fs::rename(partial, path));
    if let Err(error) = renamed {
        // A full disk is not to be filled with what nobody reads. If even that fails, the first error says more.
        let _ = fs::remove_file(partial);
        return Err(error);
    }
    step();
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Has the disk keep which files a folder holds, where the system can do that.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder).and_then(|it| it.sync_all()) {
        // Some network file systems have no such thing.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// A moment at which a test ends the process.
#[cfg(not(test))]
pub(crate) fn step() {}

#[cfg(test)]
pub(crate) use crate::tests::steps::step;
