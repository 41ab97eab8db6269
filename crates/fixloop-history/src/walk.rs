//! First-parent commits, and the files of interest that each changed.

use std::collections::HashMap;
use std::rc::Rc;

use gix::ObjectId;
use gix::objs::tree::EntryKind;

use crate::paths::{is_of_interest, is_skipped_folder};
use crate::record::{Change, Commit, Record};
use crate::repository::Opened;

/// Deeper folders are not looked into: a hostile tree could contain itself a million times over.
const MAX_DEPTH: usize = 48;

/// Trees kept for the next commit, which mostly has the same.
const MAX_KEPT_TREES: usize = 4096;

/// More first-parent commits than any repository has (Linux: under 100,000 first-parent).
const MAX_COMMITS: usize = 5_000_000;

/// Brings the record up to the tip. What the record knows of another history (a force-pushed branch) is dropped, contents excepted.
///
/// Returns what stands in the way of a whole history, in words.
pub(crate) fn walk(opened: &Opened, record: &mut Record) -> Vec<String> {
    let repository = opened.repository.to_thread_local();
    let mut limits = Vec::new();
    let known: HashMap<ObjectId, usize> =
        record.commits.iter().enumerate().map(|(index, it)| (it.id, index)).collect();
    let (new, joins) = new_commits(opened, &repository, &known, &mut limits);
    let n_kept = joins.map_or(0, |it| it + 1);
    record.commits.truncate(n_kept);
    record.changes.retain(|it| (it.commit as usize) < n_kept);
    let mut paths: HashMap<String, u32> =
        record.paths.iter().enumerate().map(|(index, it)| (it.clone(), number(index))).collect();
    let mut before = record.commits.last().and_then(|it| {
        let (_, tree, _) = read_commit(&repository, it.id).ok()?;
        Some(tree)
    });
    let mut trees = Trees { repository: &repository, kept: HashMap::new() };
    for (commit, tree) in new.into_iter().rev() {
        let number_of_commit = number(record.commits.len());
        record.commits.push(commit);
        if before == Some(tree) {
            continue;
        }
        let mut found = Found { changes: Vec::new(), faults: Vec::new() };
        trees.compare(before, Some(tree), "", 0, &mut found);
        let is_whole = found.faults.is_empty();
        for reason in found.faults {
            record.faults.push((number_of_commit, reason));
        }
        for (path, blob) in found.changes {
            let next = number(paths.len());
            let path = *paths.entry(path).or_insert_with_key(|it| {
                record.paths.push(it.clone());
                next
            });
            record.changes.push(Change { commit: number_of_commit, path, blob });
        }
        // What could not be compared is compared again with the next commit: nothing between is lost.
        if is_whole {
            (before, record.unread_since) = (Some(tree), None);
        } else {
            record.unread_since.get_or_insert(number_of_commit);
        }
    }
    limits
}

/// Commits from the tip down to one that is known, the newest first, each with its tree; and the place of the known one.
fn new_commits(
    opened: &Opened,
    repository: &gix::Repository,
    known: &HashMap<ObjectId, usize>,
    limits: &mut Vec<String>,
) -> (Vec<(Commit, ObjectId)>, Option<usize>) {
    let mut new: Vec<(Commit, ObjectId)> = Vec::new();
    let mut at = Some(opened.tip);
    let mut joins = None;
    while let Some(id) = at {
        if let Some(index) = known.get(&id) {
            joins = Some(*index);
            break;
        }
        if new.len() >= MAX_COMMITS {
            limits.push(format!("more than {MAX_COMMITS} commits: older ones were not read"));
            break;
        }
        match read_commit(repository, id) {
            Ok((seconds, tree, parent)) => {
                new.push((Commit { id, seconds }, tree));
                at = parent.filter(|_| !opened.shallow.contains(&id));
                if at.is_none() && opened.shallow.contains(&id) {
                    limits.push(format!(
                        "a shallow clone: history begins at commit {id}, what is there then came in at that time or before"
                    ));
                }
            }
            Err(reason) => {
                limits.push(format!(
                    "commit {id} is missing or damaged, so older history is unknown: {reason}"
                ));
                at = None;
            }
        }
    }
    (new, joins)
}

pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32: each takes more than a byte of the repository")
}

