//! `fixloop campaign pivot`: alert to break, ring by ring; first a preview, then two names, and one command back.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_campaign::{Target, TargetState};
use fixloop_policy::Mode;
use fixloop_program::record::{Actor, Campaign, ObjectId, Pivot, Record, Refusal, mode_word};
use fixloop_report::visible;
use serde_json::{Value, json};
use thiserror::Error;

use super::OneArguments;
use super::look::{Looked, look};
use super::show::{campaign_json, put_look};
use crate::commands::{policy, rollout::ring_named};
use crate::data::{Data, refused};
use crate::error::CommandError;
use crate::output::{Format, print};

/// Bring rings to another rung; without --preview-of it only shows what that would do
///
/// A preview says which targets, teams and branches are hit and when, and ends with the command that does it. That command names the
/// previewed version: if somebody did something meanwhile, it is refused, and says what.
#[derive(Args)]
pub(crate) struct PivotArguments {
    #[command(flatten)]
    one: OneArguments,
    /// A ring by its name (repeatable) [default: every ring]
    #[arg(long = "ring", value_name = "NAME", conflicts_with = "back")]
    rings: Vec<String>,
    #[arg(long = "to", value_enum, required_unless_present = "back")]
    to: Option<ModeName>,
    /// The second name: a pivot has two
    #[arg(long = "with", value_name = "NAME", required_unless_present = "back")]
    with: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", required_unless_present = "back")]
    why: Option<String>,
    /// Hours that what was there before may stay
    #[arg(long, value_name = "HOURS", default_value_t = 72)]
    grace: u32,
    /// The version of the campaign that was previewed: do it
    #[arg(long, value_name = "VERSION")]
    preview_of: Option<u32>,
    /// Take the last pivot back, at once
    #[arg(long, conflicts_with_all = ["to", "with", "preview_of"])]
    back: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    Alert,
    Break,
}

