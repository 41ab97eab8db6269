//! The penalized partial likelihood: log frailties as coefficients that a gamma distribution holds near 0.

use crate::cholesky::Cholesky;
use crate::least_squares::{add_scaled, dot};

use super::super::likelihood::{EventSums, Likelihood, RiskSums, n_sums, write_terms};
use super::super::newton;
use super::super::rows::Rows;
use super::super::{CoxError, Ties};

const MAX_ITERATIONS: usize = 2_000;
const MAX_HALVINGS: usize = 40;

/// Gain in log-likelihood that the next step promises when there is nothing more to gain.
const NO_GAIN: f64 = 1e-13;

/// Where so little is left of the information at 0, a coefficient is on its way to infinity.
const RAN_AWAY: f64 = 1e-6;

/// Which cluster the rows belong to, numbered from 0.
pub(super) struct Clusters {
    pub(super) of_row: Vec<usize>,
    n_events: Vec<usize>,
}

impl Clusters {
    pub(super) fn new(rows: &Rows, of_row: Vec<usize>, n_clusters: usize) -> Self {
        let mut n_events = vec![0; n_clusters];
        for (row, &cluster) in rows.at_risk.iter().zip(&of_row) {
            n_events[cluster] += usize::from(row.is_event);
        }
        Self { of_row, n_events }
    }
}

/// The best coefficients and frailties for a variance.
#[derive(Clone)]
pub(super) struct Fitted {
    pub(super) theta: f64,
    /// Of the scaled covariates.
    pub(super) coefficients: Vec<f64>,
    pub(super) log_frailties: Vec<f64>,
    /// With the frailties integrated out; for a variance of 0 the partial likelihood.
    pub(super) log_likelihood: f64,
}

/// Fits one variance after another, each from the model without frailties: where another one ended, coefficients may have run away.
pub(super) struct Profile<'a> {
    rows: &'a Rows,
    clusters: &'a Clusters,
    ties: Ties,
    start: Point,
    at: Point,
    null_information: Vec<f64>,
}

#[derive(Clone)]
struct Point {
    coefficients: Vec<f64>,
    log_frailties: Vec<f64>,
}

impl<'a> Profile<'a> {
    pub(super) fn new(
        rows: &'a Rows,
        clusters: &'a Clusters,
        ties: Ties,
    ) -> Result<Self, CoxError> {
        let without = newton::maximize(rows.n_covariates, |it| Likelihood::at(rows, it, ties))?;
        let log_frailties = vec![0.0; clusters.n_events.len()];
        let start = Point { coefficients: without.coefficients, log_frailties };
        let null_information = without.null.information;
        Ok(Self { rows, clusters, ties, at: start.clone(), start, null_information })
    }

    pub(super) fn fit(&mut self, theta: f64) -> Result<Fitted, CoxError> {
        let precision = theta.recip();
        self.at = self.start.clone();
        let mut here = self.curved(&self.at, precision);
        for _ in 0..MAX_ITERATIONS {
            let step = here.step()?;
            let promised = dot(&step.coefficients, &here.inner.score)
                + dot(&step.log_frailties, &here.frailty_scores);
            if promised <= NO_GAIN * (1.0 + here.inner.value.abs()) {
                return Ok(Fitted {
                    theta,
                    coefficients: self.at.coefficients.clone(),
                    log_frailties: self.at.log_frailties.clone(),
                    log_likelihood: self.integrated(&here, precision),
                });
            }
            let Some((moved, next)) = self.improve(&step, &here, precision) else {
                return Err(CoxError::NotConverged { n_iterations: MAX_HALVINGS });
            };
            self.at = moved;
            here = next;
        }
        Err(CoxError::NotConverged { n_iterations: MAX_ITERATIONS })
    }

    /// The longest of step, step/2, step/4, … that does not lose.
    fn improve(&self, step: &Point, from: &Curved, precision: f64) -> Option<(Point, Curved)> {
        let rounding = 1e-12 * (1.0 + from.penalized.abs());
        let mut fraction = 1.0;
        for _ in 0..MAX_HALVINGS {
            let mut moved = self.at.clone();
            add_scaled(&mut moved.coefficients, &step.coefficients, fraction);
            add_scaled(&mut moved.log_frailties, &step.log_frailties, fraction);
            // The baseline takes up a common factor; the penalty is least where the frailties' mean is 1.
            let n = moved.log_frailties.len() as f64;
            let mean = moved.log_frailties.iter().map(|it| it.exp() / n).sum::<f64>();
            moved.log_frailties.iter_mut().for_each(|it| *it -= mean.ln());
            let next = self.curved(&moved, precision);
            if next.penalized.is_finite() && next.penalized >= from.penalized - rounding {
                return Some((moved, next));
            }
            fraction /= 2.0;
        }
        None
    }