/// Time, tree and first parent.
type CommitParts = (Option<i64>, ObjectId, Option<ObjectId>);

fn read_commit(repository: &gix::Repository, id: ObjectId) -> Result<CommitParts, String> {
    let commit = repository.find_commit(id).map_err(|error| error.to_string())?;
    let tree = commit.tree_id().map_err(|error| error.to_string())?.detach();
    let seconds = commit.time().ok().map(|it| it.seconds);
    let parent = commit.parent_ids().next().map(gix::Id::detach);
    Ok((seconds, tree, parent))
}

struct Found {
    changes: Vec<(String, Option<ObjectId>)>,
    faults: Vec<String>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Folder,
    File,
}

struct Entry {
    name: Box<[u8]>,
    kind: Kind,
    id: ObjectId,
}

struct Trees<'r> {
    repository: &'r gix::Repository,
    kept: HashMap<ObjectId, Rc<[Entry]>>,
}

impl Trees<'_> {
    /// Entries in git's order; links and submodules are no files of this repository.
    fn entries(&mut self, id: ObjectId) -> Result<Rc<[Entry]>, String> {
        if let Some(kept) = self.kept.get(&id) {
            return Ok(Rc::clone(kept));
        }
        let missing =
            |error: &dyn std::fmt::Display| format!("folder {id} is missing or damaged: {error}");
        let tree = self.repository.find_tree(id).map_err(|error| missing(&error))?;
        let mut entries = Vec::new();
        for entry in tree.iter() {
            let entry = entry.map_err(|error| missing(&error))?;
            let kind = match entry.mode().kind() {
                EntryKind::Tree => Kind::Folder,
                EntryKind::Blob | EntryKind::BlobExecutable => Kind::File,
                EntryKind::Link | EntryKind::Commit => continue,
            };
            let name: &[u8] = entry.filename();
            entries.push(Entry { name: name.into(), kind, id: entry.object_id() });
        }
        entries.sort_by(|a, b| {
            (&a.name, a.kind == Kind::Folder).cmp(&(&b.name, b.kind == Kind::Folder))
        });
        let entries: Rc<[Entry]> = entries.into();
        if self.kept.len() >= MAX_KEPT_TREES {
            self.kept.clear();
        }
        self.kept.insert(id, Rc::clone(&entries));
        Ok(entries)
    }

    /// What differs between two folders, by the ids of their entries: equal folders are not looked into.
    fn compare(
        &mut self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        prefix: &str,
        depth: usize,
        found: &mut Found,
    ) {
        if old == new {
            return;
        }
        if depth > MAX_DEPTH {
            found.faults.push(format!("`{prefix}` is nested too deep: not read"));
            return;
        }
        let none: Rc<[Entry]> = Rc::new([]);
        let mut read = |id: Option<ObjectId>| match id {
            Some(id) => self.entries(id),
            None => Ok(Rc::clone(&none)),
        };
        let (old, new) = match (read(old), read(new)) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(reason), _) | (_, Err(reason)) => {
                found.faults.push(reason);
                return;
            }
        };
        let key = |it: &Entry| (it.name.clone(), it.kind == Kind::Folder);
        let (mut i, mut j) = (0, 0);
        while i < old.len() || j < new.len() {
            let order = match (old.get(i), new.get(j)) {
                (Some(a), Some(b)) if a.id == b.id && a.name == b.name && a.kind == b.kind => {
                    (i, j) = (i + 1, j + 1);
                    continue;
                }
                (Some(a), Some(b)) => key(a).cmp(&key(b)),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, _) => std::cmp::Ordering::Greater,
            };
            let (a, b) =
                (old.get(i).filter(|_| order.is_le()), new.get(j).filter(|_| order.is_ge()));
            i += usize::from(a.is_some());
            j += usize::from(b.is_some());
            let Some(entry) = a.or(b) else { break };
            // Names that are no text name no file that a reader knows.
            let Ok(name) = std::str::from_utf8(&entry.name) else { continue };
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
            let (a, b) = (a.map(|it| it.id), b.map(|it| it.id));
            match entry.kind {
                Kind::Folder if is_skipped_folder(&entry.name) => {}
                Kind::Folder => self.compare(a, b, &path, depth + 1, found),
                Kind::File if is_of_interest(&path) => found.changes.push((path, b)),
                Kind::File => {}
            }
        }
    }
}
