//! The one module that asks the machine: clock, environment, random bytes.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Instant;

use fixloop_model::Timestamp;
use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use thiserror::Error;

use crate::event::Moment;
use crate::permission::{Denial, Environment, denial};
use crate::place::spool_folder;
use crate::session::ClockSource;
use crate::spool::folder::is_off;

/// The environment variable that sets a process's clock, for stories and tests.
const NOW: &str = "FIXLOOP_NOW";

/// `FIXLOOP_NOW` holds no time. Nobody then goes on by the system's clock as if nothing had been asked.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(
    "`{value}` in the environment variable `FIXLOOP_NOW` is no time such as `2026-11-28T12:00:00Z`"
)]
pub struct WrongNow {
    value: String,
}

/// The time that `FIXLOOP_NOW` sets, if it is there.
pub fn set_now() -> Result<Option<Timestamp>, WrongNow> {
    env::var_os(NOW).map(|it| read_now(&it)).transpose()
}

pub(crate) fn read_now(value: &OsStr) -> Result<Timestamp, WrongNow> {
    let time = value.to_str().and_then(|it| it.parse::<jiff::Timestamp>().ok());
    let wrong = || WrongNow { value: value.to_string_lossy().into_owned() };
    time.map(|it| Timestamp(it.as_microsecond())).ok_or_else(wrong)
}

/// What tells a process the time.
#[derive(Clone, Copy, Debug, Default)]
pub enum Time {
    #[default]
    System,
    /// It was `at` when the process started, and goes on from there.
    Set { at: Timestamp, started: Instant },
}

impl Time {
    pub fn set(at: Timestamp) -> Self {
        Self::Set { at, started: Instant::now() }
    }

    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp(jiff::Timestamp::now().as_microsecond()),
            Self::Set { at, started } => {
                let elapsed = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
                Timestamp(at.0.saturating_add(elapsed))
            }
        }
    }

    pub fn source(&self) -> ClockSource {
        match self {
            Self::System => ClockSource::System,
            Self::Set { .. } => ClockSource::Set,
        }
    }
}

/// The clock of one session.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    time: Time,
}

impl Clock {
    pub fn now(&self) -> Moment {
        let offset_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Moment { occurred_at: self.time.now(), offset_us }
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], SysError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

/// What the process's environment says about recording and the time.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The environment variable `DO_NOT_TRACK`.
    pub do_not_track: Option<OsString>,
    /// The user's spool.
    pub default_folder: Option<PathBuf>,
    pub time: Time,
}

impl Machine {
    /// # Errors
    ///
    /// If `FIXLOOP_NOW` holds no time.
    pub fn of_process() -> Result<Self, WrongNow> {
        Ok(Self {
            do_not_track: env::var_os("DO_NOT_TRACK"),
            default_folder: spool_folder(|name| env::var_os(name)),
            time: set_now()?.map_or(Time::System, Time::set),
        })
    }

    /// The clock of a session that begins now.
    pub fn clock(&self) -> Clock {
        Clock { started: Instant::now(), time: self.time }
    }

    /// Why nothing is recorded into `folder`, if so. Looks for the marks of `fixloop telemetry off`: one in the user's spool holds for
    /// every other too.
    pub fn denial(&self, folder: &Path, client_allows: Option<bool>) -> Option<Denial> {
        let default_folder = self.default_folder.as_deref();
        denial(&Environment {
            do_not_track: self.do_not_track.as_deref(),
            client_allows,
            is_switched_off: is_off(folder) || default_folder.is_some_and(is_off),
        })
    }
}
