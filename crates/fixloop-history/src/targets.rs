//! Which file decided at which commit, and what it held.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fixloop_exposure::{FileState, FileTrack, Sighting};
use fixloop_manifest::Format;
use foldhash::fast::RandomState;
use gix::ObjectId;
use rayon::prelude::*;

use crate::inventory::{Interner, Reader, Readers};
use crate::paths::{Neighborhood, neighborhood};
use crate::record::{Content, ContentKey, Record};
use crate::repository::Opened;
use fixloop_manifest::slot;

/// Neighbors in time are read by one thread: their texts are deltas of each other, and so are their entries.
const JOBS_AT_ONCE: usize = 64;

/// A file's blobs over time: (commit, blob), the blob `None` where it was deleted.
type Versions = Vec<(u32, Option<ObjectId>)>;

/// The versions of every file of interest.
pub(crate) struct Files {
    versions: HashMap<String, Versions>,
    numbers: HashMap<String, u32>,
}

impl Files {
    pub(crate) fn of(record: &Record) -> Self {
        let mut versions: HashMap<String, Versions> = HashMap::new();
        for change in &record.changes {
            let path = &record.paths[change.path as usize];
            let known = match versions.get_mut(path) {
                Some(known) => known,
                None => versions.entry(path.clone()).or_default(),
            };
            known.push((change.commit, change.blob));
        }
        let numbered = (0..).zip(&record.paths);
        let numbers = numbered.map(|(number, path)| (path.clone(), number)).collect();
        Self { versions, numbers }
    }

    /// The file's blob as of a commit.
    pub(crate) fn at(&self, path: &str, commit: u32) -> Option<ObjectId> {
        let versions = self.versions.get(path)?;
        let n_before = versions.partition_point(|it| it.0 <= commit);
        versions.get(n_before.checked_sub(1)?)?.1
    }

    pub(crate) fn versions(&self, path: &str) -> &[(u32, Option<ObjectId>)] {
        self.versions.get(path).map_or(&[], |it| it)
    }

    /// Commits that changed any of these files, in order.
    fn changes_of<'p>(&self, paths: impl IntoIterator<Item = &'p str>) -> BTreeSet<u32> {
        paths.into_iter().flat_map(|it| self.versions(it)).map(|it| it.0).collect()
    }
}

/// A file that decides for its packages, and when.
struct Target<'f> {
    path: &'f str,
    format: Format,
    /// (commit, blob): from there on it decides with this content, or not at all.
    decides: Versions,
}

/// Every file of a known format, without manifests while a lockfile decides for them.
fn targets(files: &Files) -> Vec<Target<'_>> {
    let mut by_folder: BTreeMap<(&str, Format), Vec<&str>> = BTreeMap::new();
    let mut known: Vec<(&str, Format)> = Vec::new();
    for path in files.versions.keys() {
        if let Some(format) = Format::of_path(path) {
            known.push((path, format));
            by_folder.entry((folder(path), format)).or_default().push(path);
        }
    }
    known.sort_unstable();
    let target = |(path, format): (&'_ str, Format)| {
        let mut lockfiles: Vec<&str> = Vec::new();
        let folders =
            std::iter::successors(Some(folder(path)), |it| (!it.is_empty()).then(|| folder(it)));
        for folder in folders {
            let formats = format.lockfiles().iter();
            lockfiles.extend(formats.filter_map(|it| by_folder.get(&(folder, *it))).flatten());
        }
        let is_decided = |commit| lockfiles.iter().any(|it| files.at(it, commit).is_some());
        let mut spans: Versions = Vec::new();
        for commit in files.changes_of(lockfiles.iter().copied().chain([path])) {
            let blob = files.at(path, commit).filter(|_| !is_decided(commit));
            if spans.last().map_or(blob.is_some(), |it| it.1 != blob) {
                spans.push((commit, blob));
            }
        }
        spans
    };
    let all = known.into_iter().map(|it| Target { path: it.0, format: it.1, decides: target(it) });
    all.filter(|it| !it.decides.is_empty()).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A blob to be read, at the first commit at which it decided.
struct Job<'t> {
    path: &'t str,
    format: Format,
    blob: ObjectId,
    commit: u32,
    key: ContentKey,
}

