use super::*;

const MANIFEST: &str = r#"{"dependencies":{"a":"^1.2.0","x":"1.0.0"}}"#;

const LOCKFILE: &str = r#"{"lockfileVersion":3,"packages":{
"":{"dependencies":{"a":"^1.2.0","x":"1.0.0"}},
"node_modules/a":{"version":"1.2.0"},
"node_modules/b":{"version":"1.0.0"},
"node_modules/x":{"version":"1.0.0","dependencies":{"b":"1.0.0"}}}}"#;

fn requirements(text: &str) -> Case {
    Case::of_project(&[("requirements.txt", text)])
}

#[test]
fn findings_are_grouped_by_package() {
    let case = Case::of_project(&[
        ("package.json", MANIFEST),
        ("package-lock.json", LOCKFILE),
        ("web/Cargo.toml", "[package]\nname = \"w\"\n[dependencies]\nc = \"=1.0.0\"\n"),
    ]);
    let (text, structured) = case.done(Tool::ScanProject, &case.of_shop(json!({})));
    insta::assert_snapshot!(text, @r"
    4 findings in 6 components in 3 files:
    - b 1.0.0 (npm) at package-lock.json:4, via x@1.0.0 > b@1.0.0: MAL-2026-1 malicious; remove it
    - a 1.2.0 (npm) at package-lock.json:3: CVE-2024-0001 critical 9.8 and 1 more; 1.4.3 clears all
    - c 1.0.0 (crates.io) at web/Cargo.toml:4: RUSTSEC-2026-0001 unmaintained
    Index: 7 advisories as of 2026-01-02 ([FOLDER]/a.index).
    ");
    assert_eq!(structured["verdict"], "findings");
    assert_eq!(structured["packages"][1]["name"], "a");
    assert_eq!(structured["packages"][1]["advisories"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_not_listed_is_counted() {
    let case = Case::of_project(&[("package.json", MANIFEST), ("package-lock.json", LOCKFILE)]);
    let arguments = case.of_shop(json!({"max_findings": 1}));
    let (_, structured) = case.done(Tool::ScanProject, &arguments);
    let numbers = (&structured["n_findings"], &structured["n_findings_left_out"]);
    assert_eq!(numbers, (&json!(3), &json!(2)));
    for wrong in [0, 201] {
        let arguments = case.of_shop(json!({"max_findings": wrong}));
        let failed = case.failed(Tool::ScanProject, &arguments);
        assert_eq!(failed, "`max_findings` is a number from 1 to 200");
    }
}

#[test]
fn nothing_found_is_clean_only_if_everything_was_checked() {
    #[track_caller]
    fn check(case: &Case, verdict: &str, not_checked: &str) {
        let (text, structured) = case.done(Tool::ScanProject, &case.of_shop(json!({})));
        assert_eq!(structured["verdict"], verdict, "{text}");
        assert!(text.contains(not_checked), "{text}");
    }
    check(&requirements("d==1.0\n"), "no_known_findings", "No known findings in 1 components");
    check(
        &requirements("d>=1\n"),
        "unknown",
        "Not checked: requirements.txt:1: requirement `>=1` does not fix one version.",
    );
    check(
        &Case::of_project(&[("readme.md", "")]),
        "unknown",
        "Not checked: no file of a format that fixloop reads was found.",
    );
    check(
        &Case::of_project(&[("package-lock.json", "{")]),
        "unknown",
        "Not checked: package-lock.json",
    );
}

#[test]
fn exceptions_hold() {
    let accepted = r#"
[[exception]]
id = "GHSA-4444-4444-4444"
package = "pkg:pypi/d"
reason = "not reached"
owner = "team"
expires = 2026-12-31
"#;
    let case = Case::of_project(&[("requirements.txt", "d==2.0\n"), ("fixloop.toml", accepted)]);
    let (text, structured) = case.done(Tool::ScanProject, &case.of_shop(json!({})));
    assert_eq!(structured["n_accepted"], 1, "{text}");
    assert_eq!(structured["verdict"], "no_known_findings", "{text}");
}

#[test]
fn a_path_that_leads_nowhere_says_so() {
    let case = Case::new();
    let failed = |path: &str| case.failed(Tool::ScanProject, &json!({"path": path}));
    insta::assert_snapshot!(failed("/no/such"), @"`/no/such` cannot be read (No such file or directory (os error 2)): check its spelling");
    insta::assert_snapshot!(failed("no/such"), @"`no/such` cannot be read (No such file or directory (os error 2)): give an absolute path, since a relative one counts from where the server was started");
    insta::assert_snapshot!(failed(" "), @"`path` is empty: name the project's folder");
    insta::assert_snapshot!(failed("a\0"), @"`path` is no path: at most 4096 bytes, none of them null");
    let (text, structured) = case.done(Tool::ScanProject, &json!({"path": "/dev/null"}));
    assert_eq!(structured["verdict"], "unknown", "{text}");
    assert!(text.contains("Not checked: null: not a regular file."), "{text}");
    let wrong = case.failed(Tool::ScanProject, &json!({"path": 5}));
    insta::assert_snapshot!(wrong, @"wrong arguments: invalid type: integer `5`, expected a string; see the input schema of scan_project");
}
