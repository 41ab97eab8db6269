//! The one thread for everything that reads files nobody is typing in.
//!
//! It is told what is open, looks at the files that decide it, and tells what changed. What the client says about files is taken as a
//! reason to look; where no client says anything, it looks every other second.

mod confusion;
mod index;
mod policy;
mod recording;
mod watched;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use fixloop_alert::Locked;
use fixloop_exceptions::Exceptions;
use fixloop_index::{Index, Urgency};
use fixloop_manifest::Format;
use fixloop_model::{BuildCheck, Component, Parsed, normalize_name};
use fixloop_telemetry::{Clock, Moment};
use lsp_server::RequestId;

use fixloop_client::{Applies, BuildChecks, PolicyPlace};
pub(crate) use index::IndexPlace;
use policy::Following;
pub(crate) use recording::Recording;
use recording::Spooling;
use watched::Watched;

use crate::episodes::Fact;
use crate::protocol::Uri;
use crate::workspace::Place;

/// How often it looks by itself.
const INTERVAL: Duration = Duration::from_secs(2);

pub(crate) enum Task {
    /// A manifest or lockfile that is open in the editor.
    Open {
        uri: Uri,
        place: Place,
        /// Nothing for what only a rule may know.
        format: Option<Format>,
    },
    Close {
        uri: Uri,
    },
    /// A folder of the workspace.
    Root(PathBuf),
    NoRoot(PathBuf),
    /// Look at everything now; these files changed, says the client.
    Look(Vec<PathBuf>),
    /// Looks at what decides where packages come from, with these texts of what is open.
    Assess(Vec<(PathBuf, Arc<str>)>),
    /// Answered when everything before it is done.
    Barrier(RequestId),
    Record(Vec<Fact>),
    /// The session ends, after so many changes of documents.
    End {
        at: Moment,
        n_changes: u64,
    },
}

pub(crate) enum Outcome {
    /// What decides an open manifest now.
    Locked {
        uri: Uri,
        locked: Option<Arc<Locked>>,
    },
    /// A lockfile that was there before has changed.
    CameIn(CameIn),
    /// The packages that the last commit has in an open manifest; `None` if there is no commit to compare with.
    Head {
        uri: Uri,
        packages: Option<Packages>,
    },
    /// What the policy says of a file from now on.
    Policy(Governing),
    /// Another set of the organization's own advisories, and what the policy that brought it says of each file.
    Own {
        index: Option<Box<Index>>,
        files: Vec<Governing>,
    },
    /// The rules that the last commit breaks in a file; nothing if there is no commit to compare with.
    Broken {
        uri: Uri,
        at_head: Option<HashSet<String>>,
    },
    Assessed(Vec<Assessed>),
    Accepted {
        root: PathBuf,
        exceptions: Arc<Exceptions>,
    },
    Index(Box<(Index, Urgency)>),
    /// The index cannot be used, and why; what was used before stays.
    IndexProblem(String),
    /// Something that cannot be used and costs nothing else: the spool, what is known of exploitation.
    Notice(String),
    /// Something for whoever looks into the log.
    Log(String),
    Barrier(RequestId),
}

/// What the policy says of a file.
pub(crate) struct Governing {
    pub(crate) uri: Uri,
    pub(crate) applies: Arc<Applies>,
    pub(crate) checks: Arc<BuildChecks>,
    /// From the root of its work tree.
    pub(crate) path: Option<String>,
    /// As [`Outcome::Broken`].
    pub(crate) at_head: Option<HashSet<String>>,
}

/// What the configuration of its whole tree says of an open file.
pub(crate) struct Assessed {
    pub(crate) file: PathBuf,
    /// Findings.
    pub(crate) checks: Vec<BuildCheck>,
    /// Whether the last commit has one there; nothing where that is not known.
    pub(crate) is_at_head: Option<bool>,
}

/// Ecosystem and normalized name.
pub(crate) type Packages = HashSet<(String, String)>;

