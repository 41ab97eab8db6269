//! `fixloop campaign create` and `open`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_policy::{BranchKind, Mode};
use fixloop_program::record::{
    Campaign, CampaignPlan, CampaignState, Change, ObjectId, Record, Refusal, Rung, What,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::{Value, json};
use thiserror::Error;

use super::OneArguments;
use super::about::{Named, PackageRange, Private, advisory, package_ranges, record_of};
use super::look::{look, seen_now};
use super::rules::{BUILT_IN, Rule};
use super::show::campaign_json;
use crate::commands::{policy, rollout::ring_named};
use crate::data::{Data, DataArguments, refused};
use crate::error::{CommandError, warn};

/// Enter what has to be fixed by a date: a draft, which nobody is told of before it is opened
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// What people are told it is about
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// Who answers for it [default: who asks]
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Whom teams ask, as a channel or an address
    #[arg(long, value_name = "TEXT")]
    contact: String,
    /// When everything has to be fixed: a time, or the end (UTC) of a day
    #[arg(long, value_name = "DATE")]
    deadline: Deadline,
    /// An OSV record as a file, which stays private, or the id of a public one (repeatable)
    #[arg(long = "advisory", value_name = "FILE|ID")]
    advisories: Vec<String>,
    /// A package by its package URL, with --range (repeatable)
    #[arg(long = "package", value_name = "PURL", requires = "ranges")]
    packages: Vec<String>,
    /// Which versions of it are affected, as ">=1.0.0 <1.4.2" (repeatable)
    #[arg(long = "range", value_name = "RANGE", id = "ranges")]
    ranges: Vec<String>,
    /// A build rule by its id, as dependency-confusion (repeatable)
    #[arg(long = "rule", value_name = "ID")]
    rules: Vec<String>,
    /// The rungs: [RING:]alert or [RING:]break[:GRACE HOURS]@DATE, with commas between them
    #[arg(long, value_name = "RUNGS", value_delimiter = ',', default_value = "alert")]
    ladder: Vec<String>,
    /// On which branches break ends builds (repeatable)
    #[arg(long = "branch", value_enum, default_values_t = [BranchName::PullRequest, BranchName::Default, BranchName::Release])]
    branches: Vec<BranchName>,
    /// A sentence that is put before each finding's own words
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// Where to read more
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// A registry that serves the public registry's packages unchanged (repeatable)
    #[arg(long = "mirror", value_name = "HOST")]
    mirrors: Vec<String>,
}

/// Open it: its teams are alerted, and the policy is published
#[derive(Args)]
pub(crate) struct OpenArguments {
    #[command(flatten)]
    one: OneArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum BranchName {
    PullRequest,
    Default,
    Release,
    Other,
}

impl BranchName {
    fn kind(self) -> BranchKind {
        match self {
            Self::PullRequest => BranchKind::PullRequest,
            Self::Default => BranchKind::Default,
            Self::Release => BranchKind::Release,
            Self::Other => BranchKind::Other,
        }
    }
}

/// A moment, or the last second of a day.
#[derive(Clone, Copy)]
struct Deadline(Timestamp);

impl std::str::FromStr for Deadline {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self(at));
        }
        let wrong = || {
            format!(
                "`{text}` is no day such as 2027-02-01 and no time such as 2027-02-01T12:00:00Z"
            )
        };
        let day: Date = text.parse().map_err(|_| wrong())?;
        let end = Offset::UTC.to_timestamp(day.at(23, 59, 59, 0)).map_err(|_| wrong())?;
        Ok(Self(end))
    }
}

#[derive(Debug, Error)]
enum CreateError {
    #[error("`{rung}` is no rung: {reason}")]
    Rung { rung: String, reason: String },
}

pub(super) fn run(arguments: CreateArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let ranges = package_ranges(&arguments.packages, &arguments.ranges)?;
    let mut named = Vec::new();
    for it in &arguments.advisories {
        named.push(advisory(it)?);
    }
    let record = data.record()?;
    let mut ladder = Vec::new();
    for it in &arguments.ladder {
        ladder.push(rung(&record, it)?);
    }
    for it in &arguments.rules {
        Rule::of(&record, it)?;
    }
    let (now, actor) = (data.now(), data.actor()?.as_str().to_owned());
    let about = About { named, ranges, title: arguments.title.clone() };
    let plan = CampaignPlan {
        title: arguments.title,
        owner: arguments.owner.unwrap_or(actor),
        contact: arguments.contact,
        deadline: arguments.deadline.0,
        advisories: Vec::new(),
        private: Vec::new(),
        rules: arguments.rules,
        ladder,
        branches: arguments.branches.into_iter().map(BranchName::kind).collect(),
        words: arguments.words,
        link: arguments.link,
        mirrors: arguments.mirrors.iter().map(|it| it.to_ascii_lowercase()).collect(),
    };
    let changes = data.change(|record| {
        let id = record.next(fixloop_program::record::Kind::Campaign);
        let plan = about.put_into(plan, id, now);
        Ok(vec![record.create_campaign(plan, now)?])
    })?;
    let id = created(&changes);
    shown_with_warnings(&mut data, id)?;
    Ok(ExitCode::SUCCESS)
}

fn created(changes: &[Change]) -> ObjectId {
    let of = changes.iter().find(|it| matches!(it.what, What::Campaign(_)));
    of.map(|it| it.object).expect("the change that was just written")
}

