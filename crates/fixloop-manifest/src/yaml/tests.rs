use fixloop_test_support::corpus;
use proptest::prelude::*;
use saphyr_parser::{Event, Parser, ScalarStyle};

use super::*;
use crate::testing::render_tree;
use crate::tree::Value;

#[test]
fn everyday_structures_are_read() {
    let text = "\u{feff}%YAML 1.2\n---\n# comment\non: [push, 'pull request'] # trailing\na.b:\n  - name: x\n    \"q\\tk\": 'it''s'\n  -\n    v: 1.20\n  - - n\n    - m\nsame:\n- {a: 1, b: [c, d], e: }\n- http://x.example/a#b\nrun: |\n  a: b\n\n  c\nfold: one\n  two # end\nempty:\n? long\n: value\nalias: *a\nanchored: &x !!str z\n...\nrest: 1\n";
    insta::assert_snapshot!(render_tree(parse(text)), @r#"
    on:
      "push"
      "pull request"
    a.b:
      name:
       "x"
      q	k:
       "it's"
      v:
       1.20
       "n"
       "m"
    same:
      a:
       1
      b:
        "c"
        "d"
      e:
       (empty)
      "http://x.example/a#b"
    run:
     "  a: b\n\n  c\n"
    fold:
     "one two"
    empty:
     (empty)
    long:
     "value"
    alias:
     "*a"
    anchored:
     "z"
    "#);
}

#[test]
fn a_broken_line_costs_what_is_below_it() {
    let text = "a: 1\nb\nc: \"x\n\td: 1\n  e: 2\nf: [1\ng: 3\n h: 4\ni: {a: b]\nj: 'k\n";
    insta::assert_snapshot!(render_tree(parse(text)), @r#"
    a:
     1
    c:
     (empty)
    f:
      1
      "g"
    g:
     3
    i:
     a:
      "b"
    j:
     (empty)
    5..6 expected `key: value`
    10..12 unterminated string
    13..18 a tab as indentation
    21..25 not indented like what it belongs to
    29..33 a pair inside `[ ]` is not read
    38..42 not indented like what it belongs to
    46..51 this bracket closes another one
    56..58 unterminated string
    "#);
}

#[test]
fn what_is_no_yaml_mapping_is_a_whole_file_problem() {
    let check = |text: &str| assert!(parse(text).into_problems().iter().any(|it| it.whole_file));
    check("");
    check("# only a comment\n");
    assert!(parse("- a\n- b\n").root().is_none());
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    let repeated = |it: &str| it.repeat(200_000);
    for text in [
        repeated("a: [\n"),
        repeated("a: {\n"),
        repeated("a: \"\n"),
        repeated("- "),
        repeated("- [\n"),
        repeated("a: &a [*a,*a]\n"),
        (0..60_000).map(|it| format!("{}a:\n", " ".repeat(it % 300))).collect::<Vec<_>>().concat(),
        repeated("? "),
        repeated("a: b\n\n"),
    ] {
        let document = parse(&text);
        assert!(!document.nodes.is_empty() || !document.problems.is_empty());
    }
}

/// Every key and scalar in order, brackets around containers.
fn tokens(value: Value<'_>, out: &mut Vec<String>) {
    match (value.text(), value.literal()) {
        (Some(text), _) => out.push(text.value().into_owned()),
        (None, Some(literal)) => out.push(literal.to_owned()),
        (None, None) => {
            out.push(if value.is_object() { "{" } else { "[" }.to_owned());
            for (key, value) in value.entries() {
                out.push(key.value().into_owned());
                tokens(value, out);
            }
            value.items().for_each(|it| tokens(it, out));
            out.push("}".to_owned());
        }
    }
}

/// The same by another parser; block scalars (scripts) as `|`, since only their place is of use here.
fn expected_tokens(text: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for event in Parser::new_from_str(text) {
        match event.ok()?.0 {
            Event::MappingStart(..) => out.push("{".to_owned()),
            Event::SequenceStart(..) => out.push("[".to_owned()),
            Event::MappingEnd | Event::SequenceEnd => out.push("}".to_owned()),
            Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => {
                out.push("|".to_owned());
            }
            Event::Scalar(value, style, ..) => {
                let is_empty = value == "~" && style == ScalarStyle::Plain;
                out.push(if is_empty { String::new() } else { value.into_owned() });
            }
            Event::Alias(_) => out.push("*".to_owned()),
            Event::DocumentEnd => break,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
    }
    Some(out)
}

/// Real files of all kinds mean the same to an independent parser.
#[test]
fn corpus_files_read_like_another_parser_reads_them() {
    let mut n_tokens = 0;
    for format in ["github-workflow", "pnpm-lock.yaml", "pubspec.lock", "dependabot.yml"] {
        corpus::for_each(format, |path, text| {
            if path.extension().is_some_and(|it| it == "json5" || it == "json") {
                return;
            }
            let document = parse(text);
            assert!(document.problems.is_empty(), "{}: {:?}", path.display(), document.problems);
            let mut read = Vec::new();
            if let Some(root) = document.root() {
                tokens(root, &mut read);
            }
            let expected = expected_tokens(text).expect("the other parser reads it");
            assert_eq!(read.len(), expected.len(), "{}", path.display());
            for (read, expected) in read.iter().zip(&expected) {
                let is_alike = read == expected
                    || expected == "|"
                    || (expected == "*" && read.starts_with('*'));
                assert!(is_alike, "{}: {read:?} for {expected:?}", path.display());
            }
            n_tokens += read.len();
        });
    }
    assert!(n_tokens == 0 || n_tokens > 100_000, "{n_tokens}");
}

proptest! {
    #[test]
    fn any_text_is_read(text in "( {0,4}(- |[?] )?(a|é|\"b\"|'c'|[|]|>|&x)?:? ?([1x]|\\[a, ?|\\]|\\{k: v\\}|'|\"|#|\t)?\r?\n){0,14}") {
        let document = parse(&text);
        for it in &document.nodes {
            prop_assert!(it.span.slice(&text).is_some());
        }
        for it in &document.problems {
            prop_assert!(it.span.slice(&text).is_some());
        }
        if let Some(root) = document.root() {
            tokens(root, &mut Vec::new());
        }
    }
}
