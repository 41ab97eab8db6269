use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/gemfile_lock", "*.lock", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "GEM\r\n  remote: https://anything.rubygems.org/\r\n  specs:\r\n    a (1.0.0)\r\n    b\r\n      c (>= 1)\r\n   d (1.0.0)\r\n<<<<<<< HEAD\r\n    e (2.0.0)\r\n=======\r\n    e (2.1.0)\r\n>>>>>>> main\r\n    f (3.0.0\r\n    g ()\r\n\r\nDEPENDENCIES\r\n  a\r\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    4:5 a 1.0.0 direct - public
    9:5 e 2.0.0 - - public
    11:5 e 2.1.0 - - public
    5:5 problem: `b` is not `name (version)`
    7:4 problem: `d (1.0.0)` stands at no level of this section
    8:1 problem: `<<<<<<< HEAD` is no section
    10:1 problem: `=======` is no section
    12:1 problem: `>>>>>>> main` is no section
    13:5 problem: `f (3.0.0` is not `name (version)`
    14:5 problem: `g ()` is not `name (version)`
    ");
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "it has no section");
    check("<html>", "it has no section");
    check("source 'x'\n", "it has no section");
}

/// Read by hand: native gems and chains.
#[test]
fn corpus_with_platforms() {
    let Some(text) = corpus::text("Gemfile.lock/google__osv.dev__docs__Gemfile.lock") else {
        return;
    };
    let names = ["nokogiri", "jekyll", "ffi", "addressable", "just-the-docs"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    4:5 addressable 2.9.0 transitive - public < jekyll@4.4.1
    21:5 ffi 1.17.4 transitive - public < jekyll@4.4.1 > jekyll-watch@2.2.1 > listen@3.10.0 > rb-inotify@0.11.1
    29:5 jekyll 4.4.1 direct - public
    73:5 just-the-docs 0.12.0 direct - public
    ");
}

/// Read by hand: an old one.
#[test]
fn corpus_old() {
    let Some(text) = corpus::text(
        "Gemfile.lock/_historic/rubygems__rubygems.org__Gemfile.lock@2012-02-25-3aa2424f",
    ) else {
        return;
    };
    let names = ["actionpack", "rack", "high_voltage", "jquery-rails", "json"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    8:5 actionpack 3.0.11 transitive - public < rails@3.0.11
    112:5 high_voltage 1.0.1 direct - public
    115:5 jquery-rails 1.0.19 direct - public
    118:5 json 1.6.5 transitive - public < rdoc@3.12
    146:5 rack 1.2.5 direct - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("Gemfile.lock", |path, text| {
        let parsed = parse(text);
        if path.ends_with("rubygems__rubygems.org__Gemfile.lock@2010-02-18-1651ef8c") {
            return check_whole_file(&parsed, "written by Bundler 0.9");
        }
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert!(!parsed.components.is_empty(), "{}", path.display());
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((GEM|GIT|PATH|DEPENDENCIES|é)?\r?\n| {0,7}([aé]( \\(1\\.[0-9](-x)?\\)?)?!?|remote: https://(rubygems\\.org|x\\.example)|specs:)?\r?\n){0,16}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
