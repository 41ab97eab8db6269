use crate::Scheme;
use crate::tests::{check_invalid, check_order, check_prerelease};

/// The examples in the documentation of `Gem::Version`.
#[test]
fn documented_order() {
    check_order(Scheme::RubyGems, &["1.0.a.2", "1.0.b1", "1.0 1 1.0.0", "1.0.1"]);
    check_order(Scheme::RubyGems, &["2.0.pre.rc1 2.0-rc1", "2.0.rc1", "2.0"]);
    check_order(Scheme::RubyGems, &["1.a", "1.a.1", "1", "18446744073709551616"]);
    check_invalid(Scheme::RubyGems, &["", "a", "1..0", "1.", "1.0 beta", "1_0"]);
    check_prerelease(Scheme::RubyGems, &["1.0.a", "1.0-1"], &["1.0"]);
}
