//! `fixloop campaign patch`: the diff that fixes a target, as `fixloop fix` makes it, from the mirror's files.

use std::process::ExitCode;

use clap::Args;
use fixloop_fleet::{Git, write_head_files};
use fixloop_index::Index;
use fixloop_match::Known;
use fixloop_plan::{Change, Files, Plan, plan};
use fixloop_program::record::{Campaign, Refusal};
use fixloop_scan::{Indexes, Options, scan};
use serde_json::json;

use super::OneArguments;
use super::look::fleet;
use super::matching::Sources;
use crate::commands::fix::{diff_of, write_diff, write_plan};
use crate::data::{Data, refused};
use crate::error::{CommandError, warn};
use crate::output::{Format, print};
use crate::today::today;

/// Print the change that fixes a target, as a diff that git apply takes
///
/// Made from the mirror's newest commit, as fixloop fix makes it; nothing is written. A lockfile follows by the command that is named.
///
/// Exit code: 0 if there is nothing to do, 1 if there is a change, 2 if something cannot be fixed or read.
#[derive(Args)]
pub(crate) struct PatchArguments {
    #[command(flatten)]
    one: OneArguments,
    /// REPOSITORY or REPOSITORY:PATH, as fixloop campaign affected names it
    target: String,
}

/// What fixes the targets of one repository.
pub(super) struct Patched {
    pub(super) changes: Vec<Change>,
    pub(super) plan: Plan,
}

pub(super) fn run(arguments: &PatchArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.one.data.open()?;
    let record = data.record()?;
    let campaign = record.campaign(arguments.one.campaign).map_err(refused)?.clone();
    let (repository, path) = match arguments.target.split_once(':') {
        Some((repository, path)) => (repository, Some(path)),
        None => (&*arguments.target, None),
    };
    let patched = patched(&data, &campaign, repository, path)?;
    let diff = diff_of(&patched.changes)?;
    let commands: Vec<String> = patched.plan.commands().iter().map(ToString::to_string).collect();
    match data.format {
        Format::Json => {
            let unfixed = patched.plan.unfixed.iter().map(|it| json!({
                "path": it.path, "line": it.line, "name": it.name, "version": it.version, "reason": it.reason,
            }));
            let document = json!({
                "schema": "fixloop.campaign-patch/1",
                "campaign": campaign.id.to_string(),
                "target": arguments.target,
                "diff": diff,
                "clean_after": commands,
                "not_fixed": unfixed.collect::<Vec<_>>(),
            });
            print(|out| writeln!(out, "{document:#}"))?;
        }
        Format::Text => {
            // The diff alone goes to standard output, for `git apply`.
            let mut words = Vec::new();
            write_plan(&patched.plan, false, &mut words)?;
            warn(String::from_utf8_lossy(&words).trim_end());
            print(|out| write_diff(&patched.changes, out))?;
        }
    }
    let is_empty = patched.changes.is_empty();
    Ok(match (patched.plan.unfixed.is_empty(), is_empty) {
        (false, _) => ExitCode::from(2),
        (true, false) => ExitCode::from(1),
        (true, true) => ExitCode::SUCCESS,
    })
}

/// The change that clears a repository, or one file of it, of what the campaign is about. Proven by the indexes that the campaign names.
pub(super) fn patched(
    data: &Data,
    campaign: &Campaign,
    name: &str,
    path: Option<&str>,
) -> Result<Patched, CommandError> {
    if campaign.plan.advisories.is_empty() {
        return Err(refused(Refusal::new(
            format!("{} is about build rules, which no version fixes", campaign.id),
            "fixloop campaign affected says line by line what is wrong; each rule says what to write instead",
        )));
    }
    let fleet = fleet(data)?;
    let it = fleet.repositories.iter().find(|it| it.name == name);
    let it = it.ok_or_else(|| {
        refused(Refusal::new(
            format!("there is no repository `{name}` in the fleet"),
            format!("fixloop campaign affected {} names targets as REPOSITORY:PATH", campaign.id),
        ))
    })?;
    let sources = Sources::of(&campaign.plan, &data.folder)?;
    let folder = tempfile::tempdir()?;
    write_head_files(&Git::find()?, it, folder.path())?;
    let options = Options {
        mirrors: campaign.plan.mirrors.clone(),
        respect_gitignore: false,
        with_inventory: false,
        vex: Vec::new(),
        urgency: fixloop_index::Urgency::default(),
        today: today(),
    };
    let mut files = Files::new(folder.path());
    let mut joined: Option<Plan> = None;
    for with in sources.for_fixes() {
        let one = planned(folder.path(), with, &options, (campaign, path), &mut files)?;
        match &mut joined {
            Some(all) => {
                all.fixed.extend(one.fixed);
                all.unfixed.extend(one.unfixed);
                all.undecided.extend(one.undecided);
            }
            None => joined = Some(one),
        }
    }
    let plan = joined.unwrap_or_default();
    Ok(Patched { changes: files.changes(), plan })
}

fn planned(
    folder: &std::path::Path,
    (indexes, proof): (Indexes<'_>, &Index),
    options: &Options,
    (campaign, path): (&Campaign, Option<&str>),
    files: &mut Files,
) -> Result<Plan, CommandError> {
    let mut scan = scan(folder, indexes, options, &|_, _| {})?;
    let ids = &campaign.plan.advisories;
    scan.findings.retain(|it| {
        let is_of_it = it.ids.iter().any(|id| ids.iter().any(|it| it.eq_ignore_ascii_case(id)));
        is_of_it && path.is_none_or(|path| it.path == path)
    });
    // What else cannot be read there is no matter of this campaign.
    scan.unknown.retain(|it| it.path.as_deref() == path && path.is_some());
    Ok(plan(&scan, &Known::new(proof), files)?)
}
