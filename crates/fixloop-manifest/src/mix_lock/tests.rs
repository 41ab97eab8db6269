use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/mix_lock", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "%{\n  \"a\": {:hex, :a, \"1.0.0\", \"x\", [:mix], [], \"hexpm\"},\n  \"b\": {:hex, :b\n<<<<<<< HEAD\n  \"c\": {:hex, :c, \"2.0.0\"},\n}\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    2:16 a 1.0.0 - - public
    5:16 c 2.0.0 - - public
    3:3 problem: `"b": {:hex, :b` is no entry of a lockfile
    4:1 problem: `<<<<<<< HEAD` is no entry of a lockfile
    "#);
}

#[test]
fn what_is_no_mix_lock_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "does not begin with `%{`");
    check("<html>", "is no entry");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("mix.lock/hexpm__hexpm__mix.lock") else { return };
    let names = ["bandit", "broadway_sqs", "decimal", "plug"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    2:21 bandit 1.12.4 - - public
    5:27 broadway_sqs 0.7.4 - - public
    13:22 decimal 3.1.1 - - public
    71:19 plug 1.20.3 - - public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text("mix.lock/_historic/hexpm__hexpm__mix.lock@2014-01-24-5275e78a")
    else {
        return;
    };
    let names = ["cowboy", "plug", "ecto", "poison", "postgrex"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    1:4 cowboy - - - git git://github.com/extend/cowboy.git
    4:4 ecto - - - git git://github.com/elixir-lang/ecto.git
    5:4 plug - - - git git://github.com/elixir-lang/plug.git
    7:4 postgrex - - - git git://github.com/ericmj/postgrex.git
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("mix.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "%\\{\n(  \"[aé]\"(:| =>) \\{:(hex|git|x), (:\"?b\"?|\"u\"), \"1\\.0\"(, \\[\\], \"(hexpm|corp)\")?\\},?\n|.{0,5}\n){0,9}\\}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
