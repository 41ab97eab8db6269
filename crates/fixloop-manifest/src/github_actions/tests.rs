use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/github_actions", "*.yml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "jobs:\n  a:\n    steps:\n    - uses: a/b@v1.0.0\n    - uses: \"c/d@v1\n    - uses: e/f@v1.0.0\n      x\n   - uses: g/h@v1.0.0\n    - uses: i/j@\n    - uses: k/l@v1.0.0\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    4:13 a/b v1.0.0 direct build public
    6:13 e/f v1.0.0 direct build public
    10:13 k/l v1.0.0 direct build public
    9:13 problem: `i/j@` is not `owner/repository@reference`
    5:13 problem: unterminated string
    7:7 problem: expected `key: value`
    8:4 problem: not indented like what it belongs to
    ");
}

#[test]
fn what_is_no_workflow_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("a: 1\n", "`jobs` and `runs` are missing");
    check("", "no YAML mapping");
    check("<html>", "no YAML mapping");
}

/// Read by hand: commits with the version in a comment.
#[test]
fn corpus_workflow_with_commits() {
    let Some(text) =
        corpus::text("github-workflow/rust-lang__crates.io__.github__workflows__ci.yml")
    else {
        return;
    };
    let names = ["tj-actions/changed-files", "Swatinem/rust-cache", "actions/setup-node"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    33:15 tj-actions/changed-files v47.0.6 direct build public
    68:15 Swatinem/rust-cache v2.9.2 direct build public
    139:15 Swatinem/rust-cache v2.9.2 direct build public
    174:15 actions/setup-node v7.0.0 direct build public
    200:15 actions/setup-node v7.0.0 direct build public
    224:15 actions/setup-node v7.0.0 direct build public
    257:15 actions/setup-node v7.0.0 direct build public
    325:15 actions/setup-node v7.0.0 direct build public
    353:15 actions/setup-node v7.0.0 direct build public
    ");
}

/// Read by hand: tags that move.
#[test]
fn corpus_workflow_with_tags() {
    let Some(text) =
        corpus::text("github-workflow/localsend__localsend__.github__workflows__ci.yml")
    else {
        return;
    };
    let names = ["Swatinem/rust-cache", "flutter-actions/setup-flutter"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    19:15 flutter-actions/setup-flutter [v4] direct build public
    43:15 flutter-actions/setup-flutter [v4] direct build public
    75:15 Swatinem/rust-cache [v2] direct build public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("github-workflow", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
        let n_written = text.lines().filter(|it| {
            let line = it.trim_start().trim_start_matches("- ");
            line.starts_with("uses:")
                && !line.contains("./")
                && !line.contains("$/")
                && !line.contains("docker://")
        });
        assert_eq!(parsed.components.len(), n_written.count(), "{}", path.display());
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(jobs:\n a:\n)?(  steps:\n)?( {0,4}- uses: ['\"]?(\\./)?[aé]/[b]?(/c)?@?(v1(\\.0\\.0)?|[0-9a-f]{40})?['\"]?( # v1\\.2\\.3)?\n|.{0,9}\n){0,9}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
