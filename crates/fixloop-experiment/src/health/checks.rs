//! Whether the arms got what they were assigned, and were watched alike.

use std::collections::{BTreeMap, BTreeSet};

use fixloop_stats::team_means::{TeamMeansError, mean_difference};

use super::{HealthCheck, HealthRecords, HealthStatus, Known, KnownTeam, check, listed, small};
use crate::analysis::Design;
use crate::table::{Arm, Table};

/// More than this share of an arm's teams is too many. With fewer than ten teams one is.
const MAX_SHARE: f64 = 0.1;

/// Volumes of the arms differ honestly, so only what chance hardly does is called a fault.
const ALPHA: f64 = 0.001;

const ARMS: [Arm; 2] = [Arm::Control, Arm::Treated];

const BOTH_IN_EACH: &str = "both arms are in every team, so that teams cannot make them differ";

/// Teams that received the other arm: they stay where they were assigned, and pull the difference toward none.
pub(super) fn crossover(design: Design, known: &Known<'_>) -> HealthCheck {
    let name = "crossover";
    if design == Design::InsideTeam {
        return check(
            name,
            HealthStatus::CannotTell,
            "which finding received the other arm was not recorded".to_owned(),
        );
    }
    let received = |it: &KnownTeam<'_>| it.record.and_then(|it| it.received);
    if !known.is_recorded(|it| it.received.is_some()) {
        return check(
            name,
            HealthStatus::CannotTell,
            "which arm each team received was not recorded".to_owned(),
        );
    }
    let crossed = known.teams.iter().filter(
        |it| matches!((received(it), it.arm()), (Some(received), Some(arm)) if received != arm),
    );
    let crossed: Vec<&KnownTeam<'_>> = crossed.collect();
    let (told, missing) = (listed(crossed.iter().map(|it| it.name)), not_told(known, received));
    if crossed.is_empty() {
        return told_of_all(name, "every team received what it was assigned", &missing);
    }
    let says = format!(
        "{} received the other arm: {told}{}",
        teams(crossed.len()),
        also_missing(&missing)
    );
    if is_too_many(known, |it| received(it).is_some() && received(it) != it.arm()) {
        return check(name, HealthStatus::Unhealthy, says);
    }
    check(name, status_of(&missing), says)
}

/// Teams that went silent: what they closed or opened since is not known, and an arm that goes silent looks fast or slow by that alone.
pub(super) fn heartbeat(
    table: &Table,
    design: Design,
    records: &HealthRecords,
    known: &Known<'_>,
) -> HealthCheck {
    let name = "heartbeat";
    let day = |it: &KnownTeam<'_>| it.record.and_then(|it| it.last_heartbeat);
    let latest = known.teams.iter().filter_map(day).reduce(f64::max);
    let Some(cut) = records.cut_day.or(latest).filter(|_| latest.is_some()) else {
        let says = "when each team was last heard was not recorded".to_owned();
        return check(name, HealthStatus::CannotTell, says);
    };
    let is_silent =
        |it: &KnownTeam<'_>| day(it).is_some_and(|it| cut - it > records.max_silent_days);
    let limit = records.max_silent_days;
    let missing = not_told(known, day);
    let silent: Vec<&KnownTeam<'_>> = known.teams.iter().filter(|it| is_silent(it)).collect();
    if silent.is_empty() {
        return told_of_all(
            name,
            &format!("every team was heard within {limit} days of day {cut}"),
            &missing,
        );
    }
    let n = |arm| known.of_arm(arm).filter(|it| is_silent(it)).count();
    let by_arm = match design {
        Design::InsideTeam => String::new(),
        _ => format!(
            " ({} of {}, {} of {})",
            n(Arm::Control),
            table.arm_names[0],
            n(Arm::Treated),
            table.arm_names[1]
        ),
    };
    let says = format!(
        "{} silent for more than {limit} days on day {cut}{by_arm}: {}{}",
        if silent.len() == 1 {
            "1 team was".to_owned()
        } else {
            format!("{} teams were", silent.len())
        },
        listed(silent.iter().map(|it| it.name)),
        also_missing(&missing)
    );
    if is_too_many(known, is_silent) {
        return check(name, HealthStatus::Unhealthy, says);
    }
    check(name, status_of(&missing), says)
}

