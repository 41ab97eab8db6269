use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

/// "Summary of permitted suffixes and relative ordering" of the specification.
#[test]
fn specification_examples() {
    let ascending = [
        "1.dev0 1.0.dev0",
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0 1",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1!0.1",
    ];
    check_order(Scheme::Pep440, &ascending);
}

/// "Normalization" of the specification.
#[test]
fn spellings_are_equal() {
    let ascending = [
        "1.1rc1 1.1RC1 1.1c1 1.1.rc1 1.1-rc1 1.1_rc.1 1.1rc-1 1.1pre1 1.1-preview_1 01.01rc01",
        "1.1 v1.1 1.1.0 0!1.1",
        "1.1+ubuntu.1 1.1+ubuntu-1 1.1+Ubuntu_1",
        "1.1.post1 1.1-1 1.1.post-1 1.1post1 1.1-r1 1.1.rev1",
        "1.2a0 1.2a 1.2.alpha",
        "18446744073709551616",
    ];
    check_order(Scheme::Pep440, &ascending);
}

#[test]
fn legacy_versions_are_below_regular_ones() {
    check_order(
        Scheme::Pep440,
        &["0.1-bulbasaur", "0.1-charmander", "2004d", "0.0.dev0", "1!0.dev0", "1!1.0"],
    );
    check_invalid(Scheme::Pep440, &["", " ", "1 0", "1.0ä"]);
    check_prerelease(
        Scheme::Pep440,
        &["1.0.dev1", "1.0rc1", "1.0.post1.dev1"],
        &["1.0", "1.0.post1", "1.0+local", "2004d"],
    );
}
