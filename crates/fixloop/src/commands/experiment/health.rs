//! What was recorded of an experiment's teams, for its health.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use fixloop_experiment::{Arm, HealthRecords, Table, TeamRecord};
use thiserror::Error;

use super::cells::{At, Cells, CellsRow};
use crate::error::CommandError;

/// How health is judged.
#[derive(Args)]
pub(crate) struct HealthArguments {
    /// What was recorded of the teams: team, and any of assigned, received, `last_heartbeat` (a day), scanner, applicable (disclosures)
    #[arg(long = "health", value_name = "TEAMS.CSV")]
    records: Option<PathBuf>,
    /// A team that was not heard for longer is silent
    #[arg(long, value_name = "DAYS", default_value = "7", value_parser = silent_days)]
    max_silent_days: f64,
    /// The day of the data cut, as `last_heartbeat` counts days [default: the latest heartbeat]
    #[arg(long, value_name = "DAY")]
    cut_day: Option<f64>,
    /// Percent of the teams that were to be treated, where no column `assigned` says it
    #[arg(long, value_name = "PERCENT", default_value = "50", value_parser = super::written::percent)]
    planned_share: f64,
}

#[derive(Debug, Error)]
enum HealthError {
    #[error("line {line}: team `{team}` is there twice")]
    Twice { line: u64, team: String },
    #[error("line {line}: no arm is called `{arm}`")]
    Arm { line: u64, arm: String },
}

fn silent_days(written: &str) -> Result<f64, &'static str> {
    let days = written.trim().parse().ok().filter(|it: &f64| it.is_finite() && *it >= 0.0);
    days.ok_or("write a number of days of at least 0")
}

/// Reads the records, if there are any.
pub(super) fn read(
    arguments: &HealthArguments,
    table: &Table,
) -> Result<HealthRecords, CommandError> {
    let mut records = HealthRecords {
        teams: Vec::new(),
        cut_day: arguments.cut_day.filter(|it| it.is_finite()),
        max_silent_days: arguments.max_silent_days,
        planned_share: arguments.planned_share,
    };
    let Some(path) = &arguments.records else { return Ok(records) };
    let cells = Cells::read(path, "team,assigned,received,last_heartbeat,scanner,applicable")?;
    let team = cells.column("team")?;
    let (assigned, received) = (cells.optional("assigned")?, cells.optional("received")?);
    let (heartbeat, scanner) = (cells.optional("last_heartbeat")?, cells.optional("scanner")?);
    let applicable = cells.optional("applicable")?;
    let mut lines = BTreeMap::new();
    for row in cells.rows() {
        let name = row.needed(team)?.to_owned();
        if lines.insert(name.clone(), row.line).is_some() {
            return Err(HealthError::Twice { line: row.line, team: name }.into());
        }
        let count = row.number(applicable)?;
        if let (Some(at), Some(_)) = (applicable, count.filter(|it| *it < 0.0)) {
            return Err(row.fault(at, "less than 0".to_owned()));
        }
        records.teams.push(TeamRecord {
            team: name,
            assigned: arm(row, assigned, table)?,
            received: arm(row, received, table)?,
            last_heartbeat: row.number(heartbeat)?,
            scanner: row.text(scanner).map(str::to_owned),
            applicable: count,
        });
    }
    Ok(records)
}

fn arm(row: CellsRow<'_>, at: Option<At>, table: &Table) -> Result<Option<Arm>, CommandError> {
    let Some(name) = row.text(at) else { return Ok(None) };
    match table.arm_names.iter().position(|it| it == name) {
        Some(0) => Ok(Some(Arm::Control)),
        Some(_) => Ok(Some(Arm::Treated)),
        None => {
            let error = HealthError::Arm { line: row.line, arm: name.to_owned() };
            let names = fixloop_report::visible(&table.arm_names.join(" and ")).into_owned();
            Err(CommandError::from(error).hint(format!("the arms of the findings are {names}")))
        }
    }
}
