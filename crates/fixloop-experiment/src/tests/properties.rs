//! What must not change an analysis of teams: names of arms, units of time, and rows cut in two.

use fixloop_stats::{Observation, Outcome};
use proptest::prelude::*;

use crate::{Arm, Finding, Settings, Statistic, Table, Team, Theta, team_test, time_ratio};

const N_TEAMS: u32 = 6;

/// Of a day, behind every time: whole days would be spread by the rows' places, which a cut and another unit change.
const PART: f64 = 0.3;

/// Team, stratum, cause, entry with length and rest, period.
type Row = (u32, u32, u8, (u8, u8, u8), u8);

/// Three of six teams treated, each with a finding (a team without one has no arm); days alike, two causes, some seen late, some of the time before.
fn tables() -> impl Strategy<Value = Table> {
    let finding = (0..N_TEAMS, 0_u32..2, 0_u8..3, (0_u8..8, 1_u8..20, 0_u8..10), 0_u8..3);
    let findings = proptest::collection::vec(finding, 12..60);
    (findings, Just((0..N_TEAMS).collect::<Vec<_>>()).prop_shuffle()).prop_map(|(rows, order)| {
        let finding = |(team, stratum, cause, (entry, length, rest), period): (
            u32,
            u32,
            u8,
            (u8, u8, u8),
            u8,
        )| {
            let outcome = if cause == 0 { Outcome::Censored } else { Outcome::Event(cause) };
            let (entry, length) = (f64::from(entry), f64::from(length) + PART);
            let observation = if entry < 4.0 {
                Observation::new(length, outcome).unwrap()
            } else {
                Observation::entered(entry, entry + length, outcome).unwrap()
            };
            Finding {
                team,
                arm: if order[team as usize] < 3 { Arm::Treated } else { Arm::Control },
                stratum,
                is_before: period == 0,
                observation,
                limit: Some(observation.time() + f64::from(rest)),
                day: None,
            }
        };
        let of_each_team = |(place, row): (usize, Row)| match u32::try_from(place) {
            Ok(team) if team < N_TEAMS => (team, row.1, row.2, row.3, row.4),
            _ => row,
        };
        let team = |it: u32| Team { name: format!("T{it}"), block: 0, platform: None };
        Table {
            arm_names: ["control".to_owned(), "treated".to_owned()],
            teams: (0..N_TEAMS).map(team).collect(),
            findings: rows.into_iter().enumerate().map(of_each_team).map(finding).collect(),
            accepted: None,
        }
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let statistic = prop_oneof![Just(Statistic::TeamScore), Just(Statistic::LogRank)];
    let theta = prop_oneof![Just(Theta::Fixed(0.2)), Just(Theta::FromHistory)];
    // A coarse grid that holds 1; at 30 % even 20 assignments rule something out.
    (statistic, theta).prop_map(|(statistic, theta)| Settings {
        alpha: 0.3,
        ratios: (0.25, 4.0, 0.25),
        statistic,
        theta,
        ..Settings::default()
    })
}

/// The decision's numbers: p, and the ends of the interval.
fn numbers(table: &Table, settings: &Settings) -> (Option<f64>, Option<[Option<f64>; 2]>) {
    let p = team_test(table, settings).ok().map(|it| it.p.two_sided);
    (p, time_ratio(table, settings).ok().map(|it| [it.low, it.high]))
}

fn with(table: &Table, change: impl Fn(&Finding) -> Vec<Finding>) -> Table {
    Table { findings: table.findings.iter().flat_map(change).collect(), ..table.clone() }
}

/// The part of an observation after an age, or up to it.
fn between(of: &Observation, entry: Option<f64>, time: f64, outcome: Outcome) -> Observation {
    match entry.or(of.entry()) {
        Some(entry) => Observation::entered(entry, time, outcome).unwrap(),
        None => Observation::new(time, outcome).unwrap(),
    }
}

proptest! {
    #[test]
    fn a_row_cut_in_two_changes_nothing(table in tables(), settings in settings(), share in 0.01..0.99_f64) {
        let cut = with(&table, |it| {
            let of = it.observation;
            let start = of.entry().unwrap_or(0.0);
            // Where events are; rows of one day cannot be cut at one.
            let at = (start + share * (of.time() - start)).ceil() + PART;
            if at <= start || at >= of.time() {
                return vec![*it];
            }
            let first = between(&of, None, at, Outcome::Censored);
            let second = between(&of, Some(at), of.time(), of.outcome());
            [first, second].map(|observation| Finding { observation, ..*it }).to_vec()
        });
        prop_assert_eq!(numbers(&cut, &settings), numbers(&table, &settings));
    }

    #[test]
    fn the_unit_of_time_changes_nothing(table in tables(), settings in settings(), power in -4_i32..5) {
        // Powers of two, since other factors round times that were equal apart.
        let unit = f64::from(power).exp2();
        let other = with(&table, |it| {
            let of = it.observation;
            let entry = of.entry().map(|it| it * unit);
            let observation = between(&of, entry, of.time() * unit, of.outcome());
            vec![Finding { observation, limit: it.limit.map(|it| it * unit), ..*it }]
        });
        prop_assert_eq!(numbers(&other, &settings), numbers(&table, &settings));
    }

    #[test]
    fn names_of_arms_change_no_p(table in tables(), settings in settings()) {
        let other = with(&table, |it| {
            let arm = if it.arm == Arm::Treated { Arm::Control } else { Arm::Treated };
            vec![Finding { arm, ..*it }]
        });
        prop_assert_eq!(numbers(&other, &settings).0, numbers(&table, &settings).0);
    }

    #[test]
    fn the_interval_says_what_the_test_says(table in tables(), settings in settings()) {
        let (Some(p), Some([low, high])) = numbers(&table, &settings) else { return Ok(()) };
        let holds_1 = low.is_none_or(|it| it <= 1.0) && high.is_none_or(|it| it >= 1.0);
        prop_assert_eq!(holds_1, p > settings.alpha);
    }
}
