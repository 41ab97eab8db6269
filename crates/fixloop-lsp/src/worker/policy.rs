//! The policy that somebody configured, and what it says of each open file.
//!
//! A file is looked at whenever anything is; a server is asked by a thread of its own, so that no look waits for it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use fixloop_client::{Policy, PolicySource, Standing, public_key};
use fixloop_history::work_tree;
use fixloop_policy::{Key, OrganizationKey, RepositoryId, Resolution, Surface, Why};
use fixloop_telemetry::{Destination, Kind, Time};

use crate::protocol::Uri;

/// Where the policy lies, as it was configured.
#[derive(Clone, Debug)]
pub(crate) struct PolicyPlace {
    pub(crate) source: Option<String>,
    pub(crate) key: Option<String>,
    /// Where the last believed bundle is kept.
    pub(crate) cache: Option<PathBuf>,
    pub(crate) time: Time,
}

impl PolicyPlace {
    pub(crate) fn is_configured(&self) -> bool {
        self.source.is_some() || self.key.is_some()
    }
}

/// What applies to a file.
#[derive(Clone, Debug)]
pub(crate) struct Applies {
    /// For this surface.
    pub(crate) resolution: Resolution,
    /// By what its organization knows it; nothing without a bundle, and in no repository that the bundle lists: what is recorded there is
    /// nobody's but the user's.
    pub(crate) identity: Option<Identity>,
}

#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) key: OrganizationKey,
    pub(crate) repository: RepositoryId,
    /// Of the work tree.
    root: PathBuf,
}

impl Identity {
    /// A file from the repository's root, with `/`; nothing if it lies elsewhere.
    pub(crate) fn path_of(&self, file: &Path) -> Option<String> {
        crate::workspace::relative(&self.root, file)
    }
}

impl Applies {
    pub(crate) fn without_policy() -> Self {
        Self { resolution: Resolution::without_policy(), identity: None }
    }

    /// For a text in no file, and while nothing is known.
    pub(crate) fn observing() -> Self {
        Self { resolution: Resolution::observing(Why::NoRepository), identity: None }
    }
}

/// Looks at the policy, and knows what it says of each file.
pub(super) struct Following {
    source: Source,
    /// What counts now; nothing before the first look at a server, unless a bundle was kept.
    standing: Option<Standing>,
    time: Time,
    governed: HashMap<Uri, Option<Tree>>,
    told: HashSet<(Option<Key>, u64, bool)>,
    /// What was told of which repository, to be recorded.
    deliveries: Vec<Kind>,
}

enum Source {
    /// Nobody configured one.
    Nothing,
    /// What was configured cannot be used.
    Broken,
    File(Box<Policy>),
    Remote {
        answers: Receiver<Answer>,
        /// Closed when this ends, and so ends the thread.
        _stop: Sender<()>,
    },
}

/// What a look at a server changed.
struct Answer {
    standing: Standing,
    notice: Option<String>,
}

#[derive(Clone, Eq, PartialEq)]
struct Tree {
    root: PathBuf,
    repository: Option<RepositoryId>,
}

impl Following {
    /// Begins to follow; with what stands in the way, if there is something that a person can act on.
    pub(super) fn start(place: &PolicyPlace) -> (Self, Option<String>) {
        let (source, standing, problem) = opened(place);
        let following = Self {
            source,
            standing,
            time: place.time,
            governed: HashMap::new(),
            told: HashSet::new(),
            deliveries: Vec::new(),
        };
        (following, problem)
    }

    /// What applies to a file from now on; nothing where no policy is configured, and while it is not known.
    pub(super) fn govern(&mut self, uri: Uri, file: &Path) -> Option<Arc<Applies>> {
        if matches!(self.source, Source::Nothing) {
            return None;
        }
        let tree = work_tree(file).map(|it| Tree {
            root: it.root,
            repository: it.origin.as_deref().map(RepositoryId::of_address),
        });
        let applies = self.applies(tree.as_ref());
        self.governed.insert(uri, tree);
        applies
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        self.governed.remove(uri);
    }

    /// Looks again: what applies now to each file, if that may be something else than before, and what people have to be told.
    pub(super) fn look(&mut self) -> (Vec<(Uri, Arc<Applies>)>, Vec<String>) {
        let (mut is_changed, mut notices) = (false, Vec::new());
        match &mut self.source {
            Source::Nothing | Source::Broken => {}
            Source::File(policy) => {
                let polled = policy.poll(self.time.now());
                is_changed = polled.is_changed;
                self.standing = Some(policy.standing().clone());
                notices.extend(polled.notice);
            }
            Source::Remote { answers, .. } => {
                for Answer { standing, notice } in answers.try_iter() {
                    is_changed |= self.standing.as_ref() != Some(&standing);
                    self.standing = Some(standing);
                    notices.extend(notice);
                }
            }
        }
        (if is_changed { self.all() } else { Vec::new() }, notices)
    }

