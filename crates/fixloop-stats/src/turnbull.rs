//! Survival when only scans were seen: the event lies somewhere between the last one without and the first one with it.
//!
//! The nonparametric maximum likelihood estimate of Turnbull, by accelerated expectation-maximization with the optimality conditions as its stop.

use std::collections::BTreeMap;

use thiserror::Error;

/// Tables with 300 scan days were seen to need about a thousand.
const MAX_ITERATIONS: usize = 5_000;

/// Gain in mean log-likelihood that no other distribution can exceed at the stop.
const MAX_GAP: f64 = 1e-13;

/// The same where rounding, or a likelihood that is flat to all sides, lets no step come nearer.
const ACCEPTED_GAP: f64 = 1e-10;

/// Shares below these are tried as 0 where steps do not come to an end: a share that goes to 0 with a slope of exactly 1 never arrives.
const NEGLIGIBLE: [f64; 5] = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3];

/// The event came after `left` and up to `right`; `None` means that it had not come yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Censored {
    left: f64,
    right: Option<f64>,
}

/// Numbers that are no interval.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum InvalidInterval {
    #[error("left end `{0}` is not a finite number of at least 0")]
    Left(f64),
    #[error("right end `{0}` is not a finite number")]
    Right(f64),
    #[error("left end `{left}` is not before right end `{right}`")]
    LeftNotBeforeRight { left: f64, right: f64 },
}

impl Censored {
    /// # Errors
    /// If an end is negative or not finite, or `left` is not before `right`.
    pub fn new(left: f64, right: Option<f64>) -> Result<Self, InvalidInterval> {
        if !left.is_finite() || left < 0.0 {
            return Err(InvalidInterval::Left(left));
        }
        match right {
            Some(right) if !right.is_finite() => Err(InvalidInterval::Right(right)),
            Some(right) if left >= right => {
                Err(InvalidInterval::LeftNotBeforeRight { left, right })
            }
            _ => Ok(Self { left, right }),
        }
    }
}

/// Why there is no estimate.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum TurnbullError {
    #[error("the sample has no subject")]
    Empty,
    #[error(
        "the likelihood did not reach its maximum in {MAX_ITERATIONS} iterations; `{gap}` per subject may be missing"
    )]
    NotConverged { gap: f64 },
}

/// Probability of an event after `left` and up to `right`; where inside, no data can tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mass {
    pub left: f64,
    /// `None`: after `left`, or never.
    pub right: Option<f64>,
    pub share: f64,
}

/// The estimated distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Turnbull {
    /// Ascending; the shares sum to 1, and some are 0.
    pub masses: Vec<Mass>,
    /// Mean per subject.
    pub log_likelihood: f64,
    /// No distribution has a mean log-likelihood that is larger by more than this (the Kuhn-Tucker conditions).
    pub gap: f64,
    pub n_subjects: usize,
    pub n_iterations: usize,
}

/// What is known of S(t).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurvivalRange {
    pub lower: f64,
    pub upper: f64,
}

/// Estimates the distribution of an age that only lies in intervals.
///
/// Takes one interval per subject, in any order. Costs O(n log n) once and O(different intervals) per iteration, a thousand of them at most as a rule.
/// Between scan days that no subject tells apart, S(t) has a range. Standard errors come from resampling clusters, see [`crate::bootstrap`].
///
/// # Units
/// Any unit of time; `log_likelihood` and `gap` are per subject.
///
/// # Errors
/// If there is no interval, or the maximum was not reached.
///
/// # Source
/// Turnbull 1976, <https://doi.org/10.1111/j.2517-6161.1976.tb01597.x>; the conditions are in Gentleman & Geyer 1994,
/// <https://doi.org/10.1093/biomet/81.3.618>; acceleration by Varadhan & Roland 2008, <https://doi.org/10.1111/j.1467-9469.2007.00585.x>.
/// Tested on R survival, which stops earlier.
pub fn turnbull(intervals: &[Censored]) -> Result<Turnbull, TurnbullError> {
    if intervals.is_empty() {
        return Err(TurnbullError::Empty);
    }
    let supports = supports(intervals);
    let likelihood = Likelihood::new(intervals, &supports);
    let even = vec![(supports.len() as f64).recip(); supports.len()];
    let mut best = likelihood.climb(even);
    for negligible in NEGLIGIBLE {
        if best.step.gap <= MAX_GAP {
            break;
        }
        let rest = best.step.shares.iter().map(|&it| if it < negligible { 0.0 } else { it });
        let climbed = likelihood.climb(rest.collect());
        let n_iterations = best.n_iterations + climbed.n_iterations;
        let nearer = if climbed.step.gap < best.step.gap { climbed } else { best };
        best = Climbed { n_iterations, ..nearer };
    }
    let Climbed { step, n_iterations } = best;
    if step.gap.is_nan() || step.gap > ACCEPTED_GAP {
        return Err(TurnbullError::NotConverged { gap: step.gap });
    }
    let mass = |(&(left, right), &share): (&(f64, f64), &f64)| {
        let right = right.is_finite().then_some(right);
        Mass { left, right, share }
    };
    Ok(Turnbull {
        masses: supports.iter().zip(&step.shares).map(mass).collect(),
        log_likelihood: step.log_likelihood,
        gap: step.gap.max(0.0),
        n_subjects: intervals.len(),
        n_iterations,
    })
}

