//! Hostile and broken files: each is named with its place and reason, and the rest is still scanned.

use super::*;

/// Scans `file` beside a good one: the good one's finding is there, and `file` is unknown for `reason`.
#[track_caller]
fn check(file: &str, content: &[u8], reason: &str) {
    let folder = folder(&[(file, content), ("zz/requirements.txt", GOOD)]);
    let (scan, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 1);
    assert_eq!(scan["findings"].as_array().map(Vec::len), Some(1), "{scan}");
    let unknown = unknown(&scan);
    assert!(
        unknown.iter().any(|it| it.starts_with(&format!("file {file}: ")) && it.contains(reason)),
        "{unknown:?}"
    );
    // Alone it is an exit code of its own.
    let (_, output) = scan_json(&folder.path().join(file), &[]);
    assert_exit(&output, 2);
}

#[test]
fn files_that_are_not_what_their_name_says() {
    check("package-lock.json", b"", "no JSON object");
    check("package-lock.json", b"{\"lockfileVersion\": 3, \"packages\": {\"\": {}", "");
    check("package-lock.json", &[0x7f, b'E', b'L', b'F', 0, 1, 2, 3], "no JSON object");
    check("Cargo.lock", b"\x00\x01\x02", "expected `key = value`");
    check("app.cdx.json", b"<bom/>", "no JSON object");
    check("go.mod", b"\x00\x01\x02", "not known");
}

#[test]
fn texts_in_other_encodings() {
    check("requirements.txt", b"\xff\xfeJ\x00i\x00", "UTF-16");
    check("go.mod", b"module \xe9\n", "not UTF-8 at byte 7");
}

#[test]
fn texts_of_endless_depth_or_size() {
    let deep =
        format!("{{\"lockfileVersion\": 1, \"dependencies\": {}", "{\"a\": ".repeat(200_000));
    check("package-lock.json", deep.as_bytes(), "nested deeper");
    check("bom.json", "[".repeat(1_000_000).as_bytes(), "");
    check("requirements.txt", &vec![b'#'; (64 << 20) + 1], "larger than 64 MiB");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let folder = folder(&[("requirements.txt", b"\xef\xbb\xbfJinja2==2.10\r\nsix==1.0\r\n")]);
    let (scan, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 1);
    assert_eq!(scan["findings"][0]["line"], 1);
    assert_eq!(scan["unknown"].as_array().unwrap().len(), 0, "{scan}");
}

#[test]
fn one_broken_line_costs_that_line() {
    let folder = folder(&[("requirements.txt", b"<<<<<<< HEAD\nJinja2==2.10\n=======\n")]);
    let (scan, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 1);
    assert!(unknown(&scan).iter().all(|it| it.starts_with("component ")), "{scan}");
    assert_eq!(unknown(&scan).len(), 2);
}

#[test]
fn names_from_files_cannot_control_the_terminal() {
    let text = "{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.5\", \"components\": [{\"purl\": \"pkg:npm/debug@4.4.2\"}, \
                {\"purl\": \"pkg:npm/evil%1b%5b2J@1.0.0%0a\"}, {\"type\": \"library\", \"name\": \"\\u001b[31mred\"}]}";
    let folder = folder(&[("bom.json", text.as_bytes())]);
    let output = fixloop(&["scan", folder.path().to_str().unwrap()]);
    // The runner's pipe is no terminal, where escapes are stripped anyway: the replacement shows that the text itself was made harmless.
    assert!(stdout(&output).contains("\u{fffd}[31mred"), "{}", stdout(&output));
}

#[test]
fn a_missing_root_is_an_error_with_its_name() {
    let output = fixloop(&["scan", "/no/such/folder"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("/no/such/folder"), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_loops_do_no_harm() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("a/requirements.txt", GOOD)]);
    let outside = super::folder(&[("requirements.txt", b"PyYAML==5.3.1\n")]);
    symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    symlink(outside.path().join("requirements.txt"), folder.path().join("requirements.txt"))
        .unwrap();
    let (scan, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 1);
    assert_eq!(scan["files"].as_array().unwrap().len(), 1, "{scan}");
    assert!(unknown(&scan)[0].contains("a link out of the scanned folder"), "{scan}");
}

#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("closed/requirements.txt", GOOD), ("open/requirements.txt", GOOD)]);
    let closed = folder.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::read_dir(&closed).is_ok();
    let (scan, output) = scan_json(folder.path(), &[]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert_exit(&output, 1);
    if !is_root {
        assert!(
            unknown(&scan).iter().any(|it| it.starts_with("file closed: failed to read")),
            "{scan}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_lockfile_name_does_not_block() {
    let folder = folder(&[("requirements.txt", GOOD)]);
    let made = Command::new("mkfifo").arg(folder.path().join("Cargo.lock")).status();
    if made.is_ok_and(|it| it.success()) {
        let (_, output) = scan_json(folder.path(), &[]);
        assert_exit(&output, 1);
        let output = fixloop(&["scan", folder.path().join("Cargo.lock").to_str().unwrap()]);
        assert_exit(&output, 2);
    }
}
