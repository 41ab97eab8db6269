//! The lines `a < b` of osv-scalibr's version fixtures (Apache-2.0), in both directions.

use std::cmp::Ordering;
use std::fs;

use fixloop_test_support::shared;

use crate::Scheme;

const FILES: &[(&str, Scheme)] = &[
    ("alpine", Scheme::Alpine),
    ("cran", Scheme::Cran),
    ("debian", Scheme::Debian),
    ("hackage", Scheme::Hackage),
    ("maven", Scheme::Maven),
    ("nuget", Scheme::NuGet),
    ("packagist", Scheme::Packagist),
    ("pub", Scheme::Pub),
    ("pypi", Scheme::Pep440),
    ("redhat", Scheme::Rpm),
    ("rubygems", Scheme::RubyGems),
    ("semver", Scheme::SemVer),
];

/// Lines that do not hold here, each with its reason.
const EXCEPTIONS: &[(Scheme, &str, &str)] = &[
    (Scheme::Maven, "1.0.0-RC16 < 1.0.0.RC8-beta", DOT_QUALIFIER),
    (Scheme::Maven, "1.0.0-gradle-rework-beta3 < 1.0.0.RC7-3", DOT_QUALIFIER),
    (Scheme::Maven, "2.9.0-1 < 2.9.0.RC1", DOT_QUALIFIER),
    (Scheme::Maven, "3.6.2.FL.20090615 < 3.6.2-FL-2009-05-11", DOT_QUALIFIER),
    (Scheme::Maven, "6.1.12.rc5 < 6.1.12rc1", DOT_QUALIFIER),
    (Scheme::Maven, "1.1.31.sec10 < 1.1.31_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.1.34.sec10 < 1.1.34_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.1.46.sec10 < 1.1.46_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.8.sec10_noneautotype < 1.2.8_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.31.sec10 < 1.2.31_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.48.sec10 < 1.2.48_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.50.sec10 < 1.2.50_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.54.sec10 < 1.2.54_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.57.sec10 < 1.2.57_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.60.sec10 < 1.2.60_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.2.67.sec10 < 1.2.67_noneautotype", DOT_QUALIFIER),
    (Scheme::Maven, "1.0.0rc0 < 1.0.beta8", DOT_QUALIFIER),
    (Scheme::Maven, "1.5.9.RC1 < 1.5.9-RC0", DOT_QUALIFIER),
    (Scheme::Maven, "3.5.0-CR-2 < 3.5.0.Beta-1", DOT_QUALIFIER),
    (Scheme::Maven, "1.1.0-01-glassfish < 1.1.0.Beta1", DOT_QUALIFIER),
    (Scheme::Packagist, "1.2.3.# = 1.2.3.1", NOT_TOTAL),
    (Scheme::Packagist, "v1.9.0-ALPHA.1 = v1.9.0-BETA.1", CASE),
    (Scheme::Packagist, "v1.9.0-BETA.1 < v1.9.0-ALPHA.2", CASE),
    (Scheme::Packagist, "v1.9.0-ALPHA.2 = v1.9.0-BETA.2", CASE),
    (Scheme::Packagist, "1.0.0 > 1.0", PADDING),
    (Scheme::Packagist, "v3.0 < v3.0.0-beta", PADDING),
    (Scheme::Packagist, "v3.4 < v3.4.0-alpha", PADDING),
    (Scheme::Packagist, "v4-beta4 < v4.0-alpha", PADDING),
    (Scheme::Packagist, "v4.4 < v4.4.0-beta", PADDING),
    (Scheme::Packagist, "v6.5 < v6.5.0-beta-0", PADDING),
    (Scheme::Packagist, "v6.6 < v6.6.0-beta", PADDING),
];

const DOT_QUALIFIER: &str = "Maven before 3.9 kept `.word` apart from `-word`, with cycles; the specification has them equal";
const NOT_TOTAL: &str =
    "`1.2.3.# = 1.2.3` holds too, so this line would make 1.2.3.1 equal to 1.2.3";
const PADDING: &str = "PHP alone does not fill up missing numbers; Composer does, so that 3.0 is the release after 3.0.0-beta";
const CASE: &str =
    "PHP knows `alpha` and `beta` in lower case only; Composer normalizes them before it compares";

#[test]
fn all_lines_hold_in_both_directions() {
    let Some(folder) = shared::unpacked("version-order") else { return };
    let mut n_lines = 0;
    let mut unused: Vec<&str> = EXCEPTIONS.iter().map(|(_, line, _)| *line).collect();
    let mut wrong = Vec::new();
    for (name, scheme) in FILES {
        for suffix in ["versions.txt", "versions-generated.txt"] {
            let path = folder.join(format!("version-order/{name}-{suffix}"));
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for line in text.lines().map(str::trim) {
                if line.is_empty() || line.starts_with("//") || line.starts_with('#') {
                    continue;
                }
                n_lines += 1;
                if EXCEPTIONS.iter().any(|(of, known, _)| of == scheme && *known == line) {
                    unused.retain(|known| *known != line);
                    continue;
                }
                if !holds(*scheme, line) {
                    wrong.push(format!("{scheme}: {line}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {n_lines} lines do not hold:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(unused.is_empty(), "exceptions that are none: {unused:?}");
    assert_eq!(n_lines, 71_818);
}

fn holds(scheme: Scheme, line: &str) -> bool {
    let parts: Vec<&str> = line.splitn(3, ' ').collect();
    let [left, operator, right] = parts[..] else { panic!("no comparison: {line}") };
    let expected = match operator {
        "<" => Ordering::Less,
        "=" => Ordering::Equal,
        ">" => Ordering::Greater,
        _ => panic!("no comparison: {line}"),
    };
    let (Ok(left), Ok(right)) = (scheme.parse(left), scheme.parse(right)) else { return false };
    left.cmp(&right) == expected && right.cmp(&left) == expected.reverse()
}
