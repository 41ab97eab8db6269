#![expect(clippy::float_cmp, reason = "shares of whole counts are exact")]

use proptest::prelude::*;

use super::*;
use crate::log_rank::{GroupedSample, log_rank};
use crate::team_counts::{TeamCountsError, TeamSample, team_counts};
use crate::team_score::{DEFAULT_THETA, team_scores};
use crate::tests::samples::{event, open, samples, scaled};
use crate::{Causes, Observation, Outcome};

const ALL: Limits = Limits { n_listed: 20_000, n_drawn: 99 };

fn assignments(strata: &[u32], treated: &[u8]) -> Result<Assignments, AssignmentsError> {
    let treated: Vec<bool> = treated.iter().map(|it| *it == 1).collect();
    Assignments::of_strata(strata, &treated, ALL, 1)
}

#[track_caller]
fn check(strata: &[u32], treated: &[u8], n: usize, min_p: f64) {
    let found = assignments(strata, treated).unwrap();
    assert_eq!(found.len(), n);
    assert!((found.min_p() - min_p).abs() < 1e-12, "{}", found.min_p());
    let observed: Vec<f64> = treated.iter().map(|it| f64::from(*it)).collect();
    assert_eq!(found.iter().nth(found.observed()).unwrap(), observed);
    let mut rows: Vec<Vec<u8>> =
        found.iter().map(|it| it.iter().map(|it| u8::from(*it > 0.5)).collect()).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), n, "each once");
}

#[test]
fn everything_that_could_have_been_drawn() {
    check(&[0; 4], &[1, 1, 0, 0], 6, 2.0 / 6.0);
    check(&[0; 6], &[1, 0, 1, 0, 1, 0], 20, 0.1);
    check(&[0, 0, 1, 1, 2, 2], &[1, 0, 0, 1, 1, 0], 8, 0.25);
    check(&[7, 7, 7, 3, 3], &[1, 0, 0, 0, 1], 6, 1.0 / 6.0);
    // A stratum that is all treated adds nothing.
    check(&[0, 0, 1, 1], &[1, 0, 1, 1], 2, 0.5);
}

#[test]
fn what_is_no_randomisation() {
    assert_eq!(assignments(&[0, 0], &[1, 1]), Err(AssignmentsError::Fixed));
    assert_eq!(assignments(&[], &[]), Err(AssignmentsError::Fixed));
    assert_eq!(
        assignments(&[0], &[1, 0]),
        Err(AssignmentsError::Length { n_units: 2, n_other: 1 })
    );
    let treated = [true, false, false, false];
    let only = |wanted: usize| move |it: &[f64]| it[wanted] == 1.0;
    assert_eq!(
        Assignments::accepted(&[0; 4], &treated, ALL, 1, only(1)),
        Err(AssignmentsError::NotAccepted)
    );
    assert_eq!(
        Assignments::accepted(&[0; 4], &treated, ALL, 1, only(0)),
        Err(AssignmentsError::Fixed)
    );
}

#[test]
fn too_many_to_list_are_drawn() {
    let treated: Vec<bool> = (0..40).map(|it| it % 2 == 0).collect();
    let limits = Limits { n_listed: 1000, n_drawn: 499 };
    let drawn = |seed| Assignments::of_strata(&[0; 40], &treated, limits, seed).unwrap();
    let first = drawn(5);
    assert_eq!((first.len(), first.observed(), first.is_exhaustive()), (500, 0, false));
    assert!(first.iter().all(|it| it.iter().sum::<f64>() == 20.0));
    assert_eq!(first, drawn(5));
    assert_ne!(first, drawn(6));
    assert!((first.n_possible() / 137_846_528_820.0 - 1.0).abs() < 1e-12);
}

#[test]
fn constrained_sets_hold_what_was_accepted() {
    let treated = [true, false, false, true];
    // Units in order of size: both large ones never together.
    let accepts = |it: &[f64]| it[2] + it[3] < 2.0 && it[2] + it[3] > 0.0;
    let found = Assignments::accepted(&[0; 4], &treated, ALL, 1, accepts).unwrap();
    assert_eq!((found.len(), found.min_p()), (4, 0.5));
}

#[test]
fn an_undefined_statistic_is_never_rare() {
    assert_eq!(p_values(&[1.0, f64::NAN, 2.0, 0.0], 2).unwrap().two_sided, 0.5);
    assert_eq!(p_values(&[1.0, f64::NAN], 1), None);
    assert_eq!(p_values(&[1.0], 3), None);
    assert_eq!(soft_rank_e(&[f64::NAN, 1.0], 0, 1.0), None);
    assert_eq!(soft_rank_e(&[1000.0, 1000.0], 0, 5.0), Some(1.0));
}

