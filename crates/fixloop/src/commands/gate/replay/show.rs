//! A replay for people and for scripts: `fixloop.gate-replay/1`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;

use fixloop_policy::BranchKind;
use fixloop_report::visible;
use serde_json::{Value, json};

use super::{Ended, Replayed};
use crate::commands::gate::outputs::GateFormat;
use crate::error::CommandError;
use crate::output::print;

/// Builds listed before the rest is counted.
const MAX_LISTED: usize = 40;

pub(super) fn show(it: &Replayed, format: GateFormat) -> Result<ExitCode, CommandError> {
    print(|out| match format {
        GateFormat::Json => writeln!(out, "{:#}", document(it)),
        _ => write(it, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Builds, teams and release branches.
struct Hit {
    builds: usize,
    teams: usize,
    release_branches: usize,
}

impl Hit {
    fn of<'a>(ended: impl Iterator<Item = &'a Ended> + Clone) -> Self {
        let teams: BTreeSet<&str> = ended.clone().map(|it| &*it.team).collect();
        let releases = ended.clone().filter(|it| it.kind == BranchKind::Release);
        let branches: BTreeSet<(&str, &str)> =
            releases.map(|it| (&*it.repository, &*it.branch)).collect();
        Self { builds: ended.count(), teams: teams.len(), release_branches: branches.len() }
    }

    fn json(&self) -> Value {
        json!({ "builds": self.builds, "teams": self.teams, "release_branches": self.release_branches })
    }

    fn words(&self) -> String {
        format!(
            "{} builds of {} teams, {} release branches",
            self.builds, self.teams, self.release_branches
        )
    }
}

fn write(it: &Replayed, out: &mut dyn Write) -> io::Result<()> {
    let by_policy = || it.ended.iter().filter(|it| it.by_policy);
    writeln!(
        out,
        "{} builds of {} repositories of {} teams from {} to {}; {} release branches",
        it.n_builds,
        it.n_repositories,
        it.n_teams,
        day(it.from.0),
        day(it.until.0),
        it.n_release_branches
    )?;
    for build in by_policy().take(MAX_LISTED) {
        let commit = build.commit.get(..10).unwrap_or(&build.commit);
        writeln!(
            out,
            "{}  {} ({})  {} {commit}",
            time(build.at.0),
            visible(&build.repository),
            visible(&build.team),
            visible(&build.branch)
        )?;
        for finding in &build.findings {
            let fix = finding.fix().unwrap_or_else(|| "no fix".to_owned());
            writeln!(out, "    {}: {}", visible(&finding.title()), visible(&fix))?;
        }
    }
    if let Some(more) = by_policy().count().checked_sub(MAX_LISTED).filter(|it| *it > 0) {
        writeln!(out, "and {more} more builds: --format json lists them")?;
    }
    writeln!(out, "by this policy would have ended: {}", Hit::of(by_policy()).words())?;
    writeln!(out, "if every rule were in break: {}", Hit::of(it.ended.iter()).words())?;
    writeln!(
        out,
        "{} builds brought something critical or high without a fix, and would have gone on",
        it.n_without_fix
    )?;
    for (what, why) in &it.unknown {
        writeln!(out, "unknown: {}: {}", visible(what), visible(why))?;
    }
    writeln!(
        out,
        "advisories count as they were published on the day of the build, with today's ranges; campaigns are not replayed"
    )
}

fn document(it: &Replayed) -> Value {
    let ended: Vec<Value> = it.ended.iter().map(build).collect();
    let unknown: Vec<Value> =
        it.unknown.iter().map(|(what, why)| json!({ "what": what, "reason": why })).collect();
    json!({
        "schema": "fixloop.gate-replay/1",
        "from": time(it.from.0),
        "until": time(it.until.0),
        "repositories": it.n_repositories,
        "teams": it.n_teams,
        "builds": it.n_builds,
        "release_branches": it.n_release_branches,
        "broken": Hit::of(it.ended.iter().filter(|it| it.by_policy)).json(),
        "would": Hit::of(it.ended.iter()).json(),
        "without_fix": it.n_without_fix,
        "ended": ended,
        "unknown": unknown,
    })
}

fn build(it: &Ended) -> Value {
    let findings: Vec<Value> = it
        .findings
        .iter()
        .map(|it| {
            json!({
                "id": it.id(), "title": it.title(), "path": it.path(), "state": it.change.as_str(),
                "rule": it.rule, "fix": it.fix(),
            })
        })
        .collect();
    json!({
        "repository": it.repository,
        "team": it.team,
        "branch": it.branch,
        "branch_kind": it.kind.as_str(),
        "commit": it.commit,
        "at": time(it.at.0),
        "by_policy": it.by_policy,
        "has_fix": it.findings.iter().all(|it| it.fix().is_some()),
        "findings": findings,
    })
}

fn time(at: i64) -> String {
    let time = jiff::Timestamp::from_microsecond(at);
    time.map_or_else(|_| "-".to_owned(), |it| it.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn day(at: i64) -> String {
    time(at).chars().take(10).collect()
}
