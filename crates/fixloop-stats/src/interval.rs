//! Confidence levels and intervals.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use thiserror::Error;

/// Lower and upper limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub lower: f64,
    pub upper: f64,
}

/// Two-sided coverage strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level(f64);

#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("confidence level `{0}` is not between 0 and 1")]
pub struct InvalidLevel(f64);

impl Level {
    pub const P95: Self = Self(0.95);

    /// # Errors
    /// If `coverage` is not strictly between 0 and 1.
    pub fn new(coverage: f64) -> Result<Self, InvalidLevel> {
        if 0.0 < coverage && coverage < 1.0 {
            Ok(Self(coverage))
        } else {
            Err(InvalidLevel(coverage))
        }
    }

    pub(crate) fn upper_tail(self) -> f64 {
        f64::midpoint(1.0, self.0)
    }

    /// Half the width of a normal interval, in standard errors.
    pub fn z(self) -> f64 {
        Normal::standard().inverse_cdf(self.upper_tail())
    }

    /// Half the width of a t interval, in standard errors; `degrees_of_freedom` of at least 1.
    pub(crate) fn t(self, degrees_of_freedom: usize) -> f64 {
        student(degrees_of_freedom.max(1) as f64).inverse_cdf(self.upper_tail())
    }
}

/// Two-sided tail of a standard normal.
pub fn p_normal(z: f64) -> f64 {
    2.0 * Normal::standard().cdf(-z.abs())
}

/// Two-sided p-value of a t statistic; with no degrees of freedom as with one. NaN of NaN.
pub fn p_student(t: f64, degrees_of_freedom: usize) -> f64 {
    p_student_real(t, degrees_of_freedom.max(1) as f64)
}

/// With degrees of freedom that are estimated, and so no count; 1 where that is no positive number.
pub(crate) fn p_student_real(t: f64, degrees_of_freedom: f64) -> f64 {
    // The distribution function panics on a NaN.
    if t.is_nan() { f64::NAN } else { 2.0 * student(degrees_of_freedom).cdf(-t.abs()) }
}

fn student(degrees_of_freedom: f64) -> StudentsT {
    let is_valid = degrees_of_freedom.is_finite() && degrees_of_freedom > 0.0;
    let degrees_of_freedom = if is_valid { degrees_of_freedom } else { 1.0 };
    StudentsT::new(0.0, 1.0, degrees_of_freedom).expect("both shapes are positive")
}