#[test]
fn looks_out_of_order_spend_nothing() {
    let mut test = Sequential::new(4, 0);
    assert_eq!(test.look(&[1.0], 1), Err(LookError::Length { n_assignments: 4, n_statistics: 1 }));
    let look = test.look(&[3.0, -3.0, 1.0, f64::NAN], 2).unwrap();
    assert_eq!((look.threshold, look.n_spent, look.is_rejected), (Some(3.0), 2, true));
    assert_eq!(test.look(&[1.0; 4], 1), Err(LookError::Order { budget: 1, n_spent: 2 }));
    // Two ties do not fit into one.
    assert_eq!(test.look(&[1.0; 4], 3).unwrap().threshold, None);
}

/// Six teams of a few rows each.
fn teams_of(observations: &[Observation]) -> Vec<u32> {
    (0..observations.len()).map(|it| u32::try_from(it % 6).unwrap()).collect()
}

#[test]
fn counts_of_a_hand_made_table() {
    // At 1: two teams at risk with 2 and 1 rows, an event in the first; at 2: 1 and 1, an event in the second.
    let observations = [event(1.0), open(2.0), event(2.0)];
    let sample =
        TeamSample { observations: &observations, teams: &[0, 0, 1], n_teams: 2, strata: None };
    let counts = team_counts(&sample, Causes::Any).unwrap();
    assert_eq!(counts.observed, [1.0, 1.0]);
    assert!((counts.expected[0] - (2.0 / 3.0 + 0.5)).abs() < 1e-12);
    let wrong = |teams: &[u32]| team_counts(&TeamSample { teams, ..sample }, Causes::Any);
    assert_eq!(wrong(&[0]), Err(TeamCountsError::Length { n_rows: 3, n_other: 1 }));
    assert_eq!(wrong(&[0, 2, 1]), Err(TeamCountsError::NoTeam { row: 1, team: 2, n_teams: 2 }));
    let none = TeamSample { observations: &[], teams: &[], n_teams: 2, strata: None };
    let counts = team_counts(&none, Causes::Any).unwrap();
    assert_eq!((counts.n_events, team_scores(&counts, DEFAULT_THETA).scores), (0, vec![0.0, 0.0]));
}

