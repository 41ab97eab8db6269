//! Plans of worlds whose answer is known.

use fixloop_stats::size::{min_p_of_complete, min_p_of_pairs};
use fixloop_stats::{Observation, Outcome};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// A year of teams with 2.5 new findings a week each, half fixed after 20 days, whose paces differ by a factor of up to e to the
/// `spread`, up or down.
fn past(n_teams: usize, spread: f64) -> Past {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let (cut, mut findings) = (500.0, Vec::new());
    for team in 0..n_teams {
        let pace = f64::exp(spread * (2.0 * team as f64 / n_teams as f64 - 1.0));
        for _ in 0..180 {
            let day: f64 = rng.random_range(0.0..cut);
            let uniform: f64 = rng.random_range(0.0..1.0);
            let time = -(1.0 - uniform).ln() * 20.0 / std::f64::consts::LN_2 / pace;
            let (time, outcome) = if day + time > cut {
                (cut - day, Outcome::Censored)
            } else {
                (time, Outcome::Event(1))
            };
            let observation = Observation::new(time, outcome).unwrap();
            let (team, stratum) = (u32::try_from(team).unwrap(), 0);
            findings.push(PastFinding { team, stratum, day, observation });
        }
    }
    Past { teams: (0..n_teams).map(|it| format!("T{it}")).collect(), findings, cut }
}

fn question(treatment: Treatment, n_teams: u32) -> PlanQuestion {
    PlanQuestion {
        treatment,
        effect: 0.3,
        n_teams,
        days: 42,
        follow_up: 14,
        alpha: 0.05,
        power: 0.8,
        looks: vec![42],
        stock_days: 0,
        n_runs: 100,
        seed: 1,
    }
}

fn weeks(past: &Past) -> Weeks {
    past.weeks(56.0).unwrap()
}

fn share(past: &Past, question: &PlanQuestion, design: PilotDesign) -> f64 {
    replay(&weeks(past), &question.pilot(design), question.n_runs, question.seed).power.share
}

#[test]
fn designs_are_those_of_the_treatment_best_first() {
    let names = |it: Treatment| it.designs().iter().map(|it| it.as_str()).collect::<Vec<_>>();
    assert_eq!(names(Treatment::Hint)[0], "inside-team");
    assert_eq!(names(Treatment::BuildBreak), ["matched-pairs", "team-randomized", "ring-waves"]);
    assert!(names(Treatment::BuildWarn).contains(&"switchback"));
    assert!(!names(Treatment::BuildWarn).contains(&"inside-team"));
}

#[test]
fn teams_that_cannot_reach_alpha_are_refused_with_the_number_that_could() {
    let refusal = |design: PilotDesign, n, alpha| design.refusal(n, alpha);
    let cannot = |min_p, teams_needed| Some(Refusal::CannotReachAlpha { min_p, teams_needed });
    let (pairs, all) = (PilotDesign::MatchedPairs, PilotDesign::TeamRandomized);
    assert_eq!(refusal(all, 6, 0.05), cannot(min_p_of_complete(3, 3), 8));
    assert_eq!(refusal(all, 8, 0.01), cannot(min_p_of_complete(4, 4), 10));
    assert_eq!(refusal(all, 8, 0.05), None);
    assert_eq!(refusal(all, 7, 0.05), Some(Refusal::TooFewTeams { teams_needed: 8 }));
    assert_eq!(refusal(pairs, 10, 0.05), cannot(min_p_of_pairs(5), 12));
    assert_eq!(refusal(pairs, 12, 0.05), None);
    assert_eq!(refusal(PilotDesign::InsideTeam, 1, 0.05), None);
    for n in [0, 1] {
        assert!(matches!(refusal(all, n, 0.05), Some(Refusal::CannotReachAlpha { .. })), "{n}");
    }
}

#[test]
fn everything_refused_is_an_answer() {
    let plan = plan(&past(10, 0.3), &question(Treatment::BuildBreak, 6)).unwrap();
    assert_eq!(plan.chosen, None);
    assert_eq!(plan.power(), None);
    assert_eq!(plan.outlook, Outlook::default());
}

#[test]
fn without_an_effect_hardly_any_pilot_sees_one() {
    let past = past(12, 0.6);
    let nothing = PlanQuestion { effect: 1e-9, n_runs: 400, ..question(Treatment::Hint, 12) };
    for design in [PilotDesign::InsideTeam, PilotDesign::TeamRandomized, PilotDesign::MatchedPairs]
    {
        for looks in [vec![42], default_looks(42)] {
            let question = PlanQuestion { looks, ..nothing.clone() };
            // One side of 5 %, and three standard errors of 400 runs.
            let share = share(&past, &question, design);
            assert!(share <= 0.025 + 3.0 * 0.0078, "{design:?} {share}");
        }
    }
}

#[test]
fn more_of_everything_sees_more() {
    let past = past(12, 0.5);
    let of = |effect, n_teams| {
        let question = PlanQuestion { effect, ..question(Treatment::BuildBreak, n_teams) };
        share(&past, &question, PilotDesign::TeamRandomized)
    };
    assert!(of(0.3, 12) < of(0.6, 12));
    assert!(of(0.4, 12) < of(0.4, 40));
    let inside = share(&past, &question(Treatment::Hint, 12), PilotDesign::InsideTeam);
    assert!(inside > of(0.3, 12));
}

