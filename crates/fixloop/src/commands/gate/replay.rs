//! `fixloop gate --replay`: what a policy would have done to the builds of the past.
//!
//! A first-parent commit is a build, and its parent the merge-base. Advisories count as they were published at its time, with today's ranges.
//! Only commits that change what a scan reads can have brought something; the others are counted as builds that go on. Campaigns, which end
//! what was there before, are not replayed: they have a beginning. Build rules are asked where a file that one names changed.

mod show;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use fixloop_client::BuildChecks;
use fixloop_fleet::{Fleet, FleetRepository};
use fixloop_gate::{GateFinding, PolicyState, Question, Report, compare, judge};
use fixloop_history::{CommitId, Repository, RevisionError};
use fixloop_index::Index;
use fixloop_model::{Base, Files, Timestamp};
use fixloop_policy::{BranchKind, Change, Mode, RepositoryId, Resolution};
use fixloop_scan::{Indexes, Options, accept_checks, scan_files};
use fixloop_telemetry::Machine;
use rayon::prelude::*;
use thiserror::Error;

use super::GateArguments;
use super::build::of_name;
use super::gather::{Decides, build_checks, decides};
use crate::error::CommandError;
use crate::merge_base::{accepted, is_scanned, side};
use crate::progress::Progress;
use crate::today::{exact_now, today};

/// Builds of one branch that are looked at: more than anybody makes in a year.
const MAX_BUILDS: usize = 100_000;

/// One repository of the past.
struct Past {
    name: String,
    team: Option<String>,
    git_dir: PathBuf,
    resolution: Resolution,
}

/// What every build is judged with.
struct With<'a> {
    index: &'a Index,
    options: &'a Options,
    checks: &'a BuildChecks,
}

/// A build that would have ended.
pub(super) struct Ended {
    pub(super) repository: String,
    pub(super) team: String,
    pub(super) branch: String,
    pub(super) kind: BranchKind,
    pub(super) commit: String,
    pub(super) at: Timestamp,
    /// By this policy, rather than only if every rule were in break.
    pub(super) by_policy: bool,
    /// What this build brought that would have been told harder, with whether it had a fix.
    pub(super) findings: Vec<GateFinding>,
}

/// What was replayed.
#[derive(Default)]
pub(super) struct Replayed {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) n_repositories: usize,
    pub(super) n_teams: usize,
    pub(super) n_builds: usize,
    pub(super) n_release_branches: usize,
    pub(super) ended: Vec<Ended>,
    /// Builds that brought something severe that had no fix, and so went on.
    pub(super) n_without_fix: usize,
    pub(super) unknown: Vec<(String, String)>,
}

#[derive(Debug, Error)]
enum ReplayError {
    #[error("failed to replay `{repository}`")]
    Scan { repository: String, source: fixloop_scan::ScanError },
}

pub(super) fn run(arguments: &GateArguments, days: u32) -> Result<ExitCode, CommandError> {
    let machine = Machine::of_process()?;
    let decides = decides(arguments, &machine);
    let pasts = pasts(arguments, &decides)?;
    let index = arguments.index.open()?;
    let options = Options {
        mirrors: arguments.mirrors.iter().map(|it| it.to_ascii_lowercase()).collect(),
        respect_gitignore: false,
        with_inventory: false,
        vex: Vec::new(),
        urgency: arguments.index.urgency()?,
        today: today(),
    };
    let bundle = decides.standing.as_ref().and_then(|it| it.bundle().cloned());
    let checks = build_checks(bundle.as_deref(), &decides.resolution);
    let with = With { index: &index, options: &options, checks: &checks };
    let until = Timestamp(exact_now().as_microsecond());
    let from = Timestamp(until.0 - i64::from(days) * 86_400_000_000);
    let progress = Progress::new("repositories");
    let n_done = std::sync::atomic::AtomicUsize::new(0);
    let replayed = pasts.par_iter().map(|past| {
        let replayed = replay(past, &with, (from, until));
        let n = n_done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        progress.set(n as u64);
        replayed
    });
    let replayed: Result<Vec<Replayed>, ReplayError> = replayed.collect();
    progress.finish();
    let mut all = Replayed { from, until, n_repositories: pasts.len(), ..Replayed::default() };
    let teams: BTreeSet<&str> = pasts.iter().map(team_of).collect();
    all.n_teams = teams.len();
    for it in replayed? {
        all.n_builds += it.n_builds;
        all.n_release_branches += it.n_release_branches;
        all.n_without_fix += it.n_without_fix;
        all.ended.extend(it.ended);
        all.unknown.extend(it.unknown);
    }
    let unverified = decides.unverified.into_iter().chain(checks.unread.iter().cloned());
    all.unknown.extend(unverified.map(|it| ("policy".to_owned(), it)));
    all.ended.sort_by(|a, b| (a.at, &a.repository).cmp(&(b.at, &b.repository)));
    show::show(&all, arguments.format)
}

