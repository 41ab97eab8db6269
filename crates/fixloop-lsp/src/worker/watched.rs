//! Everything that is looked at, and what of it was told last.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Sender;
use fixloop_alert::Locked;
use fixloop_client::Applies;
use fixloop_exceptions::Exceptions;
use fixloop_history::{AtHead, bytes_at_head};
use fixloop_manifest::Format;
use fixloop_scan::{EXCEPTIONS_FILE, Stamp, read_text};
use fixloop_telemetry::Destination;

use super::confusion::assess;
use super::policy::{Following, Looked};
use super::{CameIn, Governing, IndexPlace, Outcome, Packages, packages};
use crate::locked::{Lockfile, decided_beside, deciding, read};
use crate::protocol::Uri;
use crate::workspace::{Place, relative};

/// Lockfiles kept for telling what came in; those of closed manifests included.
const MAX_KEPT: usize = 64;

pub(super) struct Watched {
    index: IndexPlace,
    index_seen: Seen,
    opened: HashMap<Uri, Opened>,
    roots: HashMap<PathBuf, Root>,
    /// By absolute path, as they were read last.
    kept: HashMap<PathBuf, Kept>,
    policy: Following,
    results: Sender<Outcome>,
}

struct Kept {
    lockfile: Lockfile,
    locked: Option<Arc<Locked>>,
    /// The last that could be read: whoever writes one in place leaves half of it for a moment.
    whole: Option<Arc<Locked>>,
}

struct Opened {
    place: Place,
    format: Option<Format>,
    told: Option<Lockfile>,
}

/// A file as it was at the last look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Seen {
    #[default]
    Never,
    /// `None` where there was none.
    Then(Option<Stamp>),
}

#[derive(Default)]
struct Root {
    /// A folder of the workspace, rather than one that an open file lies in.
    is_folder: bool,
    exceptions: Seen,
}

impl Watched {
    pub(super) fn new(index: IndexPlace, policy: Following, results: Sender<Outcome>) -> Self {
        let (opened, roots, kept) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { index, index_seen: Seen::Never, opened, roots, kept, policy, results }
    }

    pub(super) fn tell(&self, outcome: Outcome) {
        // The session is gone, and so is this thread in a moment.
        if self.results.send(outcome).is_err() {}
    }

    pub(super) fn open(&mut self, uri: &Uri, place: Place, format: Option<Format>) {
        let file = place.absolute();
        self.roots.entry(place.root.clone()).or_default();
        self.look_at_exceptions();
        self.head(uri, &place, format);
        self.opened.insert(uri.clone(), Opened { place, format, told: None });
        self.look_at_lockfile(uri, true);
        // Last: what it rules on is known by now.
        if let Some(applies) = self.policy.govern(uri.clone(), &file) {
            self.tell(Outcome::Policy(self.governing(uri.clone(), applies)));
        }
    }

    /// Where events go, if the policy says so.
    pub(super) fn destination(&self) -> Option<Destination> {
        self.policy.destination()
    }

    /// What the policy says was told to which repository, to be recorded.
    pub(super) fn take_deliveries(&mut self) -> Vec<fixloop_telemetry::Kind> {
        self.policy.take_deliveries()
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        self.opened.remove(uri);
        self.policy.close(uri);
    }

    /// Reads the lockfiles in the folder itself, so that it can be told what comes in.
    pub(super) fn add_root(&mut self, folder: PathBuf) {
        for (path, format) in lockfiles_in(&folder) {
            if let (Some(stamp), Some(path)) = (Stamp::of(&path), relative(&folder, &path)) {
                self.read(&folder, Lockfile { path, format, stamp });
            }
        }
        self.roots.entry(folder).or_default().is_folder = true;
        self.look_at_exceptions();
    }

    pub(super) fn remove_root(&mut self, folder: &Path) {
        self.roots.remove(folder);
        self.kept.retain(|path, _| !path.starts_with(folder));
    }

    /// Looks at everything; `changed` are files that the client says have changed, are new or gone.
    pub(super) fn look(&mut self, changed: &[PathBuf]) {
        self.look_at_policy();
        self.look_at_index();
        self.look_at_exceptions();
        self.look_for_changes(changed);
        let uris: Vec<Uri> = self.opened.keys().cloned().collect();
        for uri in uris {
            self.look_at_lockfile(&uri, false);
        }
        if !changed.is_empty() {
            // A commit, a checkout: the client tells files of the work tree only.
            for (uri, opened) in &self.opened {
                self.head(uri, &opened.place, opened.format);
                if self.policy.path_of(uri, &opened.place.absolute()).is_some() {
                    self.tell(Outcome::Broken { uri: uri.clone(), at_head: self.broken(uri) });
                }
            }
        }
    }

