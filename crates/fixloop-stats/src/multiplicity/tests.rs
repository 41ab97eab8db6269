use proptest::prelude::*;

use super::{
    MultiplicityError, benjamini_hochberg, benjamini_yekutieli, bonferroni, e_benjamini_hochberg,
    holm,
};

type Adjustment = fn(&[f64]) -> Result<Vec<f64>, MultiplicityError>;

const ALL: [Adjustment; 4] = [bonferroni, holm, benjamini_hochberg, benjamini_yekutieli];

/// Few different values, so that ties are common.
fn p_values() -> impl Strategy<Value = Vec<f64>> {
    let p = prop_oneof![Just(0.0), Just(1.0), Just(0.01), Just(0.04), 0.0..1.0, 0.0..0.05];
    proptest::collection::vec(p, 0..12)
}

proptest! {
    #[test]
    fn adjusted_values_stay_between_raw_and_bonferroni(p in p_values()) {
        let [bonferroni, holm, bh, by] = ALL.map(|it| it(&p).unwrap());
        for i in 0..p.len() {
            prop_assert!(p[i] <= bh[i] + 1e-15 && bh[i] <= holm[i] + 1e-12);
            prop_assert!(holm[i] <= bonferroni[i] && bonferroni[i] <= 1.0);
            prop_assert!(bh[i] <= by[i] && by[i] <= 1.0);
        }
    }

    #[test]
    fn order_does_not_matter(p in p_values(), turn in 0_usize..12) {
        let turn = turn % p.len().max(1);
        let mut turned = p.clone();
        turned.rotate_left(turn);
        for adjust in ALL {
            let mut expected = adjust(&p).unwrap();
            expected.rotate_left(turn);
            prop_assert_eq!(adjust(&turned).unwrap(), expected);
        }
    }

    /// The step-up and the step-down as they are told: reject while the sorted values are below their lines.
    #[test]
    fn rejections_are_those_of_the_literal_procedures(p in p_values(), alpha in 0.01_f64..0.5) {
        let n = p.len();
        let mut sorted = p.clone();
        sorted.sort_by(f64::total_cmp);
        let up = (1..=n).rev().find(|&k| sorted[k - 1] <= alpha * k as f64 / n as f64).unwrap_or(0);
        let down = (0..n).take_while(|&k| sorted[k] <= alpha / (n - k) as f64).count();
        let n_rejected = |adjusted: Vec<f64>| adjusted.iter().filter(|&&it| it <= alpha).count();
        prop_assert_eq!(n_rejected(benjamini_hochberg(&p).unwrap()), up);
        prop_assert_eq!(n_rejected(holm(&p).unwrap()), down);
    }

    /// e-BH is BH on one over the e-values.
    #[test]
    fn e_values_reject_as_their_inverses(e in proptest::collection::vec(0.0..200.0, 0..12), rate in 0.01_f64..0.5) {
        let inverse: Vec<f64> = e.iter().map(|it: &f64| it.recip().min(1.0)).collect();
        let by_p: Vec<bool> =
            benjamini_hochberg(&inverse).unwrap().iter().map(|&it| it <= rate).collect();
        prop_assert_eq!(e_benjamini_hochberg(&e, rate).unwrap(), by_p);
    }
}

#[test]
fn no_hypothesis_gives_no_result() {
    for adjust in ALL {
        assert_eq!(adjust(&[]), Ok(vec![]));
    }
    assert_eq!(e_benjamini_hochberg(&[], 0.1), Ok(vec![]));
}

#[test]
fn values_that_are_none_are_errors() {
    for bad in [-0.1, 1.1, f64::NAN] {
        for adjust in ALL {
            assert!(matches!(adjust(&[0.5, bad]), Err(MultiplicityError::PValue(_))), "{bad}");
        }
    }
    for bad in [-0.1, f64::NAN] {
        let error = e_benjamini_hochberg(&[bad], 0.1);
        assert!(matches!(error, Err(MultiplicityError::EValue(_))), "{bad}");
    }
    for bad in [0.0, 1.0, f64::NAN] {
        assert!(matches!(e_benjamini_hochberg(&[1.0], bad), Err(MultiplicityError::Rate(_))));
    }
}

#[test]
fn an_infinite_e_value_is_rejected() {
    assert_eq!(e_benjamini_hochberg(&[f64::INFINITY, 1.0], 0.05), Ok(vec![true, false]));
}
