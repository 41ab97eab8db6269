//! Partial likelihood with its derivatives, in one pass from the last event to the first.

use super::Ties;
use super::rows::Rows;

/// The log partial likelihood at some coefficients.
#[derive(Clone)]
pub(super) struct Likelihood {
    pub(super) value: f64,
    pub(super) score: Vec<f64>,
    /// Negative second derivatives, `p` x `p`.
    pub(super) information: Vec<f64>,
}

/// Sums over the risk set of the relative risk, times each covariate, times each pair of them.
///
/// Rows leave by subtraction, so what rounding lost is kept beside the sums.
pub(super) struct RiskSums {
    values: Vec<f64>,
    lost: Vec<f64>,
    n_at_risk: usize,
}

/// A time's share of both sums over its events.
struct Term<'a> {
    all: &'a [f64],
    events: &'a [f64],
    fraction: f64,
    times: f64,
}

impl Likelihood {
    pub(super) fn at(rows: &Rows, coefficients: &[f64], ties: Ties) -> Self {
        let p = rows.n_covariates;
        let mut likelihood = Self::zero(p);
        let mut all = vec![0.0; n_sums(p)];
        sweep(rows, coefficients, n_sums(p), |risk, events| {
            risk.write_to(&mut all);
            likelihood.add_time(&all, events, ties);
        });
        likelihood.mirror();
        likelihood
    }

    /// Nothing yet, of `p` covariates.
    pub(super) fn zero(p: usize) -> Self {
        Self { value: 0.0, score: vec![0.0; p], information: vec![0.0; p * p] }
    }

    /// Adds the events of one time; `all` holds the sums over those at risk.
    pub(super) fn add_time(&mut self, all: &[f64], events: &EventSums, ties: Ties) {
        self.value += events.predictors;
        for (score, covariate) in self.score.iter_mut().zip(&events.covariates) {
            *score += covariate;
        }
        let d = events.count;
        let (steps, times) = match ties {
            Ties::Efron => (d, 1.0),
            Ties::Breslow => (1, d as f64),
        };
        for step in 0..steps {
            let fraction = step as f64 / d as f64;
            self.subtract(&Term { all, events: &events.sums, fraction, times });
        }
    }

