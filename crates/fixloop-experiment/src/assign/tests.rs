use proptest::prelude::*;

use super::*;
use crate::table::{Finding, Table, Team};
use crate::team_randomized::{Settings, team_test};
use fixloop_stats::{Observation, Outcome};

fn candidate(at: usize, fixed: u64) -> Candidate {
    let history =
        History { n_findings: 10 + fixed, n_fixed: fixed, expected_millionths: 8_000_000 };
    Candidate { name: format!("team-{at:02}"), history, ..Candidate::default() }
}

fn teams(n: usize) -> Vec<Candidate> {
    (0..n).map(|it| candidate(it, (it as u64 * 7) % 13)).collect()
}

fn roster(scheme: Scheme, n: usize) -> Result<Roster, AssignError> {
    Roster::new(scheme, 0.05, "2026-11-25", teams(n))
}

/// Units treated of each block, and the smallest p.
#[track_caller]
fn check(scheme: Scheme, n: usize, blocks: &[(usize, usize)], min_p: f64) {
    let found = roster(scheme, n).unwrap();
    let sizes: Vec<(usize, usize)> =
        found.blocks.iter().map(|it| (it.n_treated, it.units.len())).collect();
    assert_eq!(sizes, blocks);
    assert!((found.min_p.unwrap() - min_p).abs() < 1e-9, "{:?}", found.min_p);
    let treated = found.draw(&found.seed("secret", "public")).unwrap();
    assert_eq!(
        treated.iter().filter(|it| **it).count(),
        blocks.iter().map(|it| it.0).sum::<usize>()
    );
}

#[test]
fn what_is_drawn() {
    check(Scheme::Complete, 8, &[(4, 8)], 2.0 / 70.0);
    check(Scheme::Complete, 7, &[(3, 7)], 1.0 / 35.0);
    check(Scheme::Pairs, 12, &[(1, 2); 6], 2.0 / 64.0);
    check(Scheme::Pairs, 9, &[(1, 2), (1, 2), (1, 2), (1, 3)], 1.0 / 24.0);
    check(Scheme::Pairs, 60, &[(1, 2); 30], 1e-4);
    check(Scheme::Constrained { percent: 100 }, 8, &[(4, 8)], 2.0 / 70.0);
}

#[test]
fn more_assignments_than_a_number_holds() {
    let found = roster(Scheme::Complete, 2_000).unwrap();
    assert_eq!((found.n_possible, found.min_p), (None, Some(1e-4)));
}

#[test]
fn what_cannot_show_anything_is_refused_with_what_could() {
    let says = |scheme, n| roster(scheme, n).unwrap_err().to_string();
    check_text(
        &says(Scheme::Complete, 6),
        "with 6 units the smallest two-sided p is 0.100, so that no result could count at 0.05; 7 units could",
    );
    check_text(
        &says(Scheme::Pairs, 8),
        "with 8 units the smallest two-sided p is 0.125, so that no result could count at 0.05; 12 units could",
    );
    check_text(
        &says(Scheme::Constrained { percent: 10 }, 8),
        "with 8 units the smallest two-sided p is 0.250, so that no result could count at 0.05; 11 units could",
    );
}

#[test]
fn an_alpha_below_what_draws_can_show() {
    let found = Roster::new(Scheme::Complete, 1e-5, "2026-11-25", teams(40)).unwrap_err();
    assert!(found.to_string().ends_with("at 0.00001; more units could not, either"), "{found}");
}

#[track_caller]
fn check_text(found: &str, expected: &str) {
    assert_eq!(found, expected);
}

#[test]
fn lists_that_cannot_be_used() {
    let of = |scheme, teams: Vec<Candidate>| Roster::new(scheme, 0.05, "2026-11-25", teams).err();
    let named = |name: &str| Candidate { name: name.to_owned(), ..Candidate::default() };
    assert_eq!(of(Scheme::Complete, vec![]), Some(AssignError::Empty));
    assert_eq!(of(Scheme::Complete, vec![named("")]), Some(AssignError::NoName));
    assert_eq!(
        of(Scheme::Complete, vec![named("a"), named("a")]),
        Some(AssignError::Twice("a".into()))
    );
    assert_eq!(
        of(Scheme::Complete, vec![named("a\tb")]),
        Some(AssignError::Control("a\tb".into()))
    );
    let date = Roster::new(Scheme::Complete, 0.05, "2026-11-25\nteam", teams(12)).err();
    assert_eq!(date, Some(AssignError::Control("2026-11-25\nteam".into())));
    assert_eq!(of(Scheme::Stratified, vec![named("a")]), Some(AssignError::NoStratum));
    assert_eq!(of(Scheme::Pairs, vec![named("a")]), Some(AssignError::NoHistory));
    assert_eq!(of(Scheme::Constrained { percent: 0 }, teams(12)), Some(AssignError::Percent(0)));
    let mut platforms = teams(12);
    platforms[0].platform = "p".into();
    platforms[5].platform = "p".into();
    assert_eq!(of(Scheme::InsideTeam, platforms.clone()), Some(AssignError::PlatformInsideTeam));
    platforms[5].stratum = "other".into();
    let error = AssignError::PlatformInTwoStrata {
        platform: "p".into(),
        team: "team-00".into(),
        other: "team-05".into(),
    };
    assert_eq!(of(Scheme::Stratified, platforms), Some(error));
}

