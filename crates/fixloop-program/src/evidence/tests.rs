use fixloop_model::{Class, Ending};

use super::ceiling::{Stage, ceiling};
use super::known_at_introduction::known_at_introduction;
use super::late_alerts::late_alerts;
use super::upgrade_regressions::upgrade_regressions;
use super::*;
use crate::alerts::State;

const DAY: i64 = 86_400_000_000;
const LINES: Lines = Lines::of(0.1, 0.25);

fn at(day: i64) -> Timestamp {
    Timestamp(day * DAY)
}

/// Introduced, disclosed and ended on these days; open ones are seen until day 1000.
fn opportunity(team: &str, introduced: i64, disclosed: i64, end: Option<i64>) -> Opportunity {
    let start = at(introduced.max(disclosed));
    Opportunity {
        id: format!("{team}:package-lock.json#npm/alpha#{introduced}"),
        exposures: Vec::new(),
        repository: team.to_owned(),
        target: format!("{team}:package-lock.json"),
        team: Some(team.to_owned()),
        ecosystem: "npm".to_owned(),
        name: "alpha".to_owned(),
        class: Class::Vulnerability,
        introduced: at(introduced),
        disclosed: at(disclosed),
        left_truncated: false,
        start,
        entry: start,
        end: end.map(at),
        last_seen: at(end.unwrap_or(1000)),
        outcome: if end.is_some() { Ending::Upgraded } else { Ending::Open },
        severity: None,
        direct: None,
        scope: None,
        n_regressions: 0,
        introducing_commit: "c1".to_owned(),
        fixing_commit: end.map(|_| "c2".to_owned()),
    }
}

fn exposure(of: &Opportunity, regressions: Vec<Regression>) -> Exposure {
    Exposure {
        opportunity: of.id.clone(),
        repository: of.repository.clone(),
        target: of.target.clone(),
        ecosystem: of.ecosystem.clone(),
        name: of.name.clone(),
        ids: vec!["GHSA-1".to_owned(), "CVE-1".to_owned()],
        class: of.class,
        severity: None,
        introduced: of.introduced,
        left_truncated: of.left_truncated,
        disclosed: of.disclosed,
        start: of.start,
        entry: of.entry,
        end: of.end,
        last_seen: of.last_seen,
        outcome: of.outcome,
        direct: None,
        scope: None,
        version_before: "1.0.0".to_owned(),
        version_after: None,
        introducing_commit: of.introducing_commit.clone(),
        fixing_commit: of.fixing_commit.clone(),
        regressions,
    }
}

fn undone(commit: &str) -> Regression {
    Regression {
        upgraded: at(10),
        upgrading_commit: format!("{commit}-up"),
        upgraded_version: "2.0.0".to_owned(),
        reverted: at(12),
        reverting_commit: commit.to_owned(),
        reverted_version: "1.0.0".to_owned(),
    }
}

fn alert(repository: &str, created: i64) -> Alert {
    Alert {
        repository: format!("corp/{repository}"),
        number: 7,
        ecosystem: "npm".to_owned(),
        name: "alpha".to_owned(),
        ids: vec!["ghsa-1".to_owned()],
        manifest_path: "package.json".to_owned(),
        state: State::Open,
        created: at(created),
        updated: at(created),
        closed: None,
        dismissed_reason: None,
    }
}

