use fixloop_stats::randomization::{grid, invert, rescaled};
use fixloop_stats::team_counts::{TeamSample, team_counts};
use fixloop_stats::{Observation, Outcome};
use proptest::prelude::*;

use super::*;
use crate::table::Arm;
use crate::within_day::earlier;

const N_TEAMS: usize = 4;

/// Whole days, so that times, entries and limits are often equal; the limit may be the time itself.
fn findings() -> impl Strategy<Value = Vec<Finding>> {
    let finding = (0_u32..4, 0_u32..2, 0_u8..3, 0_u8..12, 1_u8..12, 0_u8..12).prop_map(
        |(team, stratum, cause, entry, length, rest)| {
            let (entry, length) = (f64::from(entry), f64::from(length));
            let outcome = if cause == 0 { Outcome::Censored } else { Outcome::Event(cause) };
            let observation = if entry > 6.0 {
                Observation::new(length, outcome).unwrap()
            } else {
                Observation::entered(entry, entry + length, outcome).unwrap()
            };
            Finding {
                team,
                arm: if team % 2 == 1 { Arm::Treated } else { Arm::Control },
                stratum,
                is_before: false,
                observation,
                limit: Some(observation.time() + f64::from(rest)),
                day: None,
            }
        },
    );
    proptest::collection::vec(finding, 0..60)
}

/// The same counts as of times rescaled one by one and sorted.
fn by_definition(findings: &[Finding], ratio: f64) -> Excess {
    let (mut observations, mut teams, mut strata) = (Vec::new(), Vec::new(), Vec::new());
    let rows: Vec<&Finding> = findings.iter().collect();
    for (it, taken) in findings.iter().zip(within_day(&rows)) {
        let is_treated = it.arm == Arm::Treated;
        let limit = it.limit.unwrap();
        let spread = earlier(&it.observation, taken).unwrap();
        if let Some(found) = rescaled(&spread, is_treated, limit, ratio).unwrap() {
            observations.push(found);
            teams.push(it.team);
            strata.push(it.stratum);
        }
    }
    let (observations, teams, strata) = (&*observations, &*teams, Some(&*strata));
    let sample = TeamSample { observations, teams, n_teams: N_TEAMS, strata };
    let counts = team_counts(&sample, FIXED).unwrap();
    Excess { observed: counts.observed, expected: counts.expected, n_events: counts.n_events }
}

proptest! {
    #[test]
    fn merging_counts_what_sorting_counts(findings in findings(), ratio in 0.05..4.0_f64, is_round in any::<bool>()) {
        // Ratios as 0.5 and 2 make ties between the arms.
        let ratio = if is_round { f64::max(0.5, ratio.round()) } else { ratio };
        let rows: Vec<&Finding> = findings.iter().collect();
        let found = Sorted::of(&rows, N_TEAMS).unwrap().at(ratio);
        let expected = by_definition(&findings, ratio);
        prop_assert_eq!(&found.observed, &expected.observed);
        prop_assert_eq!(found.n_events, expected.n_events);
        for (a, b) in found.expected.iter().zip(&expected.expected) {
            prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
        }
    }

    /// Where p rises and falls, the search finds what trying every ratio finds.
    #[test]
    fn the_search_finds_the_ends(at in 0.0..4.2_f64, width in 0.02..3.0_f64, alpha in 0.01..0.2) {
        let ratios = grid(0.05, 4.0, 0.01);
        let tried = |ratio: f64| {
            let away: f64 = (ratio - at) / width;
            Some(((-away * away).exp(), ratio - at))
        };
        let found = search(&ratios, alpha, tried).unwrap();
        let every = invert(&ratios, alpha, |it| Some(tried(it)?.0));
        prop_assert_eq!((found.low, found.high), (every.low, every.high));
        prop_assert_eq!(found.point, every.point);
        prop_assert!(found.p_values.len() < 60, "{} tried", found.p_values.len());
    }
}

#[test]
fn nothing_inside_has_no_ends() {
    let ratios = grid(0.05, 4.0, 0.01);
    let found = search(&ratios, 0.05, |it| Some((0.01, it - 1.0))).unwrap();
    assert_eq!((found.low, found.high, found.point), (None, None, None));
    assert_eq!(search(&ratios, 0.05, |_| None), None);
    assert_eq!(search(&[], 0.05, |_| Some((1.0, 0.0))), None);
    assert_eq!(search(&[1.0], 0.05, |_| Some((1.0, 0.0))).unwrap().point, Some(1.0));
}

#[test]
fn an_unknown_limit_is_no_limit() {
    let observation = Observation::new(1.0, Outcome::Censored).unwrap();
    let (arm, limit, day) = (Arm::Control, None, None);
    let finding = Finding { team: 0, arm, stratum: 0, is_before: false, observation, limit, day };
    assert!(Sorted::of(&[&finding], 1).is_none());
    assert_eq!(Sorted::of(&[], 2).unwrap().at(1.0).expected, [0.0, 0.0]);
}