/// What was read: file tracks whose inventories are places in a list of sets of components.
pub(crate) struct Targets {
    pub(crate) tracks: Vec<FileTrack>,
    pub(crate) inventories: Vec<Vec<u32>>,
    /// (commit, path, why): what could not be read there.
    pub(crate) gaps: Vec<(u32, String, String)>,
    /// Distinct contents that decided.
    pub(crate) n_contents: usize,
    /// Of these, read in this run.
    pub(crate) n_read: usize,
}

/// Reads what the record does not hold yet, and says what every file held when.
pub(crate) fn read_targets(
    opened: &Opened,
    record: &mut Record,
    files: &Files,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Targets {
    let targets = targets(files);
    let interner = Interner::of(std::mem::take(&mut record.components));
    let jobs = jobs(&targets, files, record);
    let n_jobs = jobs.len();
    let n_done = std::sync::atomic::AtomicUsize::new(0);
    let done = || progress(n_done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, n_jobs);
    let readers = Readers::new(opened, &interner);
    let read_jobs = |jobs: &[Job<'_>]| {
        readers.with(|reader| {
            let read = |it: &Job<'_>| {
                let blob_of = |path: &str| files.at(path, it.commit);
                let content = reader.read((it.path, it.format, it.blob), &blob_of);
                done();
                (it.key, content)
            };
            jobs.iter().map(read).collect::<Vec<_>>()
        })
    };
    let new: Vec<(ContentKey, Content)> =
        jobs.par_chunks(JOBS_AT_ONCE).flat_map_iter(read_jobs).collect();
    let mut n_read = new.len();
    for (key, content) in new {
        record.contents.entry(key).or_default().push(content);
    }
    // Files whose neighbors may change need the contents of each other in time, so each is read by itself.
    let followed = targets.iter().filter(|it| neighborhood(it.format) == Neighborhood::Followed);
    let followed: Vec<&Target<'_>> = followed.collect();
    let contents = &record.contents;
    let read_followed =
        |it: &&Target<'_>| readers.with(|reader| follow(reader, it, files, contents));
    let read: Vec<Followed> = followed.par_iter().map(read_followed).collect();
    drop(readers);
    record.components = interner.into_components();
    let components = &record.components;
    let tells_version =
        |it: &Content| it.components.iter().any(|it| components[*it as usize].version.is_some());
    let mut collected =
        Collected { inventories: Vec::new(), places: HashMap::default(), gaps: Vec::new() };
    let mut tracks = Vec::with_capacity(targets.len());
    let mut new: Vec<(ContentKey, Content)> = Vec::new();
    for (target, followed) in followed.iter().zip(read) {
        let states = followed.states.iter().map(|(commit, content)| (*commit, content.as_ref()));
        tracks.push(collected.track(target, states, &tells_version));
        n_read += followed.new.len();
        new.extend(followed.new);
    }
    for target in targets.iter().filter(|it| neighborhood(it.format) != Neighborhood::Followed) {
        let states = target.decides.iter().map(|(commit, blob)| {
            let key = blob.map(|blob| key(files, target, blob));
            let content = key.and_then(|key| record.contents.get(&key)).and_then(|it| it.first());
            (*commit, content)
        });
        tracks.push(collected.track(target, states, &tells_version));
    }
    for (key, content) in new {
        record.contents.entry(key).or_default().push(content);
    }
    tracks.sort_by(|a, b| a.path.cmp(&b.path));
    let n_contents = collected.inventories.len();
    Targets { tracks, inventories: collected.inventories, gaps: collected.gaps, n_contents, n_read }
}

fn key(files: &Files, target: &Target<'_>, blob: ObjectId) -> ContentKey {
    let depends_on_path = neighborhood(target.format) != Neighborhood::None;
    (files.numbers.get(target.path).copied().filter(|_| depends_on_path), blob)
}

