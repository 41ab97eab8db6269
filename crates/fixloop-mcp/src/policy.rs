//! What an organization's policy says of the folders that an agent asks about.
//!
//! The policy decides what is said unasked and how events are recorded. What an agent asks for is answered in full, whatever it says: who
//! asks is not lied to.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use fixloop_client::{Applies, Follower, Identity, PolicyPlace, Tree};
use fixloop_history::{AtHead, bytes_at_head};
use fixloop_manifest::Format;
use fixloop_model::normalize_name;
use fixloop_policy::{About, Facts, Key, Ruling, Surface, decide};
use fixloop_scan::Lockfile;
use fixloop_telemetry::{Destination, Kind};

use crate::recording::Shown;

/// The policy that is followed, if one is configured.
pub(crate) struct Governing {
    follower: Follower,
    /// Where the server was started: what is asked about no folder belongs there.
    folder: Option<PathBuf>,
    /// What nobody was told yet.
    notices: Vec<String>,
}

/// What the policy says of something that is told to an agent.
#[derive(Clone, Debug)]
pub(crate) struct Governed {
    pub(crate) ruling: Ruling,
    pub(crate) target: Option<Key>,
    pub(crate) component: Option<Key>,
    pub(crate) is_first_reference: Option<bool>,
}

/// What one call looked up.
#[derive(Default)]
struct Looked {
    /// By folder.
    applies: HashMap<PathBuf, Applies>,
    /// Normalized names that the last commit has, by file; nothing where there is none to compare with.
    heads: HashMap<PathBuf, Option<HashSet<String>>>,
}

impl Governing {
    pub(crate) fn start(place: &PolicyPlace, folder: Option<PathBuf>) -> Self {
        let (follower, problem) = Follower::start(place);
        let mut governing = Self { follower, folder, notices: problem.into_iter().collect() };
        governing.look();
        governing
    }

    /// Looks whether another bundle counts.
    pub(crate) fn look(&mut self) {
        let (_, notices) = self.follower.look();
        self.notices.extend(notices);
    }

    /// Whether nothing is said unasked where the server was started.
    pub(crate) fn is_silent(&mut self) -> bool {
        let folder = self.folder.clone();
        self.applies(folder.as_deref()).resolution.is_silent_on(Surface::Agent)
    }

    pub(crate) fn govern(&mut self, shown: &[Shown]) -> Vec<Governed> {
        let mut looked = Looked::default();
        shown.iter().map(|it| self.governed(it, &mut looked)).collect()
    }

    fn governed(&mut self, shown: &Shown, looked: &mut Looked) -> Governed {
        let file = shown.folder.join(&shown.file);
        let is_file = !shown.file.as_os_str().is_empty();
        let folder = if is_file { file.parent() } else { self.folder.as_deref() };
        let folder = folder.map(Path::to_owned).unwrap_or_default();
        let known = looked.applies.get(&folder).cloned();
        let applies = known.unwrap_or_else(|| self.applies(Some(&folder)));
        looked.applies.entry(folder).or_insert_with(|| applies.clone());
        let format = shown.format.filter(|_| is_file && self.follower.is_configured());
        let is_first_reference = format.and_then(|it| looked.is_first_reference(&file, it, shown));
        let facts = Facts {
            surface: Surface::Agent,
            is_first_reference,
            is_direct: shown.is_direct,
            severity: shown.severity,
            class: shown.class,
        };
        let identity = applies.identity.as_ref();
        let component = identity
            .zip(shown.version.as_deref())
            .map(|(it, version)| it.key.component(&shown.ecosystem, &normalized(shown), version));
        Governed {
            ruling: decide(&applies.resolution, facts, About::advisories(&shown.ids)),
            target: identity.and_then(|it| target(it, &file, format?)),
            component,
            is_first_reference,
        }
    }

    /// What applies in a folder; silence while it is not known.
    fn applies(&mut self, folder: Option<&Path>) -> Applies {
        if !self.follower.is_configured() {
            return Applies::without_policy();
        }
        let tree = folder.and_then(Tree::of);
        let applies = self.follower.applies(tree.as_ref(), Surface::Agent);
        applies.unwrap_or_else(Applies::observing)
    }

    pub(crate) fn destination(&self) -> Option<Destination> {
        self.follower.destination()
    }

    pub(crate) fn take_deliveries(&mut self) -> Vec<Kind> {
        self.follower.take_deliveries()
    }

    pub(crate) fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }
}

impl Looked {
    /// Whether the last commit has no such package in the file.
    fn is_first_reference(&mut self, file: &Path, format: Format, shown: &Shown) -> Option<bool> {
        let names = self.heads.entry(file.to_owned()).or_insert_with(|| at_head(file, format));
        Some(!names.as_ref()?.contains(&normalized(shown)))
    }
}

/// The names in a file of one ecosystem, as the last commit has it.
fn at_head(file: &Path, format: Format) -> Option<HashSet<String>> {
    match bytes_at_head(file) {
        Ok(AtHead::Bytes(bytes)) => {
            // What is no text names nothing.
            let text = String::from_utf8(bytes).unwrap_or_default();
            let components = format.parse(&text).components;
            let name = |it: &fixloop_model::Component| {
                normalize_name(it.ecosystem.as_str(), &it.name).into_owned()
            };
            Some(components.iter().map(name).collect())
        }
        Ok(AtHead::Absent) => Some(HashSet::new()),
        Ok(AtHead::NotInGit) | Err(_) => None,
    }
}

fn normalized(shown: &Shown) -> String {
    normalize_name(&shown.ecosystem, &shown.package).into_owned()
}

/// The lockfile that decides, or the file itself.
fn target(identity: &Identity, file: &Path, format: Format) -> Option<Key> {
    let path = identity.path_of(file)?;
    let lockfile = Lockfile::deciding(identity.root(), &path, format).map(|it| it.path);
    Some(identity.key.target(&identity.repository, &lockfile.unwrap_or(path)))
}
