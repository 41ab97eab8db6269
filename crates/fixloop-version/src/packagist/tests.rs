use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

/// <https://www.php.net/manual/en/function.version-compare.php>, with Composer's normal form.
#[test]
fn documented_order() {
    let ascending = [
        "dev-main",
        "1.0-dev",
        "1.0-alpha1 1.0a1 1.0.0-ALPHA1",
        "1.0-beta1 1.0b1",
        "1.0-RC1 1.0rc1",
        "1.0 v1.0.0 1 1.0.0.0 1.0.0+build",
        "1.0-pl1 1.0-p1",
        "1.0.1",
        "1.9999999-dev 1.x-dev",
        "2.0",
        "18446744073709551616",
    ];
    check_order(Scheme::Packagist, &ascending);
    check_invalid(Scheme::Packagist, &["", " ", "1 0"]);
    check_prerelease(Scheme::Packagist, &["1.0-dev", "1.0.0-RC1", "dev-main"], &["1.0", "1.0-p1"]);
}