    /// Of a cluster with d events, the integral over the frailty leaves `v w + v ln v - (v+d) ln(v+d) + ln G(v+d) - ln G(v) + d`
    /// beside the partial likelihood, `v` being the precision and `w` the log frailty; it goes to 0 with the variance.
    fn integrated(&self, here: &Curved, precision: f64) -> f64 {
        let of_cluster = |(w, &d): (&f64, &usize)| {
            let all = precision + d as f64;
            let ratios: f64 = (0..d).map(|it| ((precision + it as f64) / all).ln()).sum();
            precision * (w - (d as f64 / precision).ln_1p()) + ratios + d as f64
        };
        let clusters = self.at.log_frailties.iter().zip(&self.clusters.n_events);
        here.inner.value + clusters.map(of_cluster).sum::<f64>()
    }

    /// Inverse information of the coefficients, the frailties estimated beside them.
    pub(super) fn covariance(&self, of: &Fitted) -> Result<Vec<f64>, CoxError> {
        let (p, k) = (self.rows.n_covariates, of.log_frailties.len());
        let (coefficients, log_frailties) = (of.coefficients.clone(), of.log_frailties.clone());
        let mut empty = Curved::new(p, k);
        empty.pairs = Some(vec![0.0; k * k]);
        let curved = self.added(&Point { coefficients, log_frailties }, of.theta.recip(), empty);
        let flat = |j: &usize| {
            let at = j * p + j;
            curved.inner.information[at] <= RAN_AWAY * self.null_information[at]
        };
        if let Some(covariate) = (0..p).find(flat) {
            return Err(CoxError::Monotone { covariate });
        }
        let size = p + k;
        // Frailties come first, since they hold each other in place; a covariate may be one of clusters.
        let mut information = vec![0.0; size * size];
        let pairs = curved.pairs.iter().flatten();
        for (at, pair) in pairs.enumerate() {
            information[at / k * size + at % k] = -pair;
        }
        for cluster in 0..k {
            information[cluster * size + cluster] += curved.frailty_bounds[cluster];
            for j in 0..p {
                let crossed = curved.crossed[cluster * p + j];
                information[cluster * size + k + j] = crossed;
                information[(k + j) * size + cluster] = crossed;
            }
        }
        for at in 0..p * p {
            information[(k + at / p) * size + k + at % p] = curved.inner.information[at];
        }
        let factor = Cholesky::new(&information, size)
            .map_err(|it| CoxError::Collinear { covariate: it.column.saturating_sub(k) })?;
        let column = |j: usize| {
            let mut unit = vec![0.0; size];
            unit[k + j] = 1.0;
            factor.solve(&unit)[k..].to_vec()
        };
        Ok((0..p).flat_map(column).collect())
    }

    fn curved(&self, at: &Point, precision: f64) -> Curved {
        let empty = Curved::new(self.rows.n_covariates, at.log_frailties.len());
        self.added(at, precision, empty)
    }

    fn added(&self, at: &Point, precision: f64, mut curved: Curved) -> Curved {
        let mut sweep = Sweep::new(self.rows.n_covariates, at.log_frailties.len());
        sweep.run(self, at, &mut curved);
        curved.inner.mirror();
        curved.penalized = curved.inner.value;
        for (cluster, w) in at.log_frailties.iter().enumerate() {
            curved.penalized += precision * (w - w.exp());
            curved.frailty_scores[cluster] += self.clusters.n_events[cluster] as f64;
            curved.frailty_scores[cluster] += precision * (1.0 - w.exp());
            curved.frailty_bounds[cluster] += precision * w.exp();
        }
        curved
    }
}

/// The likelihood at a point, with its derivatives.
struct Curved {
    /// Without the penalty.
    inner: Likelihood,
    penalized: f64,
    frailty_scores: Vec<f64>,
    /// Curvature by the frailties: their information without what pairs of them take off, so that steps do not overshoot.
    frailty_bounds: Vec<f64>,
    /// `p` numbers per cluster.
    crossed: Vec<f64>,
    /// What each pair of frailties takes off their information; only for standard errors.
    pairs: Option<Vec<f64>>,
}

impl Curved {
    fn new(p: usize, n_clusters: usize) -> Self {
        Self {
            inner: Likelihood::zero(p),
            penalized: 0.0,
            frailty_scores: vec![0.0; n_clusters],
            frailty_bounds: vec![0.0; n_clusters],
            crossed: vec![0.0; n_clusters * p],
            pairs: None,
        }
    }

    fn step(&self) -> Result<Point, CoxError> {
        let p = self.inner.score.len();
        let mut information = self.inner.information.clone();
        let mut score = self.inner.score.clone();
        for (cluster, crossed) in self.crossed.chunks(p).enumerate() {
            let own = self.frailty_bounds[cluster];
            for (row, factor) in crossed.iter().enumerate() {
                add_scaled(&mut information[row * p..][..p], crossed, -factor / own);
            }
            add_scaled(&mut score, crossed, -self.frailty_scores[cluster] / own);
        }
        let factor = Cholesky::new(&information, p)
            .map_err(|it| CoxError::Monotone { covariate: it.column })?;
        let coefficients = factor.solve(&score);
        let own = self.frailty_scores.iter().zip(&self.frailty_bounds);
        let log_frailties = own
            .zip(self.crossed.chunks(p))
            .map(|((score, own), crossed)| (score - dot(crossed, &coefficients)) / own)
            .collect();
        Ok(Point { coefficients, log_frailties })
    }
}

