//! Bare repositories on disk, written by `git fast-import` (<https://git-scm.com/docs/git-fast-import>), one process per repository.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum SimError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to run `git fast-import`: is git installed?")]
    Run(#[source] io::Error),
    #[error("`git fast-import` failed in `{}`: {message}", path.display())]
    Import { path: PathBuf, message: String },
    #[error("the setting `{name}` is `{value}`, not from {least} to {most}")]
    Setting { name: &'static str, value: f64, least: f64, most: f64 },
}

pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), SimError> {
    fs::write(path, content).map_err(|source| SimError::Write { path: path.to_owned(), source })
}

pub(crate) fn create_folder(path: &Path) -> Result<(), SimError> {
    fs::create_dir_all(path).map_err(|source| SimError::Write { path: path.to_owned(), source })
}

/// A commit that is not written yet.
pub(crate) struct Commit {
    pub(crate) at: Timestamp,
    pub(crate) subject: String,
    pub(crate) manifest: String,
    pub(crate) lockfile: String,
}

/// What all commits of a repository have in common.
pub(crate) struct Paths<'a> {
    pub(crate) git_dir: &'a Path,
    pub(crate) manifest: &'a str,
    pub(crate) lockfile: &'a str,
    pub(crate) team: &'a str,
}

/// What `git init --bare` makes, without a process and without the templates of whoever runs this.
pub(crate) fn create(git_dir: &Path) -> Result<(), SimError> {
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        create_folder(&git_dir.join(folder))?;
    }
    write(&git_dir.join("HEAD"), "ref: refs/heads/main\n")?;
    let config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";
    write(&git_dir.join("config"), config)
}

/// Adds the commits to `main`, in their order.
pub(crate) fn import(
    paths: &Paths<'_>,
    commits: &[Commit],
    is_first: bool,
) -> Result<(), SimError> {
    let mut child = Command::new("git")
        .args(["-c", "core.fsync=none", "-c", "core.compression=1"])
        // A pack each time: for seven loose objects git starts another process and makes as many files.
        .args(["-c", "fastimport.unpackLimit=1"])
        .args(["fast-import", "--quiet"])
        .current_dir(paths.git_dir)
        .env("GIT_DIR", paths.git_dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        // Git gives the memory of each object back to the system: kept, an import takes half the time (glibc only).
        .env("MALLOC_TRIM_THRESHOLD_", "268435456")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(SimError::Run)?;
    let mut stdin = child.stdin.take().expect("it was asked to be piped");
    // If git ends early, its own words tell more than the broken pipe.
    let written = stream(paths, commits, is_first).and_then(|it| stdin.write_all(&it));
    drop(stdin);
    let output = child.wait_with_output().map_err(SimError::Run)?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(SimError::Import { path: paths.git_dir.to_owned(), message });
    }
    written.map_err(SimError::Run)
}

/// Contents first, those of one path after the other, because git stores each as its difference from the one before.
fn stream(paths: &Paths<'_>, commits: &[Commit], is_first: bool) -> io::Result<Vec<u8>> {
    let mut stream = Vec::new();
    let mut mark = 0;
    let contents = commits.iter().map(|it| &it.manifest);
    for content in contents.chain(commits.iter().map(|it| &it.lockfile)) {
        mark += 1;
        write!(stream, "blob\nmark :{mark}\ndata {}\n{content}\n", content.len())?;
    }
    for (place, it) in commits.iter().enumerate() {
        let (seconds, team, subject) = (it.at.as_second(), paths.team, &it.subject);
        let committer = format!("{team} <{team}@acme.example> {seconds} +0000");
        let from = if place == 0 && !is_first { "from refs/heads/main^0\n" } else { "" };
        writeln!(stream, "commit refs/heads/main\ncommitter {committer}")?;
        write!(stream, "data {}\n{subject}\n{from}", subject.len())?;
        writeln!(stream, "M 100644 :{} {}", place + 1, paths.manifest)?;
        writeln!(stream, "M 100644 :{} {}", commits.len() + place + 1, paths.lockfile)?;
    }
    Ok(stream)
}
