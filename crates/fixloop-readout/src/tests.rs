//! Readouts of small tables whose numbers can be worked out by hand, and of random ones.

use fixloop_model::{Ending, Rating, Timestamp};
use proptest::prelude::*;

use crate::{Ages, Input, Readout, Row, TIME_TO_FIX, readout};

const DAY: i64 = 86_400_000_000;

/// Lines `TEAM DAYS OUTCOME [entry DAY]`, all started on 1 January 2024.
fn rows(text: &str) -> Vec<Row> {
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    lines
        .enumerate()
        .map(|(index, line)| {
            let words: Vec<&str> = line.split(' ').collect();
            Row {
                id: format!("r{index}"),
                subject: "npm alpha".to_owned(),
                target: "shop:package-lock.json".to_owned(),
                team: Some(words[0].to_owned()),
                ecosystem: Some("npm".to_owned()),
                severity: Some(if index % 2 == 0 { Rating::High } else { Rating::Low }),
                direct: Some(true),
                arm: None,
                stratum: None,
                start: Some(Timestamp(19_723 * DAY)),
                entry_days: words.get(4).map(|it| it.parse().unwrap()),
                time_days: words[1].parse().unwrap(),
                outcome: match words[2] {
                    "upgraded" => Ending::Upgraded,
                    "removed" => Ending::Removed,
                    "suppressed" => Ending::Suppressed,
                    "withdrawn" => Ending::Withdrawn,
                    _ => Ending::Open,
                },
                left_truncated: false,
            }
        })
        .collect()
}

fn read(rows: Vec<Row>) -> Readout {
    let target = (Timestamp(19_000 * DAY), Timestamp(20_000 * DAY));
    readout(Input {
        subject: "a test".to_owned(),
        definition: TIME_TO_FIX,
        ages: Ages::default(),
        rows,
        cut: Some(Timestamp(20_000 * DAY)),
        target_times: vec![target, target],
        facts: Vec::new(),
        limits: Vec::new(),
    })
}

#[track_caller]
fn near(a: Option<f64>, b: f64) {
    assert!(a.is_some_and(|a| (a - b).abs() < 1e-9), "{a:?}, expected {b}");
}

#[test]
fn a_suppressed_row_is_not_fixed_and_does_not_vanish() {
    // Four rows: one is suppressed on day 2, two are fixed on days 4 and 8, one is open. Half are fixed, not two thirds.
    let it = read(rows("a 2 suppressed\na 4 upgraded\nb 8 removed\nb 100 open")).overall;
    near(it.shares[2].fixed.map(|it| it.value), 0.5);
    near(it.shares[2].upgraded.map(|it| it.value), 0.25);
    near(it.median.value, 8.0);
    // Mean open: 2, 4 and 8 days, and 90 of the open one.
    near(it.restricted_mean.map(|it| it.value), 26.0);
    near(Some(it.exposure_days), 114.0);
    assert_eq!(
        (it.n_rows, it.n_upgraded, it.n_removed, it.n_suppressed, it.n_open),
        (4, 1, 1, 1, 1)
    );
    assert_eq!(it.row_ids, ["r0", "r1", "r2", "r3"]);
}

#[test]
fn withdrawn_rows_are_dropped_and_told() {
    let it = read(rows("a 2 withdrawn\na 4 upgraded\nb 8 upgraded"));
    assert_eq!(it.overall.n_rows, 2);
    assert!(it.limits.iter().any(|it| it.contains("1 withdrawn")), "{:?}", it.limits);
}

#[test]
fn nothing_and_all_open_are_answers() {
    let nothing = read(Vec::new());
    assert_eq!(nothing.overall.median.value, None);
    assert!(nothing.overall.curve.is_empty());
    assert!(nothing.limits[0].contains("nothing to estimate"));
    let open = read(rows("a 100 open\nb 50 open"));
    assert_eq!(open.overall.median.value, None);
    near(open.overall.shares[0].fixed.map(|it| it.value), 0.0);
    near(open.overall.restricted_mean.map(|it| it.value), 90.0);
    let one = read(rows("a 5 upgraded"));
    near(one.overall.median.value, 5.0);
    assert_eq!(one.overall.median.lower, None);
}

#[test]
fn rows_that_were_never_at_risk_are_no_observation() {
    let it =
        read(rows("a 5 upgraded entry 5\na 5 upgraded entry 9\nb 7 upgraded\na 9 open")).overall;
    assert_eq!(it.n_rows, 2);
}