/// Sums over the risk set, of all and of each cluster.
struct Sweep {
    all: RiskSums,
    of_cluster: Vec<RiskSums>,
    events: EventSums,
    events_of_cluster: Vec<f64>,
    with_events: Vec<usize>,
}

impl Sweep {
    fn new(p: usize, n_clusters: usize) -> Self {
        Self {
            all: RiskSums::new(n_sums(p)),
            of_cluster: (0..n_clusters).map(|_| RiskSums::new(1 + p)).collect(),
            events: EventSums::new(n_sums(p), p),
            events_of_cluster: vec![0.0; n_clusters * (1 + p)],
            with_events: Vec::new(),
        }
    }

    /// From the last event time to the first.
    fn run(&mut self, profile: &Profile<'_>, at: &Point, curved: &mut Curved) {
        let (rows, of_row) = (profile.rows, &profile.clusters.of_row);
        let width = 1 + rows.n_covariates;
        let frailties: Vec<f64> = at.log_frailties.iter().map(|it| it.exp()).collect();
        let mut terms = vec![0.0; n_sums(rows.n_covariates)];
        let write = |row: usize, terms: &mut [f64]| {
            let predictor = write_terms(rows.of(row), &at.coefficients, terms);
            for term in terms.iter_mut() {
                *term *= frailties[of_row[row]];
            }
            predictor + at.log_frailties[of_row[row]]
        };
        let (mut next, mut next_late) = (0, 0);
        for time in (0..rows.n_times).rev() {
            if rows.is_last[time] {
                self.all.clear();
                self.of_cluster.iter_mut().for_each(RiskSums::clear);
            }
            while let Some(&row) =
                rows.late.get(next_late).filter(|&&it| rows.at_risk[it].first > time)
            {
                write(row, &mut terms);
                self.all.remove(&terms);
                self.of_cluster[of_row[row]].remove(&terms[..width]);
                next_late += 1;
            }
            self.events.clear();
            for cluster in self.with_events.drain(..) {
                self.events_of_cluster[cluster * width..][..width].fill(0.0);
            }
            while let Some(row) = rows.at_risk.get(next).filter(|it| it.end == time + 1) {
                let predictor = write(next, &mut terms);
                let cluster = of_row[next];
                self.all.add(&terms);
                self.of_cluster[cluster].add(&terms[..width]);
                if row.is_event {
                    self.events.add(&terms, predictor, rows.of(next));
                    add_scaled(
                        &mut self.events_of_cluster[cluster * width..][..width],
                        &terms,
                        1.0,
                    );
                    self.with_events.push(cluster);
                }
                next += 1;
            }
            self.add_time(profile.ties, curved);
        }
    }

    /// Adds the events of one time. Efron's steps share their sums: of the power `m` of the fraction over the power `q` of the total.
    fn add_time(&self, ties: Ties, curved: &mut Curved) {
        let p = curved.inner.score.len();
        let mut all = vec![0.0; n_sums(p)];
        self.all.write_to(&mut all);
        curved.inner.add_time(&all, &self.events, ties);
        let d = self.events.count;
        let (steps, times) = match ties {
            Ties::Efron => (d, 1.0),
            Ties::Breslow => (1, d as f64),
        };
        let (mut first, mut second) = ([0.0; 2], [0.0; 3]);
        for step in 0..steps {
            let fraction = step as f64 / d as f64;
            let total = all[0] - fraction * self.events.sums[0];
            for (power, sum) in first.iter_mut().enumerate() {
                *sum += times * fraction.powf(power as f64) / total;
            }
            for (power, sum) in second.iter_mut().enumerate() {
                *sum += times * fraction.powf(power as f64) / total / total;
            }
        }
        let width = 1 + p;
        let mut own = vec![0.0; width];
        for (cluster, sums) in self.of_cluster.iter().enumerate().filter(|it| !it.1.is_empty()) {
            sums.write_to(&mut own);
            let events = &self.events_of_cluster[cluster * width..][..width];
            let (a, b) = (own[0], events[0]);
            // Products of two sums, each less the fraction of its events.
            let product = |x: f64, of_events: f64| {
                a * x * second[0] - (a * of_events + b * x) * second[1] + b * of_events * second[2]
            };
            let share = a * first[0] - b * first[1];
            curved.frailty_scores[cluster] -= share;
            curved.frailty_bounds[cluster] += share;
            for j in 0..p {
                let mean = own[1 + j] * first[0] - events[1 + j] * first[1];
                curved.crossed[cluster * p + j] +=
                    mean - product(all[1 + j], self.events.sums[1 + j]);
            }
            if let Some(pairs) = &mut curved.pairs {
                let pairs = &mut pairs[cluster * self.of_cluster.len()..];
                let others = self.of_cluster.iter().zip(self.events_of_cluster.chunks(width));
                for (pair, (sums, events)) in pairs.iter_mut().zip(others) {
                    *pair += product(sums.first(), events[0]);
                }
            }
        }
    }
}
