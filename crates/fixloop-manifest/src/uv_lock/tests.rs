use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/uv_lock", "*.lock", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"https://anything.pypi.org/simple\"\n[[package]]\nname = \"b\nversion = \"2\"\n<<<<<<< HEAD\n[[package]]\nname = \"c\"\nversion = \"3\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    3:9 a 1 - - -
    7:9 b 2 - - -
    11:9 c 3 - - -
    6:1 problem: missing key for inline table element, expected `,`
    7:10 problem: invalid basic string, expected `"`
    "#);
}

#[test]
fn what_is_no_uv_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "`version` is missing");
    check("<html>", "`version` is missing");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("uv.lock/anchore__grype-db__uv.lock") else { return };
    let names = ["ast-serialize", "requests", "pytest", "grype-db-manager", "urllib3"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    10:9 ast-serialize 0.6.0 transitive dev public < mypy@2.3.0
    382:9 grype-db-manager - root - workspace
    773:9 pytest 9.1.1 direct dev public
    936:9 requests 2.34.2 direct runtime public
    1138:9 urllib3 2.7.0 transitive runtime public < requests@2.34.2
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) =
        corpus::text("uv.lock/_historic/anchore__grype-db__uv.lock@2026-03-26-55100c6a")
    else {
        return;
    };
    let names = ["requests", "pytest", "urllib3", "pydantic"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    732:9 pytest 9.0.2 direct dev public
    894:9 requests 2.33.0 direct runtime public
    1096:9 urllib3 2.6.3 transitive runtime public < requests@2.33.0
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("uv.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(version = 1\n)?(\\[\\[(package|packages)\\]\\]\n|name = \"[aé]\"\n|version = \"1\\.[0-9]\"\n|version = 1\n|source = \\{ (registry|git|virtual|editable) = 'https://x\\.example' \\}\n|dependencies = \\[(\\{ name = 'a' \\}|'a>=1')\\]\n|lock-version = '1'\n|.{0,6}\n){0,14}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
