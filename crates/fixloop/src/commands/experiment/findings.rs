//! A table of intervals as an experiment's table.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use fixloop_experiment::{Arm, Finding, Table, Team};
use fixloop_model::Ending;
use fixloop_readout::{Labels, Row};
use fixloop_stats::{InvalidObservation, Observation, Outcome};
use thiserror::Error;

use crate::error::CommandError;
use crate::intervals::{self, Codes, ColumnArguments, Wanted};

/// Labels that mean "without the treatment".
const CONTROL_WORDS: &[&str] =
    &["0", "control", "holdout", "false", "no", "none", "off", "untreated", "without"];

/// Columns of an experiment beyond those of any table of intervals.
#[derive(Args)]
pub(crate) struct ExperimentColumns {
    /// Whether a row is of the time before: pre, before or 0; post, during or 1 [default: period]
    #[arg(long, value_name = "COLUMN")]
    period: Option<String>,
    /// Teams were assigned inside these pairs or blocks
    #[arg(long, value_name = "COLUMN")]
    pair: Option<String>,
    /// Teams of one platform were assigned together [default: platform]
    #[arg(long, value_name = "COLUMN")]
    platform: Option<String>,
    /// The age up to which the row could have been watched, in days [default: limit, `admin_cens`]
    #[arg(long, value_name = "COLUMN")]
    limit: Option<String>,
    /// When its clock started, in days since the experiment did [default: day, disclosed]
    #[arg(long, value_name = "COLUMN")]
    day: Option<String>,
    /// The advisory of a finding: one patch release may fix many [default: cve, advisory]
    #[arg(long, value_name = "COLUMN")]
    advisory: Option<String>,
    /// The day on which the experiment started, as 2026-11-02: for a table with dates, whose days are counted from it
    #[arg(long, value_name = "DATE", value_parser = date)]
    started: Option<f64>,
    /// Teams were randomised wave by wave: a wave's teams are compared with each other only
    #[arg(long, value_name = "COLUMN")]
    wave: Option<String>,
    /// The arm that is treated [default: the one that is not called control, holdout, 0 and the like]
    #[arg(long, value_name = "ARM")]
    treated: Option<String>,
}

/// Midnight (UTC) in days since 1970.
fn date(written: &str) -> Result<f64, String> {
    let day: jiff::civil::Date =
        written.parse().map_err(|_| format!("`{written}` is no date like 2026-11-02"))?;
    let since = jiff::civil::date(1970, 1, 1).until(day).map_err(|it| it.to_string())?;
    Ok(f64::from(since.get_days()))
}

const MICROSECONDS_A_DAY: f64 = 86_400e6;

/// Places in [`intervals::Table::more`].
const PERIOD: usize = 0;
const PAIR: usize = 1;
const PLATFORM: usize = 2;
const LIMIT: usize = 3;
const DAY: usize = 4;
const WAVE: usize = 5;
const ADVISORY: usize = 6;

