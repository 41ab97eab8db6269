//! A table against the assignment it is said to come from: swaps, teams that left, teams that were never assigned, late assignments.

use std::collections::BTreeMap;
use std::path::Path;

use fixloop_experiment::{Constraint, arm_word};
use thiserror::Error;

use super::assign::documents::{AssignedUnit, Assignment};
use super::findings::Findings;
use crate::error::{CommandError, warn};

#[derive(Debug, Error)]
enum AssignedError {
    #[error("findings were drawn inside teams, and this analysis is of teams that were drawn")]
    InsideTeam,
    #[error("the table has teams in another arm than they were drawn into: {0}")]
    Swapped(String),
    #[error("the table has teams that were never assigned: {0}")]
    NeverAssigned(String),
    #[error(
        "findings that are counted as during the experiment were watched before teams were assigned ({date}): {n}, the first of team `{team}`"
    )]
    TooLate { n: usize, date: String, team: String },
    #[error("the date of the assignment, `{0}`, is no date")]
    Date(String),
}

/// Takes pairs, strata and platforms from the file; returns what the test has to stay inside of.
pub(super) fn apply(
    findings: &mut Findings,
    path: &Path,
) -> Result<Option<Constraint>, CommandError> {
    let assignment = Assignment::read(path)?;
    if assignment.units.is_empty() {
        return Err(AssignedError::InsideTeam.into());
    }
    let units = assignment.units.iter().zip(0..);
    let of_team: BTreeMap<&str, (&AssignedUnit, u32)> =
        units.flat_map(|(unit, at)| unit.teams.iter().map(move |it| (&**it, (unit, at)))).collect();
    let table = &mut findings.table;
    let unknown: Vec<&str> =
        table.teams.iter().map(|it| &*it.name).filter(|it| !of_team.contains_key(it)).collect();
    if !unknown.is_empty() {
        let error = CommandError::from(AssignedError::NeverAssigned(unknown.join(", ")));
        return Err(error
            .hint("an experiment is about teams that were drawn: leave the rows of others out"));
    }
    let arms = table.arms_of_teams()?;
    let mut swapped = Vec::new();
    for (team, arm) in table.teams.iter_mut().zip(arms) {
        let Some((unit, at)) = of_team.get(&*team.name) else { continue };
        team.block = unit.block;
        team.platform = (unit.teams.len() > 1).then_some(*at);
        if let Some(found) = arm.map(arm_word).filter(|it| *it != unit.arm) {
            swapped.push(format!("{} (drawn into {}, is in {found})", team.name, unit.arm));
        }
    }
    if !swapped.is_empty() {
        let is_all = swapped.len() == table.teams.len();
        let error = CommandError::from(AssignedError::Swapped(swapped.join(", ")));
        return Err(error.hint(if is_all {
            "all are: --treated names the table's treated arm"
        } else {
            "arms are those that were drawn, whatever a team received: find out which list is wrong before any number is read"
        }));
    }
    let left: Vec<&str> = assignment
        .teams
        .iter()
        .filter(|name| table.teams.iter().all(|it| it.name != **name))
        .map(|it| &**it)
        .collect();
    if !left.is_empty() {
        warn(&format!(
            "assigned, and without a finding in the table: {}. The test is valid only if the treatment is not why.",
            left.join(", ")
        ));
    }
    check_days(findings, &assignment)?;
    Ok(assignment.constraint())
}

/// No finding of the experiment's own time was watched before teams were assigned.
///
/// A finding that is older counts from its entry on; days are since the assignment, or dates where the table has them.
fn check_days(findings: &Findings, assignment: &Assignment) -> Result<(), CommandError> {
    let date: jiff::civil::Date =
        assignment.date.parse().map_err(|_| AssignedError::Date(assignment.date.clone()))?;
    let first_day = if findings.is_dated {
        let epoch = jiff::civil::date(1970, 1, 1);
        f64::from(epoch.until(date)?.get_days()) - findings.started.unwrap_or(0.0)
    } else {
        0.0
    };
    let table = &findings.table;
    let is_early = |it: &&fixloop_experiment::Finding| {
        let entry = it.observation.entry().unwrap_or(0.0);
        it.day.is_some_and(|day| day + entry < first_day)
    };
    let early: Vec<_> = table.during().filter(is_early).collect();
    let Some(first) = early.first() else { return Ok(()) };
    let team = table.teams.get(first.team as usize).map_or_else(String::new, |it| it.name.clone());
    let error = AssignedError::TooLate { n: early.len(), date: assignment.date.clone(), team };
    Err(CommandError::from(error).hint(
        "what happened before is history (period before); a finding that was open already enters at its age on that day (entry)",
    ))
}
