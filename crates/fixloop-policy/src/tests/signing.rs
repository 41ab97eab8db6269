//! What is believed, and what is refused with which words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fixloop_model::Timestamp;
use proptest::prelude::*;

use super::{DAY_US, ISSUED, assigned, bundle, treatment};
use crate::{Arm, Bundle, Expect, MAX_BYTES, Refused, Ring, SigningKey, check, sign, verify};

const NOW: Expect<'static> =
    Expect { now: Timestamp(ISSUED + DAY_US), organization: None, last_version: None };

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

#[track_caller]
fn refused(file: &[u8], expect: &Expect<'_>) -> String {
    verify(file, &key().public(), expect).unwrap_err().to_string()
}

#[test]
fn a_signed_bundle_is_read_as_it_was_written() {
    let file = sign(&bundle(), &key());
    let expect = Expect {
        organization: Some("0123456789abcdef0123456789abcdef"),
        last_version: Some(7),
        ..NOW
    };
    assert_eq!(verify(&file, &key().public(), &expect), Ok(bundle()));
    // The hint beside the signature decides nothing.
    let hint = key().public().fingerprint();
    let hinted = String::from_utf8(file.clone()).unwrap().replace(&hint, "other");
    assert_eq!(verify(hinted.as_bytes(), &key().public(), &expect), Ok(bundle()));
    // The same bundle is the same file.
    assert_eq!(sign(&bundle(), &key()), file);
}

