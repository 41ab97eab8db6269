//! What holds for every order.

mod fixtures;
mod properties;

use std::cmp::Ordering;

use crate::Scheme;

/// Every version of `ascending` is below all that follow; those in one entry, between blanks, are equal.
#[track_caller]
pub(crate) fn check_order(scheme: Scheme, ascending: &[&str]) {
    let parse = |text: &str| scheme.parse(text).unwrap_or_else(|error| panic!("{error}"));
    for (at, left) in ascending.iter().enumerate() {
        for left in left.split(' ') {
            for (other, right) in ascending.iter().enumerate() {
                for right in right.split(' ') {
                    let expected: Ordering = at.cmp(&other);
                    assert_eq!(parse(left).cmp(&parse(right)), expected, "{left} and {right}");
                }
            }
        }
    }
}

#[track_caller]
pub(crate) fn check_prerelease(scheme: Scheme, prereleases: &[&str], others: &[&str]) {
    for (texts, expected) in [(prereleases, true), (others, false)] {
        for text in texts {
            let version = scheme.parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(version.is_prerelease(), expected, "{text}");
        }
    }
}

#[track_caller]
pub(crate) fn check_invalid(scheme: Scheme, texts: &[&str]) {
    for text in texts {
        assert!(scheme.parse(text).is_err(), "{text:?}");
    }
}
