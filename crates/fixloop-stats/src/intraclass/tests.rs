use proptest::prelude::*;

use super::*;

#[test]
fn a_small_table_by_hand() {
    // Means 1 and 4 around 2: between = 4 * 1 + 2 * 4 = 12; within = 4 * 1 + 0, over 6 - 2 rows; n0 = (6 - 20/6) / 1.
    let found = intraclass(&[0.0, 2.0, 0.0, 2.0, 4.0, 4.0], &[8, 8, 8, 8, 3, 3]).unwrap();
    assert!((found.mean_square_between - 12.0).abs() < 1e-12);
    assert!((found.mean_square_within - 1.0).abs() < 1e-12);
    let n0 = 6.0 - 20.0 / 6.0;
    assert!((found.effective_size - n0).abs() < 1e-12);
    assert!((found.correlation - 11.0 / (12.0 + n0 - 1.0)).abs() < 1e-12);
    assert_eq!(found.n_clusters, 2);
}

#[test]
fn what_cannot_be_told_is_an_error() {
    assert_eq!(intraclass(&[], &[]), Err(IntraclassError::TooFewClusters(0)));
    assert_eq!(intraclass(&[1.0, 2.0], &[5, 5]), Err(IntraclassError::TooFewClusters(1)));
    assert_eq!(intraclass(&[1.0, 2.0], &[5, 6]), Err(IntraclassError::NoPair));
    assert_eq!(intraclass(&[0.1; 3], &[5, 6, 6]), Err(IntraclassError::NoVariance));
    assert_eq!(intraclass(&[1.0], &[]), Err(IntraclassError::Lengths { values: 1, labels: 0 }));
    let not_finite = IntraclassError::NotFinite { row: 1 };
    assert_eq!(intraclass(&[1.0, f64::NAN], &[5, 5]), Err(not_finite));
    let huge = [f64::MAX, -f64::MAX, f64::MAX];
    assert_eq!(intraclass(&huge, &[1, 1, 2]), Err(IntraclassError::NoVariance));
}

proptest! {
    #[test]
    fn names_and_units_change_nothing(
        rows in proptest::collection::vec((-9_i8..10, 0_u32..6), 2..40),
        unit in 1e-3..1e3, shift in -100.0..100.0,
    ) {
        let clusters: Vec<u32> = rows.iter().map(|it| it.1).collect();
        let values: Vec<f64> = rows.iter().map(|it| f64::from(it.0)).collect();
        let other: Vec<f64> = values.iter().map(|it| (it + shift) * unit).collect();
        let renamed: Vec<u32> = clusters.iter().map(|it| 70 - 9 * it).collect();
        match (intraclass(&values, &clusters), intraclass(&other, &renamed)) {
            (Ok(a), Ok(b)) => {
                prop_assert!((a.correlation - b.correlation).abs() < 1e-9);
                prop_assert!(a.correlation <= 1.0);
                prop_assert!(a.correlation * (a.effective_size - 1.0) >= -1.0 - 1e-9);
            }
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
    }

    #[test]
    fn clusters_without_spread_correlate_fully(sizes in proptest::collection::vec(2_usize..6, 2..6)) {
        let clusters: Vec<u32> =
            (0_u32..).zip(&sizes).flat_map(|(cluster, &n)| std::iter::repeat_n(cluster, n)).collect();
        let values: Vec<f64> = clusters.iter().map(|&it| f64::from(it) / 3.0).collect();
        prop_assert!((intraclass(&values, &clusters).unwrap().correlation - 1.0).abs() < 1e-9);
    }
}
