//! Numbers of what must not get worse.

use std::collections::BTreeMap;
use std::path::Path;

use fixloop_experiment::{
    Amount, Arm, Comparison, GuardrailKind, GuardrailReading, HealthRecords, Registered, Table,
    guardrails,
};
use thiserror::Error;

use super::cells::Cells;
use crate::error::CommandError;

#[derive(Debug, Error)]
enum AmountsError {
    #[error("line {line}: team `{team}` has no finding, so its arm is not known")]
    NoArm { line: u64, team: String },
    #[error("line {line}: guardrail `{guardrail}` has two margins, {first} and {second}")]
    TwoMargins { line: u64, guardrail: String, first: f64, second: f64 },
    #[error("line {line}: guardrail `{guardrail}` has a {has} without a {lacks}")]
    Half { line: u64, guardrail: String, has: &'static str, lacks: &'static str },
}

/// Readings of the file's guardrails and of dismissal; without a file dismissal alone can be told.
pub(super) fn read(
    file: Option<&Path>,
    table: &Table,
    records: &HealthRecords,
) -> Result<Vec<GuardrailReading>, CommandError> {
    let registered = file.map(|it| registered(it, table, records)).transpose()?;
    guardrails(table, registered.as_deref()).map_err(|error| {
        CommandError::from(error).hint("see docs/experiment-health.md for the table")
    })
}

fn registered(
    file: &Path,
    table: &Table,
    records: &HealthRecords,
) -> Result<Vec<Registered>, CommandError> {
    let cells = Cells::read(file, "guardrail,team,numerator,denominator,margin")?;
    let guardrail = cells.column("guardrail")?;
    let team = cells.column("team")?;
    let (numerator, denominator) = (cells.column("numerator")?, cells.optional("denominator")?);
    let (margin, day) = (cells.optional("margin")?, cells.optional("day")?);
    let arms = arms(table, records);
    let mut found: Vec<Registered> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for row in cells.rows() {
        let line = row.line;
        let kind = GuardrailKind::of(row.needed(guardrail)?);
        let name = kind.name.clone();
        let place = *places.entry(name.clone()).or_insert(found.len());
        if place == found.len() {
            found.push(Registered { kind: kind.clone(), margin: None, amounts: Vec::new() });
        }
        let registered = &mut found[place];
        if let Some(second) = row.number(margin)? {
            let first = *registered.margin.get_or_insert(second);
            if (first - second).abs() > 0.0 {
                let guardrail = name;
                return Err(AmountsError::TwoMargins { line, guardrail, first, second }.into());
            }
        }
        let half = |has, lacks| AmountsError::Half { line, guardrail: name.clone(), has, lacks };
        let is_longest = kind.comparison == Comparison::Longest;
        let denominator = row.number(denominator)?.or(is_longest.then_some(1.0));
        let (numerator, denominator) = match (row.number(Some(numerator))?, denominator) {
            (Some(numerator), Some(denominator)) => (numerator, denominator),
            (Some(_), None) => return Err(half("numerator", "denominator").into()),
            (None, Some(_)) if !is_longest => return Err(half("denominator", "numerator").into()),
            // Named, and without numbers: it stays, and is not known.
            (None, _) => continue,
        };
        let team = row.needed(team)?.to_owned();
        let arm = match arms.get(&*team) {
            Some(arm) => *arm,
            // What holds for the whole organisation needs no arm.
            None if is_longest => None,
            None => {
                let error = CommandError::from(AmountsError::NoArm { line, team });
                return Err(error.hint(
                    "say its arm in --health TEAMS.csv (columns team, assigned), or leave the row out",
                ));
            }
        };
        let day = row.number(day)?;
        registered.amounts.push(Amount { team, arm, day, numerator, denominator });
    }
    Ok(found)
}

/// The arm of each team as assigned: by the list if there is one, else by its findings; `None` of a team in both.
fn arms<'t>(table: &'t Table, records: &'t HealthRecords) -> BTreeMap<&'t str, Option<Arm>> {
    let mut arms: BTreeMap<&str, Option<Arm>> = BTreeMap::new();
    for it in &table.findings {
        let known = arms.entry(&table.teams[it.team as usize].name).or_insert(Some(it.arm));
        if *known != Some(it.arm) {
            *known = None;
        }
    }
    for it in &records.teams {
        if let Some(arm) = it.assigned {
            arms.insert(&it.team, Some(arm));
        }
    }
    arms
}