/// Another version finds other things, at other times.
pub(super) fn scanner(table: &Table, design: Design, known: &Known<'_>) -> HealthCheck {
    let name = "scanner version";
    let version = |it: &KnownTeam<'_>| it.record.and_then(|it| it.scanner.clone());
    if !known.is_recorded(|it| it.scanner.is_some()) {
        let says = "which scanner each team ran was not recorded".to_owned();
        return check(name, HealthStatus::CannotTell, says);
    }
    if design == Design::InsideTeam {
        return check(name, HealthStatus::Healthy, BOTH_IN_EACH.to_owned());
    }
    let missing = not_told(known, version);
    let counts = ARMS.map(|arm| {
        let mut counts = BTreeMap::<String, usize>::new();
        known.of_arm(arm).filter_map(version).for_each(|it| *counts.entry(it).or_default() += 1);
        counts
    });
    let n = counts.each_ref().map(|it| it.values().sum::<usize>());
    if n.contains(&0) {
        let says = "the scanner of one arm was not recorded".to_owned();
        return check(name, HealthStatus::CannotTell, says);
    }
    let versions: BTreeSet<&String> = counts.iter().flat_map(BTreeMap::keys).collect();
    let share =
        |at: usize, of: &str| counts[at].get(of).map_or(0.0, |it| *it as f64 / n[at] as f64);
    let apart: f64 =
        versions.iter().map(|it| (share(0, it) - share(1, it)).abs()).sum::<f64>() / 2.0;
    let told = |at: usize| {
        let each = counts[at].iter().map(|(version, n)| format!("{version} in {}", teams(*n)));
        format!("{}: {}", table.arm_names[at], each.take(5).collect::<Vec<_>>().join(", "))
    };
    let says = format!("{}; {}{}", told(0), told(1), also_missing(&missing));
    let status = if apart > MAX_SHARE { HealthStatus::Unhealthy } else { status_of(&missing) };
    check(name, status, says)
}

/// Disclosures applicable to each arm's inventory: findings may differ honestly, because a treatment changes what is discovered.
pub(super) fn volume(table: &Table, design: Design, known: &Known<'_>) -> HealthCheck {
    let name = "volume";
    let applicable = |it: &KnownTeam<'_>| it.record.and_then(|it| it.applicable);
    if !known.is_recorded(|it| it.applicable.is_some()) {
        let mut n = [0; 2];
        table.during().for_each(|it| n[it.arm.index()] += 1);
        let says = format!(
            "how many disclosures apply to each team was not recorded; {} and {} findings may differ honestly, as a treatment can change what is found",
            n[0], n[1]
        );
        return check(name, HealthStatus::CannotTell, says);
    }
    if design == Design::InsideTeam {
        return check(name, HealthStatus::Healthy, BOTH_IN_EACH.to_owned());
    }
    let values = ARMS.map(|arm| known.of_arm(arm).filter_map(applicable).collect::<Vec<f64>>());
    let missing = not_told(known, applicable);
    let mean = |of: &[f64]| of.iter().map(|it| it / of.len() as f64).sum::<f64>();
    if values.iter().any(Vec::is_empty) {
        let says = "the disclosures of one arm were not recorded".to_owned();
        return check(name, HealthStatus::CannotTell, says);
    }
    let means = values.each_ref().map(|it| mean(it));
    let told = format!(
        "{:.1} disclosures apply to a team of {}, {:.1} to one of {}",
        means[0], table.arm_names[0], means[1], table.arm_names[1]
    );
    let of_p =
        |p: f64| format!("{told} (t test of teams, p = {}){}", small(p), also_missing(&missing));
    match mean_difference(&values[0], &values[1]) {
        Ok(it) if it.p < ALPHA => check(name, HealthStatus::Unhealthy, of_p(it.p)),
        Ok(it) => check(name, status_of(&missing), of_p(it.p)),
        Err(TeamMeansError::NoVariance) if (means[0] - means[1]).abs() <= 1e-9 * means[0].abs() => {
            check(name, status_of(&missing), format!("{told}{}", also_missing(&missing)))
        }
        Err(error) => check(name, HealthStatus::CannotTell, format!("{told}: {error}")),
    }
}

/// Whether more than a tenth of an arm's teams are so; of all teams where no team has an arm.
fn is_too_many(known: &Known<'_>, is_so: impl Fn(&KnownTeam<'_>) -> bool) -> bool {
    let exceeds = |n_so: usize, n: usize| n_so as f64 > MAX_SHARE * n as f64;
    let of_arm =
        |arm| exceeds(known.of_arm(arm).filter(|it| is_so(it)).count(), known.of_arm(arm).count());
    let all = known.teams.iter().filter(|it| is_so(it)).count();
    ARMS.into_iter().any(of_arm) || exceeds(all, known.teams.len())
}

/// Teams of an arm of which it was not recorded, though of others it was.
fn not_told<'r, T>(known: &Known<'r>, of: impl Fn(&KnownTeam<'r>) -> Option<T>) -> Vec<&'r str> {
    known
        .teams
        .iter()
        .filter(|it| it.arm().is_some() && of(it).is_none())
        .map(|it| it.name)
        .collect()
}

fn told_of_all(name: &'static str, says: &str, missing: &[&str]) -> HealthCheck {
    check(name, status_of(missing), format!("{says}{}", also_missing(missing)))
}

fn status_of(missing: &[&str]) -> HealthStatus {
    if missing.is_empty() { HealthStatus::Healthy } else { HealthStatus::CannotTell }
}

fn also_missing(missing: &[&str]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    format!("; not recorded of {}: {}", teams(missing.len()), listed(missing.iter().copied()))
}

fn teams(n: usize) -> String {
    if n == 1 { "1 team".to_owned() } else { format!("{n} teams") }
}