#[test]
fn looks_cost_little_and_are_cumulative() {
    let past = past(16, 0.2);
    let question = PlanQuestion { looks: default_looks(42), ..question(Treatment::AutoPr, 16) };
    for design in [PilotDesign::InsideTeam, PilotDesign::TeamRandomized] {
        let replay = replay(&weeks(&past), &question.pilot(design), 100, 1);
        assert!(replay.looks.is_sorted_by(|a, b| a.power <= b.power && a.spent <= b.spent));
        let last = replay.looks.last().unwrap();
        assert!((last.power - replay.power.share).abs() < 1e-9);
        assert!((last.spent - 1.0).abs() < 1e-6, "{design:?} {}", last.spent);
    }
}

#[test]
fn the_same_seed_plans_the_same() {
    let (past, question) = (past(9, 0.4), question(Treatment::PrComment, 9));
    let first = plan(&past, &question).unwrap();
    assert_eq!(first, plan(&past, &question).unwrap());
    assert_eq!(first.offered().unwrap().design, PilotDesign::InsideTeam);
}

#[test]
fn findings_needed_are_those_of_the_reference() {
    // Half fixed after 30 days, hazard ratio 1/0.7: 14 days without and 30 + 14 days with follow-up.
    let rate = std::f64::consts::LN_2 / 30.0;
    let needed = formula::needed(rate, 1.0 - 1.0 / 1.43, (14.0, 0.0), ErrorRates::USUAL).unwrap();
    assert!((needed.n_events - 245.4).abs() < 0.1, "{}", needed.n_events);
    assert!((needed.n_findings - 1_423.0).abs() < 2.0, "{}", needed.n_findings);
    assert!((needed.half_life - 30.0).abs() < 1e-9);
}

#[test]
fn a_past_that_says_nothing_says_so() {
    let past = past(4, 0.0);
    let empty = Past { findings: Vec::new(), ..past.clone() };
    assert_eq!(empty.weeks(28.0).err(), Some(PastError::Empty));
    let mut open = past.clone();
    for it in &mut open.findings {
        it.observation = Observation::new(it.observation.time(), Outcome::Censored).unwrap();
    }
    assert!(matches!(open.weeks(28.0).err(), Some(PastError::NoFix { .. })));
    let mut short = past.clone();
    short.findings.retain(|it| it.day > 480.0);
    assert!(matches!(short.weeks(28.0).err(), Some(PastError::Short { .. })));
    for day in [f64::NAN, f64::INFINITY, 1e9] {
        let mut bad = past.clone();
        bad.findings[0].day = day;
        assert_eq!(bad.weeks(28.0).err(), Some(PastError::Invalid), "{day}");
    }
}

#[test]
fn questions_out_of_range_are_refused() {
    let past = past(4, 0.0);
    let good = question(Treatment::Hint, 4);
    for bad in [
        PlanQuestion { effect: f64::NAN, ..good.clone() },
        PlanQuestion { effect: 1.0, ..good.clone() },
        PlanQuestion { n_teams: 0, ..good.clone() },
        PlanQuestion { days: 0, looks: vec![0], ..good.clone() },
        PlanQuestion { follow_up: 42, ..good.clone() },
        PlanQuestion { alpha: 0.0, ..good.clone() },
        PlanQuestion { power: 1.5, ..good.clone() },
        PlanQuestion { n_runs: 1, ..good.clone() },
        PlanQuestion { looks: Vec::new(), ..good.clone() },
        PlanQuestion { looks: vec![42, 42], ..good.clone() },
        PlanQuestion { looks: vec![7], ..good.clone() },
    ] {
        assert!(plan(&past, &bad).is_err(), "{bad:?}");
    }
}

/// Any few findings, ties and zeros among them.
fn any_past() -> impl Strategy<Value = Past> {
    let finding = (0..3_u32, 0..2_u32, 0..200_u32, 0..60_u32, 0..3_u8);
    prop::collection::vec(finding, 0..60).prop_map(|rows| {
        let finding = |(team, stratum, day, time, cause): (u32, u32, u32, u32, u8)| {
            let outcome = if cause == 0 { Outcome::Censored } else { Outcome::Event(cause) };
            let observation = Observation::new(time.into(), outcome).unwrap();
            PastFinding { team, stratum, day: day.into(), observation }
        };
        let findings = rows.into_iter().map(finding).collect();
        Past { teams: ["a", "b", "c"].map(str::to_owned).into(), findings, cut: 260.0 }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn never_panics_and_every_power_is_a_share(past in any_past(), days in 1..60_u32, n in 1..14_u32) {
        let question = PlanQuestion {
            days,
            follow_up: 0,
            looks: default_looks(days),
            stock_days: 30,
            n_runs: 40,
            ..question(Treatment::Hint, n)
        };
        if let Ok(plan) = plan(&past, &question) {
            for it in plan.choices.iter().filter_map(|it| it.replay.as_ref()) {
                prop_assert!((0.0..=1.0).contains(&it.power.share));
            }
            let of = &plan.outlook;
            for it in of.over_days.iter().chain(&of.over_teams) {
                prop_assert!((0.0..=1.0).contains(&it.power.share));
            }
        }
    }
}