#[test]
fn a_platform_is_one_unit() {
    let mut list = teams(12);
    for at in [1, 4, 9] {
        list[at].platform = "payments".into();
    }
    let roster = Roster::new(Scheme::Complete, 0.05, "2026-11-25", list).unwrap();
    assert_eq!(roster.units.len(), 10);
    assert_eq!(roster.units[1].teams, [1, 4, 9]);
    assert_eq!(roster.min_p, Some(2.0 / 252.0));
}

#[test]
fn pairs_are_neighbors_in_the_order_of_their_history() {
    let roster = roster(Scheme::Pairs, 12).unwrap();
    let score = |it: &usize| roster.units[*it].score_millionths;
    let mut order: Vec<i64> =
        roster.blocks.iter().flat_map(|it| it.units.iter().map(score)).collect();
    assert!(order.is_sorted());
    order.dedup();
    assert!(order.len() > 6);
}

#[test]
fn a_test_stays_inside_the_accepted_set() {
    let roster = roster(Scheme::Constrained { percent: 25 }, 12).unwrap();
    let accepted = roster.accepted.unwrap();
    assert!(accepted.is_exhaustive && accepted.n_kept >= 231 && accepted.n_kept < 260);
    let treated = roster.draw(&roster.seed("a", "")).unwrap();
    let max = accepted.max_imbalance_millionths;
    let constraint = roster.constraint(max, Some(&treated));
    let names: Vec<&str> = roster.teams.iter().map(|it| &*it.name).collect();
    let limits = Limits::default();
    let all = Assignments::accepted(
        &[0; 12],
        &treated,
        limits,
        1,
        constraint.of_teams(names.iter().copied()),
    );
    assert_eq!(all.unwrap().len(), accepted.n_kept);
    // Without the last team, what is accepted is what was accepted with that team as it was.
    let rest = constraint.of_teams(names[..11].iter().copied());
    let fewer = Assignments::accepted(&[0; 11], &treated[..11], limits, 1, rest).unwrap();
    assert!(fewer.len() > 1 && fewer.len() < accepted.n_kept);
}

/// Whatever was drawn, a true "no effect" is rejected no more often than alpha says: over all accepted assignments, each once.
#[test]
fn the_test_is_exact_inside_the_accepted_set() {
    let roster = roster(Scheme::Constrained { percent: 20 }, 10).unwrap();
    let max = roster.accepted.unwrap().max_imbalance_millionths;
    let all = roster.assignments().unwrap();
    let rule = roster.constraint(max, None);
    let (mut n, mut n_rejected) = (0, 0);
    for row in all.iter().filter(|it| rule.accepts(it)) {
        let treated: Vec<bool> = row.iter().map(|it| *it > 0.5).collect();
        let constraint = roster.constraint(max, Some(&treated));
        let table = Table { accepted: Some(constraint), ..table(&treated) };
        let test = team_test(&table, &Settings::default()).unwrap();
        assert_eq!(test.n_assignments, roster.accepted.unwrap().n_kept);
        n += 1;
        n_rejected += usize::from(test.p.two_sided <= 0.05);
        // A set that holds nothing like it: this was no draw of that design.
        let one: Vec<bool> = (0..10).map(|it| it == 0).collect();
        let outside = roster.constraint(0, Some(&one));
        let table = Table { accepted: Some(outside), ..table };
        assert!(team_test(&table, &Settings::default()).is_err());
    }
    assert!(n >= 50 && n_rejected > 0 && n_rejected * 20 <= n, "{n_rejected} of {n}");
}

