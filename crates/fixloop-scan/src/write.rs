//! Writing a file of the scanned folder.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes the whole text, or leaves the file as it was: one that is there is never left half written. Links are followed, and
/// permissions stay.
///
/// # Errors
/// If the folder or the file cannot be written.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = place.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match place.metadata() {
        Ok(metadata) => file.as_file().set_permissions(metadata.permissions())?,
        Err(_) => set_usual_permissions(&file)?,
    }
    file.persist(place)?;
    Ok(())
}

/// A temporary file is its owner's alone; one that is committed is not.
#[cfg(unix)]
fn set_usual_permissions(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_usual_permissions(_file: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}
