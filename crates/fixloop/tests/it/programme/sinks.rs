//! `fixloop telemetry collect`, where a sink is not what it should be.

use fixloop_policy::OrganizationKey;
use fixloop_store::Store;
use fixloop_telemetry::{Destination, Machine, flush, prepare_sink};

use super::*;

fn prepared() -> Programme {
    let it = Programme::listed();
    let store = Store::open(&it.data()).expect("as the test made it");
    prepare_sink(&it.data().join("sink"), &store.organization().id).expect("as the test made it");
    it
}

#[test]
fn a_sink_that_is_none_of_ours() {
    let it = prepared();
    insta::assert_snapshot!(it.refused(&["telemetry", "collect", &it.path("nowhere")]), @"error: the sink `FOLDER/nowhere` is not there: is the share mounted?");
    insta::assert_snapshot!(it.refused(&["telemetry", "collect", &it.path("records")]), @"error: the folder `FOLDER/records` holds no `fixloop-sink.json`: it is no sink, or its share is not mounted");
    let theirs = it.folder.path().join("theirs");
    prepare_sink(&theirs, &"f".repeat(32)).unwrap();
    insta::assert_snapshot!(it.refused(&["telemetry", "collect", &it.path("theirs")]), @"error: the sink `FOLDER/theirs` belongs to another organization");
    insta::assert_snapshot!(it.done(&["telemetry", "collect"]), @"0 new events of 0 in 0 batches");
}

