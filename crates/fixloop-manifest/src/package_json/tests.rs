use std::sync::Arc;

use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/package_json", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn catalogs_are_read_from_the_workspace_above() {
    let read = |path: &str| {
        (path == "pnpm-workspace.yaml").then(|| {
            Arc::from("catalog:\n  a: 1.0.0\n  b: ^2.0.0\ncatalogs:\n  old:\n    a: '0.9'\n")
        })
    };
    let text = r#"{"dependencies": {"a": "catalog:", "b": "catalog:default", "c": "catalog:"}, "devDependencies": {"a": "catalog:old"}}"#;
    let parsed = parse_among(text, Beside::new("packages/x/package.json", &read));
    insta::assert_snapshot!(render(text, &parsed), @"
    1:20 a 1.0.0 direct runtime public in pnpm-workspace.yaml@14
    1:37 b [^2.0.0] direct runtime public in pnpm-workspace.yaml@25
    1:61 c [catalog:] direct runtime public
    1:99 a [0.9] direct dev public in pnpm-workspace.yaml@57
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "{\n\"dependencies\": {\n\"a\": \"1.0.0\",\n\"b\": \n\"c\": 3,\n\"d\n\"e\": \"^2.0.0\",\n\"f\": {}\n}\n}";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    3:2 a 1.0.0 direct runtime public
    7:2 e [^2.0.0] direct runtime public
    4:2 problem: the requirement of `b` is no text
    5:2 problem: the requirement of `c` is no text
    8:2 problem: the requirement of `f` is no text
    4:2 problem: this key has no value
    5:1 problem: expected `,` before this key
    6:1 problem: unterminated string
    ");
}

#[test]
fn what_is_no_manifest_is_a_whole_file_problem() {
    check_whole_file(&parse(""), "expected a JSON object");
    check_whole_file(&parse("[]"), "no JSON object");
    assert_eq!(parse("{\"name\": \"a\"}"), Parsed::default());
}

/// Read by hand: a workspace's root.
#[test]
fn corpus_root() {
    let Some(text) = corpus::text("package.json/jestjs__jest__package.json") else { return };
    let names = [
        "@babel/core",
        "psl",
        "ansi-escapes",
        "babel-jest",
        "typescript",
        "jest-config",
        "jest-snapshot",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    6:6 @babel/core [^7.27.4] direct dev public
    31:6 babel-jest [workspace:*] direct dev workspace
    60:6 jest-snapshot [workspace:*] direct dev workspace
    80:6 typescript [^5.8.3] direct dev public
    216:6 babel-jest [workspace:*] - - workspace
    ");
}

/// Read by hand: a member with catalogs and workspace protocols.
#[test]
fn corpus_member() {
    let Some(text) = corpus::text("package.json/vuejs__core__packages__compiler-sfc__package.json")
    else {
        return;
    };
    let names = ["@babel/parser", "postcss", "@vue/shared", "minimatch", "estree-walker"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    45:6 @babel/parser [catalog:] direct runtime public
    49:6 @vue/shared [workspace:*] direct runtime workspace
    50:6 estree-walker [catalog:] direct runtime public
    52:6 postcss [^8.5.19] direct runtime public
    61:6 minimatch [~10.2.6] direct dev public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("package.json", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\{\"(dev)?[dD]ependencies\": \\{(\"@?[aé]/?b?\": \"(npm:|workspace:|catalog:|git\\+)?(@?c@)?[\\^=]?1\\.0(\\.0)?(\\\\u0033)?\",?\n?|.{0,5}){0,6}\\}(, \"overrides\": \\{\"(x>|\\*\\*/)?[aé]@1\": (\"1\\.0\\.0\"|\\{\"b\": \"2\\.0\\.0\"\\})\\})?\\}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
