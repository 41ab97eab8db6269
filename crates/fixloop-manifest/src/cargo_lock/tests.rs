use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/cargo_lock", "*.lock", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "version = 4\r\n[[package]]\r\nname = \"a\"\r\nversion = \"1.0.0\"\r\n<<<<<<< HEAD\r\n\
                [[package]]\nname = \"b\"\nversion = 2\n\n[[package]]\nname = \"c\"\nversion = \"3.0.0\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    3:9 a 1.0.0 root - path -
    11:9 c 3.0.0 root - path -
    5:1 problem: expected `key = value`, found `<<<<<<< HEAD`
    8:1 problem: expected a string for `version`, found `2`
    7:9 problem: package without `version`
    "#);
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("\u{0}\u{1}ELF", "expected `key = value`");
    check("version = 9\n", "lockfile version `9` is not known");
    check(
        "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b\",",
        "ends inside",
    );
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("Cargo.lock", |_, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(\\[\\[package\\]\\]\n|(name|version|source) = \"?[a-z0-9.+]{0,4}\"?\r?\n|dependencies = \\[\n?| \"[a-b] ?\",\n|\\]\n|.{0,9}\n?){0,20}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
