use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pubspec_lock", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "packages:\n  a:\n    version: \"1.0.0\"\n    source: hosted\n  b\n  c:\n    version: \"2.0\n  d:\n    version: \"3.0.0\"\n    source: hosted\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:3 a 1.0.0 - - public
    6:3 c - - - -
    8:3 d 3.0.0 - - public
    5:3 problem: expected `key: value`
    7:14 problem: unterminated string
    ");
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no YAML mapping");
    check("sdks: {}\n", "without `packages`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text(
        "pubspec.lock/localsend__localsend__packages__localsend_isolates__rust_builder__cargokit__build_tool__pubspec.lock",
    ) else {
        return;
    };
    let names = ["args", "analyzer", "flutter", "http"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    20:3 analyzer 6.2.0 transitive - public
    28:3 args 2.4.2 direct runtime public
    140:3 http 1.1.0 direct runtime public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text(
        "pubspec.lock/_historic/localsend__localsend__app__pubspec.lock@2023-09-27-c77d89bc",
    ) else {
        return;
    };
    let names = ["args", "flutter", "path", "yaml"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    28:3 args 2.4.2 transitive - public
    444:3 flutter 0.0.0 direct runtime path -
    889:3 path 1.8.3 direct runtime public
    1664:3 yaml 3.1.2 transitive - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("pubspec.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "packages:\n(  [aé]:\n|    version: (\"1\\.0\\.0\"|1\\.0|)\n|    source: (hosted|git|sdk)\n|    dependency: \"?(direct main|transitive)\"?\n|.{0,5}\n){0,12}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
