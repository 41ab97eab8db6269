//! `fixloop experiment look` and `show`: planned looks are frozen; between them there is the chain and health, and no verdict.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use fixloop_experiment::{Rule, Verdict};
use fixloop_pilot::{ArmChain, Chain, Count};
use fixloop_policy::Arm;
use fixloop_program::record::{Change, Experiment, FrozenReadout, Kind, ObjectId, Record, Running};
use fixloop_report::ExperimentReport;
use fixloop_store::{Writing, digest};
use serde_json::json;
use thiserror::Error;

use super::analyze::{ExperimentFormat, write};
use super::frozen::{self, Analysed, Inputs};
use super::pilot::{Joining, chain_json};
use crate::data::{Data, DataArguments, object_json, refused};
use crate::error::{CommandError, warn};
use crate::output::{Format, print};

/// Take the planned look that is due, freeze what it says, and pause or end the experiment if the rule says so
///
/// On any other day it shows the chain and health only. A harmed guardrail ends the experiment on any day.
///
/// Exit code: 0 if a look was taken or none is due, 1 if what was taken paused or ended the experiment, 2 if it could not be taken.
#[derive(Args)]
pub(crate) struct LookArguments {
    #[command(flatten)]
    data: DataArguments,
    experiment: ObjectId,
}

/// Show an experiment, and its chain from the first hour: counts with denominators, and no verdict
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    /// One of them [default: all, without chains]
    id: Option<ObjectId>,
}

/// A team whose outcomes are unknown would look as if nothing had happened to it.
#[derive(Debug, Error)]
#[error("the look of day {day} cannot be taken: the mirror of {names} cannot be read")]
struct Vanished {
    day: f64,
    names: String,
}

const DAY: f64 = 86_400e6;

pub(super) fn look(arguments: &LookArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let experiment = record.experiment(arguments.experiment).map_err(refused)?;
    let running = experiment.running().map_err(refused)?;
    tell_expiry(&data, &record);
    let day_now = day(&running, data.now());
    if let Some(due) = due(&record, &running, day_now) {
        let analysed = at(&mut data, (&record, &running), due)?;
        return filed(&mut data, (&record, &running), (due, true), analysed);
    }
    match at(&mut data, (&record, &running), day_now) {
        Ok(analysed) if analysed.1.report.analysis.decision.rule == Rule::GuardrailHarm => {
            return filed(&mut data, (&record, &running), (day_now, false), analysed);
        }
        Ok(_) => {}
        // In the first hours there is nothing to analyse; the chain is shown all the same.
        Err(error) => warn(&format!("harm cannot be told: {}", error.chain())),
    }
    show_between(&mut data, &record, experiment)?;
    Ok(ExitCode::SUCCESS)
}

/// A pilot whose bundle ends goes silent: said before it does.
fn tell_expiry(data: &Data, record: &Record) {
    if let Some(text) = crate::commands::policy::expiry(record, data.now()) {
        warn(&format!("warning: {text}"));
    }
}

fn day(running: &Running<'_>, at: jiff::Timestamp) -> f64 {
    (at.as_microsecond() - running.started.at.as_microsecond()) as f64 / DAY
}

/// The last planned day that was reached and not looked at. Earlier ones that were missed are part of its analysis.
fn due(record: &Record, running: &Running<'_>, day_now: f64) -> Option<f64> {
    let planned = running.registered.looks.iter().copied().rfind(|it| *it <= day_now)?;
    let since = running.experiment.scope_changes.last().map(|it| it.at);
    let taken =
        running.experiment.readouts.iter().filter_map(|it| record.readouts.get(&it.number()));
    let mut taken = taken.filter(|it| it.history.first().map(|it| it.when) > since);
    (!taken.any(|it| it.frozen.is_planned && it.frozen.day >= planned)).then_some(planned)
}

