//! Who may forbid, and where the spool lies.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::{Denial, Environment, denial, spool_folder};

#[track_caller]
fn check(
    do_not_track: Option<&str>,
    client_allows: Option<bool>,
    is_switched_off: bool,
    expected: Option<Denial>,
) {
    let do_not_track = do_not_track.map(OsStr::new);
    assert_eq!(denial(&Environment { do_not_track, client_allows, is_switched_off }), expected);
}

#[test]
fn any_voice_against_it_is_enough() {
    check(None, None, false, None);
    check(None, Some(true), false, None);
    check(Some(""), Some(true), false, None);
    check(Some("0"), None, false, None);
    for asks in ["1", "true", "false", "yes", " ", "00"] {
        check(Some(asks), Some(true), false, Some(Denial::DoNotTrack));
    }
    check(None, Some(false), false, Some(Denial::Client));
    check(Some("0"), Some(false), false, Some(Denial::Client));
    check(None, Some(true), true, Some(Denial::Command));
    check(None, Some(false), true, Some(Denial::Command));
    check(Some("1"), Some(false), true, Some(Denial::DoNotTrack));
}

#[test]
fn the_spool_lies_with_the_state_of_the_user() {
    let check = |variables: &[(&str, &str)], expected: Option<&str>| {
        let of =
            |name: &str| variables.iter().find(|it| it.0 == name).map(|it| OsString::from(it.1));
        assert_eq!(spool_folder(of), expected.map(PathBuf::from));
    };
    check(&[], None);
    check(&[("HOME", "/h")], Some("/h/.local/state/fixloop/spool"));
    check(&[("HOME", "/h"), ("XDG_STATE_HOME", "/s")], Some("/s/fixloop/spool"));
    check(&[("HOME", "/h"), ("XDG_STATE_HOME", "s")], Some("/h/.local/state/fixloop/spool"));
    check(&[("HOME", "/h"), ("LOCALAPPDATA", "/l")], Some("/l/fixloop/spool"));
    check(&[("HOME", "")], None);
}
