//! Where a key result stands: a value, how sure that is, and what it may be called.
//!
//! Every change is the logarithm of a ratio between two calendar windows, by period curves, with the error of a delete-one-team
//! jackknife: a team is left out of both windows at once, so that how teams differ cancels. Nothing inside that error is ever good or
//! bad. Sources: Brenner & Gefeller 1996, <https://doi.org/10.1002/(SICI)1097-0142(19961101)78:9%3C2004::AID-CNCR23%3E3.0.CO;2-E>;
//! Efron & Stein 1981, <https://doi.org/10.1214/aos/1176345462>.

mod band;
mod change;
mod guards;
mod question;
#[cfg(test)]
mod tests;

use fixloop_model::{Exposure, Opportunity, Timestamp};
use fixloop_readout::{Estimate, InWindow, Row, in_window};

pub use band::Band;
pub use change::Change;
pub use guards::GuardNow;
pub use question::KeyResultQuestion;

use band::{Changes, band};
use change::{changed, exposure_days, standardised};
use guards::guards;

/// When a target was there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TargetSpan {
    pub team: Option<String>,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// What was mined up to the cut.
#[derive(Clone, Copy, Debug)]
pub struct Mined<'a> {
    pub exposures: &'a [Exposure],
    /// Their exposures are places in `exposures`.
    pub opportunities: &'a [Opportunity],
    pub targets: &'a [TargetSpan],
}

/// One reading of a key result.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub question: KeyResultQuestion,
    /// The metric from the key result's start to the cut, by the period curve; `None` if too little was at risk.
    pub value: Option<Estimate>,
    /// Upgraded or removed since the start.
    pub n_closures: usize,
    /// (baseline - value) / (baseline - target): 1 is there, below 0 is further away.
    pub progress: Option<f64>,
    /// Of the metric.
    pub raw: Change,
    /// Of the metric with the baseline's mix of severities.
    pub standardised: Change,
    /// Of opportunity-days open per 100 targets and month (of 365.25 / 12 days).
    pub exposure_days: Change,
    /// That the true ratio is at the target's or below, as things are now; `None` without a target or an error.
    pub probability: Option<f64>,
    pub band: Band,
    pub guards: Vec<GuardNow>,
    /// The reading in sentences.
    pub says: String,
}

impl Progress {
    /// `likely` above 80 %, `unlikely` below 20 %, else `toss-up`.
    pub fn likelihood(&self) -> Option<&'static str> {
        self.probability.map(|it| match it {
            it if it > 0.8 => "likely",
            it if it < 0.2 => "unlikely",
            _ => "toss-up",
        })
    }
}

/// The rows of both windows, those of the question's population.
pub(crate) struct Windows {
    pub(crate) before: InWindow,
    pub(crate) now: InWindow,
}

/// Reads a key result. Costs a few passes over the rows, whatever the number of teams (more than 50 are put together).
pub fn progress(question: KeyResultQuestion, mined: &Mined<'_>) -> Progress {
    let rows: Vec<Row> = mined
        .opportunities
        .iter()
        .map(Row::of_opportunity)
        .filter(|it| question.population.holds(it))
        .collect();
    let of = |(after, until)| in_window(&rows, after, until).or_else(empty);
    let windows = of(question.baseline_window).zip(of((question.started, question.cut)));
    let (before, now) = windows.expect("a window of one microsecond is one");
    let windows = Windows { before, now };
    let group = windows.now.group(question.population.option());
    let value = question.metric.of(&group);
    let raw = changed(&question, &windows);
    let changes = Changes {
        standardised: standardised(&question, &windows),
        exposure_days: exposure_days(&question, &rows, mined.targets),
        raw,
    };
    let band = band(&question, &changes);
    let progress = question.baseline.zip(question.target).zip(value).and_then(
        |((baseline, target), value)| {
            let way = baseline - target;
            (way.abs() > 0.0).then(|| (baseline - value.value) / way)
        },
    );
    let mut found = Progress {
        value,
        n_closures: group.n_upgraded + group.n_removed,
        progress,
        probability: changes.raw.probability(question.wanted()),
        band,
        guards: guards(&question, mined),
        says: String::new(),
        raw: changes.raw,
        standardised: changes.standardised,
        exposure_days: changes.exposure_days,
        question,
    };
    found.says = band::says(&found);
    found
}

fn empty() -> Option<InWindow> {
    in_window(&[], Timestamp(0), Timestamp(1))
}
