//! The one module that asks the machine: clock, environment, random bytes.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fixloop_model::Timestamp;
use rand::TryRng;
use rand::rngs::{SysError, SysRng};

use crate::event::Moment;
use crate::permission::{Denial, Environment, denial};
use crate::place::spool_folder;
use crate::spool::folder::is_off;

/// The clock of one session.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
}

impl Clock {
    /// The session begins now.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    pub fn now(&self) -> Moment {
        let offset_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Moment { occurred_at: Timestamp(jiff::Timestamp::now().as_microsecond()), offset_us }
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], SysError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

/// What the process's environment says about recording.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// The environment variable `DO_NOT_TRACK`.
    pub do_not_track: Option<OsString>,
    /// The user's spool.
    pub default_folder: Option<PathBuf>,
}

impl Machine {
    pub fn of_process() -> Self {
        Self {
            do_not_track: env::var_os("DO_NOT_TRACK"),
            default_folder: spool_folder(|name| env::var_os(name)),
        }
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
