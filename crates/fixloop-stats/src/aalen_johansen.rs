//! Cumulative incidence with competing causes, delayed entry included.
//!
//! One minus Kaplan-Meier of one cause overstates its share, because it lets those who left by another cause come back.

use crate::{Causes, EmptySample, Observation, Outcome, Sample, Start};

/// F(t), the cumulative incidence of a set of causes over age.
#[derive(Clone, Debug)]
pub struct AalenJohansen {
    start: Start,
    end: f64,
    steps: Vec<IncidenceStep>,
}

/// The incidence from one event time (of any cause) up to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IncidenceStep {
    pub time: f64,
    pub n_at_risk: usize,
    /// Of the causes in question.
    pub n_events: usize,
    /// Probability of having had an event of these causes by then, in [0, 1].
    pub share: f64,
    /// The estimator's standard error, as R `survfit` has it.
    pub std_error: f64,
    /// Gray's, as `cmprsk` has it: slightly larger, and of little use where the last subject at risk has an event.
    pub gray_std_error: f64,
}

/// The Aalen-Johansen estimate of F(t), the probability of an event of `causes` by age t, all other causes taking effect.
///
/// Takes one observation per subject, in any order. The shares of disjoint causes sum to 1-S(t) of any cause.
///
/// # Errors
/// If `observations` is empty.
///
/// # Source
/// Aalen & Johansen 1978, <https://www.jstor.org/stable/4615704>; the standard error is in Andersen, Borgan, Gill & Keiding 1993,
/// <https://doi.org/10.1007/978-1-4612-4348-9>, Gray's in Gray 1988, <https://doi.org/10.1214/aos/1176350951>. Tested on R
/// `survival` 3.5-3 and `cmprsk` 2.2-11.
pub fn aalen_johansen(
    observations: &[Observation],
    causes: Causes,
) -> Result<AalenJohansen, EmptySample> {
    Ok(aalen_johansen_from(&Sample::new(observations)?, causes, Start::Origin))
}

/// F(t | T > start) of a sample that was sorted before, T being the age at an event of any cause; O(n).
pub fn aalen_johansen_from(sample: &Sample, causes: Causes, start: Start) -> AalenJohansen {
    let (mut share, mut survival) = (0.0, 1.0);
    let (mut variance, mut gray) = (Variance::default(), GrayVariance::default());
    let mut steps = Vec::new();
    for tie in sample.ties().filter(|it| start.includes(it.time)) {
        let n_any = tie.exits.iter().filter(|it| it.outcome != Outcome::Censored).count();
        if n_any == 0 {
            continue;
        }
        let n_events = tie.exits.iter().filter(|it| causes.holds(it.outcome)).count();
        let jump = Jump { n: tie.n_at_risk as f64, d: n_any as f64, dc: n_events as f64, survival };
        share = f64::min(share + survival * jump.dc / jump.n, 1.0);
        survival *= (jump.n - jump.d) / jump.n;
        variance.add(&jump, share);
        gray.add(&jump, share, survival);
        steps.push(IncidenceStep {
            time: tie.time,
            n_at_risk: tie.n_at_risk,
            n_events,
            share,
            std_error: f64::sqrt(variance.at(share)),
            gray_std_error: f64::sqrt(gray.variance),
        });
    }
    let is_known_for_ever = survival <= 0.0;
    let end = if is_known_for_ever { f64::INFINITY } else { sample.last_time() };
    AalenJohansen { start, end, steps }
}

impl AalenJohansen {
    /// [`Start::After`]: the shares are of those without an event after that age, which a reader must be told.
    pub fn start(&self) -> Start {
        self.start
    }

    /// One per age with an event of any cause, ascending.
    pub fn steps(&self) -> &[IncidenceStep] {
        &self.steps
    }

    /// The step in force at age `t`; `None` before the start, and past the last subject unless nobody can have an event any more.
    pub fn at(&self, t: f64) -> Option<IncidenceStep> {
        if !(self.start.age()..=self.end).contains(&t) {
            return None;
        }
        let n_steps = self.steps.partition_point(|it| it.time <= t);
        Some(n_steps.checked_sub(1).map_or(NOTHING_YET, |i| self.steps[i]))
    }
}

/// Before the first event.
const NOTHING_YET: IncidenceStep = IncidenceStep {
    time: 0.0,
    n_at_risk: 0,
    n_events: 0,
    share: 0.0,
    std_error: 0.0,
    gray_std_error: 0.0,
};

/// What happened at one age.
struct Jump {
    n: f64,
    /// Events of any cause.
    d: f64,
    /// Events of the causes in question.
    dc: f64,
    /// S just before.
    survival: f64,
}

/// var F(t) = sum (F(t)-F(s))^2 a + sum b - 2 sum (F(t)-F(s)) c, kept as running sums so that each age costs the same.
#[derive(Default)]
struct Variance {
    a: f64,
    fa: f64,
    ffa: f64,
    b: f64,
    c: f64,
    fc: f64,
}

impl Variance {
    fn add(&mut self, jump: &Jump, share: f64) {
        let Jump { n, d, dc, survival, .. } = *jump;
        // Where nobody remains, F never moves again, and its term is 0.
        if d < n {
            let a = d / (n * (n - d));
            self.a += a;
            self.fa += share * a;
            self.ffa += share * share * a;
        }
        let c = survival * dc / (n * n);
        self.b += survival * survival * dc * (n - dc) / (n * n * n);
        self.c += c;
        self.fc += share * c;
    }

    /// Rounding may leave a tiny negative number where the variance is 0.
    fn at(&self, share: f64) -> f64 {
        let from_survival = share * share * self.a - 2.0 * share * self.fa + self.ffa;
        f64::max(from_survival + self.b - 2.0 * (share * self.c - self.fc), 0.0)
    }
}

#[derive(Default)]
struct GrayVariance {
    v1: f64,
    v2: f64,
    v3: f64,
    variance: f64,
}

impl GrayVariance {
    fn add(&mut self, jump: &Jump, share: f64, survival_after: f64) {
        let Jump { n, d, dc, survival, .. } = *jump;
        let others = d - dc;
        // Variance of the events at one age, given the risk set.
        let of_ties = |events: f64| {
            let ties = if events > 1.0 { 1.0 - (events - 1.0) / (n - 1.0) } else { 1.0 };
            survival * survival * ties * events / (n * n)
        };
        let inverse = if survival_after > 0.0 { 1.0 / survival_after } else { 0.0 };
        if others > 0.0 && survival_after > 0.0 {
            self.accumulate(share * inverse, inverse, of_ties(others));
        }
        if dc > 0.0 {
            self.accumulate(1.0 + share * inverse, inverse, of_ties(dc));
            let variance = self.v1 + share * share * self.v3 - 2.0 * share * self.v2;
            self.variance = f64::max(variance, 0.0);
        }
    }

    fn accumulate(&mut self, t4: f64, t3: f64, t6: f64) {
        self.v1 += t4 * t4 * t6;
        self.v2 += t3 * t4 * t6;
        self.v3 += t3 * t3 * t6;
    }
}

#[cfg(test)]
mod tests;