#[derive(Debug, Error)]
enum PivotError {
    #[error("`{0}` names nobody: {1}")]
    Actor(String, &'static str),
}

pub(super) fn run(arguments: &PivotArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let id = arguments.one.campaign;
    if arguments.back {
        let why = arguments.why.clone().unwrap_or_default();
        data.change(|record| Ok(vec![record.campaign(id)?.take_back(&why)?]))?;
        policy::publish(&mut data)?;
        let record = data.record()?;
        data.print_one(&campaign_json(&record, record.campaign(id).map_err(refused)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let record = data.record()?;
    let campaign = record.campaign(id).map_err(refused)?.clone();
    let pivot = wanted(&record, &campaign, arguments)?;
    // What the record would refuse is refused before anything is shown.
    let asked = data.actor()?.clone();
    record.pivot_campaign(id, &asked, pivot.clone()).map_err(refused)?;
    let looked = look(&mut data, &campaign)?;
    if arguments.preview_of.is_none() {
        let preview = Preview::of(&record, &campaign, &pivot, &looked);
        return preview.show(&data, arguments);
    }
    looked.keep(&mut data, &campaign)?;
    data.change(|record| Ok(vec![record.pivot_campaign(id, &asked, pivot)?]))?;
    policy::publish(&mut data)?;
    let record = data.record()?;
    let mut object = campaign_json(&record, record.campaign(id).map_err(refused)?);
    put_look(&mut object, &looked);
    object["changed"] = json!(true);
    data.print_one(&object)?;
    data.say(&format!("\nIf this was wrong: fixloop campaign pivot {id} --back"))?;
    Ok(ExitCode::SUCCESS)
}

fn wanted(
    record: &Record,
    campaign: &Campaign,
    arguments: &PivotArguments,
) -> Result<Pivot, CommandError> {
    let mut rings = Vec::new();
    for name in &arguments.rings {
        let ring = ring_named(record, name).map_err(refused)?;
        if !rings.contains(&ring) {
            rings.push(ring);
        }
    }
    let name = arguments.with.clone().unwrap_or_default();
    let with = Actor::new(&name).map_err(|reason| PivotError::Actor(name, reason))?;
    Ok(Pivot {
        // Found by the record.
        from: Mode::Alert,
        to: match arguments.to {
            Some(ModeName::Break) => Mode::Break,
            _ => Mode::Alert,
        },
        rings,
        grace_hours: arguments.grace,
        why: arguments.why.clone().unwrap_or_default(),
        with,
        preview_of: arguments.preview_of.unwrap_or(campaign.version),
    })
}

/// Whom a pivot hits.
struct Preview<'a> {
    campaign: &'a Campaign,
    pivot: &'a Pivot,
    /// Open targets by team.
    hit: BTreeMap<&'a str, Vec<&'a Target>>,
    n_unknown: usize,
    /// Teams of the rings that have nothing open.
    n_other_teams: usize,
    warnings: Vec<String>,
}

impl<'a> Preview<'a> {
    fn of(
        record: &'a Record,
        campaign: &'a Campaign,
        pivot: &'a Pivot,
        looked: &'a Looked,
    ) -> Self {
        let is_of_it = |team: &str| {
            let ring = record.ring_of_team(team).map(|it| it.id);
            pivot.rings.is_empty() || ring.is_some_and(|it| pivot.rings.contains(&it))
        };
        let of_it: Vec<&Target> = looked.targets.iter().filter(|it| is_of_it(&it.team)).collect();
        let mut hit: BTreeMap<&str, Vec<&Target>> = BTreeMap::new();
        for it in of_it.iter().filter(|it| it.state == TargetState::Affected) {
            hit.entry(&it.team).or_default().push(it);
        }
        let n_unknown = of_it.iter().filter(|it| it.state == TargetState::Unknown).count();
        let teams: BTreeSet<&str> = of_it.iter().map(|it| &*it.team).collect();
        let n_other_teams = teams.len() - hit.len();
        let mut warnings = looked.warnings.clone();
        let ends = looked.at.as_second() + i64::from(pivot.grace_hours) * 3600;
        if pivot.to == Mode::Break && ends > campaign.plan.deadline.as_second() {
            warnings.push(format!(
                "the grace of {} hours ends after the deadline {}: no build would break before it",
                pivot.grace_hours, campaign.plan.deadline
            ));
        }
        if hit.is_empty() {
            warnings.push("nothing affected is known in these rings".to_owned());
        }
        Self { campaign, pivot, hit, n_unknown, n_other_teams, warnings }
    }

    fn n_targets(&self) -> usize {
        self.hit.values().map(Vec::len).sum()
    }

    /// The command that does it.
    fn command(&self, arguments: &PivotArguments) -> String {
        let rings = arguments.rings.iter().flat_map(|it| [" --ring ", it]).collect::<String>();
        format!(
            "fixloop campaign pivot {}{rings} --to {} --grace {} --with \"{}\" --why \"{}\" --preview-of {}",
            self.campaign.id,
            mode_word(self.pivot.to),
            self.pivot.grace_hours,
            self.pivot.with.as_str(),
            self.pivot.why,
            self.campaign.version
        )
    }

    fn json(&self, arguments: &PivotArguments) -> Value {
        let teams: Vec<Value> = self
            .hit
            .iter()
            .map(|(team, targets)| {
                let names: Vec<String> = targets.iter().map(|it| it.name()).collect();
                json!({ "team": team, "targets": names })
            })
            .collect();
        json!({
            "schema": "fixloop.campaign-preview/1",
            "campaign": self.campaign.id.to_string(),
            "changed": false,
            "to": mode_word(self.pivot.to),
            "rings": arguments.rings,
            "branches": self.campaign.plan.branches,
            "grace_hours": self.pivot.grace_hours,
            "targets": self.n_targets(),
            "teams": teams,
            "unknown": self.n_unknown,
            "teams_without_targets": self.n_other_teams,
            "warnings": self.warnings,
            "preview_of": self.campaign.version,
            "command": self.command(arguments),
        })
    }

    fn show(&self, data: &Data, arguments: &PivotArguments) -> Result<ExitCode, CommandError> {
        print(|out| match data.format {
            Format::Json => writeln!(out, "{:#}", self.json(arguments)),
            Format::Text => self.write(arguments, out),
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, arguments: &PivotArguments, out: &mut dyn Write) -> io::Result<()> {
        let branches: Vec<&str> =
            self.campaign.plan.branches.iter().map(|it| it.as_str()).collect();
        let what = match self.pivot.to {
            Mode::Break => format!(
                "break {} affected targets of {} teams on branches of the kind {}; what was there before, after {} hours",
                self.n_targets(),
                self.hit.len(),
                branches.join(", "),
                self.pivot.grace_hours
            ),
            _ => format!("alert {} affected targets of {} teams", self.n_targets(), self.hit.len()),
        };
        writeln!(out, "{}: this would {what}", self.campaign.id)?;
        for (team, targets) in &self.hit {
            writeln!(out, "  {}  {} targets", visible(team), targets.len())?;
        }
        if self.n_unknown > 0 {
            writeln!(
                out,
                "{} unknown targets of these rings are not known to be hit",
                self.n_unknown
            )?;
        }
        for it in &self.warnings {
            writeln!(out, "warning: {}", visible(it))?;
        }
        writeln!(out, "nothing was changed. To do it:")?;
        writeln!(out, "  {}", visible(&self.command(arguments)))
    }
}

/// The name of a ring, or of all of them.
pub(super) fn ring_name(record: &Record, ring: Option<ObjectId>) -> Result<String, Refusal> {
    match ring {
        Some(ring) => Ok(record.ring(ring)?.plan.name.clone()),
        None => Ok("every ring".to_owned()),
    }
}
