use std::fmt::Write;

use fixloop_model::{BuildCheck, CheckState, Class, Finding, Place, Position};
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 6, 1);

fn finding(ecosystem: &str, package: &str, ids: &[&str], path: &str) -> Finding {
    let (name, version) = package.split_once('@').expect("a name and a version");
    let place = Place { path: path.to_owned(), position: Position { line: 7, column: 2 } };
    Finding {
        ecosystem: ecosystem.to_owned(),
        version: version.to_owned(),
        ids: ids.iter().map(ToString::to_string).collect(),
        ..Finding::of_file(Class::Vulnerability, name.to_owned(), String::new(), place)
    }
}

fn findings() -> Vec<Finding> {
    vec![
        finding(
            "npm",
            "lodash@4.17.11",
            &["CVE-2019-10744", "GHSA-jf85-cpcp-j695"],
            "web/package-lock.json",
        ),
        finding("npm", "lodash@4.17.11", &["CVE-2020-8203"], "web/package-lock.json"),
        finding("npm", "lodash@4.17.15", &["CVE-2020-8203"], "tools/package-lock.json"),
        finding("PyPI", "Jinja2@2.10", &["CVE-2019-10906"], "jobs/requirements.txt"),
        Finding {
            class: Class::Malicious,
            ..finding("npm", "evil@1.0.0", &["MAL-2025-1"], "web/package-lock.json")
        },
    ]
}

/// What is left, what is suppressed by which line, and what is said about the exceptions.
fn render(applied: &Applied) -> String {
    let mut out = String::new();
    for it in &applied.findings {
        match it.class {
            Class::Exception => {
                let (path, at) = (&it.path, it.position);
                writeln!(out, "{path}:{}:{} {}: {}", at.line, at.column, it.name, it.summary)
            }
            _ => writeln!(out, "left {}@{} {}", it.name, it.version, it.ids.join(" ")),
        }
        .unwrap();
    }
    for it in &applied.suppressed {
        let (finding, line) = (&it.finding, it.place.position.line);
        writeln!(
            out,
            "suppressed {}@{} {} by line {line}",
            finding.name, finding.version, finding.ids[0]
        )
        .unwrap();
    }
    out
}

fn applied(text: &str) -> String {
    render(&apply(&parse("fixloop.toml", text), findings(), TODAY))
}

const REST: &str = "reason = 'r'\nowner = 'o'\nexpires = 2026-12-31\n";

fn with_rest(entry: &str) -> String {
    applied(&format!("[[exception]]\n{entry}\n{REST}"))
}

