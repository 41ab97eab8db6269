//! The JSON of every kind of event, as `fixloop.event/1` promises it.

use fixloop_policy::BranchKind;

use super::*;
use crate::wire::{from_bytes, to_bytes};
use crate::{Cleared, Comment, Gate, GateVerdict, NotUseful, SourceId};

fn event(kind: Kind) -> Event {
    let NewEvent { session, at, kind, subject } = new_event(90 * SECOND, kind);
    let event_id = EventId::new(NOON / 1000, &[1; 10]);
    Event { event_id, source: SourceId::new([0xab; 16]), seq: 42, session, at, kind, subject }
}

/// The fields that only this kind of event has.
#[track_caller]
fn check(kind: Kind, own: &str) {
    let event = event(kind);
    let bytes = to_bytes(&event);
    assert_eq!(from_bytes(&bytes).as_ref(), Some(&event));
    let text = String::from_utf8(bytes).unwrap();
    let rest = text.split_once("\"offset_us\":90000000,").unwrap().1;
    assert_eq!(rest.split(",\"subject\":").next().unwrap(), own);
}

#[test]
fn a_whole_event() {
    insta::assert_snapshot!(format!("{:#}", event(Kind::AlertShown).to_json()), @r#"
    {
      "event_id": "01a22206-ca00-7101-8101-010101010101",
      "kind": "alert_shown",
      "occurred_at": "2026-11-28T12:01:30.000000Z",
      "offset_us": 90000000,
      "schema": "fixloop.event/1",
      "seq": 42,
      "session": "02020202020202020202020202020202",
      "source": "abababababababababababababababab",
      "subject": {
        "advisories": [
          "CVE-2019-10744",
          "GHSA-jf85-cpcp-j695"
        ],
        "class": "vulnerability",
        "component": null,
        "ecosystem": "npm",
        "exposure": "07070707070707070707070707070707",
        "file_kind": "package.json",
        "is_direct": true,
        "is_first_reference": true,
        "mode": "alert",
        "n_advisories_left_out": 0,
        "severity": "critical",
        "surface": "editor",
        "target": "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",
        "treatment": "treatment-1@3"
      }
    }
    "#);
}

#[test]
fn the_fields_of_each_kind() {
    check(Kind::AlertShown, r#""kind":"alert_shown""#);
    for (how, word) in [
        (Cleared::Fixed, "fixed"),
        (Cleared::Removed, "removed"),
        (Cleared::Suppressed, "suppressed"),
        (Cleared::FileClosed, "file_closed"),
    ] {
        check(Kind::AlertCleared { how }, &format!(r#""kind":"alert_cleared","how":"{word}""#));
        assert_eq!(how.as_str(), word);
    }
    check(Kind::FixApplied, r#""kind":"fix_applied""#);
    check(Kind::ExceptionAdded, r#""kind":"exception_added""#);
    check(Kind::Hover, r#""kind":"hover""#);
    for (reason, word) in [
        (NotUseful::Wrong, "wrong"),
        (NotUseful::NotMine, "not_mine"),
        (NotUseful::CannotNow, "cannot_now"),
    ] {
        let own = format!(r#""kind":"not_useful","reason":"{word}","comment":null"#);
        check(Kind::NotUseful { reason, comment: None }, &own);
        assert_eq!(reason.as_str(), word);
    }
    let comment = Comment::new("we ship no server");
    let own = r#""kind":"not_useful","reason":"wrong","comment":"we ship no server""#;
    check(Kind::NotUseful { reason: NotUseful::Wrong, comment }, own);
    let fixed = r#""surface":"editor","mode":"alert","client":"neovim","client_major":0,"server_version":"0.0.0""#;
    let own = format!(
        r#""kind":"session","phase":"started",{fixed},"n_changes":null,"latency_p99_us":null,"clock":"system""#
    );
    check(Kind::Session(session()), &own);
    let own = format!(
        r#""kind":"session","phase":"ended",{fixed},"n_changes":1200,"latency_p99_us":840,"clock":"system""#
    );
    check(Kind::Session(session().ended(1200, Some(840))), &own);
    check(
        Kind::Policy { repository: None, version: 0, is_refused: true },
        r#""kind":"policy","repository":null,"version":0,"is_refused":true"#,
    );
    let key = "0b".repeat(16);
    let repository = Some(key.parse().unwrap());
    let own = format!(r#""kind":"policy","repository":"{key}","version":7,"is_refused":false"#);
    check(Kind::Policy { repository, version: 7, is_refused: false }, &own);
}

#[test]
fn the_fields_of_a_gate() {
    let gate = |repository, verdict, would| {
        let branch = BranchKind::PullRequest;
        Kind::Gate(Gate { repository, branch, verdict, would, is_break_glass: false })
    };
    check(
        gate(None, GateVerdict::Pass, GateVerdict::Break),
        r#""kind":"gate","repository":null,"branch":"pull_request","verdict":"pass","would":"break","is_break_glass":false"#,
    );
    let key = "0b".repeat(16);
    for (verdict, word) in [
        (GateVerdict::Pass, "pass"),
        (GateVerdict::Alert, "alert"),
        (GateVerdict::Unverified, "unverified"),
        (GateVerdict::BrokenGlass, "broken-glass"),
        (GateVerdict::Break, "break"),
    ] {
        let own = format!(
            r#""kind":"gate","repository":"{key}","branch":"pull_request","verdict":"{word}","would":"{word}","is_break_glass":false"#
        );
        check(gate(Some(key.parse().unwrap()), verdict, verdict), &own);
    }
}

#[test]
fn a_build_rule_in_a_build_names_no_rule() {
    let subject = Subject {
        ecosystem: PublicEcosystem::of(""),
        advisories: PublicIds::default(),
        class: Class::BuildRule,
        file_kind: None,
        surface: Surface::Build,
        component: None,
        ..subject()
    };
    let event = Event { subject: Some(subject), ..event(Kind::AlertShown) };
    assert_eq!(from_bytes(&to_bytes(&event)).as_ref(), Some(&event));
    let json = event.to_json();
    let word = |key: &str| json["subject"][key].clone();
    assert_eq!(
        (word("surface"), word("class"), word("ecosystem"), word("file_kind")),
        ("build".into(), "build-rule".into(), "other".into(), serde_json::Value::Null)
    );
}

#[test]
fn a_session_and_a_policy_have_no_subject() {
    let policy = Kind::Policy { repository: None, version: 1, is_refused: false };
    for kind in [Kind::Session(session()), policy] {
        let json = event(kind).to_json();
        assert!(json["subject"].is_null() && json.as_object().unwrap().contains_key("subject"));
    }
}

#[test]
fn the_word_of_a_kind_is_the_one_in_the_event() {
    for kind in [
        Kind::AlertShown,
        Kind::FixApplied,
        Kind::Hover,
        Kind::ExceptionAdded,
        Kind::Session(session()),
        Kind::Policy { repository: None, version: 1, is_refused: false },
    ] {
        assert_eq!(event(kind.clone()).to_json()["kind"], kind.as_str());
    }
}

/// RFC 9562: version 7, variant 10, and the milliseconds first.
#[test]
fn an_event_id_is_a_uuid_of_version_7() {
    let id = EventId::new(0x0123_4567_89ab, &[0xff; 10]).to_string();
    assert_eq!(id, "01234567-89ab-7fff-bfff-ffffffffffff");
    assert!(EventId::new(-5, &[0; 10]).to_string().starts_with("00000000-0000-7"));
}

#[test]
fn a_treatment_is_an_id_and_a_version() {
    let read = |text: &str| text.parse::<TreatmentId>().ok();
    let treatment = read("treatment-1@3").unwrap();
    assert_eq!((treatment.id(), treatment.version()), ("treatment-1", 3));
    assert_eq!(treatment.to_string(), "treatment-1@3");
    assert_eq!(TreatmentId::new("treatment-1", 3), Some(treatment));
    let long = format!("{}@1", "a".repeat(65));
    let wrong =
        ["", "@1", "a", "a@", "a@+1", "a@-1", "a@4294967296", "A@1", "a/b@1", "a@1@1", &long];
    for text in wrong {
        assert_eq!(read(text), None, "{text}");
    }
}
