//! `fixloop start`: from a list of repositories to a baseline and the first evidence, in one command.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use fixloop_program::evidence::{known_at_introduction, upgrade_regressions};
use fixloop_program::record::{Kind, ObjectId, Prediction, ProblemState, Query, read_problem};
use fixloop_program::{Metric, Plan, Population, Target};
use jiff::ToSpan;
use jiff::civil::Date;

use super::db::import::{self, ImportArguments};
use super::fleet::sync::{self, SyncArguments};
use super::hypothesis::answers::ask_of;
use super::okr::recorded::draft;
use crate::data::{Data, DataArguments, refused};
use crate::error::CommandError;
use crate::mined::Mined;

/// Begin: from a list of repositories with teams to a baseline, a draft key result and the first evidence
///
/// Mirrors every repository of FILE (as fixloop fleet sync does), mines their histories, freezes today's time to fix as the baseline of a draft
/// key result, and asks two problem hypotheses of the stored data: are upgrades slow because they break things, and did vulnerable versions
/// come in when everybody could know? All of it goes into the data directory, and nothing leaves this machine. Run it again to bring the mirrors
/// up to date; what is recorded stays.
///
/// Exit code: 0, or 2 if something could not be read.
#[derive(Args)]
pub(crate) struct StartArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The list: CSV with the columns url and team, or the JSON of GitHub, GitLab or Azure DevOps
    file: PathBuf,
    /// CSV with the columns repository and team
    #[arg(long, value_name = "FILE")]
    teams: Option<PathBuf>,
    /// OSV records (folders, archives) for an index of the data directory's own [default: the user's index, else the starter's]
    #[arg(long, value_name = "PATH")]
    advisories: Vec<PathBuf>,
    /// What is to be reached
    #[arg(long, value_name = "CHANGE", default_value = "-20%", allow_hyphen_values = true)]
    target: Target,
    /// The last day [default: in 90 days]
    #[arg(long, value_name = "DATE")]
    by: Option<Date>,
    /// The one person who answers for it [default: who asks]
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// The risk or policy that it is about
    #[arg(long, value_name = "TEXT")]
    risk: Option<String>,
}

/// Seconds of each step, told at the end.
struct Clock {
    last: Instant,
    steps: Vec<(&'static str, f64)>,
}

impl Clock {
    fn lap(&mut self, step: &'static str) {
        self.steps.push((step, self.last.elapsed().as_secs_f64()));
        self.last = Instant::now();
    }
}

pub(crate) fn run(arguments: &StartArguments) -> Result<ExitCode, CommandError> {
    let mut clock = Clock { last: Instant::now(), steps: Vec::new() };
    let mirrors = arguments.data.folder()?.join("fleet");
    let syncing = SyncArguments::of(arguments.file.clone(), mirrors, arguments.teams.clone());
    // A list that cannot be used leaves nothing behind.
    syncing.check()?;
    let mut data = arguments.data.open_or_make()?;
    let mut is_whole = true;
    if !arguments.advisories.is_empty() {
        let into = data.folder.join("advisories.index");
        let code = import::run(&ImportArguments::of(arguments.advisories.clone(), into))?;
        is_whole &= code == ExitCode::SUCCESS;
        clock.lap("advisories");
    }
    let synced = sync::run(&syncing)?;
    is_whole &= synced == ExitCode::SUCCESS;
    clock.lap("mirrors");
    let mined = data.mine(None)?;
    mined.expect_any()?;
    clock.lap("histories");
    let key_result = key_result(&mut data, arguments, &mined)?;
    clock.lap("baseline");
    let problems = problems(&mut data, key_result, &mined)?;
    clock.lap("evidence");
    say_steps(&data, &clock)?;
    say_next(&mut data, key_result, &problems)?;
    mined.tell_cache_faults();
    Ok(if is_whole && mined.gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// The draft of the first run; a later one makes no second.
fn key_result(
    data: &mut Data,
    arguments: &StartArguments,
    mined: &Mined,
) -> Result<ObjectId, CommandError> {
    if let Some(known) = data.record()?.key_results.values().next() {
        let id = known.id;
        data.say(&format!("\n{id} is recorded already; fixloop okr create makes another one"))?;
        return Ok(id);
    }
    let owner = Some(match &arguments.owner {
        Some(owner) => owner.clone(),
        None => data.actor()?.as_str().to_owned(),
    });
    let plan = |today: Date| Plan {
        metric: Metric::TimeToFix,
        population: Population::All,
        target: Some(arguments.target),
        start: today,
        end: arguments.by.or_else(|| today.checked_add(90.days()).ok()),
        since: None,
        owner,
        statement: None,
        risk: arguments.risk.clone(),
    };
    let (id, _) = draft(data, mined, "fix vulnerable packages faster", plan)?;
    data.say("")?;
    data.show(&[id])?;
    Ok(id)
}

/// The two hypotheses of the first story, framed and asked.
fn problems(
    data: &mut Data,
    key_result: ObjectId,
    mined: &Mined,
) -> Result<Vec<ObjectId>, CommandError> {
    let known: Vec<ObjectId> = data.record()?.problems.values().map(|it| it.id).collect();
    if !known.is_empty() {
        return Ok(known);
    }
    let hypotheses = [
        (
            "We believe that teams put off upgrades of vulnerable packages because upgrades break things and get reverted",
            Query::UpgradeRegressions,
            (upgrade_regressions::LINES.kill(), upgrade_regressions::LINES.confirm()),
        ),
        (
            "We believe that vulnerable versions come in because nobody is told at the first reference, when it is already public",
            Query::KnownAtIntroduction,
            (known_at_introduction::LINES.kill(), known_at_introduction::LINES.confirm()),
        ),
    ];
    let mut made = Vec::new();
    for (believe, query, (kill, confirm)) in hypotheses {
        let insight = data.now();
        let changes = data.change(|record| {
            record.create_problem(believe, key_result, (insight, None), Vec::new())
        })?;
        let Some(id) = changes.first().map(|it| it.object) else { continue };
        let prediction = Prediction { name: "p1".to_owned(), query, kill, confirm, min_n: 20 };
        data.change(|record| record.frame(id, vec![prediction]))?;
        data.say("")?;
        ask_of(data, id, mined)?;
        made.push(id);
    }
    Ok(made)
}

fn say_steps(data: &Data, clock: &Clock) -> Result<(), CommandError> {
    let all: f64 = clock.steps.iter().map(|it| it.1).sum();
    let steps: Vec<String> =
        clock.steps.iter().map(|(step, seconds)| format!("{step} {seconds:.1} s")).collect();
    data.say(&format!("\n{all:.1} s: {}", steps.join(", ")))?;
    Ok(())
}

fn say_next(
    data: &mut Data,
    key_result: ObjectId,
    problems: &[ObjectId],
) -> Result<(), CommandError> {
    let record = data.record()?;
    for id in problems {
        let problem = record.problem(*id).map_err(refused)?;
        let reading = read_problem(&record, problem);
        let verdict = reading.verdict.map_or("cannot be judged yet", ProblemState::as_str);
        data.say(&format!("{id} reads: {verdict}. {}", problem.believe))?;
    }
    let problem = problems.first().copied().unwrap_or(ObjectId::new(Kind::Problem, 1));
    let folder = data.folder.display().to_string();
    data.say(&format!(
        "\nNext, with --data-dir {folder} (or FIXLOOP_DATA):
  fixloop okr check {key_result}           is it SMART? then fixloop okr activate {key_result}
  fixloop hypothesis verdict {problem}     take the verdict that the evidence gives
  fixloop program report --into report.html"
    ))?;
    Ok(())
}
