//! A table of times reduced to what statistics over teams need: for each event time, who was at risk and whom it happened to.

use thiserror::Error;

use crate::{Causes, Observation};

/// One cluster (team) of each row, numbered from 0, and its stratum.
#[derive(Clone, Copy, Debug)]
pub struct TeamSample<'a> {
    pub observations: &'a [Observation],
    pub teams: &'a [u32],
    pub n_teams: usize,
    /// `None` is one stratum.
    pub strata: Option<&'a [u32]>,
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum TeamCountsError {
    #[error("there are `{n_rows}` rows, and `{n_other}` numbers that should be one for each")]
    Length { n_rows: usize, n_other: usize },
    #[error("row `{row}` is of team `{team}`, and there are `{n_teams}` teams, numbered from 0")]
    NoTeam { row: usize, team: u32, n_teams: usize },
    #[error("`{n_teams}` teams are more than the {MAX_TEAMS} that can be compared")]
    TooMany { n_teams: usize },
}

/// Pairs of teams are kept for the variance.
const MAX_TEAMS: usize = 5_000;

/// Events of each team, what would be expected if all had the pooled hazard, and what the variance of a difference is made of.
///
/// With `z_g` = 1 for treated teams, the log-rank numerator is `sum z_g (observed - expected)_g` and its hypergeometric variance
/// `sum z_g linear_g - sum z_g z_h quadratic_gh`: linear and quadratic in the assignment, so that thousands of assignments cost little.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamCounts {
    pub observed: Vec<f64>,
    pub expected: Vec<f64>,
    /// Rows with an event.
    pub n_events: usize,
    linear: Vec<f64>,
    /// Row by row.
    quadratic: Vec<f64>,
}

/// Counts a sample, over strata.
///
/// At risk at t: entry < t <= time.
///
/// # Errors
/// If the lengths differ, or a row's team is none of `n_teams`.
///
/// # Source
/// Observed and expected as in the log-rank test (Mantel 1966); Gail et al. 1996.
pub fn team_counts(sample: &TeamSample<'_>, causes: Causes) -> Result<TeamCounts, TeamCountsError> {
    let (n_rows, n_teams) = (sample.observations.len(), sample.n_teams);
    if n_teams > MAX_TEAMS {
        return Err(TeamCountsError::TooMany { n_teams });
    }
    for n_other in [Some(sample.teams.len()), sample.strata.map(<[u32]>::len)].into_iter().flatten()
    {
        if n_other != n_rows {
            return Err(TeamCountsError::Length { n_rows, n_other });
        }
    }
    if let Some(row) = sample.teams.iter().position(|it| *it as usize >= n_teams) {
        return Err(TeamCountsError::NoTeam { row, team: sample.teams[row], n_teams });
    }
    let mut counts = TeamCounts {
        observed: vec![0.0; n_teams],
        expected: vec![0.0; n_teams],
        n_events: 0,
        linear: vec![0.0; n_teams],
        quadratic: vec![0.0; n_teams * n_teams],
    };
    let stratum = |row: usize| sample.strata.map_or(0, |it| it[row]);
    let mut by_time: Vec<usize> = (0..n_rows).collect();
    by_time.sort_unstable_by(|a, b| {
        let time = |it: &usize| sample.observations[*it].time();
        stratum(*a).cmp(&stratum(*b)).then(time(a).total_cmp(&time(b))).then(a.cmp(b))
    });
    for rows in by_time.chunk_by(|a, b| stratum(*a) == stratum(*b)) {
        counts.add_stratum(sample, causes, rows);
    }
    Ok(counts)
}

impl TeamCounts {
    /// Adds the rows of one stratum, ascending by time.
    fn add_stratum(&mut self, sample: &TeamSample<'_>, causes: Causes, rows: &[usize]) {
        let entry = |row: usize| sample.observations[row].entry().unwrap_or(f64::NEG_INFINITY);
        let mut by_entry = rows.to_vec();
        by_entry.sort_unstable_by(|a, b| entry(*a).total_cmp(&entry(*b)));
        let mut entering = by_entry.into_iter().peekable();
        let team = |row: usize| sample.teams[row] as usize;
        let time = |row: usize| sample.observations[row].time();
        let mut at_risk = vec![0.0; self.observed.len()];
        let mut n = 0.0;
        for tied in rows.chunk_by(|a, b| time(*a).total_cmp(&time(*b)).is_eq()) {
            while let Some(row) = entering.next_if(|it| entry(*it) < time(tied[0])) {
                at_risk[team(row)] += 1.0;
                n += 1.0;
            }
            let is_event = |row: &&usize| causes.holds(sample.observations[**row].outcome());
            let mut n_events = 0;
            for row in tied.iter().filter(is_event) {
                self.observed[team(*row)] += 1.0;
                n_events += 1;
            }
            if n_events > 0 {
                self.n_events += n_events;
                self.add_time(&at_risk, n, n_events as f64);
            }
            for row in tied {
                at_risk[team(*row)] -= 1.0;
                n -= 1.0;
            }
        }
    }

    fn add_time(&mut self, at_risk: &[f64], n: f64, d: f64) {
        let n_teams = at_risk.len();
        let spread = if n > 1.0 { d * (n - d) / (n - 1.0) } else { 0.0 };
        for (g, of_g) in at_risk.iter().enumerate().filter(|it| *it.1 > 0.0) {
            let share = of_g / n;
            self.expected[g] += d * share;
            self.linear[g] += spread * share;
            let row = &mut self.quadratic[g * n_teams..][..n_teams];
            for (sum, of_h) in row.iter_mut().zip(at_risk) {
                *sum += spread * share * of_h / n;
            }
        }
    }

    /// Log-rank numerator and its hypergeometric variance, of treated (1) against other (0) teams.
    pub fn log_rank(&self, treated: &[f64]) -> (f64, f64) {
        let n_teams = self.observed.len();
        let (mut score, mut variance) = (0.0, 0.0);
        for (g, z) in treated.iter().enumerate().filter(|it| *it.1 != 0.0) {
            score += z * (self.observed[g] - self.expected[g]);
            let row = &self.quadratic[g * n_teams..][..n_teams];
            let shared: f64 = row.iter().zip(treated).map(|(it, other)| it * other).sum();
            variance += z * (self.linear[g] - shared);
        }
        (score, variance)
    }
}
