//! The one module that asks the machine: clock, environment, random bytes.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
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

pub(crate) fn default_folder() -> Option<PathBuf> {
    spool_folder(|name| env::var_os(name))
}

/// What this machine says about recording into `folder`, whatever the editor's setting.
///
/// `fixloop telemetry off` without a folder holds for every spool of the user.
pub fn client_independent_denial(folder: &std::path::Path) -> Option<Denial> {
    machine_denial(folder, None)
}

pub(crate) fn machine_denial(
    folder: &std::path::Path,
    client_allows: Option<bool>,
) -> Option<Denial> {
    let do_not_track: Option<OsString> = env::var_os("DO_NOT_TRACK");
    denial(&Environment {
        do_not_track: do_not_track.as_deref(),
        client_allows,
        is_switched_off: is_off(folder) || default_folder().is_some_and(|it| is_off(&it)),
    })
}
