//! Plans of key results over the same made-up organization.

use fixloop_model::{Ending, Rating, Timestamp};
use fixloop_readout::{Ages, Input, Readout, Row, TIME_TO_FIX, readout};
use jiff::civil::{Date, date};

use crate::{Answer, Baseline, Metric, Plan, Population, Source, baseline};

const DAY: i64 = 86_400_000_000;
const TODAY: Date = date(2025, 1, 1);
/// Of `TODAY`, in days since 1970.
const TODAY_DAYS: i64 = 20_089;

/// Teams take turns; each is up to a day slower than the one before, and every tenth row stays open.
fn organization(n_rows: i64, n_teams: i64) -> Readout {
    let row_of = |at: i64| {
        let is_open = at / n_teams % 10 == 9;
        let start = TODAY_DAYS - 400 + at * 300 / n_rows.max(1);
        let days = 20 + at % n_teams / 2 + at % 7;
        Row {
            id: at.to_string(),
            subject: "npm a".to_owned(),
            target: "shop:package-lock.json".to_owned(),
            team: Some(format!("team {}", at % n_teams)),
            ecosystem: Some("npm".to_owned()),
            severity: Some(if at % 2 == 0 { Rating::High } else { Rating::Low }),
            direct: Some(at % 3 == 0),
            arm: None,
            stratum: None,
            start: Some(Timestamp(start * DAY)),
            entry_days: None,
            time_days: if is_open { (TODAY_DAYS - start) as f64 } else { days as f64 },
            outcome: if is_open { Ending::Open } else { Ending::Upgraded },
            left_truncated: false,
        }
    };
    readout(Input {
        subject: "a test".to_owned(),
        rows: (0..n_rows).map(row_of).collect(),
        cut: Some(Timestamp(TODAY_DAYS * DAY)),
        definition: TIME_TO_FIX,
        ages: Ages::default(),
        target_times: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
    })
}

fn plan() -> Plan {
    Plan {
        metric: Metric::TimeToFix,
        population: Population::All,
        target: Some("-20%".parse().unwrap()),
        start: TODAY,
        end: Some(date(2025, 4, 1)),
        since: None,
        owner: Some("Laura".to_owned()),
        statement: None,
        risk: Some("R-7".to_owned()),
    }
}

fn take(plan: Plan, readout: &Readout) -> Baseline {
    let source = Source {
        readout,
        today: TODAY,
        last_commit: readout.cut,
        n_gaps: 0,
        regressions: (1.0, 50.0),
        known_at_introduction: (10.0, 100.0),
    };
    baseline(plan, &source)
}

/// `name: answer` of all that did not pass.
fn faults(found: &Baseline) -> Vec<String> {
    let faults = found.checks.iter().filter(|it| it.answer != Answer::Pass);
    faults.map(|it| format!("{} {}: {}", it.answer.as_str(), it.name, it.words)).collect()
}

#[test]
fn a_large_even_organization_passes_every_check() {
    let found = take(plan(), &organization(1200, 48));
    assert_eq!(faults(&found), [] as [&str; 0]);
    assert_eq!(found.checks.len(), 21);
    assert!(found.is_accepted());
    let wanted = found.wanted.unwrap();
    assert!((wanted.reduction - 0.2).abs() < 1e-12);
    assert!((wanted.value - 0.8 * found.value.unwrap().value).abs() < 1e-12);
    assert!(found.detection.unwrap().is_by_deadline);
    assert!(found.detection.unwrap().from.unwrap() <= date(2025, 4, 1));
}

