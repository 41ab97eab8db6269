use proptest::prelude::*;

use crate::requirement::tests::scheme_of;
use crate::{Requirement, Syntax};

/// Each line is `requirement | target | expected`; `-` where it cannot be done.
#[track_caller]
fn check(syntax: Syntax, table: &str) {
    for line in table.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let columns: Vec<&str> = line.split(" => ").collect();
        let [requirement, target, expected] = columns[..] else { panic!("no table row: {line}") };
        let target = scheme_of(syntax).parse(target).unwrap();
        let requirement = requirement.trim_matches('\'');
        let raised = Requirement::raised(syntax, requirement, &target);
        assert_eq!(raised.as_deref().unwrap_or("-"), expected, "{requirement} for {target}");
    }
}

#[test]
fn npm() {
    check(
        Syntax::Npm,
        r"
        ^4.17.0 => 4.17.21 => ^4.17.21
        ^4 => 4.17.21 => ^4.17.21
        ^4 => 5.0.0 => ^5
        ^4.1 => 5.2.0 => ^5.2
        ~1.2 => 1.2.7 => ~1.2.7
        ~1.2 => 1.4.3 => ~1.4.3
        ~1 => 1.4.3 => ^1.4.3
        ~1 => 2.4.3 => ^2.4.3
        ^0 => 0.5.3 => ^0 >=0.5.3
        ^0.2.1 => 0.3.4 => ^0.3.4
        1.x => 1.5.3 => ^1.5.3
        1 => 1.5.3 => ^1.5.3
        1.2.x => 1.2.5 => ~1.2.5
        1.2.x => 2.2.5 => ~2.2.5
        0.x => 0.5.3 => 0.x >=0.5.3
        * => 1.5.3 => >=1.5.3
        '' => 1.5.3 => >=1.5.3
        1.2.3 => 1.2.4 => 1.2.4
        =v1.2.3 => 1.2.4 => =v1.2.4
        >=1 <3 => 2.5.0 => >=2.5.0 <3
        >=1 <3 => 3.5.1 => >=3.5.1 <4
        >1.0.0 => 3.5.1 => >=3.5.1
        >= 1.0.0 < 2.0.0 => 2.1.3 => >= 2.1.3 < 3.0.0
        >=1.0.0 <=1.5.3 => 1.6.0 => >=1.6.0 <=1.6.0
        <2 => 1.5.3 => >=1.5.3 <2
        <1.5 => 1.7.2 => >=1.7.2 <1.8
        1.2.3 - 2.3.4 => 2.0.1 => 2.0.1 - 2.3.4
        1.2.3 - 2 => 3.0.1 => 3.0.1 - 3
        ^1 || ^2 => 1.5.3 => ^1.5.3 || ^2
        ^1 || ^2 => 2.5.3 => ^2.5.3
        ^1||^2 => 3.5.3 => ^3.5.3
        ^1 || ^3 => 2.5.3 => ^2.5.3 || ^3
        1.2.3 || 1.2.5 => 1.2.4 => 1.2.4 || 1.2.5
        ^1.2.3 => 1.2.3 => ^1.2.3
        ^2.0.0 => 1.2.3 => -
        latest => 1.2.3 => -
        file:../x => 1.2.3 => -
        ^1.0.0 => 2.0.0-rc.1 => ^2.0.0-rc.1
        ^1.0.0 => 1.4.0+build => ^1.4.0
        ",
    );
}

#[test]
fn cargo() {
    check(
        Syntax::Cargo,
        r"
        1.0 => 1.0.4 => 1.0.4
        1 => 1.0.4 => 1.0.4
        1.0 => 2.1.0 => 2.1
        ^1.0 => 1.0.4 => ^1.0.4
        ~1.2 => 1.2.5 => ~1.2.5
        ~1 => 1.2.5 => 1.2.5
        =1.2.3 => 1.2.5 => =1.2.5
        =1.2 => 1.2.5 => ~1.2.5
        1.2.* => 1.2.5 => ~1.2.5
        0.2.* => 0.2.5 => 0.2.5
        1.* => 1.2.5 => 1.2.5
        1.* => 2.2.5 => 2.2.5
        * => 1.2.5 => >=1.2.5
        0 => 0.7.36 => 0, >=0.7.36
        >=1.2, <1.5 => 1.4.1 => >=1.4.1, <1.5
        >= 1.2, < 1.5 => 1.6.1 => >= 1.6.1, < 1.7
        0.5.1, => 0.5.3 => 0.5.3,
        a => 1.2.3 => -
        ",
    );
}