/// What a text names, whatever its versions.
pub(crate) fn packages(parsed: &Parsed) -> Packages {
    let package = |it: &Component| {
        let name = normalize_name(it.ecosystem.as_str(), &it.name).into_owned();
        (it.ecosystem.to_string(), name)
    };
    parsed.components.iter().map(package).collect()
}

/// A lockfile after a change.
pub(crate) struct CameIn {
    pub(crate) root: PathBuf,
    pub(crate) locked: Arc<Locked>,
    /// As it was.
    pub(crate) before: Arc<Locked>,
    /// Manifests beside it that are not open, with their texts.
    pub(crate) manifests: Vec<(PathBuf, Format, String)>,
    /// What the policy says of it; nothing where there is none, or while that is not known.
    pub(crate) applies: Option<Arc<Applies>>,
}

/// The worker as the session sees it. Dropping it ends the thread once its tasks are done.
pub(crate) struct Worker {
    tasks: Option<Sender<Task>>,
    pub(crate) outcomes: Receiver<Outcome>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Worker {
    pub(crate) fn start(
        (index, policy): (IndexPlace, PolicyPlace),
        recording: Recording,
        clock: Clock,
    ) -> Self {
        let (tasks, queue) = unbounded();
        let (results, outcomes) = unbounded();
        let thread = thread::Builder::new().name("worker".to_owned());
        // Without it nothing but typing would be seen, which the session says.
        let thread =
            thread.spawn(move || run(&queue, &results, (index, policy), (recording, clock))).ok();
        Self { tasks: Some(tasks), outcomes, thread }
    }

    pub(crate) fn send(&self, task: Task) {
        // A worker that is gone is reported once, where its channel closes.
        if let Some(tasks) = &self.tasks
            && tasks.send(task).is_err()
        {}
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            // Its panic was reported when its channel closed.
            if thread.join().is_err() {}
        }
    }
}

fn run(
    queue: &Receiver<Task>,
    results: &Sender<Outcome>,
    (index, policy): (IndexPlace, PolicyPlace),
    (recording, clock): (Recording, Clock),
) {
    let (following, wrong) = Following::start(&policy);
    let mut watched = Watched::new(index, following, results.clone());
    if let Some(text) = wrong {
        watched.tell(Outcome::Notice(text));
    }
    watched.look(&[]);
    let (mut spooling, mut problem) = Spooling::start(recording, clock.now());
    // Said once, however often it fails.
    let mut was_said = false;
    let mut next_look = Instant::now() + INTERVAL;
    loop {
        if let Some(problem) = problem.take().filter(|_| !was_said) {
            watched.tell(Outcome::Notice(problem));
            was_said = true;
        }
        // However busy the session is, files are looked at.
        if Instant::now() >= next_look {
            watched.look(&[]);
            problem = spooling.sync();
            if let Some(text) = spooling.flush(watched.destination().as_ref()) {
                watched.tell(Outcome::Log(text));
            }
            next_look = Instant::now() + INTERVAL;
        }
        match queue.recv_deadline(next_look) {
            Ok(Task::Open { uri, place, format }) => watched.open(&uri, place, format),
            Ok(Task::Close { uri }) => watched.close(&uri),
            Ok(Task::Root(folder)) => watched.add_root(folder),
            Ok(Task::NoRoot(folder)) => watched.remove_root(&folder),
            Ok(Task::Look(files)) => watched.look(&files),
            Ok(Task::Assess(files)) => watched.assess(files),
            Ok(Task::Record(facts)) => problem = spooling.record(facts),
            Ok(Task::End { at, n_changes }) => {
                spooling.end((at, n_changes), watched.destination().as_ref());
            }
            Ok(Task::Barrier(id)) => watched.tell(Outcome::Barrier(id)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let delivered = watched.take_deliveries();
        problem = problem.or_else(|| spooling.deliver(clock.now(), delivered));
    }
}