#[test]
fn forged_batches_are_put_aside_and_count_nothing() {
    let it = prepared();
    let inbox = it.data().join("sink/inbox");
    fs::create_dir_all(&inbox).unwrap();
    let name = format!("{}-{:016}-{:016}-{}.batch", "a".repeat(32), 1, 2, "b".repeat(32));
    fs::write(inbox.join(&name), b"no batch\n").unwrap();
    let output = it.run(&["telemetry", "collect"]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(stdout(&output), @"
    0 new events of 0 in 0 batches
    1 refused: no batch; see the sink's folder refused
    ");
    assert!(!inbox.join(&name).exists());
    assert!(it.data().join("sink/refused").join(&name).exists());
    // Once put aside it is not met again.
    it.done(&["telemetry", "collect"]);
}

/// A batch of an editor of this organization, as it lies in the inbox of its sink.
fn batch(it: &Programme, sink: &str, organization: &str, key: &OrganizationKey) -> PathBuf {
    let (spool, folder) = (it.folder.path().join("spool"), it.folder.path().join(sink));
    if !spool.exists() {
        telemetry::fill(&spool);
    }
    let destination = Destination {
        folder: folder.clone(),
        organization: organization.to_owned(),
        key: key.clone(),
    };
    flush(&Machine::default(), &spool, &destination).expect("as the test made it");
    let inbox = fs::read_dir(folder.join("inbox")).expect("as the test made it");
    inbox.map(|it| it.expect("as the test made it").path()).next().expect("a batch")
}

fn ours(it: &Programme) -> PathBuf {
    let organization = Store::open(&it.data()).expect("as the test made it").organization().clone();
    batch(it, "data/sink", &organization.id, &organization.key)
}

#[test]
fn a_batch_that_is_replayed_counts_nothing_twice() {
    let it = prepared();
    let path = ours(&it);
    let bytes = fs::read(&path).unwrap();
    insta::assert_snapshot!(it.done(&["telemetry", "collect"]), @"2 new events of 2 in 1 batch");
    // Under its own name, and under another.
    fs::write(&path, &bytes).unwrap();
    insta::assert_snapshot!(it.done(&["telemetry", "collect"]), @"
    0 new events of 0 in 0 batches
    batches that were taken before: 1
    ");
    let renamed = path.to_str().unwrap().replace("0000000000000001-", "0000000000000003-");
    fs::write(&renamed, &bytes).unwrap();
    let again = it.json(&["telemetry", "collect"]);
    assert_eq!(again["new_events"], 0, "{again}");
    let stored = Store::open(&it.data()).unwrap().events(i64::MAX).unwrap();
    assert_eq!(stored.len(), 2);
}

#[test]
fn a_batch_that_was_changed_on_the_way_is_refused_whole() {
    let it = prepared();
    let path = ours(&it);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let output = it.run(&["telemetry", "collect"]);
    assert_exit(&output, 2);
    insta::assert_snapshot!(stdout(&output), @"
    0 new events of 0 in 0 batches
    1 refused: damaged; see the sink's folder refused
    ");
    assert_eq!(Store::open(&it.data()).unwrap().events(i64::MAX).unwrap(), []);
}

#[test]
fn a_batch_of_another_organization_stays_where_it_is() {
    let it = prepared();
    let theirs = "f".repeat(32);
    prepare_sink(&it.folder.path().join("theirs"), &theirs).unwrap();
    let path = batch(&it, "theirs", &theirs, &OrganizationKey::new([7; 32]));
    let inbox = it.data().join("sink/inbox");
    fs::create_dir_all(&inbox).unwrap();
    let here = inbox.join(path.file_name().unwrap());
    fs::copy(&path, &here).unwrap();
    insta::assert_snapshot!(it.done(&["telemetry", "collect"]), @"
    0 new events of 0 in 0 batches
    batches of another organization, which stay where they are: 1
    ");
    assert!(here.exists());
}

/// Runs a command after mounts of its own, which go with it, and lists the policy's folder; nothing where this machine does not allow them.
fn mounted(it: &Programme, mounts: &str, arguments: &[&str]) -> Option<Output> {
    let sink = it.data().join("sink");
    let try_out = |script: &str, program: &str, arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", script, program]).args(arguments);
        command.env("SINK", &sink).env("FIXLOOP_DATA", it.data()).env("FIXLOOP_ACTOR", "Laura");
        command.env("FIXLOOP_NOW", NOW).env("HOME", it.folder.path());
        command.output().ok()
    };
    let policy = r#"ls -A "$FIXLOOP_DATA/policy" 2>/dev/null; exit $code"#;
    let script = format!("{mounts} && \"$0\" \"$@\"; code=$?; {policy}");
    if try_out(&script, "true", &[]).is_none_or(|it| !it.status.success()) {
        let mut err = std::io::stderr();
        writeln!(err, "SKIPPED: sinks that are full or read-only need the right to mount")
            .expect("as the test made it");
        return None;
    }
    try_out(&script, env!("CARGO_BIN_EXE_fixloop"), arguments)
}

const READ_ONLY: &str = r#"mount --bind "$SINK" "$SINK" && mount -o remount,ro,bind "$SINK""#;

#[test]
fn a_read_only_sink_is_read_and_counted_once() {
    let it = prepared();
    ours(&it);
    for n_new in ["2 new events of 2", "0 new events of 0"] {
        let Some(output) = mounted(&it, READ_ONLY, &["telemetry", "collect"]) else { return };
        let text = stdout(&output);
        assert!(text.starts_with(n_new), "{text}");
        assert!(
            text.contains("batches that could not be moved, and will be met again: 1"),
            "{text}"
        );
        assert!(text.contains("Read-only file system"), "{text}");
    }
}

#[test]
fn a_bundle_that_cannot_be_published_is_said_and_the_record_stays() {
    let it = Programme::planned();
    let full = r#"mkdir -p "$FIXLOOP_DATA/policy" && mount -t tmpfs -o size=4k f "$FIXLOOP_DATA/policy" && : > "$FIXLOOP_DATA/policy/x" && { head -c 9999 /dev/zero > "$FIXLOOP_DATA/policy/x" || true; } 2>/dev/null"#;
    let start = ["rollout", "start", "rollout-1", "--ring", "pilot"];
    let Some(output) = mounted(&it, full, &start) else { return };
    assert_exit(&output, 2);
    let said = it.plain(&stderr(&output));
    let begins = "error: failed to write `FOLDER/data/policy/signing.key`: No space left on device";
    assert!(said.starts_with(begins), "{said}");
    let hint = "the record was changed and editors were not told yet: mend this, then fixloop policy build";
    assert!(said.trim_end().ends_with(hint), "{said}");
    // No half of a key is left that would stand in the way.
    assert_eq!(stdout(&output), "x\n");
    assert_eq!(it.json(&["rollout", "show", "rollout-1"])["state"], "live");
    it.done(&["policy", "build"]);
}