/// Times that differ between teams, and do not depend on arms.
fn table(treated: &[bool]) -> Table {
    let finding = |team: usize, at: usize| Finding {
        team: u32::try_from(team).unwrap(),
        arm: if treated[team] { Arm::Treated } else { Arm::Control },
        stratum: 0,
        is_before: false,
        observation: Observation::new(((team * 5 + at * 3) % 17) as f64, Outcome::Event(1))
            .unwrap(),
        limit: Some(40.0),
        day: None,
    };
    let team = |at: usize| Team { name: format!("team-{at:02}"), block: 0, platform: None };
    Table {
        arm_names: ["control".into(), "treated".into()],
        teams: (0..treated.len()).map(team).collect(),
        findings: (0..treated.len()).flat_map(|it| (0..4).map(move |at| finding(it, at))).collect(),
        accepted: None,
    }
}

/// Computed apart, with Python's hashlib.
#[test]
fn hashes_are_those_of_sha_256_over_told_lengths() {
    assert_eq!(
        digest(&["a", "bc"]).to_string(),
        "5310a58788781ab25d5ad7c3f85035824b4eb7bdfa394e0ac2186271472b5492"
    );
    assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
}

#[test]
fn every_part_of_the_list_and_both_nonces_decide_the_seed() {
    let first = roster(Scheme::Pairs, 12).unwrap();
    let seed = first.seed("secret", "public");
    assert_eq!(seed, roster(Scheme::Pairs, 12).unwrap().seed("secret", "public"));
    assert_ne!(seed, first.seed("secret", ""));
    assert_ne!(seed, first.seed("other", "public"));
    assert_ne!(seed, roster(Scheme::Complete, 12).unwrap().seed("secret", "public"));
    let mut list = teams(12);
    list[3].history.n_fixed += 1;
    let other = Roster::new(Scheme::Pairs, 0.05, "2026-11-25", list).unwrap();
    assert_ne!(seed, other.seed("secret", "public"));
    assert_ne!(first.commitment("x"), other.commitment("x"));
}

/// Every unit is treated in about half of many draws: 400 draws, 4 standard errors.
#[test]
fn draws_favor_nobody() {
    for scheme in [Scheme::Complete, Scheme::Pairs, Scheme::Constrained { percent: 25 }] {
        let roster = roster(scheme, 12).unwrap();
        let mut n = [0; 12];
        for at in 0..400 {
            let treated = roster.draw(&roster.seed(&at.to_string(), "")).unwrap();
            n.iter_mut().zip(treated).for_each(|(n, it)| *n += u32::from(it));
        }
        assert!(n.iter().all(|it| (160..=240).contains(it)), "{scheme:?} {n:?}");
    }
}

proptest! {
    #[test]
    fn arms_of_a_team_stay_balanced(team in ".{0,8}", nonce in "[a-z]{0,8}", n in 1_u64..60) {
        let seed = digest(&[&nonce]);
        let treated = (0..n).filter(|it| arm_of_finding(&seed, &team, *it) == Arm::Treated).count();
        prop_assert!(n.abs_diff(2 * treated as u64) <= 2);
        if n % 4 == 0 {
            prop_assert_eq!(2 * treated as u64, n);
        }
    }

    /// Whatever the list: an answer, with the numbers of its blocks and an accepted draw.
    #[test]
    fn any_list_has_an_answer(
        rows in proptest::collection::vec(("[a-z]{1,2}", "[xy]?", "[pq]?", any::<[u16; 3]>()), 0..14),
        which in 0_usize..5,
        percent in 0_u32..120,
    ) {
        let scheme = [
            Scheme::Complete,
            Scheme::Stratified,
            Scheme::Pairs,
            Scheme::Constrained { percent },
            Scheme::InsideTeam,
        ][which];
        let team = |(name, stratum, platform, n): (String, String, String, [u16; 3])| Candidate {
            name,
            stratum,
            platform,
            history: History {
                n_findings: n[0].into(),
                n_fixed: n[1].into(),
                expected_millionths: u64::from(n[2]) * 1000,
            },
        };
        let list = rows.into_iter().map(team).collect();
        if let Ok(roster) = Roster::new(scheme, 0.9, "2026-11-25", list) {
            let drawn = roster.draw(&roster.seed("x", "y"));
            prop_assert_eq!(drawn.is_none(), scheme == Scheme::InsideTeam);
            let Some(treated) = drawn else { return Ok(()) };
            for block in &roster.blocks {
                let n = block.units.iter().filter(|it| treated[**it]).count();
                prop_assert_eq!(n, block.n_treated);
            }
            if let Some(accepted) = roster.accepted {
                let row: Vec<f64> = treated.iter().map(|it| f64::from(u8::from(*it))).collect();
                let constraint = roster.constraint(accepted.max_imbalance_millionths, None);
                prop_assert!(constraint.accepts(&row));
            }
        }
    }
}
