//! Scores of single subjects that know nothing of any group: how many events each had against how many it should have had.

use crate::{Causes, Observation};

/// For each subject, its events less the cumulative hazard of its stratum over the time it was at risk; they sum to 0 in each stratum.
///
/// Their sum over one group is the numerator of the log-rank test of that group, so that a test of many assignments costs a sum each.
/// At risk at t: entry < t <= time. `strata` has one number per observation, or is `None` for one stratum; beyond its end subjects are of
/// stratum 0. O(n log n).
///
/// # Source
/// Barlow & Prentice 1988, <https://doi.org/10.1093/biomet/75.1.65>.
pub fn martingale_residuals(
    observations: &[Observation],
    strata: Option<&[u32]>,
    causes: Causes,
) -> Vec<f64> {
    let stratum = |row: usize| strata.and_then(|it| it.get(row)).copied().unwrap_or(0);
    let time = |row: usize| observations[row].time();
    let entry = |row: usize| observations[row].entry().unwrap_or(f64::NEG_INFINITY);
    let mut by_time: Vec<usize> = (0..observations.len()).collect();
    by_time.sort_by(|a, b| stratum(*a).cmp(&stratum(*b)).then(time(*a).total_cmp(&time(*b))));
    let mut residuals = vec![0.0; observations.len()];
    for rows in by_time.chunk_by(|a, b| stratum(*a) == stratum(*b)) {
        let mut by_entry = rows.to_vec();
        by_entry.sort_by(|a, b| entry(*a).total_cmp(&entry(*b)));
        let mut entering = by_entry.into_iter().peekable();
        let (mut n_at_risk, mut hazard) = (0.0, 0.0);
        for tied in rows.chunk_by(|a, b| time(*a).total_cmp(&time(*b)).is_eq()) {
            while let Some(row) = entering.next_if(|it| entry(*it) < time(tied[0])) {
                n_at_risk += 1.0;
                // What accumulated before it came is not its own.
                residuals[row] += hazard;
            }
            let is_event = |row: &&usize| causes.holds(observations[**row].outcome());
            let n_events = tied.iter().filter(is_event).count() as f64;
            if n_events > 0.0 {
                hazard += n_events / n_at_risk;
            }
            for row in tied {
                residuals[*row] += f64::from(u8::from(is_event(&row))) - hazard;
                n_at_risk -= 1.0;
            }
        }
    }
    residuals
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log_rank::{GroupedSample, log_rank};
    use crate::tests::samples::{event, open, samples};

    #[test]
    fn by_hand() {
        // At 1 one of three, at 2 one of two; the last one leaves at 2, too.
        let found = martingale_residuals(&[event(1.0), event(2.0), open(2.0)], None, Causes::Any);
        let hazard = 1.0 / 3.0 + 0.5;
        for (found, expected) in found.iter().zip([2.0 / 3.0, 1.0 - hazard, -hazard]) {
            assert!((found - expected).abs() < 1e-12);
        }
        assert!(martingale_residuals(&[], None, Causes::Any).is_empty());
    }

    proptest! {
        #[test]
        fn they_sum_to_the_log_rank_numerator(
            observations in samples(),
            groups in proptest::collection::vec(0_u32..2, 40),
            strata in proptest::collection::vec(0_u32..3, 40),
        ) {
            let n = observations.len();
            let (groups, strata) = (&groups[..n], &strata[..n]);
            let found = martingale_residuals(&observations, Some(strata), Causes::Only(1));
            prop_assert!(found.iter().sum::<f64>().abs() < 1e-9);
            let sample = GroupedSample { observations: &observations, groups, strata: Some(strata) };
            if let Ok(test) = log_rank(&sample, Causes::Only(1), 0.0) {
                let second = test.groups[1];
                let sum: f64 = found.iter().zip(groups).map(|(it, group)| it * f64::from(*group)).sum();
                prop_assert!((second.observed - second.expected - sum).abs() < 1e-9);
            }
        }
    }
}
