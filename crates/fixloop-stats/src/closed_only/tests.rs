use super::*;
use crate::tests::samples::{event, open};

#[test]
fn nothing_closed_has_no_mean() {
    let expected = ClosedOnly { n_subjects: 1, n_closed: 0, mean: None, median: None };
    assert_eq!(closed_only(&[open(400.0)], Causes::Any), expected);
}

#[test]
fn what_is_open_is_ignored() {
    let found =
        closed_only(&[event(1.0), open(400.0), event(3.0), event(2.0), event(10.0)], Causes::Any);
    assert_eq!((found.n_closed, found.mean, found.median), (4, Some(4.0), Some(2.5)));
}
