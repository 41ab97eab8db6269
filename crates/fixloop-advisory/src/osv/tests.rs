use std::fmt::Write;

use fixloop_test_support::shared;
use proptest::prelude::*;

use super::*;

fn render(text: &str) -> String {
    let record = match parse(text.as_bytes()) {
        Ok(record) => record,
        Err(error) => return format!("error: {error}"),
    };
    let it = &record.advisory;
    let mut out = String::new();
    let withdrawn = if it.withdrawn.is_some() { " withdrawn" } else { "" };
    writeln!(out, "{} {:?} {:?}{withdrawn}", it.id, it.aliases, it.summary).unwrap();
    for it in &it.affected {
        let severity = it.severity.as_ref().map_or("-", |it| it.rating.as_str());
        let class = it.class.as_str();
        writeln!(out, "{} {} {class} {severity} {:?}", it.ecosystem, it.name, it.versions).unwrap();
        for range in &it.ranges {
            write!(out, " {:?}", range.range_type).unwrap();
            for event in &range.events {
                write!(out, " {:?} {}", event.bound, event.version).unwrap();
            }
            out.push('\n');
        }
    }
    for it in record.unused {
        writeln!(out, "unused {}: {}", it.part, it.reason.as_str()).unwrap();
    }
    out
}

fn record(affected: &str) -> String {
    format!(r#"{{"id":"X-1","modified":"2024-01-01T00:00:00Z","affected":[{affected}]}}"#)
}

#[test]
fn last_known_range_closes_what_nothing_else_closes() {
    let text = record(
        r#"{"package":{"ecosystem":"Maven","name":"a:b"},
            "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]},
                      {"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.5"}]}],
            "database_specific":{"last_known_affected_version_range":"<= 3.5.3"}}"#,
    );
    insta::assert_snapshot!(render(&text), @r#"
    X-1 [] ""
    Maven a:b vulnerability - []
     Ecosystem Introduced 0 LastAffected 3.5.3
     Ecosystem Introduced 0 Fixed 3.5
    "#);
}

#[test]
fn custom_ranges_stand_in_for_an_open_range() {
    let text = record(
        r#"{"package":{"ecosystem":"Go","name":"x.example/m"},
            "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
            "ecosystem_specific":{"custom_ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2.9.0"},{"fixed":"2.9.12"}]}]}}"#,
    );
    insta::assert_snapshot!(render(&text), @r#"
    X-1 [] ""
    Go x.example/m vulnerability - []
     GoTags Introduced 2.9.0 Fixed 2.9.12
    "#);
}

/// As in GO-2026-4610: the module's own range is fixed, and the custom one only says since when.
#[test]
fn a_custom_range_without_an_end_gives_way_to_one_that_has_one() {
    let text = record(
        r#"{"package":{"ecosystem":"Go","name":"x.example/m"},
            "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"29.2.0+incompatible"}]}],
            "ecosystem_specific":{"custom_ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"19.3.0"}]}]}}"#,
    );
    insta::assert_snapshot!(render(&text), @r#"
    X-1 [] ""
    Go x.example/m vulnerability - []
     Semver Introduced 0 Fixed 29.2.0+incompatible
    "#);
}

#[test]
fn what_cannot_be_used_is_named() {
    let text = record(
        r#"{"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]},
           {"package":{"ecosystem":"PyPI","name":"a"},"severity":[{"type":"CVSS_V9","score":"CVSS:9.9/AV:N"}],
            "ranges":[{"type":"GIT","events":[{"introduced":"0"}]},{"type":"ECOSYSTEM","events":[{"fixed":"1"}]},
                      {"type":"ECOSYSTEM","events":[]},{"type":"LUNAR","events":[{"introduced":"0"}]}],"versions":["1.0"]},
           {"package":{"ecosystem":"PyPI","name":"b"}}"#,
    );
    insta::assert_snapshot!(render(&text), @r#"
    X-1 [] ""
    PyPI a vulnerability - ["1.0"]
    unused range: GIT range: orders commits, decides no registry version
    unused affected: no package named
    unused range: GIT range: orders commits, decides no registry version
    unused range: range without `introduced`: affects nothing
    unused range: range without events
    unused range: range type not known
    unused severity: CVSS vector that no CVSS version knows
    unused affected: neither ranges nor versions
    "#);
}

#[test]
fn nulls_unknown_fields_and_odd_extensions_do_not_cost_the_record() {
    let text = r#"{"id":"RUSTSEC-1","modified":"soon","withdrawn":"2024-01-01T00:00:00Z","aliases":null,"new_field":[1],
        "summary":"a \u001b[31m b","database_specific":{"severity":{"a":1},"cwe_ids":"x"},
        "affected":[{"package":{"ecosystem":"crates.io","name":"a"},"versions":null,"severity":null,
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0.0.0-0"}]}],
        "database_specific":{"informational":"unmaintained","cvss":null,"categories":[]},"ecosystem_specific":null}]}"#;
    insta::assert_snapshot!(render(text), @r#"
    RUSTSEC-1 [] "a [31m b" withdrawn
    crates.io a unmaintained - []
     Semver Introduced 0.0.0-0
    unused time: time that is not RFC 3339
    "#);
}

#[test]
fn malicious_is_a_class_of_its_own() {
    let with = |id: &str, specific: &str| {
        format!(
            r#"{{"id":"{id}","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"npm","name":"a"}},
            "versions":["1.0.0"],"database_specific":{specific}}}]}}"#
        )
    };
    for text in [
        with("MAL-1", "{}"),
        with("GHSA-1", r#"{"cwes":[{"cweId":"CWE-506"}]}"#),
        with("RUSTSEC-1", r#"{"categories":["malicious"]}"#),
    ] {
        assert!(render(&text).contains("npm a malicious"), "{text}");
    }
    assert!(render(&with("GHSA-1", "{}")).contains("npm a vulnerability"));
}

#[test]
fn what_is_no_record_is_an_error() {
    insta::assert_snapshot!(render("[]"), @"error: not an OSV record");
    insta::assert_snapshot!(render("{}"), @"error: the record has no `id`");
    insta::assert_snapshot!(render("{\"id\": \"a\", \"affected\": 3}"), @"error: not an OSV record");
}

#[test]
fn every_reference_record_is_read() {
    let Some(root) = shared::unpacked("advisories") else { return };
    let files = shared::files_below(&root, "json");
    for path in &files {
        let text = std::fs::read(path).unwrap();
        parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let n_records = files.len();
    assert!(n_records > 20_000, "{n_records}");
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        let _answer = parse(text.as_bytes());
    }

    #[test]
    fn any_vector_is_answered(text in "(CVSS:[0-9]\\.[0-9]/)?([A-Z]{1,3}:[A-Z]/?){0,12}") {
        let _answer = severity::from_vector(&text);
    }
}
