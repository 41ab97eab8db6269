//! `fixloop rule`: rules over folders, files and a fleet.

use std::path::PathBuf;

use super::*;

const RULE: &str = r#"schema = "fixloop.rule/1"
id = "repointed-tag"
title = "An action is used by a tag that was repointed"
severity = "high"
fix = "Pin the action to a commit"
files = [".github/workflows/*.yml"]
format = "yaml"
good = "jobs: { a: { steps: [{ uses: x/y@0123456789012345678901234567890123456789 }] } }"
bad = "jobs: { a: { steps: [{ uses: x/y@v1 }] } }"
[when]
at = "jobs.*.steps[*].uses"
matches = '^x/y@'
not-matches = '@[0-9a-f]{40}$'
"#;

const AFFECTED: &[u8] = b"jobs:\n  a:\n    steps:\n      - name: n\n        uses: x/y@v1\n";
const CLEAN: &[u8] = b"jobs:\n  a:\n    steps:\n      - uses: z/y@v1\n";
const BROKEN: &[u8] = b"jobs:\n\ta: 1\n";
const WORKFLOW: &str = ".github/workflows/ci.yml";

fn rule_file(text: &str) -> (TempDir, String) {
    let folder = folder(&[("r.toml", text.as_bytes())]);
    let path = folder.path().join("r.toml").to_str().expect("a plain path").to_owned();
    (folder, path)
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn folders_are_affected_clean_or_unknown() {
    let (_kept, rule) = rule_file(RULE);
    let all = folder(&[
        ("affected/.github/workflows/ci.yml", AFFECTED),
        ("clean/.github/workflows/ci.yml", CLEAN),
        ("broken/.github/workflows/ci.yml", BROKEN),
        ("other/README.md", b"x"),
    ]);
    let at = |name: &str| all.path().join(name).to_str().expect("a plain path").to_owned();
    let output = fixloop(&[
        "rule",
        "test",
        &rule,
        &at("clean"),
        &at("affected"),
        &at("broken"),
        &at("other"),
    ]);
    assert_exit(&output, 1);
    let text = stdout(&output).replace(plain(all.path()), "DIR");
    insta::assert_snapshot!(text, @r"
    repointed-tag: An action is used by a tag that was repointed

    affected  DIR/affected  (1 file)
      .github/workflows/ci.yml:5  uses: x/y@v1
    unknown   DIR/broken  (1 file)
      .github/workflows/ci.yml:2  unknown: a tab as indentation
    clean     DIR/clean  (1 file)
    clean     DIR/other  (no file that the rule names)

    4 in all: 1 affected, 2 clean, 1 unknown
    fix: Pin the action to a commit
    ");
    let output =
        fixloop(&["rule", "test", &rule, &at("affected"), &at("broken"), "--format", "json"]);
    assert_exit(&output, 1);
    let document = json(&output);
    assert_eq!(document["totals"]["affected"], 1);
    let check = &document["repositories"][0]["checks"][0];
    assert_eq!((&check["line"], &check["evidence"]), (&5.into(), &"uses: x/y@v1".into()));
    assert_exit(&fixloop(&["rule", "test", &rule, &at("broken"), &at("clean")]), 2);
    assert_exit(&fixloop(&["rule", "test", &rule, &at("clean")]), 0);
    // A file is checked whatever its folder is called.
    let file = all.path().join("affected").join(WORKFLOW);
    assert_exit(&fixloop(&["rule", "test", &rule, plain(&file)]), 1);
    assert_exit(&fixloop(&["rule", "test", &rule, &at("nowhere")]), 2);
}

#[test]
fn a_broken_rule_is_shown_with_a_caret() {
    let (kept, rule) = rule_file(&RULE.replace("not-matches", "not-matchs"));
    let output = fixloop(&["rule", "test", &rule, "."]);
    assert_exit(&output, 2);
    let text = stderr(&output).replace(plain(kept.path()), "DIR");
    insta::assert_snapshot!(text, @r"
    error: unknown key `not-matchs`
      --> DIR/r.toml:13:1
       |
    13 | not-matchs = '@[0-9a-f]{40}$'
       | ^^^^^^^^^^ did you mean `not-matches`?
    ");
}

#[test]
fn a_rule_that_its_examples_contradict_is_refused() {
    let (kept, rule) = rule_file(&RULE.replace(
        "not-matches = '@[0-9a-f]{40}$'
",
        "",
    ));
    let output = fixloop(&["rule", "test", &rule, "."]);
    assert_exit(&output, 2);
    let text = stderr(&output).replace(plain(kept.path()), "DIR");
    insta::assert_snapshot!(text, @r#"
    error: good example 1 is found: `jobs: { a: { steps: [{ uses: x/y@0123456789012345678901234567890123456789 }] } }`
     --> DIR/r.toml:8:9
      |
    8 | good = "jobs: { a: { steps: [{ uses: x/y@0123456789012345678901234567890123456789 }] } }"
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn the_rules_that_come_with_fixloop_run() {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let project = folder(&[
        (
            "requirements.txt",
            b"--extra-index-url https://u:hunter2@pip.corp.example/simple\na==1\n",
        ),
        (
            "package-lock.json",
            br#"{"lockfileVersion": 3, "packages": {"node_modules/debug": {"version": "4.4.2"}}}"#,
        ),
        (WORKFLOW, b"jobs: {a: {steps: [{uses: tj-actions/changed-files@v45}]}}"),
    ]);
    for (name, evidence) in [
        ("extra-package-index", "--extra-index-url https://pip.corp.example/simple"),
        ("bad-npm-versions", "\"node_modules/debug\": {\"version\": \"4.4.2\"}"),
        ("repointed-action-tag", "{uses: tj-actions/changed-files@v45}"),
    ] {
        let rule = rules.join(format!("{name}.toml"));
        let output = fixloop(&["rule", "test", plain(&rule), plain(project.path())]);
        assert_exit(&output, 1);
        let text = stdout(&output);
        assert!(text.contains(evidence) && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_scan_tells_what_rules_find() {
    let (_kept, rule) = rule_file(RULE);
    let project = folder(&[
        (WORKFLOW, AFFECTED),
        (".github/workflows/b.yml", BROKEN),
        (".github/workflows/c.yml", CLEAN),
    ]);
    let (scan, output) = scan_json(project.path(), &["--rule", &rule]);
    assert_exit(&output, 1);
    let finding = &scan["findings"][0];
    assert_eq!(finding["class"], "build-rule");
    assert_eq!(finding["rule"], "repointed-tag");
    assert_eq!(finding["state"], "affected");
    assert_eq!((&finding["path"], &finding["line"]), (&WORKFLOW.into(), &5.into()));
    assert_eq!(finding["evidence"], "uses: x/y@v1");
    assert!(finding["purl"].is_null());
    let checks = scan["checks"].as_array().expect("they are always there");
    let states: Vec<&str> = checks.iter().filter_map(|it| it["state"].as_str()).collect();
    assert_eq!(states, ["unknown", "safe"]);
    let unknown = scan["unknown"].as_array().expect("they are always there");
    assert!(unknown.iter().any(|it| it["name"] == "repointed-tag"), "{unknown:?}");
    let output = fixloop(&["scan", plain(project.path()), "--rule", &rule]);
    let text = stdout(&output);
    let head = text.split("\nunknown").next().unwrap_or(&text);
    insta::assert_snapshot!(head.trim_end(), @r"
    HIGH        repointed-tag affected
        An action is used by a tag that was repointed
        .github/workflows/ci.yml:5  uses: x/y@v1
        fix: Pin the action to a commit
    ");
    fs::remove_file(project.path().join(WORKFLOW)).expect("it is there");
    assert_exit(&scan_json(project.path(), &["--rule", &rule]).1, 2);
    fs::remove_file(project.path().join(".github/workflows/b.yml")).expect("it is there");
    let (scan, output) =
        scan_json(project.path(), &["--rule", &rule, "--rule", "dependency-confusion"]);
    assert_exit(&output, 0);
    assert_eq!(scan["checks"][0]["state"], "safe");
    assert_exit(&fixloop(&["scan", plain(project.path()), "--rule", "no-such-rule"]), 2);
}

#[test]
fn a_diff_tells_only_what_rules_find_anew() {
    let (_kept, rule) = rule_file(RULE);
    let repository = repository::Repository::new("shop");
    let old = String::from_utf8_lossy(AFFECTED).into_owned();
    repository.write(WORKFLOW, &old).write("README.md", "x").commit("01-01");
    repository.git(&["branch", "base"]);
    repository.write(".github/workflows/new.yml", &old).commit("01-02");
    let (scan, output) = scan_json(&repository.path(), &["--rule", &rule, "--diff", "base"]);
    assert_exit(&output, 1);
    let findings = scan["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["path"], ".github/workflows/new.yml");
    repository.remove(WORKFLOW).remove(".github/workflows/new.yml").commit("01-03");
    let (scan, output) = scan_json(&repository.path(), &["--rule", &rule, "--diff", "base"]);
    assert_exit(&output, 0);
    assert_eq!(scan["fixed"][0]["rule"], "repointed-tag");
}