#[derive(Debug, Error)]
pub(super) enum FindingsError {
    #[error("an experiment needs a column for the {0}")]
    NoColumn(&'static str),
    #[error("row `{row}` has no {what}")]
    NoLabel { row: String, what: &'static str },
    #[error("two arms can be compared, and there are {n}: {names}")]
    NotTwoArms { n: usize, names: String },
    #[error("no arm is called `{0}`")]
    NoSuchArm(String),
    #[error("row `{row}`: period `{cell}` is neither before nor during the experiment")]
    Period { row: String, cell: String },
    #[error("row `{row}`: {what} `{cell}` is no number of days")]
    Number { row: String, what: &'static str, cell: String },
    #[error("row `{row}` could be watched up to {limit} days and was up to {time}")]
    Limit { row: String, limit: f64, time: f64 },
    #[error("team `{team}` is in two {what}")]
    TwoBlocks { team: String, what: &'static str },
    #[error("row `{row}`")]
    Observation { row: String, source: InvalidObservation },
}

/// What was read, and how it was understood.
pub(crate) struct Findings {
    pub(crate) table: Table,
    /// Of the time of the experiment, for curves.
    pub(crate) rows: Vec<Row>,
    /// Without its rows.
    pub(crate) source: intervals::Table,
    /// Where limits come from, in words.
    pub(crate) limits: &'static str,
    /// The names of the waves in their order, and each team's; empty without waves.
    pub(crate) waves: Vec<String>,
    pub(crate) wave_of_team: Vec<usize>,
    /// Of each finding of the experiment's time, if every one has an advisory.
    pub(crate) advisories: Option<Vec<u32>>,
    /// The table has dates; days are counted since 1970, unless it was said when the experiment started.
    pub(crate) is_dated: bool,
    /// In days since 1970.
    pub(crate) started: Option<f64>,
}

/// Reads an experiment's table.
pub(crate) fn read(
    file: &Path,
    columns: &ColumnArguments,
    experiment: &ExperimentColumns,
    conditions: &[(String, String)],
    codes: &Codes,
) -> Result<Findings, CommandError> {
    let wanted = |what, asked, usual| Wanted { what, asked, usual };
    let more = [
        wanted("period", experiment.period.as_ref(), &["period"]),
        wanted("pair", experiment.pair.as_ref(), &[]),
        wanted("platform", experiment.platform.as_ref(), &["platform"]),
        wanted("limit", experiment.limit.as_ref(), &["limit", "admin_cens"]),
        wanted("day", experiment.day.as_ref(), &["day", "disclosed"]),
        wanted("wave", experiment.wave.as_ref(), &[]),
        wanted("advisory", experiment.advisory.as_ref(), &["cve", "advisory"]),
    ];
    let mut read = intervals::read(file, &columns.with_usual(), conditions, codes, &more)?;
    let rows = std::mem::take(&mut read.rows);
    let reading = Reading { rows: &rows, more: &read.more };
    let (table, limits) = reading.table(experiment)?;
    let is_dated = rows.iter().any(|it| it.start.is_some());
    let teams = reading.labels("team", |it| it.team.as_deref())?;
    let wave_labels = Labels::of((0..rows.len()).map(|row| reading.cell(WAVE, row)));
    let waves: Vec<String> = wave_labels.names.iter().map(|it| (*it).to_owned()).collect();
    let mut wave_of_team = vec![0; teams.names.len()];
    for (team, wave) in teams.of_row.iter().zip(&wave_labels.of_row) {
        if let (Some(team), Some(wave)) = (team, wave) {
            wave_of_team[*team as usize] = *wave as usize;
        }
    }
    let labels = Labels::of((0..rows.len()).map(|row| reading.cell(ADVISORY, row)));
    let of_during = (0..rows.len()).filter(|row| {
        rows[*row].outcome != Ending::Withdrawn && reading.is_before(*row).is_ok_and(|it| !it)
    });
    let advisories = of_during.map(|row| labels.of_row[row]).collect();
    let is_during: Vec<bool> =
        (0..rows.len()).map(|it| reading.is_before(it).is_ok_and(|it| !it)).collect();
    let kept = rows
        .into_iter()
        .zip(is_during)
        .filter(|(it, is_during)| *is_during && it.outcome != Ending::Withdrawn);
    let kept = kept.map(|it| it.0).collect();
    Ok(Findings {
        table,
        rows: kept,
        source: read,
        limits,
        waves,
        wave_of_team,
        advisories,
        is_dated,
        started: experiment.started,
    })
}

impl Findings {
    /// The table of each wave's teams, by name.
    pub(crate) fn tables_of_waves(&self) -> Vec<(String, Table)> {
        let of_wave = |(wave, name): (usize, &String)| {
            let kept: Vec<usize> =
                (0..self.table.teams.len()).filter(|it| self.wave_of_team[*it] == wave).collect();
            let place = |team: u32| kept.binary_search(&(team as usize)).ok();
            let findings = self.table.findings.iter().filter_map(|it| {
                Some(Finding { team: u32::try_from(place(it.team)?).ok()?, ..*it })
            });
            let table = Table {
                arm_names: self.table.arm_names.clone(),
                teams: kept.iter().map(|it| self.table.teams[*it].clone()).collect(),
                findings: findings.collect(),
                accepted: None,
            };
            (name.clone(), table)
        };
        self.waves.iter().enumerate().map(of_wave).collect()
    }

    /// The last day on which anything was seen.
    pub(crate) fn last_day(&self) -> Option<f64> {
        let days = self.table.during().map(|it| Some(it.day? + it.observation.time()));
        days.collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::max)
    }
}

struct Reading<'r> {
    rows: &'r [Row],
    more: &'r [Option<Vec<Option<String>>>],
}

impl Reading<'_> {
    fn cell(&self, column: usize, row: usize) -> Option<&str> {
        self.more[column].as_ref()?[row].as_deref()
    }

    fn number(
        &self,
        column: usize,
        row: usize,
        what: &'static str,
    ) -> Result<Option<f64>, FindingsError> {
        let Some(cell) = self.cell(column, row).filter(|it| !matches!(*it, "NA" | "null")) else {
            return Ok(None);
        };
        let number = cell.parse::<f64>().ok().filter(|it| it.is_finite());
        let error = || FindingsError::Number {
            row: self.rows[row].id.clone(),
            what,
            cell: cell.to_owned(),
        };
        number.map(Some).ok_or_else(error)
    }

    fn table(&self, experiment: &ExperimentColumns) -> Result<(Table, &'static str), CommandError> {
        let arms = self.labels("arm", |it| it.arm.as_deref())?;
        let teams = self.labels("team", |it| it.team.as_deref())?;
        let treated = treated(&arms.names, experiment.treated.as_deref())?;
        let strata = Labels::of(self.rows.iter().map(|it| it.stratum.as_deref()));
        let column = |column, what| {
            self.of_teams(column, &teams).map_err(|team| FindingsError::TwoBlocks { team, what })
        };
        let (pairs, platforms) = (column(PAIR, "pairs")?, column(PLATFORM, "platforms")?);
        let blocks = blocks(&pairs, &column(WAVE, "waves")?);
        let team = |place: usize| Team {
            name: teams.names[place].to_owned(),
            block: blocks[place],
            platform: platforms[place],
        };
        let (days, cut) = self.days(experiment.started.unwrap_or(0.0));
        let mut findings = Vec::with_capacity(self.rows.len());
        let mut limits = "a column";
        for (index, row) in self.rows.iter().enumerate() {
            let Some(outcome) = outcome(row.outcome) else { continue };
            let observation = match row.entry_days {
                Some(entry) => Observation::entered(entry, row.time_days, outcome),
                None => Observation::new(row.time_days, outcome),
            };
            let observation = observation
                .map_err(|source| FindingsError::Observation { row: row.id.clone(), source })?;
            let arm = arms.of_row[index].map_or(Arm::Control, |it| {
                if it as usize == treated { Arm::Treated } else { Arm::Control }
            });
            let is_before = self.is_before(index)?;
            let mut limit = self.number(LIMIT, index, "limit")?;
            if limit.is_none()
                && let (Some(day), Some(cut)) = (days[index], cut)
            {
                limit = Some(cut - day);
                limits = "when clocks started, and the last day seen";
            }
            if let Some(limit) = limit.filter(|it| *it < row.time_days && !is_before) {
                let (row, time) = (row.id.clone(), row.time_days);
                return Err(FindingsError::Limit { row, limit, time }.into());
            }
            findings.push(Finding {
                team: teams.of_row[index].unwrap_or(0),
                arm,
                stratum: strata.of_row[index].unwrap_or(0),
                is_before,
                observation,
                limit,
                day: days[index],
            });
        }
        let is_told = findings.iter().all(|it| it.is_before || it.limit.is_some());
        let other = 1 - treated;
        let names = [other, treated].map(|it| arms.names[it].to_owned());
        let teams = (0..teams.names.len()).map(team).collect();
        let table = Table { arm_names: names, teams, findings, accepted: None };
        Ok((table, if is_told { limits } else { "not told" }))
    }

    /// The labels of a column that every row needs.
    fn labels<'s>(
        &'s self,
        what: &'static str,
        of: impl Fn(&'s Row) -> Option<&'s str>,
    ) -> Result<Labels<'s>, FindingsError> {
        let labels = Labels::of(self.rows.iter().map(&of));
        if labels.names.is_empty() {
            return Err(FindingsError::NoColumn(what));
        }
        match labels.of_row.iter().position(Option::is_none) {
            Some(row) => Err(FindingsError::NoLabel { row: self.rows[row].id.clone(), what }),
            None => Ok(labels),
        }
    }

