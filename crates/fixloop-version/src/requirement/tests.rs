mod ecosystems;

use proptest::prelude::*;

use super::*;
use crate::Scheme;

/// `requirement` admits the first list and none of the second; versions stand between blanks.
#[track_caller]
fn check(syntax: Syntax, requirement: &str, admitted: &str, refused: &str) {
    let parsed = Requirement::parse(syntax, requirement).unwrap_or_else(|error| panic!("{error}"));
    let scheme = scheme_of(syntax);
    for (versions, expected) in [(admitted, true), (refused, false)] {
        for version in versions.split_whitespace() {
            let version = scheme.parse(version).expect("a version");
            assert_eq!(parsed.admits(&version), expected, "{requirement} admits {version}");
        }
    }
}

pub(super) fn scheme_of(syntax: Syntax) -> Scheme {
    match syntax {
        Syntax::Npm | Syntax::Cargo | Syntax::Hex | Syntax::Go => Scheme::SemVer,
        Syntax::Pep440 => Scheme::Pep440,
        Syntax::Composer => Scheme::Packagist,
        Syntax::RubyGems => Scheme::RubyGems,
        Syntax::NuGet => Scheme::NuGet,
        Syntax::Maven => Scheme::Maven,
        Syntax::Pub => Scheme::Pub,
    }
}

/// The tables of <https://github.com/npm/node-semver#advanced-range-syntax>.
#[test]
fn npm_ranges() {
    let check = |requirement, admitted, refused| check(Syntax::Npm, requirement, admitted, refused);
    check("1.2.3 - 2.3.4", "1.2.3 2.3.4", "1.2.2 2.3.5");
    check("1.2 - 2.3.4", "1.2.0", "1.1.9");
    check("1.2.3 - 2.3", "2.3.9", "2.4.0");
    check("1.2.3 - 2", "2.9.9", "3.0.0");
    check("*", "0.0.0 9.9.9", "1.0.0-rc.1");
    check("", "0.0.0 9.9.9", "");
    check("1.x", "1.0.0 1.9.9", "2.0.0 0.9.9 2.0.0-alpha");
    check("1.2.x", "1.2.0 1.2.9", "1.3.0");
    check("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2");
    check("~1.2", "1.2.0", "1.3.0");
    check("~> 1", "1.0.0 1.9.0", "2.0.0");
    check("~0.2.3-beta.2", "0.2.3-beta.2 0.2.3-beta.4 0.2.4", "0.2.4-beta.2 0.3.0");
    check("^1.2.3", "1.2.3 1.9.9", "2.0.0 1.2.2 2.0.0-0");
    check("^0.2.3", "0.2.3 0.2.9", "0.3.0");
    check("^0.0.3", "0.0.3", "0.0.4");
    check("^1.2.3-beta.2", "1.2.3-beta.2 1.2.3 1.9.0", "1.2.4-beta.2");
    check("^0.0.x", "0.0.0 0.0.9", "0.1.0");
    check("^0.0", "0.0.9", "0.1.0");
    check("^0.x", "0.0.0 0.9.9", "1.0.0");
    check(">1.2", "1.3.0", "1.2.9");
    check("<=1.2", "1.2.9", "1.3.0");
    check("<1.2", "1.1.9", "1.2.0");
    check(">= 1.2.7 <1.3.0", "1.2.7 1.2.99", "1.2.6 1.3.0");
    check("1.2.7 || >=1.2.9 <2.0.0", "1.2.7 1.2.9 1.4.6", "1.2.8 2.0.0");
    check("=v1.2.3", "1.2.3", "1.2.4");
    check(">*", "", "0.0.0 1.0.0");
    check("^18446744073709551616.1.0", "18446744073709551616.2.0", "18446744073709551617.0.0");
}

/// The tables of the Cargo book.
#[test]
fn cargo_requirements() {
    let check =
        |requirement, admitted, refused| check(Syntax::Cargo, requirement, admitted, refused);
    check("1.2.3", "1.2.3 1.9.0", "2.0.0 1.2.2");
    check("1.2", "1.2.0 1.9.0", "2.0.0");
    check("1", "1.0.0 1.9.0", "2.0.0");
    check("0.2.3", "0.2.3 0.2.9", "0.3.0");
    check("0.0.3", "0.0.3", "0.0.4");
    check("0.0", "0.0.9", "0.1.0");
    check("0", "0.9.0", "1.0.0");
    check("~1.2.3", "1.2.9", "1.3.0");
    check("~1", "1.9.0", "2.0.0");
    check("1.*", "1.9.0", "2.0.0");
    check("1.2.*", "1.2.9", "1.3.0");
    check("*", "0.0.1 9.0.0", "1.0.0-rc.1");
    check(">= 1.2, < 1.5", "1.2.0 1.4.9", "1.5.0 1.1.9");
    check("=1.2", "1.2.9", "1.3.0");
    check("> 1.2", "1.3.0", "1.2.9");
    check("^1.0.0-rc.1,", "1.0.0-rc.2 1.0.0", "1.0.1-rc.1");
}