fn team_of(past: &Past) -> &str {
    past.team.as_deref().unwrap_or(&past.name)
}

fn pasts(arguments: &GateArguments, decides: &Decides) -> Result<Vec<Past>, CommandError> {
    let resolution = |address: &str| match &decides.standing {
        Some(standing) => standing.resolution(Some(&RepositoryId::of_address(address))),
        None => decides.resolution.clone(),
    };
    let Some(folder) = &arguments.fleet else {
        let (repository, _) = Repository::containing(&arguments.path)
            .or_else(|_| Repository::open(&arguments.path).map(|it| (it, String::new())))?;
        let git_dir = repository.root().to_owned();
        let name = fixloop_history::repository_name(&git_dir);
        let resolution = decides.resolution.clone();
        return Ok(vec![Past { name, team: resolution.team.clone(), git_dir, resolution }]);
    };
    let fleet = Fleet::open(folder)?;
    let past = |it: &FleetRepository| Past {
        name: it.name.clone(),
        team: it.team.clone(),
        git_dir: it.git_dir.clone(),
        resolution: resolution(&it.url),
    };
    Ok(fleet.repositories.iter().map(past).collect())
}

fn replay(
    past: &Past,
    with: &With<'_>,
    (from, until): (Timestamp, Timestamp),
) -> Result<Replayed, ReplayError> {
    let mut replayed = Replayed::default();
    let opened = Repository::open(&past.git_dir).and_then(|it| {
        let branches = branches(&it)?;
        Ok((it, branches))
    });
    let (repository, branches) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            replayed.unknown.push((past.name.clone(), error.to_string()));
            return Ok(replayed);
        }
    };
    for (branch, kind, tip) in branches {
        replayed.n_release_branches += usize::from(kind == BranchKind::Release);
        let builds = match builds(&repository, tip, (from, until)) {
            Ok(builds) => builds,
            Err(error) => {
                replayed.unknown.push((format!("{} {branch}", past.name), error.to_string()));
                continue;
            }
        };
        replayed.n_builds += builds.len();
        for build in builds {
            let reports = reports(past, &repository, (build, kind), with);
            let (report, severe) = match reports {
                Ok(Some(reports)) => reports,
                Ok(None) => continue,
                Err(Failed::Revision(error)) => {
                    let what = format!("{} {}", past.name, build.commit);
                    replayed.unknown.push((what, error.to_string()));
                    continue;
                }
                Err(Failed::Scan(source)) => {
                    return Err(ReplayError::Scan { repository: past.name.clone(), source });
                }
            };
            replayed.n_without_fix += usize::from(severe);
            replayed.ended.extend(ended(past, (&branch, kind), build, report));
        }
    }
    Ok(replayed)
}

/// The default branch, and those that are named as releases.
fn branches(repository: &Repository) -> Result<Vec<(String, BranchKind, CommitId)>, RevisionError> {
    let tip = repository.commit(None)?;
    let of_release = repository.branches()?.into_iter();
    let of_release = of_release.filter(|(name, _)| of_name(name, None) == BranchKind::Release);
    let mut branches = vec![("default branch".to_owned(), BranchKind::Default, tip)];
    branches.extend(of_release.map(|(name, id)| (name, BranchKind::Release, id)));
    Ok(branches)
}

/// A commit with its first parent.
#[derive(Clone, Copy)]
struct Built {
    commit: CommitId,
    parent: CommitId,
    at: Timestamp,
}

