//! `fixloop okr baseline`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_program::evidence::Measure;
use fixloop_program::{Baseline, Plan, Source, baseline};
use jiff::civil::Date;
use jiff::tz::Offset;
use thiserror::Error;

use super::wanted::KeyResultArguments;
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
    #[command(flatten)]
    wanted: KeyResultArguments,
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

#[derive(Debug, Error)]
#[error("no repository could be read: {0}")]
struct NothingRead(String);

pub(crate) fn run(arguments: &BaselineArguments) -> Result<ExitCode, CommandError> {
    let mined = arguments.mining.mine()?;
    let found = of_mined(&mined, |today| arguments.wanted.plan(today))?;
    match arguments.format {
        BaselineFormat::Text => print(|out| text::write(&found, out))?,
        BaselineFormat::Json => print(|out| json::write(&found, mined.cut, out))?,
        BaselineFormat::Toml => print(|out| draft::write(&found, out))?,
    }
    mined.tell_cache_faults();
    Ok(ExitCode::from(u8::from(!found.is_accepted())))
}

/// The baseline of what was mined.
pub(super) fn of_mined(
    mined: &Mined,
    plan: impl FnOnce(Date) -> Plan,
) -> Result<Baseline, CommandError> {
    if mined.histories().next().is_none() {
        return Err(nothing_read(mined));
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
    Ok(baseline(plan(today), &source))
}

fn nothing_read(mined: &Mined) -> CommandError {
    let reasons = mined.repositories.iter().filter_map(|it| {
        let reason = it.history.as_ref().err()?;
        Some(format!("{}: {reason}", it.name))
    });
    let first = reasons.take(3).collect::<Vec<_>>().join("; ");
    CommandError::from(NothingRead(first)).hint("fixloop history PATH… tells why")
}

/// So many, of so many.
fn pair(it: &Measure) -> (f64, f64) {
    (it.x, it.n)
}
