use crate::Scheme;
use crate::tests::{check_invalid, check_order};

#[test]
fn numbers_between_dots_and_hyphens() {
    check_order(
        Scheme::Cran,
        &["0.9", "0.75", "1.0 1-0 1.00", "1.0.0", "1.0-1", "1.2.3", "18446744073709551616"],
    );
    check_invalid(Scheme::Cran, &["", "1..2", "1.0-", "1.0a", "a"]);
}
