use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/packages_lock_json", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "{\"dependencies\": {\"net6.0\": {\n\"A\": {\"type\": \"Direct\", \"resolved\": \"1.0.0\"},\n\"B\": {\"type\": \n},\n\"C\n\"D\": {\"type\": \"Direct\", \"resolved\": \"2.0.0\"}\n}}}";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:2 A 1.0.0 direct - public
    6:2 D 2.0.0 direct - public
    3:2 problem: package `B` without `resolved`
    3:8 problem: this key has no value
    5:1 problem: unterminated string
    ");
}

#[test]
fn what_is_no_lockfile_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "without `dependencies`");
    check("{}", "without `dependencies`");
    check("{\"dependencies\": 3}", "expected an object");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text(
        "packages.lock.json/bitwarden__server__perf__MicroBenchmarks__packages.lock.json",
    ) else {
        return;
    };
    let names = ["BenchmarkDotNet", "Newtonsoft.Json", "core", "AspNetCoreRateLimit"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    5:8 BenchmarkDotNet 0.15.3 direct - public
    31:8 AspNetCoreRateLimit 5.0.0 direct - public
    1126:8 Newtonsoft.Json 13.0.3 direct - public
    1570:8 core - root - workspace
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text(
        "packages.lock.json/bitwarden__server__src__EventsProcessor__packages.lock.json",
    ) else {
        return;
    };
    let names = ["Newtonsoft.Json", "core", "AspNetCoreRateLimit", "Microsoft.CSharp"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    101:8 AspNetCoreRateLimit 5.0.0 direct - public
    798:8 Newtonsoft.Json 13.0.3 direct - public
    1109:8 core - root - workspace
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("packages.lock.json", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\{\"dependencies\": \\{\"net6\": \\{(\"[aé]\": \\{\"type\": \"(Direct|Project)\"(, \"resolved\": \"1\\.0\")?(, \"dependencies\": \\{\"a\": \"1\"\\})?\\},?\n?|.{0,4}){0,6}\\}\\}\\}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
