//! What was told to an agent, as events in the spool.

use std::collections::HashSet;
use std::path::PathBuf;

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, normalize_name};
use fixloop_telemetry::{
    Client, Clock, ExposureId, ExposurePlace, Kind, Machine, Mode, PublicEcosystem, PublicIds,
    Recorder, Session, Settings, Subject, Surface,
};

/// Who calls, by the words that it gives of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    name: String,
    version: Option<String>,
}

impl Caller {
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: Some(version.to_owned()) }
    }
}

/// One package at one place that an answer tells something against.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The scanned folder; empty where only a package was asked for.
    pub(crate) folder: PathBuf,
    /// Relative to it.
    pub(crate) file: PathBuf,
    pub(crate) format: Option<Format>,
    pub(crate) ecosystem: String,
    pub(crate) package: String,
    /// The representative of each advisory.
    pub(crate) ids: Vec<String>,
    pub(crate) severity: Option<Rating>,
    pub(crate) class: Class,
    pub(crate) is_direct: Option<bool>,
}

/// The spool of one run. Begins with the first call, as only that says who is there.
pub(crate) struct Spooling {
    machine: Machine,
    clock: Clock,
    running: Option<Running>,
    n_calls: u64,
}

struct Running {
    recorder: Recorder,
    session: Session,
    /// An agent may ask the same ten times: it was shown once.
    seen: HashSet<(ExposureId, Vec<String>)>,
}

impl Spooling {
    pub(crate) fn new(machine: Machine) -> Self {
        Self { clock: machine.clock(), machine, running: None, n_calls: 0 }
    }

    /// Records each package once per run. An error costs the event and no answer: the next start of an editor says it to a person.
    pub(crate) fn record(&mut self, caller: &Caller, shown: Vec<Shown>) {
        self.n_calls += 1;
        let at = self.clock.now();
        let machine = &self.machine;
        let running = self.running.get_or_insert_with(|| Running::start(machine, caller));
        if self.n_calls == 1 {
            let kind = Kind::Session(running.session.clone());
            if running.recorder.record(at, kind, None).is_err() {}
        }
        for it in shown {
            let subject = running.subject(&it);
            if running.seen.insert((subject.exposure, subject.advisories.ids().to_vec()))
                && running.recorder.record(at, Kind::AlertShown, Some(subject)).is_err()
            {
            }
        }
        // Calls are seldom, and a client may end this process without a word.
        if running.recorder.sync().is_err() {}
    }

    pub(crate) fn end(&mut self) {
        let at = self.clock.now();
        let Some(running) = &mut self.running else { return };
        let kind = Kind::Session(running.session.ended(self.n_calls, None));
        if running.recorder.record(at, kind, None).is_err() || running.recorder.sync().is_err() {}
    }
}

impl Running {
    fn start(machine: &Machine, caller: &Caller) -> Self {
        let (recorder, _) = Recorder::start_on(machine.clone(), Settings::default());
        let client = Client::of(&caller.name);
        let session =
            Session::started(Surface::Agent, Mode::Alert, client, caller.version.as_deref());
        Self { recorder, session, seen: HashSet::new() }
    }

    fn subject(&self, shown: &Shown) -> Subject {
        let place = ExposurePlace {
            repository: &shown.folder,
            file: &shown.file,
            ecosystem: &shown.ecosystem,
            package: &normalize_name(&shown.ecosystem, &shown.package),
        };
        Subject {
            exposure: self.recorder.pseudonyms().exposure(&place),
            ecosystem: PublicEcosystem::of(&shown.ecosystem),
            advisories: PublicIds::of(&shown.ids),
            severity: shown.severity,
            class: shown.class,
            file_kind: shown.format,
            is_first_reference: None,
            is_direct: shown.is_direct,
            surface: Surface::Agent,
            mode: Mode::Alert,
            target: None,
            component: None,
            treatment: None,
        }
    }
}
