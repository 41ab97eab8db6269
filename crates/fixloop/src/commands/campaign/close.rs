//! `fixloop campaign close`: the end, with its report.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fixloop_campaign::{BackTest, Counts, Forecast, Target, TargetState};
use fixloop_program::record::{Campaign, CampaignState, ObjectId, Pivot, Record, mode_word};
use fixloop_report::{
    CampaignReport, ForecastRow, TeamRow, write_campaign_html, write_campaign_markdown,
};
use serde_json::json;
use thiserror::Error;

use super::OneArguments;
use super::look::{last_targets, look, time};
use super::pivot::ring_name;
use super::show::{campaign_json, points, put_look};
use crate::commands::policy;
use crate::data::refused;
use crate::error::CommandError;

/// End it: a last look, the policy without it, and the report
///
/// --into writes campaign-N.md and campaign-N.html: timeline, burn-down, forecasts and how they did, teams, iteration clock. A campaign that
/// is closed already gets its report written again.
#[derive(Args)]
pub(crate) struct CloseArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Why it ends
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
    /// The folder that the report is written to
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

#[derive(Debug, Error)]
enum CloseError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

pub(super) fn run(arguments: &CloseArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let id = arguments.one.campaign;
    let before = data.record()?.campaign(id).map_err(refused)?.clone();
    let is_rewritten = before.state == CampaignState::Closed && arguments.into.is_some();
    let looked = if before.state == CampaignState::Open {
        let looked = look(&mut data, &before)?;
        looked.keep(&mut data, &before)?;
        Some(looked)
    } else {
        None
    };
    if !is_rewritten {
        let why = match (&looked, arguments.why.trim()) {
            (Some(it), "") if it.counts.affected + it.counts.unknown == 0 => "everything is fixed",
            (_, why) => why,
        };
        data.change(|record| Ok(vec![record.campaign(id)?.close(why)?]))?;
        policy::publish_if_there(&mut data)?;
    }
    let record = data.record()?;
    let campaign = record.campaign(id).map_err(refused)?.clone();
    let targets = last_targets(&mut data, &campaign)?;
    let mut object = campaign_json(&record, &campaign);
    let back_test = looked.as_ref().map(|it| it.back_test);
    if let Some(looked) = &looked {
        put_look(&mut object, looked);
    }
    if let Some(folder) = &arguments.into {
        let report = report(&record, &campaign, &targets, back_test);
        let files = write(folder, &report)?;
        object["report"] = json!(files);
    }
    data.print_one(&object)?;
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, report: &CampaignReport) -> Result<Vec<PathBuf>, CommandError> {
    fs::create_dir_all(folder)
        .map_err(|source| CloseError::Write { path: folder.to_owned(), source })?;
    let (mut markdown, mut html) = (Vec::new(), Vec::new());
    write_campaign_markdown(report, &mut markdown)?;
    write_campaign_html(report, &mut html)?;
    let mut files = Vec::new();
    for (ending, bytes) in [("md", markdown), ("html", html)] {
        let path = folder.join(format!("{}.{ending}", report.id));
        fs::write(&path, bytes)
            .map_err(|source| CloseError::Write { path: path.clone(), source })?;
        files.push(path);
    }
    Ok(files)
}

