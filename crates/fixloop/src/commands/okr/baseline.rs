//! `fixloop okr baseline`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_program::evidence::Measure;
use fixloop_program::{Metric, Plan, Population, Source, Target, baseline};
use jiff::civil::Date;
use jiff::tz::Offset;
use thiserror::Error;

use super::{draft, json, text};
use crate::error::CommandError;
use crate::mined::{Mined, MiningArguments};
use crate::output::print;

/// Today's baseline of a key result, and whether the key result is SMART
///
/// Mines the repositories as fixloop history does, takes the metric over the last year, and asks each SMART check. Only what is missing
/// blocks; what is imprecise warns and says the way out. Nothing leaves this machine.
///
/// Exit code: 0 if accepted, with warnings or without; 1 if something is missing; 2 if no repository could be read.
#[derive(Args)]
pub(crate) struct BaselineArguments {
    #[command(flatten)]
    mining: MiningArguments,
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
    /// For people, `fixloop.okr-baseline/1` for scripts, or a draft key result
    #[arg(long, value_enum, default_value_t = BaselineFormat::Text)]
    format: BaselineFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum BaselineFormat {
    Text,
    Json,
    Toml,
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

#[derive(Debug, Error)]
#[error("no repository could be read: {0}")]
struct NothingRead(String);

pub(crate) fn run(arguments: &BaselineArguments) -> Result<ExitCode, CommandError> {
    let mined = arguments.mining.mine()?;
    if mined.histories().next().is_none() {
        return Err(nothing_read(&mined));
    }
    let readout = mined.readout();
    let cut = jiff::Timestamp::from_microsecond(mined.cut.0)?;
    let today = Offset::UTC.to_datetime(cut).date();
    let source = Source {
        readout: &readout,
        today,
        last_commit: mined.last_commit(),
        n_gaps: mined.gaps.len(),
        regressions: pair(&mined.regressions()),
        known_at_introduction: pair(&mined.known_at_introduction()),
    };
    let found = baseline(arguments.plan(today), &source);
    match arguments.format {
        BaselineFormat::Text => print(|out| text::write(&found, out))?,
        BaselineFormat::Json => print(|out| json::write(&found, mined.cut, out))?,
        BaselineFormat::Toml => print(|out| draft::write(&found, out))?,
    }
    mined.tell_cache_faults();
    Ok(ExitCode::from(u8::from(!found.is_accepted())))
}

fn nothing_read(mined: &Mined) -> CommandError {
    let reasons = mined.repositories.iter().filter_map(|it| {
        let reason = it.history.as_ref().err()?;
        Some(format!("{}: {reason}", it.name))
    });
    let first = reasons.take(3).collect::<Vec<_>>().join("; ");
    CommandError::from(NothingRead(first)).hint("fixloop history PATH… tells why")
}

impl BaselineArguments {
    fn plan(&self, today: Date) -> Plan {
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

/// So many, of so many.
fn pair(it: &Measure) -> (f64, f64) {
    (it.x, it.n)
}
