//! Exceptions, as `scan` and `exception add` treat them.

use super::*;

const LOCK: &[u8] = br#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"lodash": "4.17.11"}}, "node_modules/lodash": {"version": "4.17.11"}}}"#;

fn ids(list: &serde_json::Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|it| it["ids"][0].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn an_exception_that_was_added_covers_its_finding() {
    let folder = folder(&[("package-lock.json", LOCK), ("fixloop.toml", b"# ours\n")]);
    let root = folder.path().to_str().unwrap();
    let (before, _) = scan_json(folder.path(), &[]);
    let add = |more: &[&str]| {
        let fixed = ["--reason", "not reachable", "--owner", "web", "--expires", "2999-12-31"];
        fixloop(&[&["exception", "add", root], more, &fixed].concat())
    };
    assert_exit(&add(&["--id", "CVE-2019-10744"]), 0);
    assert!(
        fs::read_to_string(folder.path().join("fixloop.toml"))
            .unwrap()
            .starts_with("# ours\n\n[[exception]]\n")
    );
    let (after, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 1);
    assert_eq!(ids(&after["findings"]).len() + 1, ids(&before["findings"]).len());
    assert_eq!(after["suppressed"][0]["finding"]["ids"][0], "CVE-2019-10744");
    assert_eq!(after["suppressed"][0]["by"]["line"], 3);
    // Everything of the package: nothing is left.
    assert_exit(&add(&["--package", "pkg:npm/lodash"]), 0);
    let (all, output) = scan_json(folder.path(), &[]);
    assert_exit(&output, 0);
    assert_eq!(all["findings"], serde_json::json!([]));
    for (more, expected) in [
        (&["--id", "CVE-2019-10744"][..], "has this exception already"),
        (&["--path", "web"], "too broad"),
        (&["--package", "lodash"], "is no package URL"),
    ] {
        let output = add(more);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{output:?}");
    }
}

#[test]
fn only_the_scanned_root_is_asked() {
    let exception = b"[[exception]]\npackage = 'pkg:npm/lodash'\nreason = 'r'\nowner = 'o'\nexpires = 2999-12-31\n";
    let folder = folder(&[("web/package-lock.json", LOCK), ("web/fixloop.toml", exception)]);
    let (scan, _) = scan_json(folder.path(), &[]);
    assert!(!ids(&scan["findings"]).is_empty());
    let (scan, output) = scan_json(&folder.path().join("web"), &[]);
    assert_exit(&output, 0);
    assert!(ids(&scan["findings"]).is_empty());
}

#[test]
fn an_expired_or_misspelled_exception_is_a_finding() {
    let text = b"[[exception]]\nid = 'CVE-2019-10744'\nreason = 'r'\nowner = 'o'\nexpires = 2001-01-01\n[[exception]]\nid = 'CVE-2020-8203'\nresaon = 'r'\nowner = 'o'\nexpires = 2999-12-31\n";
    let folder = folder(&[("package-lock.json", LOCK), ("fixloop.toml", text)]);
    let (scan, _) = scan_json(folder.path(), &[]);
    let of_class: Vec<(&str, u64)> = scan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["class"] == "exception")
        .map(|it| (it["summary"].as_str().unwrap(), it["line"].as_u64().unwrap()))
        .collect();
    insta::assert_debug_snapshot!(of_class, @r#"
    [
        (
            "this exception expired on 2001-01-01: decide again",
            1,
        ),
        (
            "`reason` is missing: every exception needs one",
            6,
        ),
        (
            "unknown key `resaon`: did you mean `reason`?",
            8,
        ),
    ]
    "#);
}

#[test]
fn a_vex_document_takes_findings_out() {
    let vex = br#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "a", "timestamp": "2026-01-01T00:00:00Z", "statements": [{"vulnerability": {"name": "CVE-2019-10744"}, "products": [{"@id": "pkg:npm/lodash@4.17.11"}], "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"}]}"#;
    let folder =
        folder(&[("package-lock.json", LOCK), ("vex/v.json", vex), ("vex/bad.json", b"{}")]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (scan, _) = scan_json(folder.path(), &["--vex", &at("vex/v.json")]);
    assert_eq!(scan["suppressed"][0]["by"]["reason"], "vulnerable_code_not_in_execute_path");
    let output = fixloop(&["scan", folder.path().to_str().unwrap(), "--vex", &at("vex/bad.json")]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("not an OpenVEX document"), "{output:?}");
}
