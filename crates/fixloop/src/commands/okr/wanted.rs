//! What is asked of a key result: the same for a baseline that is only shown and one that is recorded.

use clap::{Args, ValueEnum};
use fixloop_program::{Metric, Plan, Population, Target};
use jiff::civil::Date;

#[derive(Args)]
pub(super) struct KeyResultArguments {
    /// What is to be reached: -20%, -5d or 14d
    #[arg(long, value_name = "CHANGE", allow_hyphen_values = true)]
    target: Option<Target>,
    /// The last day, at most 100 days after the start
    #[arg(long, value_name = "DATE")]
    by: Option<Date>,
    /// The first day; a baseline ends before it [default: today]
    #[arg(long, value_name = "DATE")]
    start: Option<Date>,
    /// What is measured; less is better
    #[arg(long, value_enum, default_value_t = MetricName::TimeToFix)]
    metric: MetricName,
    /// Which opportunities count
    #[arg(long, value_enum, default_value_t = PopulationName::All)]
    population: PopulationName,
    /// The baseline begins on this day [default: a year back if 30 were fixed since then, else all]
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// The one person who answers for it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// The key result in your words [default: made of metric, baseline and target]
    #[arg(long, value_name = "TEXT")]
    statement: Option<String>,
    /// The risk or policy that it is about
    #[arg(long, value_name = "TEXT")]
    risk: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum MetricName {
    /// Mean days open in the first 90 days
    TimeToFix,
    /// Share not fixed within 14 days
    #[value(name = "unfixed-14")]
    Unfixed14,
    /// Share not fixed within 30 days
    #[value(name = "unfixed-30")]
    Unfixed30,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum PopulationName {
    /// Vulnerable and malicious packages
    All,
    /// Those that the project asks for itself
    Direct,
    /// Those with a critical or high advisory
    CriticalHigh,
}

impl KeyResultArguments {
    pub(super) fn plan(&self, today: Date) -> Plan {
        Plan {
            metric: match self.metric {
                MetricName::TimeToFix => Metric::TimeToFix,
                MetricName::Unfixed14 => Metric::Unfixed14,
                MetricName::Unfixed30 => Metric::Unfixed30,
            },
            population: match self.population {
                PopulationName::All => Population::All,
                PopulationName::Direct => Population::Direct,
                PopulationName::CriticalHigh => Population::CriticalHigh,
            },
            target: self.target,
            start: self.start.unwrap_or(today),
            end: self.by,
            since: self.since,
            owner: self.owner.clone(),
            statement: self.statement.clone(),
            risk: self.risk.clone(),
        }
    }
}
