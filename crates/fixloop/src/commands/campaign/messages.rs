//! `fixloop campaign messages`: one message per team, as Markdown and as a signed payload.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fixloop_campaign::{Target, TargetState};
use fixloop_policy::Mode;
use fixloop_program::record::{Campaign, CampaignState, Record};
use fixloop_report::visible;
use serde_json::{Value, json};
use thiserror::Error;

use super::OneArguments;
use super::create::only_opened;
use super::look::{last_targets, targets_now, time};
use super::webhook::{HEADER, Receiver, Secret};
use crate::data::{Data, refused};
use crate::error::CommandError;
use crate::output::{Format, print};

/// More targets than that in one message are counted.
const MAX_LISTED: usize = 100;
/// Characters of a team's name in a file's.
const MAX_NAME: usize = 80;

/// Write one message per team: what of theirs is affected, how to fix it, by when, whom to ask
///
/// --into writes TEAM.md for people, and TEAM.json (the payload) with TEAM.json.signature (its header). --post sends each payload to a
/// receiver on this machine, signed with HMAC-SHA-256 over moment and body.
#[derive(Args)]
pub(crate) struct MessagesArguments {
    #[command(flatten)]
    one: OneArguments,
    /// The folder to write to
    #[arg(long, value_name = "DIR", required_unless_present = "post")]
    into: Option<PathBuf>,
    /// A receiver on this machine, by http to a loopback address
    #[arg(long, value_name = "URL", requires = "secret")]
    post: Option<String>,
    /// A file with the secret that payloads are signed with, 16 bytes at least
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    /// Only this team (repeatable)
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
}

#[derive(Debug, Error)]
enum MessagesError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

