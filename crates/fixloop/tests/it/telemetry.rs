//! `fixloop telemetry`, on spools as servers write them.

use fixloop_manifest::Format;
use fixloop_model::{Class, Rating, Timestamp};
use fixloop_telemetry::{
    Appended, Cleared, Client, Comment, ExposureId, Kind, Limits, Mode, Moment, NewEvent,
    NotUseful, PublicEcosystem, PublicIds, Session, SessionId, Spool, Subject, Surface,
};

use super::*;

const FIRST: &str = "00000000000000000001.events";

/// The n-th kind of alert.
fn subject(n: u8, mode: Mode) -> Subject {
    Subject {
        exposure: ExposureId::new([n; 16]),
        ecosystem: PublicEcosystem::of("npm"),
        advisories: PublicIds::of(["CVE-2019-10744", "GHSA-jf85-cpcp-j695"]),
        severity: Some(Rating::Critical),
        class: Class::Vulnerability,
        file_kind: Some(Format::PackageJson),
        is_first_reference: Some(true),
        is_direct: None,
        surface: Surface::Editor,
        mode,
        target: None,
        component: None,
        treatment: None,
    }
}

/// One of each kind: an alert that was fixed, one that stays, one that was not shown.
pub(crate) fn fill(folder: &Path) {
    let session =
        Session::started(Surface::Editor, Mode::Alert, Client::of("Neovim"), Some("0.7.2"));
    let (one, two) = (subject(1, Mode::Alert), subject(2, Mode::Alert));
    let comment = Comment::new("no server here");
    let story = [
        (Kind::Session(session.clone()), None),
        (Kind::AlertShown, Some(one.clone())),
        (Kind::AlertShown, Some(two.clone())),
        (Kind::Hover, Some(two.clone())),
        (Kind::NotUseful { reason: NotUseful::NotMine, comment }, Some(two.clone())),
        (Kind::FixApplied, Some(one.clone())),
        (Kind::AlertCleared { how: Cleared::Fixed }, Some(one)),
        (Kind::ExceptionAdded, Some(two)),
        (Kind::AlertShown, Some(subject(3, Mode::Observe))),
        (Kind::Session(session.ended(17, Some(840))), None),
    ];
    let mut spool = Spool::open(folder, Limits::STANDARD).expect("the folder is writable");
    for (at, (kind, subject)) in (0..).zip(story) {
        let occurred_at = Timestamp(1_795_867_200_000_000 + at * 1_500_000);
        let at =
            Moment { occurred_at, offset_us: u64::try_from(at).expect("not negative") * 1_500_000 };
        let event = NewEvent { session: SessionId::new([9; 16]), at, kind, subject };
        let appended = spool.append(event).expect("the folder is writable");
        assert_eq!(appended, Appended::Written);
    }
}

/// `fixloop telemetry …` for this spool.
fn telemetry(spool: &Path, arguments: &[&str]) -> Output {
    let place = ["--spool", spool.to_str().expect("a plain path")];
    fixloop(&[&["telemetry"], arguments, &place].concat())
}

fn show_json(spool: &Path) -> serde_json::Value {
    let output = telemetry(spool, &["show", "--format", "json"]);
    assert_exit(&output, 0);
    json(&output)
}

