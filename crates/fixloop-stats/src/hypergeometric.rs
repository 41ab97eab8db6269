//! How many of the drawn are marked, given the margins: the hypergeometric distribution, and Fisher's noncentral one.

/// Every count of marked ones among the drawn that the margins allow, ascending.
pub(crate) struct Hypergeometric {
    least: u64,
    log_weights: Vec<f64>,
}

impl Hypergeometric {
    /// Takes at most as many drawn as there are; costs O(smallest margin).
    pub(crate) fn new(marked: u64, unmarked: u64, drawn: u64) -> Self {
        let least = drawn.saturating_sub(unmarked);
        let most = marked.min(drawn);
        let mut log_weights = vec![0.0];
        let mut log_weight = 0.0;
        for x in least..most {
            // Ratio of neighbors; it needs no large factorials, which lose digits.
            let ratio = ((marked - x) as f64 * (drawn - x) as f64)
                / ((x + 1) as f64 * (unmarked + x + 1 - drawn) as f64);
            log_weight += ratio.ln();
            log_weights.push(log_weight);
        }
        Self { least, log_weights }
    }

    /// The smallest possible count.
    pub(crate) fn least(&self) -> u64 {
        self.least
    }

    pub(crate) fn n_counts(&self) -> usize {
        self.log_weights.len()
    }

    /// Probabilities of the counts from the least on, at an odds ratio of `exp(log_odds)`.
    pub(crate) fn probabilities(&self, log_odds: f64) -> Vec<f64> {
        let tilted = self.tilted(log_odds);
        let largest = tilted.clone().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = tilted.map(|it| (it - largest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|it| it / sum).collect()
    }

    /// Logarithm of how much more probable `count` is at an odds ratio of `exp(log_odds)` than at 1.
    ///
    /// Takes a possible count.
    pub(crate) fn log_likelihood_ratio(&self, count: u64, log_odds: f64) -> f64 {
        let above_least = (count - self.least) as f64;
        above_least * log_odds + self.log_total(0.0) - self.log_total(log_odds)
    }

    fn log_total(&self, log_odds: f64) -> f64 {
        let tilted = self.tilted(log_odds);
        let largest = tilted.clone().fold(f64::NEG_INFINITY, f64::max);
        largest + tilted.map(|it| (it - largest).exp()).sum::<f64>().ln()
    }

    fn tilted(&self, log_odds: f64) -> impl Iterator<Item = f64> + Clone {
        self.log_weights.iter().enumerate().map(move |(i, it)| it + i as f64 * log_odds)
    }
}