    fn all(&mut self) -> Vec<(Uri, Arc<Applies>)> {
        let governed: Vec<_> =
            self.governed.iter().map(|(uri, it)| (uri.clone(), it.clone())).collect();
        // Files of one work tree share what applies to them.
        let mut trees: Vec<(Option<Tree>, Arc<Applies>)> = Vec::new();
        let mut found = Vec::new();
        for (uri, tree) in governed {
            let known = trees.iter().find(|(it, _)| *it == tree).map(|(_, it)| Arc::clone(it));
            let Some(applies) = known.or_else(|| self.applies(tree.as_ref())) else { continue };
            trees.push((tree, Arc::clone(&applies)));
            found.push((uri, applies));
        }
        found
    }

    fn applies(&mut self, tree: Option<&Tree>) -> Option<Arc<Applies>> {
        let standing = self.standing.as_ref()?;
        let repository = tree.and_then(|it| it.repository.as_ref());
        let resolution = standing.resolution(repository).on(Surface::Editor);
        let is_listed = resolution.team.is_some();
        let key = standing.bundle().filter(|_| is_listed).map(|it| it.telemetry.key.clone());
        let identity = tree.zip(repository).zip(key).map(|((tree, repository), key)| Identity {
            key,
            repository: repository.clone(),
            root: tree.root.clone(),
        });
        let repository = identity.as_ref().map(|it| it.key.repository(&it.repository));
        let version = standing.bundle().map_or(0, |it| it.version);
        let is_refused = standing.is_refused();
        if self.told.insert((repository, version, is_refused)) {
            self.deliveries.push(Kind::Policy { repository, version, is_refused });
        }
        Some(Arc::new(Applies { resolution, identity }))
    }

    /// The sink of the bundle that counts.
    pub(super) fn destination(&self) -> Option<Destination> {
        let bundle = self.standing.as_ref()?.bundle()?;
        let folder = PathBuf::from(bundle.telemetry.sink.as_ref()?);
        let (organization, key) = (bundle.organization.clone(), bundle.telemetry.key.clone());
        // An address is for a later version; a relative path would be another folder for each editor.
        folder.is_absolute().then_some(Destination { folder, organization, key })
    }

    /// What was told since this was asked last, to be recorded.
    pub(super) fn take_deliveries(&mut self) -> Vec<Kind> {
        std::mem::take(&mut self.deliveries)
    }
}

fn opened(place: &PolicyPlace) -> (Source, Option<Standing>, Option<String>) {
    let policy = match (&place.source, &place.key) {
        (None, None) => return (Source::Nothing, None, None),
        (Some(_), None) => Err("`policy` is there without `policyKey`".to_owned()),
        (None, Some(_)) => Err("`policyKey` is there without `policy`".to_owned()),
        (Some(source), Some(key)) => configured(source, key, place),
    };
    match policy {
        Ok(policy) if policy.source().is_remote() => {
            // A bundle that was kept counts until the server answers; without one, that is waited for.
            let kept = Some(policy.standing().clone()).filter(|it| it.bundle().is_some());
            match asked_again_and_again(policy, place.time) {
                Ok(source) => (source, kept, None),
                Err(error) => broken(&format!("the policy cannot be asked for: {error}")),
            }
        }
        Ok(policy) => (Source::File(Box::new(policy)), None, None),
        Err(reason) => broken(&reason),
    }
}

fn broken(reason: &str) -> (Source, Option<Standing>, Option<String>) {
    let standing = Standing::Observing { why: Why::NotBelieved, is_refused: true };
    let text = format!("fixloop shows no alerts and only observes: {reason}");
    (Source::Broken, Some(standing), Some(text))
}

fn configured(source: &str, key: &str, place: &PolicyPlace) -> Result<Policy, String> {
    let source = PolicySource::read(source).map_err(|error| error.to_string())?;
    let key = public_key(key).map_err(|error| format!("`policyKey`: {error}"))?;
    Ok(Policy::open(source, key, place.cache.as_deref(), place.time.now()))
}

fn asked_again_and_again(mut policy: Policy, time: Time) -> std::io::Result<Source> {
    let (answered, answers) = unbounded();
    let (stop, stopped) = bounded::<()>(0);
    let ask = move || {
        let mut is_first = true;
        loop {
            let polled = policy.poll(time.now());
            if is_first || polled.is_changed || polled.notice.is_some() {
                let answer = Answer { standing: policy.standing().clone(), notice: polled.notice };
                if answered.send(answer).is_err() {
                    return;
                }
            }
            is_first = false;
            match stopped.recv_timeout(policy.interval()) {
                Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    // Nobody waits for its end: it may wait for a server itself.
    thread::Builder::new().name("policy".to_owned()).spawn(ask)?;
    Ok(Source::Remote { answers, _stop: stop })
}
