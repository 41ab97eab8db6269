//! Facts of the session as events in the spool.

use fixloop_client::with_causes;
use fixloop_model::normalize_name;
use fixloop_telemetry::{
    Appended, Client, Destination, ExposurePlace, Flushing, Kind, Machine, Mode, Moment,
    PublicEcosystem, PublicIds, Recorder, Session, Settings, SpoolError, Subject, Surface,
};

use crate::episodes::Fact;

/// What the worker is told about recording.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    pub(crate) mode: Mode,
    pub(crate) client: Client,
    pub(crate) client_version: Option<String>,
}

/// The spool, as long as the session lasts.
pub(super) struct Spooling {
    recorder: Recorder,
    session: Session,
    /// Nothing where there is no spool.
    flushing: Option<Flushing>,
}

impl Spooling {
    /// Begins a session; with what stands in the way, if there is something that a person can act on.
    pub(super) fn start(recording: Recording, at: Moment) -> (Self, Option<String>) {
        let Recording { machine, settings, mode, client, client_version } = recording;
        let folder = settings.folder.clone().or_else(|| machine.default_folder.clone());
        let flushing = folder.and_then(|folder| Flushing::start(machine.clone(), folder));
        let (recorder, error) = Recorder::start_on(machine, settings);
        let session = Session::started(Surface::Editor, mode, client, client_version.as_deref());
        let mut spooling = Self { recorder, session, flushing };
        let kind = Kind::Session(spooling.session.clone());
        let failed = spooling.recorder.record(at, kind, None);
        let error = error.or_else(|| failed.err());
        (spooling, error.map(|it| failure(&it)))
    }

    pub(super) fn record(&mut self, facts: Vec<Fact>) -> Option<String> {
        let mut failed = None;
        self.recorded(!facts.is_empty());
        for Fact { at, kind, about } in facts {
            let place = ExposurePlace {
                repository: &about.repository,
                file: &about.file,
                ecosystem: &about.ecosystem,
                package: &about.package,
            };
            let identity = about.met.applies.as_ref().and_then(|it| it.identity.as_ref());
            let target = identity.zip(about.met.target.as_deref());
            let component = identity.zip(about.version.as_deref());
            let subject = Subject {
                exposure: self.recorder.pseudonyms().exposure(&place),
                ecosystem: PublicEcosystem::of(&about.ecosystem),
                advisories: PublicIds::of(&about.ids),
                severity: about.severity,
                class: about.class,
                file_kind: about.format,
                is_first_reference: about.is_first_reference,
                is_direct: about.is_direct,
                surface: Surface::Editor,
                mode: about.met.mode,
                target: target.map(|(it, path)| it.key.target(&it.repository, path)),
                component: component.map(|(it, version)| {
                    let name = normalize_name(&about.ecosystem, &about.package);
                    it.key.component(&about.ecosystem, &name, version)
                }),
                treatment: about.met.treatment.as_deref().and_then(|it| it.parse().ok()),
            };
            let recorded = self.recorder.record(at, kind, Some(subject));
            failed = failed.or(told(recorded));
        }
        failed
    }

    /// Which policy bundle reached which repository.
    pub(super) fn deliver(&mut self, at: Moment, deliveries: Vec<Kind>) -> Option<String> {
        let mut failed = None;
        self.recorded(!deliveries.is_empty());
        for kind in deliveries {
            failed = failed.or(told(self.recorder.record(at, kind, None)));
        }
        failed
    }

    pub(super) fn sync(&mut self) -> Option<String> {
        self.recorder.sync().err().map(|it| failure(&it))
    }

    fn recorded(&mut self, is_something: bool) {
        if let Some(flushing) = self.flushing.as_mut().filter(|_| is_something) {
            flushing.recorded();
        }
    }

    /// Sends events on their way; with what stood in theirs, once. Where nothing may be recorded, nothing leaves the machine either.
    pub(super) fn flush(&mut self, destination: Option<&Destination>) -> Option<String> {
        let is_allowed = self.recorder.denial().is_none();
        self.flushing.as_mut().filter(|_| is_allowed)?.flush(destination?)
    }

    pub(super) fn end(
        &mut self,
        (at, n_changes): (Moment, u64),
        destination: Option<&Destination>,
    ) {
        let kind = Kind::Session(self.session.ended(n_changes, None));
        // Nobody is left to be told.
        let is_kept = self.recorder.record(at, kind, None).is_ok() && self.recorder.sync().is_ok();
        let is_allowed = is_kept && self.recorder.denial().is_none();
        if let (Some(flushing), Some(destination)) =
            (self.flushing.as_mut().filter(|_| is_allowed), destination)
        {
            flushing.end(destination);
        }
    }
}

fn told(recorded: Result<Appended, SpoolError>) -> Option<String> {
    recorded.err().map(|it| failure(&it))
}

fn failure(error: &SpoolError) -> String {
    format!("events are not recorded: {}", with_causes(error))
}
