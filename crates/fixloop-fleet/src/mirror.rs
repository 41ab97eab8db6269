//! One mirror: a bare repository with the default branch, all its commits and folders, and the contents of the wanted files.
//!
//! New commits go to a ref of their own first; the branch moves only when the contents are here too. A mirror on disk is therefore always
//! whole, and what is new is what the branch does not reach yet.

mod blobs;
mod remote_head;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::git::{GitError, REMOTE, Remote, Session};
use crate::mirror::blobs::fetch_wanted;
use crate::mirror::remote_head::{RemoteHead, remote_head};
use crate::sync::Change;

/// Where new commits wait for their files.
const INCOMING: &str = "refs/fixloop/incoming";

/// More packs than this are put into one: reading looks into each of them.
const MAX_PACKS: usize = 40;

#[derive(Debug, Error)]
pub(crate) enum MirrorError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the repository has no commits any more")]
    Emptied,
    #[error("the remote's branch `{0}` cannot be used")]
    Branch(String),
}

pub(crate) struct Mirrored {
    pub(crate) change: Change,
    /// `None` while the repository has no commits.
    pub(crate) branch: Option<String>,
    pub(crate) head: Option<String>,
    pub(crate) is_partial: bool,
}

/// The branch of a mirror and its commit.
struct Local {
    branch: String,
    head: String,
    /// Every branch there is; one, unless the default was renamed.
    branches: Vec<String>,
}

struct Fetched {
    commit: String,
    /// Whether contents were left on the host.
    is_partial: bool,
}

/// Brings the mirror at `path` up to date, or makes it. `listed` is the branch that the list names.
pub(crate) fn mirror(
    session: &Session<'_>,
    listed: Option<&str>,
    path: &Path,
    was_partial: bool,
) -> Result<Mirrored, MirrorError> {
    let remote = remote_head(session, listed)?;
    if !path.exists() {
        return fresh(session, remote.as_ref(), path, Change::New);
    }
    // A mirror that cannot be read is made anew.
    let local = local(session, path).ok().flatten();
    match (local, remote) {
        (None, remote) => {
            let was_empty = remote.is_none() && is_readable(session, path);
            let change = if was_empty { Change::Unchanged } else { Change::Updated };
            fresh(session, remote.as_ref(), path, change)
        }
        (Some(_), None) => Err(MirrorError::Emptied),
        (Some(local), Some(remote))
            if local.head == remote.commit && local.branch == remote.branch =>
        {
            Ok(Mirrored {
                change: Change::Unchanged,
                branch: Some(local.branch),
                head: Some(local.head),
                is_partial: was_partial,
            })
        }
        (Some(local), Some(remote)) => match update(session, path, &remote, &local, was_partial) {
            Err(error) if !is_final(&error) => fresh(session, Some(&remote), path, Change::Updated),
            updated => updated,
        },
    }
}

/// The default branch of a mirror and its commit, which has to be readable; `None` if it has no commits.
fn local(session: &Session<'_>, path: &Path) -> Result<Option<Local>, GitError> {
    let format = "--format=%(HEAD) %(objectname) %(tree) %(refname)";
    let text = session.text(Some(path), Remote::None, &["for-each-ref", format, "refs/heads"])?;
    let mut local: Option<Local> = None;
    let mut branches = Vec::new();
    for line in text.lines() {
        let Some(branch) = line.split(" refs/heads/").nth(1) else { continue };
        branches.push(branch.to_owned());
        if let Some(rest) = line.strip_prefix("* ") {
            let head = rest.split(' ').next().unwrap_or("").to_owned();
            local = Some(Local { branch: branch.to_owned(), head, branches: Vec::new() });
        }
    }
    Ok(local.map(|it| Local { branches, ..it }))
}

fn is_readable(session: &Session<'_>, path: &Path) -> bool {
    session.text(Some(path), Remote::None, &["rev-parse", "--git-dir"]).is_ok()
}

/// Nothing that a new attempt would change.
fn is_final(error: &MirrorError) -> bool {
    matches!(error, MirrorError::Git(GitError::TimedOut(_) | GitError::Start(_)))
}

