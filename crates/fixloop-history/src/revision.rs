//! One commit's files, and the commit that two sides come from: read from the repository, without a work tree and without git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_model::{Files, Timestamp};
use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use thiserror::Error;

use crate::paths::is_skipped_folder;
use crate::repository::with_blob_text;

/// Deeper folders are not looked into: a hostile tree could contain itself a million times over.
const MAX_DEPTH: usize = 48;
/// More files than any real commit has (Linux: 90,000); what is beyond is told.
const MAX_FILES: usize = 2_000_000;
/// Characters of a revision: names of branches are at most 255 bytes on any host.
const MAX_REVISION: usize = 1_000;

/// Why a commit, or what it has in common with another one, is not known.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RevisionError {
    #[error("`{0}` lies in no git repository")]
    NoRepository(String),
    #[error("`{path}` is no git repository that can be read: {reason}")]
    Open { path: String, reason: String },
    #[error("there is no commit `{0}` here")]
    Missing(String),
    #[error("`{path}` has no commit yet")]
    Empty { path: String },
    #[error(
        "this clone is shallow, and the commit that `{head}` and `{base}` come from is not in it"
    )]
    Shallow { head: String, base: String },
    #[error("`{head}` and `{base}` have no commit in common")]
    Unrelated { head: String, base: String },
    #[error("commit `{revision}` cannot be read: {reason}")]
    Damaged { revision: String, reason: String },
}

impl RevisionError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Shallow { .. } => Some(
                "git fetch --unshallow, or fetch-depth: 0 (GIT_DEPTH: 0, fetchDepth: 0) in the pipeline",
            ),
            Self::Missing(_) => {
                Some("git fetch origin BRANCH brings it, then name it as origin/BRANCH")
            }
            _ => None,
        }
    }
}

/// A repository that revisions are looked up in.
#[derive(Clone)]
pub struct Repository {
    inner: gix::ThreadSafeRepository,
    /// Of the work tree, or of the repository itself where it has none.
    root: PathBuf,
}

/// A commit.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CommitId(ObjectId);

