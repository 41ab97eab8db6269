use std::borrow::Cow;

use fixloop_model::{Ending, Rating, Timestamp};
use fixloop_readout::{
    CurvePoint, Definition, Estimate, Group, Month, Quantile, Readout, Row, Share, Slowest, Split,
};

use super::*;

const DEFINITION: Definition = Definition {
    metric: Cow::Borrowed("time to fix"),
    noun: ("opportunity", "opportunities"),
    unit: Cow::Borrowed("opportunity"),
    clock: Cow::Borrowed("the later of introduced and disclosed"),
    event: Cow::Borrowed("upgraded or removed"),
    competing: Cow::Borrowed("suppressed"),
    dropped: Cow::Borrowed("withdrawn"),
    censored: Cow::Borrowed("still open"),
};

/// Numbers that nobody could compute.
fn nothing(name: &str) -> Group {
    Group {
        name: name.to_owned(),
        n_rows: 0,
        n_upgraded: 0,
        n_removed: 0,
        n_suppressed: 0,
        n_open: 0,
        n_left_truncated: 0,
        n_teams: 0,
        median: Quantile::default(),
        shares: [7.0, 14.0, 30.0, 90.0]
            .map(|days| Share { days, fixed: None, upgraded: None })
            .into(),
        restricted_mean: None,
        horizon_days: 90.0,
        interval_method: String::new(),
        curve: Vec::new(),
        conditional_from_days: None,
        exposure_days: 0.0,
        row_ids: Vec::new(),
    }
}

fn empty() -> Readout {
    Readout {
        subject: "empty.csv".to_owned(),
        definition: DEFINITION,
        cut: None,
        overall: nothing("all"),
        splits: Vec::new(),
        months: Vec::new(),
        slowest: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
        method: Vec::new(),
        rows: Vec::new(),
    }
}

fn row(id: &str, team: &str, time_days: f64, outcome: Ending) -> Row {
    Row {
        id: id.to_owned(),
        subject: "npm lodash".to_owned(),
        target: "shop:package-lock.json".to_owned(),
        team: Some(team.to_owned()),
        ecosystem: Some("npm".to_owned()),
        severity: Some(Rating::High),
        direct: Some(true),
        arm: None,
        stratum: None,
        start: Some(Timestamp(1_717_200_000_000_000)),
        entry_days: None,
        time_days,
        outcome,
        left_truncated: false,
    }
}

fn one_row() -> Readout {
    let rows = vec![row("a1", "web", 40.0, Ending::Open)];
    let overall = Group {
        n_rows: 1,
        n_open: 1,
        n_teams: 1,
        exposure_days: 40.0,
        row_ids: vec!["a1".to_owned()],
        ..nothing("all")
    };
    Readout { subject: "1 repository".to_owned(), overall, rows, ..empty() }
}

/// What a foreign repository could be called.
const HOSTILE: &str = "<script>alert('x')</script>\u{1b}[31m\u{202e}\" onload=\"x";

fn measured(name: &str, ids: &[&str], median: f64) -> Group {
    let estimate = |value, lower, upper| Some(Estimate { value, interval: Some((lower, upper)) });
    let point = |time_days, open, band: Option<(f64, f64)>, n_at_risk| CurvePoint {
        time_days,
        open,
        lower: band.map(|it| it.0),
        upper: band.map(|it| it.1),
        n_at_risk,
    };
    Group {
        n_rows: ids.len(),
        n_upgraded: 2,
        n_removed: 1,
        n_suppressed: 1,
        n_open: 1,
        n_left_truncated: 1,
        n_teams: 2,
        median: Quantile { value: Some(median), lower: Some(3.25), upper: None },
        shares: vec![
            Share { days: 7.0, fixed: estimate(0.2, 0.05, 0.5), upgraded: None },
            Share {
                days: 30.0,
                fixed: estimate(0.6, 0.31, 0.87),
                upgraded: estimate(0.4, 0.1, 0.7),
            },
            Share { days: 90.0, fixed: None, upgraded: None },
        ],
        restricted_mean: estimate(21.04, 11.0, 31.96),
        interval_method: "by row (Greenwood); one team only".to_owned(),
        curve: vec![
            point(4.0, 0.8, Some((0.4, 0.95)), 5),
            point(12.5, 0.6, Some((0.2, 0.85)), 4),
            point(20.0, 0.4, None, 3),
            point(61.0, 0.4, None, 1),
        ],
        exposure_days: 117.5,
        row_ids: ids.iter().map(|&it| it.to_owned()).collect(),
        ..nothing(name)
    }
}

