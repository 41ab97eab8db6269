use crate::Scheme;
use crate::tests::{check_invalid, check_order};

/// The manual's and `rpmvercmp`'s own cases, and what a distribution's advisories hold.
#[test]
fn segments_in_order() {
    let ascending = [
        "1.0~rc1",
        "1.0",
        "1.0-1.el7",
        "1.0-1.el8",
        "1.0-10.el8",
        "1.0^git1",
        "1.0a",
        "1.0.1 1_0_1 1.0..1",
        "1:0.1",
    ];
    check_order(Scheme::Rpm, &ascending);
    check_order(Scheme::Rpm, &["0:1-1", "0:18446744073709551616-1", "1:1-1"]);
    check_invalid(Scheme::Rpm, &["", " ", "1 0"]);
}
