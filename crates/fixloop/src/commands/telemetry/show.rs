//! `fixloop telemetry show`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use fixloop_report::{rfc3339, visible};
use fixloop_telemetry::{
    Contents, Denial, DraftExposure, Event, Kind, Machine, Mode, Subject, drafts, read,
};
use serde_json::{Value, json};

use super::SpoolArgument;
use crate::error::CommandError;
use crate::output::{Format, print};

/// Say whether events are recorded, and show those that are
///
/// Exit code 2 if a part of the spool could not be read; torn and damaged records are counted.
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    spool: SpoolArgument,
    /// How many of the last events are printed as text; json has them all
    #[arg(long, value_name = "N", default_value_t = 10)]
    last: usize,
    /// For people or for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What there is to show.
struct Shown<'a> {
    folder: &'a Path,
    denial: Option<Denial>,
    contents: Contents,
    drafts: Vec<DraftExposure>,
}

pub(crate) fn run(arguments: &ShowArguments, machine: &Machine) -> Result<ExitCode, CommandError> {
    let folder = arguments.spool.folder(machine)?;
    let contents = read(&folder)?;
    let drafts = drafts(&contents.events);
    let shown = Shown { folder: &folder, denial: machine.denial(&folder, None), contents, drafts };
    print(|out| match arguments.format {
        Format::Text => shown.write_text(arguments.last, out),
        Format::Json => writeln!(out, "{:#}", shown.json()),
    })?;
    Ok(if shown.contents.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

pub(super) fn because(denial: Denial) -> &'static str {
    match denial {
        Denial::DoNotTrack => "DO_NOT_TRACK is set",
        Denial::Command => "`fixloop telemetry off` was called",
        Denial::Client => "the editor's setting forbids it",
    }
}

impl Shown<'_> {
    /// `fixloop.events/1` (docs/schema/events-1.json).
    fn json(&self) -> Value {
        let contents = &self.contents;
        let failures: Vec<Value> = contents
            .failures
            .iter()
            .map(|(segment, error)| json!({ "segment": segment, "error": error.to_string() }))
            .collect();
        json!({
            "schema": "fixloop.events/1",
            "state": if self.denial.is_some() { "off" } else { "on" },
            "reason": self.denial.map(Denial::as_str),
            "spool": self.folder.display().to_string(),
            "bytes": contents.n_bytes,
            "dropped": contents.n_dropped,
            "lost": contents.n_lost,
            "flushed": contents.n_flushed,
            "kept": contents.n_kept,
            "torn": contents.n_torn,
            "unreadable": contents.n_unreadable,
            "failures": failures,
            "drafts": self.drafts.iter().map(draft_json).collect::<Vec<_>>(),
            "events": contents.events.iter().map(Event::to_json).collect::<Vec<_>>(),
        })
    }

    fn write_text(&self, n_last: usize, out: &mut dyn Write) -> io::Result<()> {
        let contents = &self.contents;
        match self.denial {
            None => writeln!(out, "telemetry is on")?,
            Some(denial) => writeln!(out, "telemetry is off: {}", because(denial))?,
        }
        writeln!(out, "  spool      {}", visible(&self.folder.display().to_string()))?;
        let n_events = contents.events.len();
        writeln!(out, "  events     {n_events}, {} KiB", contents.n_bytes.div_ceil(1024))?;
        let n_flushed = contents.n_flushed;
        let sink = "in the sink that a signed policy named; nothing goes elsewhere";
        writeln!(out, "  flushed    {n_flushed} of them {sink}")?;
        let n_kept = contents.n_kept;
        let never =
            "about no repository of an organization's policy: they never leave this machine";
        writeln!(out, "  kept       {n_kept} of them {never}")?;
        let (dropped, lost) = (contents.n_dropped, contents.n_lost);
        writeln!(
            out,
            "  missing    {dropped} dropped by the bounds of 8 MB and 30 days, {lost} lost"
        )?;
        let (torn, unreadable) = (contents.n_torn, contents.n_unreadable);
        writeln!(out, "  damaged    {torn} torn, {unreadable} of another version")?;
        for (segment, error) in &contents.failures {
            writeln!(out, "  unknown    {}: {error}", visible(segment))?;
        }
        if n_events == 0 {
            return Ok(());
        }
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &contents.events {
            *kinds.entry(event.kind.as_str()).or_default() += 1;
        }
        for (kind, n) in kinds {
            writeln!(out, "  {n:>8}   {kind}")?;
        }
        self.write_open(n_last, out)?;
        let last = &contents.events[n_events.saturating_sub(n_last)..];
        writeln!(out, "\nlast {} of {n_events} events", last.len())?;
        last.iter().try_for_each(|it| write_event(it, out))
    }

    fn write_open(&self, n_last: usize, out: &mut dyn Write) -> io::Result<()> {
        let open: Vec<&DraftExposure> =
            self.drafts.iter().filter(|it| it.ended.is_none()).collect();
        writeln!(out, "\n{} open of {} draft exposures", open.len(), self.drafts.len())?;
        for draft in open.iter().rev().take(n_last).rev() {
            writeln!(
                out,
                "  since {}  {}",
                seconds(&rfc3339(draft.opened)),
                about(&draft.subject)
            )?;
        }
        Ok(())
    }
}

