use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

/// Section 11 of the specification.
#[test]
fn specification_examples() {
    let ascending = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0 1.0.0+20130313144700 1.0.0+exp.sha.5114f85",
        "2.0.0",
        "2.1.0",
        "2.1.1",
    ];
    check_order(Scheme::SemVer, &ascending);
}

#[test]
fn lenient_readings() {
    check_order(
        Scheme::SemVer,
        &["1.2.3-beta 1.2.3beta", "1.2.3 v1.2.3 V1.2.3 1.2.3.0", "1.2.3.1", "1.3 1.3.0"],
    );
    check_order(
        Scheme::SemVer,
        &[
            "1.0.0",
            "18446744073709551615.0.0",
            "18446744073709551616.0.0",
            "99999999999999999999999.0.0",
        ],
    );
}

/// <https://go.dev/ref/mod#pseudo-versions>.
#[test]
fn go_pseudo_versions() {
    let ascending = [
        "v0.0.0-20191109021931-daa7c04131f5",
        "v0.0.0-20200101000000-aaaaaaaaaaaa",
        "v1.2.3-pre",
        "v1.2.3-pre.0.20191109021931-daa7c04131f5",
        "v1.2.3",
        "v1.2.4-0.20191109021931-daa7c04131f5",
        "v1.2.4",
        "v2.0.0+incompatible v2.0.0",
    ];
    check_order(Scheme::SemVer, &ascending);
}

#[test]
fn what_is_no_version() {
    check_invalid(
        Scheme::SemVer,
        &["", "v", "x", "1.", "1..2", "1.2.x", "latest", "1.0.0-a..b", "1 .0", "^1.0.0", "1.0.0-ä"],
    );
    check_prerelease(Scheme::SemVer, &["1.0.0-0", "1.0.0-rc.1"], &["1.0.0", "1.0.0+build-1"]);
}
