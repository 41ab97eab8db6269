//! Windows against the readout of everything.

use super::*;
use crate::{Input, TIME_TO_FIX, readout};

const DAY: i64 = 86_400_000_000;

fn row(team: usize, start: i64, days: f64, outcome: Ending) -> Row {
    Row {
        id: format!("{team} {start}"),
        subject: "npm a".to_owned(),
        target: "shop:package-lock.json".to_owned(),
        team: Some(format!("team {team}")),
        ecosystem: Some("npm".to_owned()),
        severity: None,
        direct: Some(true),
        arm: None,
        stratum: None,
        start: Some(Timestamp(start * DAY)),
        entry_days: None,
        time_days: days,
        outcome,
        left_truncated: false,
    }
}

/// Three teams, which take 10, 20 and 30 days and a few more with each row; every fifth row stays open.
fn rows() -> Vec<Row> {
    let row_of = |at: i64| {
        let team = usize::try_from(at % 3).unwrap();
        let days = 10.0 * (team + 1) as f64 + (at % 7) as f64;
        let is_open = at % 5 == 4;
        let outcome = if is_open { Ending::Open } else { Ending::Upgraded };
        row(team, 100 + 4 * at, if is_open { 120.0 } else { days }, outcome)
    };
    (0..60).map(row_of).collect()
}

#[test]
fn a_window_around_everything_says_what_the_readout_says() {
    let input = Input {
        subject: String::new(),
        rows: rows(),
        cut: Some(Timestamp(500 * DAY)),
        definition: TIME_TO_FIX,
        ages: Ages::default(),
        target_times: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
    };
    let all = in_window(&rows(), Timestamp(0), Timestamp(500 * DAY)).unwrap();
    assert_eq!(all.group("all"), readout(input).overall);
}

#[test]
fn what_ends_after_the_window_is_open_in_it() {
    let cut = in_window(&rows(), Timestamp(0), Timestamp(115 * DAY)).unwrap();
    let outcomes: Vec<Ending> = cut.rows().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Ending::Upgraded, Ending::Open, Ending::Open, Ending::Open]);
    assert!(in_window(&rows(), Timestamp(2), Timestamp(1)).is_none());
}

#[test]
fn the_spread_of_the_logarithm_fits_the_interval() {
    let all = in_window(&rows(), Timestamp(0), Timestamp(500 * DAY)).unwrap();
    let mean = all.group("all").restricted_mean.unwrap();
    let spread = all.log_spread(Statistic::MeanOpen).unwrap();
    assert!((spread.value - mean.value).abs() < 1e-12);
    assert_eq!(spread.n_fixed, 48);
    let (std_error, df) = spread.by_team.unwrap();
    assert_eq!(df, 2);
    // 4.303 is t of 0.975 and 2 degrees of freedom; the logarithm is close to linear over so small a spread.
    let half = (mean.interval.unwrap().1 - mean.value) / mean.value;
    assert!((4.303 * std_error - half).abs() < 0.1 * half, "{std_error} {half}");
    let open = all.log_spread(Statistic::Unfixed { days: 30.0 }).unwrap();
    assert!((1.0 - open.value - all.group("all").shares[2].fixed.unwrap().value).abs() < 1e-12);
}

#[test]
fn one_team_has_no_spread_by_team() {
    let one = in_window(&rows(), Timestamp(0), Timestamp(500 * DAY))
        .unwrap()
        .kept(|it| it.team.as_deref() == Some("team 1"));
    let spread = one.log_spread(Statistic::MeanOpen).unwrap();
    assert!(spread.by_team.is_none() && spread.by_row > 0.0);
}

#[test]
fn replicates_are_the_windows_without_each_cluster() {
    let all = in_window(&rows(), Timestamp(0), Timestamp(500 * DAY)).unwrap();
    let cluster = |it: &Row| usize::from(it.team.as_deref() == Some("team 1"));
    for statistic in [Statistic::MeanOpen, Statistic::Unfixed { days: 14.0 }] {
        let found = all.replicated(statistic, 2, cluster).unwrap();
        let spread = all.log_spread(statistic).unwrap();
        assert!((found.value - spread.value).abs() < 1e-12);
        assert!((found.std_error / found.value - spread.by_row).abs() < 1e-12);
        assert_eq!(found.n_fixed, spread.n_fixed);
        for (excluded, without) in found.without.iter().enumerate() {
            let kept = all.kept(|it| cluster(it) != excluded);
            let expected = kept.log_spread(statistic).unwrap().value;
            assert!((without.unwrap() - expected).abs() < 1e-12, "{excluded}");
        }
    }
}
