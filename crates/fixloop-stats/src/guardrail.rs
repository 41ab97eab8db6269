//! Watching that an improvement does no harm: an alarm may be wrong, silence may not.

use thiserror::Error;

use crate::{Interval, Level};

/// What an interval says of harm.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Harm {
    /// The worst that the interval allows is less than the margin.
    Safe,
    NotKnown,
    /// The best that the interval allows is still worse than no change, be it by less than the margin.
    Harm,
}

/// Sum of a numerator over sum of a denominator, teams being the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioOfSums {
    pub ratio: f64,
    pub std_error: f64,
    pub n_clusters: usize,
}

/// Events of both arms since the look before, and how long (or how many) each was exposed to them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateCounts {
    pub treated_events: u64,
    pub treated_exposure: f64,
    pub control_events: u64,
    pub control_exposure: f64,
}

/// The one-sided bet that the treated have a higher rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateAlarm {
    /// Logarithm of the e-value after each look.
    pub log_e: Vec<f64>,
    /// The first look at which it reached `1/alpha`.
    pub first_alarm: Option<usize>,
}

/// Why a guardrail cannot be judged.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum GuardrailError {
    #[error("limits `{lower}` and `{upper}` are no interval")]
    Interval { lower: f64, upper: f64 },
    #[error("margin `{0}` is not a positive number")]
    Margin(f64),
    #[error("`{numerators}` numerators for `{denominators}` denominators")]
    Lengths { numerators: usize, denominators: usize },
    #[error("`{0}` teams say nothing of their variation")]
    TooFewClusters(usize),
    #[error("number `{value}` of team `{cluster}` is not finite, or a negative denominator")]
    Value { cluster: usize, value: f64 },
    #[error("the denominators sum to nothing, or sums are beyond what a number holds")]
    NoSum,
    #[error("rate ratio `{0}` is not a finite number above 1")]
    RateRatio(f64),
    #[error("error rate `{0}` is not between 0 and 1")]
    Alpha(f64),
    #[error("exposure `{exposure}` of look `{look}` is not a finite number of at least 0")]
    Exposure { look: usize, exposure: f64 },
    #[error("look `{0}` has events of an arm without exposure")]
    EventsWithoutExposure(usize),
}

/// What the interval of a worsening (treated minus control, larger is worse) says against a margin.
///
/// [`Harm::Harm`] comes first: a worsening that is certain is told, even where it is certainly less than the margin.
///
/// # Units
/// `margin` as the interval.
///
/// # Errors
/// If the limits are no interval, or the margin is not positive.
///
/// # Source
/// Piaggio et al. 2012 (CONSORT, non-inferiority), <https://doi.org/10.1001/jama.2012.87802>.
pub fn non_inferiority(worsening: Interval, margin: f64) -> Result<Harm, GuardrailError> {
    let Interval { lower, upper } = worsening;
    if !margin.is_finite() || margin <= 0.0 {
        return Err(GuardrailError::Margin(margin));
    }
    if lower.is_nan() || upper.is_nan() || lower > upper {
        return Err(GuardrailError::Interval { lower, upper });
    }
    Ok(if lower > 0.0 {
        Harm::Harm
    } else if upper < margin {
        Harm::Safe
    } else {
        Harm::NotKnown
    })
}

