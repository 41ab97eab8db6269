//! Where the score is, of trials that have not stopped.

use statrs::distribution::{ContinuousCDF, Normal};

use super::quadrature::{Node, nodes};

/// Beyond so many standard deviations a step of the score has no probability that a number holds.
const REACH: f64 = 39.0;

/// Of the score after a look, if the trial went on; integrates to the probability that it did.
pub(super) enum Density {
    /// Nothing is known yet: the score is 0.
    Start,
    At(Vec<Mass>),
}

/// Probability near a score, ascending by it.
#[derive(Clone, Copy)]
pub(super) struct Mass {
    score: f64,
    probability: f64,
}

impl Density {
    /// Probability that the score is at least `bound` away from 0 after a normal step.
    pub(super) fn probability_beyond(&self, bound: f64, std_dev: f64) -> f64 {
        let normal = Normal::standard();
        let beyond =
            |from: f64| normal.sf((bound - from) / std_dev) + normal.sf((bound + from) / std_dev);
        match self {
            Self::Start => beyond(0.0),
            Self::At(masses) => masses.iter().map(|it| it.probability * beyond(it.score)).sum(),
        }
    }

    /// After a normal step that ends less than `bound` away from 0, fit to be integrated against what varies over `resolution`.
    pub(super) fn continued(&self, bound: f64, std_dev: f64, resolution: f64) -> Self {
        let mass = |node: Node| Mass {
            score: node.at,
            probability: node.weight * self.density(node.at, std_dev),
        };
        Self::At(nodes(bound, resolution).map(mass).collect())
    }

    fn density(&self, score: f64, std_dev: f64) -> f64 {
        let kernel = |from: f64| {
            let z = (score - from) / std_dev;
            (-z * z / 2.0).exp() / (std_dev * (2.0 * std::f64::consts::PI).sqrt())
        };
        match self {
            Self::Start => kernel(0.0),
            Self::At(masses) => {
                let reach = REACH * std_dev;
                let first = masses.partition_point(|it| it.score < score - reach);
                let near = masses[first..].iter().take_while(|it| it.score <= score + reach);
                near.map(|it| it.probability * kernel(it.score)).sum()
            }
        }
    }
}
