//! The bytes of a batch, whole and broken.

use proptest::prelude::*;

use super::*;
use crate::batch::{Contents, seal};
use crate::{Refused, SourceId};

const SOURCE: [u8; 16] = [0xab; 16];

/// Sealed by the organization, whatever the lines are.
fn sealed(lines: &[&[u8]]) -> Vec<u8> {
    let contents = Contents {
        batch_id: BatchId::new(NOON / 1000, &[1; 10]),
        source: SourceId::new(SOURCE),
        first_seq: 1,
        last_seq: lines.len() as u64,
        lines,
    };
    seal(ORGANIZATION, &key(), &contents)
}

fn line(seq: u64) -> Vec<u8> {
    let NewEvent { session, at, kind, subject } = new_event(SECOND, Kind::Hover);
    let event_id = EventId::new(NOON / 1000, &[u8::try_from(seq).unwrap(); 10]);
    let source = SourceId::new(SOURCE);
    crate::wire::to_bytes(&Event { event_id, source, seq, session, at, kind, subject })
}

fn good() -> Vec<u8> {
    sealed(&[&line(1), &line(2)])
}

fn read(bytes: &[u8]) -> Result<Batch, Refused> {
    Batch::read(bytes, ORGANIZATION, &key())
}

#[test]
fn a_batch_is_three_kinds_of_lines() {
    let text = String::from_utf8(good()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    insta::assert_snapshot!(lines[0], @r#"{"schema":"fixloop.batch/1","batch_id":"01a22206-ca00-7101-8101-010101010101","organization":"0123456789abcdef0123456789abcdef","source":"abababababababababababababababab","first_seq":1,"last_seq":2,"n_events":2,"n_bytes":1300,"sha256":"2384f5979d74ebe029fab6153bde37ef443591be55d85cd50dd46368dc5e9001"}"#);
    assert_eq!(lines[1].len(), 64);
    assert_eq!(lines[2].as_bytes(), line(1));
    assert_eq!(lines.len(), 4);
}

#[test]
fn what_is_sealed_is_read_back() {
    let batch = read(&good()).unwrap();
    let seqs: Vec<u64> = batch.events.iter().map(|it| it.seq).collect();
    assert_eq!((seqs, batch.n_unknown), (vec![1, 2], 0));
    assert_eq!((batch.header.first_seq, batch.header.last_seq, batch.header.n_events), (1, 2, 2));
    assert_eq!(batch.header.batch_id.milliseconds(), NOON / 1000);
}

#[test]
fn lines_that_are_no_event_of_this_version_are_counted() {
    let other = String::from_utf8(line(2)).unwrap().replace("abab", "acac");
    let newer = br#"{"schema":"fixloop.event/2","seq":2,"source":"00"}"#;
    let beyond = line(9);
    let batch = read(&sealed(&[&line(1), newer, b"{", other.as_bytes(), &beyond])).unwrap();
    assert_eq!((batch.events.len(), batch.n_unknown), (1, 4));
}

#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    let refused = read(bytes).unwrap_err();
    assert_eq!(format!("{}: {refused}", refused.as_str()), expected);
}

#[test]
fn every_refusal_is_told_in_words() {
    let good = good();
    let text = String::from_utf8(good.clone()).unwrap();
    check(b"", "truncated: its end is missing");
    check(b"no batch", "no_batch: it is no batch of events");
    check(b"{}\n{}\n", "no_batch: it is no batch of events");
    check(b"{\"schema\":\"fixloop.batch/1\"}\n", "no_batch: it is no batch of events");
    check(&[b'x'; 5000], "no_batch: it is no batch of events");
    check(
        text.replacen("batch/1", "batch/12", 1).as_bytes(),
        "newer: it is a batch of a newer version, `fixloop.batch/12`",
    );
    check(
        &vec![b'x'; (1 << 20) + 1],
        "too_large: it is larger than a batch of 1 MiB or 4,000 events",
    );
    let lines = vec![&b"{}"[..]; 4001];
    check(&sealed(&lines), "too_large: it is larger than a batch of 1 MiB or 4,000 events");
    check(
        text.replacen(ORGANIZATION, "ACME\\u001b/..-1", 1).as_bytes(),
        "other_organization: it is a batch of another organization, `ACME-1`",
    );
    check(
        text.replacen("\"severity\":\"critical\"", "\"severity\":\"low\"", 1).as_bytes(),
        "truncated: its end is missing",
    );
    check(
        text.replacen("\"severity\":\"critical\"", "\"severity\":\"criminal\"", 1).as_bytes(),
        "damaged: its events are not those that were sealed",
    );
    check(
        text.replacen("\"last_seq\":2", "\"last_seq\":3", 1).as_bytes(),
        "forged: its seal was not made with the organization's key",
    );
    // Somebody without the key.
    let other = OrganizationKey::new([5; 32]);
    let line = line(1);
    let contents = Contents {
        batch_id: BatchId::new(0, &[1; 10]),
        source: SourceId::new(SOURCE),
        first_seq: 1,
        last_seq: 1,
        lines: &[&line],
    };
    let forged = seal(ORGANIZATION, &other, &contents);
    check(&forged, "forged: its seal was not made with the organization's key");
}

#[test]
fn no_part_of_a_batch_is_a_batch() {
    let good = good();
    for cut in 0..good.len() {
        assert_eq!(read(&good[..cut]), Err(Refused::Truncated), "{cut}");
    }
}

#[test]
fn no_changed_bit_goes_unnoticed() {
    let good = good();
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert!(read(&changed).is_err(), "{at}");
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..600), at in 0..500_usize) {
        prop_assert!(read(&bytes).is_err());
        let mut spliced = good();
        let at = at.min(spliced.len());
        spliced.splice(at..at, bytes.iter().copied());
        prop_assert_eq!(read(&spliced).is_ok(), bytes.is_empty());
    }

    /// With the right seal, any lines are read: as events or as unknown.
    #[test]
    fn no_lines_are_too_strange(lines in prop::collection::vec("[ -~]{1,60}", 0..20)) {
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        let batch = read(&sealed(&lines)).unwrap();
        prop_assert_eq!((batch.events.len(), batch.n_unknown), (0, lines.len() as u64));
    }
}
