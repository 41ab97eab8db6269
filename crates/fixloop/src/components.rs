//! The component index of a data directory: what every target of the fleet holds, refreshed where a mirror has another commit than before.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use fixloop_campaign::{ComponentIndex, Held, Indexed, IndexedRepository, IndexedTarget, Origin};
use fixloop_fleet::{Fleet, FleetRepository, Status};
use fixloop_history::{Repository, Revision, RevisionError};
use fixloop_index::{Builder, Index};
use fixloop_manifest::Format;
use fixloop_model::{Component, Reach, Source, UnknownKind, normalize_name};
use fixloop_scan::{Options, scan_files};
use rayon::prelude::*;
use thiserror::Error;

use crate::error::{CommandError, warn};
use crate::mined::fingerprint;
use crate::progress::Progress;
use crate::today::today;

/// In the data directory.
const FILE: &str = "components.index";

/// A file that workspaces' manifests are completed by.
const CATALOG: &str = "pnpm-workspace.yaml";

#[derive(Debug, Error)]
enum ComponentsError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to make an index without advisories")]
    Empty(#[source] fixloop_index::BuildError),
}

/// The index as of the mirrors' newest commits.
pub(crate) struct Components {
    pub(crate) index: ComponentIndex,
    /// Repositories that were read in this run.
    pub(crate) n_read: usize,
}

/// The index of the data directory `folder`, read and refreshed. Nothing is read of a repository whose commit is the one that is known.
pub(crate) fn refreshed(folder: &Path, fleet: &Fleet) -> Result<Components, CommandError> {
    let path = folder.join(FILE);
    let old = load(&path);
    let known: BTreeMap<&str, &IndexedRepository> =
        old.repositories.iter().map(|it| (&*it.name, it)).collect();
    let is_known = |it: &FleetRepository| {
        known.get(&*it.name).is_some_and(|old| {
            old.unknown.is_none() && old.head == it.head && it.status != Status::Unknown
        })
    };
    let nothing = Builder::default().build().map_err(ComponentsError::Empty)?.into_bytes();
    let nothing = Index::from_bytes(nothing)?;
    let progress = Progress::new("repositories");
    let n_done = AtomicUsize::new(0);
    let to_read: Vec<&FleetRepository> =
        fleet.repositories.iter().filter(|it| !is_known(it)).collect();
    let read: Vec<Read> = to_read
        .par_iter()
        .map(|it| {
            let read = read(it, &nothing);
            progress.set(n_done.fetch_add(1, Ordering::Relaxed) as u64 + 1);
            read
        })
        .collect();
    progress.finish();
    let n_read = read.len();
    let mut made = Indexed::default();
    for it in fleet.repositories.iter().filter(|it| is_known(it)) {
        if let Some(old_one) = known.get(&*it.name) {
            made.keep(&old, (*old_one).clone());
        }
    }
    for it in read {
        add(&mut made, it);
    }
    let index = made.finish();
    if n_read > 0 || index.repositories.len() != old.repositories.len() {
        store(&path, &index)?;
    }
    Ok(Components { index, n_read })
}

/// An index that cannot be used is made anew.
fn load(path: &Path) -> ComponentIndex {
    let Ok(bytes) = fs::read(path) else { return ComponentIndex::default() };
    let Some((written_by, rest)) = bytes.split_first_chunk::<8>() else {
        return ComponentIndex::default();
    };
    if u64::from_le_bytes(*written_by) != fingerprint() {
        return ComponentIndex::default();
    }
    ComponentIndex::of_bytes(rest).unwrap_or_else(|fault| {
        warn(&format!("`{}` is made anew: {fault}", path.display()));
        ComponentIndex::default()
    })
}

fn store(path: &Path, index: &ComponentIndex) -> Result<(), ComponentsError> {
    let failed = |source| ComponentsError::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&fingerprint().to_le_bytes()).map_err(failed)?;
    file.write_all(&index.to_bytes()).map_err(failed)?;
    file.persist(path).map_err(|it| failed(it.error))?;
    Ok(())
}

/// What was read of one repository.
struct Read {
    repository: IndexedRepository,
    /// Of each target, in their order.
    held: Vec<Vec<Held>>,
}