fn report(
    record: &Record,
    campaign: &Campaign,
    targets: &[Target],
    back_test: Option<BackTest>,
) -> CampaignReport {
    let plan = &campaign.plan;
    let counts = Counts::of(targets);
    let advisories = plan.advisories.iter().map(|it| format!("advisory {it}"));
    let rules = plan.rules.iter().map(|it| format!("rule {it}"));
    let left = targets
        .iter()
        .filter(|it| matches!(it.state, TargetState::Affected | TargetState::Unknown))
        .map(|it| {
            let why = it.reason.clone().or_else(|| it.evidence.first().cloned());
            [it.name(), it.team.clone(), it.state.to_string(), why.unwrap_or_default()]
        });
    let standing = campaign.pivots.iter().filter(|it| it.taken_back.is_none());
    CampaignReport {
        id: campaign.id.to_string(),
        title: plan.title.clone(),
        owner: plan.owner.clone(),
        contact: plan.contact.clone(),
        deadline: plan.deadline.to_string(),
        deadline_at: plan.deadline.as_microsecond(),
        outcome: outcome(campaign, &counts, targets),
        about: advisories.chain(rules).collect(),
        counts,
        points: points(campaign),
        timeline: timeline(record, campaign),
        pivots: standing.map(|it| it.at.as_microsecond()).collect(),
        clock: clock(campaign, targets),
        forecasts: campaign.looks.iter().filter_map(|it| row(it.forecast.as_ref()?)).collect(),
        back_test: scored(back_test),
        teams: teams(record, campaign, targets),
        left: left.collect(),
    }
}

fn outcome(campaign: &Campaign, counts: &Counts, targets: &[Target]) -> String {
    let n_ever = targets.iter().filter(|it| it.affected_since.is_some()).count();
    let last = targets.iter().filter_map(|it| it.fixed_at).max();
    let deadline = campaign.plan.deadline.as_microsecond();
    let unknown = match counts.unknown {
        0 => String::new(),
        n => format!(" {n} targets are unknown, and may be affected."),
    };
    if counts.affected + counts.unknown_open > 0 {
        let n = counts.affected + counts.unknown_open;
        return format!(
            "{n} of {n_ever} targets that were affected are not known to be fixed.{unknown}"
        );
    }
    match last {
        Some(last) if last <= deadline => {
            format!(
                "All {n_ever} affected targets were fixed, the last one at {}, before the date.{unknown}",
                time(last)
            )
        }
        Some(last) => format!(
            "All {n_ever} affected targets were fixed, the last one at {}, after the date.{unknown}",
            time(last)
        ),
        None => format!("No target was known to be affected.{unknown}"),
    }
}

/// What was done by whom: the record's history, and each look.
fn timeline(record: &Record, campaign: &Campaign) -> Vec<(String, String, String)> {
    let history = campaign.history.iter().map(|it| {
        let pivot = campaign.pivots.iter().find(|pivot| pivot.at == it.when);
        let what = match &it.from {
            Some(from) if *from == it.to && pivot.is_some() => {
                pivot.map(|it| told(record, &it.pivot)).unwrap_or_default()
            }
            Some(from) if *from == it.to => it.why.clone().unwrap_or_default(),
            _ => match &it.why {
                Some(why) => format!("{}: {why}", it.to),
                None => it.to.clone(),
            },
        };
        (it.when, it.who.as_str().to_owned(), what)
    });
    let looks = campaign.looks.iter().map(|it| {
        let counts = &it.counts;
        let what = format!(
            "looked: {} affected, {} fixed, {} unknown",
            counts.affected, counts.fixed, counts.unknown
        );
        (it.at, String::new(), what)
    });
    let mut all: Vec<_> = history.chain(looks).collect();
    all.sort_by_key(|it| it.0);
    all.into_iter().map(|(at, who, what)| (at.to_string(), who, what)).collect()
}

/// A pivot with the names of its rings, for readers who do not know their ids.
fn told(record: &Record, it: &Pivot) -> String {
    let name =
        |ring: &ObjectId| ring_name(record, Some(*ring)).unwrap_or_else(|_| ring.to_string());
    let rings: Vec<String> = it.rings.iter().map(name).collect();
    let rings = if rings.is_empty() { "every ring".to_owned() } else { rings.join(", ") };
    let (from, to) = (mode_word(it.from), mode_word(it.to));
    format!("{from} → {to} for {rings}; with {}: {}", it.with.as_str(), it.why)
}

