use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pylock", "*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "lock-version = '1.0'\n[[packages]]\nname = \"a\"\nversion = \"1\"\n[[packages]]\nname = \"b\nversion = \"2\"\n[[packages]]\nname = \"c\"\nversion = \"3\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    3:9 a 1 - - public
    6:9 b 2 - - public
    9:9 c 3 - - public
    6:10 problem: invalid basic string, expected `"`
    "#);
}

#[test]
fn what_is_no_pylock_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "is missing");
    check("packages = []", "`lock-version` or `packages` is missing");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text(
        "pylock.toml/_fixtures/pdm-project__pdm__tests__fixtures__projects__demo__pylock.toml",
    ) else {
        return;
    };
    let names = ["chardet", "idna", "pytest", "requests"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    24:9 chardet 3.0.4 - - public
    61:9 idna 2.7 - - public
    85:9 pytest 3.2.5 - - public
    103:9 requests 2.27.1 - - public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text(
        "pylock.toml/_fixtures/librariesio__bibliothecary__spec__fixtures__pylock.toml",
    ) else {
        return;
    };
    let names = ["blinker", "certifi", "chardet"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    5:9 blinker 1.9.0 - - public
    16:9 certifi 2025.7.14 - - public
    27:9 chardet 5.0.0 - - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("pylock.toml", |path, text| {
        let parsed = parse(text);
        // Fixtures of other tools, broken on purpose.
        let name = path.to_string_lossy();
        if ["invalid", "broken", "missing", "skipped"].iter().any(|it| name.contains(it)) {
            return;
        }
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(lock-version = '1.0'\npackages = \\[\\]\n)?(\\[\\[(package|packages)\\]\\]\n|name = \"[aé]\"\n|version = \"1\\.[0-9]\"\n|version = 1\n|source = \\{ (registry|git|virtual|editable) = 'https://x\\.example' \\}\n|dependencies = \\[(\\{ name = 'a' \\}|'a>=1')\\]\n|lock-version = '1'\n|.{0,6}\n){0,14}") {
        assert_spans(&text, &parse(&text), |written, value| written == value || written.contains('\\'));
    }
}
