//! One number per team: how many events it had against how many it would have had at everybody's pace.

use crate::team_counts::TeamCounts;

/// Scores of teams, by number.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamScores {
    /// log((O + 0.5) / (E + 0.5)).
    pub scores: Vec<f64>,
    /// 1 / (theta + 1 / max(E, 0.5)), theta being the variance between teams: affects power, never validity.
    pub weights: Vec<f64>,
}

/// Scores of a period, adjusted for a period before.
#[derive(Clone, Debug, PartialEq)]
pub struct AdjustedScores {
    pub scores: TeamScores,
    /// What one of the history's score takes off; `None` if histories do not differ.
    pub slope: Option<f64>,
}

/// The variance between teams where no history tells it.
pub const DEFAULT_THETA: f64 = 0.2;

const ADDED: f64 = 0.5;

/// The scores of counts.
pub fn team_scores(counts: &TeamCounts, theta: f64) -> TeamScores {
    scores_of(&counts.observed, &counts.expected, theta)
}

/// The scores of observed and expected events, one of each for each team.
pub fn scores_of(observed: &[f64], expected: &[f64], theta: f64) -> TeamScores {
    let pairs = || observed.iter().zip(expected);
    TeamScores {
        scores: pairs().map(|(o, e)| f64::ln((o + ADDED) / (e + ADDED))).collect(),
        weights: pairs().map(|(_, e)| 1.0 / (theta + 1.0 / f64::max(*e, ADDED))).collect(),
    }
}

/// The variance between teams by the method of moments: max(0, sum((O-E)^2 - E) / sum E^2). `None` without events.
pub fn theta_of(counts: &TeamCounts) -> Option<f64> {
    let pairs = || counts.observed.iter().zip(&counts.expected);
    let excess: f64 = pairs().map(|(o, e)| (o - e) * (o - e) - e).sum();
    let squares: f64 = pairs().map(|(_, e)| e * e).sum();
    (squares > 0.0).then(|| f64::max(0.0, excess / squares))
}

impl TeamScores {
    /// Takes off what the teams' history explains, by weighted regression over all teams, blind to who was treated: the scores stay free
    /// of the assignment, and a test on them exact.
    pub fn adjusted(&self, history: &[f64]) -> AdjustedScores {
        let Self { scores, weights } = self;
        let total: f64 = weights.iter().sum();
        let mean = |of: &[f64]| of.iter().zip(weights).map(|(it, h)| it * h).sum::<f64>() / total;
        let (x_mean, y_mean) = (mean(history), mean(scores));
        let rows = || history.iter().zip(scores).zip(weights);
        let spread: f64 = rows().map(|((x, _), h)| h * (x - x_mean) * (x - x_mean)).sum();
        let shared: f64 = rows().map(|((x, y), h)| h * (x - x_mean) * (y - y_mean)).sum();
        let slope = (spread > 0.0).then(|| shared / spread).filter(|it| it.is_finite());
        let taken = slope.unwrap_or(0.0);
        let scores = scores.iter().zip(history).map(|(y, x)| y - taken * (x - x_mean)).collect();
        AdjustedScores { scores: Self { scores, weights: weights.clone() }, slope }
    }

    /// Weighted mean of treated (1) minus that of other (0) teams; NaN if an arm has no weight.
    pub fn difference(&self, treated: &[f64]) -> f64 {
        let (mut sums, mut weights) = ([0.0; 2], [0.0; 2]);
        for ((y, h), z) in self.scores.iter().zip(&self.weights).zip(treated) {
            sums[1] += z * h * y;
            weights[1] += z * h;
            sums[0] += (1.0 - z) * h * y;
            weights[0] += (1.0 - z) * h;
        }
        if weights[0] > 0.0 && weights[1] > 0.0 {
            sums[1] / weights[1] - sums[0] / weights[0]
        } else {
            f64::NAN
        }
    }
}
