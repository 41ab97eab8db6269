use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

#[test]
fn tokens_in_order() {
    let ascending = [
        "1.2_alpha",
        "1.2_alpha2",
        "1.2_beta",
        "1.2_pre",
        "1.2_rc",
        "1.2",
        "1.2-r0 1.2-r",
        "1.2-r1",
        "1.2~abc",
        "1.2_cvs",
        "1.2_svn",
        "1.2_git20200101",
        "1.2_hg",
        "1.2_p1",
        "1.2_p1-r1",
        "1.2a",
        "1.2.0",
        "1.2.01",
        "1.2.1",
        "18446744073709551616",
    ];
    check_order(Scheme::Alpine, &ascending);
    check_invalid(Scheme::Alpine, &["", "A", "1 0"]);
    check_prerelease(Scheme::Alpine, &["1.0_rc1"], &["1.0", "1.0_p1", "1.0a"]);
}