#[test]
fn an_id_covers_its_alias_group_everywhere() {
    insta::assert_snapshot!(with_rest("id = 'ghsa-jf85-cpcp-j695'"), @"
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    suppressed lodash@4.17.11 CVE-2019-10744 by line 1
    ");
    insta::assert_snapshot!(with_rest("id = 'CVE-2020-8203'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    suppressed lodash@4.17.11 CVE-2020-8203 by line 1
    suppressed lodash@4.17.15 CVE-2020-8203 by line 1
    ");
}

#[test]
fn package_and_path_narrow_it() {
    insta::assert_snapshot!(with_rest("id = 'CVE-2020-8203'\npath = 'tools'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    suppressed lodash@4.17.15 CVE-2020-8203 by line 1
    ");
    insta::assert_snapshot!(with_rest("id = 'CVE-2020-8203'\npackage = 'pkg:npm/lodash@4.17.15'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    suppressed lodash@4.17.15 CVE-2020-8203 by line 1
    ");
    insta::assert_snapshot!(with_rest("package = 'pkg:pypi/JINJA2'\npath = '**/requirements.txt'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left evil@1.0.0 MAL-2025-1
    suppressed Jinja2@2.10 CVE-2019-10906 by line 1
    ");
}

#[test]
fn a_package_alone_never_covers_a_malicious_one() {
    insta::assert_snapshot!(with_rest("package = 'pkg:npm/evil'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    fixloop.toml:1:1 pkg:npm/evil: this exception covers no finding that no earlier one covers: remove it
    ");
    insta::assert_snapshot!(with_rest("id = 'MAL-2025-1'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    suppressed evil@1.0.0 MAL-2025-1 by line 1
    ");
}

#[test]
fn the_last_day_still_holds() {
    let on = |day: &str| {
        applied(&format!(
            "[[exception]]\nid = 'CVE-2019-10906'\nreason = 'r'\nowner = 'o'\nexpires = {day}\n"
        ))
    };
    insta::assert_snapshot!(on("2026-06-01"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left evil@1.0.0 MAL-2025-1
    suppressed Jinja2@2.10 CVE-2019-10906 by line 1
    ");
    insta::assert_snapshot!(on("'2026-05-31'"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    fixloop.toml:1:1 CVE-2019-10906: this exception expired on 2026-05-31: decide again
    ");
}

#[test]
fn what_is_wrong_with_an_entry_is_a_finding_at_its_line() {
    let text = "exeption = 1\n\
        [[exception]]\nid = 'CVE-2020-8203'\nresaon = 'r'\nowner = 'o'\nexpires = 2026-12-31\n\
        [[exception]]\npath = '**'\nreason = 'r'\nowner = 'o'\nexpires = 2026-12-31\n\
        [[exception]]\nid = 'CVE-2020-8203'\n\
        [[exception]]\npackage = 'lodash'\nreason = 'r'\nowner = 'o'\nexpires = 2026-12-31\n\
        [[exception]]\nid = 3\npath = '../x'\nreason = ' '\nowner = 'o'\nexpires = 'soon'\n\
        [[exception]]\nid = 'X'\npath = '/x'\nreason = 'r'\nowner = 'o'\nexpires = 2026-12-31\n\
        [[exception]]\nid = 'X'\nreason = 'r'\nowner = 'o'\nexpires = 2026-13-31\n\
        [[exception]]\nid = 'X'\nreason = 'r'\nowner = 'o'\nexpires = '2026-02-30'\n";
    insta::assert_snapshot!(applied(text), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    fixloop.toml:1:1 exeption: unknown key `exeption`: did you mean `exception`?
    fixloop.toml:2:1 CVE-2020-8203: `reason` is missing: every exception needs one
    fixloop.toml:4:1 resaon: unknown key `resaon`: did you mean `reason`?
    fixloop.toml:7:1 exception: too broad: name an advisory with `id`, a package with `package`, or a build rule with `rule`
    fixloop.toml:12:1 CVE-2020-8203: `reason` is missing: every exception needs one
    fixloop.toml:12:1 CVE-2020-8203: `owner` is missing: every exception needs one
    fixloop.toml:12:1 CVE-2020-8203: `expires` is missing: every exception needs one
    fixloop.toml:14:1 lodash: `lodash` is no package URL: write one like `pkg:npm/lodash`
    fixloop.toml:19:1 exception: `reason` is missing: every exception needs one
    fixloop.toml:19:1 exception: too broad: name an advisory with `id`, a package with `package`, or a build rule with `rule`
    fixloop.toml:20:1 id: `id` is a text in quotes and not empty
    fixloop.toml:22:1 reason: `reason` is a text in quotes and not empty
    fixloop.toml:25:1 X: `/x` leaves the scanned root: write it relative to that
    fixloop.toml:31:1 X: `expires` is missing: every exception needs one
    fixloop.toml:35:1 expires: `expires` is a day like 2027-01-31
    fixloop.toml:35:11 : invalid date, expected month between 01 and 12
    fixloop.toml:36:1 X: `2026-02-30` is no day like 2027-01-31
    ");
    insta::assert_snapshot!(applied("[exception]\nid = 'CVE-2020-8203'\n"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    fixloop.toml:1:2 exception: `exception` is a list: write `[[exception]]`, with two brackets
    ");
    insta::assert_snapshot!(applied("{"), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    fixloop.toml:1:1 : invalid key-value pair, expected key
    ");
}

fn applied_vex(text: &str) -> String {
    match parse_openvex("vex.json", text) {
        Ok(read) => render(&apply(&read, findings(), TODAY)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn openvex_statements_take_findings_out() {
    let statement = |rest: &str| {
        applied_vex(&format!(
            r#"{{"@context":"https://openvex.dev/ns/v0.2.0","author":"a","timestamp":"2026-01-01T00:00:00Z","statements":[{rest}]}}"#
        ))
    };
    // A product that is the package, by any alias; without a version for all of them.
    insta::assert_snapshot!(statement(r#"{"vulnerability":{"name":"GHSA-x","aliases":["CVE-2020-8203"]},"products":[{"@id":"pkg:npm/lodash"}],"status":"not_affected","justification":"vulnerable_code_not_present"}"#), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    suppressed lodash@4.17.11 CVE-2020-8203 by line 1
    suppressed lodash@4.17.15 CVE-2020-8203 by line 1
    ");
    // A product with parts: those are what is named.
    insta::assert_snapshot!(statement(r#"{"vulnerability":{"name":"CVE-2020-8203"},"products":[{"@id":"pkg:oci/shop","subcomponents":[{"@id":"pkg:npm/lodash@4.17.15"}]}],"status":"fixed"}"#), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    suppressed lodash@4.17.15 CVE-2020-8203 by line 1
    ");
    // A later statement about the same replaces an earlier one, wherever it stands.
    insta::assert_snapshot!(statement(r#"{"vulnerability":{"name":"CVE-2020-8203"},"timestamp":"2026-03-01T00:00:00Z","products":[{"@id":"pkg:npm/lodash"}],"status":"affected"},{"vulnerability":{"name":"CVE-2020-8203"},"products":[{"@id":"pkg:npm/lodash"}],"status":"fixed"}"#), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    ");
    insta::assert_snapshot!(statement(r#"{"vulnerability":"CVE-2020-8203","products":["pkg:npm/lodash"],"status":"not_affected"},{"vulnerability":{"name":"CVE-2020-8203"},"products":[{"@id":"shop"}],"status":"fixed"}"#), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    vex.json:1:1 CVE-2020-8203: `not_affected` without `justification` or `impact_statement` covers nothing
    vex.json:1:1 CVE-2020-8203: the statement names no package URL, so it covers nothing
    ");
}

#[test]
fn what_is_no_openvex_document_is_an_error() {
    insta::assert_snapshot!(applied_vex("{}"), @"not an OpenVEX document");
    insta::assert_snapshot!(applied_vex(r#"{"@context":"https://cyclonedx.example","statements":[]}"#), @"
    not an OpenVEX document: `@context` is `https://cyclonedx.example` and not `https://openvex.dev/ns`
    ");
}

/// What a build rule found at a path.
fn check(rule: &str, state: CheckState, path: &str) -> BuildCheck {
    BuildCheck {
        rule: rule.to_owned(),
        state,
        severity: None,
        summary: "two indexes".to_owned(),
        fix: String::new(),
        url: String::new(),
        path: path.to_owned(),
        line: Some(3),
        evidence: "--extra-index-url x".to_owned(),
    }
}

#[test]
fn a_build_rule_is_accepted_by_its_id() {
    let text = "\
[[exception]]
rule = 'confusion'
path = 'tools'
reason = 'r'
owner = 'o'
expires = 2026-06-01

[[exception]]
rule = 'pinned'
reason = 'r'
owner = 'o'
expires = 2026-05-31
";
    let exceptions = parse("fixloop.toml", text);
    assert!(exceptions.faults.is_empty(), "{:?}", exceptions.faults);
    let checks = vec![
        check("confusion", CheckState::Mixed, "tools/pip.conf"),
        check("confusion", CheckState::Mixed, "pip.conf"),
        // What is not known cannot be accepted, and what is safe needs not be.
        check("confusion", CheckState::Unknown, "tools/uv.toml"),
        check("pinned", CheckState::Affected, "tools/ci.yml"),
    ];
    let (left, accepted) = apply_to_checks(&exceptions, checks, TODAY);
    let paths: Vec<&str> = left.iter().map(|it| &*it.path).collect();
    assert_eq!(paths, ["pip.conf", "tools/uv.toml", "tools/ci.yml"]);
    let [one] = &accepted[..] else { panic!("{accepted:?}") };
    assert_eq!((&*one.finding.name, &*one.finding.path), ("confusion", "tools/pip.conf"));
    assert_eq!((one.finding.class, one.place.position.line), (Class::BuildRule, 1));
    // They are about no package, and only that one is over is said.
    insta::assert_snapshot!(render(&apply(&exceptions, findings(), TODAY)), @"
    left lodash@4.17.11 CVE-2019-10744 GHSA-jf85-cpcp-j695
    left lodash@4.17.11 CVE-2020-8203
    left lodash@4.17.15 CVE-2020-8203
    left Jinja2@2.10 CVE-2019-10906
    left evil@1.0.0 MAL-2025-1
    fixloop.toml:8:1 pinned: this exception expired on 2026-05-31: decide again
    ");
}

#[test]
fn a_build_rule_stands_beside_no_package() {
    let text = "[[exception]]\nrule='a'\nid='B'\nreason='r'\nowner='o'\nexpires=2027-01-01\n";
    let faults = parse("fixloop.toml", text).faults;
    let reasons: Vec<&str> = faults.iter().map(|it| &*it.reason).collect();
    assert_eq!(
        reasons,
        ["a build rule is about no package: write two exceptions, one with `rule`"]
    );
}

#[test]
fn adding_keeps_every_byte_before_it() {
    let new = NewException {
        id: Some("CVE-2020-8203".to_owned()),
        path: Some("web".to_owned()),
        reason: "not \"reachable\"\n\\".to_owned(),
        owner: "team-web".to_owned(),
        expires: date(2026, 12, 31),
        ..NewException::default()
    };
    let before = "# our exceptions\r\n[[exception]] # one\r\nid = \"X\"\r\nreason='r'\r\nowner='o'\r\nexpires=2027-01-01";
    let after = add("fixloop.toml", before, &new, TODAY).unwrap();
    assert!(after.starts_with(before) && after[before.len()..].lines().count() > 6);
    assert!(!after[before.len()..].replace("\r\n", "").contains('\n'));
    insta::assert_snapshot!(after[before.len()..].replace("\r\n", "\n").trim_start(), @r#"
    [[exception]]
    id = "CVE-2020-8203"
    path = "web"
    reason = "not \"reachable\"\u000a\\"
    owner = "team-web"
    expires = 2026-12-31
    "#);
    let fails = |text: &str, new: &NewException| {
        add("fixloop.toml", text, new, TODAY).unwrap_err().to_string()
    };
    insta::assert_snapshot!(fails(&after, &new), @"`fixloop.toml` has this exception already, line 8");
    insta::assert_snapshot!(fails("[[exception]]\n", &new), @"
    `fixloop.toml` cannot be read as it is, line 1: `reason` is missing: every exception needs one
    ");
    insta::assert_snapshot!(fails("", &NewException { expires: date(2026, 5, 31), ..new.clone() }), @"`expires` is 2026-05-31, which is past");
    insta::assert_snapshot!(fails("", &NewException { id: None, ..new.clone() }), @"
    too broad: name an advisory with `id`, a package with `package`, or a build rule with `rule`
    ");
    insta::assert_snapshot!(fails("", &NewException { package: Some("lodash".to_owned()), ..new }), @"`lodash` is no package URL: write one like `pkg:npm/lodash`");
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((\\[\\[exception\\]\\]|id = 'A'|package = 'pkg:npm/a'|path = '[*\\[a]{0,4}'|reason = 'é'|owner = 'o'|expires = 2026-(12|13)-31|x = \\{)?\n){0,14}") {
        let read = parse("fixloop.toml", &text);
        let applied = apply(&read, findings(), TODAY);
        prop_assert_eq!(applied.findings.iter().filter(|it| it.class != Class::Exception).count() + applied.suppressed.len(), 5);
    }

    #[test]
    fn what_was_added_is_read_back(reason in "[ -~é\n\t]{1,20}", owner in "[\"\\\\a']{1,5}") {
        let new = NewException { id: Some("A".to_owned()), reason: reason.clone(), owner: owner.clone(), expires: TODAY, ..NewException::default() };
        if let Ok(text) = add("fixloop.toml", "", &new, TODAY) {
            let read = parse("fixloop.toml", &text);
            prop_assert_eq!(&read.exceptions[0].reason, &reason);
            prop_assert_eq!(read.exceptions[0].owner.as_ref(), Some(&owner));
        } else {
            prop_assert!(reason.trim().is_empty());
        }
    }
}
