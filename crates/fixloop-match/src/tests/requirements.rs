use fixloop_model::Component;

use super::{component, index, record};
use crate::{Admitted, Known, check_requirement};

/// What of `requirement` is affected where the advisory's package is so in `ranges`, and which version tells.
#[track_caller]
fn check(ecosystem: &str, ranges: &str, requirement: &str, expected: Option<(Admitted, &str)>) {
    let kind = if matches!(ecosystem, "npm" | "crates.io") { "SEMVER" } else { "ECOSYSTEM" };
    let rest = format!(r#""ranges":[{{"type":"{kind}","events":[{ranges}]}}]"#);
    let index = index(&[record("A-1", ecosystem, &rest)]);
    let known = Known::new(&index);
    let component = Component {
        version: None,
        requirement: Some(requirement.to_owned()),
        ..component(ecosystem, "a", "")
    };
    let found = check_requirement(&known, &component, &[]).unwrap();
    assert_eq!(found.checked.matches.is_empty(), expected.is_none(), "{requirement}");
    let found = found.admitted.zip(found.version);
    let expected = expected.map(|(admitted, version)| (admitted, version.to_owned()));
    assert_eq!(found, expected, "{requirement}");
}

const FIXED: &str = r#"{"introduced":"0"},{"fixed":"4.17.21"}"#;

#[test]
fn requirements_are_judged_by_what_they_admit() {
    let npm = |requirement, expected| check("npm", FIXED, requirement, expected);
    npm("~4.16.0", Some((Admitted::All, "4.16.0")));
    npm("^4.16.0", Some((Admitted::Lowest, "4.16.0")));
    npm("*", Some((Admitted::Lowest, "0")));
    npm("<4.17.21", Some((Admitted::All, "0")));
    npm("^4.17.21", None);
    npm(">=4.17.21 <5 || ^3.0.0", Some((Admitted::Lowest, "3.0.0")));
    npm("latest", None);
    let later = r#"{"introduced":"1.2.0"},{"fixed":"1.3.0"}"#;
    check("npm", later, "^1.0.0", Some((Admitted::Later, "1.2.0")));
    check("npm", later, "~1.1.0", None);
    check("npm", later, "~1.2.0", Some((Admitted::All, "1.2.0")));
    // Whether anything came after the last affected one is not known.
    let last = r#"{"introduced":"0"},{"last_affected":"1.5.0"}"#;
    check("npm", last, "^1.0.0", Some((Admitted::Lowest, "1.0.0")));
    check("npm", last, "1.5.0 - 1.5.0", Some((Admitted::All, "1.5.0")));
}

#[test]
fn every_syntax_is_judged() {
    check("crates.io", FIXED, "4.16", Some((Admitted::Lowest, "4.16")));
    check("PyPI", FIXED, "~=4.16.0", Some((Admitted::All, "4.16.0")));
    check("PyPI", FIXED, ">=4,<5", Some((Admitted::Lowest, "4")));
    // Poetry's.
    check("PyPI", FIXED, "^4.16", Some((Admitted::Lowest, "4.16")));
    check("PyPI", FIXED, "~4.16", Some((Admitted::All, "4.16")));
    check("RubyGems", FIXED, "~> 4.16.0", Some((Admitted::All, "4.16.0")));
    check("Packagist", FIXED, "^3 || ^4.17.21", Some((Admitted::Lowest, "3")));
    // The lowest is what NuGet takes, and what Maven takes unless another asks for more.
    check("NuGet", FIXED, "[4.16.0,5.0)", Some((Admitted::All, "4.16.0")));
    check("Maven", FIXED, "4.16", Some((Admitted::All, "4.16")));
    check("Maven", FIXED, "[4.16,5)", Some((Admitted::Lowest, "4.16")));
}
