//! What a scan finds and how it says so.

use super::*;

#[test]
fn people_read_what_to_do_first() {
    let output = fixloop(&["scan", old_project().to_str().unwrap()]);
    assert_exit(&output, 1);
    assert_eq!(stderr(&output), "");
    insta::assert_snapshot!(stdout(&output));
}

#[test]
fn scripts_read_the_documented_contract() {
    let (scan, output) = scan_json(&old_project(), &["--all-components"]);
    assert_exit(&output, 1);
    insta::assert_snapshot!(stdout(&output));
    assert_eq!(scan["schema"], "fixloop.scan/1");
    let keys: Vec<&String> = scan["findings"][0].as_object().unwrap().keys().collect();
    for key in [
        "chain",
        "class",
        "column",
        "direct",
        "ecosystem",
        "fixed_in",
        "fixed_version",
        "ids",
        "line",
        "name",
        "path",
        "purl",
        "scope",
        "severity",
        "version",
    ] {
        assert!(keys.iter().any(|it| *it == key), "{key}");
    }
}

#[test]
fn exit_codes_tell_findings_unknowns_and_nothing_apart() {
    let check = |file: &str, content: &str, more: &[&str], code: i32| {
        let folder = folder(&[(file, content.as_bytes())]);
        let (_, output) = scan_json(folder.path(), more);
        assert_exit(&output, code);
    };
    check("requirements.txt", "Jinja2==2.10\n", &[], 1);
    check("requirements.txt", "Jinja2==2.10\nrequests>=1\n", &["--strict"], 1);
    check("requirements.txt", "Jinja2==3.1.6\n", &[], 0);
    check("requirements.txt", "requests>=1\n", &[], 0);
    check("requirements.txt", "requests>=1\n", &["--strict"], 2);
    check("package-lock.json", "{}", &[], 2);
    check("notes.md", "nothing to read", &[], 0);
}

#[test]
fn included_requirements_are_read_and_constraints_applied() {
    let folder = folder(&[
        ("requirements.txt", b"-r deps/base.inc\n-c limits.txt\n-r ../outside.txt\n-r missing.txt\nPyYAML\nrequests\n"),
        ("deps/base.inc", b"-r ../requirements.txt\nJinja2==2.10\n"),
        ("limits.txt", b"pyyaml==5.3.1\nDjango==2.2\n"),
    ]);
    let (scan, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 1);
    let found: Vec<String> = scan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {}", it["path"], it["name"], it["version"]))
        .collect();
    insta::assert_snapshot!(found.join("\n"), @r#"
    "deps/base.inc" "Jinja2" "2.10"
    "requirements.txt" "PyYAML" "5.3.1"
    "#);
    insta::assert_snapshot!(unknown(&scan).join("\n"), @r"
    file requirements.txt: `../outside.txt` lies outside the scanned folder: not read
    file requirements.txt: `missing.txt` is no file of the scanned folder
    component requirements.txt: no version given
    ");
}

#[test]
fn ignored_files_and_installed_packages_are_not_read() {
    let folder = folder(&[
        (".gitignore", b"build/\n"),
        ("build/requirements.txt", GOOD),
        ("node_modules/a/requirements.txt", GOOD),
        (".hidden/requirements.txt", GOOD),
        (".git/requirements.txt", GOOD),
    ]);
    let paths = |more: &[&str]| {
        let (scan, _) = scan_json(folder.path(), more);
        let files: Vec<String> =
            scan["files"].as_array().unwrap().iter().map(|it| it["path"].to_string()).collect();
        files.join(" ")
    };
    assert_eq!(paths(&[]), "\".hidden/requirements.txt\"");
    assert_eq!(
        paths(&["--no-gitignore"]),
        "\".hidden/requirements.txt\" \"build/requirements.txt\""
    );
}

#[test]
fn a_single_file_is_scanned_by_name_or_content() {
    let folder = folder(&[
        ("requirements.txt", GOOD),
        ("any.name", br#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"purl": "pkg:pypi/jinja2@2.10"}]}"#),
        ("notes.md", b"# notes"),
    ]);
    for name in ["requirements.txt", "any.name"] {
        let (scan, output) = scan_json(&folder.path().join(name), &[]);
        assert_exit(&output, 1);
        assert_eq!(scan["findings"][0]["path"], name);
    }
    let output = fixloop(&["scan", folder.path().join("notes.md").to_str().unwrap()]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("is of no format that fixloop reads"), "{}", stderr(&output));
}

#[test]
fn a_private_registry_is_unknown_unless_it_is_a_mirror() {
    let folder =
        folder(&[("requirements.txt", b"-i https://pypi.corp.example/simple\nJinja2==2.10\n")]);
    let (scan, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 0);
    assert!(unknown(&scan)[0].contains("pypi.corp.example"), "{scan}");
    let (scan, output) = scan_json(folder.path(), &["--mirror", "pypi.corp.example"]);
    assert_exit(&output, 1);
    assert_eq!(scan["findings"][0]["name"], "Jinja2");
}

#[test]
fn a_folder_without_a_known_file_says_so() {
    let folder = folder(&[("notes.md", b"nothing to read")]);
    let output = fixloop(&["scan", folder.path().to_str().unwrap()]);
    assert_exit(&output, 0);
    assert!(
        stdout(&output).starts_with("nothing to scan: no file of a format that fixloop reads"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn what_was_not_checked_does_not_read_as_clean() {
    let folder = folder(&[("requirements.txt", b"requests>=1\n")]);
    let output = fixloop(&["scan", folder.path().to_str().unwrap()]);
    assert!(
        stdout(&output).contains("no findings in 1 component in 1 file, but 1 unknown above"),
        "{}",
        stdout(&output)
    );
}