impl std::fmt::Display for CommitId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Repository {
    /// The repository itself at `path`, bare or not. Nothing is read from the user's or the system's configuration.
    ///
    /// # Errors
    /// If there is none.
    pub fn open(path: &Path) -> Result<Self, RevisionError> {
        let options = gix::open::Options::isolated().strict_config(false);
        let failed = |error: &dyn std::fmt::Display| RevisionError::Open {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let inner =
            gix::ThreadSafeRepository::open_opts(path, options).map_err(|error| failed(&error))?;
        Ok(Self { inner, root: path.to_owned() })
    }

    /// The repository whose work tree holds `path`, and the path below its root.
    ///
    /// # Errors
    /// If it lies in none.
    pub fn containing(path: &Path) -> Result<(Self, String), RevisionError> {
        let outside = || RevisionError::NoRepository(path.display().to_string());
        let absolute = path.canonicalize().map_err(|_| outside())?;
        // A file in place of the folder is what worktrees and submodules have.
        let root = absolute.ancestors().find(|it| it.join(".git").exists()).ok_or_else(outside)?;
        let below = absolute.strip_prefix(root).map_err(|_| outside())?;
        let parts: Vec<_> = below.components().map(|it| it.as_os_str().to_string_lossy()).collect();
        Ok((Self::open(root)?, parts.join("/")))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that a revision names: a branch, also one of the remote `origin`, a tag, an id, or `HEAD~3`. Without one: the remote's
    /// default branch if the clone knows it, else `HEAD`.
    ///
    /// # Errors
    /// If there is no such commit.
    pub fn commit(&self, revision: Option<&str>) -> Result<CommitId, RevisionError> {
        let repository = self.inner.to_thread_local();
        let Some(revision) = revision else {
            let head = ["refs/remotes/origin/HEAD", "HEAD"];
            let found = head.iter().find_map(|it| {
                let mut reference = repository.try_find_reference(*it).ok().flatten()?;
                Some(CommitId(reference.peel_to_id().ok()?.detach()))
            });
            let empty = || RevisionError::Empty { path: self.root.display().to_string() };
            return found.ok_or_else(empty);
        };
        let missing = || RevisionError::Missing(revision.chars().take(200).collect());
        if revision.is_empty() || revision.len() > MAX_REVISION {
            return Err(missing());
        }
        let spellings = [revision.to_owned(), format!("origin/{revision}")];
        let parse = |it: &String| repository.rev_parse_single(it.as_str()).ok();
        let id = spellings.iter().find_map(parse).ok_or_else(missing)?;
        let object = id.object().map_err(|_| missing())?;
        let commit = object.peel_to_kind(gix::object::Kind::Commit).map_err(|_| missing())?;
        Ok(CommitId(commit.id))
    }

    /// `HEAD`, whatever the remote's default branch is.
    ///
    /// # Errors
    /// If there is no commit yet.
    pub fn head(&self) -> Result<CommitId, RevisionError> {
        self.commit(Some("HEAD"))
            .map_err(|_| RevisionError::Empty { path: self.root.display().to_string() })
    }

    /// The best common ancestor of a revision and the base that it is to be merged into.
    ///
    /// # Errors
    /// If there is none, or if a shallow clone does not hold it: the tip of the base is never taken instead.
    pub fn merge_base(&self, head: CommitId, base: CommitId) -> Result<CommitId, RevisionError> {
        let mut repository = self.inner.to_thread_local();
        repository.object_cache_size_if_unset(4 << 20);
        let (head_text, base_text) = (head.to_string(), base.to_string());
        let found = repository.merge_base(head.0, base.0).map_err(|error| {
            let (revision, reason) = (base_text.clone(), error.to_string());
            RevisionError::Damaged { revision, reason }
        })?;
        if let Some(id) = found {
            return Ok(CommitId(id.detach()));
        }
        let names = (head_text, base_text);
        if repository.shallow_commits().is_ok_and(|it| it.is_some()) {
            return Err(RevisionError::Shallow { head: names.0, base: names.1 });
        }
        Err(RevisionError::Unrelated { head: names.0, base: names.1 })
    }

    /// Branches with their newest commits, those of the remote `origin` without its name; each name once, sorted.
    ///
    /// # Errors
    /// If references cannot be read.
    pub fn branches(&self) -> Result<Vec<(String, CommitId)>, RevisionError> {
        let failed = |error: &dyn std::fmt::Display| RevisionError::Open {
            path: self.root.display().to_string(),
            reason: error.to_string(),
        };
        let repository = self.inner.to_thread_local();
        let references = repository.references().map_err(|error| failed(&error))?;
        let all = references.all().map_err(|error| failed(&error))?;
        let mut branches = BTreeMap::new();
        for mut it in all.flatten() {
            let name = it.name().as_bstr().to_string();
            let local = name.strip_prefix("refs/heads/");
            let short = local.or_else(|| name.strip_prefix("refs/remotes/origin/"));
            let Some(short) = short.filter(|it| *it != "HEAD").map(ToOwned::to_owned) else {
                continue;
            };
            if let Ok(id) = it.peel_to_id() {
                branches.entry(short).or_insert(CommitId(id.detach()));
            }
        }
        Ok(branches.into_iter().collect())
    }

    /// When it was committed.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn time(&self, id: CommitId) -> Result<Timestamp, RevisionError> {
        let repository = self.inner.to_thread_local();
        let commit = repository.find_commit(id.0).map_err(|error| damaged(id, &error))?;
        let time = commit.time().map_err(|error| damaged(id, &error))?;
        Ok(Timestamp(time.seconds.saturating_mul(1_000_000)))
    }

    /// The parents, the first of them the branch's own.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn parents(&self, id: CommitId) -> Result<Vec<CommitId>, RevisionError> {
        let repository = self.inner.to_thread_local();
        let commit = repository.find_commit(id.0).map_err(|error| damaged(id, &error))?;
        Ok(commit.parent_ids().map(|it| CommitId(it.detach())).collect())
    }