/// Joins and analyses the state of a day.
fn at(
    data: &mut Data,
    (record, running): (&Record, &Running<'_>),
    day: f64,
) -> Result<(Inputs, Analysed, Joining), CommandError> {
    #[expect(clippy::cast_possible_truncation, reason = "days of an experiment in microseconds")]
    let cut = running.started.at.as_microsecond() + (day * DAY).round() as i64;
    let cut = jiff::Timestamp::from_microsecond(cut)?;
    let joining = Joining::at(data, record, running, cut)?;
    let vanished = joining.vanished(data)?;
    if !vanished.is_empty() {
        let error = Vanished { day, names: vanished.join(", ") };
        return Err(CommandError::from(error).hint(
            "fixloop fleet sync brings it back; the look waits for that, and is taken of the same day",
        ));
    }
    let inputs = joining.inputs(data, (record, running), day)?;
    let analysed = frozen::analyse(&inputs)?;
    Ok((inputs, analysed, joining))
}

/// Freezes a look, and says what follows of it.
fn filed(
    data: &mut Data,
    (record, running): (&Record, &Running<'_>),
    (day, is_planned): (f64, bool),
    (inputs, analysed, joining): (Inputs, Analysed, Joining),
) -> Result<ExitCode, CommandError> {
    let report = analysed.report;
    let document = frozen::bytes(&analysed.document);
    let decision = &report.analysis.decision;
    let is_last = running.registered.looks.last().is_some_and(|it| *it <= day);
    let ends = ends(&report, is_last).then(|| decision.rule.says().to_owned());
    let pauses = decision.rule == Rule::Unhealthy && !is_last;
    let readout = FrozenReadout {
        experiment: running.experiment.id,
        day,
        is_planned,
        cut: crate::data::instant(joining.pilot.cut),
        analysis_hash: running.registered.analysis_hash.clone(),
        method: format!("experiment analyze of fixloop {}", env!("CARGO_PKG_VERSION")),
        inputs: inputs.iter().map(|(name, bytes)| (name.clone(), digest(bytes))).collect(),
        document: digest(&document),
        verdict: decision.verdict.as_str().to_owned(),
        rule: decision.rule.says().to_owned(),
        sentence: analysed.document["analysis"]["says"].as_str().unwrap_or_default().to_owned(),
    };
    let first = first_telemetry(&joining.chain(data, record, running.experiment)?, running);
    let files: Vec<Vec<u8>> = inputs.into_values().chain([document]).collect();
    let does_end = ends.is_some();
    let id = running.experiment.id;
    let changes = data.change(|record| {
        let mut changes: Vec<Change> = first.into_iter().collect();
        changes.extend(record.look(readout, ends)?);
        if pauses
            && record.experiment(id)?.state == fixloop_program::record::ExperimentState::Running
        {
            changes.push(
                record.experiment(id)?.pause("health: fixloop readout show says which check")?,
            );
        }
        Ok(Writing { files, changes })
    })?;
    let taken = changes.iter().map(|it| it.object).find(|it| it.kind() == Kind::Readout);
    match data.format {
        Format::Text => {
            write(&report, ExperimentFormat::Text)?;
            let taken = taken.map_or_else(String::new, |it| it.to_string());
            data.say(&format!("\nfrozen as {taken}: look of day {day}"))?;
            if does_end {
                data.say(&format!(
                    "Next: fixloop decision record {id} --verdict {}",
                    report.analysis.decision.verdict.as_str()
                ))?;
            } else if pauses {
                data.say(&format!("paused: the experiment is not healthy. Next: fixloop experiment resume {id} --why \"…\""))?;
            }
        }
        Format::Json => data.show(&taken.into_iter().collect::<Vec<_>>())?,
    }
    Ok(ExitCode::from(u8::from(does_end || pauses)))
}

/// A planned look at which the rule does not go on; the last one; or harm on any day.
fn ends(report: &ExperimentReport, is_last: bool) -> bool {
    let decision = &report.analysis.decision;
    if decision.rule == Rule::GuardrailHarm {
        return true;
    }
    match decision.verdict {
        Verdict::Expand | Verdict::Pivot | Verdict::Stop => true,
        Verdict::Persevere | Verdict::Inconclusive => is_last,
    }
}

/// The later of the arms' first counted exposures.
fn first_telemetry(chain: &Chain, running: &Running<'_>) -> Option<Change> {
    let first = |arm| chain.arm(arm).first_counted;
    let both = first(Arm::Treated)?.max(first(Arm::Holdout)?);
    running.experiment.first_telemetry(crate::data::instant(both))
}

fn show_between(
    data: &mut Data,
    record: &Record,
    experiment: &Experiment,
) -> Result<(), CommandError> {
    let running = experiment.running().map_err(refused)?;
    let joining = Joining::at(data, record, &running, data.now())?;
    let chain = joining.chain(data, record, experiment)?;
    if let Some(change) = first_telemetry(&chain, &running) {
        data.change(|_| Ok(change))?;
    }
    let day_now = day(&running, data.now());
    let next = running.registered.looks.iter().copied().find(|it| *it > day_now);
    match data.format {
        Format::Json => {
            let mut object = object_json(&data.record()?, experiment.id).map_err(refused)?;
            if let serde_json::Value::Object(fields) = &mut object {
                fields.insert("day".to_owned(), json!(day_now));
                fields.insert("next_look_day".to_owned(), json!(next));
                fields.insert("chain".to_owned(), chain_json(&chain));
            }
            print(|out| writeln!(out, "{object:#}"))?;
        }
        Format::Text => {
            data.show(&[experiment.id])?;
            print(|out| {
                writeln!(out)?;
                write_chain(&chain, out)?;
                match next {
                    Some(next) => writeln!(
                        out,
                        "day {day_now:.1}; the next look is on day {next}: until then counts, and no verdict"
                    ),
                    None => writeln!(out, "day {day_now:.1}; no further look is planned"),
                }
            })?;
        }
    }
    Ok(())
}

/// For people.
pub(crate) fn write_chain(chain: &Chain, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:<22}{:>18}{:>18}", "chain", "treated", "holdout (silent)")?;
    let mut line = |name: &str, of: &dyn Fn(&ArmChain) -> String| {
        let [treated, holdout] = [Arm::Treated, Arm::Holdout].map(|arm| of(chain.arm(arm)));
        writeln!(out, "  {name:<20}{treated:>18}{holdout:>18}")
    };
    let count = |it: Count| format!("{} of {}", it.n, it.of);
    line("teams", &|it| it.n_teams.to_string())?;
    line("delivered", &|it| count(it.delivered))?;
    line("seen", &|it| count(it.seen))?;
    line("acted", &|it| count(it.acted))?;
    line("landed", &|it| count(it.landed))?;
    line("prevented", &|it| count(it.prevented))?;
    line("not useful", &|it| it.not_useful.values().sum::<usize>().to_string())?;
    if let Some(leading) = &chain.leading {
        writeln!(
            out,
            "  leading measure: {} {} ({}), line {}",
            leading.measure.step,
            count(leading.count),
            leading.reading.as_str(),
            fixloop_program::percent(leading.measure.line)
        )?;
    }
    let unjoined: usize = chain.unjoinable.events.values().sum();
    writeln!(
        out,
        "  {} events, {unjoined} of them could not be joined",
        chain.unjoinable.n_events
    )?;
    for (why, n) in &chain.unjoinable.events {
        writeln!(out, "    {n}: {}", why.words())?;
    }
    Ok(())
}

pub(super) fn show(arguments: &ShowArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let Some(id) = arguments.id else {
        data.list(&[Kind::Experiment])?;
        return Ok(ExitCode::SUCCESS);
    };
    let experiment = record.experiment(id).map_err(refused)?;
    if experiment.running().is_ok() {
        tell_expiry(&data, &record);
        show_between(&mut data, &record, experiment)?;
    } else {
        data.show(&[id])?;
    }
    Ok(ExitCode::SUCCESS)
}
