//! What the policy that is followed says of each open file, and what it adds to what is looked for.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_client::{
    Applies, BuildChecks, Follower, PolicyPlace, Tree, private_index, with_causes,
};
use fixloop_index::Index;
use fixloop_policy::{Bundle, Surface};
use fixloop_telemetry::{Destination, Kind};

use crate::protocol::Uri;

pub(super) struct Following {
    follower: Follower,
    governed: HashMap<Uri, Option<Tree>>,
    /// The last bundle that was believed: what it looks for is looked for until there is another, also where all only observes.
    bundle: Option<Arc<Bundle>>,
    pub(super) checks: Arc<BuildChecks>,
    /// What was said already.
    said: HashSet<String>,
}

/// What a look at the policy changed.
#[derive(Default)]
pub(super) struct Looked {
    /// What applies now, if that may be something else than before.
    pub(super) files: Vec<(Uri, Arc<Applies>)>,
    pub(super) own: Own,
    /// What people have to be told.
    pub(super) notices: Vec<String>,
}

/// The organization's own advisories.
#[derive(Default)]
pub(super) enum Own {
    #[default]
    Same,
    /// Another set of them: its index, if there are any.
    Other(Option<Box<Index>>),
}

impl Following {
    /// Begins to follow; with what stands in the way, if there is something that a person can act on.
    pub(super) fn start(place: &PolicyPlace) -> (Self, Option<String>) {
        let (follower, problem) = Follower::start(place);
        let (governed, said) = (HashMap::new(), HashSet::new());
        (Self { follower, governed, bundle: None, checks: Arc::default(), said }, problem)
    }

    /// What applies to a file from now on; nothing where no policy is configured, and while it is not known.
    pub(super) fn govern(&mut self, uri: Uri, file: &Path) -> Option<Arc<Applies>> {
        if !self.follower.is_configured() {
            return None;
        }
        let tree = Tree::of(file);
        let applies = self.follower.applies(tree.as_ref(), Surface::Editor);
        self.governed.insert(uri, tree);
        applies.map(Arc::new)
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        self.governed.remove(uri);
    }

    /// A file's path from the root of its work tree, as rules name it.
    pub(super) fn path_of(&self, uri: &Uri, file: &Path) -> Option<String> {
        self.governed.get(uri)?.as_ref()?.path_of(file)
    }

    /// The root of the work tree that a file lies in, and its path from there.
    pub(super) fn place_of(&self, file: &Path) -> Option<(PathBuf, String)> {
        let uri = Uri::from_file_path(file).ok()?;
        let tree = self.governed.get(&uri)?.as_ref()?;
        Some((tree.root().to_owned(), tree.path_of(file)?))
    }

    pub(super) fn look(&mut self) -> Looked {
        let (is_changed, notices) = self.follower.look();
        let mut looked = Looked { notices, ..Looked::default() };
        // A bundle that was kept for when its server is out of reach counts before anything was seen to change.
        if is_changed || self.bundle.is_none() {
            self.read_bundle(&mut looked);
        }
        if is_changed {
            looked.files = self.all();
        }
        looked
    }

    /// Rules and advisories of another bundle.
    fn read_bundle(&mut self, looked: &mut Looked) {
        let Some(bundle) = self.follower.bundle().cloned() else { return };
        if self.bundle.as_ref().is_some_and(|it| Arc::ptr_eq(it, &bundle)) {
            return;
        }
        let checks = BuildChecks::of_bundle(&bundle, Surface::Editor);
        let mut wrong = checks.unread.clone();
        self.checks = Arc::new(checks);
        let before = self.bundle.as_ref().map_or(&[][..], |it| &it.advisories);
        if bundle.advisories != before {
            let index = private_index(&bundle.advisories).unwrap_or_else(|error| {
                wrong.push(with_causes(&error));
                None
            });
            looked.own = Own::Other(index.map(Box::new));
        }
        self.bundle = Some(bundle);
        wrong.retain(|it| self.said.insert(it.clone()));
        looked.notices.extend(wrong.iter().map(|it| format!("of the policy bundle, {it}")));
    }

    fn all(&mut self) -> Vec<(Uri, Arc<Applies>)> {
        // Files of one work tree share what applies to them.
        let mut trees: Vec<(Option<Tree>, Arc<Applies>)> = Vec::new();
        let mut found = Vec::new();
        for (uri, tree) in &self.governed {
            let known = trees.iter().find(|(it, _)| it == tree).map(|(_, it)| Arc::clone(it));
            let follower = &mut self.follower;
            let applies = || follower.applies(tree.as_ref(), Surface::Editor).map(Arc::new);
            let Some(applies) = known.or_else(applies) else { continue };
            trees.push((tree.clone(), Arc::clone(&applies)));
            found.push((uri.clone(), applies));
        }
        found
    }

    /// The sink of the bundle that counts.
    pub(super) fn destination(&self) -> Option<Destination> {
        self.follower.destination()
    }

    /// What was told since this was asked last, to be recorded.
    pub(super) fn take_deliveries(&mut self) -> Vec<Kind> {
        self.follower.take_deliveries()
    }
}
