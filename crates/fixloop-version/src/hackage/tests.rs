use crate::Scheme;
use crate::tests::{check_invalid, check_order};

/// <https://pvp.haskell.org/#version-numbers>.
#[test]
fn components_are_compared_one_by_one() {
    check_order(
        Scheme::Hackage,
        &["0.1.26.0", "1", "1.0", "1.0.0", "1.0.3.2", "1.1", "18446744073709551616.0"],
    );
    check_invalid(Scheme::Hackage, &["", "1.", "1.0-1", "1.0-rc1", ".1"]);
}