    fn look_at_policy(&mut self) {
        let Looked { files, own, notices } = self.policy.look();
        let files = files.into_iter().map(|(uri, applies)| self.governing(uri, applies));
        match own {
            Some(index) => {
                let index = index.map(Box::new);
                self.tell(Outcome::Own { index, files: files.collect() });
            }
            None => files.for_each(|it| self.tell(Outcome::Policy(it))),
        }
        for text in notices {
            self.tell(Outcome::Notice(text));
        }
    }

    fn governing(&self, uri: Uri, applies: Arc<Applies>) -> Governing {
        let file = uri.to_file_path().ok();
        let path = file.and_then(|file| self.policy.path_of(&uri, &file));
        let at_head = self.broken(&uri);
        Governing { uri, applies, checks: Arc::clone(&self.policy.checks), path, at_head }
    }

    /// The rules that the last commit breaks in a file; nothing if that cannot be told.
    fn broken(&self, uri: &Uri) -> Option<HashSet<String>> {
        let file = uri.to_file_path().ok()?;
        let path = self.policy.path_of(uri, &file)?;
        let checks = &self.policy.checks;
        if !checks.names_alone(&path) {
            return Some(HashSet::new());
        }
        match bytes_at_head(&file) {
            Ok(AtHead::Bytes(bytes)) => {
                let text = String::from_utf8(bytes).ok()?;
                let found = checks.alone(&path, &text).into_iter();
                Some(found.filter(|it| it.state.is_finding()).map(|it| it.rule).collect())
            }
            Ok(AtHead::Absent) => Some(HashSet::new()),
            Ok(AtHead::NotInGit) | Err(_) => None,
        }
    }

    pub(super) fn assess(&self, files: Vec<(PathBuf, Arc<str>)>) {
        self.tell(Outcome::Assessed(assess(files, |it| self.policy.place_of(it))));
    }

    fn look_at_index(&mut self) {
        let stamp = self.index.stamp();
        if self.index_seen == Seen::Then(stamp) {
            return;
        }
        self.index_seen = Seen::Then(stamp);
        match self.index.open() {
            Ok((index, urgency, notice)) => {
                self.tell(Outcome::Index(Box::new((index, urgency))));
                if let Some(text) = notice {
                    self.tell(Outcome::Notice(text));
                }
            }
            Err(error) => self.tell(Outcome::IndexProblem(error.to_string())),
        }
    }

    fn look_at_exceptions(&mut self) {
        let mut told = Vec::new();
        for (folder, root) in &mut self.roots {
            let path = folder.join(EXCEPTIONS_FILE);
            let stamp = Stamp::of(&path);
            if root.exceptions != Seen::Then(stamp) {
                // The first look at a folder without one has nothing to tell.
                let is_news = root.exceptions != Seen::Never || stamp.is_some();
                root.exceptions = Seen::Then(stamp);
                let text = stamp.and_then(|_| read_text(&path).ok());
                let exceptions = text.map_or_else(Exceptions::default, |text| {
                    fixloop_exceptions::parse(EXCEPTIONS_FILE, &text)
                });
                if is_news {
                    told.push((folder.clone(), Arc::new(exceptions)));
                }
            }
        }
        for (root, exceptions) in told {
            self.tell(Outcome::Accepted { root, exceptions });
        }
    }

    /// Tells what decides an open manifest, if that is another lockfile now.
    fn look_at_lockfile(&mut self, uri: &Uri, is_first: bool) {
        let Some(opened) = self.opened.get(uri) else { return };
        let Some(format) = opened.format else { return };
        let found = deciding(&opened.place, format);
        if !is_first && found == opened.told {
            return;
        }
        let root = opened.place.root.clone();
        let locked = found.clone().and_then(|it| self.read(&root, it));
        if let Some(opened) = self.opened.get_mut(uri) {
            opened.told = found;
        }
        self.tell(Outcome::Locked { uri: uri.clone(), locked });
    }

