use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/version_catalog", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "[libraries]\na = \"g:a:1.0\"\nb = { module = \"g:b\"\nc = \nd = \"g:d:2.0\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:8 g:a 1.0 - - public
    5:8 g:d 2.0 - - public
    4:1 problem: `c` names no module
    4:1 problem: missing comma between key-value pairs, expected `,`
    4:5 problem: string values must be quoted, expected literal string
    ");
}

#[test]
fn what_is_no_catalog_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "neither `libraries` nor `versions`");
    check("[package]", "neither `libraries` nor `versions`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text(
        "libs.versions.toml/_fixtures/bug-ops__deps-lsp__crates__deps-gradle__tests__fixtures__libs.versions.toml",
    ) else {
        return;
    };
    let names = [
        "org.springframework.boot:spring-boot-starter",
        "com.google.guava:guava",
        "junit:junit",
        "org.apache.commons:commons-lang3",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    8:60 org.springframework.boot:spring-boot-starter 3.2.0 - - public
    10:38 com.google.guava:guava 33.0.0-jre - - public
    11:27 junit:junit 4.13.2 - - public
    12:57 org.apache.commons:commons-lang3 3.14.0 - - public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text(
        "libs.versions.toml/_fixtures/google__osv-scalibr__extractor__filesystem__language__java__gradleversioncatalog__testdata__libs.versions.toml",
    ) else {
        return;
    };
    let names = [
        "com.google.guava:guava",
        "org.example:strict",
        "org.codehaus.groovy:groovy",
        "org.example:pref",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    7:27 com.google.guava:guava 30.1.1-jre - - public
    13:47 org.codehaus.groovy:groovy 3.0.5 - - public
    19:41 org.example:strict 2.0 - - public
    25:39 org.example:pref 1.0 - - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("libs.versions.toml", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| {
            written == value
                || value.ends_with(&format!(":{written}"))
                || value.ends_with(".gradle.plugin")
        });
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(\\[(versions|libraries|plugins)\\]\n|[ab] = ('g:[aé]:1\\.0'|'1\\.0'|\\{ module = 'g:b', version(\\.ref)? = 'a' \\}|\\{ id = 'p', version = \\{ strictly = '1' \\} \\}|3)\n|.{0,5}\n){0,9}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || value.ends_with(&format!(":{written}")) || value.ends_with(".gradle.plugin"));
    }
}
