//! What a reading is about: a key result as its record has it.

use fixloop_model::Timestamp;
use fixloop_program::record::{GuardRecord, KeyResult};
use fixloop_program::{Metric, Population};
use fixloop_readout::Statistic;
use jiff::civil::Date;

use crate::pilot::DAY;

#[derive(Clone, Debug, PartialEq)]
pub struct KeyResultQuestion {
    pub metric: Metric,
    pub population: Population,
    /// Frozen when the key result was made.
    pub baseline: Option<f64>,
    pub target: Option<f64>,
    /// After the first, up to and including the second.
    pub baseline_window: (Timestamp, Timestamp),
    pub started: Timestamp,
    pub cut: Timestamp,
    pub deadline: Option<Timestamp>,
    pub guards: Vec<GuardRecord>,
}

impl KeyResultQuestion {
    /// Nothing if this build knows no such metric or population. Days begin at midnight (UTC).
    pub fn of(key_result: &KeyResult, cut: Timestamp) -> Option<Self> {
        let (plan, baseline) = (&key_result.plan, &key_result.baseline);
        let metric = Metric::ALL.into_iter().find(|it| it.name() == plan.metric)?;
        let population = Population::ALL.into_iter().find(|it| it.option() == plan.population)?;
        Some(Self {
            metric,
            population,
            baseline: baseline.value,
            target: plan.target_value,
            baseline_window: (midnight(baseline.from), midnight(baseline.until)),
            started: midnight(plan.start),
            cut,
            deadline: plan.end.map(midnight),
            guards: plan.guards.clone(),
        })
    }

    pub(crate) fn statistic(&self) -> Statistic {
        match self.metric {
            Metric::TimeToFix => Statistic::MeanOpen,
            Metric::Unfixed14 => Statistic::Unfixed { days: 14.0 },
            Metric::Unfixed30 => Statistic::Unfixed { days: 30.0 },
        }
    }

    /// Logarithm of target by baseline.
    pub(crate) fn wanted(&self) -> Option<f64> {
        let ratio = self.target? / self.baseline?;
        (ratio.is_finite() && ratio > 0.0).then(|| ratio.ln())
    }
}

fn midnight(day: Date) -> Timestamp {
    let since = jiff::civil::date(1970, 1, 1).until(day).map_or(0, |it| it.get_days());
    Timestamp(i64::from(since) * DAY)
}
