//! Whether anything may be recorded. Any one voice against it is enough.
//!
//! `DO_NOT_TRACK`: <https://donottrack.sh>. Any value but none and `0` asks not to be tracked.

use std::ffi::OsStr;

/// What decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Environment<'a> {
    /// The environment variable `DO_NOT_TRACK`.
    pub do_not_track: Option<&'a OsStr>,
    /// The editor's own setting, if it told one. It can only forbid.
    pub client_allows: Option<bool>,
    /// Whether `fixloop telemetry off` was called.
    pub is_switched_off: bool,
}

/// Why nothing is recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denial {
    DoNotTrack,
    Client,
    Command,
}

impl Denial {
    /// For scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DoNotTrack => "do_not_track",
            Self::Client => "client",
            Self::Command => "command",
        }
    }
}

/// Nothing if events may be recorded.
pub fn denial(environment: &Environment<'_>) -> Option<Denial> {
    let asks = |value: &OsStr| !value.is_empty() && value != "0";
    if environment.do_not_track.is_some_and(asks) {
        Some(Denial::DoNotTrack)
    } else if environment.is_switched_off {
        Some(Denial::Command)
    } else if environment.client_allows == Some(false) {
        Some(Denial::Client)
    } else {
        None
    }
}
