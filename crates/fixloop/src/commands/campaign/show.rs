//! `fixloop campaign list`, `show` and `affected`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_campaign::{Counts, Forecast, Point, TargetState, burn_down};
use fixloop_program::record::{Campaign, CampaignState, Record};
use serde_json::{Value, json};

use super::OneArguments;
use super::create::put_warnings;
use super::look::{Looked, forecast_json, last_targets, look, targets_now, time};
use crate::data::{DataArguments, object_json, refused};
use crate::error::CommandError;
use crate::output::{Format, print};

#[derive(Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    data: DataArguments,
}

/// Show a campaign: state, counts of targets now, forecast, burn-down, pivots and history
#[derive(Args)]
pub(crate) struct ShowOneArguments {
    #[command(flatten)]
    one: OneArguments,
    /// As it was last looked at, without looking again
    #[arg(long)]
    recorded: bool,
}

/// List every target with its state, team and evidence
///
/// Exit code: 1 if a target is affected; else 2 if one is unknown; else 0.
#[derive(Args)]
pub(crate) struct AffectedArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Only these states (repeatable) [default: affected, fixed and unknown]
    #[arg(long = "state", value_enum)]
    states: Vec<StateName>,
    /// Only targets of this team
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum StateName {
    Affected,
    Fixed,
    Clean,
    Unknown,
}

impl StateName {
    fn state(self) -> TargetState {
        match self {
            Self::Affected => TargetState::Affected,
            Self::Fixed => TargetState::Fixed,
            Self::Clean => TargetState::Clean,
            Self::Unknown => TargetState::Unknown,
        }
    }
}

