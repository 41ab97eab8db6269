use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/packages_config", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "<packages>\n<package id=\"A\" version=\"1.0.0\" />\n<package id=\"B\" version=\"2.0\n<package id=\"C\" version=\"3.0.0\" />\n</packages>";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    2:14 A 1.0.0 - runtime public
    4:14 C 3.0.0 - runtime public
    3:1 problem: package without `id` or `version`
    3:17 problem: `version="2.0` is no attribute
    4:1 problem: this tag is not finished
    "#);
}

#[test]
fn what_is_no_packages_config_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no XML element");
    check("<html></html>", "is `html` and not `packages`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text(
        "packages.config/_fixtures/aquasecurity__trivy__pkg__dependency__parser__nuget__config__testdata__packages.config",
    ) else {
        return;
    };
    let names = ["Newtonsoft.Json", "Microsoft.AspNet.WebApi"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    3:16 Microsoft.AspNet.WebApi 5.2.2 - runtime public
    4:16 Newtonsoft.Json 6.0.4 - runtime public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text(
        "packages.config/_fixtures/aquasecurity__trivy__pkg__fanal__analyzer__language__dotnet__nuget__testdata__config__packages.config",
    ) else {
        return;
    };
    let names = ["Newtonsoft.Json", "Microsoft.AspNet.WebApi"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    3:16 Microsoft.AspNet.WebApi 5.2.2 - runtime public
    4:16 Newtonsoft.Json 6.0.4 - runtime public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("packages.config", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "<packages>(<package (id='[aé]' )?(version='1\\.0' )?(/>|>)|.{0,4}){0,9}</packages>") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
