use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

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

/// Read by hand: a workspace with members, git sources and one package in two versions.
#[test]
fn corpus_workspace_with_git_sources() {
    let Some(text) = corpus::text("Cargo.lock/oxidecomputer__omicron__Cargo.lock") else { return };
    let names = [
        "api_identity",
        "crucible-common",
        "dropshot",
        "hubtools",
        "maybe-uninit",
        "omicron-nexus",
        "smallvec",
        "steno",
        "zone",
    ];
    let shown = render_named(&text, &parse(&text), &names)
        .replace("https://github.com/oxidecomputer", "OXIDE");
    insta::assert_snapshot!(shown, @r"
    191:9 api_identity 0.1.0 root - path -
    2206:9 crucible-common 0.0.1 direct - git OXIDE/crucible?rev=ad8a31742adc45e925e63443a5b43c8e30604022#ad8a31742adc45e925e63443a5b43c8e30604022
    3374:9 dropshot 0.17.1 direct - public
    5245:9 hubtools 0.4.7 transitive - git OXIDE/hubtools.git?branch=main#2b1ef9b38d75563ea800baa3b17327eec17b1b7a < tufaceous-lib@0.1.0
    5266:9 hubtools 0.4.7 direct - git OXIDE/hubtools.git?rev=2b1ef9b38d75563ea800baa3b17327eec17b1b7a#2b1ef9b38d75563ea800baa3b17327eec17b1b7a
    6853:9 maybe-uninit 2.0.0 transitive - public < hubtools@0.4.7 > lpc55_sign@0.3.5 > serde-hex@0.1.0 > smallvec@0.6.14
    9163:9 omicron-nexus 0.1.0 root - path -
    14807:9 smallvec 0.6.14 transitive - public < hubtools@0.4.7 > lpc55_sign@0.3.5 > serde-hex@0.1.0
    14816:9 smallvec 1.15.1 direct - public
    15145:9 steno 0.4.1 direct - public
    18741:9 zone 0.3.1 direct - public
    ");
}

/// Read by hand: version 1, where dependencies repeat version and source.
#[test]
fn corpus_lockfile_of_version_1() {
    let Some(text) =
        corpus::text("Cargo.lock/_historic/BurntSushi__ripgrep__Cargo.lock@2020-03-29-09a4b75b")
    else {
        return;
    };
    let names = [
        "aho-corasick",
        "atty",
        "bstr",
        "grep",
        "grep-cli",
        "hermit-abi",
        "memchr",
        "ripgrep",
        "same-file",
        "winapi-util",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @r"
    4:9 aho-corasick 0.7.10 direct - public
    12:9 atty 0.2.14 direct - public
    37:9 bstr 0.2.12 direct - public
    144:9 grep 0.2.5 root - path -
    158:9 grep-cli 0.1.4 root - path -
    232:9 hermit-abi 0.1.9 transitive - public < atty@0.2.14
    304:9 memchr 2.3.3 direct - public
    401:9 ripgrep 12.0.0 root - path -
    426:9 same-file 1.0.6 direct - public
    532:9 winapi-util 0.1.3 direct - public
    ");
}
