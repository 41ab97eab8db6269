//! Readings of key results: by hand, and over many simulated organizations.

use fixloop_model::{Class, Ending, Opportunity, Rating, Severity, SeveritySource};
use fixloop_program::record::{GuardRecord, KeyResult, KeyResultState, Kind, ObjectId};
use fixloop_program::{Metric, Population};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::pilot::DAY;

/// What is planted since the key result's start.
#[derive(Clone, Copy)]
struct Planted {
    /// Times to fix, by this.
    ratio: f64,
    /// The share of packages that were public when they came in, and now never land.
    prevented: f64,
    /// The share of critical and high ones, before and since.
    severe: (f64, f64),
}

const NOTHING: Planted = Planted { ratio: 1.0, prevented: 0.0, severe: (0.5, 0.5) };

const BASELINE_DAYS: f64 = 365.0;

/// An organization whose teams differ, and keep differing.
struct Simulation {
    opportunities: Vec<Opportunity>,
    targets: Vec<TargetSpan>,
    days: f64,
}

fn day(days: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred days")]
    let microseconds = (days * DAY as f64) as i64;
    Timestamp(microseconds)
}

impl Simulation {
    fn new(seed: u64, n_teams: usize, days: f64, planted: Planted) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut opportunities, mut targets) = (Vec::new(), Vec::new());
        for team in 0..n_teams {
            let name = format!("team-{team}");
            let pace = (random.random::<f64>() - 0.5).exp() * 30.0;
            targets.extend((0..3).map(|_| TargetSpan {
                team: Some(name.clone()),
                first: day(0.0),
                last: day(BASELINE_DAYS + days),
            }));
            // What was open when the baseline began is there, too.
            let mut at = -150.0;
            loop {
                // One a week: a team's own.
                at += -random.random::<f64>().max(1e-12).ln() * 7.0;
                if at > BASELINE_DAYS + days {
                    break;
                }
                let is_since = at > BASELINE_DAYS;
                let was_public = random.random::<f64>() < 0.5;
                let is_prevented = random.random::<f64>() < planted.prevented;
                let severe = if is_since { planted.severe.1 } else { planted.severe.0 };
                let is_severe = random.random::<f64>() < severe;
                let mut time = -random.random::<f64>().max(1e-12).ln() * pace;
                if is_severe {
                    time /= 3.0;
                }
                if is_since {
                    time *= planted.ratio;
                }
                if is_since && was_public && is_prevented {
                    continue;
                }
                let it = opportunity(&name, (at, time, BASELINE_DAYS + days), is_severe);
                opportunities.push(it);
            }
        }
        Self { opportunities, targets, days }
    }

    fn question(&self) -> KeyResultQuestion {
        KeyResultQuestion {
            metric: Metric::TimeToFix,
            population: Population::All,
            baseline: Some(20.0),
            target: Some(16.0),
            baseline_window: (day(0.0), day(BASELINE_DAYS)),
            started: day(BASELINE_DAYS),
            cut: day(BASELINE_DAYS + self.days),
            deadline: Some(day(BASELINE_DAYS + 90.0)),
            guards: vec![GuardRecord {
                metric: "share_suppressed".to_owned(),
                value: Some(0.01),
                words: "closed by an exception".to_owned(),
            }],
        }
    }

    fn progress(&self) -> Progress {
        let (opportunities, targets) = (&self.opportunities, &self.targets);
        progress(self.question(), &Mined { exposures: &[], opportunities, targets })
    }
}

