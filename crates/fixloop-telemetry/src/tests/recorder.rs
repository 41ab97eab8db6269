//! A server's view: one session, permission, failures.

use std::ffi::{OsStr, OsString};

use super::*;
use crate::{Denial, Recorder, Settings, Time, switch_off};

fn settings(folder: &Path) -> Settings {
    Settings { folder: Some(folder.to_owned()), ..Settings::default() }
}

#[test]
fn a_session_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (mut recorder, error) = Recorder::start_on(Machine::default(), settings(folder.path()));
    assert!(error.is_none() && recorder.is_recording());
    let clock = Machine::default().clock();
    recorder.record(clock.now(), Kind::Session(session()), None).unwrap();
    recorder.record(clock.now(), Kind::AlertShown, Some(subject())).unwrap();
    recorder.sync().unwrap();
    let events = crate::read(folder.path()).unwrap().events;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].session, events[1].session);
    assert!(events[0].at.offset_us <= events[1].at.offset_us);
}

#[test]
fn two_sessions_share_the_ids_of_exposures() {
    let folder = tempfile::tempdir().unwrap();
    let place = crate::ExposurePlace {
        repository: Path::new("/r"),
        file: Path::new("package.json"),
        ecosystem: "npm",
        package: "lodash",
    };
    let id = || {
        Recorder::start_on(Machine::default(), settings(folder.path()))
            .0
            .pseudonyms()
            .exposure(&place)
    };
    assert_eq!(id(), id());
}

#[test]
fn where_somebody_says_no_not_even_a_folder_is_made() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("spool");
    let default_folder = parent.path().join("default");
    let check = |machine: Machine, client_allows, expected| {
        let settings = Settings { client_allows, ..settings(&folder) };
        let (mut recorder, error) = Recorder::start_on(machine, settings);
        assert!(error.is_none());
        assert_eq!(recorder.denial(), Some(expected));
        assert_eq!(
            recorder.record(moment(0), Kind::Hover, Some(subject())).unwrap(),
            Appended::Off
        );
        recorder.sync().unwrap();
        assert!(!folder.exists());
    };
    let tracked_not = Machine { do_not_track: Some(OsString::from("1")), ..Machine::default() };
    check(tracked_not, Some(true), Denial::DoNotTrack);
    check(Machine::default(), Some(false), Denial::Client);
    // Switched off in the user's own spool holds for one that an editor names.
    switch_off(&default_folder).unwrap();
    check(
        Machine { default_folder: Some(default_folder), ..Machine::default() },
        None,
        Denial::Command,
    );
}

#[test]
fn switching_off_ends_a_running_session() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, default_folder) = (parent.path().join("spool"), parent.path().join("default"));
    let machine = Machine { default_folder: Some(default_folder.clone()), ..Machine::default() };
    let (mut recorder, _) = Recorder::start_on(machine, settings(&folder));
    recorder.record(moment(0), Kind::Hover, Some(subject())).unwrap();
    switch_off(&default_folder).unwrap();
    recorder.sync().unwrap();
    assert_eq!(recorder.denial(), Some(Denial::Command));
    assert_eq!(recorder.record(moment(1), Kind::Hover, Some(subject())).unwrap(), Appended::Off);
    assert_eq!(seqs(&folder), [1]);
}

#[test]
fn a_spool_that_cannot_be_made_is_told_and_nothing_else_fails() {
    let parent = tempfile::tempdir().unwrap();
    std::fs::write(parent.path().join("file"), "").unwrap();
    let (mut recorder, error) =
        Recorder::start_on(Machine::default(), settings(&parent.path().join("file/spool")));
    assert!(error.is_some());
    assert!(!recorder.is_recording());
    assert_eq!(recorder.record(moment(0), Kind::Hover, Some(subject())).unwrap(), Appended::Off);
    recorder.sync().unwrap();
    // A machine without a home.
    let (recorder, error) = Recorder::start_on(Machine::default(), Settings::default());
    assert!(error.is_none() && !recorder.is_recording());
}

#[test]
fn a_set_clock_goes_on_from_where_it_was_set_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine { time: Time::set(Timestamp(NOON)), ..Machine::default() };
    let clock = machine.clock();
    let (one, two) = (clock.now(), machine.clock().now());
    assert!((NOON..NOON + DAY).contains(&one.occurred_at.0), "{one:?}");
    assert!(one.occurred_at <= two.occurred_at);
    let (mut recorder, _) = Recorder::start_on(machine, settings(folder.path()));
    recorder.record(one, Kind::Session(session()), None).unwrap();
    recorder.record(two, Kind::Session(session().ended(1, None)), None).unwrap();
    recorder.sync().unwrap();
    let events = crate::read(folder.path()).unwrap().events;
    assert!(events.iter().all(|it| it.to_json()["clock"] == "set"), "{events:?}");
}

#[test]
fn what_is_no_time_is_an_error() {
    let read = |text: &str| crate::machine::read_now(OsStr::new(text));
    let noon = Ok(Timestamp(NOON));
    assert_eq!(read("2026-11-28T12:00:00Z"), noon);
    assert_eq!(read("2026-11-28T13:00:00.000000+01:00"), noon);
    for text in ["", "noon", "2026-11-28", "2026-11-28T12:00:00", "1795867200"] {
        let error = read(text).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "`{text}` in the environment variable `FIXLOOP_NOW` is no time such as `2026-11-28T12:00:00Z`"
            )
        );
    }
}
