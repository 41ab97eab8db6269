//! The list of teams, and what they did before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fixloop_experiment::{Candidate, FIXED, History};
use fixloop_model::Ending;
use fixloop_readout::Labels;
use fixloop_stats::team_counts::{TeamSample, team_counts};
use fixloop_stats::{Observation, Outcome};
use thiserror::Error;

use crate::error::CommandError;
use crate::intervals::{self, Codes, ColumnArguments, Wanted};

/// More teams than any organisation has.
const MAX_ROWS: usize = 100_000;

#[derive(Debug, Error)]
enum RosterError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("`{}` has no column `{column}`", path.display())]
    NoColumn { path: PathBuf, column: String },
    #[error("`{}` has more than {MAX_ROWS} rows", .0.display())]
    TooMany(PathBuf),
    #[error("`{}` has no team of each row", .0.display())]
    NoTeam(PathBuf),
}

pub(super) struct Read {
    pub(super) teams: Vec<Candidate>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn read(
    path: &Path,
    stratum: Option<&str>,
    platform: Option<&str>,
    history: Option<&Path>,
) -> Result<Read, CommandError> {
    let failed = |source| RosterError::Read { path: path.to_owned(), source };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(|source| {
            let error = CommandError::from(failed(source));
            error.hint("give a CSV file with a header and a column `team`")
        })?;
    let header = reader.headers().map_err(failed)?.clone();
    let place = |column: &str| header.iter().position(|it| it == column);
    let required = |column: &str| {
        let listed = header.iter().collect::<Vec<_>>().join(", ");
        let hint = format!("its columns are {}", fixloop_report::visible(&listed));
        let error = RosterError::NoColumn { path: path.to_owned(), column: column.to_owned() };
        place(column).ok_or_else(|| CommandError::from(error).hint(hint))
    };
    let team = required("team")?;
    let stratum = stratum.map(required).transpose()?;
    let platform = platform.map(required).transpose()?.or(place("platform"));
    let mut teams = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(failed)?;
        let cell = |at: Option<usize>| at.and_then(|it| record.get(it)).unwrap_or_default();
        teams.push(Candidate {
            name: cell(Some(team)).to_owned(),
            stratum: cell(stratum).to_owned(),
            platform: cell(platform).to_owned(),
            history: History::default(),
        });
        if teams.len() > MAX_ROWS {
            return Err(RosterError::TooMany(path.to_owned()).into());
        }
    }
    let mut read = Read { teams, warnings: Vec::new() };
    if let Some(history) = history {
        add_history(&mut read, history)?;
    }
    Ok(read)
}

/// Counts each team's findings and fixes before, against what would have been at everybody's pace, inside strata of the findings.
fn add_history(read: &mut Read, path: &Path) -> Result<(), CommandError> {
    let wanted = [Wanted { what: "period", asked: None, usual: &["period"] }];
    let codes = Codes::new(&["1".to_owned()]);
    let columns = ColumnArguments::default().with_usual();
    let table = intervals::read(path, &columns, &[], &codes, &wanted)?;
    if table.rows.iter().any(|it| it.team.is_none()) {
        let error = CommandError::from(RosterError::NoTeam(path.to_owned()));
        return Err(error.hint("give its column `team` a name in every row"));
    }
    let places: BTreeMap<&str, u32> = read.teams.iter().map(|it| &*it.name).zip(0..).collect();
    let strata = Labels::of(table.rows.iter().map(|it| it.stratum.as_deref()));
    let (mut observations, mut teams, mut of_rows, mut n_other) = (vec![], vec![], vec![], 0);
    for (index, row) in table.rows.iter().enumerate() {
        let period = table.more.first().and_then(|it| it.as_ref()?[index].as_deref());
        if period.is_some_and(is_during) {
            continue;
        }
        let Some(team) = row.team.as_deref().and_then(|it| places.get(it)) else {
            n_other += 1;
            continue;
        };
        let outcome = match row.outcome {
            Ending::Upgraded | Ending::Removed => Outcome::Event(1),
            Ending::Suppressed => Outcome::Event(2),
            Ending::Open => Outcome::Censored,
            Ending::Withdrawn => continue,
        };
        observations.push(match row.entry_days {
            Some(entry) => Observation::entered(entry, row.time_days, outcome)?,
            None => Observation::new(row.time_days, outcome)?,
        });
        teams.push(*team);
        of_rows.push(strata.of_row[index].unwrap_or(0));
    }
    let n_teams = read.teams.len();
    let sample =
        TeamSample { observations: &observations, teams: &teams, n_teams, strata: Some(&of_rows) };
    let counts = team_counts(&sample, FIXED)?;
    let mut n_findings = vec![0_u64; n_teams];
    for team in &teams {
        n_findings[*team as usize] += 1;
    }
    for (at, it) in read.teams.iter_mut().enumerate() {
        it.history = History {
            n_findings: n_findings[at],
            n_fixed: whole(counts.observed[at]),
            expected_millionths: whole(counts.expected[at] * 1e6),
        };
    }
    read.warnings.extend(table.skipped_lines());
    if n_other > 0 {
        read.warnings.push(format!("history: {n_other} findings are of no team of the list"));
    }
    let without: Vec<&str> =
        read.teams.iter().filter(|it| it.history.n_findings == 0).map(|it| &*it.name).collect();
    if !without.is_empty() {
        let names = without.join(", ");
        read.warnings.push(format!("no history, so that they count as average: {names}"));
    }
    Ok(())
}

fn is_during(period: &str) -> bool {
    matches!(&*period.to_lowercase(), "post" | "during" | "after" | "experiment" | "1")
}

fn whole(number: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are not negative, and a cast saturates"
    )]
    let whole = number.round().max(0.0) as u64;
    whole
}
