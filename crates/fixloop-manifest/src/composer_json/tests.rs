use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/composer_json", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "{\"require\": {\n\"a/b\": \"1.0.0\",\n\"c/d\": \n\"e/f\n\"g/h\": \"^2.0\"\n}}";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    2:2 a/b 1.0.0 direct runtime public
    5:2 g/h [^2.0] direct runtime public
    3:2 problem: the requirement of `c/d` is no text
    4:1 problem: unterminated string
    5:1 problem: expected `,` before this key
    ");
}

#[test]
fn what_is_no_manifest_is_a_whole_file_problem() {
    check_whole_file(&parse(""), "expected a JSON object");
    check_whole_file(&parse("[]"), "no JSON object");
    assert_eq!(parse("{\"name\": \"a/b\"}"), Parsed::default());
}

/// Read by hand.
#[test]
fn corpus_application() {
    let Some(text) = corpus::text("composer.json/BookStackApp__BookStack__composer.json") else {
        return;
    };
    let names = ["bacon/bacon-qr-code", "laravel/framework", "ext-dom", "phpunit/phpunit"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    19:10 bacon/bacon-qr-code [^3.0] direct runtime public
    25:10 laravel/framework [^10.10] direct runtime public
    50:10 phpunit/phpunit [^10.0] direct dev public
    ");
}

/// Read by hand.
#[test]
fn corpus_library() {
    let Some(text) = corpus::text("composer.json/FriendsOfPHP__security-advisories__composer.json")
    else {
        return;
    };
    let names = ["composer/composer", "symfony/console", "symfony/yaml", "twig/twig"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    6:10 composer/composer [^2.5] direct dev public
    7:10 symfony/console [^6.2] direct dev public
    8:10 symfony/yaml [^6.2] direct dev public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("composer.json", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\{\"require(-dev)?\": \\{(\"[aé]/b\": \"[\\^=v~]?1\\.0(\\.0)?(\\\\u0033)?( \\|\\| 2)?\",?\n?|.{0,5}){0,6}\\}\\}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
