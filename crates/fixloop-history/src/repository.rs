//! Opening a repository without trusting it.

use std::path::Path;

use gix::ObjectId;
use thiserror::Error;

/// The largest blob that is read, as in a scan.
pub(crate) const MAX_BLOB_BYTES: u64 = 64 << 20;

#[derive(Debug, Error)]
pub enum RepositoryError {
    #[error("`{path}` is no git repository: {reason}")]
    Open { path: String, reason: String },
    #[error("`{path}` has no branch `{branch}`")]
    Branch { path: String, branch: String },
    #[error("`{path}` has no commit yet")]
    Empty { path: String },
}

/// A repository and the commit that its history is read from.
pub(crate) struct Opened {
    pub(crate) repository: gix::ThreadSafeRepository,
    pub(crate) tip: ObjectId,
    /// Where history was cut off by a shallow clone.
    pub(crate) shallow: Vec<ObjectId>,
}

/// Opens the repository at `path` itself (bare, or with a work tree); nothing is read from the user's or the system's configuration.
///
/// Without a branch named: the remote's default branch if the clone knows it, else `HEAD`.
///
/// # Errors
/// If there is no repository, no such branch, or no commit.
pub(crate) fn open(path: &Path, branch: Option<&str>) -> Result<Opened, RepositoryError> {
    let shown = || path.display().to_string();
    let failed = |reason: &dyn std::fmt::Display| RepositoryError::Open {
        path: shown(),
        reason: reason.to_string(),
    };
    let options = gix::open::Options::isolated().strict_config(false);
    let repository =
        gix::ThreadSafeRepository::open_opts(path, options).map_err(|error| failed(&error))?;
    let local = repository.to_thread_local();
    let find = |name: &str| {
        let mut reference = local.try_find_reference(name).ok().flatten()?;
        Some(reference.peel_to_id().ok()?.detach())
    };
    let tip = match branch {
        Some(branch) => {
            let known = [
                format!("refs/heads/{branch}"),
                format!("refs/remotes/origin/{branch}"),
                branch.to_owned(),
            ];
            let missing = || RepositoryError::Branch { path: shown(), branch: branch.to_owned() };
            known.iter().find_map(|it| find(it)).ok_or_else(missing)?
        }
        None => find("refs/remotes/origin/HEAD")
            .or_else(|| find("HEAD"))
            .ok_or_else(|| RepositoryError::Empty { path: shown() })?,
    };
    let shallow = local.shallow_commits().map_err(|error| failed(&error))?;
    let shallow = shallow.map_or_else(Vec::new, |it| it.iter().copied().collect());
    Ok(Opened { repository, tip, shallow })
}

/// What a repository is called: its folder's name without `.git`.
pub fn repository_name(path: &Path) -> String {
    let resolved = path.canonicalize();
    let path = resolved.as_deref().unwrap_or(path);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = match (&*name, path.parent().and_then(Path::file_name)) {
        (".git", Some(parent)) => parent.to_string_lossy(),
        _ => name,
    };
    name.strip_suffix(".git").unwrap_or(&name).to_owned()
}

/// What `read` makes of the text of a blob, or why that is unknown. The text is lent: its buffer serves for the next object again.
pub(crate) fn with_blob_text<R>(
    repository: &gix::Repository,
    id: ObjectId,
    read: impl FnOnce(&str) -> R,
) -> Result<R, String> {
    let missing =
        |error: &dyn std::fmt::Display| format!("blob {id} is missing or damaged: {error}");
    let header = repository.find_header(id).map_err(|error| missing(&error))?;
    if header.size() > MAX_BLOB_BYTES {
        return Err(format!("larger than {} MiB: not read", MAX_BLOB_BYTES >> 20));
    }
    let blob = repository.find_object(id).map_err(|error| missing(&error))?;
    if blob.kind != gix::object::Kind::Blob {
        return Err(format!("{id} is no file"));
    }
    if blob.data.starts_with(b"version https://git-lfs.") {
        return Err("a pointer of Git LFS: the content is not in the repository".to_owned());
    }
    let text = std::str::from_utf8(&blob.data)
        .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
    Ok(read(text))
}
