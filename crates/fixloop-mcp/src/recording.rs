//! What was told to an agent, as events in the spool.

use std::collections::HashSet;
use std::path::PathBuf;

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, normalize_name};
use fixloop_telemetry::{
    Client, Clock, Destination, ExposureId, ExposurePlace, Flushing, Kind, Machine, Mode,
    PublicEcosystem, PublicIds, Recorder, Session, Settings, Subject, Surface,
};

use crate::policy::{Governed, Governing};
use crate::quoted::word;

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
    /// The one that is there, or was asked about.
    pub(crate) version: Option<String>,
    /// The representative of each advisory.
    pub(crate) ids: Vec<String>,
    pub(crate) severity: Option<Rating>,
    pub(crate) class: Class,
    pub(crate) is_direct: Option<bool>,
}

/// What is said besides an answer.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The organization's words on what was found, which were checked to be one line each.
    words: Vec<String>,
    /// What is wrong with the policy, once.
    notices: Vec<String>,
}

impl Said {
    pub(crate) fn around(&self, text: &str) -> String {
        let notices = self.notices.iter().map(|it| format!("Note: {}.", word(it)));
        let lines = self.words.iter().cloned().chain([text.to_owned()]).chain(notices);
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The spool of one run, and the policy that decides how it is recorded. Begins with the first call, as only that says who is there.
pub(crate) struct Spooling {
    machine: Machine,
    clock: Clock,
    governing: Governing,
    running: Option<Running>,
    n_calls: u64,
}

struct Running {
    recorder: Recorder,
    session: Session,
    /// Begins with the first sink that a policy names.
    flushing: Option<Flushing>,
    /// An agent may ask the same ten times: it was shown once.
    seen: HashSet<(ExposureId, Vec<String>)>,
}

impl Spooling {
    pub(crate) fn new(machine: Machine, governing: Governing) -> Self {
        Self { clock: machine.clock(), machine, governing, running: None, n_calls: 0 }
    }

    pub(crate) fn is_silent(&mut self) -> bool {
        self.governing.is_silent()
    }

    /// Records each package once per run. An error costs the event and no answer: the next start of an editor says it to a person.
    pub(crate) fn record(&mut self, caller: &Caller, shown: &[Shown]) -> Said {
        self.governing.look();
        let governed = self.governing.govern(shown);
        let deliveries = self.governing.take_deliveries();
        let destination = self.governing.destination();
        self.n_calls += 1;
        let at = self.clock.now();
        let machine = &self.machine;
        let running = self.running.get_or_insert_with(|| Running::start(machine, caller));
        if self.n_calls == 1 {
            let kind = Kind::Session(running.session.clone());
            if running.recorder.record(at, kind, None).is_err() {}
        }
        for kind in deliveries {
            if running.recorder.record(at, kind, None).is_err() {}
        }
        for (it, governed) in shown.iter().zip(&governed) {
            let subject = running.subject(it, governed);
            if running.seen.insert((subject.exposure, subject.advisories.ids().to_vec()))
                && running.recorder.record(at, Kind::AlertShown, Some(subject)).is_err()
            {
            }
        }
        // Calls are seldom, and a client may end this process without a word.
        let is_kept = running.recorder.sync().is_ok();
        if let Some(destination) = destination.filter(|_| is_kept) {
            running.flush(machine, &destination);
        }
        Said { words: words(&governed), notices: self.governing.take_notices() }
    }

    pub(crate) fn end(&mut self) {
        let at = self.clock.now();
        let destination = self.governing.destination();
        let Some(running) = &mut self.running else { return };
        let kind = Kind::Session(running.session.ended(self.n_calls, None));
        let is_kept =
            running.recorder.record(at, kind, None).is_ok() && running.recorder.sync().is_ok();
        if let (Some(flushing), Some(destination), None) =
            (&mut running.flushing, destination.filter(|_| is_kept), running.recorder.denial())
        {
            flushing.end(&destination);
        }
    }
}

/// What the organization says of what is shown, each once.
fn words(governed: &[Governed]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for ruling in governed.iter().map(|it| &it.ruling).filter(|it| it.is_shown()) {
        let parts = [&ruling.words, &ruling.link];
        let words: Vec<&str> = parts.into_iter().flatten().map(|it| &**it).collect();
        let words = words.join(" ");
        if !words.is_empty() && !said.contains(&words) {
            said.push(words);
        }
    }
    said
}

impl Running {
    fn start(machine: &Machine, caller: &Caller) -> Self {
        let (recorder, _) = Recorder::start_on(machine.clone(), Settings::default());
        let client = Client::of(&caller.name);
        let session =
            Session::started(Surface::Agent, Mode::Alert, client, caller.version.as_deref());
        Self { recorder, session, flushing: None, seen: HashSet::new() }
    }

    /// Sends events on their way; nobody waits for it. What stands in theirs costs no answer: they wait in the spool, and `fixloop telemetry
    /// show` tells how many were copied.
    fn flush(&mut self, machine: &Machine, destination: &Destination) {
        if self.recorder.denial().is_some() {
            return;
        }
        if self.flushing.is_none() {
            let folder = machine.default_folder.clone();
            self.flushing = folder.and_then(|it| Flushing::start(machine.clone(), it));
        }
        if let Some(flushing) = &mut self.flushing {
            flushing.recorded();
            flushing.flush(destination);
        }
    }

    fn subject(&self, shown: &Shown, governed: &Governed) -> Subject {
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
            is_first_reference: governed.is_first_reference,
            is_direct: shown.is_direct,
            surface: Surface::Agent,
            mode: if governed.ruling.is_shown() { Mode::Alert } else { Mode::Observe },
            target: governed.target,
            component: governed.component,
            treatment: governed.ruling.treatment.as_deref().and_then(|it| it.parse().ok()),
        }
    }
}
