use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/poetry_lock", "*.lock", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn the_manifest_beside_says_what_is_direct() {
    let text = include_str!("../../fixtures/poetry_lock/groups.lock");
    let read = |path: &str| {
        (path == "pyproject.toml").then(|| std::sync::Arc::from("[project]\ndependencies = ['jinja2']\n[tool.poetry.group.dev.dependencies]\npytest = '*'\n"))
    };
    let parsed = parse_among(text, Beside::new("poetry.lock", &read));
    insta::assert_snapshot!(render_named(text, &parsed, &["Jinja2", "markupsafe", "pytest", "extra"]), @"
    4:9 Jinja2 3.0.0 direct runtime public
    14:9 markupsafe 2.1.0 transitive runtime public < Jinja2@3.0.0
    20:9 pytest 7.0.0 direct dev public
    26:9 extra 1.0.0 - optional public
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "[[package]]\nname = \"a\"\nversion = \"1\"\n[[package]]\nname = \"b\nversion = \"2\"\n<<<<<<< HEAD\n[[package]]\nname = \"c\"\nversion = \"3\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    2:9 a 1 - - public
    5:9 b 2 - - public
    9:9 c 3 - - public
    7:9 problem: key with no value, expected `=`
    5:10 problem: invalid basic string, expected `"`
    "#);
}

#[test]
fn what_is_no_poetry_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "neither `package` nor `metadata`");
    check("<html>", "neither `package` nor `metadata`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) =
        corpus::text("poetry.lock/DrupalSecurityTeam__drupal-advisory-database__poetry.lock")
    else {
        return;
    };
    let names = ["ast-serialize", "requests", "urllib3", "mypy"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    4:9 ast-serialize 0.6.0 - runtime public
    400:9 mypy 2.3.1 - runtime public
    590:9 requests 2.34.2 - runtime public
    840:9 urllib3 2.7.0 - runtime public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) =
        corpus::text("poetry.lock/_historic/google__osv.dev__poetry.lock@2025-10-17-e439a6da")
    else {
        return;
    };
    let names = ["requests", "cachecontrol", "pytest", "html5lib"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"1613:9 requests 2.32.5 - runtime public");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("poetry.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(\\[\\[(package|packages)\\]\\]\n|name = \"[aé]\"\n|version = \"1\\.[0-9]\"\n|version = 1\n|source = \\{ (registry|git|virtual|editable) = 'https://x\\.example' \\}\n|dependencies = \\[(\\{ name = 'a' \\}|'a>=1')\\]\n|lock-version = '1'\n|.{0,6}\n){0,14}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
