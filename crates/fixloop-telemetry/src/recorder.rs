//! What a server holds to record: permission, session and spool in one. It never fails for good, and says a failure once.

use std::path::PathBuf;

use crate::event::{Kind, Moment, NewEvent};
use crate::flush::{Destination, FlushError, Flushed, flush};
use crate::ids::SessionId;
use crate::machine::{Machine, random};
use crate::permission::Denial;
use crate::pseudonym::Pseudonyms;
use crate::session::Session;
use crate::spool::{Appended, Limits, Spool, SpoolError};
use crate::subject::Subject;

/// How a server records.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The spool's folder; nothing for the user's own.
    pub folder: Option<PathBuf>,
    /// The editor's telemetry setting, if it told one.
    pub client_allows: Option<bool>,
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self { folder: None, client_allows: None, limits: Limits::STANDARD }
    }
}

/// Records the events of one session. Belongs to a worker: [`Recorder::sync`] may wait for the disk.
#[derive(Debug)]
pub struct Recorder {
    session: SessionId,
    machine: Machine,
    folder: Option<PathBuf>,
    client_allows: Option<bool>,
    spool: Option<Spool>,
    pseudonyms: Pseudonyms,
    denial: Option<Denial>,
}

impl Recorder {
    /// Begins a session. With the error, if there is one, nothing is recorded in this session.
    pub fn start_on(machine: Machine, settings: Settings) -> (Self, Option<SpoolError>) {
        let mut recorder = Self {
            session: SessionId::new([0; 16]),
            folder: settings.folder.or_else(|| machine.default_folder.clone()),
            machine,
            client_allows: settings.client_allows,
            spool: None,
            pseudonyms: Pseudonyms::new([0; 32]),
            denial: None,
        };
        let error = recorder.open(settings.limits).err();
        (recorder, error)
    }

    fn open(&mut self, limits: Limits) -> Result<(), SpoolError> {
        // A machine without a home has no spool: there is nothing to complain about.
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        self.denial = self.machine.denial(&folder, self.client_allows);
        if self.denial.is_some() {
            return Ok(());
        }
        self.session = SessionId::new(random().map_err(|source| SpoolError::Random { source })?);
        let spool = Spool::open(folder, limits)?;
        self.pseudonyms = spool.pseudonyms();
        self.spool = Some(spool);
        Ok(())
    }

    /// Why nothing is recorded, if somebody said so.
    pub fn denial(&self) -> Option<Denial> {
        self.denial
    }

    pub fn is_recording(&self) -> bool {
        self.spool.is_some()
    }

    /// For the ids of exposures, on any thread. While nothing is recorded, ids mean nothing.
    pub fn pseudonyms(&self) -> Pseudonyms {
        self.pseudonyms.clone()
    }

    /// Records one event, or nothing while that is not allowed.
    pub fn record(
        &mut self,
        at: Moment,
        kind: Kind,
        subject: Option<Subject>,
    ) -> Result<Appended, SpoolError> {
        let Some(spool) = &mut self.spool else { return Ok(Appended::Off) };
        let kind = match kind {
            Kind::Session(it) => Kind::Session(Session { clock: self.machine.time.source(), ..it }),
            kind => kind,
        };
        spool.append(NewEvent { session: self.session, at, kind, subject })
    }

    /// Has the disk keep what was recorded, and looks whether recording is still allowed. Call it every few seconds and at the end.
    pub fn sync(&mut self) -> Result<(), SpoolError> {
        let (Some(spool), Some(folder)) = (&mut self.spool, &self.folder) else { return Ok(()) };
        self.denial = self.machine.denial(folder, self.client_allows);
        if self.denial.is_some() {
            spool.forget();
            self.spool = None;
            return Ok(());
        }
        spool.sync()
    }

    /// Flushes what the organization may have of the spool, of all its sessions, to where a policy bundle says. For a worker, every now and then, and after an error later:
    /// it takes as long as the sink does. While recording is not allowed, nothing is flushed.
    pub fn flush(&mut self, destination: &Destination) -> Result<Flushed, FlushError> {
        self.sync()?;
        let (Some(_), Some(folder)) = (&self.spool, &self.folder) else {
            return Ok(Flushed::default());
        };
        flush(&self.machine, folder, destination)
    }
}