/// The examples of the specification.
#[test]
fn python_specifiers() {
    let check =
        |requirement, admitted, refused| check(Syntax::Pep440, requirement, admitted, refused);
    check("", "1.0 2.0", "1.0rc1");
    check("~=2.2", "2.2 2.9", "3.0 2.1");
    check("~=1.4.5", "1.4.5 1.4.9", "1.5 1.4.4");
    check("~=2.2.post3", "2.2.post3 2.3", "3.0 2.2");
    check("~=1.4.5a4", "1.4.5a4 1.4.5 1.4.9", "1.5 1.4.5a3");
    check("~=2.2.0", "2.2 2.2.5", "2.3");
    check("==1.1", "1.1 1.1.0 1.1+local", "1.1.post1 1.1a1 1.1.dev1");
    check("==1.1.post1", "1.1.post1", "1.1");
    check("==1.1.*", "1.1 1.1.post1 1.1.5 1.1+x", "1.1a1 1.2 1.0");
    check("==1.1.*,>=1.1a1", "1.1a1", "1.2a1");
    check("!=1.1", "1.1.post1 1.0", "1.1 1.1.0");
    check("!=1.1.*", "1.2 1.0", "1.1.post1 1.1.5");
    check(">1.7", "1.7.1 1.8", "1.7 1.7.0.post1 1.7+local");
    check(">1.7.post2", "1.7.1 1.7.0.post3", "1.7.0 1.7.post2");
    check("<1.7", "1.6", "1.7 1.7rc1");
    check("<=1.7", "1.7 1.7+local", "1.8");
    check(">=1.0,!=1.3,<2", "1.0 1.4", "1.3 2.0 0.9");
    check("===1.0+downstream1", "1.0+downstream1", "1.0");
    check(">=1!0", "1!1.0", "99.0");
    check("===2004d", "2004d", "2005");
}

#[test]
fn one_version_is_told() {
    let check = |syntax, requirement, expected: Option<&str>| {
        assert_eq!(
            Requirement::parse(syntax, requirement).unwrap().exact(),
            expected,
            "{requirement}"
        );
    };
    check(Syntax::Npm, "1.2.3", Some("1.2.3"));
    check(Syntax::Npm, " =1.2.3 ", Some("1.2.3"));
    check(Syntax::Npm, "1.2", None);
    check(Syntax::Npm, "1.2.3 || 1.2.4", None);
    check(Syntax::Cargo, "=1.2.3", Some("1.2.3"));
    check(Syntax::Cargo, "1.2.3", None);
    check(Syntax::Pep440, "== 1.2.3", Some("1.2.3"));
    check(Syntax::Pep440, "===1.2", Some("1.2"));
    check(Syntax::Pep440, "==1.2.*", None);
    check(Syntax::Pep440, "", None);
}

#[test]
fn what_is_no_requirement() {
    for (syntax, text) in [
        (Syntax::Npm, "latest"),
        (Syntax::Npm, "file:../x"),
        (Syntax::Npm, ">="),
        (Syntax::Npm, "=>1"),
        (Syntax::Cargo, ""),
        (Syntax::Cargo, "a"),
        (Syntax::Cargo, "1.2.3.4"),
        (Syntax::Cargo, "1,,2"),
        (Syntax::Pep440, "1.0"),
        (Syntax::Pep440, "=1.0"),
        (Syntax::Pep440, "====1.0"),
        (Syntax::Pep440, "~=1"),
        (Syntax::Pep440, ">=1.*"),
        (Syntax::Pep440, ">=1.0 <2"),
    ] {
        assert!(Requirement::parse(syntax, text).is_err(), "{syntax}: {text:?}");
    }
}

