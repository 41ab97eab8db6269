use proptest::prelude::*;

use super::*;
use crate::tests::samples::{event, samples};
use crate::{aalen_johansen_from, guarded_start, kaplan_meier_from, restricted_mean};

/// Some before, between and after all ages of the samples, in no order.
const AGES: [f64; 9] = [7.0, 0.0, 3.0, 3.5, 12.0, 1e3, 20.0, 38.0, 0.5];

const CAUSES: [Causes; 5] =
    [Causes::Any, Causes::Only(1), Causes::Only(2), Causes::Only(9), Causes::Set(0b110)];

/// More clusters than are used, and a number that is none.
const N_CLUSTERS: usize = 6;

/// As it was done before: by leaving rows out and estimating anew.
fn anew(sample: &Sample, clusters: &[usize], without: usize) -> Option<Sample> {
    sample.kept(|row| clusters[row] != without).ok()
}

proptest! {
    #[test]
    fn the_shares_are_those_of_the_rows_kept(
        observations in samples(),
        clusters in proptest::collection::vec(0..8_usize, 40),
        after in 0.0..15.0,
    ) {
        let sample = Sample::new(&observations).unwrap();
        let counts = ClusterCounts::new(&sample, N_CLUSTERS, |row| clusters[row]);
        let starts = [Some(Start::Origin), Some(Start::After(after)), guarded_start(&sample).ok()];
        for (causes, start) in CAUSES.iter().flat_map(|it| starts.map(|start| (*it, start))) {
            let Some(start) = start else { continue };
            let found = counts.shares_without_each(causes, start, &AGES);
            prop_assert_eq!(found.len(), N_CLUSTERS);
            for (cluster, found) in found.iter().enumerate() {
                let kept = anew(&sample, &clusters, cluster);
                let kept = kept.map(|it| aalen_johansen_from(&it, causes, start));
                let expected = AGES.map(|t| kept.as_ref()?.at(t).map(|it| it.share));
                prop_assert_eq!(&found[..], &expected[..], "without {}", cluster);
            }
        }
    }

    #[test]
    fn the_means_are_those_of_the_rows_kept(
        observations in samples(),
        clusters in proptest::collection::vec(0..8_usize, 40),
        after in 0.0..15.0,
    ) {
        let sample = Sample::new(&observations).unwrap();
        let counts = ClusterCounts::new(&sample, N_CLUSTERS, |row| clusters[row]);
        let starts = [Some(Start::Origin), Some(Start::After(after)), guarded_start(&sample).ok()];
        for (causes, start) in CAUSES.iter().flat_map(|it| starts.map(|start| (*it, start))) {
            let Some(start) = start else { continue };
            for tau in AGES.into_iter().chain([f64::INFINITY, f64::NAN, -1.0]) {
                let found = counts.restricted_means_without_each(causes, start, tau);
                for (cluster, found) in found.into_iter().enumerate() {
                    let curve = anew(&sample, &clusters, cluster)
                        .map(|it| kaplan_meier_from(it, causes, start));
                    let expected = curve.and_then(|it| Some(restricted_mean(&it, tau).ok()?.mean));
                    prop_assert_eq!(found.is_some(), expected.is_some(), "{} {}", cluster, tau);
                    let apart = found.zip(expected).map_or(0.0, |(found, it)| (found - it).abs());
                    prop_assert!(apart < 1e-12 * tau.max(1.0), "{} {}: {}", cluster, tau, apart);
                }
            }
        }
    }
}

#[test]
fn without_the_only_cluster_nothing_is_known() {
    let sample = Sample::new(&[event(1.0), event(2.0)]).unwrap();
    let counts = ClusterCounts::new(&sample, 1, |_| 0);
    assert_eq!(counts.shares_without_each(Causes::Any, Start::Origin, &[1.0]), [[None]]);
    assert_eq!(counts.restricted_means_without_each(Causes::Any, Start::Origin, 1.0), [None]);
}

#[test]
fn a_cluster_without_subjects_leaves_the_whole() {
    let sample = Sample::new(&[event(1.0), event(3.0)]).unwrap();
    let counts = ClusterCounts::new(&sample, 2, |_| 0);
    let shares = counts.shares_without_each(Causes::Any, Start::Origin, &[0.5, 1.0, 9.0]);
    assert_eq!(shares[1], [Some(0.0), Some(0.5), Some(1.0)]);
    let means = counts.restricted_means_without_each(Causes::Any, Start::Origin, 3.0);
    assert_eq!(means, [None, Some(2.0)]);
}
