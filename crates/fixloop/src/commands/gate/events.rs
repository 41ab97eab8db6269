//! A verdict and what it was about, as events in the user's spool and on to the organization's sink.

use std::path::{Path, PathBuf};

use fixloop_gate::{GateFinding, Report, Subject as About, Verdict};
use fixloop_manifest::Format;
use fixloop_model::{Class, normalize_name};
use fixloop_policy::{Bundle, Change, Key, OrganizationKey, RepositoryId};
use fixloop_telemetry::{
    Client, Destination, ExposurePlace, Gate, GateVerdict, Kind, Machine, Mode, Moment,
    PublicEcosystem, PublicIds, Recorder, Session, Settings, SpoolError, Subject, Surface,
};

use crate::error::CommandError;

/// Findings of one build that are recorded; the verdict itself always is.
const MAX_FINDINGS: usize = 1_000;

/// Where events of this build go.
pub(super) struct Recording {
    machine: Machine,
    /// Of a repository that the bundle lists: what is recorded elsewhere is nobody's but the user's.
    organization: Option<(OrganizationKey, RepositoryId)>,
    destination: Option<Destination>,
    root: PathBuf,
}

impl Recording {
    pub(super) fn new(
        machine: Machine,
        bundle: Option<&Bundle>,
        repository: Option<RepositoryId>,
        path: &Path,
    ) -> Self {
        let key = bundle.map(|it| it.telemetry.key.clone());
        let listed = key.zip(repository).filter(|(key, repository)| {
            bundle.is_some_and(|it| it.repositories.contains_key(&key.repository(repository)))
        });
        let destination = bundle.and_then(|bundle| {
            let folder = PathBuf::from(bundle.telemetry.sink.as_ref()?);
            let (organization, key) = (bundle.organization.clone(), bundle.telemetry.key.clone());
            folder.is_absolute().then_some(Destination { folder, organization, key })
        });
        Self { machine, organization: listed, destination, root: path.to_owned() }
    }

    /// Records the verdict and, where a treatment or campaign decided, each finding; with what stood in the way, which ends no build.
    pub(super) fn record(self, report: &Report) -> Option<String> {
        let (recorder, error) = Recorder::start_on(self.machine.clone(), Settings::default());
        if let Some(error) = error {
            return Some(not_recorded(error));
        }
        self.record_all(recorder, report).err().map(not_recorded)
    }

    fn record_all(&self, mut recorder: Recorder, report: &Report) -> Result<(), SpoolError> {
        let clock = self.machine.clock();
        let session = Session::started(Surface::Build, Mode::Alert, Client::OTHER, None);
        recorder.record(clock.now(), Kind::Session(session.clone()), None)?;
        let repository = self.organization.as_ref().map(|(key, id)| key.repository(id));
        if let Some(version) = report.policy.version {
            let kind = Kind::Policy { repository, version, is_refused: false };
            recorder.record(clock.now(), kind, None)?;
        }
        let is_decided = |it: &&GateFinding| it.rule.contains('@') && it.change != Change::Fixed;
        for it in report.findings.iter().filter(is_decided).take(MAX_FINDINGS) {
            let subject = self.subject(&recorder, report, it);
            recorder.record(clock.now(), Kind::AlertShown, Some(subject))?;
        }
        Self::verdict(&mut recorder, clock.now(), repository, report)?;
        recorder.record(clock.now(), Kind::Session(session.ended(0, None)), None)?;
        recorder.sync()?;
        if let Some(destination) = &self.destination {
            // What cannot be flushed now stays in the spool, where the next build or editor finds it.
            if recorder.flush(destination).is_err() {}
        }
        Ok(())
    }

    fn verdict(
        recorder: &mut Recorder,
        at: Moment,
        repository: Option<Key>,
        report: &Report,
    ) -> Result<(), SpoolError> {
        let gate = Gate {
            repository,
            branch: report.branch,
            verdict: word(report.verdict),
            would: word(report.would),
            is_break_glass: report.break_glass.is_some(),
        };
        recorder.record(at, Kind::Gate(gate), None).map(|_| ())
    }

    fn subject(&self, recorder: &Recorder, report: &Report, it: &GateFinding) -> Subject {
        let (ecosystem, name, version, ids, is_direct) = match &it.subject {
            About::Package(it) => (&*it.ecosystem, &*it.name, &*it.version, &it.ids[..], it.direct),
            About::Build(it) => ("", &*it.rule, "", &[][..], Some(true)),
        };
        let file = if report.folder.is_empty() {
            it.path().to_owned()
        } else {
            format!("{}/{}", report.folder, it.path())
        };
        let place = ExposurePlace {
            repository: &self.root,
            file: Path::new(&file),
            ecosystem,
            package: name,
        };
        let organization = self.organization.as_ref();
        let component = organization
            .filter(|_| it.class() != Class::BuildRule)
            .map(|(key, _)| key.component(ecosystem, &normalize_name(ecosystem, name), version));
        let is_told = it.mode > fixloop_policy::Mode::Observe && !report.is_silent;
        Subject {
            exposure: recorder.pseudonyms().exposure(&place),
            ecosystem: PublicEcosystem::of(ecosystem),
            advisories: PublicIds::of(ids),
            severity: it.severity(),
            class: it.class(),
            file_kind: Format::of_path(&file),
            is_first_reference: Some(it.change.is_of_this_change()),
            is_direct,
            surface: Surface::Build,
            mode: if is_told { Mode::Alert } else { Mode::Observe },
            target: organization.map(|(key, id)| key.target(id, &file)),
            component,
            treatment: it.rule.parse().ok(),
        }
    }
}

fn not_recorded(error: SpoolError) -> String {
    format!("the verdict was not recorded: {}", CommandError::from(error).chain())
}

fn word(verdict: Verdict) -> GateVerdict {
    match verdict {
        Verdict::Pass => GateVerdict::Pass,
        Verdict::Alert => GateVerdict::Alert,
        Verdict::Unverified => GateVerdict::Unverified,
        Verdict::BrokenGlass => GateVerdict::BrokenGlass,
        Verdict::Break => GateVerdict::Break,
    }
}
