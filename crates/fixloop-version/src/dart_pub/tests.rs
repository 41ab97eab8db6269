use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

#[test]
fn build_metadata_counts() {
    check_order(
        Scheme::Pub,
        &["1.0.0-a", "1.0.0-a+b", "1.0.0", "1.0.0+2", "1.0.0+10", "1.0.0+a", "1.0.1-0"],
    );
    check_invalid(Scheme::Pub, &["", "1.0.0+", "1.0.0+a..b", "any"]);
    check_prerelease(Scheme::Pub, &["1.0.0-a+b"], &["1.0.0+b"]);
}