#[test]
fn who_signed_and_what_was_signed_are_told_apart() {
    let file = sign(&bundle(), &key());
    let other = sign(&bundle(), &SigningKey::from_seed([2; 32]));
    let changed = |from: &str, to: &str| {
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        refused(text.replacen(from, to, 1).as_bytes(), &NOW)
    };
    let said = [
        refused(&other, &NOW),
        changed("\"payload\":\"eyJzY2hlbWEi", "\"payload\":\"eyJTY2hlbWEi"),
        changed("+json", "+jsan"),
        changed("\"sig\":\"", "\"sig\":\"AAAA"),
        changed("{", "["),
        changed("\"payload\":\"", "\"payload\":\"#"),
        refused(b"", &NOW),
        refused(&vec![b' '; MAX_BYTES + 1], &NOW),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    the policy bundle is signed by another key than `34750f98bd59fcfc946da45aaabe933b`
    the policy bundle's signature is wrong: what it says was changed after it was signed
    the policy bundle's signature is wrong: what it says was changed after it was signed
    the policy bundle's signature is wrong: what it says was changed after it was signed
    this is no signed policy bundle: expected `,` or `]` at line 1 column 15
    this is no signed policy bundle: `payload` is no base64
    this is no signed policy bundle: EOF while parsing a value at line 1 column 0
    the policy bundle is larger than 8 MiB
    ");
}

#[test]
fn a_bundle_counts_in_its_time_its_place_and_its_turn() {
    let file = sign(&bundle(), &key());
    let at = |now: i64| Expect { now: Timestamp(now), ..NOW };
    let said = [
        refused(&file, &at(ISSUED + 30 * DAY_US)),
        refused(&file, &at(ISSUED - 5 * 60_000_000 - 1)),
        refused(&file, &Expect { last_version: Some(8), ..NOW }),
        refused(&file, &Expect { organization: Some("ffff"), ..NOW }),
        refused(&sign(&Bundle { schema: "fixloop.policy/1".to_owned(), ..bundle() }, &key()), &NOW),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    the policy bundle expired at 2026-10-21T14:13:20Z
    the policy bundle was issued at 2026-09-21T14:13:20Z, which is more than 5 minutes from now: one of two clocks is wrong
    the policy bundle is version 7, but version 8 was seen before: an older one is never taken back
    the policy bundle is of another organization: `0123456789abcdef0123456789abcdef` where `ffff` was expected
    the policy bundle is of schema `fixloop.policy/1`, which this version does not know
    ");
    assert!(verify(&file, &key().public(), &at(ISSUED - 5 * 60_000_000)).is_ok());
    assert!(verify(&file, &key().public(), &at(ISSUED + 30 * DAY_US - 1)).is_ok());
}

#[test]
fn a_signed_file_of_another_type_is_no_bundle() {
    let payload = b"{}";
    let message = [b"DSSEv1 4 x/y1 2 ".as_slice(), payload].concat();
    let envelope = format!(
        r#"{{"payloadType":"x/y1","payload":"{}","signatures":[{{"sig":"{}"}}]}}"#,
        STANDARD.encode(payload),
        STANDARD.encode(key().signature(&message)),
    );
    assert_eq!(
        verify(envelope.as_bytes(), &key().public(), &NOW),
        Err(Refused::PayloadType("x/y1".to_owned()))
    );
}

#[test]
fn a_bundle_that_contradicts_itself_is_refused() {
    let with = |change: &dyn Fn(&mut Bundle)| {
        let mut bundle = bundle();
        change(&mut bundle);
        let said = check(&bundle).unwrap_err();
        assert_eq!(
            refused(&sign(&bundle, &key()), &NOW),
            format!("the policy bundle cannot be used: {said}")
        );
        said
    };
    let words = |words: &str| with(&|it| it.treatments[0].words = Some(words.to_owned()));
    let link = |link: &str| with(&|it| it.treatments[0].link = Some(link.to_owned()));
    let ring =
        |name: &str, team: &str| Ring { name: name.to_owned(), teams: vec![team.to_owned()] };
    let said = [
        with(&|it| it.treatments.push(treatment("treatment-1"))),
        with(&|it| it.treatments[0].id = "a b@1".to_owned()),
        with(&|it| it.assigned.push(assigned("treatment-2", "x", Arm::Treated, true))),
        with(&|it| it.rings.push(ring("pilot", "held"))),
        with(&|it| it.rings.push(ring("canary", "x"))),
        with(&|it| it.rings.push(ring("\n", "x"))),
        with(&|it| it.treatments = (0..=1000).map(|it| treatment(&it.to_string())).collect()),
        with(&|it| it.organization = "ABC".to_owned()),
        with(&|it| it.expires_at = it.issued_at),
        with(&|it| it.poll_seconds = 0),
        with(&|it| it.telemetry.sink = Some("a\nb".to_owned())),
        words("two\nlines"),
        words("turned \u{202e} around"),
        words(&"x".repeat(301)),
        words(" "),
        link("http://security.example"),
        link("https://security.example/a b"),
        link("https://"),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    treatment `treatment-1` is there twice
    `a b@1` cannot be a treatment's id: `a` to `z`, digits and `-`
    team `x` is assigned to `treatment-2`, which is no treatment here
    team `held` is in ring `canary` and in ring `pilot`
    ring `canary` is there twice
    `` cannot be the name of a ring: one line of at most 200 characters
    1001 treatments, at most 1000
    `organization` has to be 32 hexadecimal digits
    it expires before it is issued
    `poll_seconds` is 0
    `telemetry.sink` has to be one line that names a folder
    the words of `treatment-1` have to be one line of at most 300 characters
    the words of `treatment-1` have to be one line of at most 300 characters
    the words of `treatment-1` have to be one line of at most 300 characters
    the words of `treatment-1` have to be one line of at most 300 characters
    the link of `treatment-1` has to be an https address
    the link of `treatment-1` has to be an https address
    the link of `treatment-1` has to be an https address
    ");
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
        prop_assert!(verify(&bytes, &key().public(), &NOW).is_err());
    }

    #[test]
    fn a_changed_byte_is_never_another_bundle(at: prop::sample::Index, byte: u8) {
        let mut file = sign(&bundle(), &key());
        let at = at.index(file.len());
        file[at] = byte;
        if let Ok(it) = verify(&file, &key().public(), &NOW) {
            prop_assert_eq!(it, bundle());
        }
    }
}