#[test]
fn what_was_recorded_is_shown_to_people() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let output = telemetry(folder.path(), &["show", "--last", "9"]);
    assert_exit(&output, 0);
    let text = stdout(&output).replace(folder.path().to_str().unwrap(), "SPOOL");
    insta::assert_snapshot!(text, @"
    telemetry is on
      spool      SPOOL
      events     10, 6 KiB
      flushed    0 of them in the sink that a signed policy named; nothing goes elsewhere
      kept       8 of them about no repository of an organization's policy: they never leave this machine
      missing    0 dropped by the bounds of 8 MB and 30 days, 0 lost
      damaged    0 torn, 0 of another version
             1   alert_cleared
             3   alert_shown
             1   exception_added
             1   fix_applied
             1   hover
             1   not_useful
             2   session

    2 open of 3 draft exposures
      since 2026-11-28T12:00:03Z  npm critical in package.json: CVE-2019-10744 +1
      since 2026-11-28T12:00:12Z  npm critical in package.json: CVE-2019-10744 +1, not shown (observe)

    last 9 of 10 events
           2  2026-11-28T12:00:01Z  alert_shown                   npm critical in package.json: CVE-2019-10744 +1
           3  2026-11-28T12:00:03Z  alert_shown                   npm critical in package.json: CVE-2019-10744 +1
           4  2026-11-28T12:00:04Z  hover                         npm critical in package.json: CVE-2019-10744 +1
           5  2026-11-28T12:00:06Z  not_useful (not_mine)         npm critical in package.json: CVE-2019-10744 +1, “no server here”
           6  2026-11-28T12:00:07Z  fix_applied                   npm critical in package.json: CVE-2019-10744 +1
           7  2026-11-28T12:00:09Z  alert_cleared (fixed)         npm critical in package.json: CVE-2019-10744 +1
           8  2026-11-28T12:00:10Z  exception_added               npm critical in package.json: CVE-2019-10744 +1
           9  2026-11-28T12:00:12Z  alert_shown                   npm critical in package.json: CVE-2019-10744 +1, not shown (observe)
          10  2026-11-28T12:00:13Z  session ended (neovim, alert)
    ");
}

#[test]
fn what_was_recorded_is_printed_for_scripts() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let document = show_json(folder.path());
    assert_eq!(document["schema"], "fixloop.events/1");
    assert_eq!((&document["state"], &document["reason"]), (&"on".into(), &serde_json::Value::Null));
    assert_eq!((&document["dropped"], &document["lost"]), (&0.into(), &0.into()));
    assert_eq!((&document["flushed"], &document["kept"]), (&0.into(), &8.into()));
    let events = document["events"].as_array().unwrap();
    assert_eq!(events.len(), 10);
    assert!(events.iter().all(|it| it["schema"] == "fixloop.event/1"));
    let numbers: Vec<u64> = events.iter().map(|it| it["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<u64>>());
    let drafts = document["drafts"].as_array().unwrap();
    let hows: Vec<&serde_json::Value> = drafts.iter().map(|it| &it["how"]).collect();
    assert_eq!(hows, [&"fixed".into(), &serde_json::Value::Null, &serde_json::Value::Null]);
    assert_eq!(
        (&drafts[0]["open_us"], &drafts[0]["fix_applied"]),
        (&7_500_000.into(), &true.into())
    );
    assert_eq!(drafts[2]["mode"], "observe");
}

/// Of every kind of event, most of them written by the first build of the format: later ones read it.
#[test]
fn a_spool_of_the_first_version_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/spool");
    let document = show_json(&folder);
    assert_eq!(document["events"].as_array().unwrap().len(), 11);
    assert_eq!((&document["torn"], &document["unreadable"]), (&0.into(), &0.into()));
}

#[test]
fn a_spool_that_is_not_there_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no/spool");
    let document = show_json(&nowhere);
    assert_eq!((&document["state"], &document["events"]), (&"on".into(), &serde_json::json!([])));
    let output = telemetry(&nowhere, &["show"]);
    assert_exit(&output, 0);
    assert!(stdout(&output).contains("events     0"), "{}", stdout(&output));
    let output = telemetry(&nowhere, &["purge"]);
    assert_exit(&output, 0);
    assert!(stdout(&output).starts_with("there was nothing to delete from "));
    assert!(!nowhere.exists());
}

