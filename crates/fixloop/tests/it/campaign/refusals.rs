//! What bad input gets: a message with a way out, and nothing that breaks builds.

use super::*;

fn created(it: &Organization, deadline: &str, about: &[&str]) -> Output {
    let words = ["--title", "left", "--contact", "#supply-chain", "--deadline", deadline];
    it.run("2024-06-01", &[&["campaign", "create"][..], &words, about].concat())
}

#[test]
fn what_is_no_campaign_is_refused() {
    let it = Organization::new();
    let told = |deadline: &str, about: &[&str]| {
        let output = created(&it, deadline, about);
        assert_exit(&output, 2);
        stderr(&output).replace("\n\nhint", "\n  hint")
    };
    let all = [
        told("2024-05-31", &PACKAGE),
        told("2024-06-30", &[]),
        told("2024-06-30", &["--package", "left", "--range", "<2.0.0"]),
        told("2024-06-30", &["--package", "pkg:npm/left", "--range", "<2.0.0 >=3.0.0"]),
        told("2024-06-30", &["--rule", "nobody-has-it"]),
        told("2024-06-30", &["--rule", "dependency-confusion", "--ladder", "nowhere:alert"]),
        told("2024-06-30", &["--rule", "dependency-confusion", "--ladder", "break"]),
    ];
    insta::assert_snapshot!(all.concat(), @r#"
    error: the deadline 2024-05-31T23:59:59Z has passed
      hint: --deadline with a day in the future
    error: a campaign is about something
      hint: --advisory FILE-OR-ID, --package PURL with --range, or --rule ID
    error: `left` is no package URL
      hint: write pkg:npm/lodash, pkg:pypi/jinja2, pkg:maven/group/artifact
    error: `<2.0.0 >=3.0.0` is no range: nothing is in it: its end is not after its beginning
      hint: write a range as ">=4.0.0 <4.17.21", "<2", "<=1.4.1" or "=1.0.3", several joined by ||
    error: there is no rule `nobody-has-it`
      hint: fixloop rule add FILE brings one; dependency-confusion is built in
    error: there is no ring `nowhere`
      hint: there are pilot, broad
    error: a campaign begins with an alert; a break is planned for a day
      hint: --ladder alert,pilot:break:72@2027-01-15, and fixloop campaign pivot when it comes
    "#);
}

#[test]
fn a_range_that_matches_nothing_everything_or_a_package_nobody_has_is_told() {
    let it = Organization::new();
    let warned = |range: [&str; 4]| {
        let output = created(&it, "2024-06-30", &range);
        assert_exit(&output, 0);
        stderr(&output)
    };
    let of = |package, range| ["--package", package, "--range", range];
    let all = [
        warned(of("pkg:npm/left", ">=7.0.0")),
        warned(of("pkg:npm/left", "*")),
        warned(of("pkg:npm/lfet", "<2.0.0")),
        warned(PACKAGE),
    ];
    insta::assert_snapshot!(all.concat(), @r"
    warning: no version of npm left that anybody has is in the range: 1.0.0, 1.2.0, 2.0.0. Is the range right?
    warning: all 3 versions of npm left that anybody has are in the range. Is its end missing?
    warning: nobody has npm lfet: is it spelled as in its registry? fixloop fleet sync brings what is new
    ");
}

#[test]
fn an_id_that_the_index_does_not_have_is_told() {
    let it = Organization::new();
    let found = it.create(&["--advisory", "NOBODY-1"]);
    let warning = found["warnings"][0].as_str().expect("a warning");
    assert!(warning.contains("the index has no record `NOBODY-1`"), "{warning}");
}

#[test]
fn a_private_record_is_checked_before_it_is_entered() {
    let it = Organization::new();
    let file = it.path("private.json");
    let told = |text: &str| {
        fs::write(&file, text).expect("writable");
        let output = created(&it, "2024-06-30", &["--advisory", &file]);
        (output.status.code(), stderr(&output))
    };
    let (code, error) = told("{");
    assert!(code == Some(2) && error.contains("is no OSV record"), "{error}");
    let (code, error) = told(r#"{"id": "ORG-1", "affected": []}"#);
    assert!(code == Some(2) && error.contains("names no package with a range"), "{error}");
    let record = r#"{"id": "ORG-1", "modified": "2024-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"]}]}"#;
    let (code, error) = told(record);
    assert_eq!((code, &*error), (Some(0), ""));
    it.done("2024-06-01", &["campaign", "open", "campaign-1"]);
    let states = it.states("2024-06-01");
    assert_eq!(states[0], "affected web:package-lock.json");
    assert!(states[1..].iter().all(|it| it.starts_with("clean")), "{states:?}");
    assert!(
        it.refused("2024-07-09", &["campaign", "pivot", "campaign-1", "--back"])
            .contains("no pivot")
    );
}