fn builds(
    repository: &Repository,
    tip: CommitId,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<Built>, RevisionError> {
    let mut builds = Vec::new();
    let mut commit = tip;
    while builds.len() < MAX_BUILDS {
        let at = repository.time(commit)?;
        if at < from {
            break;
        }
        let Some(parent) = repository.parents(commit)?.first().copied() else { break };
        if at <= until {
            builds.push(Built { commit, parent, at });
        }
        commit = parent;
    }
    Ok(builds)
}

enum Failed {
    Revision(RevisionError),
    Scan(fixloop_scan::ScanError),
}

impl From<RevisionError> for Failed {
    fn from(error: RevisionError) -> Self {
        Self::Revision(error)
    }
}

/// The verdict on a build, and whether something severe that it brought had no fix; nothing if it changed nothing that is read.
fn reports(
    past: &Past,
    repository: &Repository,
    (build, branch): (Built, BranchKind),
    with: &With<'_>,
) -> Result<Option<(Report, bool)>, Failed> {
    let is_read = |path: &str| is_scanned(path) || with.checks.names(path);
    let all = |id| repository.files(id, "", &is_read);
    let (all_before, all_after) = (all(build.parent)?, all(build.commit)?);
    let paths: BTreeSet<&String> = all_before.paths().iter().chain(all_after.paths()).collect();
    let changed: Vec<&str> = paths
        .into_iter()
        .filter(|it| all_before.content(it) != all_after.content(it))
        .map(String::as_str)
        .collect();
    if changed.is_empty() {
        return Ok(None);
    }
    // What is beside or above a changed file may decide with it; the rest is as it was.
    let is_near = |path: &str| is_scanned(path) && changed.iter().any(|it| is_above(path, it));
    let near = |id| repository.files(id, "", &is_near);
    let (before, after) = (near(build.parent)?, near(build.commit)?);
    let indexes = Indexes { at: Some(build.at), ..Indexes::from(with.index) };
    let scan_of =
        |files: &dyn Files| scan_files(files, indexes, with.options).map_err(Failed::Scan);
    let (old, mut new) = (scan_of(&before)?, scan_of(&after)?);
    let mut old_checks = Vec::new();
    if changed.iter().any(|it| with.checks.names(it)) {
        // A rule may read many files of the tree together.
        old_checks = with.checks.of(&all_before);
        new.checks = with.checks.of(&all_after);
        accept_checks(&mut new, &all_after, with.options.today)
            .map_err(|error| Failed::Scan(error.into()))?;
    }
    let base = side(old, old_checks, &all_before);
    let (_, accepted) = accepted(&new);
    let new_checks = new.checks.iter().cloned().chain(accepted).collect();
    let head = side(new.clone(), new_checks, &all_after);
    let compared = compare(&base, &head, Some(repository.time(build.parent)?));
    let report = judge(Question {
        scan: new,
        compared: Some(compared),
        base: Some(Base {
            revision: build.parent.to_string(),
            merge_base: build.parent.to_string(),
        }),
        resolution: past.resolution.clone(),
        policy: PolicyState::default(),
        branch,
        now: build.at,
        unverified: Vec::new(),
        fails_unverified: false,
        notes: Vec::new(),
        folder: String::new(),
        break_glass: None,
    });
    let is_severe = |it: &GateFinding| {
        it.change.is_of_this_change()
            && it.fix().is_none()
            && it.severity() >= Some(fixloop_model::Rating::High)
    };
    let severe = report.findings.iter().any(is_severe);
    Ok(Some((report, severe)))
}

/// Whether a file stands in the folder of another, or in one above it.
fn is_above(path: &str, other: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.is_empty() || other.strip_prefix(folder).is_some_and(|it| it.starts_with('/'))
}

fn ended(
    past: &Past,
    (branch, kind): (&str, BranchKind),
    build: Built,
    report: Report,
) -> Option<Ended> {
    use fixloop_gate::Verdict;
    let by_policy = report.verdict == Verdict::Break;
    if !by_policy && report.would != Verdict::Break {
        return None;
    }
    let brought = |it: &GateFinding| {
        it.change.is_of_this_change()
            && it.change != Change::Fixed
            && (!by_policy || it.mode == Mode::Break)
    };
    Some(Ended {
        repository: past.name.clone(),
        team: team_of(past).to_owned(),
        branch: branch.to_owned(),
        kind,
        commit: build.commit.to_string(),
        at: build.at,
        by_policy,
        findings: report.findings.into_iter().filter(brought).collect(),
    })
}
