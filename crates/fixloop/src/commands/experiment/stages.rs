//! `fixloop experiment stages`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use fixloop_experiment::Arm;
use fixloop_experiment::stages::{StageStretch, StageTable, StagesError, stages};
use fixloop_readout::Labels;
use fixloop_report::{StagesReport, stages_json, write_stages_text};
use fixloop_stats::InvalidTransitions;

use super::cells::{Cells, CellsRow};
use super::findings::treated;
use crate::error::CommandError;
use crate::intervals::condition;
use crate::output::{Format, print};

/// Where open time goes, by stage, and the most that removing a stage could give
///
/// Reads a CSV file with a row per stretch of a finding in a stage: finding, team, start and stop (days since the finding's origin), from and
/// to (censor or empty where the watch ended), arm if arms are compared. Mean days by stage add up to the horizon; intervals are by team.
/// With --want, a stage whose share of open time is below the wanted change, whatever its interval allows, is rejected for the objective.
///
/// Exit code: 0 if the stages were told, 2 if not.
#[derive(Args)]
pub(crate) struct StagesArguments {
    /// A CSV file with a header; comma, semicolon or tab between cells
    file: PathBuf,
    /// Up to which age days are counted
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = super::written::days)]
    horizon: f64,
    /// The change of open time that the objective wants
    #[arg(long, value_name = "PERCENT", value_parser = super::written::percent)]
    want: Option<f64>,
    /// The arm that is treated [default: the one that is not called control, holdout, 0 and the like]
    #[arg(long, value_name = "ARM")]
    treated: Option<String>,
    /// Only rows with this value in this column; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    conditions: Vec<(String, String)>,
    /// For people, or `fixloop.experiment-stages/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The usual stages in their order; others come after them as they are first met, endings last.
const USUAL: &[&str] =
    &["unalerted", "alerted", "acked", "acknowledged", "opened", "fixed", "removed", "ignored"];

