//! Where inside its day a fix happened: nobody knows, so that it is spread out, without a look at the arms.
//!
//! Times in whole days tie findings of both arms. A ratio other than 1 would break all those ties the same way: with many findings the
//! statistic jumps there, and an interval would end at 1 because of the clock and of nothing else. A time of t days means a moment in
//! (t - 1, t]; the moments are spread evenly, by the row's place alone, so that the test stays exact.

use fixloop_stats::{InvalidObservation, Observation, Outcome};

use crate::table::Finding;

/// The golden ratio's fraction: multiples of it fill (0, 1) evenly.
const STEP: f64 = 0.618_033_988_749_894_9;

/// What to take off each finding's time, in days: below 1, and 0 where times are no whole days or the finding was not closed.
///
/// In the order of the findings. No finding ends before it enters.
pub fn within_day(findings: &[&Finding]) -> Vec<f64> {
    let mut closed = findings.iter().filter(|it| is_closed(it)).peekable();
    let is_whole = |it: &&Finding| it.observation.time().fract() == 0.0;
    if closed.peek().is_none() || !closed.all(is_whole) {
        return vec![0.0; findings.len()];
    }
    let taken = |(place, it): (usize, &&Finding)| {
        if !is_closed(it) {
            return 0.0;
        }
        let product = (place + 1) as f64 * STEP;
        let open = it.observation.time() - it.observation.entry().unwrap_or(0.0);
        (product - product.floor()) * f64::min(open, 1.0)
    };
    findings.iter().enumerate().map(taken).collect()
}

/// The observation with so much taken off its time.
pub(crate) fn earlier(it: &Observation, taken: f64) -> Result<Observation, InvalidObservation> {
    let time = it.time() - taken;
    match it.entry() {
        Some(entry) => Observation::entered(entry, time, it.outcome()),
        None => Observation::new(time, it.outcome()),
    }
}

fn is_closed(it: &Finding) -> bool {
    it.observation.outcome() != Outcome::Censored
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Arm;

    fn finding(time: f64, outcome: Outcome, entry: Option<f64>) -> Finding {
        let observation = match entry {
            Some(entry) => Observation::entered(entry, time, outcome).unwrap(),
            None => Observation::new(time, outcome).unwrap(),
        };
        Finding {
            team: 0,
            arm: Arm::Control,
            stratum: 0,
            is_before: false,
            observation,
            limit: None,
            day: None,
        }
    }

    #[test]
    fn only_whole_days_of_what_was_closed_are_spread() {
        let fix = |time, entry| finding(time, Outcome::Event(1), entry);
        let all = [fix(3.0, None), fix(0.0, None), fix(5.0, Some(4.0)), fix(5.0, Some(4.75))];
        let open = finding(2.0, Outcome::Censored, None);
        let mut rows: Vec<&Finding> = all.iter().collect();
        rows.push(&open);
        let found = within_day(&rows);
        assert!((found[0] - STEP).abs() < 1e-12);
        assert!(found[1] == 0.0 && found[4] == 0.0);
        for (row, taken) in rows.iter().zip(&found) {
            let time = row.observation.time() - taken;
            assert!(time >= 0.0 && row.observation.entry().is_none_or(|it| time > it), "{row:?}");
        }
        let exact = fix(2.5, None);
        rows.push(&exact);
        assert!(within_day(&rows).iter().all(|it| *it == 0.0));
        assert!(within_day(&[]).is_empty());
    }
}