#[test]
fn intervals_know_of_teams() {
    // Two teams that fix on the same day each: by row this would be narrow.
    let fast = "a 2 upgraded\n".repeat(20);
    let slow = "b 60 upgraded\n".repeat(20);
    let other = "c 30 upgraded\n".repeat(20);
    let by_team = read(rows(&format!("{fast}{slow}{other}"))).overall;
    assert!(by_team.interval_method.starts_with("by team"), "{}", by_team.interval_method);
    let mut rows = rows(&format!("{fast}{slow}{other}"));
    for it in &mut rows {
        it.team = None;
    }
    let by_row = read(rows).overall;
    assert!(by_row.interval_method.contains("too narrow"), "{}", by_row.interval_method);
    let width = |it: &crate::Group| {
        let (lower, upper) = it.restricted_mean.unwrap().interval.unwrap();
        upper - lower
    };
    assert!(width(&by_team) > 3.0 * width(&by_row));
}

#[test]
fn open_days_are_told_by_month() {
    let it = read(rows("a 40 upgraded"));
    let months: Vec<(&str, f64)> =
        it.months.iter().take(3).map(|it| (&*it.month, it.exposure_days)).collect();
    assert_eq!(months[0].0, "2024-01");
    near(Some(months[0].1), 31.0);
    near(Some(months[1].1), 9.0);
    near(Some(months[2].1), 0.0);
    near(it.months[0].per_100_targets, 1550.0);
    assert_eq!((it.months[0].n_started, it.months[1].n_fixed), (1, 1));
}

#[test]
fn splits_are_there_where_rows_differ() {
    let it = read(rows("a 2 upgraded\nb 3 open"));
    let by: Vec<&str> = it.splits.iter().map(|it| it.by).collect();
    assert!(by.contains(&"severity") && by.contains(&"team"), "{by:?}");
    assert!(!by.contains(&"ecosystem") && !by.contains(&"direct"), "{by:?}");
    let severity = it.splits.iter().find(|it| it.by == "severity").unwrap();
    let names: Vec<&str> = severity.groups.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["high", "low"]);
}

proptest! {
    #[test]
    fn numbers_are_numbers(
        text in proptest::collection::vec(
            ("[abc]", 0.0f64..200.0, "upgraded|removed|suppressed|open"), 0..40,
        )
    ) {
        let lines: Vec<String> = text.iter().map(|(team, days, end)| format!("{team} {days} {end}")).collect();
        let it = read(rows(&lines.join("\n")));
        let mut groups = vec![&it.overall];
        groups.extend(it.splits.iter().flat_map(|it| &it.groups));
        for group in groups {
            prop_assert_eq!(group.n_rows, group.n_upgraded + group.n_removed + group.n_suppressed + group.n_open);
            let mut before = 1.0;
            for point in &group.curve {
                prop_assert!((0.0..=before + 1e-12).contains(&point.open));
                before = point.open;
                if let Some((lower, upper)) = point.lower.zip(point.upper) {
                    prop_assert!(lower <= point.open + 1e-9 && point.open <= upper + 1e-9);
                }
            }
            for share in &group.shares {
                let (Some(fixed), Some(upgraded)) = (share.fixed, share.upgraded) else { continue };
                prop_assert!(upgraded.value <= fixed.value + 1e-12);
                if let Some((lower, upper)) = fixed.interval {
                    prop_assert!((0.0..=1.0).contains(&lower) && (0.0..=1.0).contains(&upper));
                }
            }
        }
    }
}

#[test]
fn the_ages_are_the_readers() {
    let rows = rows("web 4 upgraded\nweb 8 upgraded\npay 12 open\npay 20 removed");
    let ages = Ages { shares: vec![5.0, 10.0], horizon: 10.0 };
    let input = Input {
        subject: "a test".to_owned(),
        definition: TIME_TO_FIX,
        ages,
        rows,
        cut: None,
        target_times: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
    };
    let readout = readout(input);
    let shares = &readout.overall.shares;
    assert_eq!(shares.iter().map(|it| it.days).collect::<Vec<_>>(), [5.0, 10.0]);
    near(shares[0].fixed.map(|it| it.value), 0.25);
    near(shares[1].fixed.map(|it| it.value), 0.5);
    // 4 days with four open, 4 with three, 2 with two.
    near(readout.overall.restricted_mean.map(|it| it.value), 4.0 + 3.0 + 1.0);
    assert!(readout.method.iter().any(|it| it.contains("up to 10 days")));
}
