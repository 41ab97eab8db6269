use proptest::prelude::*;

use super::*;
use crate::testing;

fn render(text: &str) -> String {
    testing::render_tree(parse(text))
}

#[test]
fn well_formed_text_has_no_problems() {
    insta::assert_snapshot!(render(r#"{"a": "x\u00e9\ud83d\ude00\n", "b": [1, true, {"c": null}], "d": {}}"#), @r#"
    a:
     "xé😀\n"
    b:
      1
      true
      c:
       null
    d:
    "#);
}

#[test]
fn comments_trailing_commas_and_byte_order_mark_are_read_over() {
    insta::assert_snapshot!(render("\u{feff}{ // c\n\"a\": [1,], /* d */\n}\n"), @"
    a:
      1
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    insta::assert_snapshot!(render("{\n\"a\": 1,\n<<<<<<< HEAD\n\"b\": ,\n\"c\": 2\n\"d\": \"x\n\"e\": 3}"), @"
    a:
     1
    b:
     (empty)
    c:
     2
    d:
     (empty)
    e:
     3
    10..22 not JSON: the rest of this line is skipped
    24..25 this key has no value
    37..40 expected `,` before this key
    42..44 unterminated string
    45..48 expected `,` before this key
    ");
}

#[test]
fn a_line_that_is_being_typed_does_not_swallow_the_rest() {
    let text = "{\n  \"scripts\": { \"build\": \n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n";
    insta::assert_snapshot!(render(text), @r#"
    scripts:
     build:
      (empty)
    dependencies:
     a:
      "1"
    18..23 this key has no value
    15..16 this bracket is not closed
    29..43 expected `,` before this key
    "#);
    let text = "{\n  \"files\": [ { \"x\": [\n  \"dependencies\": {\n    \"a\": \"1\"\n  }\n}\n";
    insta::assert_snapshot!(render(text), @r#"
    files:
      x:
    dependencies:
     a:
      "1"
    13..14 this bracket is not closed
    15..16 this bracket is not closed
    22..23 this bracket is not closed
    26..40 expected `,` before this key
    "#);
}

#[test]
fn without_indentation_brackets_alone_count() {
    insta::assert_snapshot!(render("{\n\"a\": {\n\"b\": 1\n\"c\": 2\n}\n}\n"), @"
    a:
     b:
      1
     c:
      2
    16..19 expected `,` before this key
    ");
}

#[test]
fn a_truncated_text_is_a_whole_file_problem() {
    insta::assert_snapshot!(render("{\"a\": {\"b\": 1"), @"
    a:
     b:
      1
    0..1 the text ends inside 2 unclosed brackets (whole file)
    ");
    insta::assert_snapshot!(render("<html>"), @"0..6 expected a JSON object (whole file)");
    insta::assert_snapshot!(render(""), @"0..0 expected a JSON object (whole file)");
}

#[test]
fn wrong_brackets_close_what_they_can() {
    insta::assert_snapshot!(render("{\"a\": [1}, \"b\": 2]}"), @"
    a:
      1
    8..9 `}` closes no open bracket here
    9..19 text after the end of the JSON object (whole file)
    ");
}

#[test]
fn nesting_is_bounded() {
    let deep = "[".repeat(MAX_DEPTH + 1);
    let problems = parse(&deep).into_problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].whole_file && problems[0].reason.contains("nested deeper"));
}

proptest! {
    #[test]
    fn any_text_is_read_and_spans_slice_it(text in "([{}\\[\\],:\"\\\\ \n/*a1é-]|\"k\":|true){0,60}") {
        let document = parse(&text);
        for node in &document.nodes {
            prop_assert!(node.span.slice(&text).is_some());
        }
        for problem in document.into_problems() {
            prop_assert!(problem.span.slice(&text).is_some());
        }
    }

    #[test]
    fn what_serde_reads_is_read_alike(keys in prop::collection::vec("[a-z\"\\\\\u{e9}]{0,5}", 0..6)) {
        let written = serde_json::json!({ "list": keys, "n": 1.5e3, "o": { "x": null } }).to_string();
        let document = parse(&written);
        let list = document.root().unwrap().get("list").unwrap();
        let read: Vec<String> = list.items().map(|it| it.text().unwrap().value().into_owned()).collect();
        prop_assert_eq!(read, keys);
        prop_assert!(document.into_problems().is_empty());
    }
}
