//! The past that a pilot is drawn from: of mined repositories, or of a table.

use std::path::Path;

use clap::ValueEnum;
use fixloop_experiment::{Past, PastFinding, Reach};
use fixloop_model::{Opportunity, Rating};
use fixloop_program::evidence::known_at_introduction::Kind;
use fixloop_readout::{FIXED_CAUSES, Labels, Row, observation};
use fixloop_stats::{Observation, Outcome};
use thiserror::Error;

use super::PlanArguments;
use crate::error::CommandError;
use crate::intervals::{self, Codes, Wanted};

const MICROSECONDS_A_DAY: f64 = 86_400e6;

/// Which opportunities a treatment is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Scope {
    /// Everything vulnerable, whenever it came in
    All,
    /// What the project asks for itself
    Direct,
    /// With a critical or high advisory
    CriticalHigh,
    /// Whose advisory was public when the version came in: all that an alert at the first reference can reach
    AtIntroduction,
}

#[derive(Debug, Error)]
enum PastFault {
    #[error("`{file}` has no column for the team")]
    NoTeam { file: String },
    #[error("row `{row}` does not say when its clock started")]
    NoDay { row: String },
    #[error("row `{row}`: day `{cell}` is no number of days")]
    Day { row: String, cell: String },
    #[error("row `{row}` has no team")]
    NoTeamOfRow { row: String },
    #[error("row `{row}`: `{cell}` does not say whether its advisory was public")]
    Known { row: String, cell: String },
    #[error("no row says whether it is in the scope: {0}")]
    ScopeUnknown(&'static str),
}

/// What was read.
pub(super) struct Read {
    pub(super) past: Past,
    pub(super) subject: String,
    pub(super) teams_from: String,
    pub(super) reach: Reach,
    /// Of an alert at the first reference, where that can be told.
    pub(super) first_reference: Option<Reach>,
    pub(super) warnings: Vec<String>,
}

/// A row with what scopes ask.
struct Scoped {
    row: Row,
    day: f64,
    is_known: Option<bool>,
}

pub(super) fn read(arguments: &PlanArguments) -> Result<Read, CommandError> {
    match &arguments.from {
        Some(file) => of_table(arguments, file),
        None => of_repositories(arguments),
    }
}

fn of_repositories(arguments: &PlanArguments) -> Result<Read, CommandError> {
    let mined = arguments.mining.mine()?;
    mined.expect_any()?;
    let scoped = |it: &Opportunity| Scoped {
        row: Row::of_opportunity(it),
        day: it.start.0 as f64 / MICROSECONDS_A_DAY,
        is_known: match Kind::of(it) {
            Kind::Known => Some(true),
            Kind::Later => Some(false),
            Kind::CannotTell => None,
        },
    };
    let rows: Vec<Scoped> = mined.counted().map(scoped).collect();
    let cut = mined.cut.0 as f64 / MICROSECONDS_A_DAY;
    mined.tell_cache_faults();
    let (past, reach, first_reference) = scope(&rows, arguments.scope, Some(cut))?;
    let n_gaps = mined.gaps.len();
    let gaps = format!(
        "gaps at {n_gaps} places: what could not be read is in no number (fixloop history tells them)"
    );
    Ok(Read {
        past,
        subject: mined.subject(),
        teams_from: mined.teams.clone(),
        reach,
        first_reference,
        warnings: if n_gaps == 0 { Vec::new() } else { vec![gaps] },
    })
}

fn of_table(arguments: &PlanArguments, file: &Path) -> Result<Read, CommandError> {
    let more = [
        Wanted { what: "day", asked: arguments.day.as_ref(), usual: &["day", "disclosed"] },
        Wanted { what: "known", asked: arguments.known.as_ref(), usual: &["known"] },
    ];
    let codes = Codes::new(&arguments.event);
    let columns = arguments.columns.with_usual();
    let mut table = intervals::read(file, &columns, &arguments.conditions, &codes, &more)?;
    let rows = std::mem::take(&mut table.rows);
    if rows.iter().all(|it| it.team.is_none()) {
        let error = CommandError::from(PastFault::NoTeam { file: table.name.clone() });
        return Err(error.hint("--team COLUMN names it"));
    }
    let cell = |column: usize, row: usize| table.more[column].as_ref()?[row].as_deref();
    let mut scoped = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        if row.team.is_none() {
            return Err(PastFault::NoTeamOfRow { row: row.id }.into());
        }
        let day = day(&row, cell(0, at))?;
        let is_known = cell(1, at).map(|it| known(&row, it)).transpose()?;
        scoped.push(Scoped { row, day, is_known });
    }
    let (past, reach, first_reference) = scope(&scoped, arguments.scope, None)?;
    Ok(Read {
        past,
        subject: format!("{}: {} rows", table.name, scoped.len()),
        teams_from: format!("teams by the table's column ({})", table.columns),
        reach,
        first_reference,
        warnings: table.skipped_lines(),
    })
}

