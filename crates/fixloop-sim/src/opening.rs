//! What is decided of an opportunity when it opens. Everything of it is drawn at once, so that how it ends does not depend on alerts, and
//! when it ends depends on them by the planted effect alone.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::measured::{DAYS_BETWEEN_SCANS, ENDS_BY_REMOVAL, KNOWN_TIMES_AS_LONG, WAITS_FOR_MONDAY};
use crate::random::exponential;
use crate::settings::TimeToFix;

/// How a team fixes.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) frailty: f64,
    /// Of the Weibull time of a team of frailty 1.
    pub(crate) scale: f64,
    pub(crate) shape: f64,
    pub(crate) upgrade_regressions: f64,
}

impl Pace {
    pub(crate) fn new(frailty: f64, variance: f64, time: TimeToFix, regressions: f64) -> Self {
        let (scale, shape) = (time.scale(variance), time.shape);
        Self { frailty, scale, shape, upgrade_regressions: regressions }
    }

    fn days(self, rng: &mut ChaCha8Rng) -> f64 {
        self.scale * (exponential(rng) / self.frailty).powf(self.shape.recip())
    }
}

#[derive(Clone)]
pub(crate) struct Opening {
    /// Place in the repository's log.
    pub(crate) log: usize,
    pub(crate) fix_at: f64,
    pub(crate) is_removed: bool,
    pub(crate) waits_for_monday: bool,
    /// Days after the upgrade at which it is undone, if it is.
    pub(crate) undone_after: Option<f64>,
    /// From then to the second upgrade.
    second_days: f64,
    pub(crate) is_alerted: bool,
}

impl Opening {
    /// Of an exposure that starts at `since`; the second is when the weekly scan sees it.
    pub(crate) fn draw(
        rng: &mut ChaCha8Rng,
        pace: Pace,
        since: f64,
        is_known: bool,
        log: usize,
    ) -> (Self, f64) {
        let factor = if is_known { KNOWN_TIMES_AS_LONG } else { 1.0 };
        let fix_at = since + factor * pace.days(rng);
        let second_days = pace.days(rng);
        let mut chance = |probability: f64| rng.random::<f64>() < probability;
        let is_removed = chance(ENDS_BY_REMOVAL);
        let waits_for_monday = chance(WAITS_FOR_MONDAY);
        let is_undone = chance(pace.upgrade_regressions);
        let undone_after = rng.random_range(0.5..6.0);
        let scanned_after = rng.random_range(0.0..DAYS_BETWEEN_SCANS);
        let undone_after = (is_undone && !is_removed).then_some(undone_after);
        let is_alerted = false;
        let it = Self {
            log,
            fix_at,
            is_removed,
            waits_for_monday,
            undone_after,
            second_days,
            is_alerted,
        };
        (it, scanned_after)
    }

    /// The team was shown it: what remains takes `effect` times as long.
    pub(crate) fn alert(&mut self, at: f64, effect: f64) {
        if !self.is_alerted {
            self.is_alerted = true;
            // Without effect nothing changes, not even the last bit.
            self.fix_at -= (self.fix_at - at).max(0.0) * (1.0 - effect);
        }
    }

    /// The upgrade was undone at this instant: it takes another one, which stays.
    pub(crate) fn again(mut self, at: f64, effect: f64) -> Self {
        let factor = if self.is_alerted { effect } else { 1.0 };
        self.fix_at = at + self.second_days * factor;
        self.undone_after = None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{frailty, rng_of};

    /// Half of the first fixes, over teams that differ by this variance, come within the wanted median.
    #[track_caller]
    fn check(variance: f64, time: TimeToFix) {
        let mut rng = rng_of(1, 1);
        let n = 20_000;
        let within = (0..n).filter(|_| {
            let frailty = frailty(&mut rng, variance);
            let pace = Pace::new(frailty, variance, time, 0.0);
            Opening::draw(&mut rng, pace, 0.0, false, 0).0.fix_at <= time.median_days
        });
        let share = within.count() as f64 / f64::from(n);
        assert!((share - 0.5).abs() < 5.0 * 0.5 / f64::from(n).sqrt(), "{share}");
    }

    #[test]
    fn half_are_fixed_within_the_median() {
        check(0.0, TimeToFix::EXPONENTIAL);
        check(0.3, TimeToFix::EXPONENTIAL);
        check(0.3, TimeToFix::MEASURED);
        check(1.0, TimeToFix::MEASURED);
    }

    #[test]
    fn an_alert_shortens_what_remains_and_only_once() {
        let time = TimeToFix::EXPONENTIAL;
        let pace = Pace::new(1.0, 0.0, time, 0.0);
        let (mut it, _) = Opening::draw(&mut rng_of(1, 2), pace, 0.0, false, 0);
        it.fix_at = 30.0;
        it.alert(10.0, 0.7);
        assert!((it.fix_at - 24.0).abs() < 1e-9);
        it.alert(12.0, 0.7);
        assert!((it.fix_at - 24.0).abs() < 1e-9);
        // What is due waits for nobody.
        it.is_alerted = false;
        it.alert(25.0, 0.7);
        assert!((it.fix_at - 24.0).abs() < 1e-9);
    }
}