/// Sum of `numerators` over sum of `denominators` (overrides over denials), one number of each per team.
///
/// The standard error `sqrt(sum (y - R x)^2 / (G - 1)) / (sqrt(G) mean x)` lets a team's numbers go together; few teams make it small.
///
/// # Errors
/// If lengths differ, there are fewer than two teams, a number is not finite or a denominator is negative, or the denominators sum to 0.
///
/// # Source
/// Cochran 1977, Sampling Techniques, section 2.11; Deng et al. 2018, <https://doi.org/10.1145/3219819.3219919>.
pub fn ratio_of_sums(
    numerators: &[f64],
    denominators: &[f64],
) -> Result<RatioOfSums, GuardrailError> {
    let n_clusters = numerators.len();
    if n_clusters != denominators.len() {
        let denominators = denominators.len();
        return Err(GuardrailError::Lengths { numerators: n_clusters, denominators });
    }
    if n_clusters < 2 {
        return Err(GuardrailError::TooFewClusters(n_clusters));
    }
    let teams = || numerators.iter().zip(denominators);
    for (cluster, (&y, &x)) in teams().enumerate() {
        let is_denominator = x.is_finite() && x >= 0.0;
        if !y.is_finite() || !is_denominator {
            let value = if is_denominator { y } else { x };
            return Err(GuardrailError::Value { cluster, value });
        }
    }
    let total: f64 = denominators.iter().sum();
    let ratio = numerators.iter().sum::<f64>() / total;
    let squares: f64 = teams().map(|(y, x)| (y - ratio * x) * (y - ratio * x)).sum();
    let n = n_clusters as f64;
    let std_error = (squares / (n - 1.0)).sqrt() / (n.sqrt() * (total / n));
    if !ratio.is_finite() || !std_error.is_finite() {
        return Err(GuardrailError::NoSum);
    }
    Ok(RatioOfSums { ratio, std_error, n_clusters })
}

impl RatioOfSums {
    /// t interval with teams minus one degrees of freedom.
    pub fn interval(self, level: Level) -> Interval {
        let half = level.t(self.n_clusters - 1) * self.std_error;
        Interval { lower: self.ratio - half, upper: self.ratio + half }
    }
}

/// Bets at each look on the treated's rate being `rate_ratio` times the control's, given how many events there were.
///
/// For independent events the alarm is false with probability at most `alpha` over all looks, whatever rate ratio up to 1 holds.
/// Events of a team go together, so it comes more often: it pauses and asks a person, and is never evidence.
///
/// # Units
/// Any unit of exposure, the same for both arms.
///
/// # Errors
/// If `rate_ratio` is not above 1, `alpha` is not between 0 and 1, an exposure is negative or not finite, or there are events without exposure.
///
/// # Source
/// Wald 1945, <https://doi.org/10.1214/aoms/1177731118>, on the binomial that Przyborowski & Wilenski 1940 condition on,
/// <https://doi.org/10.1093/biomet/31.3-4.313>.
pub fn rate_ratio_alarm(
    looks: &[RateCounts],
    rate_ratio: f64,
    alpha: f64,
) -> Result<RateAlarm, GuardrailError> {
    if !rate_ratio.is_finite() || rate_ratio <= 1.0 {
        return Err(GuardrailError::RateRatio(rate_ratio));
    }
    if !(0.0 < alpha && alpha < 1.0) {
        return Err(GuardrailError::Alpha(alpha));
    }
    let mut total = 0.0;
    let mut log_e = Vec::with_capacity(looks.len());
    for (look, counts) in looks.iter().enumerate() {
        total += counts.log_e(look, rate_ratio)?;
        log_e.push(total);
    }
    let first_alarm = log_e.iter().position(|&it| it >= -alpha.ln());
    Ok(RateAlarm { log_e, first_alarm })
}

impl RateCounts {
    fn log_e(self, look: usize, rate_ratio: f64) -> Result<f64, GuardrailError> {
        let exposures = [self.treated_exposure, self.control_exposure];
        if let Some(&exposure) = exposures.iter().find(|it| !it.is_finite() || **it < 0.0) {
            return Err(GuardrailError::Exposure { look, exposure });
        }
        let events = [self.treated_events, self.control_events];
        if (0..2).any(|arm| events[arm] > 0 && exposures[arm] == 0.0) {
            return Err(GuardrailError::EventsWithoutExposure(look));
        }
        let [treated, control] = events.map(|it| it as f64);
        if treated + control == 0.0 {
            return Ok(0.0);
        }
        // As a share, so that large exposures do not overflow.
        let largest = exposures[0].max(exposures[1]);
        let [of_treated, of_control] = exposures.map(|it| it / largest);
        let share = of_treated / (of_treated + of_control);
        Ok(treated * rate_ratio.ln() - (treated + control) * ((rate_ratio - 1.0) * share).ln_1p())
    }
}

#[cfg(test)]
mod tests;
