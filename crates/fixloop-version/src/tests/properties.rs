//! Every order is total, and every text has an answer.

use proptest::prelude::*;

use crate::{Scheme, Version};

/// Texts that collide often: few numbers, and the words that some scheme knows.
fn version() -> impl Strategy<Value = String> {
    const WORD: &str =
        "a|b|c|m|x|p|rc|cr|ga|sp|dev|post|alpha|beta|pre|final|snapshot|RC|pl|#|r1|el7";
    const NUMBER: &str = "0|00|1|2|10|01|18446744073709551616|99999999999999999999";
    let pattern = format!("(v|[01]!|[01]:)?({NUMBER})([-._+~^]?({NUMBER}|{WORD})){{0,5}}[-.]?");
    proptest::string::string_regex(&pattern).expect("the pattern is valid")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn orders_are_total(texts in proptest::array::uniform3(version())) {
        for scheme in Scheme::ALL {
            let parsed: Result<Vec<Version>, _> = texts.iter().map(|text| scheme.parse(text)).collect();
            let Ok(versions) = parsed else { continue };
            let [a, b, c] = &versions[..] else { unreachable!("three were made") };
            for (left, right) in [(a, b), (b, c), (a, c)] {
                prop_assert_eq!(left.cmp(right), right.cmp(left).reverse());
                prop_assert_eq!(left == right, left.cmp(right).is_eq());
            }
            for (x, y, z) in [(a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)] {
                if x <= y && y <= z {
                    prop_assert!(x <= z, "{}: {} <= {} <= {}", scheme, x, y, z);
                }
                if x == y {
                    prop_assert_eq!(x.cmp(z), y.cmp(z), "{}: {} = {}, {}", scheme, x, y, z);
                }
            }
        }
    }

    #[test]
    fn any_text_has_an_answer(text in "\\PC{0,24}|[0-9a-z.!+~^:_-]{0,24}") {
        for scheme in Scheme::ALL {
            if let Ok(version) = scheme.parse(&text) {
                prop_assert_eq!(version.as_str(), &text);
                prop_assert!(version.cmp(&version).is_eq());
            }
        }
    }
}
