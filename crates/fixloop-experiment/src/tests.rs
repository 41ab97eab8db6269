//! Made-up experiments whose truth is known, and tables that tell little.

mod properties;
mod worlds;

use fixloop_stats::randomization::Limits;
use fixloop_stats::{Observation, Outcome};

use crate::health::{HealthCheck, HealthStatus};
use crate::{
    Analysis, Arm, CannotTest, Design, Finding, Question, Rule, Schedule, Settings, Table,
    TableError, Team, Verdict, analyze, team_test, time_ratio, waves,
};
use worlds::{World, table};

fn question() -> Question {
    Question {
        settings: Settings { ratios: (0.1, 3.0, 0.05), ..Settings::default() },
        horizon: 14.0,
        worthwhile: 0.1,
        health: Vec::new(),
        guardrails: Vec::new(),
        has_time_left: false,
        schedule: None,
        now: None,
        advisories: None,
    }
}

fn analyzed(table: &Table) -> Analysis {
    analyze(table, Design::TeamRandomized, &question()).unwrap()
}

#[test]
fn a_large_effect_is_seen_and_bounded() {
    let world = World { n_teams: 16, ratio: 0.4, ..World::default() };
    let it = analyzed(&table(&world));
    let primary = it.primary.as_ref().unwrap();
    assert!(primary.p_value <= 0.05 && primary.is_exhaustive, "{primary:?}");
    assert_eq!(primary.n_assignments, 12_870);
    let ratio = it.ratio.as_ref().unwrap();
    let (low, high) = (ratio.low.unwrap(), ratio.high.unwrap());
    assert!(low <= 0.4 && (0.4..1.0).contains(&high), "{low} to {high}");
    // Nobody knows the guardrails.
    assert_eq!(
        (it.decision.verdict, it.decision.rule),
        (Verdict::Persevere, Rule::GuardrailUnknown)
    );
    assert!(it.differences.mean.unwrap().estimate < 0.0);
    assert_eq!(it.teams.len(), 16);
}

#[test]
fn no_effect_is_not_one() {
    let it = analyzed(&table(&World { n_teams: 12, ..World::default() }));
    assert!(it.primary.as_ref().unwrap().p_value > 0.05);
    let ratio = it.ratio.as_ref().unwrap();
    assert!(ratio.low.is_none_or(|it| it < 1.0) && ratio.high.is_none_or(|it| it > 1.0));
    assert_eq!(it.decision.verdict, Verdict::Inconclusive);
}

#[test]
fn fixes_that_come_later_stop_it() {
    let it = analyzed(&table(&World { n_teams: 16, ratio: 2.6, ..World::default() }));
    assert_eq!((it.decision.verdict, it.decision.rule), (Verdict::Stop, Rule::Harm));
}