    /// The files of a commit below a folder (`""` for all of them) that somebody wants to read, by their paths below it.
    ///
    /// # Errors
    /// If the commit cannot be read.
    pub fn files(
        &self,
        id: CommitId,
        folder: &str,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Revision, RevisionError> {
        let repository = self.inner.to_thread_local();
        let commit = repository.find_commit(id.0).map_err(|error| damaged(id, &error))?;
        let mut tree = commit.tree().map_err(|error| damaged(id, &error))?;
        let mut revision = Revision {
            repository: self.inner.clone(),
            commit: id,
            tree: tree.id,
            paths: Vec::new(),
            blobs: BTreeMap::new(),
            faults: Vec::new(),
        };
        if !folder.is_empty() {
            let entry = tree.lookup_entry_by_path(folder).map_err(|error| damaged(id, &error))?;
            match entry.filter(|it| it.mode().is_tree()).map(|it| it.object()) {
                Some(Ok(object)) => tree = object.into_tree(),
                Some(Err(error)) => return Err(damaged(id, &error)),
                // The folder is new.
                None => return Ok(revision),
            }
        }
        revision.tree = tree.id;
        revision.walk(&tree, "", 0, is_wanted);
        revision.paths = revision.blobs.keys().cloned().collect();
        Ok(revision)
    }
}

fn damaged(id: CommitId, error: &dyn std::fmt::Display) -> RevisionError {
    RevisionError::Damaged { revision: id.to_string(), reason: error.to_string() }
}

/// The files of one commit.
pub struct Revision {
    repository: gix::ThreadSafeRepository,
    commit: CommitId,
    /// Of the folder that is read.
    tree: ObjectId,
    paths: Vec<String>,
    blobs: BTreeMap<String, ObjectId>,
    /// Paths that cannot be read, and why.
    pub faults: Vec<(String, String)>,
}

impl Revision {
    pub fn commit(&self) -> CommitId {
        self.commit
    }

    /// The name of a file's content: equal contents have equal names.
    pub fn content(&self, path: &str) -> Option<String> {
        self.blobs.get(path).map(ToString::to_string)
    }

    fn walk(
        &mut self,
        tree: &gix::Tree<'_>,
        prefix: &str,
        depth: usize,
        is_wanted: &dyn Fn(&str) -> bool,
    ) {
        if depth > MAX_DEPTH {
            self.faults.push((prefix.to_owned(), "nested too deep: not read".to_owned()));
            return;
        }
        for entry in tree.iter() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let reason = format!("the folder is damaged: {error}");
                    self.faults.push((prefix.to_owned(), reason));
                    return;
                }
            };
            // Names that are no text name no file that a reader knows.
            let Ok(name) = entry.filename().to_str() else { continue };
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            match entry.mode().kind() {
                EntryKind::Tree if is_skipped_folder(name.as_bytes()) => {}
                EntryKind::Tree => match entry.object() {
                    Ok(object) => self.walk(&object.into_tree(), &path, depth + 1, is_wanted),
                    Err(error) => {
                        let reason = format!("the folder is missing or damaged: {error}");
                        self.faults.push((path, reason));
                    }
                },
                EntryKind::Blob | EntryKind::BlobExecutable if is_wanted(&path) => {
                    if self.blobs.len() >= MAX_FILES {
                        let reason = format!("more than {MAX_FILES} files: not read");
                        self.faults.push((path, reason));
                        return;
                    }
                    self.blobs.insert(path, entry.object_id());
                }
                EntryKind::Link if is_wanted(&path) => {
                    self.faults.push((path, "a link: not followed".to_owned()));
                }
                _ => {}
            }
        }
    }
}

impl Files for Revision {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Also of a file that nobody wanted to have listed.
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        let repository = self.repository.to_thread_local();
        let listed = self.blobs.get(path).copied();
        let Some(id) = listed.or_else(|| blob_at(&repository, self.tree, path)) else {
            return Ok(None);
        };
        with_blob_text(&repository, id, |text| Some(Arc::from(text)))
    }
}

/// A regular file at a path of a tree.
fn blob_at(repository: &gix::Repository, tree: ObjectId, path: &str) -> Option<ObjectId> {
    if path.is_empty() || path.split('/').count() > MAX_DEPTH {
        return None;
    }
    let tree = repository.find_tree(tree).ok()?;
    let entry = tree.lookup_entry_by_path(path).ok()??;
    entry.mode().is_blob().then(|| entry.object_id())
}
