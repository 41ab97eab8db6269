use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

/// The examples of <https://maven.apache.org/pom.html#version-order-specification>.
#[test]
fn specification_examples() {
    check_order(Scheme::Maven, &["1", "1.1"]);
    check_order(Scheme::Maven, &["1-snapshot", "1", "1-sp"]);
    check_order(Scheme::Maven, &["1-foo2", "1-foo10"]);
    check_order(Scheme::Maven, &["1.foo 1-foo", "1-1", "1.1"]);
    check_order(Scheme::Maven, &["1.ga 1-ga 1-0 1.0 1"]);
    check_order(Scheme::Maven, &["1-sp", "1-1 1-ga-1"]);
    check_order(
        Scheme::Maven,
        &["1-a1 1-alpha-1", "1-b1 1-beta-1", "1-m3 1-milestone-3", "1-cr1 1-rc1", "1"],
    );
}

#[test]
fn versions_seen_in_repositories() {
    let ascending = [
        "4.1.0.Beta1",
        "4.1.0.CR1",
        "4.1.0.Final 4.1.0",
        "4.1.0.SP1",
        "4.1.0.jre8",
        "4.1.0-1",
        "4.1.1",
        "20040616",
    ];
    check_order(Scheme::Maven, &ascending);
    check_order(Scheme::Maven, &["1.0", "18446744073709551616", "99999999999999999999"]);
    check_invalid(Scheme::Maven, &["", "${revision}", "1 0"]);
    check_prerelease(
        Scheme::Maven,
        &["1.0-SNAPSHOT", "1.0.Beta1", "1.0-rc-2"],
        &["1.0", "1.0.Final", "31.1-jre"],
    );
}