#[test]
fn three_against_three_cannot_count() {
    let it = analyzed(&table(&World { n_teams: 6, ratio: 0.2, ..World::default() }));
    let primary = it.primary.as_ref().unwrap();
    assert!((primary.min_p.unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(it.decision.rule, Rule::CannotReachAlpha);
    // Nothing is ruled out at 5 %.
    let ratio = it.ratio.as_ref().unwrap();
    assert_eq!((ratio.low, ratio.high), (None, None));
}

#[test]
fn history_takes_differences_between_teams_away() {
    let world = World { n_teams: 12, frailty: 0.6, ratio: 0.5, n_before: 40, ..World::default() };
    let with = analyzed(&table(&world));
    let without = analyzed(&table(&World { n_before: 0, ..world }));
    let p = |it: &Analysis| it.primary.as_ref().unwrap().p_value;
    assert!(with.team_test.as_ref().unwrap().slope.unwrap() > 0.0);
    assert!(p(&with) < p(&without), "{} against {}", p(&with), p(&without));
}

#[test]
fn looks_spend_one_error_together() {
    let world = World { n_teams: 16, ratio: 0.35, ..World::default() };
    let table = table(&world);
    let schedule = Schedule::new(vec![14.0, 28.0, 42.0, 56.0]).unwrap();
    let at = |now: f64| {
        let question = Question { schedule: Some(schedule.clone()), now: Some(now), ..question() };
        analyze(&table, Design::TeamRandomized, &question).unwrap()
    };
    let end = at(56.0);
    assert_eq!(end.looks.len(), 4);
    assert!(end.looks.iter().all(|it| it.spent <= 0.05));
    assert!(end.looks.windows(2).all(|it| it[0].spent <= it[1].spent));
    let is_rejected = end.looks.iter().any(|it| it.is_rejected);
    assert_eq!(end.primary.as_ref().unwrap().p_value <= 0.05, is_rejected);
    let ratio = end.ratio.as_ref().unwrap();
    let holds_1 = ratio.low.is_none_or(|it| it <= 1.0) && ratio.high.is_none_or(|it| it >= 1.0);
    assert_eq!(holds_1, !is_rejected, "test and interval say the same");
    // What a look showed does not change when later data come.
    let early = at(28.0);
    assert_eq!(early.looks[..], end.looks[..2]);
    // Between looks nothing that tells the arms apart is shown.
    let between = at(30.0);
    assert!(matches!(between.withheld, Some(CannotTest::NotALook { next: Some(_), .. })));
    assert!(between.teams.is_empty() && between.differences.mean.is_none());
    assert_eq!(between.n_fixed, [0, 0]);
    assert_eq!(between.decision.rule, Rule::NoTest);
}

#[test]
fn schedules() {
    let days = |end: f64| Schedule::usual(end).unwrap().days;
    assert_eq!(days(14.0), [1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 9.0, 10.0, 11.0, 12.0, 14.0]);
    assert_eq!(days(30.0), [7.0, 14.0, 21.0, 28.0, 30.0]);
    for wrong in [vec![], vec![0.0], vec![7.0, 7.0], vec![f64::NAN], vec![-1.0]] {
        Schedule::new(wrong).unwrap_err();
    }
}

#[test]
fn inside_teams_fewer_are_enough() {
    let world = World { n_teams: 6, is_inside: true, ratio: 0.45, ..World::default() };
    let table = table(&world);
    let it = analyze(&table, Design::InsideTeam, &question()).unwrap();
    assert!(it.primary.as_ref().unwrap().p_value <= 0.05, "{:?}", it.primary);
    assert!(it.ratio.as_ref().unwrap().high.unwrap() < 1.0);
    assert!(it.inside_test.as_ref().unwrap().e_value.unwrap() > 1.0);
    assert_eq!(it.n_teams_together(), 6);
    let schedule = Schedule::new(vec![28.0, 56.0]).ok();
    let question = Question { schedule, now: Some(56.0), ..question() };
    let looked = analyze(&table, Design::InsideTeam, &question).unwrap();
    assert_eq!(looked.looks.len(), 2);
    assert!(looked.looks[0].threshold.unwrap() > looked.looks[1].threshold.unwrap());
    // As a design of teams, such a table is an error that names the teams.
    let error = analyze(&table, Design::TeamRandomized, &question).unwrap_err();
    assert!(matches!(error, TableError::BothArms { .. }));
    assert!(error.to_string().contains("team 1"), "{error}");
}

#[test]
fn chosen_teams_support_at_best() {
    let world = World { n_teams: 12, n_before: 60, ratio: 0.3, n_findings: 60, ..World::default() };
    let it = analyze(&table(&world), Design::Observational, &question()).unwrap();
    assert!(it.ratio.is_err() && it.observed.is_some());
    assert!(matches!(it.decision.rule, Rule::Supports | Rule::Drift), "{:?}", it.decision);
    assert_ne!(it.decision.verdict, Verdict::Expand);
    let without = table(&World { n_before: 0, ..world });
    let it = analyze(&without, Design::Observational, &question()).unwrap();
    assert!(it.primary.unwrap_err().to_string().contains("no time before"));
}

#[test]
fn waves_multiply() {
    let of = |seed| table(&World { n_teams: 12, ratio: 0.3, seed, ..World::default() });
    let (first, second) = (of(1), of(2));
    let found = waves([("a".to_owned(), &first), ("b".to_owned(), &second)], &Settings::default());
    let product: f64 = found.iter().filter_map(|it| it.e_value).product();
    assert!((found[1].product - product).abs() < 1e-9 && product > 1.0);
    let alone = Table { teams: first.teams[..1].to_vec(), findings: Vec::new(), ..first };
    let found = waves([("c".to_owned(), &alone)], &Settings::default());
    assert!(found[0].reason.is_some() && (found[0].product - 1.0).abs() < 1e-12);
}

#[test]
fn an_unhealthy_experiment_decides_nothing() {
    let world = table(&World { n_teams: 16, ratio: 0.3, ..World::default() });
    let check =
        HealthCheck { name: "sample ratio", status: HealthStatus::Unhealthy, says: String::new() };
    let question = Question { health: vec![check], ..question() };
    let it = analyze(&world, Design::TeamRandomized, &question).unwrap();
    assert_eq!((it.decision.verdict, it.decision.rule), (Verdict::Inconclusive, Rule::Unhealthy));
}

/// Tables that tell little: an answer in words, never a number.
#[test]
fn tables_that_tell_little() {
    let world = table(&World { n_teams: 8, ..World::default() });
    let censored = |it: &Finding| Finding {
        observation: Observation::new(it.observation.time(), Outcome::Censored).unwrap(),
        ..*it
    };
    let all_open =
        Table { findings: world.findings.iter().map(censored).collect(), ..world.clone() };
    let it = analyzed(&all_open);
    assert_eq!(it.primary.unwrap_err(), CannotTest::NoEvent);
    assert!(it.ratio.unwrap().high.is_none());
    assert_eq!(it.decision.rule, Rule::NoTest);

    let nothing = Table { findings: Vec::new(), ..world.clone() };
    let error = analyze(&nothing, Design::TeamRandomized, &question()).unwrap_err();
    assert_eq!(error, TableError::Empty);

    let mut no_control = world.clone();
    no_control.findings.retain(|it| it.arm == Arm::Treated);
    let error = analyze(&no_control, Design::TeamRandomized, &question()).unwrap_err();
    assert_eq!(error, TableError::NoFinding("control".to_owned()));

    let no_limit = |it: &Finding| Finding { limit: None, ..*it };
    let no_limits =
        Table { findings: world.findings.iter().map(no_limit).collect(), ..world.clone() };
    let it = analyzed(&no_limits);
    assert!(it.primary.is_ok());
    assert!(matches!(it.ratio, Err(CannotTest::NoLimit { .. })));

    // All on one day, and one team with nearly everything.
    let same_day = |it: &Finding| Finding {
        observation: Observation::new(1.0, it.observation.outcome()).unwrap(),
        ..*it
    };
    let tied = Table { findings: world.findings.iter().map(same_day).collect(), ..world.clone() };
    analyzed(&tied);
    let mut giant = world.clone();
    let of_first: Vec<Finding> = giant.findings.iter().filter(|it| it.team == 0).copied().collect();
    giant.findings.extend(of_first.iter().cycle().take(2_000));
    let it = analyzed(&giant);
    assert!(it.primary.unwrap().p_value > 0.0);
}

#[test]
fn a_platform_is_one_unit() {
    let mut world = table(&World { n_teams: 8, ..World::default() });
    // Two teams of one arm each make a platform: six units are left.
    for (team, platform) in [(0, 1), (2, 1), (1, 2), (3, 2)] {
        world.teams[team].platform = Some(platform);
    }
    let it = analyzed(&world);
    assert_eq!(it.team_test.as_ref().unwrap().n_units, [3, 3]);
    assert_eq!(it.primary.unwrap().n_assignments, 20);
    world.teams[1].platform = Some(1);
    let error = analyze(&world, Design::TeamRandomized, &question()).unwrap_err();
    assert!(matches!(error, TableError::SplitPlatform { .. }), "{error}");
}

#[test]
fn pairs_are_kept_together() {
    let mut world = table(&World { n_teams: 12, ..World::default() });
    for (index, team) in world.teams.iter_mut().enumerate() {
        *team = Team { block: u32::try_from(index / 2).unwrap(), ..team.clone() };
    }
    let primary = analyzed(&world).primary.unwrap();
    assert_eq!((primary.n_assignments, primary.min_p), (64, Some(2.0 / 64.0)));
}

/// Whole days tie findings of both arms, and a ratio near 1 would break every tie the same way.
#[test]
fn the_clock_ends_no_interval() {
    let world = World { n_teams: 40, n_findings: 150, frailty: 0.02, seed: 3, ..World::default() };
    let mut it = table(&world);
    // Few distinct days: everything within one week.
    for finding in &mut it.findings {
        let time = (finding.observation.time() / 8.0).ceil();
        finding.observation = Observation::new(time, finding.observation.outcome()).unwrap();
        finding.limit = finding.limit.map(|it| (it / 8.0).ceil().max(time));
    }
    let settings = Settings {
        limits: Limits { n_listed: 0, n_drawn: 999 },
        ratios: (0.5, 2.0, 0.01),
        ..Settings::default()
    };
    let p = team_test(&it, &settings).unwrap().p.two_sided;
    let found = time_ratio(&it, &settings).unwrap();
    let at = |ratio: f64| {
        let tried = found.set.p_values.iter().find(|it| (it.0 - ratio).abs() < 1e-9);
        tried.unwrap().1.unwrap()
    };
    assert!((at(1.0) - p).abs() < 1e-12, "at 1 it is the test itself");
    for near in [0.99, 1.01] {
        assert!((at(near) - p).abs() < 0.25, "p jumps from {p} to {} at {near}", at(near));
    }
    let (low, high) = (found.low.unwrap(), found.high.unwrap());
    assert!(low < 0.99 && high > 1.01, "{low} to {high}");
}