/// How long the stages took, from the entry in the record on.
fn clock(campaign: &Campaign, targets: &[Target]) -> Vec<(String, String)> {
    let micros = |it: jiff::Timestamp| it.as_microsecond();
    let created = campaign.history.first().map(|it| micros(it.when));
    let opened = campaign.opened_at.map(micros);
    let looked = campaign.looks.first().map(|it| micros(it.at));
    let first_fix = targets.iter().filter_map(|it| it.fixed_at).min();
    let pivot = campaign.pivots.iter().find(|it| it.taken_back.is_none()).map(|it| micros(it.at));
    let after = |from: Option<i64>| {
        let fixes = targets.iter().filter_map(|it| it.fixed_at);
        fixes.filter(|it| from.is_some_and(|from| *it >= from)).min()
    };
    let last_fix = targets.iter().filter_map(|it| it.fixed_at).max();
    let closed = campaign.closed_at.map(micros);
    let stages = [
        ("entered to opened", created, opened),
        ("opened to the list of who is affected", opened, looked),
        ("opened to the first fix", opened, first_fix),
        ("opened to the pivot", opened, pivot),
        ("pivot to the first fix after it", pivot, after(pivot)),
        ("opened to the last fix", opened, last_fix),
        ("opened to closed", opened, closed),
    ];
    stages
        .into_iter()
        .map(|(name, from, to)| {
            let length =
                from.zip(to).map_or("not reached".to_owned(), |(from, to)| span(to - from));
            (name.to_owned(), length)
        })
        .collect()
}

fn span(micros: i64) -> String {
    let hours = micros as f64 / 3_600_000_000.0;
    match hours {
        it if it < 1.0 => format!("{:.0} minutes", it * 60.0),
        it if it < 48.0 => format!("{it:.1} hours"),
        it => format!("{:.1} days", it / 24.0),
    }
}

fn row(forecast: &serde_json::Value) -> Option<ForecastRow> {
    let it: Forecast = serde_json::from_value(forecast.clone()).ok()?;
    let day = |days: f64| it.moment(days).map_or("-".to_owned(), |at| time(at)[..10].to_owned());
    let last = it.last_fix_days;
    Some(ForecastRow {
        at: time(it.at),
        open: it.n_open.to_string(),
        p_all: format!("{:.0} of 100", it.p_all * 100.0),
        left: format!("{:.0} ({:.0} to {:.0})", it.left.p50, it.left.p10, it.left.p90),
        last_fix: format!("{} ({} to {})", day(last.p50), day(last.p10), day(last.p90)),
    })
}

fn scored(it: Option<BackTest>) -> String {
    let Some(it) = it else { return "What was said is below.".to_owned() };
    let Some(coverage) = it.coverage else {
        return "The moment of no interval has passed.".to_owned();
    };
    let brier = it
        .brier
        .map_or(String::new(), |it| format!(" Brier score of \"all by the date\": {it:.2}."));
    format!(
        "Of {} intervals {:.0} of 100 held, where 80 should.{brier} What was said of a time after the next pivot is not scored.",
        it.n_intervals,
        coverage * 100.0
    )
}

fn teams(record: &Record, campaign: &Campaign, targets: &[Target]) -> Vec<TeamRow> {
    let mut by_team: BTreeMap<&str, Vec<Target>> = BTreeMap::new();
    for it in targets.iter().filter(|it| it.state != TargetState::Clean) {
        by_team.entry(&it.team).or_default().push(it.clone());
    }
    let row = |(team, targets): (&str, Vec<Target>)| {
        let ring = record.ring_of_team(team).map(|it| it.id);
        let mode = mode_word(campaign.mode_of(ring));
        let ring =
            ring.map_or("-".to_owned(), |it| ring_name(record, Some(it)).unwrap_or_default());
        let last = targets.iter().filter_map(|it| it.fixed_at).max();
        TeamRow {
            team: team.to_owned(),
            ring: format!("{ring} ({mode})"),
            counts: Counts::of(&targets),
            last_fix: last.map_or("-".to_owned(), time),
        }
    };
    by_team.into_iter().map(row).collect()
}
