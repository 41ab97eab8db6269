use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pipfile_lock", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn the_manifest_beside_says_what_is_direct() {
    let text = include_str!("../../fixtures/pipfile_lock/Pipfile.json");
    let read = |path: &str| {
        (path == "Pipfile").then(|| {
            std::sync::Arc::from("[packages]\nDjango = '*'\n[dev-packages]\npytest = '*'\n")
        })
    };
    let parsed = parse_among(text, Beside::new("Pipfile.lock", &read));
    insta::assert_snapshot!(render_named(text, &parsed, &["django", "private", "pytest"]), @"
    11:10 django 3.2.1 direct runtime public
    12:10 private 1.0 - runtime registry pypi.corp.example
    20:10 pytest 7.0.0 direct dev public
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "{\"default\": {\n\"a\": {\"version\": \"==1.0\"},\n\"b\": {\"version\": \n},\n\"c\n\"d\": {\"version\": \"==2.0\"}\n}}";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:2 a 1.0 - runtime public
    3:2 b - - runtime public
    6:2 d 2.0 - runtime public
    3:8 problem: this key has no value
    5:1 problem: unterminated string
    ");
}

#[test]
fn what_is_no_pipfile_lock_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no JSON object");
    check("{}", "neither `_meta` nor `default`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("Pipfile.lock/ossf__osv-schema__tools__ghsa__Pipfile.lock")
    else {
        return;
    };
    let names = ["requests", "pylint", "jsonschema", "attrs"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    19:10 attrs 26.1.0 - runtime public
    564:10 jsonschema 4.26.0 - runtime public
    856:10 requests 2.34.2 - runtime public
    1068:10 pylint 4.0.6 - dev public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text(
        "Pipfile.lock/_historic/citusdata__citus__src__test__regress__Pipfile.lock@2022-12-12-f6b8990f",
    ) else {
        return;
    };
    let names = ["blinker", "cryptography", "mitmproxy", "psycopg2", "zstandard"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    27:10 blinker 1.4 - runtime public
    212:10 cryptography 3.4.8 - runtime public
    362:10 mitmproxy - - runtime git https://github.com/thanodnl/mitmproxy.git
    615:10 zstandard 0.15.2 - runtime public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("Pipfile.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\{\"_meta\": \\{\\}, \"(default|develop)\": \\{(\"[aé]\": \\{\"version\": \"(==|>=)?1\\.0(\\\\u0033)?\"\\},?\n?|\"b\": 3,|.{0,5}){0,6}\\}\\}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