    /// Fills in the half of the information below its diagonal.
    pub(super) fn mirror(&mut self) {
        let p = self.score.len();
        for row in 1..p {
            for column in 0..row {
                self.information[row * p + column] = self.information[column * p + row];
            }
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.score.iter().chain(&self.information).all(|it| it.is_finite())
    }

    fn subtract(&mut self, term: &Term<'_>) {
        let p = self.score.len();
        let sum = |at: usize| term.all[at] - term.fraction * term.events[at];
        let total = sum(0);
        self.value -= term.times * total.ln();
        let mut pair = 1 + p;
        for row in 0..p {
            let mean = sum(1 + row) / total;
            self.score[row] -= term.times * mean;
            for column in row..p {
                let product = mean * (sum(1 + column) / total);
                self.information[row * p + column] += term.times * (sum(pair) / total - product);
                pair += 1;
            }
        }
    }
}

/// The events of one time.
pub(super) struct EventSums {
    pub(super) count: usize,
    /// As [`RiskSums`].
    pub(super) sums: Vec<f64>,
    /// Sum of the linear predictors.
    predictors: f64,
    covariates: Vec<f64>,
}

/// Calls `at_time` with the risk set and the events of each time, from the last to the first; keeps `n_sums` sums.
pub(super) fn sweep(
    rows: &Rows,
    coefficients: &[f64],
    n_sums: usize,
    mut at_time: impl FnMut(&RiskSums, &EventSums),
) {
    let p = rows.n_covariates;
    let mut risk = RiskSums::new(n_sums);
    let mut events = EventSums::new(n_sums, p);
    let mut terms = vec![0.0; n_sums];
    let (mut next, mut next_late) = (0, 0);
    for time in (0..rows.n_times).rev() {
        if rows.is_last[time] {
            risk.clear();
        }
        while let Some(&row) = rows.late.get(next_late).filter(|&&it| rows.at_risk[it].first > time)
        {
            write_terms(rows.of(row), coefficients, &mut terms);
            risk.remove(&terms);
            next_late += 1;
        }
        events.clear();
        while let Some(row) = rows.at_risk.get(next).filter(|it| it.end == time + 1) {
            let covariates = rows.of(next);
            let predictor = write_terms(covariates, coefficients, &mut terms);
            risk.add(&terms);
            if row.is_event {
                events.add(&terms, predictor, covariates);
            }
            next += 1;
        }
        at_time(&risk, &events);
    }
}

/// How many sums a model of `p` covariates needs for its second derivatives.
pub(super) fn n_sums(p: usize) -> usize {
    1 + p + p * (p + 1) / 2
}

/// `b'x`.
pub(super) fn predictor(covariates: &[f64], coefficients: &[f64]) -> f64 {
    covariates.iter().zip(coefficients).map(|(x, b)| x * b).sum()
}

/// Fills `terms` as far as it reaches; returns the linear predictor.
pub(super) fn write_terms(covariates: &[f64], coefficients: &[f64], terms: &mut [f64]) -> f64 {
    let p = covariates.len();
    let predictor = predictor(covariates, coefficients);
    let risk = predictor.exp();
    terms[0] = risk;
    for (term, x) in terms[1..=p].iter_mut().zip(covariates) {
        *term = risk * x;
    }
    if terms.len() > 1 + p {
        let mut pair = 1 + p;
        for row in 0..p {
            let first = risk * covariates[row];
            for x in &covariates[row..] {
                terms[pair] = first * x;
                pair += 1;
            }
        }
    }
    predictor
}

impl RiskSums {
    pub(super) fn new(n_sums: usize) -> Self {
        Self { values: vec![0.0; n_sums], lost: vec![0.0; n_sums], n_at_risk: 0 }
    }

    /// The sums, with what rounding lost.
    pub(super) fn write_to(&self, sums: &mut [f64]) {
        for (sum, (value, lost)) in sums.iter_mut().zip(self.values.iter().zip(&self.lost)) {
            *sum = value + lost;
        }
    }

    /// The sum of the relative risks.
    pub(super) fn first(&self) -> f64 {
        self.values[0] + self.lost[0]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.n_at_risk == 0
    }

    pub(super) fn clear(&mut self) {
        self.values.fill(0.0);
        self.lost.fill(0.0);
        self.n_at_risk = 0;
    }

    pub(super) fn add(&mut self, terms: &[f64]) {
        self.n_at_risk += 1;
        self.accumulate(terms, 1.0);
    }

    pub(super) fn remove(&mut self, terms: &[f64]) {
        self.n_at_risk -= 1;
        if self.n_at_risk == 0 {
            self.clear();
        } else {
            self.accumulate(terms, -1.0);
        }
    }

    fn accumulate(&mut self, terms: &[f64], sign: f64) {
        for ((value, lost), term) in self.values.iter_mut().zip(&mut self.lost).zip(terms) {
            let term = sign * term;
            let sum = *value + term;
            // Knuth's two-sum: exactly what `sum` lacks.
            let added = sum - *value;
            *lost += (*value - (sum - added)) + (term - added);
            *value = sum;
        }
    }
}

impl EventSums {
    pub(super) fn new(n_sums: usize, p: usize) -> Self {
        Self { count: 0, sums: vec![0.0; n_sums], predictors: 0.0, covariates: vec![0.0; p] }
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.sums.fill(0.0);
        self.predictors = 0.0;
        self.covariates.fill(0.0);
    }

    pub(super) fn add(&mut self, terms: &[f64], predictor: f64, covariates: &[f64]) {
        self.count += 1;
        self.predictors += predictor;
        for (sum, term) in self.sums.iter_mut().zip(terms) {
            *sum += term;
        }
        for (sum, covariate) in self.covariates.iter_mut().zip(covariates) {
            *sum += covariate;
        }
    }
}
