//! The wanted files of a mirror's newest commit, written to a folder for a scan. Uses no network: what is not in the mirror is reported.

use std::fs::{self, File};
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::git::{Git, GitError, Printed, Remote, Session};
use crate::state::FleetRepository;
use crate::wanted::is_wanted;

/// As large as a scan reads.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Of one repository.
const MAX_TOTAL_BYTES: u64 = 2 << 30;
const MAX_ENTRY_BYTES: u64 = 1 << 20;
/// Reading a local repository takes milliseconds; a broken disk may take forever.
const TIMEOUT: Duration = Duration::from_mins(5);

#[derive(Debug, Error)]
pub enum FilesError {
    #[error("failed to read the mirror")]
    Git(#[from] GitError),
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// What was written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HeadFiles {
    pub n_files: usize,
    /// Path and reason of what was not.
    pub unknown: Vec<(String, String)>,
}

/// Writes the wanted files of the newest commit below `target`, under their paths.
pub fn write_head_files(
    git: &Git,
    repository: &FleetRepository,
    target: &Path,
) -> Result<HeadFiles, FilesError> {
    let mut files = HeadFiles::default();
    if repository.head.is_none() {
        return Ok(files);
    }
    let folder = repository.git_dir.parent().unwrap_or(Path::new("."));
    let deadline = Instant::now() + TIMEOUT;
    let session = Session { git, folder, address: "", timeout: TIMEOUT, deadline };
    let directory = crate::git::absolute(&repository.git_dir)
        .map_err(|source| FilesError::Write { path: repository.git_dir.clone(), source })?;
    let entries = entries(&session, &directory, &mut files)?;
    let mut input = Vec::new();
    for (object, _) in &entries {
        input.extend([object.as_bytes(), b"\n"].concat());
    }
    let arguments = ["cat-file", "--batch"];
    let written = session.run(Some(&directory), Remote::None, &arguments, input, |out| {
        Ok(write_all(&entries, target, out, &mut files))
    })?;
    written?;
    Ok(files)
}

/// Object id and path of each file to write.
fn entries(
    session: &Session<'_>,
    directory: &Path,
    files: &mut HeadFiles,
) -> Result<Vec<(String, String)>, GitError> {
    let arguments = ["ls-tree", "-r", "-z", "--full-tree", "HEAD"];
    let unknown = &mut files.unknown;
    session.run(Some(directory), Remote::None, &arguments, Vec::new(), |out| {
        let mut entries = Vec::new();
        loop {
            let mut bytes = Vec::new();
            if out.by_ref().take(MAX_ENTRY_BYTES).read_until(0, &mut bytes)? == 0 {
                return Ok(entries);
            }
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, path)) = text.trim_end_matches('\0').split_once('\t') else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            if !is_wanted(path) {
                continue;
            }
            let fields: Vec<&str> = head.split(' ').collect();
            let reason = match fields[..] {
                ["100644" | "100755", "blob", object] if is_plain(path) => {
                    entries.push((object.to_owned(), path.to_owned()));
                    continue;
                }
                ["120000", ..] => "a link: not followed",
                ["160000", ..] => "another repository: not followed",
                _ => "a path that no file can have: not read",
            };
            unknown.push((path.to_owned(), reason.to_owned()));
        }
    })
}

/// Stays below the folder it is joined to, on any system.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| {
        !matches!(part, "" | "." | "..")
            && !part.eq_ignore_ascii_case(".git")
            && !part.contains(|it: char| it.is_control() || "\\:".contains(it))
    })
}

/// Reads `OBJECT blob SIZE`, the contents and a line break for each entry.
fn write_all(
    entries: &[(String, String)],
    target: &Path,
    out: &mut Printed,
    files: &mut HeadFiles,
) -> Result<(), FilesError> {
    let mut total = 0;
    for (_, path) in entries {
        let file = target.join(path);
        let failed = |source| FilesError::Write { path: file.clone(), source };
        let mut head = String::new();
        out.by_ref().take(4096).read_line(&mut head).map_err(failed)?;
        let size = head.split_whitespace().nth(2).and_then(|it| it.parse::<u64>().ok());
        let Some(size) = size else {
            files.unknown.push((path.clone(), "its contents are not in the mirror".to_owned()));
            continue;
        };
        let mut content = out.by_ref().take(size);
        total += size;
        if size > MAX_FILE_BYTES || total > MAX_TOTAL_BYTES {
            let reason = format!("larger than {} MiB: not read", MAX_FILE_BYTES >> 20);
            files.unknown.push((path.clone(), reason));
            io::copy(&mut content, &mut io::sink()).map_err(failed)?;
        } else {
            fs::create_dir_all(file.parent().unwrap_or(target)).map_err(failed)?;
            let mut written = File::create(&file).map_err(failed)?;
            io::copy(&mut content, &mut written).map_err(failed)?;
            written.flush().map_err(failed)?;
            files.n_files += 1;
        }
        out.by_ref().take(1).read_exact(&mut [0]).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_that_leaves_its_folder_is_not_plain() {
        for path in ["package.json", "a/b/go.mod", "a b/..c/pom.xml"] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "../go.mod",
            "a/../../go.mod",
            "/go.mod",
            "a//go.mod",
            "./go.mod",
            "a/.GIT/go.mod",
            "C:/go.mod",
            "..\\go.mod",
            "a\0/go.mod",
            "",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn plain_paths_stay_below(path in "(\\.\\.?|/|[a-c]|\\\\|:|\0){0,12}") {
            use std::path::Component;
            if is_plain(&path) {
                let is_below = |it: Component<'_>| matches!(it, Component::Normal(_));
                prop_assert!(Path::new(&path).components().all(is_below), "{path}");
            }
        }
    }
}