fn jobs<'t>(targets: &'t [Target<'_>], files: &Files, record: &Record) -> Vec<Job<'t>> {
    let mut jobs: HashMap<ContentKey, Job<'t>> = HashMap::new();
    for target in targets.iter().filter(|it| neighborhood(it.format) != Neighborhood::Followed) {
        for (commit, blob) in &target.decides {
            let Some(blob) = *blob else { continue };
            let key = key(files, target, blob);
            // What could not be read may be there now.
            let is_known = record
                .contents
                .get(&key)
                .is_some_and(|it| it.iter().any(|it| it.problem.is_none()));
            if !is_known {
                let (path, format, commit) = (target.path, target.format, *commit);
                jobs.entry(key).or_insert(Job { path, format, blob, commit, key });
            }
        }
    }
    let mut jobs: Vec<Job<'t>> = jobs.into_values().collect();
    // Git packs the newest version whole and each older one as what differs from the next: read in this order, the base of a blob is
    // the blob before, and still there.
    jobs.sort_by(|a, b| (a.path, b.commit, a.blob).cmp(&(b.path, a.commit, b.blob)));
    jobs
}

/// What one file held over time, and what was read for that.
struct Followed {
    states: Vec<(u32, Option<Content>)>,
    new: Vec<(ContentKey, Content)>,
}

/// Reads a file again whenever one of the files that it looked at changed.
fn follow(
    reader: &mut Reader<'_>,
    target: &Target<'_>,
    files: &Files,
    known: &HashMap<ContentKey, Vec<Content>>,
) -> Followed {
    let mut followed = Followed { states: Vec::new(), new: Vec::new() };
    for (index, (from, blob)) in target.decides.iter().enumerate() {
        let Some(blob) = *blob else {
            followed.states.push((*from, None));
            continue;
        };
        let until = target.decides.get(index + 1).map_or(u32::MAX, |it| it.0);
        let key = key(files, target, blob);
        let mut at = *from;
        loop {
            let is_valid = |it: &Content| {
                let mut neighbors = it.neighbors.iter();
                it.problem.is_none() && neighbors.all(|(path, blob)| files.at(path, at) == *blob)
            };
            let new = followed.new.iter().filter(|it| it.0 == key).map(|it| &it.1);
            let remembered =
                known.get(&key).into_iter().flatten().chain(new).find(|it| is_valid(it));
            let content = if let Some(content) = remembered {
                content.clone()
            } else {
                let blob_of = |path: &str| files.at(path, at);
                let file = (target.path, target.format, blob);
                let content = reader.read(file, &blob_of);
                followed.new.push((key, content.clone()));
                content
            };
            let neighbors = content.neighbors.iter().map(|it| &*it.0);
            let next = files.changes_of(neighbors).range(at + 1..until).next().copied();
            followed.states.push((at, Some(content)));
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
    }
    followed
}

struct Collected {
    inventories: Vec<Vec<u32>>,
    places: HashMap<Vec<u32>, u32, RandomState>,
    gaps: Vec<(u32, String, String)>,
}

impl Collected {
    fn track<'c>(
        &mut self,
        target: &Target<'_>,
        states: impl Iterator<Item = (u32, Option<&'c Content>)>,
        tells_version: &dyn Fn(&Content) -> bool,
    ) -> FileTrack {
        let mut sightings: Vec<Sighting> = Vec::new();
        for (moment, content) in states {
            let state = match content {
                None => FileState::Absent,
                Some(Content { problem: Some(problem), .. }) => {
                    self.gaps.push((moment, target.path.to_owned(), problem.clone()));
                    FileState::Unknown
                }
                // Requirements alone: which versions they come to, nobody can tell.
                Some(content) if !content.components.is_empty() && !tells_version(content) => {
                    FileState::Unknown
                }
                Some(content) => FileState::Holds(self.inventory(&content.components)),
            };
            if sightings.last().is_none_or(|it| it.state != state) {
                sightings.push(Sighting { moment, state });
            }
        }
        let slot = slot(target.path, target.format);
        FileTrack { path: target.path.to_owned(), slot, sightings }
    }

    fn inventory(&mut self, components: &[u32]) -> u32 {
        if let Some(place) = self.places.get(components) {
            return *place;
        }
        let place = crate::walk::number(self.inventories.len());
        self.inventories.push(components.to_vec());
        self.places.insert(components.to_vec(), place);
        place
    }
}
