//! Where an active key result stands: read from the mirrors, and kept as a measurement if asked for.

use std::io::{self, Write};

use fixloop_pilot::{Change, KeyResultQuestion, Mined as Read, Progress, TargetSpan, progress};
use fixloop_program::record::{KeyResult, Measurement};
use fixloop_report::visible;
use serde_json::{Value, json};

use crate::data::{Data, basis, instant};
use crate::error::CommandError;
use crate::mined::Mined;

/// Reads a key result from the data directory's mirrors as they are now; nothing if this build does not know its metric.
pub(super) fn read(data: &Data, key_result: &KeyResult) -> Result<Option<Progress>, CommandError> {
    let mined = data.mine(None)?;
    let Some(question) = KeyResultQuestion::of(key_result, mined.cut) else { return Ok(None) };
    let targets = spans(data, &mined)?;
    let read = Read {
        exposures: &mined.exposures,
        opportunities: &mined.opportunities,
        targets: &targets,
    };
    Ok(Some(progress(question, &read)))
}

fn spans(data: &Data, mined: &Mined) -> Result<Vec<TargetSpan>, CommandError> {
    let repositories = crate::commands::experiment::pilot::repositories(data, mined)?;
    let team = |place: &usize| {
        let name = &mined.repositories.get(*place)?.name;
        repositories.iter().find(|it| it.name == *name).map(|it| it.team.clone())
    };
    let spans = mined.target_files.iter().zip(&mined.target_times);
    let span = |((place, _), (first, last)): (&(usize, Vec<String>), &(_, _))| TargetSpan {
        team: team(place),
        first: *first,
        last: *last,
    };
    Ok(spans.map(span).collect())
}

pub(super) fn json(it: &Progress) -> Value {
    let change = |it: &Change| {
        json!({
            "before": it.before,
            "now": it.now,
            "ratio": it.ratio(),
            "interval": it.ratio_interval(),
            "teams": it.n_teams,
        })
    };
    let guards = it.guards.iter().map(|it| {
        json!({ "metric": it.metric, "baseline": it.baseline, "now": it.now, "n": it.n, "of": it.of })
    });
    json!({
        "says": it.says,
        "band": it.band.as_str(),
        "cut": instant(it.question.cut).to_string(),
        "value": it.value.map(|it| it.value),
        "interval": it.value.and_then(|it| it.interval),
        "closures": it.n_closures,
        "progress": it.progress,
        "probability": it.probability,
        "likelihood": it.likelihood(),
        "raw": change(&it.raw),
        "severity_standardised": change(&it.standardised),
        "exposure_days_per_100_targets_a_month": change(&it.exposure_days),
        "guards": guards.collect::<Vec<_>>(),
    })
}

pub(super) fn write(it: &Progress, out: &mut dyn Write) -> io::Result<()> {
    let (metric, cannot_tell) = (it.question.metric, || "cannot tell".to_owned());
    writeln!(out, "{}", visible(&it.says))?;
    let shown = |it: Option<f64>| it.map_or_else(cannot_tell, |it| metric.show(it));
    let mut line = |name: &str, text: &str| writeln!(out, "  {name:<24}{text}");
    line(
        "baseline, target",
        &format!("{}, {}", shown(it.question.baseline), shown(it.question.target)),
    )?;
    let interval = it.value.and_then(|it| it.interval);
    let interval = interval.map_or_else(String::new, |(from, to)| {
        format!(" (95 % interval {} to {})", metric.show(from), metric.show(to))
    });
    line(
        "now",
        &format!("{}{interval}, {} closures", shown(it.value.map(|it| it.value)), it.n_closures),
    )?;
    let ratio = |it: &Change| match (it.ratio(), it.ratio_interval()) {
        (Some(ratio), Some((from, to))) => format!("{ratio:.2} times ({from:.2} to {to:.2})"),
        (Some(ratio), None) => format!("{ratio:.2} times"),
        _ => cannot_tell(),
    };
    line("against the baseline", &ratio(&it.raw))?;
    line("same mix of severities", &ratio(&it.standardised))?;
    line("exposure-days", &ratio(&it.exposure_days))?;
    if let (Some(probability), Some(word)) = (it.probability, it.likelihood()) {
        line("target met", &format!("{word} ({})", fixloop_program::percent(probability)))?;
    }
    for guard in &it.guards {
        let percent = |it: Option<f64>| it.map_or_else(cannot_tell, fixloop_program::percent);
        let text = format!("{} now, {} before", percent(guard.now), percent(guard.baseline));
        line(&guard.metric, &text)?;
    }
    Ok(())
}

/// As it is kept in the record.
pub(super) fn measurement(it: &Progress) -> Measurement {
    let settings = json!({
        "metric": it.question.metric.name(),
        "population": it.question.population.option(),
        "started": instant(it.question.started).to_string(),
    });
    Measurement {
        cut: instant(it.question.cut),
        value: it.value.map(|it| it.value),
        interval: it.value.and_then(|it| it.interval),
        band: it.band.as_str().to_owned(),
        probability: it.probability,
        basis: basis(("okr-progress", &settings), instant(it.question.cut), None),
    }
}