#[test]
fn dependency_specifiers_are_split() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match pep508::parse(text) {
            Ok(it) => {
                let part = |range: &Option<std::ops::Range<usize>>| {
                    range.as_ref().map_or("-", |it| &text[it.clone()]).to_owned()
                };
                let extras: Vec<&str> = it.extras.iter().map(|it| &text[it.clone()]).collect();
                let (specifier, url, marker) =
                    (part(&it.specifier), part(&it.url), part(&it.marker));
                format!(
                    "{} | {} | {specifier} | {url} | {marker}",
                    &text[it.name.clone()],
                    extras.join(" ")
                )
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{text:?}");
    }
    check("requests", "requests |  | - | - | -");
    check(
        " requests [security,tests] >= 2.8.1, == 2.8.* ; python_version < \"2.7\"",
        "requests | security tests | >= 2.8.1, == 2.8.* | - | python_version < \"2.7\"",
    );
    check(
        "pip @ https://x.example/pip.zip#sha1=a;b ; os_name == 'nt'",
        "pip |  | - | https://x.example/pip.zip#sha1=a;b | os_name == 'nt'",
    );
    check("name (>=1,<2)", "name |  | >=1,<2 | - | -");
    check("A.B-C_D==1", "A.B-C_D |  | ==1 | - | -");
    check("", "expected a name");
    check("-x", "expected a name");
    check("a[b", "expected `]`");
    check("a (>=1", "expected `)`");
    check("a b", "expected a version specifier, `@` or `;`");
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in "[ <>=~^|,.*xv0-9a-z!+;@()\\[\\]-]{0,24}", version in "[0-9]{1,2}([.][0-9]{1,2}){0,3}(-?[ab]1)?") {
        for (syntax, scheme) in [(Syntax::Npm, Scheme::SemVer), (Syntax::Cargo, Scheme::SemVer), (Syntax::Pep440, Scheme::Pep440)] {
            let requirement = Requirement::parse(syntax, &text);
            if let (Ok(requirement), Ok(version)) = (requirement, scheme.parse(&version)) {
                requirement.admits(&version);
                if let Some(exact) = requirement.exact() && let Ok(exact) = scheme.parse(exact) {
                    prop_assert!(requirement.admits(&exact), "{} {}", syntax, text);
                }
            }
        }
        if let Ok(it) = pep508::parse(&text) {
            prop_assert!(text.get(it.name).is_some());
        }
    }

    /// A caret or tilde range is an interval that holds what it names.
    #[test]
    fn ranges_hold_their_lower_end(version in "[0-3][.][0-3][.][0-3]", other in "[0-3][.][0-3][.][0-3]") {
        let parse = |text: &str| Scheme::SemVer.parse(text).unwrap();
        for operator in ["^", "~", ">=", "=", "<="] {
            let requirement = Requirement::parse(Syntax::Npm, &format!("{operator}{version}")).unwrap();
            prop_assert!(requirement.admits(&parse(&version)));
            if matches!(operator, "^" | "~" | ">=") && requirement.admits(&parse(&other)) {
                prop_assert!(parse(&other) >= parse(&version));
            }
        }
    }
}

#[track_caller]
fn check_floor(syntax: Syntax, requirement: &str, expected: Option<&str>) {
    let parsed = Requirement::parse(syntax, requirement).unwrap_or_else(|error| panic!("{error}"));
    let expected = expected.map(|it| scheme_of(syntax).parse(it).expect("a version"));
    assert_eq!(parsed.floor(), expected, "{requirement}");
}

#[test]
fn a_requirement_begins_at_its_lowest_version() {
    check_floor(Syntax::Npm, "^4.17.0", Some("4.17.0"));
    check_floor(Syntax::Npm, "4.x", Some("4.0.0"));
    check_floor(Syntax::Npm, "1.2 - 2", Some("1.2.0"));
    check_floor(Syntax::Npm, ">=3 <4 || ^1.5.0", Some("1.5.0"));
    check_floor(Syntax::Npm, "*", Some("0"));
    check_floor(Syntax::Npm, "", None);
    check_floor(Syntax::Npm, "<2", None);
    check_floor(Syntax::Npm, ">1.0.0", None);
    check_floor(Syntax::Npm, ">=1.0.0-rc.1", Some("1.0.0-rc.1"));
    check_floor(Syntax::Cargo, "1.0", Some("1.0.0"));
    check_floor(Syntax::Cargo, "0.3.*", Some("0.3.0"));
    check_floor(Syntax::Pep440, "~=2.10", Some("2.10"));
    check_floor(Syntax::Pep440, "==2.10.*", Some("2.10"));
    check_floor(Syntax::Pep440, ">=2.0,<3,!=2.0", None);
    check_floor(Syntax::RubyGems, "~> 6.0, >= 6.0.4.1", Some("6.0.4.1"));
    check_floor(Syntax::Composer, "^6.2 || ^7", Some("6.2"));
    check_floor(Syntax::NuGet, "[1.0,2.0)", Some("1.0"));
    check_floor(Syntax::NuGet, "1.*", Some("1.0"));
    check_floor(Syntax::Go, "v1.2.3", Some("v1.2.3"));
}