fn hostile() -> Readout {
    let ids = ["a1", "b2", "c3", "d4", HOSTILE];
    let rows = vec![
        row("a1", "web", 4.0, Ending::Upgraded),
        Row { entry_days: Some(2.5), ..row("b2", "@org/web", 12.5, Ending::Upgraded) },
        row("c3", "-2+3", 20.0, Ending::Removed),
        Row { severity: None, direct: None, ..row("d4", "web", 20.0, Ending::Suppressed) },
        Row {
            subject: HOSTILE.to_owned(),
            start: None,
            team: None,
            ..row(HOSTILE, "", 61.0, Ending::Open)
        },
    ];
    let group = |name: &str| measured(name, &ids[..2], 12.5);
    Readout {
        subject: "2 repositories".to_owned(),
        definition: DEFINITION,
        cut: Some(Timestamp(1_735_689_600_000_000)),
        overall: measured("all", &ids, 12.5),
        splits: vec![
            Split { by: "ecosystem", groups: vec![group("npm"), nothing("PyPI"), group(HOSTILE)] },
            Split { by: "team", groups: vec![group("web")] },
        ],
        months: vec![
            Month {
                month: "2024-06".to_owned(),
                exposure_days: 61.0,
                n_targets: 2,
                per_100_targets: Some(3_050.0),
                n_started: 5,
                n_fixed: 3,
            },
            Month {
                month: "2024-07".to_owned(),
                exposure_days: 0.0,
                n_targets: 0,
                per_100_targets: None,
                n_started: 0,
                n_fixed: 0,
            },
        ],
        slowest: vec![Slowest {
            subject: HOSTILE.to_owned(),
            n_rows: 1,
            n_open: 1,
            exposure_days: 61.0,
            median: Quantile::default(),
            row_ids: vec![HOSTILE.to_owned()],
        }],
        facts: vec![("known at introduction".to_owned(), "1 of 5".to_owned())],
        limits: vec!["What was never merged into the main branch is not seen.".to_owned()],
        method: vec!["Shares are cumulative incidences (Aalen and Johansen 1978).".to_owned()],
        rows,
    }
}

fn text(readout: &Readout) -> String {
    let mut out = Vec::new();
    write_readout_text(readout, &mut out).unwrap();
    plain(&String::from_utf8(out).unwrap())
}

/// Without terminal styles, as a pipe gets it; everything else of an escape would stay visible.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

fn html(readout: &Readout) -> String {
    let mut out = Vec::new();
    write_readout_html(readout, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The tags of a document as (name, attributes), which must nest: `br` and its like have no end.
fn tags(html: &str) -> Vec<(String, String)> {
    let (mut open, mut all) = (Vec::new(), Vec::new());
    let style = html.split_once("</style>").unwrap();
    let head = style.0.split_once("<style>").unwrap().0;
    for part in format!("{head}{}", style.1).split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("a tag ends");
        let name = tag.trim_end_matches('/').split_whitespace().next().unwrap().to_owned();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed), "near {part}");
            continue;
        }
        all.push((name.clone(), tag.to_owned()));
        if !tag.ends_with('/') && !matches!(&*name, "!doctype" | "meta") {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    all
}

