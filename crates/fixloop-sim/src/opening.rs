//! What is decided of an opportunity when it opens: everything is drawn at once, so that alerts change nothing that comes after.

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
