use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pyproject", "*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "[project]\nname = \"x\ndependencies = [\n  \"a==1.0\",\n  \"b==\n  \"c==2.0\",\n]\n[tool.poetry.dependencies]\nd = \ne = \"1.0.0\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    4:4 a 1.0 direct runtime public
    5:4 b [==] direct runtime public
    6:4 c 2.0 direct runtime public
    9:1 d [] direct runtime public
    10:1 e 1.0.0 direct runtime public
    6:3 problem: missing comma between array elements, expected `,`
    2:10 problem: invalid basic string, expected `"`
    5:7 problem: invalid basic string, expected `"`
    9:5 problem: string values must be quoted, expected literal string
    "#);
}

#[test]
fn what_is_no_toml_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("<html>", "");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("pyproject.toml/anchore__grype-db__pyproject.toml") else {
        return;
    };
    let names = ["boto3", "dataclass-wizard", "mypy", "pytest-sugar"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    12:6 boto3 [>=1.43.66,<2] direct runtime public
    14:6 dataclass-wizard [<1,>=0.22.2] direct runtime public
    36:6 mypy [>=2.3.0,<3] direct dev public
    38:6 pytest-sugar [>=0.9.7] direct dev public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) =
        corpus::text("pyproject.toml/DrupalSecurityTeam__drupal-advisory-database__pyproject.toml")
    else {
        return;
    };
    let names = ["colorama", "ruff", "types-jsonschema"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    6:1 colorama [^0.4.6] direct runtime public
    12:1 ruff [~0.16.0] direct runtime public
    14:1 types-jsonschema [^4.23.0.20241208] direct runtime public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("pyproject.toml", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(\\[(project|tool\\.poetry\\.dependencies|dependency-groups)\\]\n|(dependencies|test) = \\[(\"[aé](\\[x\\])?(==|>=| @ git\\+)?1\\.0(\\\\u0030)?\",? ?){0,3}\\]\n|b = ('1\\.0'|'\\^1'|\\{version = '2', path = 'x'\\})\n|.{0,6}\n){0,9}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
