use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pdm_lock", "*.lock", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn the_manifest_beside_says_what_is_direct() {
    let text = include_str!("../../fixtures/pdm_lock/groups.lock");
    let read = |path: &str| {
        (path == "pyproject.toml").then(|| std::sync::Arc::from("[project]\ndependencies = ['requests[socks]']\n[tool.pdm.dev-dependencies]\ndev = ['pytest']\n"))
    };
    let parsed = parse_among(text, Beside::new("pdm.lock", &read));
    insta::assert_snapshot!(render_named(text, &parsed, &["requests", "urllib3", "pysocks", "pytest"]), @"
    6:9 requests 2.28.0 direct runtime public
    19:9 urllib3 1.26.5 transitive runtime public < requests@2.28.0
    24:9 pysocks 1.7.1 transitive runtime public < requests@2.28.0
    29:9 pytest 7.0.0 direct dev public
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
fn what_is_no_pdm_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "neither `package` nor `metadata`");
    check("<html>", "neither `package` nor `metadata`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("pdm.lock/pdm-project__pdm__pdm.lock") else { return };
    let names = ["anyio", "anysqlite", "httpx", "pytest"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    14:9 anyio 4.13.0 - runtime public
    30:9 anysqlite 0.0.5 - runtime public
    703:9 httpx 0.28.1 - runtime public
    1344:9 pytest 9.0.3 - - public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) =
        corpus::text("pdm.lock/_historic/pdm-project__pdm__pdm.lock@2020-11-20-a740b823")
    else {
        return;
    };
    let names = ["requests", "pytest", "certifi", "tomlkit"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    33:9 certifi 2020.11.8 - - public
    337:9 pytest 6.1.2 - - public
    430:9 requests 2.25.0 - - public
    467:9 tomlkit 0.7.0 - - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("pdm.lock", |path, text| {
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