#[test]
fn python() {
    check(
        Syntax::Pep440,
        r"
        ==2.10 => 2.11.3 => ==2.11.3
        == 2.10 => 2.11.3 => == 2.11.3
        ===2.10 => 2.11.3 => ===2.11.3
        ~=2.10 => 2.11.3 => ~=2.10,>=2.11.3
        ~=2.10 => 2.12 => ~=2.12
        ~=2.10.1 => 2.11 => ~=2.11.0
        ~=2.10.1 => 2.10.3 => ~=2.10.3
        ~=2.10 => 3.1.4 => ~=3.1,>=3.1.4
        >=2.10,<3 => 2.11.3 => >=2.11.3,<3
        >=2.10, <3 => 3.1.6 => >=3.1.6, <4
        <3,>=2.10 => 3.1.6 => <4,>=3.1.6
        ==2.* => 2.11.3 => ==2.*,>=2.11.3
        ==2.* => 3.1.6 => ==3.*,>=3.1.6
        >1.0 => 1.5 => >=1.5
        <3 => 2.11.3 => >=2.11.3,<3
        '' => 2.11.3 => >=2.11.3
        >=1,!=2.11.2 => 2.11.3 => >=2.11.3,!=2.11.2
        >=1,!=2.11.3 => 2.11.3 => -
        >=1!2.0 => 1!3.0 => >=1!3.0
        ==1.0+local => 1.1 => ==1.1
        ",
    );
}

#[test]
fn gems() {
    check(
        Syntax::RubyGems,
        r"
        ~> 6.0 => 6.0.4.1 => ~> 6.0, >= 6.0.4.1
        ~> 6.0.3 => 6.0.4 => ~> 6.0.4
        ~> 6.0.3 => 6.0.4.1 => ~> 6.0.3, >= 6.0.4.1
        ~> 6.0 => 6.1 => ~> 6.1
        ~> 5.2 => 6.0.4.1 => ~> 6.0, >= 6.0.4.1
        ~> 5.2, >= 5.2.3 => 5.2.8 => ~> 5.2, >= 5.2.8
        ~> 2 => 2.3.1 => ~> 2, >= 2.3.1
        1.2.3 => 1.2.4 => 1.2.4
        = 1.2.3 => 1.2.4 => = 1.2.4
        >= 1.2 => 1.2.4 => >= 1.2.4
        < 3 => 2.2.4 => >= 2.2.4, < 3
        ",
    );
}

#[test]
fn composer() {
    check(
        Syntax::Composer,
        r"
        ^6.2 || ^7 => 6.5.8 => ^6.5.8 || ^7
        ^6.2 || ^7 => 7.4.5 => ^7.4.5
        ^6.2|^7 => 6.5.8 => ^6.5.8|^7
        ~1.2 => 1.4.3 => ^1.4.3
        ~1.2.3 => 1.2.9 => ~1.2.9
        1.2.* => 1.2.9 => ~1.2.9
        1.* => 1.2.9 => ^1.2.9
        v1.0.2 => 1.0.3 => v1.0.3
        1.0 - 2.0 => 1.0.3 => 1.0.3 - 2.0
        >=1.0,<2.0 => 1.0.3 => >=1.0.3,<2.0
        >=1.0 <2.0 => 2.1.3 => >=2.1.3 <3.0
        ^1.0@beta => 1.2.3 => ^1.2.3@beta
        * => 1.2.3 => >=1.2.3
        dev-main => 1.2.3 => -
        dev-main as 1.0.0 => 1.2.3 => -
        ",
    );
}

