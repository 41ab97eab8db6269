//! `fixloop campaign forecast`: a look that is kept, so that it can be scored.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use fixloop_campaign::{BackTest, Forecast};
use fixloop_program::record::Campaign;
use fixloop_report::visible;
use serde_json::json;

use super::OneArguments;
use super::create::{only_opened, put_warnings};
use super::look::{Looked, look, time};
use crate::data::refused;
use crate::error::CommandError;
use crate::output::{Format, print};

/// Look how it stands and whether it will be done in time; kept, so that forecasts can be scored
#[derive(Args)]
pub(crate) struct ForecastArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Keep nothing of it
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &ForecastArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let record = data.record()?;
    let campaign = record.campaign(arguments.one.campaign).map_err(refused)?.clone();
    only_opened(&campaign)?;
    let looked = look(&mut data, &campaign)?;
    if !arguments.dry_run {
        looked.keep(&mut data, &campaign)?;
    }
    let mut object = json!({
        "schema": "fixloop.campaign-forecast/1",
        "campaign": campaign.id.to_string(),
        "at": looked.at.to_string(),
        "deadline": campaign.plan.deadline.to_string(),
        "counts": looked.counts,
        "forecast": looked.forecast_json(),
        "no_forecast": looked.forecast.as_ref().err(),
        "back_test": looked.back_test,
    });
    put_warnings(&mut object, &looked.warnings);
    print(|out| match data.format {
        Format::Json => writeln!(out, "{object:#}"),
        Format::Text => write(&campaign, &looked, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn write(campaign: &Campaign, looked: &Looked, out: &mut dyn Write) -> io::Result<()> {
    let counts = looked.counts;
    writeln!(
        out,
        "{}: {} affected, {} fixed, {} clean, {} unknown; to be done by {}",
        campaign.id,
        counts.affected,
        counts.fixed,
        counts.clean,
        counts.unknown,
        campaign.plan.deadline
    )?;
    match &looked.forecast {
        Err(reason) => writeln!(out, "no forecast: {}", visible(reason))?,
        Ok(it) if it.n_open == 0 => writeln!(out, "nothing that is known to be affected is open")?,
        Ok(it) => write_forecast(it, out)?,
    }
    write_back_test(&looked.back_test, out)
}

/// The sentences of a forecast, for people.
pub(super) fn write_forecast(it: &Forecast, out: &mut dyn Write) -> io::Result<()> {
    let day = |days: f64| {
        it.moment(days).map_or("later than in ten years".to_owned(), |it| time(it)[..10].to_owned())
    };
    writeln!(out, "all fixed by the date: {} of 100", percent(it.p_all))?;
    writeln!(
        out,
        "left at the date: {:.0} (80 of 100: {:.0} to {:.0}) of {} that are open",
        it.left.p50, it.left.p10, it.left.p90, it.n_open
    )?;
    let last = it.last_fix_days;
    writeln!(
        out,
        "the last fix: {} (80 of 100: {} to {})",
        day(last.p50),
        day(last.p10),
        day(last.p90)
    )?;
    writeln!(out, "the last ones, by team:")?;
    for last in &it.last {
        let line = format!("  {}  {}  {} of 100", last.team, last.target, percent(last.p));
        writeln!(out, "{}", visible(&line))?;
    }
    let learned = &it.learned;
    let past = match learned.n_history_fixes {
        0 => String::new(),
        n => format!(" and {n} of the organization's past"),
    };
    writeln!(out, "learned from {} fixes of {} teams{past}", learned.n_fixes, learned.n_teams)?;
    match learned.break_ratio {
        Some(ratio) => writeln!(
            out,
            "in break, fixes come {:.1} times as fast as alerting alone does now (80 of 100: {:.1} to {:.1}; {} fixes)",
            ratio.p50, ratio.p10, ratio.p90, learned.n_break_fixes
        )?,
        None => writeln!(
            out,
            "how much faster break is, {} fixes cannot tell: this is the forecast of alerting alone",
            learned.n_break_fixes
        )?,
    }
    if it.is_extrapolated {
        writeln!(
            out,
            "extrapolated: for {} of them the date is beyond the ages that were seen; the last stretch's hazard goes on",
            it.n_extrapolated
        )?;
    }
    if it.n_unknown > 0 {
        writeln!(out, "{} unknown targets are not in it, and may be affected", it.n_unknown)?;
    }
    Ok(())
}

/// Never 0 or 100 where something could still be otherwise.
fn percent(p: f64) -> String {
    match p * 100.0 {
        it if it < 1.0 && p > 0.0 => "under 1".to_owned(),
        it if it > 99.0 && p < 1.0 => "over 99".to_owned(),
        it => format!("{it:.0}"),
    }
}

fn write_back_test(it: &BackTest, out: &mut dyn Write) -> io::Result<()> {
    let Some(coverage) = it.coverage else { return Ok(()) };
    writeln!(
        out,
        "of {} earlier intervals {:.0} of 100 held (80 should)",
        it.n_intervals,
        coverage * 100.0
    )?;
    if it.widening > 1.0 {
        writeln!(out, "so that these are {:.1} times wider than computed", it.widening)?;
    }
    Ok(())
}