/// Each opportunity with one exposure.
fn with<R>(
    mut opportunities: Vec<(Opportunity, Vec<Regression>)>,
    look: impl FnOnce(Mined<'_>) -> R,
) -> R {
    let mut exposures = Vec::new();
    for (it, regressions) in &mut opportunities {
        it.exposures = vec![exposures.len()];
        exposures.push(exposure(it, std::mem::take(regressions)));
    }
    let all: Vec<&Opportunity> = opportunities.iter().map(|it| &it.0).collect();
    look(Mined { opportunities: &all, exposures: &exposures, cut: at(1000) })
}

fn plain(opportunities: Vec<Opportunity>) -> Vec<(Opportunity, Vec<Regression>)> {
    opportunities.into_iter().map(|it| (it, Vec::new())).collect()
}

fn measure(rows: &[(&str, f64, f64)]) -> Measure {
    let tallies: Vec<Tally<'_>> =
        rows.iter().map(|(team, x, n)| Tally { team, x: *x, n: *n }).collect();
    Measure::of(Unit::Counts, &tallies)
}

#[track_caller]
fn assert_interval(it: &Measure, lower: f64, upper: f64) {
    let interval = it.interval.unwrap();
    assert!((interval.lower - lower).abs() < 5e-4, "{interval:?}");
    assert!((interval.upper - upper).abs() < 5e-4, "{interval:?}");
}

#[test]
fn one_team_has_the_plain_wilson_interval_which_is_said_to_be_too_narrow() {
    // Newcombe 1998, table I: 15 of 148.
    let it = measure(&[("a", 15.0, 148.0)]);
    assert_interval(&it, 0.0624, 0.1605);
    assert!(it.method.contains("too narrow"), "{}", it.method);
}

#[test]
fn teams_that_differ_widen_the_interval() {
    let alike = measure(&[("a", 5.0, 50.0), ("b", 5.0, 50.0), ("c", 5.0, 50.0)]);
    let apart = measure(&[("a", 15.0, 50.0), ("b", 0.0, 50.0), ("c", 0.0, 50.0)]);
    assert_eq!(alike.share, apart.share);
    // Alike by chance, the trials are what there are, but for t with 2 degrees: 150 (1.960 / 4.303)^2 = 31.1.
    assert!(alike.method.contains("31.1 effective trials"), "{}", alike.method);
    assert_interval(&alike, 0.0352, 0.2530);
    // V = 2/3 (0.05^2 + 0.05^2 + 0.1^2) = 0.01, 0.1 × 0.9 / V = 9, times 0.2075 is 1.9.
    assert!(apart.method.contains("1.9 effective trials"), "{}", apart.method);
    assert!(apart.interval.unwrap().upper > 0.7, "{apart:?}");
}

#[test]
fn none_of_many_still_allows_for_some() {
    let it = measure(&[("a", 0.0, 100.0), ("b", 0.0, 100.0), ("c", 0.0, 100.0)]);
    assert_eq!(it.share, Some(0.0));
    // z^2 / (n + z^2) of 62.2 effective trials.
    assert_interval(&it, 0.0, 0.0582);
}

#[test]
fn verdicts_by_lines() {
    let verdict = |x: f64, n: f64, lines| Verdict::of(&measure(&[("a", x, n)]), lines);
    assert_eq!(verdict(0.0, 100.0, LINES), Verdict::Rejected);
    assert_eq!(verdict(50.0, 100.0, LINES), Verdict::Supported);
    assert_eq!(verdict(18.0, 100.0, LINES), Verdict::Open);
    assert_eq!(verdict(0.0, 10.0, LINES), Verdict::Open);
    assert_eq!(verdict(0.0, 0.0, LINES), Verdict::CannotTell);
    assert_eq!(Lines::new(0.3, 0.2), Err(InvalidLines::Order { kill: 0.3, confirm: 0.2 }));
    assert!(Lines::new(-0.1, 0.2).is_err());
    assert!(Lines::new(f64::NAN, 0.2).is_err());
}

#[test]
fn known_at_introduction_counts_what_can_be_told() {
    let mut there = opportunity("a", 0, -5, Some(50));
    there.left_truncated = true;
    let mut there_before = opportunity("b", 0, 10, Some(20));
    there_before.left_truncated = true;
    let rows = plain(vec![
        opportunity("a", 10, 5, Some(40)),
        opportunity("b", 10, 10, Some(20)),
        opportunity("a", 10, 12, Some(22)),
        there,
        there_before,
    ]);
    let it = with(rows, |mined| known_at_introduction(mined, LINES));
    assert_eq!((it.measure.x, it.measure.n), (2.0, 4.0));
    let open_days = it.open_days.unwrap();
    assert_eq!((open_days.x, open_days.n), (40.0, 60.0));
    assert!(it.facts[0].1.starts_with("1 more"), "{:?}", it.facts);
    let kinds: Vec<_> =
        it.examples.iter().map(|it| (it.kind, it.opportunity.introduced.0 / DAY)).collect();
    assert_eq!(
        kinds,
        [
            ("known at introduction", 10),
            ("known at introduction", 10),
            ("disclosed later", 10),
            ("disclosed later", 0),
            ("cannot tell", 0),
        ]
    );
    assert_eq!(it.examples[0].version, "1.0.0");
}

#[test]
fn an_undone_upgrade_counts_once_per_opportunity_and_commit() {
    let rows = vec![
        (opportunity("a", 0, 0, Some(30)), vec![undone("r1"), undone("r1"), undone("r2")]),
        (opportunity("b", 0, 0, Some(995)), Vec::new()),
        (opportunity("b", 5, 0, None), vec![undone("r3")]),
    ];
    let it = with(rows, |mined| upgrade_regressions(mined, LINES));
    assert_eq!((it.measure.x, it.measure.n), (3.0, 5.0));
    assert_eq!(it.facts[0].1, "2 had an upgrade that was undone");
    assert!(it.facts[1].1.starts_with("1 upgrades are younger"), "{:?}", it.facts);
    let commits: Vec<_> = it.examples.iter().filter_map(|it| it.regression.as_ref()).collect();
    assert_eq!(commits.len(), 3);
    let nothing = with(Vec::new(), |mined| upgrade_regressions(mined, LINES));
    assert_eq!(nothing.verdict, Verdict::CannotTell);
}

#[test]
fn late_alerts_say_what_was_not_alerted() {
    let mut there = opportunity("d", 0, 0, Some(80));
    there.left_truncated = true;
    let rows = plain(vec![
        opportunity("a", 10, 5, Some(40)),
        opportunity("b", 10, 20, Some(40)),
        opportunity("c", 10, 5, Some(40)),
        there,
    ]);
    let alerts = [alert("a", 25), alert("b", 9), alert("d", -1), alert("e", 3)];
    let it = with(rows.clone(), |mined| late_alerts(mined, Some(&alerts), LINES));
    assert_eq!((it.measure.x, it.measure.n), (1.0, 2.0));
    // a: 15 of 30 days before the alert; b: none of 20; d: none of 80.
    let open_days = it.open_days.unwrap();
    assert_eq!((open_days.x, open_days.n), (15.0, 130.0));
    let facts: Vec<&str> = it.facts.iter().map(|it| &*it.1).collect();
    assert!(facts[0].starts_with("1 of 1 late ones were known"), "{facts:?}");
    assert!(facts.contains(&"1 opportunities have no alert: in no share"), "{facts:?}");
    assert!(facts.contains(&"3 of 4 are of an opportunity"), "{facts:?}");
    for alerts in [None, Some(&[][..])] {
        let it = with(rows.clone(), |mined| late_alerts(mined, alerts, LINES));
        assert_eq!(it.verdict, Verdict::CannotTell);
        assert!(it.reason.is_some());
    }
}

#[test]
fn an_alert_is_matched_in_place_and_time() {
    let row = || plain(vec![opportunity("a", 10, 5, Some(40))]);
    let n_alerted = |change: &dyn Fn(&mut Alert)| {
        let mut one = alert("A", 25);
        change(&mut one);
        let of =
            |mined: Mined<'_>| late_alerts(mined, Some(&[one.clone()]), LINES).measure.teams.len();
        with(row(), of)
    };
    assert_eq!(n_alerted(&|_| {}), 1);
    assert_eq!(n_alerted(&|it| it.manifest_path = "/package-lock.json".to_owned()), 1);
    assert_eq!(n_alerted(&|it| it.manifest_path = "web/package.json".to_owned()), 0);
    assert_eq!(n_alerted(&|it| it.ecosystem = "PyPI".to_owned()), 0);
    assert_eq!(n_alerted(&|it| it.name = "beta".to_owned()), 0);
    assert_eq!(n_alerted(&|it| it.ids = vec!["GHSA-2".to_owned()]), 0);
    assert_eq!(n_alerted(&|it| it.ids = vec!["CVE-1".to_owned()]), 1);
    // Made after the end, closed before the beginning, after the data cut.
    assert_eq!(n_alerted(&|it| it.created = at(41)), 0);
    assert_eq!(n_alerted(&|it| (it.created, it.closed) = (at(2), Some(at(9)))), 0);
    assert_eq!(n_alerted(&|it| it.created = at(1001)), 0);
    let two = [alert("a", 25), Alert { repository: "other/a".to_owned(), ..alert("a", 20) }];
    let it = with(row(), |mined| late_alerts(mined, Some(&two), LINES));
    assert_eq!(it.measure.share, None);
    assert!(it.facts.iter().any(|it| it.0 == "ambiguous"), "{:?}", it.facts);
}

#[test]
fn ceilings_count_days_up_to_the_horizon() {
    let rows = plain(vec![
        opportunity("a", 0, 0, Some(200)),
        opportunity("b", 0, 10, Some(40)),
        opportunity("c", 0, 0, Some(30)),
    ]);
    let alerts = [alert("a", 45), alert("b", 10)];
    let of = |stage, alerts: Option<&[Alert]>| {
        with(rows.clone(), |mined| ceiling(mined, stage, alerts, Lines::of(0.2, 0.2)))
    };
    let sums = |it: &Evidence| (it.measure.x, it.measure.n);
    let detect = of(Stage::Detect, Some(&alerts));
    assert_eq!(sums(&detect), (45.0, 120.0));
    let at_most = detect.facts.iter().find(|it| it.0 == "at most").unwrap();
    assert!(at_most.1.contains("50.0 % of 150 days"), "{at_most:?}");
    assert_eq!(sums(&of(Stage::React, Some(&alerts))), (75.0, 120.0));
    assert_eq!(of(Stage::React, Some(&alerts)).verdict, Verdict::CannotTell);
    assert_eq!(of(Stage::Detect, None).verdict, Verdict::CannotTell);
    assert_eq!(sums(&of(Stage::FirstReference, None)), (120.0, 150.0));
}

#[test]
fn a_stage_that_takes_next_to_nothing_is_rejected() {
    let teams: Vec<String> = (0..12).map(|it| format!("t{it}")).collect();
    let rows = plain(teams.iter().map(|it| opportunity(it, 0, 0, Some(60))).collect());
    let alerts: Vec<Alert> = teams.iter().map(|it| alert(it, 0)).collect();
    let it = with(rows, |mined| ceiling(mined, Stage::Detect, Some(&alerts), Lines::of(0.3, 0.3)));
    // 12 opportunities at most, so none of 720 days allows for a quarter.
    assert_eq!(it.verdict, Verdict::Rejected);
    assert!(it.measure.interval.unwrap().upper > 0.2, "{:?}", it.measure);
}

/// Shares that differ between teams (0.1 or 0.5, evenly): the interval covers 0.3 about as often as it says.
#[test]
fn intervals_by_team_cover() {
    let mut state = 20_240_601_u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let teams: Vec<String> = (0..12).map(|it| format!("t{it}")).collect();
    let mut n_covered = 0;
    for _ in 0..1000 {
        let mut tallies = Vec::new();
        for team in &teams {
            let share = if uniform() < 0.5 { 0.1 } else { 0.5 };
            let mut tally = Tally { team, x: 0.0, n: 5.0 };
            while uniform() < 0.9 {
                tally.n += 1.0;
            }
            for _ in (0..40).take_while(|it| f64::from(*it) < tally.n) {
                tally.x += f64::from(u8::from(uniform() < share));
            }
            tally.n = tally.n.min(40.0);
            tallies.push(tally);
        }
        let interval = Measure::of(Unit::Counts, &tallies).interval.unwrap();
        n_covered += usize::from(interval.lower <= 0.3 && 0.3 <= interval.upper);
    }
    assert!((930..=985).contains(&n_covered), "{n_covered} of 1000");
}
