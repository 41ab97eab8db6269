//! Where the spool lies if nobody says otherwise.
//!
//! XDG base directories: <https://specifications.freedesktop.org/basedir-spec/latest/>. State, not data: it is of this machine only.

use std::ffi::OsString;
use std::path::PathBuf;

/// The user's spool by the environment, if it names such a place. Relative paths do not count, as the specification asks.
pub fn spool_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("LOCALAPPDATA"))
        .or_else(|| absolute("HOME").map(|it| it.join(".local/state")));
    state.map(|it| it.join("fixloop/spool"))
}