/// What was entered; a private record of ranges gets its id from the campaign's.
struct About {
    named: Vec<Named>,
    ranges: Vec<PackageRange>,
    title: String,
}

impl About {
    fn put_into(self, plan: CampaignPlan, id: ObjectId, now: Timestamp) -> CampaignPlan {
        let mut plan = plan;
        let mut add = |it: Private| {
            if !plan.advisories.contains(&it.id) {
                plan.advisories.push(it.id);
                plan.private.push(it.record);
            }
        };
        if !self.ranges.is_empty() {
            let own = format!("LOCAL-{}", id.to_string().to_uppercase());
            add(record_of(&own, &self.title, &self.ranges, now));
        }
        let mut ids = Vec::new();
        for it in self.named {
            match it {
                Named::Private(it) => add(it),
                Named::Id(id) => ids.push(id),
            }
        }
        plan.advisories.extend(ids);
        plan.rules.dedup();
        plan
    }
}

/// `alert`, `pilot:alert`, `pilot:break:72@2027-01-15`.
fn rung(record: &Record, text: &str) -> Result<Rung, CommandError> {
    let wrong = |reason: String| {
        let error = CommandError::from(CreateError::Rung { rung: text.to_owned(), reason });
        error.hint("--ladder alert,pilot:break:72@2027-01-15,broad:break:72@2027-01-20")
    };
    let (what, planned) = match text.split_once('@') {
        Some((what, day)) => {
            let planned: Deadline = day.parse().map_err(wrong)?;
            // A rung is reached at the beginning of its day.
            let start = day
                .parse::<Date>()
                .ok()
                .and_then(|it| Offset::UTC.to_timestamp(it.at(0, 0, 0, 0)).ok());
            (what, Some(start.unwrap_or(planned.0)))
        }
        None => (text, None),
    };
    let mut parts: Vec<&str> = what.trim().split(':').collect();
    let mode_of = |word: &str| match word {
        "alert" => Some(Mode::Alert),
        "break" => Some(Mode::Break),
        _ => None,
    };
    let ring = if parts.first().is_some_and(|it| mode_of(it).is_none()) {
        Some(ring_named(record, parts.remove(0)).map_err(refused)?)
    } else {
        None
    };
    let mode = parts.first().and_then(|it| mode_of(it));
    let mode = mode.ok_or_else(|| wrong("it neither alerts nor breaks".to_owned()))?;
    let grace_hours = match &parts[1..] {
        [] => 0,
        [hours] => hours.parse().map_err(|_| wrong(format!("`{hours}` is no number of hours")))?,
        _ => return Err(wrong("it has too many parts".to_owned())),
    };
    Ok(Rung { ring, mode, grace_hours, planned })
}

/// Prints a draft with what the fleet says of it: who would be affected, and what is suspicious.
fn shown_with_warnings(data: &mut Data, id: ObjectId) -> Result<(), CommandError> {
    let record = data.record()?;
    let campaign = record.campaign(id).map_err(refused)?.clone();
    let mut object = campaign_json(&record, &campaign);
    // A draft may be entered before there are mirrors; then nothing is known of it yet.
    match seen_now(data, &record, &campaign) {
        Ok(now) => {
            let targets = fixloop_campaign::follow(&[], &now.seen, 0, data.now().as_microsecond());
            object["counts"] = json!(fixloop_campaign::Counts::of(&targets));
            put_warnings(&mut object, &now.warnings);
        }
        Err(error) => {
            put_warnings(
                &mut object,
                &[format!("who is affected is not known: {}", error.chain())],
            );
        }
    }
    data.print_one(&object)?;
    data.say(&format!("\nNext: fixloop campaign open {id} alerts its teams"))?;
    Ok(())
}

/// On standard error for people, and in the object for scripts.
pub(super) fn put_warnings(object: &mut Value, warnings: &[String]) {
    for it in warnings {
        warn(&format!("warning: {it}"));
    }
    object["warnings"] = json!(warnings);
}

pub(super) fn open(arguments: &OpenArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let id = arguments.one.campaign;
    let now = data.now();
    let before: Campaign = data.record()?.campaign(id).map_err(refused)?.clone();
    // Refused before anything is read.
    before.open(now, data.record()?.open_campaigns().count()).map_err(refused)?;
    for it in before.plan.rules.iter().filter(|it| *it != BUILT_IN) {
        Rule::of(&data.record()?, it)?;
    }
    data.change(|record| {
        Ok(vec![record.campaign(id)?.open(now, record.open_campaigns().count())?])
    })?;
    policy::publish(&mut data)?;
    let campaign = data.record()?.campaign(id).map_err(refused)?.clone();
    let looked = look(&mut data, &campaign)?;
    looked.keep(&mut data, &campaign)?;
    let record = data.record()?;
    let mut object = campaign_json(&record, record.campaign(id).map_err(refused)?);
    super::show::put_look(&mut object, &looked);
    data.print_one(&object)?;
    Ok(ExitCode::SUCCESS)
}

/// A refusal where a campaign is a draft: nobody is told of it yet.
pub(super) fn only_opened(campaign: &Campaign) -> Result<(), CommandError> {
    if campaign.state == CampaignState::Draft {
        let what = format!("{} is a draft, and nobody is told of it yet", campaign.id);
        return Err(refused(Refusal::new(what, format!("fixloop campaign open {}", campaign.id))));
    }
    Ok(())
}