fn opportunity(team: &str, (at, time, cut): (f64, f64, f64), is_severe: bool) -> Opportunity {
    let is_open = at + time > cut;
    let rating = if is_severe { Rating::High } else { Rating::Low };
    Opportunity {
        id: format!("{team} {at}"),
        exposures: Vec::new(),
        repository: team.to_owned(),
        target: team.to_owned(),
        team: Some(team.to_owned()),
        ecosystem: "npm".to_owned(),
        name: "a".to_owned(),
        class: Class::Vulnerability,
        introduced: day(at),
        disclosed: day(at),
        left_truncated: false,
        start: day(at),
        entry: day(at),
        end: (!is_open).then(|| day(at + time)),
        last_seen: day(cut),
        outcome: if is_open { Ending::Open } else { Ending::Upgraded },
        severity: Some(Severity { rating, source: SeveritySource::Record }),
        direct: None,
        scope: None,
        n_regressions: 0,
        introducing_commit: String::new(),
        fixing_commit: None,
    }
}

/// Bands of so many organizations.
fn bands(n: u64, n_teams: usize, days: f64, planted: Planted) -> Vec<Progress> {
    (0..n).map(|seed| Simulation::new(seed, n_teams, days, planted).progress()).collect()
}

fn n_of(readings: &[Progress], band: &str) -> usize {
    readings.iter().filter(|it| it.band.as_str() == band).count()
}

/// 5 % of 120 and three standard errors: what chance alone may give.
const AT_MOST: usize = 13;

#[test]
fn no_change_is_seldom_called_one() {
    let readings = bands(120, 16, 60.0, NOTHING);
    let called = n_of(&readings, "ahead") + n_of(&readings, "behind");
    assert!(called <= AT_MOST, "{called}");
    let told = readings.iter().filter(|it| it.exposure_days.is_told()).count();
    assert!(told <= AT_MOST, "{told}");
}

#[test]
fn a_third_less_is_ahead_and_a_half_more_is_behind() {
    let faster = bands(20, 16, 80.0, Planted { ratio: 0.6, ..NOTHING });
    assert!(n_of(&faster, "ahead") >= 16, "{}", n_of(&faster, "ahead"));
    assert_eq!(n_of(&faster, "behind"), 0);
    let slower = bands(20, 16, 80.0, Planted { ratio: 1.8, ..NOTHING });
    assert!(n_of(&slower, "behind") >= 16, "{}", n_of(&slower, "behind"));
    assert_eq!(n_of(&slower, "ahead"), 0);
    let it = &faster[0];
    assert!(it.probability.unwrap() > 0.5 && it.likelihood() != Some("unlikely"));
}

#[test]
fn prevention_alone_is_never_called_worse() {
    let readings = bands(40, 24, 80.0, Planted { prevented: 0.5, ..NOTHING });
    assert_eq!(n_of(&readings, "behind"), 0);
    let fell = readings.iter().filter(|it| it.exposure_days.log_ratio.unwrap() < 0.0).count();
    assert!(fell >= 37, "{fell}");
    for it in &readings {
        let words = it.says.to_lowercase();
        for bad in ["worse", "behind", "rose", "setback"] {
            assert!(
                !words.contains(bad) || it.band.as_str() == "mix changed" && words.contains("fell"),
                "{words}"
            );
        }
    }
}

#[test]
fn another_mix_is_not_progress() {
    // Severe ones are fixed three times as fast: with more of them, the mean falls and nobody is faster.
    let readings = bands(20, 16, 80.0, Planted { severe: (0.2, 0.9), ..NOTHING });
    let told = readings.iter().filter(|it| it.raw.is_told());
    assert!(told.count() >= 10);
    let standardised = readings.iter().filter(|it| it.standardised.is_told()).count();
    assert!(standardised <= 3, "{standardised}");
}