#[test]
fn off_deletes_and_on_takes_it_back() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let output = telemetry(folder.path(), &["off"]);
    assert_exit(&output, 0);
    assert!(stdout(&output).contains("KiB of events and the pseudonym"), "{}", stdout(&output));
    let document = show_json(folder.path());
    assert_eq!((&document["state"], &document["reason"]), (&"off".into(), &"command".into()));
    assert_eq!(document["events"], serde_json::json!([]));
    assert!(Spool::open(folder.path(), Limits::STANDARD).is_err());
    assert!(stdout(&telemetry(folder.path(), &["on"])).starts_with("telemetry is on again for "));
    assert!(stdout(&telemetry(folder.path(), &["on"])).starts_with("telemetry was not off for "));
    fill(folder.path());
    assert_eq!(show_json(folder.path())["events"].as_array().unwrap().len(), 10);
    assert_exit(&telemetry(folder.path(), &["purge"]), 0);
    let document = show_json(folder.path());
    assert_eq!((&document["state"], &document["dropped"]), (&"on".into(), &0.into()));
}

#[test]
fn do_not_track_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |command: &str| {
        Command::new(env!("CARGO_BIN_EXE_fixloop"))
            .args(["telemetry", command, "--spool"])
            .arg(folder.path())
            .env_clear()
            .env("DO_NOT_TRACK", "1")
            .output()
            .unwrap()
    };
    assert!(stdout(&run("show")).starts_with("telemetry is off: DO_NOT_TRACK is set\n"));
    assert!(stdout(&run("on")).contains("nothing is recorded all the same: DO_NOT_TRACK is set"));
}

#[test]
fn without_a_folder_the_users_state_is_meant() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], home: &[(&str, &Path)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
        command.arg("telemetry").args(arguments).env_clear().envs(home.iter().copied());
        command.output().unwrap()
    };
    assert_exit(&run(&["off"], &[("XDG_STATE_HOME", home.path())]), 0);
    assert!(home.path().join("fixloop/spool/off").exists());
    // Off in the user's own spool is off for every spool.
    let other = tempfile::tempdir().unwrap();
    let output = run(
        &["show", "--spool", other.path().to_str().unwrap()],
        &[("XDG_STATE_HOME", home.path())],
    );
    assert!(stdout(&output).starts_with("telemetry is off: `fixloop telemetry off` was called\n"));
    let output = run(&["show"], &[]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("--spool DIR"), "{}", stderr(&output));
}

#[test]
fn damage_is_counted_and_the_rest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let path = folder.path().join(FIRST);
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 5);
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::write(folder.path().join("00000000000000000011.events"), "no segment").unwrap();
    let document = show_json(folder.path());
    assert_eq!(document["torn"], 3);
    assert_eq!(document["events"].as_array().unwrap().len(), 8);
    assert_eq!(document["lost"], 2);
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_name() {
    let folder = folder(&[("spool", b"a file")]);
    for command in ["show", "off", "on", "purge"] {
        let output = telemetry(&folder.path().join("spool"), &[command]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains("spool"), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
    // A segment without a right to read it; the administrator has every right.
    #[cfg(unix)]
    {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let nobody = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        fs::set_permissions(folder.path().join(FIRST), nobody).unwrap();
        if fs::read(folder.path().join(FIRST)).is_err() {
            let output = telemetry(folder.path(), &["show"]);
            assert_exit(&output, 2);
            assert!(stdout(&output).contains(FIRST), "{}", stdout(&output));
        }
    }
}

#[test]
fn a_time_that_is_none_is_an_error_and_not_the_systems_time() {
    let folder = tempfile::tempdir().unwrap();
    let show = ["telemetry", "show", "--spool", folder.path().to_str().unwrap()];
    let run = |arguments: &[&str], now: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
        command.args(arguments).env("FIXLOOP_NOW", now).stdin(std::process::Stdio::null());
        command.output().unwrap()
    };
    for arguments in [&show[..], &["lsp"], &["mcp"]] {
        let output = run(arguments, "noon");
        assert_exit(&output, 2);
        let text = "error: `noon` in the environment variable `FIXLOOP_NOW` is no time such as `2026-11-28T12:00:00Z`\n";
        assert_eq!(stderr(&output), text);
    }
    assert_exit(&run(&show, "2026-11-28T12:00:00Z"), 0);
}
