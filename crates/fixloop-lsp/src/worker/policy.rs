//! What the policy that is followed says of each open file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use fixloop_client::{Applies, Follower, PolicyPlace, Tree};
use fixloop_policy::Surface;
use fixloop_telemetry::{Destination, Kind};

use crate::protocol::Uri;

pub(super) struct Following {
    follower: Follower,
    governed: HashMap<Uri, Option<Tree>>,
}

impl Following {
    /// Begins to follow; with what stands in the way, if there is something that a person can act on.
    pub(super) fn start(place: &PolicyPlace) -> (Self, Option<String>) {
        let (follower, problem) = Follower::start(place);
        (Self { follower, governed: HashMap::new() }, problem)
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

    /// Looks again: what applies now to each file, if that may be something else than before, and what people have to be told.
    pub(super) fn look(&mut self) -> (Vec<(Uri, Arc<Applies>)>, Vec<String>) {
        let (is_changed, notices) = self.follower.look();
        (if is_changed { self.all() } else { Vec::new() }, notices)
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
