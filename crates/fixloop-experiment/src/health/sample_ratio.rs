//! Whether the arms have the units that they were to get.

use fixloop_stats::sample_ratio::{ArmCount, exact_binomial, sample_ratio as test};

use super::{HealthCheck, HealthRecords, HealthStatus, Known, KnownTeam, check, listed, small};
use crate::analysis::Design;
use crate::table::{Arm, Table};

const NAME: &str = "sample ratio";

/// A mismatch is called one at this p-value, and at the e-value that is its inverse.
const ALPHA: f64 = 0.001;

/// Fewer units cannot reach [`ALPHA`] whatever happened, so that agreement would say nothing.
const MIN_UNITS: u64 = 13;

/// Pseudo-units of the bet against the planned shares.
const CONCENTRATION: f64 = 100.0;

pub(super) fn sample_ratio(
    table: &Table,
    design: Design,
    records: &HealthRecords,
    known: &Known<'_>,
) -> HealthCheck {
    match design {
        Design::TeamRandomized => of_teams(table, records, known),
        Design::InsideTeam => of_findings(table, records),
        Design::Observational => check(
            NAME,
            HealthStatus::CannotTell,
            "teams were chosen and not drawn, so no share was promised".to_owned(),
        ),
    }
}

/// Lists first: with a dozen teams a mismatch is a bug or a swap, and counts would not show it.
fn of_teams(table: &Table, records: &HealthRecords, known: &Known<'_>) -> HealthCheck {
    let assigned = |it: &&KnownTeam<'_>| it.record.and_then(|it| it.assigned);
    let seen = || known.teams.iter().filter(|it| it.seen.is_some());
    if known.is_recorded(|it| it.assigned.is_some()) {
        let swapped = seen()
            .filter(|it| it.is_in_both || assigned(it).is_some_and(|arm| it.seen != Some(arm)));
        let swapped: Vec<&str> = swapped.map(|it| it.name).collect();
        if !swapped.is_empty() {
            let says = format!(
                "{} in another arm than the list of the assignment says: {}",
                of_n(swapped.len(), "team is", "teams are"),
                listed(swapped)
            );
            return check(NAME, HealthStatus::Unhealthy, says);
        }
        let strangers: Vec<&str> =
            seen().filter(|it| assigned(it).is_none()).map(|it| it.name).collect();
        if !strangers.is_empty() {
            let says = format!(
                "{} findings and no place in the list of the assignment: {}",
                of_n(strangers.len(), "team has", "teams have"),
                listed(strangers)
            );
            return check(NAME, HealthStatus::Unhealthy, says);
        }
        return complete(table, known);
    }
    let n = |arm| seen().filter(|it| it.seen == Some(arm)).count();
    let counts = [n(Arm::Control), n(Arm::Treated)];
    by_counts(table, counts, records.planned_share)
}

/// The lists agree; whether every assigned team is still there.
fn complete(table: &Table, known: &Known<'_>) -> HealthCheck {
    let n = |arm| known.of_arm(arm).count();
    let gone: Vec<&str> = known
        .teams
        .iter()
        .filter(|it| it.seen.is_none() && it.arm().is_some())
        .map(|it| it.name)
        .collect();
    let counts = format!(
        "{} and {} teams were assigned to {} and {}",
        n(Arm::Control),
        n(Arm::Treated),
        table.arm_names[0],
        table.arm_names[1]
    );
    if gone.is_empty() {
        let says = format!("{counts}, and the same are in the findings");
        return check(NAME, HealthStatus::Healthy, says);
    }
    let says = format!(
        "{counts}; {} no finding, and nobody can tell whether they left: {}",
        of_n(gone.len(), "has", "have"),
        listed(gone)
    );
    check(NAME, HealthStatus::CannotTell, says)
}

fn by_counts(table: &Table, counts: [usize; 2], planned: f64) -> HealthCheck {
    let [control, treated] = counts.map(|it| it as u64);
    let arms = format!(
        "{control} and {treated} teams are in {} and {}",
        table.arm_names[0], table.arm_names[1]
    );
    if control + treated < MIN_UNITS {
        let says = format!(
            "{arms}; a test of fewer than {MIN_UNITS} could not fail, and there is no list of the assignment to compare with"
        );
        return check(NAME, HealthStatus::CannotTell, says);
    }
    match exact_binomial(treated, control + treated, planned) {
        Ok(p) if p < ALPHA => {
            let says = format!(
                "{arms}, where {} % were to be treated (exact binomial test, p = {})",
                percent(planned),
                small(p)
            );
            check(NAME, HealthStatus::Unhealthy, says)
        }
        Ok(p) => {
            let says = format!(
                "{arms} (exact binomial test against {} % treated, p = {}); a swap would not show, as there is no list of the assignment",
                percent(planned),
                small(p)
            );
            check(NAME, HealthStatus::Healthy, says)
        }
        Err(error) => check(NAME, HealthStatus::CannotTell, error.to_string()),
    }
}

/// Findings were drawn one by one, so their numbers are a test.
fn of_findings(table: &Table, records: &HealthRecords) -> HealthCheck {
    let mut n = [0_u64; 2];
    table.during().for_each(|it| n[it.arm.index()] += 1);
    let arms = format!(
        "{} and {} findings are in {} and {}",
        n[0], n[1], table.arm_names[0], table.arm_names[1]
    );
    if n[0] + n[1] < MIN_UNITS {
        let says = format!("{arms}; a test of fewer than {MIN_UNITS} could not fail");
        return check(NAME, HealthStatus::CannotTell, says);
    }
    let count = |at: usize, expected_share| ArmCount { expected_share, observed: n[at] };
    let planned = records.planned_share;
    match test(&[count(0, 1.0 - planned), count(1, planned)], CONCENTRATION) {
        Ok(it) => {
            let is_off = it.test.p < ALPHA || it.log_e >= -ALPHA.ln();
            let says = format!(
                "{arms}, where {} % were to be treated (chi-square test, p = {}; e-value at any look {:.2e})",
                percent(planned),
                small(it.test.p),
                it.log_e.exp()
            );
            check(NAME, if is_off { HealthStatus::Unhealthy } else { HealthStatus::Healthy }, says)
        }
        Err(error) => check(NAME, HealthStatus::CannotTell, error.to_string()),
    }
}

fn of_n(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}
