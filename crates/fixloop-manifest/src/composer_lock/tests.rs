use std::sync::Arc;

use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/composer_lock", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn the_manifest_beside_says_what_is_direct() {
    let text = include_str!("../../fixtures/composer_lock/packages.json");
    let read = |path: &str| {
        (path == "composer.json").then(|| {
            Arc::from(r#"{"require": {"php": ">=8", "symfony/http-kernel": "^5"}, "require-dev": {"phpunit/phpunit": "*"}}"#)
        })
    };
    let parsed = parse_among(text, Beside::new("composer.lock", &read));
    insta::assert_snapshot!(render_named(text, &parsed, &["symfony/http-kernel", "Psr/Log", "phpunit/phpunit", "corp/fork"]), @"
    5:22 symfony/http-kernel v5.4.1 direct runtime public
    12:19 Psr/Log 1.1.4 transitive runtime public < symfony/http-kernel@v5.4.1
    14:19 corp/fork dev-main - runtime git https://git.example/fork.git
    21:19 phpunit/phpunit 9.5.0 direct dev public
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "{\"packages\": [\n{\"name\": \"a/b\", \"version\": \"1.0.0\"},\n{\"name\": \"c/d\", \"version\": }\n,\n{\"name\": \"e/f\n},\n{\"name\": \"g/h\", \"version\": \"2.0.0\"}\n]}";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:11 a/b 1.0.0 - runtime -
    7:11 g/h 2.0.0 - runtime -
    3:11 problem: package without `version`
    5:1 problem: package without `name`
    3:18 problem: this key has no value
    5:10 problem: unterminated string
    ");
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no JSON object");
    check("[]", "no JSON object");
    check("{}", "without `packages`");
}

/// Read by hand: packages with and without `v`, and one for development.
#[test]
fn corpus_application() {
    let Some(text) = corpus::text("composer.lock/BookStackApp__BookStack__composer.lock") else {
        return;
    };
    let names = ["aws/aws-sdk-php", "dompdf/dompdf", "laravel/framework", "phpunit/phpunit"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    64:22 aws/aws-sdk-php 3.322.6 - runtime public
    982:22 dompdf/dompdf v3.0.0 - runtime public
    2083:22 laravel/framework v10.48.22 - runtime public
    9174:22 phpunit/phpunit 10.5.35 - dev public
    ");
}

/// Read by hand: an older state of the same.
#[test]
fn corpus_older() {
    let Some(text) = corpus::text(
        "composer.lock/_historic/BookStackApp__BookStack__composer.lock@2017-02-05-d369d315",
    ) else {
        return;
    };
    let names = ["dompdf/dompdf", "laravel/framework", "phpunit/phpunit"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    478:22 dompdf/dompdf v0.7.0 - runtime public
    975:22 laravel/framework v5.4.9 - runtime public
    3765:22 phpunit/phpunit 5.7.10 - dev public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("composer.lock", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| {
            written == value.replace('/', "\\/") || written == value
        });
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\{\"packages(-dev)?\": \\[(\\{(\"name\": \"a/[bé]\",?)?(\"version\": \"v?1\\.0\",?)?(\"require\": \\{\"a/b\": \"\\*\"\\},?)?(\"dist\": \\{\"type\": \"path\"\\})?\\},?\n?|.{0,5}){0,6}\\]\\}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