/// The text that a reader gets, a line for each run of it.
fn words_of(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let texts = body.split('<').filter_map(|it| it.split_once('>')).map(|(_, text)| text.trim());
    texts.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn text_of_no_rows() {
    insta::assert_snapshot!(text(&empty()));
}

#[test]
fn text_of_one_row() {
    insta::assert_snapshot!(text(&one_row()));
}

#[test]
fn text_of_hostile_names() {
    let text = text(&hostile());
    insta::assert_snapshot!(text);
}

#[test]
fn text_of_many_rows_fits_a_screen() {
    let text = text(&realistic());
    insta::assert_snapshot!(text);
    assert!(text.lines().count() <= 42);
}

#[test]
fn json_of_hostile_names() {
    let json = serde_json::json!({
        "summary": readout_json(&hostile()),
        "rows": rows_json(&hostile().rows[3..]),
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn csv_of_hostile_names() {
    let mut out = Vec::new();
    write_rows_csv(&hostile().rows, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn words_of_the_html() {
    for (name, readout) in [("empty", empty()), ("one_row", one_row()), ("hostile", hostile())] {
        insta::assert_snapshot!(format!("html_{name}"), words_of(&html(&readout)));
    }
}

#[test]
fn html_is_well_formed_and_loads_nothing() {
    for readout in [empty(), one_row(), hostile()] {
        let html = html(&readout);
        let tags = tags(&html);
        let ids: Vec<&str> = tags
            .iter()
            .filter_map(|(_, it)| Some(it.split_once(" id=\"")?.1.split_once('"')?.0))
            .collect();
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id), "`{id}` twice");
        }
        for (name, tag) in &tags {
            assert!(!matches!(&**name, "script" | "link" | "img" | "iframe" | "object" | "use"));
            // Between quotes stand values, outside of them attributes.
            let attributes: String = tag.split('"').step_by(2).collect();
            assert!(!attributes.contains("src=") && !attributes.contains(" on"), "{tag}");
            if let Some((_, target)) = tag.split_once("href=\"") {
                let target = target.strip_prefix('#').unwrap().split_once('"').unwrap().0;
                assert!(ids.contains(&target), "`{target}` is nowhere");
            }
        }
        assert!(!html.contains("url(") && !html.contains("@import") && !html.contains("http:"));
        assert!(!html.contains("NaN") && !html.contains("inf\""));
    }
}

#[test]
fn a_long_table_says_that_it_is_cut() {
    let rows: Vec<Row> =
        (0..2_001).map(|it| row(&format!("r{it}"), "web", f64::from(it), Ending::Open)).collect();
    let ids = rows.iter().map(|it| it.id.clone()).collect();
    let readout = Readout {
        overall: Group { n_rows: 2_001, row_ids: ids, ..nothing("all") },
        rows,
        ..empty()
    };
    let html = html(&readout);
    assert!(html.contains("The first 2,000 of 2,001 rows. --format csv gives all of them."));
    assert!(html.contains("and 1,801 more: --format csv"));
    assert_eq!(html.matches("<tr id=\"row-").count(), 2_000);
}

/// Writes a picture of many rows to look at: `FIXLOOP_HTML=FILE cargo test -p fixloop-report realistic`.
#[test]
fn a_realistic_readout_is_well_formed() {
    let html = html(&realistic());
    tags(&html);
    if let Ok(path) = std::env::var("FIXLOOP_HTML") {
        std::fs::write(path, html).unwrap();
    }
}

const PACKAGES: [&str; 5] =
    ["npm lodash", "npm minimist", "PyPI urllib3", "cargo time", "npm semver"];

/// 240 rows over twelve teams, by a fixed rule instead of chance.
fn many_rows() -> Vec<Row> {
    (0..240_u32)
        .map(|it| {
            let time = f64::from(it * 37 % 239).powf(1.35) / 6.0 + 0.5;
            let outcome = match it % 7 {
                0 | 3 => Ending::Open,
                5 => Ending::Removed,
                6 if it % 3 == 0 => Ending::Suppressed,
                _ => Ending::Upgraded,
            };
            let subject = PACKAGES[it as usize % 5].to_owned();
            Row {
                ecosystem: subject.split(' ').next().map(str::to_owned),
                severity: Some([Rating::Critical, Rating::High, Rating::Medium][it as usize % 3]),
                direct: Some(it % 4 == 0),
                subject,
                ..row(
                    &format!("{:08x}", it.wrapping_mul(2_654_435_761)),
                    &format!("team {}", it % 12),
                    time,
                    outcome,
                )
            }
        })
        .collect()
}

/// Its band is made up: only its shape matters here.
fn falling(rows: &[Row]) -> Vec<CurvePoint> {
    let (mut open, mut curve) = (1.0, Vec::new());
    for day in 1..=210 {
        let time_days = f64::from(day);
        let n_at_risk = rows.iter().filter(|it| it.time_days > time_days - 1.0).count();
        let ends = |it: &&Row| {
            time_days - 1.0 < it.time_days
                && it.time_days <= time_days
                && it.outcome != Ending::Open
        };
        let n = rows.iter().filter(ends).count();
        if n > 0 {
            open *= 1.0 - n as f64 / n_at_risk as f64;
            let half = 0.09 * f64::sqrt(open * 4.0);
            let (lower, upper) = (Some((open - half).max(0.0)), Some((open + half).min(1.0)));
            curve.push(CurvePoint { time_days, open, lower, upper, n_at_risk });
        }
    }
    curve
}

fn all_of(rows: &[Row], ids: &[&str]) -> Group {
    Group {
        n_rows: 240,
        n_upgraded: 126,
        n_removed: 34,
        n_suppressed: 12,
        n_open: 68,
        n_teams: 12,
        median: Quantile { value: Some(74.0), lower: Some(61.5), upper: Some(92.0) },
        shares: [(7.0, 0.05), (14.0, 0.11), (30.0, 0.24), (90.0, 0.57)]
            .map(|(days, value)| Share {
                days,
                fixed: Some(Estimate { value, interval: Some((value - 0.04, value + 0.06)) }),
                upgraded: None,
            })
            .into(),
        restricted_mean: Some(Estimate { value: 61.4, interval: Some((54.0, 69.2)) }),
        interval_method: "by team (jackknife, 11 degrees of freedom)".to_owned(),
        curve: falling(rows),
        ..measured("all", ids, 74.0)
    }
}

fn realistic() -> Readout {
    let rows = many_rows();
    let ids: Vec<&str> = rows.iter().map(|it| &*it.id).collect();
    let group = |name: &str, at: usize| Group {
        n_rows: 60,
        n_upgraded: 31,
        n_open: 18,
        n_teams: 12,
        ..measured(name, &ids[at * 40..at * 40 + 40], 20.0 + at as f64 * 13.7)
    };
    let split = |by, names: &[&str]| Split {
        by,
        groups: names.iter().enumerate().map(|(at, it)| group(it, at % 5)).collect(),
    };
    let month = |at: u32| Month {
        month: format!("{}-{:02}", 2023 + at / 12, at % 12 + 1),
        exposure_days: f64::from(1_200 - at * 31 + at * 57 % 200),
        n_targets: 48,
        per_100_targets: Some(f64::from(1_200 - at * 31 + at * 57 % 200) / 0.48),
        n_started: 20,
        n_fixed: 14,
    };
    let slow = |at: usize| Slowest {
        subject: PACKAGES[at].to_owned(),
        n_rows: 48,
        n_open: 9,
        exposure_days: 2_310.4 - at as f64 * 210.0,
        median: Quantile { value: Some(88.0), lower: Some(61.0), upper: None },
        row_ids: ids[at * 20..at * 20 + 20].iter().map(|&it| it.to_owned()).collect(),
    };
    Readout {
        subject: "48 repositories".to_owned(),
        overall: all_of(&rows, &ids),
        splits: vec![
            split("ecosystem", &["npm", "PyPI", "cargo"]),
            split("severity", &["critical", "high", "medium", "not rated"]),
            split("direct", &["direct", "transitive"]),
            split("period", &["2023, first half", "2023, second half", "2024, first half"]),
            split("team", &["team 0", "team 1", "team 2", "team 3", "team 4", "team 5"]),
        ],
        months: (0..24).map(month).collect(),
        slowest: (0..5).map(slow).collect(),
        rows,
        ..hostile()
    }
}