pub(crate) fn run(arguments: &StagesArguments) -> Result<ExitCode, CommandError> {
    let cells = Cells::read(&arguments.file, "finding,team,arm,start,stop,from,to")?;
    let (rows, n_before) = selected(&cells, &arguments.conditions)?;
    let (table, findings) = table(&cells, &rows, arguments.treated.as_deref())?;
    let stages = stages(&table, arguments.horizon, arguments.want)
        .map_err(|error| explained(error, &findings))?;
    let report = StagesReport { subject: cells.name(), n_before, stages };
    match arguments.format {
        Format::Text => print(|out| write_stages_text(&report, out))?,
        Format::Json => {
            let document = stages_json(&report);
            print(|out| writeln!(out, "{document:#}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// With what to do about it; findings are numbered in the error and named in the hint.
fn explained(error: StagesError, findings: &[&str]) -> CommandError {
    use InvalidTransitions::{Gap, Interval, State};
    let number = match &error {
        StagesError::TooShort { .. } => {
            return CommandError::from(error).hint("take a shorter --horizon");
        }
        StagesError::TwoPlaces(finding) => Some(*finding),
        StagesError::Transitions {
            source: Gap { subject, .. } | Interval { subject, .. } | State { subject, .. },
            ..
        } => Some(*subject),
        _ => None,
    };
    let name = number.and_then(|it| Some(fixloop_report::visible(findings.get(it)?).into_owned()));
    match (number, name) {
        (Some(number), Some(name)) => CommandError::from(error)
            .hint(format!("number {number} is finding `{name}`; its stretches have to join, in one team and one arm")),
        _ => error.into(),
    }
}

/// Rows as --where wants them; rows of the time before are left out and counted, unless a period was asked for.
fn selected<'c>(
    cells: &'c Cells,
    conditions: &[(String, String)],
) -> Result<(Vec<CellsRow<'c>>, usize), CommandError> {
    let wanted = conditions
        .iter()
        .map(|(column, value)| Ok((cells.column(&column.to_lowercase())?, &**value)))
        .collect::<Result<Vec<_>, CommandError>>()?;
    let is_asked = conditions.iter().any(|it| it.0.eq_ignore_ascii_case("period"));
    let period = if is_asked { None } else { cells.optional("period")? };
    let is_wanted = |row: &CellsRow<'_>| {
        wanted.iter().all(|(at, value)| row.text(Some(*at)).unwrap_or("") == *value)
    };
    let is_before = |row: &CellsRow<'_>| {
        let period = row.text(period).map(str::to_lowercase);
        matches!(period.as_deref(), Some("pre" | "before" | "baseline" | "0"))
    };
    let rows: Vec<CellsRow<'_>> = cells.rows().filter(is_wanted).collect();
    let n = rows.len();
    let rows: Vec<CellsRow<'_>> = rows.into_iter().filter(|it| !is_before(it)).collect();
    let n_before = n - rows.len();
    Ok((rows, n_before))
}

/// The table, and the names of its findings.
fn table<'c>(
    cells: &'c Cells,
    rows: &[CellsRow<'c>],
    asked: Option<&str>,
) -> Result<(StageTable, Vec<&'c str>), CommandError> {
    let (finding, team) = (cells.column("finding")?, cells.column("team")?);
    let (start, stop) = (cells.column("start")?, cells.column("stop")?);
    let (from, to) = (cells.column("from")?, cells.column("to")?);
    let arm = cells.optional("arm")?;
    for row in rows {
        row.needed(finding)?;
        row.needed(team)?;
        row.needed(from)?;
        arm.map(|it| row.needed(it)).transpose()?;
    }
    let findings = Labels::of(rows.iter().map(|it| it.text(Some(finding))));
    let teams = Labels::of(rows.iter().map(|it| it.text(Some(team))));
    let arms = Labels::of(rows.iter().map(|it| it.text(arm)));
    // One arm compares nothing.
    let is_compared = arms.names.len() > 1 || asked.is_some();
    let treated = if is_compared { Some(treated(&arms.names, asked)?) } else { None };
    let stages = Ordered::of(rows.iter().map(|it| (it.text(Some(from)), ending(*it, to))));
    let mut stretches = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        stretches.push(StageStretch {
            finding: findings.of_row[index].map_or(0, |it| it as usize),
            team: teams.of_row[index].unwrap_or(0),
            arm: treated.and_then(|treated| {
                let is_treated = arms.of_row[index]? as usize == treated;
                Some(if is_treated { Arm::Treated } else { Arm::Control })
            }),
            start: row.needed_number(start)?,
            stop: row.needed_number(stop)?,
            from: row.text(Some(from)).map_or(0, |it| stages.places[it]),
            to: ending(*row, to).map(|it| stages.places[it]),
        });
    }
    let arm_names = treated.map(|it| [1 - it, it].map(|it| arms.names[it].to_owned()));
    let stages = stages.names;
    let table = StageTable { stages, n_teams: teams.names.len(), arm_names, stretches };
    Ok((table, findings.names))
}

/// Where a stretch led; `None` where the watch ended.
fn ending(row: CellsRow<'_>, to: super::cells::At) -> Option<&str> {
    row.text(Some(to)).filter(|it| !matches!(*it, "censor" | "censored" | "open"))
}

/// Stages in the order in which they are shown.
struct Ordered<'c> {
    names: Vec<String>,
    places: BTreeMap<&'c str, usize>,
}

impl<'c> Ordered<'c> {
    fn of(moves: impl Iterator<Item = (Option<&'c str>, Option<&'c str>)> + Clone) -> Self {
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        let mut left = std::collections::BTreeSet::new();
        for (from, to) in moves {
            for name in [from, to].into_iter().flatten() {
                let next = met.len();
                met.entry(name).or_insert(next);
            }
            left.extend(from);
        }
        let usual = |name: &str| USUAL.iter().position(|it| *it == name).unwrap_or(USUAL.len());
        let mut names: Vec<&str> = met.keys().copied().collect();
        names.sort_by_key(|it| (!left.contains(it), usual(it), met[it]));
        let places = names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        Self { names: names.into_iter().map(str::to_owned).collect(), places }
    }
}