#[test]
fn what_is_missing_blocks() {
    #[track_caller]
    fn check(change: impl Fn(&mut Plan), expected: &[&str]) {
        let mut plan = plan();
        change(&mut plan);
        let found = take(plan, &organization(600, 12));
        let blocks = found.checks.iter().filter(|it| it.answer == Answer::Block);
        let blocks: Vec<String> = blocks
            .map(|it| {
                assert!(it.way_out.is_some());
                format!("{}: {}", it.name, it.words)
            })
            .collect();
        assert_eq!(blocks, expected);
        assert_eq!(found.is_accepted(), expected.is_empty());
    }
    check(|it| it.target = None, &["target: no target"]);
    check(
        |it| it.target = "+20%".parse().ok(),
        &["target: `+20 %`: it is in the wrong direction: less is better"],
    );
    check(|it| it.target = "-0%".parse().ok(), &["target: `0 %`: it asks for no change"]);
    check(
        |it| it.target = "-100%".parse().ok(),
        &["target: `-100 %`: it is not above 0, which nothing reaches"],
    );
    check(|it| it.end = None, &["deadline: no deadline"]);
    check(
        |it| it.end = Some(TODAY),
        &["deadline: 2025-01-01 is not in the future: today is 2025-01-01"],
    );
    check(
        |it| it.start = date(2025, 5, 1),
        &["deadline: 2025-04-01 is not after the start, 2025-05-01"],
    );
    check(|it| it.end = Some(date(2025, 4, 11)), &[]);
    check(
        |it| it.end = Some(date(2025, 4, 12)),
        &["deadline: 101 days from 2025-01-01 to 2025-04-12: too far to steer by"],
    );
    check(
        |it| it.statement = Some("Roll out the editor alert".to_owned()),
        &["statement: `roll out` names what is done, not what comes of it"],
    );
    check(
        |it| it.statement = Some("Better fix times".to_owned()),
        &["statement: `better` without a number"],
    );
    check(|it| it.statement = Some("20 % better fix times".to_owned()), &[]);
    check(|it| (it.owner, it.risk) = (None, Some(" ".to_owned())), &[]);
}

#[test]
fn no_opportunity_and_no_fix_block() {
    let found = take(plan(), &organization(0, 1));
    assert!(!found.is_accepted());
    let blocks: Vec<String> =
        faults(&found).into_iter().filter(|it| it.starts_with("block")).collect();
    assert_eq!(blocks.len(), 2, "{blocks:?}");
    assert!(blocks[0].starts_with("block population: nothing was ever open"), "{blocks:?}");
    assert!(blocks[1].starts_with("block baseline: there is nothing"), "{blocks:?}");
    let mut open = organization(40, 4);
    open.rows.retain(|it| it.outcome == Ending::Open);
    let found = take(plan(), &open);
    assert!(
        faults(&found).iter().any(|it| it.starts_with("block baseline: nothing was fixed")),
        "{:?}",
        faults(&found)
    );
}

#[test]
fn few_events_of_one_team_warn_with_the_way_out() {
    let found = take(Plan { owner: None, risk: None, ..plan() }, &organization(12, 1));
    assert!(found.is_accepted());
    assert_eq!(found.window.why, "everything mined: in the last 365 days only 10 were fixed");
    let names: Vec<&str> = found
        .checks
        .iter()
        .filter(|it| it.answer == Answer::Warn)
        .map(|it| {
            assert!(it.way_out.is_some(), "{}", it.name);
            it.name
        })
        .collect();
    assert_eq!(names, ["owner", "events", "teams", "interval", "stretch", "risk", "detectable"]);
    assert_eq!(found.detection, None);
}

#[test]
fn a_population_is_the_rows_that_it_holds() {
    let organization = organization(600, 12);
    let since = Some(date(2020, 1, 1));
    for (population, n_rows) in
        [(Population::All, 600), (Population::CriticalHigh, 300), (Population::Direct, 200)]
    {
        let found = take(Plan { population, since, ..plan() }, &organization);
        assert_eq!(found.group.n_rows, n_rows);
    }
    let found = take(Plan { since: Some(date(2024, 6, 1)), ..plan() }, &organization);
    assert_eq!(found.window.from, date(2024, 6, 1));
}
