use std::sync::Arc;

use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/yarn_lock", "*.lock", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn the_manifest_beside_says_what_is_direct() {
    let text = include_str!("../../fixtures/yarn_lock/classic.lock");
    let read = |path: &str| {
        (path == "web/package.json").then(|| {
            Arc::from(
                r#"{"dependencies": {"@scope/pkg": "^1.0.0"}, "devDependencies": {"renamed": "npm:real-name@^3.0.0", "left-pad": "1.3.0"}}"#,
            )
        })
    };
    let parsed = parse_among(text, Beside::new("web/yarn.lock", &read));
    let names = ["@scope/pkg", "@scope/other", "left-pad", "fsevents", "real-name", "tarball"];
    insta::assert_snapshot!(render_named(text, &parsed, &names), @"
    5:2 @scope/pkg 1.2.3 direct runtime public
    15:2 @scope/other 2.0.1 transitive runtime registry npm.corp.example < @scope/pkg@1.2.3
    19:1 left-pad 1.3.0 direct runtime public
    23:1 fsevents 2.3.2 transitive runtime public < @scope/pkg@1.2.3
    27:2 real-name 3.1.0 direct dev public as renamed
    35:2 tarball 0.5.0 - - archive https://files.example/t.tgz
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "# yarn lockfile v1\n\na@1:\n  version \"1.0.0\"\n\nbroken\n  version \"2.0.0\"\nb@1:\n  resolved \"x\"\n  dependencies:\n    alone\n<<<<<<< HEAD\nc@^1:\n  version \"1.1.0\"\n=======\nd:\n  version \"3.0.0\"\ne@1:\n  version \"4.0.0\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    3:1 a 1.0.0 - - public
    13:1 c 1.1.0 - - public
    16:1 d 3.0.0 - - public
    18:1 e 4.0.0 - - public
    6:1 problem: `broken` is no entry
    11:5 problem: `alone` is no dependency with its range
    12:1 problem: `<<<<<<< HEAD` is no entry
    15:1 problem: `=======` is no entry
    8:1 problem: the entry of `b` has no version
    ");
}

#[test]
fn what_is_no_yarn_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no yarn lockfile");
    check("<html>", "no yarn lockfile");
    check("{}", "no yarn lockfile");
}

/// Read by hand: yarn 1.
#[test]
fn corpus_classic() {
    let Some(text) =
        corpus::text("yarn.lock/netbox-community__netbox__netbox__project-static__yarn.lock")
    else {
        return;
    };
    let names = ["flatpickr", "@types/node", "graphql-ws", "brace-expansion"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    906:2 @types/node 24.10.1 - - public
    1272:1 brace-expansion 1.1.14 - - public
    1280:1 brace-expansion 5.0.6 - - public
    2022:1 flatpickr 4.6.13 - - public
    ");
}

/// Read by hand: berry.
#[test]
fn corpus_berry() {
    let Some(text) = corpus::text("yarn.lock/jestjs__jest__yarn.lock") else { return };
    let names = ["lodash", "minimist", "typescript", "@jest/globals"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    4378:2 @jest/globals 0.0.0-use.local root - workspace
    15767:2 lodash 4.18.1 direct - public
    17203:2 minimist 1.2.8 transitive - public < jest-preset-angular@16.2.0 > ts-jest@29.4.12 > handlebars@4.7.9
    22497:2 typescript 5.9.3 direct - public
    22507:2 typescript 5.9.3 - - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("yarn.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        let n_versions = text.lines().filter(|it| it.starts_with("  version")).count();
        let n_metadata = text.lines().filter(|it| it.starts_with("__metadata")).count();
        assert_eq!(parsed.components.len(), n_versions - n_metadata, "{}", path.display());
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(# yarn lockfile v1\n)?(\"?@?[aé]@(npm:)?(b@)?\\^1(, a@2)?\"?:?\n|  version:? \"?1\\.[0-9]é?\"?\n|  resolution: \"?a@(npm|workspace|git):1\"?\n|  dependencies:\n|    \"?a\"?:? \\^?1\n|[?:] ?x?\n|.{0,6}\n){0,14}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
