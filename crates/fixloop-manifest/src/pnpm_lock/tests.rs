use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pnpm_lock", "*.yaml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: x\n  b@2.0.0:\n    resolution: {}\n  nothing:\n  'c@3.0.0:\n  d@4.0.0: {}\n  <<<<<<< HEAD\n  e@5.0.0: {}\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    3:3 a 1.0.0 - - public
    5:3 b 2.0.0 - - public
    9:3 d 4.0.0 - - public
    11:3 e 5.0.0 - - public
    7:3 problem: `nothing` is no package
    4:17 problem: a pair inside `[ ]` is not read
    8:3 problem: expected `key: value`
    10:3 problem: expected `key: value`
    ");
}

#[test]
fn what_is_no_pnpm_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no YAML mapping");
    check("packages: {}\n", "without `lockfileVersion`");
    check("lockfileVersion: 4\npackages: {}\n", "version `4` is not known");
}

/// Read by hand: version 9 with a workspace.
#[test]
fn corpus_version_9() {
    let Some(text) = corpus::text("pnpm-lock.yaml/vuejs__core__pnpm-lock.yaml") else { return };
    let names = ["@babel/parser", "minimist", "estree-walker", "@vue/consolidate"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    479:4 @babel/parser 7.29.8 direct runtime public
    1616:4 @vue/consolidate 1.0.0 direct dev public
    2055:3 estree-walker 2.0.2 direct runtime public
    2058:3 estree-walker 3.0.3 transitive dev public < @vitest/browser-playwright@4.1.10 > @vitest/mocker@4.1.10
    2546:3 minimist 1.2.8 transitive dev public < serve@14.2.6 > update-check@1.5.4 > registry-auth-token@3.3.2 > rc@1.2.8
    ");
}

/// Read by hand: version 5.
#[test]
fn corpus_version_5() {
    let Some(text) =
        corpus::text("pnpm-lock.yaml/_historic/vuejs__core__pnpm-lock.yaml@2021-10-08-61c5fbd3")
    else {
        return;
    };
    let names = ["@babel/parser", "minimist", "estree-walker", "@vue/consolidate"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    465:4 @babel/parser 7.15.8 direct runtime public
    1262:4 @vue/consolidate 0.17.3 direct dev public
    2871:4 estree-walker 0.5.2 transitive dev public < rollup-plugin-node-globals@1.4.0
    2875:4 estree-walker 0.6.1 transitive dev public < rollup-plugin-node-globals@1.4.0 > rollup-pluginutils@2.8.2
    2879:4 estree-walker 1.0.1 transitive dev public < @rollup/plugin-commonjs@18.1.0 > @rollup/pluginutils@3.1.0
    2883:4 estree-walker 2.0.2 direct runtime public
    4894:4 minimist 1.2.5 direct dev public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("pnpm-lock.yaml", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert!(parsed.components.len() > 100, "{}", path.display());
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "lockfileVersion: '?[5-9]\\.0'?\n(packages:\n)?(  '?(/|x\\.example/)?(@[aé]/)?b[/@]1\\.0\\.0(_c@1|\\(c@1\\))?'?:\n|    (dev: true|name: n|version: 1\\.2\\.3|dependencies: \\{b: 1\\.0\\.0\\}|resolution: \\{tarball: x)\n|.{0,6}\n){0,12}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