#[test]
fn intervals() {
    check(
        Syntax::NuGet,
        r"
        1.2.3 => 1.2.4 => 1.2.4
        [1.2.3] => 1.2.4 => [1.2.4]
        [1.0,2.0) => 1.2.4 => [1.2.4,2.0)
        [1.0, 2.0) => 2.2.4 => [2.2.4, 3.0)
        (,2.0) => 1.2.4 => [1.2.4,2.0)
        (1.0,) => 1.2.4 => [1.2.4,)
        [1.0,2.0] => 2.2.4 => [2.2.4,2.2.4]
        1.* => 1.2.4 => [1.2.4,2.0)
        * => 1.2.4 => [1.2.4,)
        1.0.0-* => 1.2.4 => -
        ",
    );
    check(
        Syntax::Maven,
        r"
        1.2 => 1.2.4 => 1.2.4
        2.14.1 => 2.17.1 => 2.17.1
        31.0-jre => 32.0.0-jre => 32.0.0-jre
        [1,2) => 1.2.4 => [1.2.4,2)
        [1.2] => 1.2.4 => [1.2.4]
        (,1.0],[1.2,) => 1.2.4 => [1.2.4,)
        ",
    );
}

#[test]
fn others() {
    check(
        Syntax::Go,
        r"
        v1.2.3 => 1.2.4 => v1.2.4
        v0.0.0-20210101000000-abcdefabcdef => v0.0.0-20220101000000-abcdefabcdef => v0.0.0-20220101000000-abcdefabcdef
        v1.2.3 => 2.0.0 => -
        v2.2.3+incompatible => 3.2.1 => v3.2.1+incompatible
        v2.2.3 => 2.2.4 => v2.2.4
        ",
    );
    check(
        Syntax::Pub,
        r"
        ^1.2.3 => 1.4.0 => ^1.4.0
        >=1.2.3 <2.0.0 => 1.4.0 => >=1.4.0 <2.0.0
        >=1.2.3<2.0.0 => 2.4.0 => >=2.4.0<3.0.0
        any => 1.4.0 => >=1.4.0
        1.2.3 => 1.4.0 => 1.4.0
        ",
    );
    check(
        Syntax::Hex,
        r"
        ~> 1.2 => 1.4.0 => ~> 1.4
        ~> 1.2 => 1.4.3 => ~> 1.2 and >= 1.4.3
        ~> 1.2.0 => 1.2.3 => ~> 1.2.3
        >= 1.2.0 and < 2.0.0 => 1.4.3 => >= 1.4.3 and < 2.0.0
        ~> 1.0 or ~> 2.0 => 2.1.1 => ~> 2.0 and >= 2.1.1
        1.2.0 => 1.4.3 => 1.4.3
        ",
    );
}