proptest! {
    /// Numerator and variance are those of the log-rank test.
    #[test]
    fn team_counts_make_the_log_rank_test(
        observations in samples(),
        treated in proptest::collection::vec(any::<bool>(), 6),
    ) {
        let teams = teams_of(&observations);
        let sample =
            TeamSample { observations: &observations, teams: &teams, n_teams: 6, strata: None };
        let counts = team_counts(&sample, Causes::Only(1)).unwrap();
        let z: Vec<f64> = treated.iter().map(|it| f64::from(u8::from(*it))).collect();
        let (score, variance) = counts.log_rank(&z);
        let groups: Vec<u32> = teams.iter().map(|it| u32::from(treated[*it as usize])).collect();
        let grouped = GroupedSample { observations: &observations, groups: &groups, strata: None };
        if let Ok(found) = log_rank(&grouped, Causes::Only(1), 0.0) {
            let second = found.groups[1];
            prop_assert!((second.observed - second.expected - score).abs() < 1e-9);
            prop_assert!((found.covariance[1][1] - variance).abs() < 1e-9);
        }
    }

    /// Names of the arms and the unit of time change no two-sided p-value.
    #[test]
    fn neither_names_nor_units_matter(
        observations in samples(),
        places in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        factor in 0.01..100.0,
    ) {
        let teams = teams_of(&observations);
        let treated: Vec<bool> = (0..6).map(|it| places[it] < 3).collect();
        let p = |observations: &[Observation], treated: &[bool]| {
            let sample = TeamSample { observations, teams: &teams, n_teams: 6, strata: None };
            let scores = team_scores(&team_counts(&sample, Causes::Any).unwrap(), DEFAULT_THETA);
            let all = Assignments::of_strata(&[0; 6], treated, ALL, 1).unwrap();
            p_values(&all.map(|it| scores.difference(it)), all.observed()).unwrap()
        };
        let found = p(&observations, &treated);
        let other: Vec<bool> = treated.iter().map(|it| !it).collect();
        prop_assert_eq!(found.two_sided, p(&observations, &other).two_sided);
        let in_hours: Vec<Observation> = observations.iter().map(|it| scaled(it, factor)).collect();
        prop_assert_eq!(found, p(&in_hours, &treated));
        prop_assert!(found.two_sided >= 1.0 / 20.0 && found.greater <= 1.0);
    }

    /// Cutting rows at any age changes no count, so no score and no variance.
    #[test]
    fn cutting_rows_changes_no_count(observations in samples(), share in 0.01..0.99_f64) {
        let teams = teams_of(&observations);
        let (mut cut, mut cut_teams) = (Vec::new(), Vec::new());
        for (it, team) in observations.iter().zip(&teams) {
            let start = it.entry().unwrap_or(0.0);
            // Whole days, on which events are.
            let at = (start + share * (it.time() - start)).ceil();
            let entry = if start < at && at < it.time() {
                cut.push(match it.entry() {
                    Some(entry) => Observation::entered(entry, at, Outcome::Censored).unwrap(),
                    None => open(at),
                });
                cut_teams.push(*team);
                Some(at)
            } else {
                it.entry()
            };
            cut.push(match entry {
                Some(entry) => Observation::entered(entry, it.time(), it.outcome()).unwrap(),
                None => *it,
            });
            cut_teams.push(*team);
        }
        let counts = |observations: &[Observation], teams: &[u32]| {
            let sample = TeamSample { observations, teams, n_teams: 6, strata: None };
            team_counts(&sample, Causes::Only(1)).unwrap()
        };
        let (a, b) = (counts(&cut, &cut_teams), counts(&observations, &teams));
        prop_assert_eq!(team_scores(&a, DEFAULT_THETA), team_scores(&b, DEFAULT_THETA));
        prop_assert_eq!(a, b);
    }

    /// Over all assignments a p-value is uniform or larger, an e-value 1 on average, and no more than the budget is ever rejected.
    #[test]
    fn errors_over_all_assignments(
        looks in proptest::collection::vec(proptest::collection::vec(-3_i8..4, 20), 1..5),
        alpha in 0.01..0.5,
    ) {
        let looks: Vec<Vec<f64>> =
            looks.iter().map(|it| it.iter().map(|it| f64::from(*it)).collect()).collect();
        let p: Vec<f64> = (0..20).map(|it| p_values(&looks[0], it).unwrap().two_sided).collect();
        let share = p.iter().filter(|it| **it <= alpha).count() as f64 / 20.0;
        prop_assert!(share <= alpha);
        let e: f64 = (0..20).map(|it| soft_rank_e(&looks[0], it, 1.5).unwrap()).sum();
        prop_assert!((e / 20.0 - 1.0).abs() < 1e-9);
        let is_ever_rejected = |observed: usize| {
            let mut test = Sequential::new(20, observed);
            let mut shares = (1..).map(|it| f64::from(it) / looks.len() as f64);
            looks.iter().any(|statistics| {
                let budget = spent_budget(20, alpha, shares.next().unwrap(), 2.0);
                test.look(statistics, budget).unwrap().is_rejected
            })
        };
        let n_rejected = (0..20).filter(|it| is_ever_rejected(*it)).count();
        prop_assert!(n_rejected as f64 <= 20.0 * alpha + 1e-9);
    }

    /// A ratio of 1 changes nothing, and the right ratio takes a planted effect back.
    #[test]
    fn rescaling_takes_a_planted_ratio_back(time in 0.0..50.0, ratio in 0.2..5.0, limit in 1.0..60.0) {
        let natural = Observation::new(time, Outcome::Event(1)).unwrap();
        let same = rescaled(&natural, true, f64::INFINITY, 1.0).unwrap().unwrap();
        prop_assert_eq!(same, natural);
        let cut = |it: Observation, at: f64| {
            if it.time() <= at { it } else { Observation::new(at, Outcome::Censored).unwrap() }
        };
        // What was seen of a treated and of an untreated subject with the same natural time.
        let treated = cut(Observation::new(time * ratio, Outcome::Event(1)).unwrap(), limit);
        let untreated = cut(natural, limit);
        let a = rescaled(&treated, true, limit, ratio).unwrap().unwrap();
        let b = rescaled(&untreated, false, limit, ratio).unwrap().unwrap();
        prop_assert!((a.time() - b.time()).abs() < 1e-9);
        // Rounding may let one be cut just before its event.
        if (time - f64::min(limit, limit / ratio)).abs() > 1e-9 {
            prop_assert_eq!(a.outcome(), b.outcome());
        }
    }
}

#[test]
fn a_set_without_ends_says_so() {
    let ratios = grid(0.5, 2.0, 0.5);
    assert_eq!(ratios, [0.5, 1.0, 1.5, 2.0]);
    let set = invert(&ratios, 0.05, |it| Some(if it < 1.2 { 0.5 } else { 0.01 }));
    assert_eq!((set.low, set.high, set.point), (None, Some(1.0), Some(1.0)));
    let nothing = invert(&ratios, 0.05, |_| Some(0.01));
    assert_eq!((nothing.low, nothing.high, nothing.point), (None, None, None));
    let unknown = invert(&ratios, 0.05, |_| None);
    assert_eq!((unknown.low, unknown.high, unknown.point), (None, None, None));
    assert_eq!(grid(1.0, 0.0, 0.1), [1.0]);
}
