use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/gemfile", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "source \"https://anything.rubygems.org\"\ngem \"a\", \"1.0.0\"\ngem \"b\ngem \ngem \"c\", \"2.0.0\"\nend\ngem \"d\" \"3.0.0\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    2:6 a 1.0.0 direct runtime public
    5:6 c 2.0.0 direct runtime public
    7:6 d 3.0.0 direct runtime public
    3:1 problem: the name in `gem "b` is computed
    4:1 problem: the name in `gem` is computed
    "#);
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("Gemfile/dependabot__elixir-security-advisories__Gemfile") else {
        return;
    };
    let names = ["rspec", "rake", "jekyll"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    3:6 rspec - direct runtime public
    4:6 rake - direct runtime public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text("Gemfile/rubygems__rubygems.org__Gemfile") else { return };
    let names = ["rails", "pg", "toxiproxy", "brakeman", "rubocop", "avo"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    7:6 rails [~> 8.1.3] direct runtime public
    35:6 pg [~> 1.6] direct runtime public
    74:6 avo [~> 3.32] direct runtime public
    110:8 toxiproxy [~> 2.0] direct dev public
    115:8 brakeman [~> 8.0] direct dev public
    122:8 rubocop [~> 1.89] direct dev public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("Gemfile", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, is_as_written);
    });
}

/// Several requirements stand in quotes of their own.
fn is_as_written(written: &str, value: &str) -> bool {
    value.split(", ").all(|it| written.contains(it))
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((group :test do|source 'https://x\\.example' do|end|gem)? ?(\"[aé]\"|'b'|c)?,? ?(\"(~> |= )?1\\.0\"|VERSION)?,? ?(git: 'x'|group: :test|:path => \"#[{]y[}]\"|# c)?\n){0,9}") {
        assert_spans(&text, &parse(&text), is_as_written);
    }
}