fn day(row: &Row, cell: Option<&str>) -> Result<f64, CommandError> {
    if let Some(start) = row.start {
        return Ok(start.0 as f64 / MICROSECONDS_A_DAY);
    }
    let id = || row.id.clone();
    let Some(cell) = cell else {
        let error = CommandError::from(PastFault::NoDay { row: id() });
        return Err(error.hint("--day COLUMN names a column of days, counted from any day"));
    };
    let day = cell.parse::<f64>().ok().filter(|it| it.is_finite());
    day.ok_or_else(|| PastFault::Day { row: id(), cell: cell.to_owned() }.into())
}

fn known(row: &Row, cell: &str) -> Result<bool, PastFault> {
    match &*cell.to_lowercase() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(PastFault::Known { row: row.id.clone(), cell: cell.to_owned() }),
    }
}

impl Scope {
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Direct => "direct",
            Self::CriticalHigh => "critical-high",
            Self::AtIntroduction => "at-introduction",
        }
    }

    /// `None` where nobody can tell.
    fn holds(self, it: &Scoped) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::Direct => it.row.direct,
            Self::CriticalHigh => it.row.severity.map(is_urgent),
            Self::AtIntroduction => it.is_known,
        }
    }
}

fn is_urgent(rating: Rating) -> bool {
    matches!(rating, Rating::Critical | Rating::High)
}

/// What is in the scope, and how much of everything that is.
fn scope(
    rows: &[Scoped],
    scope: Scope,
    cut: Option<f64>,
) -> Result<(Past, Reach, Option<Reach>), CommandError> {
    let (mut reach, mut first) = (Reach::default(), Reach::default());
    let mut kept = Vec::new();
    for it in rows {
        let Some(observation) = observation(&it.row) else { continue };
        let days = observation.time() - observation.entry().unwrap_or(0.0);
        reach.add(scope.holds(it), days);
        first.add(it.is_known, days);
        if scope.holds(it) == Some(true) {
            kept.push((it, observation));
        }
    }
    if reach.n_told == 0 && reach.n_cannot_tell > 0 {
        let error = CommandError::from(PastFault::ScopeUnknown(scope.told()));
        return Err(error.hint("--scope all asks nothing of the rows; --known COLUMN says what was public when it came in"));
    }
    let teams = Labels::of(kept.iter().map(|it| it.0.row.team.as_deref()));
    let strata = Labels::of(kept.iter().map(|it| it.0.row.stratum.as_deref()));
    let finding = |(at, (it, observation)): (usize, &(&Scoped, Observation))| PastFinding {
        team: teams.of_row[at].unwrap_or(0),
        stratum: strata.of_row[at]
            .unwrap_or_else(|| u32::from(it.row.severity.is_some_and(is_urgent))),
        day: it.day,
        observation: counted(observation),
    };
    let findings: Vec<PastFinding> = kept.iter().enumerate().map(finding).collect();
    let last = findings.iter().map(|it| it.day + it.observation.time()).fold(f64::MIN, f64::max);
    let past = Past {
        teams: teams.names.iter().map(|it| (*it).to_owned()).collect(),
        findings,
        cut: cut.unwrap_or(last),
    };
    Ok((past, reach, (first.n_told > 0).then_some(first)))
}

/// Cause 1 is a fix; every other one competes.
fn counted(it: &Observation) -> Observation {
    let outcome = match it.outcome() {
        Outcome::Event(_) if FIXED_CAUSES.holds(it.outcome()) => Outcome::Event(1),
        Outcome::Event(_) => Outcome::Event(2),
        Outcome::Censored => Outcome::Censored,
    };
    let same = match it.entry() {
        Some(entry) => Observation::entered(entry, it.time(), outcome),
        None => Observation::new(it.time(), outcome),
    };
    // The times were an observation already.
    same.unwrap_or(*it)
}