#[test]
fn one_reading_in_full() {
    let simulation = Simulation::new(1, 12, 60.0, NOTHING);
    let it = simulation.progress();
    assert_eq!((it.raw.n_teams, it.raw.degrees_of_freedom), (12, 11));
    assert!(it.guards[0].of > 50 && it.guards[0].now == Some(0.0));
    // What is mined of the baseline's window today is not what was frozen.
    insta::assert_snapshot!(it.says, @"mean days open in the first 90 days: 21.7 days now, 20 days in the baseline. The baseline's window reads 18.2 days today: the ratio is to that. Ratio by team 1.19 (95 % 0.85 to 1.66). Cannot tell yet: more closures alone would not do; more teams, or a larger change, would.");
    let baseline = it.raw.before;
    let question =
        KeyResultQuestion { baseline, target: baseline.map(|it| it * 0.6), ..it.question };
    let (opportunities, targets) = (&simulation.opportunities, &simulation.targets);
    let it = progress(question, &Mined { exposures: &[], opportunities, targets });
    insta::assert_snapshot!(it.says, @"mean days open in the first 90 days: 21.7 days now, 18.2 days in the baseline. Ratio by team 1.19 (95 % 0.85 to 1.66). Cannot tell yet: a change as large as wanted would probably show by now, and the interval holds no change.");
}

#[test]
fn one_team_tells_nothing_of_noise() {
    let it = Simulation::new(1, 1, 60.0, Planted { ratio: 0.1, ..NOTHING }).progress();
    assert_eq!(it.band, Band::CannotTellYet { more_closures: None });
    assert_eq!((it.raw.interval, it.probability), (None, None));
}

#[test]
fn nothing_at_all_cannot_be_told() {
    let empty = Simulation { opportunities: Vec::new(), targets: Vec::new(), days: 60.0 };
    let it = empty.progress();
    assert_eq!(it.band, Band::CannotTellYet { more_closures: None });
    insta::assert_snapshot!(it.says, @"Cannot tell yet: too little was at risk since the start for a value.");
}

#[test]
fn exposure_days_by_hand() {
    let mut world = Simulation::new(1, 0, 30.0, NOTHING);
    for team in ["a", "b"] {
        // 100 days of the baseline's 365 in one target; then 15 of 30 days in it.
        world.opportunities.push(opportunity(team, (10.0, 100.0, 395.0), true));
        world.opportunities.push(opportunity(team, (380.0, 100.0, 395.0), true));
        let team = Some(team.to_owned());
        world.targets.push(TargetSpan { team, first: day(0.0), last: day(1_000.0) });
    }
    let it = world.progress().exposure_days;
    let month = 365.25 / 12.0;
    assert!((it.before.unwrap() - 100.0 / 365.0 * 100.0 * month).abs() < 1e-9);
    assert!((it.now.unwrap() - 0.5 * 100.0 * month).abs() < 1e-9);
    assert!((it.ratio().unwrap() - 0.5 * 365.0 / 100.0).abs() < 1e-9);
}

#[test]
fn a_question_is_what_the_record_says() {
    let plan = r#"{"objective":"objective-1","metric":"unfixed_14_days","statistic":"","unit":"share","population":"critical-high",
        "clock":"","event":"","target_value":0.4,"start":"1971-01-01","end":"1971-04-01","guards":[]}"#;
    let baseline = r#"{"value":0.5,"interval":null,"from":"1970-01-02","until":"1971-01-01","n_events":40,"n_teams":8,
        "basis":{"query_hash":"","cut":"1971-01-01T00:00:00Z","method":"","document":null}}"#;
    let mut key_result = KeyResult {
        id: ObjectId::new(Kind::KeyResult, 1),
        state: KeyResultState::Active,
        plan: serde_json::from_str(plan).unwrap(),
        baseline: serde_json::from_str(baseline).unwrap(),
        checks: Vec::new(),
        earlier_plans: Vec::new(),
        measurements: Vec::new(),
        history: Vec::new(),
    };
    let it = KeyResultQuestion::of(&key_result, day(400.0)).unwrap();
    assert_eq!((it.metric, it.population), (Metric::Unfixed14, Population::CriticalHigh));
    assert_eq!((it.baseline, it.target), (Some(0.5), Some(0.4)));
    assert_eq!(it.baseline_window, (day(1.0), day(365.0)));
    assert_eq!((it.started, it.cut), (day(365.0), day(400.0)));
    assert_eq!(it.deadline, Some(day(455.0)));
    key_result.plan.metric = "median".to_owned();
    assert_eq!(KeyResultQuestion::of(&key_result, day(400.0)), None);
}