/// A requirement of each syntax, most of them well formed.
fn requirement() -> impl Strategy<Value = (Syntax, String)> {
    let version = "[0-3]([.][0-3]){0,2}";
    let clauses = |operators: &str, separators: &str| {
        format!("({operators})({version})(({separators})({operators})({version}))?")
    };
    let interval = format!("[\\[(]{version},({version})?[\\])]|{version}|\\[{version}\\]");
    let wildcard = "([0-3]|[0-3][.][0-3])[.]\\*";
    let patterns = [
        (Syntax::Npm, clauses("|\\^|~|=|>=|>|<|<=", " | - |\\|\\|")),
        (Syntax::Npm, format!("{wildcard}( \\|\\| \\^[0-3])?")),
        (Syntax::Cargo, clauses("|\\^|~|=|>=|<", ", ?")),
        (Syntax::Cargo, wildcard.to_owned()),
        (Syntax::Pep440, clauses("==|~=|>=|>|<|<=|!=", ", ?")),
        (Syntax::Pep440, format!("=={wildcard}")),
        (Syntax::RubyGems, clauses("|~> |= |>= |> |< |<= |!= ", ", ")),
        (Syntax::Composer, clauses("|\\^|~|=|>=|>|<|<=", " |,| - | \\| |\\|\\|")),
        (Syntax::NuGet, interval.clone()),
        (Syntax::Maven, format!("{interval}|[(],1\\],\\[{version},[)]")),
        (Syntax::Pub, clauses("|\\^|>=|>|<|<=", " ")),
        (Syntax::Hex, clauses("|~> |== |>= |< ", " and | or ")),
        (Syntax::Go, "v[0-3][.][0-3][.][0-3]".to_owned()),
    ];
    let strategies = patterns.map(|(syntax, pattern)| {
        let text = prop::string::string_regex(&pattern).expect("a pattern");
        text.prop_map(move |it| (syntax, it)).boxed()
    });
    prop::strategy::Union::new(strategies)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// What comes out is a requirement of the syntax that admits the target and nothing below it.
    #[test]
    fn the_target_is_the_lowest_version_admitted((syntax, text) in requirement(), target in "[0-4][.][0-4][.][0-4]") {
        let scheme = scheme_of(syntax);
        let target = scheme.parse(&target).expect("a version");
        if let Some(raised) = Requirement::raised(syntax, &text, &target) {
            let raised = Requirement::parse(syntax, &raised).expect("what was written is read");
            prop_assert!(raised.admits(&target), "`{text}` became `{raised}` for {target}");
            let lower = (0..125).map(|it| format!("{}.{}.{}", it / 25, it / 5 % 5, it % 5));
            for lower in lower.map(|it| scheme.parse(&it).expect("a version")).filter(|it| *it < target) {
                // A version that Maven is asked for softly shuts no other out.
                let is_soft = syntax == Syntax::Maven && raised.selected().is_some();
                prop_assert!(is_soft || !raised.admits(&lower), "`{text}` became `{raised}` for {target}");
            }
            let again = Requirement::raised(syntax, raised.as_str(), &target);
            prop_assert_eq!(again.as_deref(), Some(raised.as_str()), "it stays what it is");
        }
    }

    /// A requirement with one clause can always be raised, within a Go module's major version.
    #[test]
    fn simple_requirements_are_raised(numbers in "[0-2][.][0-3][.][0-3]", target in "3[.][0-4][.][0-4]") {
        for (syntax, operators) in [
            (Syntax::Npm, &["", "^", "~", "=", ">=", "<", "<="][..]),
            (Syntax::Cargo, &["", "^", "~", "=", ">=", "<", "<="]),
            (Syntax::Pep440, &["==", "~=", ">=", "<", "<=", "==="]),
            (Syntax::Composer, &["", "^", "~", ">=", "<", "<="]),
            (Syntax::RubyGems, &["", "~> ", "= ", ">= ", "< "]),
            (Syntax::Pub, &["", "^", ">=", "<"]),
            (Syntax::Hex, &["", "~> ", ">= ", "< "]),
            (Syntax::NuGet, &[""]),
            (Syntax::Maven, &[""]),
        ] {
            let target = scheme_of(syntax).parse(&target).expect("a version");
            for operator in operators {
                let text = format!("{operator}{numbers}");
                prop_assert!(Requirement::raised(syntax, &text, &target).is_some(), "{syntax}: `{text}` to {target}");
            }
        }
    }

    #[test]
    fn any_text_has_an_answer(text in "([~^<>=!|,()\\[\\]*@#. x-]|and|or|as|v|dev-|[0-9]{1,2}|é){0,12}") {
        for syntax in [Syntax::Npm, Syntax::Cargo, Syntax::Pep440, Syntax::Composer, Syntax::RubyGems, Syntax::NuGet, Syntax::Maven, Syntax::Pub, Syntax::Hex, Syntax::Go] {
            let target = scheme_of(syntax).parse("3.1.4").expect("a version");
            if let Some(raised) = Requirement::raised(syntax, &text, &target) {
                prop_assert!(Requirement::parse(syntax, &raised).is_ok());
            }
        }
    }
}
