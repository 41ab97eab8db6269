//! Whom to ask, and the page to ask with.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fixloop_model::Opportunity;
use fixloop_program::interviews::candidates::{self, Case, Focus, case_of};
use fixloop_program::interviews::page::{Page, print as print_page};
use fixloop_program::record::{ObjectId, ProblemState, Refusal};
use serde_json::json;
use thiserror::Error;

use super::{NewArguments, text};
use crate::commands::hypothesis::answers::alerts;
use crate::data::{DataArguments, instant, refused};
use crate::error::{CommandError, warn};
use crate::output::{Format, print, print_plain};

#[derive(Debug, Error)]
#[error("failed to write `{}`", path.display())]
struct WriteError {
    path: PathBuf,
    source: io::Error,
}

pub(super) fn candidates(
    arguments: &DataArguments,
    problem: ObjectId,
) -> Result<ExitCode, CommandError> {
    let mut data = arguments.open()?;
    let record = data.record()?;
    let problem = record.problem(problem).map_err(refused)?;
    let interviewed: BTreeSet<&str> =
        record.interviews_about(problem.id).map(|it| &*it.notes.team).collect();
    let mined = data.mine(None)?;
    let alerts = alerts(&data)?;
    let counted: Vec<&Opportunity> = mined.counted().collect();
    let of = mined.evidence(&counted);
    let mut found = candidates::candidates(of, alerts.as_deref(), Focus::of(problem), &interviewed);
    if !mined.gaps.is_empty() {
        let n = mined.gaps.len();
        found.notes.push(format!("{n} places could not be read: their cases are unknown"));
    }
    let cut = instant(mined.cut);
    match data.format {
        Format::Json => {
            let document = json!({
                "problem": problem.id,
                "cut": cut,
                "focus": found.focus,
                "teams": found.teams,
                "n_teams_with_a_case": found.n_teams_with_a_case,
                "notes": found.notes,
            });
            print(|out| writeln!(out, "{document:#}"))?;
        }
        Format::Text => print(|out| text::candidates(problem, &found, cut, out))?,
    }
    mined.tell_cache_faults();
    Ok(ExitCode::SUCCESS)
}

pub(super) fn new(arguments: &NewArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let record = data.record()?;
    let problem = record.problem(arguments.problem).map_err(refused)?;
    if problem.state == ProblemState::Draft {
        let what = format!(
            "{} has no prediction yet: an interview before the lines are fixed proves anything",
            problem.id
        );
        let way_out = format!("fixloop hypothesis frame {} --predict QUERY", problem.id);
        return Err(refused(Refusal::new(what, way_out)));
    }
    let team = arguments.team.trim();
    if team.is_empty() {
        return Err(refused(Refusal::new("a team has a name", "--team NAME")));
    }
    let mined = data.mine(None)?;
    let alerts = alerts(&data)?;
    let counted: Vec<&Opportunity> = mined.counted().collect();
    let of = mined.evidence(&counted);
    let case = case_of(of, alerts.as_deref(), Focus::of(problem), team);
    if case.is_none() {
        warn(&format!(
            "warning: no recent case of team {team} is known: the page asks them for one; fixloop interview candidates {} names teams with one",
            problem.id
        ));
    }
    let page = Page { problem: Some(problem.id), team: team.to_owned(), ..Page::default() };
    let page = print_page(&page, Some(problem), case.as_ref());
    if let Some(path) = &arguments.into {
        write_new(path, &page)?;
    }
    tell(arguments, data.format, &page, case.as_ref())?;
    mined.tell_cache_faults();
    Ok(ExitCode::SUCCESS)
}

/// The page itself where no file was named.
fn tell(
    arguments: &NewArguments,
    format: Format,
    page: &str,
    case: Option<&Case>,
) -> Result<(), CommandError> {
    let path = arguments.into.as_ref().map(|it| it.to_string_lossy().into_owned());
    if format == Format::Json {
        let document = json!({
            "problem": arguments.problem,
            "team": arguments.team.trim(),
            "case": case,
            "path": path,
            "page": page,
        });
        print(|out| writeln!(out, "{document:#}"))?;
        return Ok(());
    }
    match path {
        None => print_plain(|out| out.write_all(page.as_bytes()))?,
        Some(path) => print(|out| {
            if let Some(case) = case {
                writeln!(out, "The case to ask about: {}", fixloop_report::visible(&case.words))?;
            }
            let path = text::quoted(&path);
            writeln!(out, "Next: fill it in, then fixloop interview add {path}")
        })?,
    }
    Ok(())
}

/// A page that somebody filled in is never written over.
fn write_new(path: &Path, page: &str) -> Result<(), CommandError> {
    let failed = |source: io::Error| {
        let is_there = source.kind() == io::ErrorKind::AlreadyExists;
        let error = CommandError::from(WriteError { path: path.to_owned(), source });
        if is_there { error.hint("a page is not written over: name another file") } else { error }
    };
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(page.as_bytes()).map_err(failed)
}