    /// Reads a lockfile, unless it is the one that was read last. One that cannot be read is as it was when it could.
    fn read(&mut self, root: &Path, lockfile: Lockfile) -> Option<Arc<Locked>> {
        let absolute = root.join(&lockfile.path);
        if let Some(kept) = self.kept.get(&absolute)
            && kept.lockfile == lockfile
        {
            return kept.locked.clone().or_else(|| kept.whole.clone());
        }
        let locked = read(root, &lockfile);
        if let Some(kept) = self.kept.get_mut(&absolute) {
            kept.lockfile = lockfile;
            kept.locked.clone_from(&locked);
            if locked.is_none() {
                return kept.whole.clone();
            }
            if let Some(locked) = &locked
                && let Some(before) = kept.whole.replace(Arc::clone(locked))
            {
                self.came_in(&absolute, root, (Arc::clone(locked), before));
            }
        } else if self.kept.len() < MAX_KEPT {
            let whole = locked.clone();
            self.kept.insert(absolute, Kept { lockfile, locked: locked.clone(), whole });
        }
        locked
    }

    /// Reads again what changed among the lockfiles in the workspace's folders, those read before, and those the client names.
    fn look_for_changes(&mut self, changed: &[PathBuf]) {
        let mut files: Vec<(PathBuf, Format)> = Vec::new();
        for (folder, root) in &self.roots {
            if root.is_folder {
                files.extend(lockfiles_in(folder));
            }
        }
        files.extend(self.kept.iter().map(|(path, kept)| (path.clone(), kept.lockfile.format)));
        for path in changed {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.extend(
                Format::of_path(&name).filter(|it| is_lockfile(*it)).map(|it| (path.clone(), it)),
            );
        }
        files.sort();
        files.dedup();
        for (absolute, format) in files {
            let folders = self.roots.keys().filter(|it| absolute.starts_with(it));
            let root = folders.min_by_key(|it| it.components().count()).cloned();
            let Some(root) = root else { continue };
            let Some(path) = relative(&root, &absolute) else { continue };
            let Some(stamp) = Stamp::of(&absolute) else { continue };
            let is_known = self.kept.contains_key(&absolute);
            self.read(&root, Lockfile { path, format, stamp });
            let read = self.kept.get(&absolute).and_then(|it| it.locked.as_ref());
            if !is_known && let Some(locked) = read {
                // A lockfile that was not there: all that it holds came in.
                let locked = Arc::clone(locked);
                let before = Arc::new(Locked::new(locked.path(), fixloop_model::Parsed::default()));
                self.came_in(&absolute, &root, (locked, before));
            }
        }
    }

    fn came_in(&mut self, file: &Path, root: &Path, (locked, before): (Arc<Locked>, Arc<Locked>)) {
        let manifests = self.closed_beside(file);
        // They may be shown, and then it goes on to rule on them.
        for (path, ..) in &manifests {
            if let Ok(uri) = Uri::from_file_path(path) {
                self.policy.govern(uri, path);
            }
        }
        let uri = Uri::from_file_path(file).ok();
        let applies = uri.and_then(|uri| self.policy.govern(uri, file));
        let root = root.to_owned();
        self.tell(Outcome::CameIn(CameIn { root, locked, before, manifests, applies }));
    }

    fn closed_beside(&self, lockfile: &Path) -> Vec<(PathBuf, Format, String)> {
        let is_open = |path: &Path| self.opened.values().any(|it| it.place.absolute() == path);
        let manifests = decided_beside(lockfile).into_iter().filter(|(path, _)| !is_open(path));
        manifests
            .filter_map(|(path, format)| {
                let text = read_text(&path).ok()?;
                Some((path, format, text))
            })
            .collect()
    }

    fn head(&self, uri: &Uri, place: &Place, format: Option<Format>) {
        let Some(format) = format else { return };
        let packages = match bytes_at_head(&place.absolute()) {
            // What is no text names nothing.
            Ok(AtHead::Bytes(bytes)) => Some(
                String::from_utf8(bytes)
                    .map_or_else(|_| Packages::new(), |it| packages(&format.parse(&it))),
            ),
            Ok(AtHead::Absent) => Some(Packages::new()),
            // Nothing to compare with: what was there when it was opened is what is known.
            Ok(AtHead::NotInGit) | Err(_) => None,
        };
        self.tell(Outcome::Head { uri: uri.clone(), packages });
    }
}

fn is_lockfile(format: Format) -> bool {
    Format::ALL.iter().any(|it| it.lockfiles().contains(&format))
}

fn lockfiles_in(folder: &Path) -> Vec<(PathBuf, Format)> {
    let formats = Format::ALL.iter().filter(|it| is_lockfile(**it));
    let files = formats.flat_map(|it| it.file_names().map(|name| (folder.join(name), *it)));
    files.filter(|(path, _)| path.is_file()).collect()
}
