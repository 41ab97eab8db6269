use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/gradle_lockfile", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "a:b:1.0=x\n<<<<<<< HEAD\nc:d\ne:f:2.0=x\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    1:3 a:b 1.0 - runtime public
    4:3 e:f 2.0 - runtime public
    2:1 problem: `<<<<<<< HEAD` is not `group:name:version=configurations`
    3:1 problem: `c:d` is not `group:name:version=configurations`
    ");
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("<html>", "is not `group:name:version");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) =
        corpus::text("gradle.lockfile/DataDog__vulnerable-java-application__gradle.lockfile")
    else {
        return;
    };
    let names = ["ch.qos.logback:logback-classic", "com.fasterxml.jackson.core:jackson-databind"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    4:16 ch.qos.logback:logback-classic 1.4.14 - runtime public
    8:28 com.fasterxml.jackson.core:jackson-databind 2.15.4 - runtime public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) =
        corpus::text("gradle.lockfile/DataDog__vulnerable-java-application__gradle.lockfile")
    else {
        return;
    };
    let names = ["org.springframework:spring-core", "org.yaml:snakeyaml"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    64:21 org.springframework:spring-core 6.1.6 - runtime public
    71:10 org.yaml:snakeyaml 2.2 - runtime public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("gradle.lockfile", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| {
            written == value || value.ends_with(&format!(":{written}"))
        });
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((# c|[aé]:b:1\\.0(=(test|classpath|x,y))?|a:b|empty=|.{0,5})\r?\n){0,9}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || value.ends_with(&format!(":{written}")));
    }
}