    /// What a column says of each team, numbered; the name of a team of which it says two things.
    fn of_teams(&self, column: usize, teams: &Labels<'_>) -> Result<Vec<Option<u32>>, String> {
        let labels = Labels::of((0..self.rows.len()).map(|row| self.cell(column, row)));
        let mut found: BTreeMap<u32, Option<u32>> = BTreeMap::new();
        for (row, label) in labels.of_row.iter().enumerate() {
            let Some(team) = teams.of_row[row] else { continue };
            let known = found.entry(team).or_insert(*label);
            if *known != *label {
                return Err(teams.names[team as usize].to_owned());
            }
        }
        Ok(found.into_values().collect())
    }

    fn is_before(&self, row: usize) -> Result<bool, FindingsError> {
        let Some(cell) = self.cell(PERIOD, row) else { return Ok(false) };
        match &*cell.to_lowercase() {
            "pre" | "before" | "baseline" | "0" => Ok(true),
            "post" | "during" | "after" | "experiment" | "1" => Ok(false),
            _ => {
                Err(FindingsError::Period { row: self.rows[row].id.clone(), cell: cell.to_owned() })
            }
        }
    }

    /// When each clock started, in days, and the last day on which anything was seen.
    fn days(&self, started: f64) -> (Vec<Option<f64>>, Option<f64>) {
        let mut days = Vec::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let day = if row.start.is_some() {
                row.start.map(|it| it.0 as f64 / MICROSECONDS_A_DAY - started)
            } else {
                // A column `disclosed` may hold anything; only one that was asked for has to be numbers.
                self.number(DAY, index, "day").unwrap_or(None)
            };
            days.push(day);
        }
        let ends = self.rows.iter().zip(&days).map(|(row, day)| Some((*day)? + row.time_days));
        let cut = ends.collect::<Option<Vec<f64>>>().and_then(|it| it.into_iter().reduce(f64::max));
        (days, cut)
    }
}