impl Turnbull {
    /// S(t), from all mass that may lie up to `t` to all mass that must.
    pub fn survival(&self, t: f64) -> SurvivalRange {
        let share = |is_after: fn(&Mass, f64) -> bool| -> f64 {
            self.masses.iter().filter(|it| is_after(it, t)).map(|it| it.share).sum::<f64>().min(1.0)
        };
        SurvivalRange {
            lower: share(|it, t| it.left >= t),
            upper: share(|it, t| it.right.is_none_or(|right| right > t)),
        }
    }
}

/// The innermost intervals, ascending, each from a left end to the next end, where that is a right one; only they can hold mass.
fn supports(intervals: &[Censored]) -> Vec<(f64, f64)> {
    #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
    enum End {
        /// Intervals hold their right end and not their left one, so at one age the right ends come first.
        Right,
        Left,
    }
    let mut ends: Vec<(f64, End)> = intervals
        .iter()
        .flat_map(|it| [(it.left, End::Left), (it.right.unwrap_or(f64::INFINITY), End::Right)])
        .collect();
    ends.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let pairs = ends.windows(2).filter(|it| it[0].1 == End::Left && it[1].1 == End::Right);
    pairs.map(|it| (it[0].0, it[1].0)).collect()
}

/// Mean log-likelihood of shares of the supports.
struct Likelihood {
    /// First support, the one after the last, and the share of the subjects that have just these.
    ranges: Vec<(usize, usize, f64)>,
}

/// What one step of expectation-maximization makes of some shares.
struct Step {
    shares: Vec<f64>,
    /// Of the shares before the step.
    log_likelihood: f64,
    gap: f64,
}

/// Where a climb ended.
struct Climbed {
    step: Step,
    n_iterations: usize,
}

impl Likelihood {
    /// Up from some shares, to the top or as far as the iterations go; what has no share gets none.
    fn climb(&self, mut at: Vec<f64>) -> Climbed {
        for n_iterations in 1..=MAX_ITERATIONS {
            let once = self.step(&at);
            if once.gap <= MAX_GAP {
                return Climbed { step: once, n_iterations };
            }
            let twice = self.step(&once.shares);
            let landed = self.step(&extrapolated(&at, &once.shares, &twice.shares));
            // The long jump is kept only if it does not lose.
            at = if landed.log_likelihood >= twice.log_likelihood {
                landed.shares
            } else {
                self.step(&twice.shares).shares
            };
        }
        Climbed { step: self.step(&at), n_iterations: MAX_ITERATIONS }
    }

    fn new(intervals: &[Censored], supports: &[(f64, f64)]) -> Self {
        let mut counts = BTreeMap::<(usize, usize), usize>::new();
        for it in intervals {
            let right = it.right.unwrap_or(f64::INFINITY);
            let first = supports.partition_point(|support| support.0 < it.left);
            let end = supports.partition_point(|support| support.1 <= right);
            *counts.entry((first, end)).or_default() += 1;
        }
        let n = intervals.len() as f64;
        let range = |((first, end), count): ((usize, usize), usize)| (first, end, count as f64 / n);
        Self { ranges: counts.into_iter().map(range).collect() }
    }

    fn step(&self, shares: &[f64]) -> Step {
        let mut sums = Vec::with_capacity(shares.len() + 1);
        let mut sum = 0.0;
        sums.push(sum);
        for share in shares {
            sum += share;
            sums.push(sum);
        }
        // Derivatives, as differences of neighbors first.
        let mut slopes = vec![0.0; shares.len() + 1];
        let mut log_likelihood = 0.0;
        for &(first, end, weight) in &self.ranges {
            let probability = f64::max(sums[end] - sums[first], f64::MIN_POSITIVE);
            log_likelihood += weight * probability.ln();
            slopes[first] += weight / probability;
            slopes[end] -= weight / probability;
        }
        let (mut slope, mut largest) = (0.0, 0.0);
        let mut moved = Vec::with_capacity(shares.len());
        for (share, difference) in shares.iter().zip(&slopes) {
            slope += difference;
            largest = f64::max(largest, slope);
            moved.push(share * slope.max(0.0));
        }
        let total: f64 = moved.iter().sum();
        for share in &mut moved {
            *share /= total;
        }
        Step { shares: moved, log_likelihood, gap: largest - 1.0 }
    }
}

/// Where two steps point to, as far as their ratio says.
fn extrapolated(at: &[f64], once: &[f64], twice: &[f64]) -> Vec<f64> {
    let (mut length, mut bend) = (0.0, 0.0);
    for ((x0, x1), x2) in at.iter().zip(once).zip(twice) {
        let first = x1 - x0;
        let second = (x2 - x1) - first;
        length += first * first;
        bend += second * second;
    }
    if bend <= 0.0 {
        return twice.to_vec();
    }
    let stride = f64::max((length / bend).sqrt(), 1.0);
    let far = at.iter().zip(once).zip(twice).map(|((x0, x1), x2)| {
        let first = x1 - x0;
        let second = (x2 - x1) - first;
        // A share of 0 would stay there for ever; a tenth of it may come back.
        f64::max(x0 + 2.0 * stride * first + stride * stride * second, 0.1 * x2)
    });
    let far: Vec<f64> = far.collect();
    let total: f64 = far.iter().sum();
    far.into_iter().map(|it| it / total).collect()
}

#[cfg(test)]
mod tests;
