use fixloop_stats::{Observation, Outcome};
use proptest::prelude::*;

use super::*;
use crate::table::{Finding, Team};

/// Teams with these arms (`c` or `t`), one finding each.
fn table(arms: &str) -> Table {
    let arm = |it| if it == 't' { Arm::Treated } else { Arm::Control };
    let finding = |(team, it)| Finding {
        team,
        arm: arm(it),
        stratum: 0,
        is_before: false,
        observation: Observation::new(1.0, Outcome::Event(1)).unwrap(),
        limit: None,
        day: None,
    };
    let team = |it: usize| Team { name: format!("T{it:02}"), block: 0, platform: None };
    Table {
        arm_names: ["control".to_owned(), "treated".to_owned()],
        teams: (0..arms.len()).map(team).collect(),
        findings: (0..).zip(arms.chars()).map(finding).collect(),
        accepted: None,
    }
}

/// A record of each team, assigned as its findings are, and changed by `change`.
fn records(table: &Table, change: impl Fn(usize, &mut TeamRecord)) -> HealthRecords {
    let record = |(place, it): (usize, &Team)| {
        let mut record = TeamRecord {
            team: it.name.clone(),
            assigned: Some(table.findings[place].arm),
            ..TeamRecord::default()
        };
        change(place, &mut record);
        record
    };
    let teams = table.teams.iter().enumerate().map(record).collect();
    HealthRecords { teams, ..HealthRecords::default() }
}

/// Status and sentence of a check.
#[track_caller]
fn check(name: &str, table: &Table, records: &HealthRecords, status: HealthStatus, says: &str) {
    let checks = health_checks(table, Design::TeamRandomized, records);
    let it = checks.iter().find(|it| it.name == name).unwrap();
    assert_eq!(it.says, says);
    assert_eq!(it.status, status);
}

#[test]
fn counts_alone_are_tested_where_they_can_fail() {
    let none = HealthRecords::default();
    check(
        "sample ratio",
        &table("ccctttttttttt"),
        &none,
        HealthStatus::Healthy,
        "3 and 10 teams are in control and treated (exact binomial test against 50 % treated, p = 0.092); a swap would not show, as there is no list of the assignment",
    );
    check(
        "sample ratio",
        &table("cccttttttttt"),
        &none,
        HealthStatus::CannotTell,
        "3 and 9 teams are in control and treated; a test of fewer than 13 could not fail, and there is no list of the assignment to compare with",
    );
    check(
        "sample ratio",
        &table("cctttttttttttttttttt"),
        &none,
        HealthStatus::Unhealthy,
        "2 and 18 teams are in control and treated, where 50 % were to be treated (exact binomial test, p = 4.0e-4)",
    );
    let planned = HealthRecords { planned_share: 0.9, ..none };
    check(
        "sample ratio",
        &table("cctttttttttttttttttt"),
        &planned,
        HealthStatus::Healthy,
        "2 and 18 teams are in control and treated (exact binomial test against 90 % treated, p = 1.000); a swap would not show, as there is no list of the assignment",
    );
}

#[test]
fn lists_show_a_swap_that_counts_hide() {
    let table = table("cccttt");
    let same = records(&table, |_, _| {});
    check(
        "sample ratio",
        &table,
        &same,
        HealthStatus::Healthy,
        "3 and 3 teams were assigned to control and treated, and the same are in the findings",
    );
    let swapped = records(&table, |place, it| {
        let other = if place == 0 { Arm::Treated } else { Arm::Control };
        if matches!(place, 0 | 3) {
            it.assigned = Some(other);
        }
    });
    check(
        "sample ratio",
        &table,
        &swapped,
        HealthStatus::Unhealthy,
        "2 teams are in another arm than the list of the assignment says: T00, T03",
    );
    let stranger = records(&table, |place, it| {
        if place == 5 {
            it.assigned = None;
        }
    });
    check(
        "sample ratio",
        &table,
        &stranger,
        HealthStatus::Unhealthy,
        "1 team has findings and no place in the list of the assignment: T05",
    );
    let mut gone = records(&table, |_, _| {});
    gone.teams.push(TeamRecord {
        team: "T99".to_owned(),
        assigned: Some(Arm::Treated),
        ..TeamRecord::default()
    });
    check(
        "sample ratio",
        &table,
        &gone,
        HealthStatus::CannotTell,
        "3 and 4 teams were assigned to control and treated; 1 has no finding, and nobody can tell whether they left: T99",
    );
}

