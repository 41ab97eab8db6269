//! Whether the experiment ran as it was registered. An unhealthy one decides nothing.
//!
//! Counts of arms that agree prove little with a dozen teams, so lists are compared first: who was assigned, who received, who still reports,
//! and with which scanner. What was not recorded is "cannot tell".

mod checks;
mod sample_ratio;

use crate::analysis::Design;
use crate::table::{Arm, Table};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum HealthStatus {
    Healthy,
    /// It could not be checked.
    CannotTell,
    Unhealthy,
}

/// One check with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthCheck {
    /// `sample ratio`, `crossover`, `heartbeat`, `scanner version`, `volume`.
    pub name: &'static str,
    pub status: HealthStatus,
    /// The answer in a sentence, with its numbers.
    pub says: String,
}

/// The worst of the checks; none is "cannot tell".
pub fn health_status(checks: &[HealthCheck]) -> HealthStatus {
    checks.iter().map(|it| it.status).max().unwrap_or(HealthStatus::CannotTell)
}

/// What was recorded of one team, beside its findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TeamRecord {
    pub team: String,
    pub assigned: Option<Arm>,
    pub received: Option<Arm>,
    /// The last day on which its telemetry was heard, in days of any calendar.
    pub last_heartbeat: Option<f64>,
    /// The version of its scanner.
    pub scanner: Option<String>,
    /// Disclosures applicable to what the team runs, whether found or not.
    pub applicable: Option<f64>,
}

/// The records of the teams, and how they are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthRecords {
    pub teams: Vec<TeamRecord>,
    /// The day of the data cut; the latest heartbeat if nobody said.
    pub cut_day: Option<f64>,
    /// A team that was not heard for longer is silent.
    pub max_silent_days: f64,
    /// Share of the units that was to be treated, where no list of the assignment says it.
    pub planned_share: f64,
}

impl Default for HealthRecords {
    fn default() -> Self {
        Self { teams: Vec::new(), cut_day: None, max_silent_days: 7.0, planned_share: 0.5 }
    }
}

/// All five checks, each with an answer.
pub fn health_checks(table: &Table, design: Design, records: &HealthRecords) -> Vec<HealthCheck> {
    let known = Known::of(table, records);
    vec![
        sample_ratio::sample_ratio(table, design, records, &known),
        checks::crossover(design, &known),
        checks::heartbeat(table, design, records, &known),
        checks::scanner(table, design, &known),
        checks::volume(table, design, &known),
    ]
}

/// A team of the findings or of the records.
struct KnownTeam<'r> {
    name: &'r str,
    /// Of its findings; `None` if it has none.
    seen: Option<Arm>,
    /// Findings in both arms.
    is_in_both: bool,
    record: Option<&'r TeamRecord>,
}

impl KnownTeam<'_> {
    /// As assigned, by the list if there is one.
    fn arm(&self) -> Option<Arm> {
        self.record.and_then(|it| it.assigned).or(self.seen)
    }
}

/// Teams of the findings in their order, then those that only records know.
struct Known<'r> {
    teams: Vec<KnownTeam<'r>>,
}

impl<'r> Known<'r> {
    fn of(table: &'r Table, records: &'r HealthRecords) -> Self {
        let by_name: std::collections::BTreeMap<&str, &TeamRecord> =
            records.teams.iter().map(|it| (&*it.team, it)).collect();
        let of_findings = |name| KnownTeam {
            name,
            seen: None,
            is_in_both: false,
            record: by_name.get(name).copied(),
        };
        let mut teams: Vec<KnownTeam<'_>> =
            table.teams.iter().map(|it| of_findings(&*it.name)).collect();
        for it in table.during() {
            let team = &mut teams[it.team as usize];
            team.is_in_both |= *team.seen.get_or_insert(it.arm) != it.arm;
        }
        let names: std::collections::BTreeSet<&str> =
            table.teams.iter().map(|it| &*it.name).collect();
        let others = by_name.values().filter(|it| !names.contains(&*it.team));
        teams.extend(others.map(|it| KnownTeam {
            name: &it.team,
            seen: None,
            is_in_both: false,
            record: Some(it),
        }));
        Self { teams }
    }

    fn of_arm(&self, arm: Arm) -> impl Iterator<Item = &KnownTeam<'r>> {
        self.teams.iter().filter(move |it| it.arm() == Some(arm))
    }

    fn is_recorded(&self, of: impl Fn(&TeamRecord) -> bool) -> bool {
        self.teams.iter().filter_map(|it| it.record).any(of)
    }
}

/// Names for a sentence, not more than a reader takes in.
fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const MAX_LISTED: usize = 5;
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names.iter().take(MAX_LISTED).copied().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MAX_LISTED) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

fn check(name: &'static str, status: HealthStatus, says: String) -> HealthCheck {
    HealthCheck { name, status, says }
}

/// A p-value with the digits that it has.
fn small(p: f64) -> String {
    if p < 0.001 { format!("{p:.1e}") } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests;
