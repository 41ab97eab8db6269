//! A server's view: one session, permission, failures.

use std::ffi::OsString;

use super::*;
use crate::{Clock, Denial, Machine, Recorder, Settings, switch_off};

fn settings(folder: &Path) -> Settings {
    Settings { folder: Some(folder.to_owned()), ..Settings::default() }
}

#[test]
fn a_session_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (mut recorder, error) = Recorder::start_on(Machine::default(), settings(folder.path()));
    assert!(error.is_none() && recorder.is_recording());
    let clock = Clock::start();
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
    let tracked_not = Machine { do_not_track: Some(OsString::from("1")), default_folder: None };
    check(tracked_not, Some(true), Denial::DoNotTrack);
    check(Machine::default(), Some(false), Denial::Client);
    // Switched off in the user's own spool holds for one that an editor names.
    switch_off(&default_folder).unwrap();
    check(
        Machine { do_not_track: None, default_folder: Some(default_folder) },
        None,
        Denial::Command,
    );
}

#[test]
fn switching_off_ends_a_running_session() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, default_folder) = (parent.path().join("spool"), parent.path().join("default"));
    let machine = Machine { do_not_track: None, default_folder: Some(default_folder.clone()) };
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
