//! Events that come of subjects who arrive over time.

use super::{InvalidSize, not_negative, positive};

/// Subjects arrive evenly over `days`, then all are followed for some days more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accrual {
    days: f64,
    follow_up_days: f64,
}

/// A hazard that does not change with age, per day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialHazard(f64);

impl Accrual {
    /// # Errors
    /// If `days` is not positive or `follow_up_days` is negative.
    pub fn new(days: f64, follow_up_days: f64) -> Result<Self, InvalidSize> {
        let days = positive("accrual", days)?;
        Ok(Self { days, follow_up_days: not_negative("follow-up", follow_up_days)? })
    }
}

impl ExponentialHazard {
    /// # Errors
    /// If the median is not positive.
    pub fn of_median(median_days: f64) -> Result<Self, InvalidSize> {
        Ok(Self(std::f64::consts::LN_2 / positive("median", median_days)?))
    }

    /// # Errors
    /// If the ratio is not positive.
    pub fn times(self, hazard_ratio: f64) -> Result<Self, InvalidSize> {
        Ok(Self(self.0 * positive("hazard ratio", hazard_ratio)?))
    }

    /// Probability that a subject has the event before the end.
    pub fn event_probability(self, accrual: Accrual) -> f64 {
        let of_accrual = self.0 * accrual.days;
        // `exp_m1`, so that a rare event does not vanish in rounding.
        1.0 - (-self.0 * accrual.follow_up_days).exp() * (-(-of_accrual).exp_m1() / of_accrual)
    }
}

/// Subjects in two equal arms together that give so many events.
///
/// # Errors
/// If `events` or the mean probability is not positive.
pub fn total_subjects(
    events: f64,
    accrual: Accrual,
    arms: [ExponentialHazard; 2],
) -> Result<f64, InvalidSize> {
    let [first, second] = arms.map(|it| it.event_probability(accrual));
    let mean = f64::midpoint(first, second);
    Ok(positive("events", events)? / positive("probability of an event", mean)?)
}
