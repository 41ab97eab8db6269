//! Writing a file of the scanned folder.

use std::fs;
use std::io;
use std::path::Path;

/// Writes the whole text, or leaves the file as it was: one that is there is never left half written. Its permissions stay.
///
/// # Errors
/// If the folder or the file cannot be written.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    // What is linked to is what is meant.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = target.with_file_name(name);
    let written = fs::write(&partial, text)
        .and_then(|()| match target.metadata() {
            Ok(before) => fs::set_permissions(&partial, before.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&partial, &target));
    if written.is_err() && partial.exists() {
        fs::remove_file(&partial)?;
    }
    written
}
