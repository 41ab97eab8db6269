use crate::Scheme;
use crate::tests::{check_invalid, check_order};

/// Policy, section 5.6.12: `~~`, `~~a`, `~`, the empty part, `a`.
#[test]
fn policy_examples() {
    check_order(Scheme::Debian, &["1~~", "1~~a", "1~", "1 0:1 1-0 1-00 01", "1a", "1+b", "1:0"]);
    check_order(
        Scheme::Debian,
        &["2.8.6-1", "2.8.6-1+squeeze1", "2.8.6-2~bpo1", "2.8.6-2", "18446744073709551616"],
    );
    check_invalid(Scheme::Debian, &["", "a:1", "1 0", "1.0ä"]);
}
