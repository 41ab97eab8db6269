//! Torn tails, damage and arbitrary bytes.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::frame::{Frame, MAGIC, encode, frames};
use crate::spool::read::Contents;

const FIRST: &str = "00000000000000000001.events";

/// The bytes of a segment with `n` events, and where each ends.
fn segment(n: i64) -> (Vec<u8>, Vec<usize>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FIRST);
    let mut spool = open(folder.path());
    let mut ends = Vec::new();
    for at in 0..n {
        spool.append(new_event(at * SECOND, Kind::Hover)).unwrap();
        ends.push(usize::try_from(fs::metadata(&path).unwrap().len()).unwrap());
    }
    (fs::read(&path).unwrap(), ends)
}

/// A process that is killed leaves some first part of what it was writing.
#[test]
fn a_segment_cut_at_any_byte_loses_at_most_the_last_event() {
    let (bytes, ends) = segment(3);
    let identity = format!("{{\"source\":\"{:032}\",\"secret\":\"{:064}\"}}", 1, 2);
    for cut in 0..=bytes.len() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("identity"), &identity).unwrap();
        fs::write(folder.path().join(FIRST), &bytes[..cut]).unwrap();
        let n_whole = ends.iter().filter(|it| **it <= cut).count();
        let is_torn = cut != MAGIC.len() && !ends.contains(&cut);
        let contents = crate::read(folder.path()).unwrap();
        assert_eq!(
            (contents.events.len(), contents.n_torn),
            (n_whole, u64::from(is_torn)),
            "{cut}"
        );
        // Whoever comes next goes on, with a number that nobody had.
        append(&mut open(folder.path()), 1);
        let contents = crate::read(folder.path()).unwrap();
        assert_eq!(contents.events.len(), n_whole + 1, "{cut}");
        let expected = n_whole as u64 + 1 + u64::from(is_torn);
        assert_eq!(contents.events.last().unwrap().seq, expected, "{cut}");
        assert_eq!((contents.n_lost, contents.n_dropped), (u64::from(is_torn), 0), "{cut}");
    }
}

#[test]
fn a_damaged_byte_costs_its_event() {
    let (bytes, ends) = segment(3);
    for at in MAGIC.len()..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let mut contents = Contents::default();
        contents.add(&damaged);
        assert_eq!(contents.n_torn, 1, "{at}");
        let record = ends.iter().filter(|it| **it <= at).count();
        let kept: Vec<u64> = contents.events.iter().map(|it| it.seq).collect();
        // A damaged length hides what follows, a damaged checksum or payload does not.
        let start = if record == 0 { MAGIC.len() } else { ends[record - 1] };
        let all_but: Vec<u64> = (1..=3).filter(|it| *it != record as u64 + 1).collect();
        if at < start + 4 {
            assert!(kept.len() >= record && kept.iter().all(|it| all_but.contains(it)), "{at}");
        } else {
            assert_eq!(kept, all_but, "{at}");
        }
    }
}

#[test]
fn a_damaged_identity_is_replaced() {
    for bytes in ["", "{", "{\"source\":\"00\",\"secret\":\"\"}"] {
        let folder = tempfile::tempdir().unwrap();
        append(&mut open(folder.path()), 2);
        fs::write(folder.path().join("identity"), bytes).unwrap();
        append(&mut open(folder.path()), 1);
        assert_eq!(seqs(folder.path()), [1, 2, 3]);
    }
}

#[test]
fn used_up_numbers_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = MAGIC.to_vec();
    encode(br#"{"schema":"fixloop.event/1","seq":9007199254740992}"#, &mut bytes);
    fs::write(folder.path().join(FIRST), bytes).unwrap();
    let error = open(folder.path()).append(new_event(0, Kind::Hover)).unwrap_err();
    assert!(error.to_string().contains("purge"), "{error}");
}

#[test]
fn events_of_a_newer_version_keep_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    append(&mut open(folder.path()), 1);
    let mut bytes = fs::read(folder.path().join(FIRST)).unwrap();
    encode(br#"{"schema":"fixloop.event/2","seq":2,"else":true}"#, &mut bytes);
    fs::write(folder.path().join(FIRST), bytes).unwrap();
    append(&mut open(folder.path()), 1);
    let contents = crate::read(folder.path()).unwrap();
    assert_eq!(seqs(folder.path()), [1, 3]);
    assert_eq!((contents.n_unreadable, contents.n_torn), (1, 0));
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..2000), with_magic: bool) {
        let mut segment = if with_magic { MAGIC.to_vec() } else { Vec::new() };
        segment.extend(bytes);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FIRST), &segment).unwrap();
        let contents = crate::read(folder.path()).unwrap();
        prop_assert!(contents.events.is_empty());
        append(&mut open(folder.path()), 2);
        prop_assert_eq!(crate::read(folder.path()).unwrap().events.len(), 2);
    }

    #[test]
    fn what_is_framed_is_read_back(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..20)) {
        let mut bytes = Vec::new();
        for payload in &payloads {
            encode(payload, &mut bytes);
        }
        let read: Vec<Frame<'_>> = frames(&bytes).collect();
        let expected: Vec<Frame<'_>> = payloads.iter().map(|it| Frame::Payload(it)).collect();
        prop_assert_eq!(read, expected);
    }

    /// Valid frames around any JSON or text.
    #[test]
    fn no_payload_is_too_strange(text in "\\PC{0,60}", seq: u64) {
        let payloads = [
            text.clone(),
            format!("{{\"schema\":\"fixloop.event/1\",\"seq\":{seq}}}"),
            serde_json::json!({ "schema": "fixloop.event/1", "kind": text, "seq": seq }).to_string(),
        ];
        let mut bytes = MAGIC.to_vec();
        for payload in payloads.iter().filter(|it| !it.is_empty()) {
            encode(payload.as_bytes(), &mut bytes);
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FIRST), &bytes).unwrap();
        prop_assert!(crate::read(folder.path()).unwrap().events.is_empty());
        append(&mut open(folder.path()), 1);
        prop_assert_eq!(crate::read(folder.path()).unwrap().events.len(), 1);
    }
}