fn add(made: &mut Indexed, read: Read) {
    let mut repository = read.repository;
    for (target, held) in repository.targets.iter_mut().zip(read.held) {
        let mut numbers: Vec<u32> = held.into_iter().map(|it| made.number(it)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        target.components = numbers;
    }
    made.add(repository);
}

fn read(it: &FleetRepository, nothing: &Index) -> Read {
    let base = IndexedRepository {
        name: it.name.clone(),
        head: it.head.clone(),
        ..IndexedRepository::default()
    };
    let unknown = |reason: String| {
        let repository = IndexedRepository { unknown: Some(reason), ..base.clone() };
        Read { repository, held: Vec::new() }
    };
    if it.status == Status::Unknown {
        return unknown(format!("not fetched: {}", reason(it)));
    }
    let files = head_files(it, &|path| Format::of_path(path).is_some() || path.ends_with(CATALOG));
    match files {
        Ok(Some((files, committed_at))) => {
            let base = IndexedRepository { committed_at: Some(committed_at), ..base.clone() };
            targets(&files, base, nothing).unwrap_or_else(unknown)
        }
        Ok(None) => Read { repository: base, held: Vec::new() },
        Err(error) => unknown(error.to_string()),
    }
}

pub(crate) fn reason(it: &FleetRepository) -> &str {
    it.reason.as_deref().unwrap_or("no reason is recorded")
}

/// The files of the mirror's newest commit, and when that was made; nothing if there is no commit yet.
pub(crate) fn head_files(
    it: &FleetRepository,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Option<(Revision, i64)>, RevisionError> {
    if it.head.is_none() {
        return Ok(None);
    }
    let mirror = Repository::open(&it.git_dir)?;
    let head = mirror.head()?;
    let committed_at = mirror.time(head)?.0;
    Ok(Some((mirror.files(head, "", is_wanted)?, committed_at)))
}

/// Every file that decides for packages, with what it holds: as a scan reads it.
fn targets(files: &Revision, base: IndexedRepository, nothing: &Index) -> Result<Read, String> {
    let options = Options {
        mirrors: Vec::new(),
        respect_gitignore: false,
        with_inventory: true,
        vex: Vec::new(),
        urgency: fixloop_index::Urgency::default(),
        today: today(),
    };
    let scan = scan_files(files, nothing, &options).map_err(|error| error.to_string())?;
    let mut held: BTreeMap<String, Vec<Held>> = BTreeMap::new();
    for it in scan.inventory.unwrap_or_default() {
        if it.component.reach != Reach::Root {
            held.entry(it.path).or_default().push(held_of(&it.component));
        }
    }
    let mut unread: BTreeMap<String, String> = BTreeMap::new();
    let of_files = scan.unknown.into_iter().filter(|it| it.kind == UnknownKind::File);
    // An entry that cannot be read costs its line; a file without one is unknown as a whole.
    for it in of_files.filter(|it| it.line.is_none()) {
        if let Some(path) = it.path {
            unread.entry(path).or_insert(it.reason);
        }
    }
    for (path, reason) in &files.faults {
        unread.entry(path.clone()).or_insert_with(|| reason.clone());
    }
    let decided = fixloop_scan::deciding_lockfiles(scan.files.iter().map(|it| &*it.path));
    leave_to_lockfiles(&mut held, &decided);
    let mut repository = base;
    let mut all = Vec::new();
    for file in scan.files {
        let of_it = held.remove(&file.path).unwrap_or_default();
        let unknown = unread.remove(&file.path);
        // A manifest of which the lockfile says everything is no target of its own.
        if of_it.is_empty() && unknown.is_none() && decided.contains_key(&file.path) {
            continue;
        }
        let format = file.format.to_owned();
        let target = IndexedTarget { path: file.path, format, components: Vec::new(), unknown };
        repository.targets.push(target);
        all.push(of_it);
    }
    for (path, reason) in unread {
        let format = Format::of_path(&path).map_or("", Format::name).to_owned();
        let unknown = Some(reason);
        repository.targets.push(IndexedTarget { path, format, components: Vec::new(), unknown });
        all.push(Vec::new());
    }
    Ok(Read { repository, held: all })
}

/// What a manifest asks for is decided by its lockfile, where that holds the package.
fn leave_to_lockfiles(held: &mut BTreeMap<String, Vec<Held>>, decided: &HashMap<String, String>) {
    let name =
        |it: &Held| (it.ecosystem.clone(), normalize_name(&it.ecosystem, &it.name).into_owned());
    for (manifest, lockfile) in decided {
        let names: HashSet<_> = held.get(lockfile).into_iter().flatten().map(name).collect();
        if let Some(of_manifest) = held.get_mut(manifest) {
            of_manifest.retain(|it| !names.contains(&name(it)));
        }
    }
}

fn held_of(it: &Component) -> Held {
    let origin = match &it.source {
        Source::PublicRegistry => Origin::Public,
        Source::Registry { host } => Origin::Registry(host.clone()),
        Source::Unknown => Origin::Unknown,
        Source::Git { .. } | Source::Archive { .. } | Source::Path { .. } | Source::Workspace => {
            Origin::Elsewhere
        }
    };
    Held {
        ecosystem: it.ecosystem.as_str().to_owned(),
        name: it.name.clone(),
        version: it.version.clone(),
        origin,
    }
}