/// One number for each pair inside each wave.
fn blocks(pairs: &[Option<u32>], waves: &[Option<u32>]) -> Vec<u32> {
    let both: Vec<(Option<u32>, Option<u32>)> =
        waves.iter().copied().zip(pairs.iter().copied()).collect();
    let mut distinct = both.clone();
    distinct.sort_unstable();
    distinct.dedup();
    both.iter()
        .map(|it| (0..).zip(&distinct).find(|(_, known)| *known == it).map_or(0, |it| it.0))
        .collect()
}

/// Cause 1 is a fix, by upgrade or removal; what was dismissed competes. `None` of what is no finding at all.
fn outcome(ending: Ending) -> Option<Outcome> {
    match ending {
        Ending::Upgraded | Ending::Removed => Some(Outcome::Event(1)),
        Ending::Suppressed => Some(Outcome::Event(2)),
        Ending::Open => Some(Outcome::Censored),
        Ending::Withdrawn => None,
    }
}

/// The place of the treated arm among two.
pub(super) fn treated(names: &[&str], asked: Option<&str>) -> Result<usize, FindingsError> {
    if names.len() != 2 {
        let listed = fixloop_report::visible(&names.join(", ")).into_owned();
        return Err(FindingsError::NotTwoArms { n: names.len(), names: listed });
    }
    if let Some(asked) = asked {
        let place = names.iter().position(|it| *it == asked);
        return place.ok_or_else(|| FindingsError::NoSuchArm(asked.to_owned()));
    }
    let is_control = |it: &&str| CONTROL_WORDS.contains(&&*it.to_lowercase());
    let controls: Vec<usize> = (0..2).filter(|it| is_control(&names[*it])).collect();
    Ok(if let [control] = *controls { 1 - control } else { 1 })
}
