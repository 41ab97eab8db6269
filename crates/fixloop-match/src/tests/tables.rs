//! What the schema leaves open and what data needs, case by case.

use super::*;
use crate::{Known, check};

/// `version` of package `a` against one record: its ids, `-` for no match, and why the answer is incomplete.
#[track_caller]
fn answer(record_ecosystem: &str, rest: &str, subject: &Component) -> String {
    let index = index(&[record("X-1", record_ecosystem, rest)]);
    let checked = check(&Known::new(&index), subject, &[]).unwrap();
    let ids: Vec<&str> =
        checked.matches.iter().flat_map(|it| &it.ids).map(String::as_str).collect();
    let unknown = checked.unknown.map(|it| format!("unknown: {it}"));
    unknown.unwrap_or_else(|| if ids.is_empty() { "-".to_owned() } else { ids.join(" ") })
}

#[track_caller]
fn check_events(events: &str, expected: &[(&str, bool)]) {
    let rest = format!(r#""ranges":[{{"type":"SEMVER","events":[{events}]}}]"#);
    for (version, is_affected) in expected {
        let expected = if *is_affected { "X-1" } else { "-" };
        let subject = component("npm", "a", version);
        assert_eq!(answer("npm", &rest, &subject), expected, "{events} {version}");
    }
}

#[test]
fn events_are_sorted_and_ties_change_the_state() {
    check_events(
        r#"{"fixed":"2.0.0"},{"introduced":"1.0.0"}"#,
        &[("0.9.0", false), ("1.0.0", true), ("1.9.9", true), ("2.0.0", false)],
    );
    check_events(
        r#"{"introduced":"0"},{"fixed":"1.0.0"},{"introduced":"1.0.0"},{"fixed":"2.0.0"}"#,
        &[("0.1.0", true), ("1.0.0", true), ("1.5.0", true), ("2.0.0", false)],
    );
    check_events(
        r#"{"introduced":"1.0.0"},{"fixed":"1.0.0"}"#,
        &[("1.0.0", false), ("1.1.0", false)],
    );
    check_events(
        r#"{"introduced":"1.0.0"},{"last_affected":"1.0.0"}"#,
        &[("0.9.0", false), ("1.0.0", true), ("1.0.1", false)],
    );
    check_events(
        r#"{"introduced":"0"},{"limit":"1.0.0"},{"limit":"2.0.0"}"#,
        &[("0.1.0", true), ("1.5.0", true), ("2.0.0", false)],
    );
    check_events(r#"{"introduced":"0"},{"limit":"*"}"#, &[("9.0.0", true)]);
    check_events(
        r#"{"introduced":"0"},{"fixed":"5.0.0"}"#,
        &[("5.0.0-beta", true), ("0.0.0-0", true), ("18446744073709551616.0.0", false)],
    );
}

#[test]
fn a_git_range_before_others_does_not_stop_the_evaluation() {
    let rest = r#""ranges":[{"type":"GIT","repo":"https://git.example/a","events":[{"introduced":"0"}]},
                            {"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]}]"#;
    assert_eq!(answer("PyPI", rest, &component("PyPI", "A", "1.9")), "X-1");
    assert_eq!(answer("PyPI", rest, &component("PyPI", "a", "2.0.0")), "-");
}

#[test]
fn listed_versions_are_equal_as_versions() {
    let rest = r#""versions":["2022.12.07","weird version"]"#;
    assert_eq!(answer("PyPI", rest, &component("PyPI", "a", "2022.12.7")), "X-1");
    assert_eq!(answer("PyPI", rest, &component("PyPI", "a", "weird version")), "X-1");
    assert_eq!(answer("PyPI", rest, &component("PyPI", "a", "2022.12.8")), "-");
}

#[test]
fn withdrawn_records_are_not_matched() {
    let text = record("X-1", "npm", r#""versions":["1.0.0"]"#);
    let withdrawn =
        text.replace("\"affected\"", r#""withdrawn":"2024-02-01T00:00:00Z","affected""#);
    let index = index(&[withdrawn]);
    let checked = check(&Known::new(&index), &component("npm", "a", "1.0.0"), &[]).unwrap();
    assert!(checked.matches.is_empty() && checked.unknown.is_none());
}

#[test]
fn only_components_of_the_registry_match() {
    let rest = r#""versions":["1.0.0"]"#;
    let with = |source: Source| Component { source, ..component("npm", "a", "1.0.0") };
    let url = "https://git.example/a".to_owned();
    assert_eq!(answer("npm", rest, &with(Source::Git { url: url.clone() })), "-");
    assert_eq!(answer("npm", rest, &with(Source::Archive { url })), "-");
    assert_eq!(answer("npm", rest, &with(Source::Path { path: None })), "-");
    assert_eq!(answer("npm", rest, &with(Source::Workspace)), "-");
    let private = with(Source::Registry { host: "npm.corp.example".to_owned() });
    insta::assert_snapshot!(
        answer("npm", rest, &private),
        @"unknown: comes from registry `npm.corp.example`, which may or may not mirror the public one: `X-1` would apply"
    );
    let index = index(&[record("X-1", "npm", rest)]);
    let mirrors = ["npm.corp.example".to_owned()];
    assert_eq!(check(&Known::new(&index), &private, &mirrors).unwrap().matches.len(), 1);
}

#[test]
fn what_cannot_be_decided_is_unknown() {
    let range = |version: &str| {
        format!(
            r#""ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{version}"}}]}}]"#
        )
    };
    let unpinned = Component {
        version: None,
        requirement: Some(">=1".to_owned()),
        ..component("PyPI", "a", "")
    };
    insta::assert_snapshot!(
        answer("PyPI", &range("2"), &unpinned),
        @"unknown: requirement `>=1` does not fix one version"
    );
    insta::assert_snapshot!(
        answer("NuGet", &range("nonsense version"), &component("NuGet", "a", "1.0.0")),
        @"unknown: `X-1` cannot be decided: the record has a range that cannot be read"
    );
    let tags = r#""ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],"ecosystem_specific":{"custom_ranges":
        [{"type":"ECOSYSTEM","events":[{"introduced":"2.9.0"},{"fixed":"2.9.12"}]}]}"#;
    let go = |version: &str| answer("Go", tags, &component("Go", "a", version));
    assert_eq!(go("v2.9.11+incompatible"), "X-1");
    assert_eq!(go("v2.9.12+incompatible"), "-");
    insta::assert_snapshot!(
        go("v0.0.0-20240101000000-abcdefabcdef"),
        @"unknown: `X-1` cannot be decided: the record names tags, and `v0.0.0-20240101000000-abcdefabcdef` is a commit without one"
    );
}

#[test]
fn a_distribution_release_matches_exactly_or_by_parent() {
    let rest = r#""ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}]"#;
    let debian = |of_record: &str, of_component: &str| {
        answer(of_record, rest, &component(of_component, "a", "1"))
    };
    assert_eq!(debian("Debian:12", "Debian:12"), "X-1");
    assert_eq!(debian("Debian", "Debian:12"), "X-1");
    assert_eq!(debian("Debian:12", "Debian:11"), "-");
    assert_eq!(debian("Debian:1", "Debian:12"), "-");
    assert!(debian("Debian:12", "Debian").starts_with("unknown: `X-1` cannot be decided"));
    assert_eq!(debian("Packagist:https://packages.example/8", "Packagist"), "-");
}

#[test]
fn the_nearest_version_clears_every_advisory() {
    let with = |id: &str, events: &str| {
        record(id, "npm", &format!(r#""ranges":[{{"type":"SEMVER","events":[{events}]}}]"#))
    };
    let index = index(&[
        with(
            "X-1",
            r#"{"introduced":"0"},{"fixed":"1.1.0"},{"introduced":"2.0.0"},{"fixed":"2.1.0"}"#,
        ),
        with("X-2", r#"{"introduced":"0"},{"fixed":"2.0.0"}"#),
        with("X-3", r#"{"introduced":"3.0.0"},{"fixed":"3.1.0"}"#),
    ]);
    let known = Known::new(&index);
    let fixes = |version: &str| {
        let checked = check(&known, &component("npm", "a", version), &[]).unwrap();
        let fixes = checked.matches.iter().map(|it| {
            let text = |it: &Option<String>| it.clone().unwrap_or("-".to_owned());
            format!("{} {} {}", it.ids[0], text(&it.fixed_in), text(&it.fixed_version))
        });
        fixes.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(fixes("1.0.0"), "X-1 1.1.0 2.1.0, X-2 2.0.0 2.1.0");
    assert_eq!(fixes("v1.5.0"), "X-2 v2.0.0 v2.1.0");
    assert_eq!(fixes("3.0.0"), "X-3 3.1.0 3.1.0");
}

#[test]
fn unmaintained_does_not_hide_the_version_that_clears_the_vulnerabilities() {
    let unmaintained = r#""ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],"database_specific":{"informational":"unmaintained"}"#;
    let vulnerable =
        r#""ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.0"}]}]"#;
    let index = index(&[
        record("RUSTSEC-1", "crates.io", unmaintained),
        record("RUSTSEC-2", "crates.io", vulnerable),
    ]);
    let checked = check(&Known::new(&index), &component("crates.io", "a", "1.0.0"), &[]).unwrap();
    let fixed: Vec<_> = checked.matches.iter().map(|it| it.fixed_version.as_deref()).collect();
    assert_eq!(fixed, [Some("1.2.0"), Some("1.2.0")]);
}

#[test]
fn aliases_are_one_match_and_malicious_wins() {
    let aliased = |id: &str, alias: &str| {
        record(id, "npm", r#""versions":["1.0.0"]"#)
            .replace("\"affected\"", &format!("\"aliases\":[\"{alias}\"],\"affected\""))
    };
    let index = index(&[aliased("GHSA-1", "CVE-1"), aliased("MAL-1", "GHSA-1")]);
    let checked = check(&Known::new(&index), &component("npm", "a", "1.0.0"), &[]).unwrap();
    let [only] = &checked.matches[..] else { panic!("{checked:?}") };
    assert_eq!(only.ids, ["CVE-1", "MAL-1", "GHSA-1"]);
    assert_eq!(only.class, fixloop_model::Class::Malicious);
}