fn draft_json(draft: &DraftExposure) -> Value {
    json!({
        "exposure": draft.exposure().to_string(),
        "source": draft.source.to_string(),
        "mode": draft.subject.mode.as_str(),
        "surface": draft.subject.surface.as_str(),
        "opened": rfc3339(draft.opened),
        "ended": draft.ended.map(rfc3339),
        "how": draft.how.map(fixloop_telemetry::Cleared::as_str),
        "open_us": draft.open_us,
        "reopened": draft.n_reopened,
        "fix_applied": draft.fix_applied,
    })
}

fn write_event(event: &Event, out: &mut dyn Write) -> io::Result<()> {
    let detail = match &event.kind {
        Kind::AlertCleared { how } => format!(" ({})", how.as_str()),
        Kind::NotUseful { reason, .. } => format!(" ({})", reason.as_str()),
        Kind::Session(session) => {
            let phase = match session.phase {
                fixloop_telemetry::Phase::Started => "started",
                fixloop_telemetry::Phase::Ended => "ended",
            };
            format!(" {phase} ({}, {})", session.client.as_str(), session.mode.as_str())
        }
        Kind::Policy { version, is_refused, .. } => {
            format!(" version {version}{}", if *is_refused { " refused" } else { "" })
        }
        _ => String::new(),
    };
    let time = rfc3339(event.at.occurred_at);
    let about = event.subject.as_ref().map_or(String::new(), about);
    let what = format!("{}{detail}", event.kind.as_str());
    let comment = match &event.kind {
        Kind::NotUseful { comment: Some(comment), .. } => {
            format!(", “{}”", visible(comment.as_str()))
        }
        _ => String::new(),
    };
    let line = format!("  {:>6}  {}  {what:<30}{about}{comment}", event.seq, seconds(&time));
    writeln!(out, "{}", line.trim_end())
}

/// `2026-11-28T12:01:30Z` of a time with a fraction.
fn seconds(time: &str) -> String {
    time.split_once('.').map_or(time.to_owned(), |(whole, _)| format!("{whole}Z"))
}

fn about(subject: &Subject) -> String {
    let severity = subject.severity.map_or("unrated", fixloop_model::Rating::as_str);
    let ids = match subject.advisories.ids() {
        [] => "private advisories".to_owned(),
        [id] => id.clone(),
        [id, more @ ..] => format!("{id} +{}", more.len()),
    };
    let observe = if subject.mode == Mode::Observe { ", not shown (observe)" } else { "" };
    let place = subject.file_kind.map(|it| format!(" in {}", it.name())).unwrap_or_default();
    format!("{} {severity}{place}: {ids}{observe}", subject.ecosystem.as_str())
}
