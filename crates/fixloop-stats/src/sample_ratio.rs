//! Whether the arms have as many units as they were to get (sample-ratio mismatch).
//!
//! A mismatch says that assignment or recording is broken, so that no comparison of the arms can be trusted. Counts that agree do not
//! say the opposite: compare the lists of units too.

use statrs::function::gamma::ln_gamma;
use thiserror::Error;

use crate::ChiSquareTest;
use crate::fisher::MAX_TOTAL;

/// Outcomes as probable as the observed one up to this relative difference count as probable, as in R.
const TIE: f64 = 1e-7;

/// How far the expected shares may sum to something other than 1.
const SUM_TOLERANCE: f64 = 1e-9;

/// Units that came to an arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArmCount {
    /// Share of the units that the arm was to get, of all arms' 1.
    pub expected_share: f64,
    pub observed: u64,
}

/// Result of the tests of the arms' counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio {
    /// Valid at one look; poor where an arm expects fewer than about 5 units.
    pub test: ChiSquareTest,
    /// Logarithm of the e-value, valid at every look: at `-log(alpha)` the counts are at odds with the shares.
    pub log_e: f64,
    /// Units that the smallest arm was to get.
    pub least_expected: f64,
}

/// Why counts cannot be compared with shares.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum SampleRatioError {
    #[error("{0} arms are given where at least two are compared")]
    TooFewArms(usize),
    #[error("expected share `{0}` is not between 0 and 1")]
    Share(f64),
    #[error("expected shares sum to `{0}` and not to 1")]
    Sum(f64),
    #[error("concentration `{0}` is not a positive number")]
    Concentration(f64),
    #[error("no unit came to any arm")]
    NoUnit,
    #[error("`{successes}` units of an arm are more than `{trials}` units")]
    MoreThanTrials { successes: u64, trials: u64 },
    #[error("`{0}` units are more than the {MAX_TOTAL} that can be enumerated")]
    TooMany(u64),
}

/// Tests whether units were assigned independently with the expected shares.
///
/// The chi-square test is for one look. The e-value bets by a Dirichlet distribution with parameters `concentration` times the
/// shares; 100 bets on mismatches of a few points. Units are what was randomized: whole teams are few, see [`exact_binomial`].
///
/// # Errors
/// If there are fewer than two arms or no unit, shares are not between 0 and 1 or do not sum to 1, or the concentration is not positive.
///
/// # Source
/// Pearson 1900, <https://doi.org/10.1080/14786440009463897>; Lindon & Malek 2022, <https://arxiv.org/abs/2011.03567>.
/// Tested on scipy.
pub fn sample_ratio(
    arms: &[ArmCount],
    concentration: f64,
) -> Result<SampleRatio, SampleRatioError> {
    check(arms)?;
    if !concentration.is_finite() || concentration <= 0.0 {
        return Err(SampleRatioError::Concentration(concentration));
    }
    let n: f64 = arms.iter().map(|it| it.observed as f64).sum();
    if n <= 0.0 {
        return Err(SampleRatioError::NoUnit);
    }
    let statistic = arms.iter().map(|arm| {
        let expected = n * arm.expected_share;
        let excess = arm.observed as f64 - expected;
        excess * (excess / expected)
    });
    let shares = arms.iter().map(|it| it.expected_share);
    Ok(SampleRatio {
        test: ChiSquareTest::new(statistic.sum(), arms.len() - 1),
        log_e: log_e(arms, n, concentration),
        least_expected: n * shares.fold(1.0, f64::min),
    })
}

/// Two-sided p-value of `successes` of `trials` units in an arm that was to get `expected_share` of them: of all counts at most as
/// probable as the observed one.
///
/// For few units (teams). Costs O(trials).
///
/// # Errors
/// If there are more successes than trials, more trials than can be enumerated or none, or the share is not between 0 and 1.
///
/// # Source
/// Clopper & Pearson 1934, <https://doi.org/10.1093/biomet/26.4.404>, with the tails of R's `binom.test`. Tested on scipy.
pub fn exact_binomial(
    successes: u64,
    trials: u64,
    expected_share: f64,
) -> Result<f64, SampleRatioError> {
    if trials == 0 {
        return Err(SampleRatioError::NoUnit);
    }
    if successes > trials {
        return Err(SampleRatioError::MoreThanTrials { successes, trials });
    }
    if trials > MAX_TOTAL {
        return Err(SampleRatioError::TooMany(trials));
    }
    if !(0.0 < expected_share && expected_share < 1.0) {
        return Err(SampleRatioError::Share(expected_share));
    }
    let probabilities = binomial_probabilities(trials, expected_share);
    let observed = usize::try_from(successes).expect("trials are bounded");
    let limit = probabilities[observed] * (1.0 + TIE);
    Ok(probabilities.iter().filter(|&&it| it <= limit).sum::<f64>().min(1.0))
}

fn check(arms: &[ArmCount]) -> Result<(), SampleRatioError> {
    if arms.len() < 2 {
        return Err(SampleRatioError::TooFewArms(arms.len()));
    }
    let shares = || arms.iter().map(|it| it.expected_share);
    if let Some(share) = shares().find(|&it| !(0.0 < it && it < 1.0)) {
        return Err(SampleRatioError::Share(share));
    }
    let sum: f64 = shares().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(SampleRatioError::Sum(sum));
    }
    Ok(())
}

/// Logarithm of the Dirichlet-multinomial over the multinomial probability of the counts.
///
/// Gamma functions of large counts differ by less than they round; what remains of them after Stirling's formula does not.
fn log_e(arms: &[ArmCount], n: f64, concentration: f64) -> f64 {
    let total = concentration + n;
    let mut log_e =
        (n / concentration).ln_1p() / 2.0 - (remainder(total) - remainder(concentration));
    for arm in arms {
        let (prior, mean) = (concentration * arm.expected_share, total * arm.expected_share);
        let observed = arm.observed as f64;
        let excess = (observed - n * arm.expected_share) / mean;
        log_e += mean * relative_entropy(excess) - (observed / prior).ln_1p() / 2.0;
        log_e += remainder(prior + observed) - remainder(prior);
    }
    log_e
}

/// `(1 + x) log(1 + x) - x`.
fn relative_entropy(x: f64) -> f64 {
    if x.abs() < 1e-4 {
        // The difference would lose the digits that the square keeps.
        x * x * (0.5 - x / 6.0 + x * x / 12.0)
    } else if x <= -1.0 {
        // Counts beyond what a number holds exactly may come to an empty arm.
        1.0
    } else {
        (1.0 + x) * x.ln_1p() - x
    }
}

/// What Stirling's formula leaves out of the logarithm of the gamma function.
fn remainder(x: f64) -> f64 {
    if x < 30.0 {
        return ln_gamma(x) - ((x - 0.5) * x.ln() - x + (2.0 * std::f64::consts::PI).ln() / 2.0);
    }
    let inverse = x.recip();
    let square = inverse * inverse;
    inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)))
}

/// Of 0 to `trials` successes, from ratios of neighbors, which lose no digits.
fn binomial_probabilities(trials: u64, share: f64) -> Vec<f64> {
    let log_odds = share.ln() - (-share).ln_1p();
    let mut log_weight = 0.0;
    let mut log_weights = vec![log_weight];
    for x in 0..trials {
        log_weight += ((trials - x) as f64 / (x + 1) as f64).ln() + log_odds;
        log_weights.push(log_weight);
    }
    let largest = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = log_weights.into_iter().map(|it| (it - largest).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|it| it / sum).collect()
}

#[cfg(test)]
mod tests;
