//! A bundle in a file that changes.

use std::fs;
use std::path::PathBuf;

use fixloop_model::Timestamp;
use fixloop_policy::{Bundle, SigningKey, sign};

use super::{at, bundle, key, public, signed, stands};
use crate::{Policy, PolicySource};

struct Shared {
    folder: tempfile::TempDir,
    policy: Policy,
}

impl Shared {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let policy = opened(&folder, at(1));
        Self { folder, policy }
    }

    /// Renamed over, as whoever publishes does; a new file is seen whatever its time.
    fn publish(&self, bytes: &[u8]) {
        let new = self.folder.path().join("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, file(&self.folder)).unwrap();
    }

    /// What counts afterwards, and what was said.
    fn poll(&mut self, now: Timestamp) -> String {
        let polled = self.policy.poll(now);
        let shown = stands(self.policy.standing());
        let folder = self.folder.path().display().to_string();
        let changed = if polled.is_changed { "now " } else { "still " };
        let said = polled.notice.map(|it| format!("\n    {}", it.replace(&folder, "FOLDER")));
        format!("{changed}{shown}{}", said.unwrap_or_default())
    }
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("bundle.json")
}

fn opened(folder: &tempfile::TempDir, now: Timestamp) -> Policy {
    let cache = folder.path().join("cache/policy");
    Policy::open(PolicySource::File(file(folder)), public(), Some(&cache), now)
}

#[test]
fn a_new_version_counts_at_the_next_look() {
    let mut shared = Shared::new();
    let mut said = vec![stands(shared.policy.standing()), shared.poll(at(1)), shared.poll(at(1))];
    shared.publish(&signed(7));
    said.extend([shared.poll(at(1)), shared.poll(at(1))]);
    shared.publish(&signed(8));
    said.push(shared.poll(at(1)));
    insta::assert_snapshot!(said.join("\n"), @"
    not_believed
    still not_believed
        fixloop shows no alerts and only observes: there is no policy bundle: failed to read `FOLDER/bundle.json`: No such file or directory (os error 2)
    still not_believed
    now version 7
    still version 7
    now version 8
    ");
}

#[test]
fn whatever_is_wrong_observes_and_is_said_once() {
    let mut shared = Shared::new();
    shared.publish(&signed(7));
    let mut said = vec![shared.poll(at(1))];
    let foreign = Bundle { organization: "f".repeat(32), ..bundle(9) };
    let wrong = [
        sign(&bundle(8), &SigningKey::from_seed([2; 32])),
        signed(6),
        sign(&foreign, &key()),
        b"half a bund".to_vec(),
        sign(&Bundle { poll_seconds: 0, ..bundle(8) }, &key()),
    ];
    for bytes in wrong {
        shared.publish(&bytes);
        said.extend([shared.poll(at(1)), shared.poll(at(1))]);
    }
    shared.publish(&signed(8));
    said.push(shared.poll(at(1)));
    insta::assert_snapshot!(said.join("\n"), @"
    now version 7
    now not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle is signed by another key than `34750f98bd59fcfc946da45aaabe933b`
    still not_believed, refused
    still not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle is version 6, but version 7 was seen before: an older one is never taken back
    still not_believed, refused
    still not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle is of another organization: `ffffffffffffffffffffffffffffffff` where `0123456789abcdef0123456789abcdef` was expected
    still not_believed, refused
    still not_believed, refused
        fixloop shows no alerts and only observes: this is no signed policy bundle: expected value at line 1 column 1
    still not_believed, refused
    still not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle cannot be used: `poll_seconds` is 0
    still not_believed, refused
    now version 8
    ");
}

#[test]
fn it_expires_without_a_change_of_the_file() {
    let mut shared = Shared::new();
    shared.publish(&signed(7));
    let days = |days: i64| at(24 * days);
    let said = [days(1), days(30), days(31)].map(|now| shared.poll(now));
    insta::assert_snapshot!(said.join("\n"), @"
    now version 7
    now not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle expired at 2026-10-21T14:13:20Z
    still not_believed, refused
    ");
}

#[test]
fn one_from_the_future_counts_when_its_time_has_come() {
    let mut shared = Shared::new();
    shared.publish(&signed(7));
    let said = [at(-1), at(-1), at(0)].map(|now| shared.poll(now));
    insta::assert_snapshot!(said.join("\n"), @"
    now not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle was issued at 2026-09-21T14:13:20Z, which is more than 5 minutes from now: one of two clocks is wrong
    still not_believed, refused
    now version 7
    ");
}

#[test]
fn a_share_that_is_gone_leaves_the_last_bundle_for_a_day() {
    let mut shared = Shared::new();
    shared.publish(&signed(7));
    let mut said = vec![shared.poll(at(1))];
    fs::remove_file(file(&shared.folder)).unwrap();
    said.extend([
        shared.poll(at(2)),
        shared.poll(at(24)),
        shared.poll(at(25)),
        shared.poll(at(26)),
    ]);
    shared.publish(&signed(7));
    said.push(shared.poll(at(27)));
    insta::assert_snapshot!(said.join("\n"), @"
    now version 7
    still version 7
    still version 7
    now stale
        fixloop shows no alerts and only observes: the policy bundle was not confirmed for 24 hours: failed to read `FOLDER/bundle.json`: No such file or directory (os error 2)
    still stale
    now version 7
    ");
}

#[test]
fn an_older_one_is_refused_after_a_restart_too() {
    let mut shared = Shared::new();
    shared.publish(&signed(7));
    shared.poll(at(1));
    shared.publish(&signed(6));
    shared.policy = opened(&shared.folder, at(2));
    // What was believed last counts until the first look.
    let said = [stands(shared.policy.standing()), shared.poll(at(2))];
    insta::assert_snapshot!(said.join("\n"), @"
    version 7
    now not_believed, refused
        fixloop shows no alerts and only observes: the policy bundle is version 6, but version 7 was seen before: an older one is never taken back
    ");
    // Nor does somebody who can write the cache make another bundle of it.
    let cache = shared.folder.path().join("cache/policy");
    for entry in fs::read_dir(cache).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".bundle.json") {
            fs::write(&path, sign(&bundle(9), &SigningKey::from_seed([2; 32]))).unwrap();
        }
    }
    assert_eq!(stands(opened(&shared.folder, at(2)).standing()), "not_believed");
}
