//! The JSON of every kind of event, as `fixloop.event/1` promises it.

use super::*;
use crate::wire::{from_bytes, to_bytes};
use crate::{Cleared, Comment, Event, EventId, NotUseful, SourceId};

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
        "ecosystem": "npm",
        "exposure": "07070707070707070707070707070707",
        "file_kind": "package.json",
        "is_direct": true,
        "is_first_reference": true,
        "mode": "alert",
        "n_advisories_left_out": 0,
        "severity": "critical",
        "surface": "editor"
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
        r#""kind":"session","phase":"started",{fixed},"n_changes":null,"latency_p99_us":null"#
    );
    check(Kind::Session(session()), &own);
    let own = format!(
        r#""kind":"session","phase":"ended",{fixed},"n_changes":1200,"latency_p99_us":840"#
    );
    check(Kind::Session(session().ended(1200, Some(840))), &own);
}

#[test]
fn a_session_has_no_subject() {
    let json = event(Kind::Session(session())).to_json();
    assert!(json["subject"].is_null() && json.as_object().unwrap().contains_key("subject"));
}

#[test]
fn the_word_of_a_kind_is_the_one_in_the_event() {
    for kind in [
        Kind::AlertShown,
        Kind::FixApplied,
        Kind::Hover,
        Kind::ExceptionAdded,
        Kind::Session(session()),
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

/// RFC 4231, test case 2 with its key padded to 32 bytes by zeros, as HMAC does itself.
#[test]
fn the_keyed_hash_is_hmac_sha_256() {
    let mut key = [0; 32];
    key[..4].copy_from_slice(b"Jefe");
    assert_eq!(
        crate::ids::to_hex(&crate::pseudonym::hmac(&key, b"what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}
