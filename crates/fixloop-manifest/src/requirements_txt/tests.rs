use std::fmt::Write;

use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/requirements_txt", "*.txt", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let read = parse(&text);
        let mut shown = render(&text, &read.parsed);
        for it in &read.includes {
            assert_eq!(it.path_span.slice(&text), Some(&*it.path));
            writeln!(shown, "{:?} {}", it.kind, it.path).unwrap();
        }
        insta::assert_snapshot!(shown);
    });
}

/// Across a continuation the file has `\` and a line break where the value has blanks.
fn as_written(written: &str, value: &str) -> bool {
    let joined = |text: &str| text.replace(['\\', '\r', '\n', ' '], "");
    written == value || written.contains('\n') && joined(written) == joined(value)
}

/// The registry of packages without an address.
#[test]
fn registries_are_those_of_the_whole_file() {
    #[track_caller]
    fn check(options: &str, expected: &Source) {
        let read = parse(&format!("a==1\n{options}\n"));
        assert_eq!(&read.parsed.components[0].source, expected, "{options}");
        assert!(read.parsed.problems.is_empty());
    }
    let corp = || Source::Registry { host: "pypi.corp.example".to_owned() };
    check("", &Source::PublicRegistry);
    check("-i https://pypi.corp.example/simple", &corp());
    check("--index-url=https://user:key@pypi.corp.example/simple", &corp());
    check("--extra-index-url https://pypi.corp.example/simple", &Source::Unknown);
    check("-i https://pypi.corp.example/a\n--extra-index-url https://pypi.corp.example/b", &corp());
    check("--no-index\n--find-links ./wheels", &Source::Unknown);
    check("-f https://wheels.example/", &Source::PublicRegistry);
}

#[test]
fn what_is_no_requirements_file_is_a_whole_file_problem() {
    let one_line = parse("\u{0}\u{1}ELF").parsed;
    assert!(one_line.problems.iter().any(|it| it.whole_file), "{one_line:?}");
    let parsed = parse("\u{0}\u{1}ELF\n\u{2}\u{3}\n").parsed;
    assert!(parsed.problems.iter().any(|it| it.whole_file), "{parsed:?}");
}

/// Read by hand: compiled with hashes and `# via` comments.
#[test]
fn corpus_file_that_was_compiled() {
    let Some(text) =
        corpus::text("requirements.txt/google__osv.dev__docker__poetry__requirements.txt")
    else {
        return;
    };
    let names = [
        "anyio",
        "build",
        "cachecontrol",
        "certifi",
        "cffi",
        "h11",
        "httpcore",
        "httpx",
        "poetry",
        "urllib3",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text).parsed, &names), @r"
    7:1 anyio 4.12.1 transitive - public < poetry@2.3.4 > pbs-installer@2025.12.17 > httpx@0.28.1
    11:1 build 1.4.0 transitive - public < poetry@2.3.4
    15:1 cachecontrol 0.14.4 transitive - public < poetry@2.3.4
    19:1 certifi 2026.1.4 transitive - public < poetry@2.3.4 > requests@2.33.0
    26:1 cffi 2.0.0 transitive - public < poetry@2.3.4 > keyring@25.7.0 > secretstorage@3.5.0 > cryptography@50.0.0
    391:1 h11 0.16.0 transitive - public < poetry@2.3.4 > pbs-installer@2025.12.17 > httpx@0.28.1 > httpcore@1.0.9
    395:1 httpcore 1.0.9 transitive - public < poetry@2.3.4 > pbs-installer@2025.12.17 > httpx@0.28.1
    399:1 httpx 0.28.1 transitive - public < poetry@2.3.4 > pbs-installer@2025.12.17
    532:1 poetry 2.3.4 direct - public
    662:1 urllib3 2.7.0 transitive - public < poetry@2.3.4 > dulwich@1.2.5
    ");
}

/// Read by hand: pins, ranges and packages from git.
#[test]
fn corpus_file_written_by_hand() {
    let Some(text) = corpus::text(
        "requirements.txt/_historic/DefectDojo__django-DefectDojo__requirements.txt@2020-07-13-e4553ba4",
    ) else {
        return;
    };
    let names = [
        "asteval",
        "bleach",
        "django-custom-field",
        "django-dbbackup",
        "django_extensions",
        "django-tastypie-swagger",
        "Django",
        "lxml",
        "Pillow",
        "pandas",
        "sqlalchemy",
        "urllib3",
        "django-saml2-auth",
    ];
    let tagged = "git+https://github.com/DefectDojo";
    insta::assert_snapshot!(render_named(&text, &parse(&text).parsed, &names).replace(tagged, "DOJO"), @r"
    2:1 asteval 0.9.18 - - public
    3:1 bleach [>=3.1.0] - - public
    9:104 django-custom-field - - - git DOJO/django-custom-field.git@4e095dd9119858e90fd21560e5618c6347e4ef1b
    10:1 django-dbbackup [>=3.2.0] - - public
    17:1 django_extensions 3.0.2 - - public
    21:108 django-tastypie-swagger - - - git DOJO/django-tastypie-swagger.git@c7c5629480dc20cadd3015490a01bd8e70393c36
    25:1 Django 2.2.14 - - public
    32:1 lxml 4.5.1 - - public
    35:1 pandas [>=0.25] - - public
    38:1 Pillow 7.2.0 - - public
    46:1 sqlalchemy - - - public
    48:1 urllib3 1.25.9 - - public
    62:1 django-saml2-auth 2.2.1 - - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("requirements.txt", |path, text| {
        let parsed = parse(text).parsed;
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((-r|-e|-i|--hash=|a|b\\[x\\]|git[+]|[.]/)? ?(==|>=|@|;|#egg=|# via)? ?[a-z0-9.,*()]{0,5} ?(\\\\)?\r?\n|.{0,9}\n?){0,20}") {
        let read = parse(&text);
        for it in &read.includes {
            prop_assert!(as_written(it.path_span.slice(&text).unwrap(), &it.path));
        }
        assert_spans(&text, &read.parsed, as_written);
    }
}