pub(super) fn list(arguments: &ListArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    if data.format == Format::Text {
        if record.campaigns.is_empty() {
            data.say("no campaign is recorded yet")?;
        }
        for it in record.campaigns.values() {
            data.say(&line(it))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let all: Vec<Value> = record.campaigns.values().map(|it| campaign_json(&record, it)).collect();
    print(|out| writeln!(out, "{:#}", Value::Array(all)))?;
    Ok(ExitCode::SUCCESS)
}

fn line(it: &Campaign) -> String {
    let counts = it.looks.last().map_or("not looked at yet".to_owned(), |look| {
        let counts = &look.counts;
        format!(
            "{} affected, {} fixed, {} clean, {} unknown at {}",
            counts.affected, counts.fixed, counts.clean, counts.unknown, look.at
        )
    });
    let (state, plan) = (it.state.as_str(), &it.plan);
    format!("{}  {state}  {}  by {}: {counts}", it.id, plan.title, plan.deadline)
}

pub(super) fn run(arguments: &ShowOneArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let record = data.record()?;
    let campaign = record.campaign(arguments.one.campaign).map_err(refused)?.clone();
    let mut object = campaign_json(&record, &campaign);
    if campaign.state == CampaignState::Open && !arguments.recorded {
        let looked = look(&mut data, &campaign)?;
        put_look(&mut object, &looked);
    }
    data.print_one(&object)?;
    Ok(ExitCode::SUCCESS)
}

/// A campaign as scripts read it: the record's object, with the last look in place of all of them.
pub(super) fn campaign_json(record: &Record, campaign: &Campaign) -> Value {
    let mut object = object_json(record, campaign.id).unwrap_or_default();
    let Some(fields) = object.as_object_mut() else { return object };
    fields.remove("looks");
    let private = campaign.plan.private.len();
    fields.insert("private".to_owned(), json!(private));
    let last = campaign.looks.last();
    fields.insert("looked_at".to_owned(), json!(last.map(|it| it.at.to_string())));
    fields.insert("counts".to_owned(), json!(last.map(|it| it.counts)));
    let forecast = last.and_then(|it| it.forecast.clone());
    let forecast = forecast.and_then(|it| serde_json::from_value::<Forecast>(it).ok());
    let forecast = forecast.map_or(Value::Null, |it| forecast_json(&it));
    fields.insert("forecast".to_owned(), forecast);
    let no_forecast = last.and_then(|it| it.no_forecast.clone());
    fields.insert("no_forecast".to_owned(), json!(no_forecast));
    fields.insert("burn_down".to_owned(), points_json(&points(campaign)));
    object
}

/// The looks of a campaign, the last one of each day.
pub(super) fn points(campaign: &Campaign) -> Vec<Point> {
    let point = |it: &fixloop_program::record::Look| Point {
        at: it.at.as_microsecond(),
        counts: Counts {
            affected: it.counts.affected,
            fixed: it.counts.fixed,
            clean: it.counts.clean,
            unknown: it.counts.unknown,
            unknown_open: 0,
        },
    };
    burn_down(&campaign.looks.iter().map(point).collect::<Vec<_>>())
}

fn points_json(points: &[Point]) -> Value {
    let point = |it: &Point| {
        json!({
            "at": time(it.at),
            "affected": it.counts.affected,
            "fixed": it.counts.fixed,
            "clean": it.counts.clean,
            "unknown": it.counts.unknown,
        })
    };
    points.iter().map(point).collect()
}

/// What is so now, in place of what was last recorded.
pub(super) fn put_look(object: &mut Value, looked: &Looked) {
    object["looked_at"] = json!(looked.at.to_string());
    object["counts"] = json!(looked.counts);
    object["forecast"] = looked.forecast_json();
    object["no_forecast"] = json!(looked.forecast.as_ref().err());
    object["back_test"] = json!(looked.back_test);
    object["repositories"] = json!(looked.n_repositories);
    put_warnings(object, &looked.warnings);
}

pub(super) fn affected(arguments: &AffectedArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let record = data.record()?;
    let campaign = record.campaign(arguments.one.campaign).map_err(refused)?.clone();
    let (targets, at, warnings) = if campaign.state == CampaignState::Closed {
        let at = campaign.looks.last().map_or(data.now(), |it| it.at);
        (last_targets(&mut data, &campaign)?, at, Vec::new())
    } else {
        let (targets, now) = targets_now(&mut data, &campaign)?;
        (targets, data.now(), now.warnings)
    };
    let counts = Counts::of(&targets);
    let is_wanted = |state: TargetState| {
        let usual = arguments.states.is_empty() && state != TargetState::Clean;
        usual || arguments.states.iter().any(|it| it.state() == state)
    };
    let mut shown: Vec<_> = targets
        .iter()
        .filter(|it| {
            is_wanted(it.state) && arguments.team.as_ref().is_none_or(|team| *team == it.team)
        })
        .collect();
    shown.sort_by_key(|it| (it.state, &it.team, it.name()));
    let mut object = json!({
        "schema": "fixloop.campaign-targets/1",
        "campaign": campaign.id.to_string(),
        "state": campaign.state.as_str(),
        "at": at.to_string(),
        "counts": counts,
        "targets": shown.iter().map(|it| json!({
            "target": it.name(),
            "repository": it.repository,
            "path": it.path,
            "team": it.team,
            "state": it.state,
            "evidence": it.evidence,
            "reason": it.reason,
            "affected_since": it.affected_since.map(time),
            "fixed_at": it.fixed_at.map(time),
        })).collect::<Vec<_>>(),
    });
    put_warnings(&mut object, &warnings);
    print(|out| {
        if data.format == Format::Json {
            return writeln!(out, "{object:#}");
        }
        for it in &shown {
            let why = it.reason.as_deref().or(it.evidence.first().map(|it| &**it)).unwrap_or("");
            let line = format!("{:<8}  {}  {}  {why}", it.state.as_str(), it.team, it.name());
            writeln!(out, "{}", fixloop_report::visible(line.trim_end()))?;
        }
        let Counts { affected, fixed, clean, unknown, .. } = counts;
        writeln!(out, "{affected} affected, {fixed} fixed, {clean} clean, {unknown} unknown")
    })?;
    Ok(ExitCode::from(match (counts.affected, counts.unknown) {
        (1.., _) => 1,
        (0, 1..) => 2,
        (0, 0) => 0,
    }))
}