pub(super) fn run(arguments: &MessagesArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let record = data.record()?;
    let campaign = record.campaign(arguments.one.campaign).map_err(refused)?.clone();
    only_opened(&campaign)?;
    // Before anybody is told anything.
    let receiver = arguments.post.as_deref().map(Receiver::parse).transpose()?;
    let secret = arguments.secret.as_deref().map(Secret::read).transpose()?;
    let targets = match campaign.state {
        CampaignState::Closed => last_targets(&mut data, &campaign)?,
        _ => targets_now(&mut data, &campaign)?.0,
    };
    let messages = messages(&record, &campaign, &targets, &data);
    let wanted: Vec<&Message> = messages
        .iter()
        .filter(|it| arguments.teams.is_empty() || arguments.teams.contains(&it.team))
        .collect();
    for (n, it) in wanted.iter().enumerate() {
        let body = it.payload.to_string().into_bytes();
        let signature = secret.as_ref().map(|secret| secret.signature(data.now(), &body));
        if let Some(folder) = &arguments.into {
            it.write(folder, &body, signature.as_deref())?;
        }
        if let (Some(receiver), Some(signature)) = (&receiver, &signature) {
            receiver.post(signature, &body).map_err(|error| {
                CommandError::from(error).hint(format!(
                    "{n} of {} teams were told; the rest again with --team",
                    wanted.len()
                ))
            })?;
        }
    }
    print(|out| match data.format {
        Format::Json => {
            let teams: Vec<Value> = wanted
                .iter()
                .map(|it| json!({ "team": it.team, "file": it.file, "targets": it.n_targets }))
                .collect();
            let document = json!({
                "schema": "fixloop.campaign-messages/1",
                "campaign": campaign.id.to_string(),
                "into": arguments.into,
                "posted": receiver.is_some(),
                "teams": teams,
            });
            writeln!(out, "{document:#}")
        }
        Format::Text => {
            for it in &wanted {
                writeln!(out, "{}  {} targets  {}.md", visible(&it.team), it.n_targets, it.file)?;
            }
            writeln!(out, "{} messages", wanted.len())
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

struct Message {
    team: String,
    /// Name without ending.
    file: String,
    markdown: String,
    payload: Value,
    n_targets: usize,
}

impl Message {
    fn write(
        &self,
        folder: &Path,
        body: &[u8],
        signature: Option<&str>,
    ) -> Result<(), CommandError> {
        let write = |path: PathBuf, bytes: &[u8]| {
            fs::write(&path, bytes).map_err(|source| MessagesError::Write { path, source })
        };
        fs::create_dir_all(folder)
            .map_err(|source| MessagesError::Write { path: folder.to_owned(), source })?;
        write(folder.join(format!("{}.md", self.file)), self.markdown.as_bytes())?;
        write(folder.join(format!("{}.json", self.file)), body)?;
        if let Some(signature) = signature {
            let header = format!("{HEADER}: {signature}\n");
            write(folder.join(format!("{}.json.signature", self.file)), header.as_bytes())?;
        }
        Ok(())
    }
}

/// One for each team with something affected, or unknown that was affected.
fn messages(record: &Record, campaign: &Campaign, targets: &[Target], data: &Data) -> Vec<Message> {
    let mut by_team: BTreeMap<&str, Vec<&Target>> = BTreeMap::new();
    for it in targets.iter().filter(|it| it.is_open()) {
        by_team.entry(&it.team).or_default().push(it);
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    by_team
        .into_iter()
        .map(|(team, targets)| {
            let name = file_name(team);
            let n = taken.entry(name.clone()).or_default();
            *n += 1;
            let file = if *n == 1 { name } else { format!("{name}-{n}") };
            Message {
                markdown: markdown(record, campaign, team, &targets),
                payload: payload(record, campaign, (team, &targets), data.now()),
                team: team.to_owned(),
                file,
                n_targets: targets.len(),
            }
        })
        .collect()
}

/// A name that every file system takes, and that leads nowhere.
fn file_name(team: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() || "-_".contains(it) { it } else { '_' };
    let name: String = team.chars().take(MAX_NAME).map(plain).collect();
    if name.is_empty() { "team".to_owned() } else { name }
}

/// What the team's builds do now, and from when on they break.
fn stands(record: &Record, campaign: &Campaign, team: &str) -> (Mode, Option<jiff::Timestamp>) {
    let ring = record.ring_of_team(team).map(|it| it.id);
    let Some(step) = campaign.step_of(ring) else { return (Mode::Observe, None) };
    let ends = step.since.as_second() + i64::from(step.grace_hours) * 3600;
    let breaks_at = (step.mode == Mode::Break).then(|| jiff::Timestamp::from_second(ends).ok());
    (step.mode, breaks_at.flatten())
}

fn payload(
    record: &Record,
    campaign: &Campaign,
    (team, targets): (&str, &[&Target]),
    now: jiff::Timestamp,
) -> Value {
    let (mode, breaks_at) = stands(record, campaign, team);
    let target = |it: &&Target| {
        json!({
            "target": it.name(),
            "state": it.state,
            "evidence": it.evidence,
            "reason": it.reason,
            "affected_since": it.affected_since.map(time),
            "patch": format!("fixloop campaign patch {} {}", campaign.id, it.name()),
        })
    };
    json!({
        "schema": "fixloop.campaign-message/1",
        "campaign": campaign.id.to_string(),
        "version": campaign.version,
        "title": campaign.plan.title,
        "contact": campaign.plan.contact,
        "link": campaign.plan.link,
        "deadline": campaign.plan.deadline.to_string(),
        "sent_at": now.to_string(),
        "team": team,
        "mode": fixloop_program::record::mode_word(mode),
        "breaks_at": breaks_at.map(|it| it.to_string()),
        "targets": targets.iter().map(target).collect::<Vec<_>>(),
    })
}

fn markdown(record: &Record, campaign: &Campaign, team: &str, targets: &[&Target]) -> String {
    let plan = &campaign.plan;
    let (mode, breaks_at) = stands(record, campaign, team);
    let mut text = format!("# {}\n\n", line(&plan.title));
    // Writing to a text does not fail.
    let mut add = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    add(format!(
        "Team **{}**: {} of your files have to be fixed by **{}**.\n",
        line(team),
        targets.len(),
        plan.deadline
    ));
    add(match (mode, breaks_at) {
        (Mode::Break, Some(at)) => format!("Builds of these repositories break from {at} on.\n"),
        (Mode::Alert, _) => {
            "Builds are not broken by it now; editors and builds say where.\n".to_owned()
        }
        _ => "Nothing else tells you of it now.\n".to_owned(),
    });
    for it in targets.iter().take(MAX_LISTED) {
        let state = if it.state == TargetState::Unknown { " (unknown now)" } else { "" };
        add(format!("- `{}`{state}", code(&it.name())));
        for evidence in &it.evidence {
            add(format!("  - {}", line(evidence)));
        }
        if let Some(reason) = &it.reason {
            add(format!("  - {}", line(reason)));
        }
        if !plan.advisories.is_empty() {
            add(format!(
                "  - a ready change: `fixloop campaign patch {} {}`",
                campaign.id,
                code(&it.name())
            ));
        }
    }
    if targets.len() > MAX_LISTED {
        add(format!("- and {} more", targets.len() - MAX_LISTED));
    }
    let more = plan.link.as_ref().map_or(String::new(), |it| format!(" More: <{it}>"));
    add(format!("\nQuestions: {}.{more}", line(&plan.contact)));
    text
}

/// Foreign text as text in Markdown, on one line.
fn line(text: &str) -> String {
    let seen = visible(text);
    let mut escaped = String::with_capacity(seen.len());
    for it in seen.chars() {
        if "\\|`<>[]*_~&#!$".contains(it) {
            escaped.push('\\');
        }
        escaped.push(if it == '\n' { ' ' } else { it });
    }
    escaped
}

/// Within backticks, which it then cannot end.
fn code(text: &str) -> String {
    visible(text).replace('`', "'").replace('\n', " ")
}
