//! A policy that servers follow while they run: what of it applies to a file, where events go, and which bundle reached which repository.
//!
//! A file is looked at whenever anything is; a server is asked by a thread of its own, so that no look waits for it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use fixloop_history::work_tree;
use fixloop_policy::{Bundle, Key, OrganizationKey, RepositoryId, Resolution, Surface, Why};
use fixloop_telemetry::{Destination, Kind, Time};

use crate::{Policy, PolicySource, Standing, public_key};

/// Where the policy lies, as it was configured.
#[derive(Clone, Debug)]
pub struct PolicyPlace {
    /// A path or an address.
    pub source: Option<String>,
    pub key: Option<String>,
    /// Where the last believed bundle is kept.
    pub cache: Option<PathBuf>,
    pub time: Time,
}

impl PolicyPlace {
    pub fn is_configured(&self) -> bool {
        self.source.is_some() || self.key.is_some()
    }
}

/// What applies to a file.
#[derive(Clone, Debug)]
pub struct Applies {
    /// For one surface.
    pub resolution: Resolution,
    /// By what its organization knows it; nothing without a bundle, and in no repository that the bundle lists: what is recorded there is
    /// nobody's but the user's.
    pub identity: Option<Identity>,
}

#[derive(Clone, Debug)]
pub struct Identity {
    pub key: OrganizationKey,
    pub repository: RepositoryId,
    /// Of the work tree.
    root: PathBuf,
}

impl Identity {
    /// Of the work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file from the repository's root, with `/`; nothing if it lies elsewhere.
    pub fn path_of(&self, file: &Path) -> Option<String> {
        below(&self.root, file)
    }
}

fn below(root: &Path, file: &Path) -> Option<String> {
    let relative = file.strip_prefix(root).ok()?;
    let parts = relative.components().map(|it| it.as_os_str().to_string_lossy());
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

impl Applies {
    pub fn without_policy() -> Self {
        Self { resolution: Resolution::without_policy(), identity: None }
    }

    /// For what lies in no file, and while nothing is known.
    pub fn observing() -> Self {
        Self { resolution: Resolution::observing(Why::NoRepository), identity: None }
    }
}

/// A work tree, and whose it is as far as its address tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tree {
    root: PathBuf,
    repository: Option<RepositoryId>,
}

impl Tree {
    /// Whose it is, as far as its address tells.
    pub fn repository(&self) -> Option<&RepositoryId> {
        self.repository.as_ref()
    }

    /// A file from the root, with `/`; nothing if it lies elsewhere.
    pub fn path_of(&self, file: &Path) -> Option<String> {
        below(&self.root, file)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The one that holds `path`, which need not exist.
    pub fn of(path: &Path) -> Option<Self> {
        let it = work_tree(path)?;
        let repository = it.origin.as_deref().map(RepositoryId::of_address);
        Some(Self { root: it.root, repository })
    }
}

/// Looks at the policy, and knows what it says.
pub struct Follower {
    source: Source,
    /// What counts now; nothing before the first look at a server, unless a bundle was kept.
    standing: Option<Standing>,
    time: Time,
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

impl Follower {
    /// Begins to follow; with what stands in the way, if there is something that a person can act on.
    pub fn start(place: &PolicyPlace) -> (Self, Option<String>) {
        let (source, standing, problem) = opened(place);
        let (told, deliveries) = (HashSet::new(), Vec::new());
        (Self { source, standing, time: place.time, told, deliveries }, problem)
    }

    pub fn is_configured(&self) -> bool {
        !matches!(self.source, Source::Nothing)
    }

    /// Looks again: whether something else may apply than before, and what people have to be told. Waits for no server.
    pub fn look(&mut self) -> (bool, Vec<String>) {
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
        (is_changed, notices)
    }

    /// What applies in a work tree on a surface; nothing while that is not known. A bundle that reaches a repository so for the first time
    /// is delivered.
    pub fn applies(&mut self, tree: Option<&Tree>, surface: Surface) -> Option<Applies> {
        let standing = self.standing.as_ref()?;
        let repository = tree.and_then(|it| it.repository.as_ref());
        let resolution = standing.resolution(repository).on(surface);
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
        Some(Applies { resolution, identity })
    }

    /// The bundle that counts; nothing where none can be believed.
    pub fn bundle(&self) -> Option<&Arc<Bundle>> {
        self.standing.as_ref()?.bundle()
    }

    /// The sink of the bundle that counts.
    pub fn destination(&self) -> Option<Destination> {
        let bundle = self.standing.as_ref()?.bundle()?;
        let folder = PathBuf::from(bundle.telemetry.sink.as_ref()?);
        let (organization, key) = (bundle.organization.clone(), bundle.telemetry.key.clone());
        // An address is for a later version; a relative path would be another folder for each process.
        folder.is_absolute().then_some(Destination { folder, organization, key })
    }

    /// What was delivered since this was asked last, to be recorded.
    pub fn take_deliveries(&mut self) -> Vec<Kind> {
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
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    };
    // Nobody waits for its end: it may wait for a server itself.
    thread::Builder::new().name("policy".to_owned()).spawn(ask)?;
    Ok(Source::Remote { answers, _stop: stop })
}