#[test]
fn findings_inside_teams_are_tested_by_their_number() {
    let says = |arms: &str| {
        let checks = health_checks(&table(arms), Design::InsideTeam, &HealthRecords::default());
        (checks[0].status, checks[0].says.clone())
    };
    let (status, text) = says(&["c".repeat(560), "t".repeat(440)].concat());
    assert_eq!(status, HealthStatus::Unhealthy);
    assert_eq!(
        text,
        "560 and 440 findings are in control and treated, where 50 % were to be treated (chi-square test, p = 1.5e-4; e-value at any look 2.13e2)"
    );
    assert_eq!(says(&["c".repeat(503), "t".repeat(497)].concat()).0, HealthStatus::Healthy);
    assert_eq!(says("cccccctttttt").0, HealthStatus::CannotTell);
}

#[test]
fn what_arms_received_and_how_they_were_watched() {
    let table = table("ccccccccccctttttttttttt");
    let crossed = |n: usize| {
        records(&table, move |place, it| {
            it.received = if place < n { Some(Arm::Treated) } else { it.assigned };
        })
    };
    check(
        "crossover",
        &table,
        &crossed(0),
        HealthStatus::Healthy,
        "every team received what it was assigned",
    );
    check(
        "crossover",
        &table,
        &crossed(1),
        HealthStatus::Healthy,
        "1 team received the other arm: T00",
    );
    check(
        "crossover",
        &table,
        &crossed(2),
        HealthStatus::Unhealthy,
        "2 teams received the other arm: T00, T01",
    );
    let silent = records(&table, |place, it| {
        it.last_heartbeat = Some(if place > 20 { 20.0 } else { 30.0 });
    });
    check(
        "heartbeat",
        &table,
        &silent,
        HealthStatus::Unhealthy,
        "2 teams were silent for more than 7 days on day 30 (0 of control, 2 of treated): T21, T22",
    );
    let some = records(&table, |place, it| it.last_heartbeat = (place > 0).then_some(30.0));
    check(
        "heartbeat",
        &table,
        &some,
        HealthStatus::CannotTell,
        "every team was heard within 7 days of day 30; not recorded of 1 team: T00",
    );
}

#[test]
fn what_arms_ran_and_what_applied_to_them() {
    let table = table("ccccccccccctttttttttttt");
    let versions = records(&table, |place, it| {
        it.scanner = Some(if place < 11 { "1.2" } else { "1.3" }.to_owned());
    });
    check(
        "scanner version",
        &table,
        &versions,
        HealthStatus::Unhealthy,
        "control: 1.2 in 11 teams; treated: 1.3 in 12 teams",
    );
    let volume = |treated: f64| {
        records(&table, move |place, it| {
            it.applicable =
                Some(10.0 + (place % 3) as f64 + if place < 11 { 0.0 } else { treated });
        })
    };
    check(
        "volume",
        &table,
        &volume(0.5),
        HealthStatus::Healthy,
        "10.9 disclosures apply to a team of control, 11.5 to one of treated (t test of teams, p = 0.108)",
    );
    check(
        "volume",
        &table,
        &volume(2.0),
        HealthStatus::Unhealthy,
        "10.9 disclosures apply to a team of control, 13.0 to one of treated (t test of teams, p = 6.7e-6)",
    );
}

#[test]
fn what_was_not_recorded_is_not_healthy() {
    let checks = health_checks(&table("ct"), Design::TeamRandomized, &HealthRecords::default());
    assert!(checks.iter().all(|it| it.status == HealthStatus::CannotTell), "{checks:#?}");
    assert_eq!(health_status(&checks), HealthStatus::CannotTell);
}

proptest! {
    // Whatever was recorded, there is an answer to each check, and a team that got the other arm is named.
    #[test]
    fn every_check_answers(
        arms in "[ct]{0,30}",
        days in prop::collection::vec(prop::option::of(-1e300..1e300), 30),
        counts in prop::collection::vec(prop::option::of(0.0..1e300), 30),
        swaps in prop::collection::vec(0..4_u8, 30),
    ) {
        let table = table(&arms);
        let records = records(&table, |place, it| {
            it.last_heartbeat = days[place];
            it.applicable = counts[place];
            it.received = match swaps[place] {
                0 => None,
                1 => Some(Arm::Treated),
                _ => it.assigned,
            };
        });
        for design in [Design::TeamRandomized, Design::InsideTeam, Design::Observational] {
            let checks = health_checks(&table, design, &records);
            prop_assert_eq!(checks.len(), 5);
            prop_assert!(checks.iter().all(|it| !it.says.is_empty()));
        }
    }
}
