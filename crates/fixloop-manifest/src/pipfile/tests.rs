use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pipfile", "*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "[packages]\na = \"==1.0\"\nb = \nc = {version = \"==2.0\"\nd = \"==3.0\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:1 a 1.0 direct runtime public
    3:1 b [] direct runtime public
    5:1 d 3.0 direct runtime public
    5:1 problem: missing comma between key-value pairs, expected `,`
    3:5 problem: string values must be quoted, expected literal string
    ");
}

#[test]
fn what_is_no_toml_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("<html>", "");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("Pipfile/citusdata__citus__.devcontainer__.vscode__Pipfile")
    else {
        return;
    };
    let names = ["docopt"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"7:1 docopt [*] direct runtime public");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text("Pipfile/ossf__osv-schema__tools__ghsa__Pipfile") else { return };
    let names = ["requests", "pylint", "jsonschema"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    7:1 requests [*] direct runtime public
    11:1 pylint [*] direct dev public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("Pipfile", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(\\[(dev-)?packages\\]\n|[aé]{1,2} = (\"(==|>=)?1\\.0\"|\\{version = '==1', git = 'x'\\}|3|\n|'\\*')\n|.{0,6}\n){0,12}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
