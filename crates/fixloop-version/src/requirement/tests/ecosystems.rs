//! Each table follows the page that its grammar names.

use proptest::prelude::*;

use super::{check, scheme_of};
use crate::{Requirement, Syntax, Version};

#[track_caller]
fn refuse(syntax: Syntax, texts: &[&str]) {
    for text in texts {
        assert!(Requirement::parse(syntax, text).is_err(), "`{text}` is read as {syntax}");
    }
}

#[track_caller]
fn check_exact(syntax: Syntax, text: &str, exact: Option<&str>, selected: Option<&str>) {
    let requirement = Requirement::parse(syntax, text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((requirement.exact(), requirement.selected()), (exact, selected), "{text}");
}

#[test]
fn composer_constraints() {
    let check =
        |requirement, admitted, refused| check(Syntax::Composer, requirement, admitted, refused);
    check("1.0.2", "1.0.2 v1.0.2 1.0.2.0", "1.0.3 1.0.2-beta1");
    check(">=1.0", "1.0.0 9.0.0", "0.9.9 1.1.0-beta1");
    check(">=1.0 <2.0", "1.0.0 1.9.9", "2.0.0 2.0.0-beta1");
    check(">=1.0,<2.0", "1.0.0 1.9.9", "2.0.0");
    check(">=1.0 <1.1 || >=1.2", "1.0.5 1.2.0", "1.1.0");
    check("1.0 - 2.0", "1.0.0 2.0.9", "2.1.0 0.9.9");
    check("1.0.0 - 2.1.0", "1.0.0 2.1.0", "2.1.1");
    check("1.0.*", "1.0.0 1.0.9", "1.1.0 0.9.9");
    check("1.*", "1.0.0 1.9.9", "2.0.0");
    check("*", "0.0.1 9.9.9", "1.0.0-beta1");
    check("~1.2", "1.2.0 1.9.9", "2.0.0 1.1.9");
    check("~1.2.3", "1.2.3 1.2.9", "1.3.0");
    check("~1", "1.0.0 1.9.9", "2.0.0");
    check("^1.2.3", "1.2.3 1.9.9", "2.0.0 1.2.2");
    check("^0.3", "0.3.0 0.3.9", "0.4.0");
    check("^0.0.3", "0.0.3", "0.0.4");
    check("!=1.0.5", "1.0.4 1.0.6", "1.0.5");
    check(">1.2", "1.2.1", "1.2.0");
    check("<=1.2", "1.2.0", "1.2.1");
    check("^1.0@beta", "1.0.0-beta1 1.5.0", "2.0.0-beta1 2.0.0");
    check("1.0.0-beta2", "1.0.0-beta2", "1.0.0-beta1 1.0.0");
    check("^2.0@dev", "2.0.0-dev 2.0.0-beta1 2.4.0", "3.0.0-dev");
    check(">= 1.0", "1.0.0", "0.9");
    check("^1.0-beta", "1.0.0-beta1 1.4.0", "2.0.0-beta1");
    check("<2.0-beta", "1.9.9", "2.0.0-alpha1");
    check("^1 | ^2", "1.0.0 2.5.0", "3.0.0");
    refuse(
        Syntax::Composer,
        &["", "dev-main", "dev-main#0123", "1.0@stabel", "^", "latest", ">=", "a/b"],
    );
    check_exact(Syntax::Composer, "v1.2.3", Some("1.2.3"), None);
    check_exact(Syntax::Composer, "1.2.*", None, None);
    check_exact(Syntax::Composer, "1.0 || 2.0", None, None);
}

#[test]
fn gem_requirements() {
    let check =
        |requirement, admitted, refused| check(Syntax::RubyGems, requirement, admitted, refused);
    check("1.2.3", "1.2.3 1.2.3.0", "1.2.4");
    check("= 1.2", "1.2 1.2.0", "1.2.1");
    check("!= 1.2", "1.1 1.3", "1.2");
    check("> 1.2", "1.2.1", "1.2");
    check(">= 1.2", "1.2 2.0", "1.1 2.0.pre");
    check("< 2", "1.9.9", "2.0 2.0.1");
    check("<= 2", "2.0", "2.0.1");
    check("~> 2.2", "2.2.0 2.3 2.9.9", "3.0 2.1.9 3.0.pre");
    check("~> 2.2.0", "2.2.0 2.2.9", "2.3.0 2.3.0.pre");
    check("~> 2", "2.0 2.9", "3.0");
    check("~> 2.2, >= 2.2.1", "2.2.1 2.9", "2.2.0 3.0");
    check(">= 1.0.a", "1.0.a 1.0.b 1.0", "1.0.A");
    check("~> 1.0.rc1", "1.0.rc1 1.0 1.9", "2.0 0.9");
    check(">=1,!=1.5,<2", "1.0 1.6", "1.5 2.0");
    check("~> 0.9.99999999999999999999", "0.9.99999999999999999999", "0.10");
    refuse(Syntax::RubyGems, &["", ">=", "~>", "~> a", ">= 1 < 2", ">= 1,", "=> 1", "1..2"]);
    check_exact(Syntax::RubyGems, "= 1.2.3", Some("1.2.3"), None);
    check_exact(Syntax::RubyGems, "~> 1.2.3", None, None);
}

#[test]
fn nuget_ranges() {
    let check =
        |requirement, admitted, refused| check(Syntax::NuGet, requirement, admitted, refused);
    check("1.0", "1.0 1.0.0.0 2.0", "0.9 2.0-beta");
    check("[1.0,)", "1.0 9.0", "0.9");
    check("(1.0,)", "1.0.1", "1.0");
    check("[1.0]", "1.0 1.0.0", "1.0.1 0.9");
    check("(,1.0]", "0.1 1.0", "1.0.1");
    check("(,1.0)", "0.1", "1.0");
    check("[1.0,2.0]", "1.0 1.5 2.0", "2.0.1 0.9");
    check("(1.0,2.0)", "1.0.1", "1.0 2.0");
    check("[1.0,2.0)", "1.0", "2.0");
    check("1.*", "1.0 1.9", "2.0 1.5-beta");
    check("1.2.*", "1.2.0 1.2.9", "1.3.0");
    check("*", "0.1 9.0", "1.0-beta");
    check("1.2.*-*", "1.2.0-beta 1.2.5 1.2.9-rc", "1.3.0-alpha 1.3.0");
    check("*-*", "1.0-beta 1.0", "");
    check("1.0.0-beta.*", "1.0.0-beta.1 1.0.0-beta.9 1.0.0", "1.0.0-alpha 1.0.1");
    check("[1.0.0-beta,2.0)", "1.0.0-beta 1.0.0 1.5.0-rc", "1.0.0-alpha 2.0");
    refuse(
        Syntax::NuGet,
        &["", "(1.0)", "[1.0", "1.0]", "[1.0,2.0,3.0]", "$(Version)", "1.*.2", "latest", "[a]"],
    );
    check_exact(Syntax::NuGet, "1.2.3", None, Some("1.2.3"));
    check_exact(Syntax::NuGet, "[1.2.3]", Some("1.2.3"), Some("1.2.3"));
    check_exact(Syntax::NuGet, "[1.2.3, 2.0)", None, Some("1.2.3"));
    check_exact(Syntax::NuGet, "(1.2.3, 2.0)", None, None);
    check_exact(Syntax::NuGet, "1.*", None, None);
}

#[test]
fn maven_requirements() {
    let check =
        |requirement, admitted, refused| check(Syntax::Maven, requirement, admitted, refused);
    check("1.0", "0.9 1.0 2.0 1.0-SNAPSHOT", "");
    check("[1.0]", "1.0 1.0.0", "1.0.1");
    check("(,1.0]", "0.9 1.0", "1.1");
    check("[1.2,1.3]", "1.2 1.2.5 1.3", "1.3.1 1.1");
    check("[1.0,2.0)", "1.0 1.9 2.0-SNAPSHOT", "2.0");
    check("[1.5,)", "1.5 9.0", "1.4");
    check("(,1.0],[1.2,)", "0.9 1.0 1.2 2.0", "1.1");
    check("(,1.1),(1.1,)", "1.0 1.2", "1.1");
    check("[1.0, 2.0]", "1.5", "2.1");
    check("[1],[3]", "1 3", "2");
    check("(1,2]", "1.1 2", "1 2.1");
    check("[1.0.0.RELEASE]", "1.0.0.RELEASE", "1.0.1");
    check("(,)", "1 2", "");
    check("[1.0-alpha,1.0)", "1.0-alpha 1.0-beta", "1.0");
    check("99999999999999999999", "1", "");
    refuse(
        Syntax::Maven,
        &["", "${spring.version}", "[1.0", "(1.0)", "[1.0],", "[1.0]x", "1.0,2.0", "1.0]"],
    );
    check_exact(Syntax::Maven, "1.0", None, Some("1.0"));
    check_exact(Syntax::Maven, "[1.0]", Some("1.0"), None);
    check_exact(Syntax::Maven, "[1.0,2.0]", None, None);
}

#[test]
fn pub_constraints() {
    let check = |requirement, admitted, refused| check(Syntax::Pub, requirement, admitted, refused);
    check("any", "0.0.1 9.0.0 1.0.0-dev", "");
    check("", "0.0.1 9.0.0", "");
    check("^1.2.3", "1.2.3 1.9.9 1.3.0-dev", "2.0.0 2.0.0-dev 1.2.2");
    check("^0.1.2", "0.1.2 0.1.9", "0.2.0 0.2.0-dev 0.1.1");
    check("^0.0.3", "0.0.3 0.0.9", "0.1.0");
    check("1.2.3", "1.2.3", "1.2.4 1.2.3+1");
    check(">=1.2.3", "1.2.3 2.0.0", "1.2.2");
    check(">1.2.3", "1.2.4", "1.2.3");
    check("<=1.2.3", "1.2.3 1.0.0", "1.2.4");
    check("<1.2.3", "1.2.2", "1.2.3 1.2.3-dev");
    check(">=2.0.0 <3.0.0", "2.0.0 2.9.9", "3.0.0 3.0.0-dev");
    check(">=2.0.0<3.0.0", "2.0.0", "3.0.0");
    check(">=1.0.0-a <1.0.0", "1.0.0-a 1.0.0-b", "1.0.0");
    check("<2.0.0-rc", "2.0.0-beta", "2.0.0-rc");
    check("^1.0.0-dev", "1.0.0-dev 1.0.0", "2.0.0-dev");
    refuse(Syntax::Pub, &["^", "^1.2", "^^1.2.3", "!=1.2.3", "latest", ">= <", "path: x"]);
    check_exact(Syntax::Pub, "1.2.3", Some("1.2.3"), None);
    check_exact(Syntax::Pub, "^1.2.3", None, None);
}

#[test]
fn hex_requirements() {
    let check = |requirement, admitted, refused| check(Syntax::Hex, requirement, admitted, refused);
    check("2.0.0", "2.0.0", "2.0.1");
    check("== 2.0.0", "2.0.0", "2.0.1");
    check("!= 2.0.0", "2.0.1", "2.0.0");
    check("> 2.0.0", "2.0.1", "2.0.0");
    check(">= 2.0.0", "2.0.0 3.0.0", "1.9.9 3.0.0-dev");
    check("< 2.0.0", "1.9.9", "2.0.0");
    check("<= 2.0.0", "2.0.0", "2.0.1");
    check("~> 2.0.0", "2.0.0 2.0.9", "2.1.0 2.1.0-dev");
    check("~> 2.1.2", "2.1.2 2.1.9", "2.2.0 2.1.1");
    check("~> 2.1.3-dev", "2.1.3-dev 2.1.3", "2.2.0");
    check("~> 2.0", "2.0.0 2.9.9", "3.0.0 3.0.0-rc.1");
    check("~> 2.1", "2.1.0 2.9.0", "3.0.0 2.0.9");
    check(">= 1.0.0 and < 2.0.0", "1.0.0 1.9.9", "2.0.0");
    check("~> 1.0 or ~> 3.0", "1.5.0 3.1.0", "2.0.0");
    check("~> 1.0 and != 1.2.0 or 3.0.0", "1.1.0 3.0.0", "1.2.0 2.0.0");
    refuse(
        Syntax::Hex,
        &["", "2", "2.0", "~> 2", ">= 1.0.0 and", "or", ">= 1.0.0, < 2.0.0", "latest"],
    );
    check_exact(Syntax::Hex, "== 2.0.0", Some("2.0.0"), None);
    check_exact(Syntax::Hex, "~> 2.0.0", None, None);
}

#[test]
fn go_requirements() {
    let check = |requirement, admitted, refused| check(Syntax::Go, requirement, admitted, refused);
    check("v1.2.3", "v1.2.3 v1.9.0 v1.3.0-rc.1", "v1.2.2 v2.0.0 v2.0.0-rc.1");
    check("v0.1.0", "v0.1.0 v0.9.0 v1.5.0", "v0.0.9 v2.0.0");
    check("v2.1.0", "v2.1.0 v2.9.0", "v2.0.9 v3.0.0 v1.0.0");
    check("v2.0.0+incompatible", "v2.0.0+incompatible v3.0.0+incompatible", "v1.9.9");
    check(
        "v0.0.0-20210101000000-abcdefabcdef",
        "v0.0.0-20220101000000-abcdefabcdef v0.0.1 v1.0.0",
        "v0.0.0-20200101000000-abcdefabcdef",
    );
    check("v1.2.3-pre", "v1.2.3-pre v1.2.3", "v1.2.2");
    refuse(Syntax::Go, &["", "1.2.3", "v1", "v1.2", "master", "latest", ">=v1.2.3"]);
    check_exact(Syntax::Go, "v1.2.3", None, None);
}

const NEW: [Syntax; 7] = [
    Syntax::Composer,
    Syntax::RubyGems,
    Syntax::NuGet,
    Syntax::Maven,
    Syntax::Pub,
    Syntax::Hex,
    Syntax::Go,
];

fn version(syntax: Syntax, numbers: (u8, u8, u8)) -> Version {
    let (major, minor, patch) = numbers;
    scheme_of(syntax)
        .parse(format!("v{major}.{minor}.{patch}").trim_start_matches(
            if matches!(syntax, Syntax::RubyGems | Syntax::Maven | Syntax::Pub) { "v" } else { "" },
        ))
        .expect("a version")
}

/// One interval in the syntax: at least `a`, below `b`.
fn between(syntax: Syntax, a: (u8, u8, u8), b: (u8, u8, u8)) -> String {
    let text = |(x, y, z): (u8, u8, u8)| format!("{x}.{y}.{z}");
    let (a, b) = (text(a), text(b));
    match syntax {
        Syntax::NuGet | Syntax::Maven => format!("[{a},{b})"),
        Syntax::RubyGems => format!(">= {a}, < {b}"),
        Syntax::Hex => format!(">= {a} and < {b}"),
        Syntax::Composer | Syntax::Pub => format!(">={a} <{b}"),
        // Go has no upper bound of its own.
        Syntax::Go => format!("v{a}"),
        Syntax::Npm | Syntax::Cargo | Syntax::Pep440 => unreachable!("not among the new ones"),
    }
}

fn numbers() -> impl Strategy<Value = (u8, u8, u8)> {
    (0_u8..4, 0_u8..4, 0_u8..4)
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([~^<>=!|,()\\[\\]*@#. -]|and|or|any|as|v|dev-|beta|[0-9]{1,2}|é){0,12}") {
        for syntax in NEW {
            if let Ok(requirement) = Requirement::parse(syntax, &text) {
                for versions in ["1.0.0", "0.9", "2.0.0-rc.1"] {
                    if let Ok(version) = scheme_of(syntax).parse(versions) {
                        let is_named = requirement.exact().is_some();
                        let equals = requirement.exact().and_then(|it| scheme_of(syntax).parse(it).ok()).is_some_and(|it| it == version);
                        prop_assert!(!is_named || requirement.admits(&version) == equals);
                    }
                }
            }
        }
    }

    /// An interval admits exactly what lies in it, whatever the order of the list.
    #[test]
    fn intervals_admit_what_lies_between(a in numbers(), b in numbers(), listed in prop::collection::vec(numbers(), 0..12)) {
        for syntax in NEW {
            let requirement = Requirement::parse(syntax, &between(syntax, a, b)).expect("a requirement");
            let versions: Vec<Version> = listed.iter().map(|it| version(syntax, *it)).collect();
            let (lower, upper) = (version(syntax, a), version(syntax, b));
            let is_inside = |it: &&Version| **it >= lower && match syntax {
                Syntax::Go => (a.0 < 2) == (it.as_str() < "v2") && (a.0 < 2 || it.as_str()[1..2] == a.0.to_string()),
                _ => **it < upper,
            };
            let mut expected: Vec<&Version> = versions.iter().filter(is_inside).collect();
            expected.sort();
            prop_assert_eq!(requirement.admitted(&versions), expected, "{}", requirement);
        }
    }

    #[test]
    fn other_schemes_are_never_admitted(a in numbers()) {
        for syntax in NEW {
            let requirement = Requirement::parse(syntax, &between(syntax, (0, 0, 0), (9, 0, 0))).expect("a requirement");
            for other in crate::Scheme::ALL.iter().filter(|it| **it != scheme_of(syntax)) {
                let text = format!("{}.{}.{}", a.0, a.1, a.2);
                if let Ok(version) = other.parse(&text) {
                    prop_assert!(!requirement.admits(&version));
                }
            }
        }
    }
}

#[test]
fn hostile_texts_cost_no_more_than_their_length() {
    for syntax in NEW {
        for text in ["||", ">=1.0.0 ", "[1.0],", ">= 1.0.0 or ", ">= 1,", "~> "] {
            let text = text.repeat(100_000);
            // Too long for anybody to have written it; just short of that it is read in no time.
            assert!(Requirement::parse(syntax, &text).is_err(), "{syntax} reads {}", &text[..9]);
            let short = &text[..(16 << 10) - 16];
            let is_read = Requirement::parse(syntax, short).is_ok();
            // To Maven any word without brackets and blanks is a version.
            let is_word = syntax == Syntax::Maven && short.starts_with('|');
            assert!(!is_read || is_word, "{syntax} reads {}", &text[..9]);
        }
    }
}