fn update(
    session: &Session<'_>,
    path: &Path,
    remote: &RemoteHead,
    local: &Local,
    was_partial: bool,
) -> Result<Mirrored, MirrorError> {
    let mode = if was_partial { Remote::Partial } else { Remote::Whole };
    let fetched = fetch(session, path, remote, Some(&local.head), mode)?;
    for branch in local.branches.iter().filter(|it| **it != remote.branch) {
        let name = format!("refs/heads/{branch}");
        session.text(Some(path), Remote::None, &["update-ref", "-d", &name])?;
    }
    if n_packs(path) > MAX_PACKS {
        session.text(Some(path), mode, &["repack", "-a", "-d", "-q"])?;
    }
    Ok(Mirrored {
        change: Change::Updated,
        branch: Some(remote.branch.clone()),
        head: Some(fetched.commit),
        is_partial: fetched.is_partial || was_partial,
    })
}

fn n_packs(path: &Path) -> usize {
    let packs = fs::read_dir(path.join("objects/pack"));
    let is_pack = |it: &fs::DirEntry| it.path().extension().is_some_and(|it| it == "pack");
    packs.map_or(0, |it| it.filter(|it| it.as_ref().is_ok_and(is_pack)).count())
}

/// A new mirror in place of what is at `path`, first beside it: an interrupted one is never taken for a mirror.
fn fresh(
    session: &Session<'_>,
    remote: Option<&RemoteHead>,
    path: &Path,
    change: Change,
) -> Result<Mirrored, MirrorError> {
    let beside = |what: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!(".{what}-{name}"))
    };
    let (new, old) = (beside("new"), beside("old"));
    let made = match make(session, remote, &new, Remote::Partial) {
        // A host may refuse the filter, or to send single files, and serve whole repositories all the same.
        Err(error) if remote.is_some() && !is_final(&error) => {
            make(session, remote, &new, Remote::Whole)
        }
        made => made,
    };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| MirrorError::Write { path, source }
    };
    let fetched = match made {
        Ok(fetched) => fetched,
        Err(error) => {
            remove(&new).map_err(failed(&new))?;
            return Err(error);
        }
    };
    if path.exists() {
        remove(&old).map_err(failed(&old))?;
        fs::rename(path, &old).map_err(failed(path))?;
    }
    fs::rename(&new, path).map_err(failed(path))?;
    remove(&old).map_err(failed(&old))?;
    Ok(Mirrored {
        change,
        branch: remote.map(|it| it.branch.clone()),
        is_partial: fetched.as_ref().is_some_and(|it| it.is_partial),
        head: fetched.map(|it| it.commit),
    })
}

/// Removes a folder with all it holds, if there is one.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn make(
    session: &Session<'_>,
    remote: Option<&RemoteHead>,
    path: &Path,
    mode: Remote,
) -> Result<Option<Fetched>, MirrorError> {
    remove(path).map_err(|source| MirrorError::Write { path: path.to_owned(), source })?;
    let is_long = remote.is_some_and(|it| it.commit.len() == 64);
    let format = if is_long { "--object-format=sha256" } else { "--object-format=sha1" };
    let place = path.to_string_lossy();
    // Without templates: no hooks, no examples.
    session.text(None, Remote::None, &["init", "-q", "--bare", "--template=", format, &place])?;
    match remote {
        Some(remote) => fetch(session, path, remote, None, mode).map(Some),
        None => Ok(None),
    }
}

/// Fetches the commits and folders, then the wanted files, then moves the branch.
fn fetch(
    session: &Session<'_>,
    path: &Path,
    remote: &RemoteHead,
    known: Option<&str>,
    mode: Remote,
) -> Result<Fetched, MirrorError> {
    let refspec = format!("+{}:{INCOMING}", remote.source);
    let mut arguments = vec!["fetch", "-q", "--no-tags", "--no-write-fetch-head"];
    if mode == Remote::Partial {
        arguments.push("--filter=blob:none");
    }
    arguments.extend([REMOTE, &refspec]);
    session.text(Some(path), mode, &arguments)?;
    // The branch may have moved since it was asked for.
    let here =
        session.text(Some(path), Remote::None, &["rev-parse", "--verify", "-q", INCOMING])?;
    let commit = here.trim();
    let wanted = fetch_wanted(session, path, commit, known, mode)?;
    let branch = format!("refs/heads/{}", remote.branch);
    session.text(Some(path), Remote::None, &["symbolic-ref", "HEAD", &branch])?;
    let moves = format!("update {branch} {commit}\ndelete {INCOMING}\n");
    session.run(
        Some(path),
        Remote::None,
        &["update-ref", "--stdin"],
        moves.into_bytes(),
        |_| Ok(()),
    )?;
    if wanted.is_long {
        let arguments = ["commit-graph", "write", "--reachable", "--no-progress"];
        session.text(Some(path), Remote::None, &arguments)?;
    }
    Ok(Fetched { commit: commit.to_owned(), is_partial: wanted.is_partial })
}
