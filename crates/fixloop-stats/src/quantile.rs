//! Quantiles of the time to the event.

use crate::{Band, KaplanMeier, Level};

/// Two values of 1-S nearer than this are one, as in R (the square root of machine epsilon).
const SAME: f64 = 1.490_116_119_384_765_6e-8;

/// An age by which a share of the subjects had the event, in the unit of the observations; `None` is "not reached".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    pub time: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

/// The smallest t with 1-S(t) >= `p`, and where the two limits of the pointwise band cross the same level.
///
/// If 1-S equals `p` on a flat stretch, its midpoint, as R has it; many libraries take the left end. A `p` that is no share between
/// 0 and 1 is not reached.
///
/// # Source
/// Brookmeyer & Crowley 1982, <https://doi.org/10.2307/2530286>. Tested on R `quantile.survfit`.
pub fn quantile(curve: &KaplanMeier, p: f64, band: Band, level: Level) -> Quantile {
    let mut crossings = [Crossing::default(); 3];
    for step in curve.steps() {
        let limits = step.limits(band, level);
        let values = [Some(step.survival), limits.map(|it| it.lower), limits.map(|it| it.upper)];
        for (crossing, value) in crossings.iter_mut().zip(values) {
            if let Some(survival) = value {
                crossing.step(step.time, 1.0 - survival, p);
            }
        }
    }
    let last_time = curve.sample().last_time();
    let [time, lower, upper] =
        crossings.map(|it| it.time(last_time).filter(|_| 0.0 < p && p <= 1.0));
    Quantile { time, lower, upper }
}

#[derive(Clone, Copy, Default)]
enum Crossing {
    #[default]
    Below,
    /// Exactly at the level since this age.
    Flat(f64),
    At(f64),
}

impl Crossing {
    fn step(&mut self, time: f64, value: f64, p: f64) {
        let is_above = value > p + SAME;
        *self = match *self {
            Self::Below if is_above => Self::At(time),
            Self::Below if value >= p - SAME => Self::Flat(time),
            Self::Flat(since) if is_above => Self::At(f64::midpoint(since, time)),
            unchanged => unchanged,
        };
    }

    fn time(self, last_time: f64) -> Option<f64> {
        match self {
            Self::Below => None,
            Self::Flat(since) => Some(f64::midpoint(since, last_time)),
            Self::At(time) => Some(time),
        }
    }
}

#[cfg(test)]
mod tests;
