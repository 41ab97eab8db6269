use std::collections::BTreeMap;

use fixloop_policy::{Arm, Mode, Moment, Scope, Surface, Treatment};
use fixloop_program::record::*;
use jiff::civil::date;
use serde_json::json;

use super::*;

/// What a foreign name could be.
const HOSTILE: &str =
    "<script>alert('x')</script>\u{1b}[31m\u{202e}\" onload=\"x|`[a](b)`*_![x]\n# y & so on and on";

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + hours * 3_600).unwrap()
}

fn id(text: &str) -> ObjectId {
    text.parse().unwrap()
}

fn actor(name: &str) -> Actor {
    Actor::new(name).unwrap()
}

/// A record in the making: changes at hours since the start.
#[derive(Default)]
struct Making {
    entries: Vec<Entry>,
    record: Record,
}

impl Making {
    fn add(&mut self, hours: i64, object: &str, what: What) {
        let seq = self.record.seq + 1;
        let change = Change { object: id(object), what };
        let is_clock_set = seq.is_multiple_of(2);
        let entry = Entry { seq, at: at(hours), actor: actor("Laura"), is_clock_set, change };
        self.record.add(&entry).unwrap();
        self.entries.push(entry);
    }

    fn html(&self, now: i64) -> String {
        self.shown(now, write_program_html)
    }

    fn markdown(&self, now: i64) -> String {
        self.shown(now, write_program_markdown)
    }

    fn shown(
        &self,
        now: i64,
        write: impl Fn(&ProgramReport<'_>, &mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> String {
        let analysis = json!({ "time_ratio": 0.7, "interval": { "low": 0.6, "high": 0.85 } });
        let document = json!({ "analysis": analysis });
        let documents = BTreeMap::from([("d".repeat(64), document)]);
        let Self { record, entries } = self;
        let report = ProgramReport { record, entries, documents: &documents, now: at(now) };
        let mut out = Vec::new();
        write(&report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn basis() -> Basis {
    Basis {
        query_hash: "0123456789abcdef".repeat(4),
        cut: at(0),
        method: "late-alerts of fixloop 0.1.0".to_owned(),
        document: None,
    }
}

fn key_result(name: &str) -> KeyResultChange {
    let plan = KeyResultPlan {
        objective: id("objective-1"),
        statement: Some(name.to_owned()),
        metric: "time_to_fix".to_owned(),
        statistic: "restricted mean".to_owned(),
        unit: "days".to_owned(),
        population: "all".to_owned(),
        clock: "max(introduced, disclosed)".to_owned(),
        event: "upgraded or removed".to_owned(),
        target: Some("-20%".to_owned()),
        target_value: Some(22.5),
        reduction: Some(0.2),
        start: date(2026, 9, 21),
        end: Some(date(2026, 12, 20)),
        owner: Some("Laura".to_owned()),
        risk: None,
        guards: vec![GuardRecord {
            metric: "dismissal".to_owned(),
            value: Some(0.04),
            words: name.to_owned(),
        }],
    };
    let baseline = FrozenBaseline {
        value: Some(28.1),
        interval: Some((22.0, 35.5)),
        from: date(2025, 9, 21),
        until: date(2026, 9, 21),
        n_events: 412,
        n_teams: 12,
        exposure_days_per_100_targets_a_month: Some(310.5),
        basis: basis(),
    };
    let check = CheckRecord {
        letter: "M".to_owned(),
        name: "events".to_owned(),
        answer: "pass".to_owned(),
        words: "412 closed".to_owned(),
        way_out: None,
    };
    KeyResultChange::Created { plan, baseline, checks: vec![check] }
}

fn measured(hours: i64, value: f64, band: &str) -> What {
    What::KeyResult(KeyResultChange::Measured(Measurement {
        cut: at(hours),
        value: Some(value),
        interval: Some((value - 5.0, value + 6.0)),
        band: band.to_owned(),
        probability: Some(0.6),
        basis: basis(),
    }))
}

fn problem(believe: &str, supersedes: Option<&str>, hours: i64) -> What {
    What::Problem(ProblemChange::Created {
        believe: believe.to_owned(),
        key_result: id("kr-1"),
        insight_at: at(hours),
        supersedes: supersedes.map(id),
        assumptions: vec!["alerts are read".to_owned()],
    })
}

fn framed(query: Query) -> What {
    let name = "p1".to_owned();
    let prediction = Prediction { name, query, kill: 0.1, confirm: 0.25, min_n: 20 };
    What::Problem(ProblemChange::Framed { predictions: vec![prediction] })
}

fn judged(verdict: ProblemState, why: &str) -> What {
    What::Problem(ProblemChange::Judged { verdict, why: why.to_owned() })
}

fn gathering() -> What {
    What::Problem(ProblemChange::Gathering { why: "evidence was filed".to_owned() })
}

fn answered(problem: &str, stance: Stance, share: f64, verdict: &str) -> What {
    let answer = Answer {
        prediction: "p1".to_owned(),
        x: share * 100.0,
        n: 100.0,
        share: Some(share),
        interval: Some((share - 0.03, share + 0.05)),
        verdict: verdict.to_owned(),
        reason: None,
        n_teams: 12,
        basis: basis(),
    };
    What::Evidence(EvidenceChange::Filed(Box::new(Filed {
        problem: id(problem),
        kind: EvidenceKind::Telemetry,
        stance,
        strength: 3,
        answer: Some(answer),
        interview: None,
        source: None,
        words: format!("late-alerts: {verdict}"),
    })))
}

fn note(words: &str) -> What {
    What::Evidence(EvidenceChange::Filed(Box::new(Filed {
        problem: id("problem-2"),
        kind: EvidenceKind::Document,
        stance: Stance::Against,
        strength: 1,
        answer: None,
        interview: None,
        source: Some("javascript:alert(1)".to_owned()),
        words: words.to_owned(),
    })))
}

fn interview(name: &str) -> What {
    What::Interview(InterviewChange::Filed(InterviewNotes {
        problem: id("problem-2"),
        team: name.to_owned(),
        date: date(2026, 9, 22),
        quotes: vec!["We learn of it when the release is out.".to_owned()],
        stance: Stance::For,
        interviewee: Some("developer 2".to_owned()),
        role: None,
        interviewer: None,
        note_taker: None,
        medium: None,
        past_behavior: vec!["searched by hand".to_owned()],
        workarounds: Vec::new(),
        is_unprompted: Some(true),
        is_bothered: None,
        surprises: Vec::new(),
        referrals: Vec::new(),
        debrief: None,
        lints: vec!["line 9: `would you` asks for a guess".to_owned()],
        page: "p".repeat(64),
    }))
}

fn treatment(name: &str) -> What {
    What::Treatment(TreatmentChange::Created(TreatmentPlan {
        name: name.to_owned(),
        kind: TreatmentKind::IdeHint,
        data: Treatment {
            id: "treatment-1".to_owned(),
            version: 1,
            surface: Surface::Editor,
            moment: Moment::FirstReference,
            mode: Mode::Alert,
            scope: Scope::All,
            rule: None,
            threshold: None,
            words: Some(name.to_owned()),
            link: Some("javascript:alert(1)".to_owned()),
        },
        is_reversible: true,
        cost_days: Some(1.5),
    }))
}

fn solution() -> What {
    What::Solution(SolutionChange::Created(SolutionPlan {
        problem: id("problem-2"),
        treatment: id("treatment-1"),
        ring: id("ring-1"),
        metric: "time_to_fix".to_owned(),
        worthwhile: 0.1,
        within_days: 56,
        because: "developers see it before the code is committed".to_owned(),
        guards: vec!["dismissal".to_owned()],
        leading: LeadingMeasure { step: "seen".to_owned(), line: 0.5, within_hours: 24 },
    }))
}

fn rollout(making: &mut Making, name: &str) {
    let plan =
        RolloutPlan { solution: id("solution-1"), treatment: id("treatment-1"), holdout: 0.1 };
    making.add(24, "rollout-1", What::Rollout(RolloutChange::Planned(plan)));
    let ring = id("ring-1");
    let rows = ["web", name].map(|team| AssignmentRow {
        team: team.to_owned(),
        ring,
        arm: if team == "web" { Arm::Treated } else { Arm::Holdout },
        how: How::Drawn,
    });
    let assigned = RolloutChange::Assigned { rows: rows.to_vec() };
    making.add(25, "rollout-1", What::Rollout(assigned));
    let set_aside = Override {
        who: actor("Mallory"),
        why: name.to_owned(),
        rule: "a pilot needs a problem that is supported at least".to_owned(),
    };
    let ramped = RolloutChange::Ramped { ring, set_aside: Some(set_aside) };
    making.add(26, "rollout-1", What::Rollout(ramped));
}

fn experiment(making: &mut Making, name: &str) {
    let of = |it| What::Experiment(it);
    let created = ExperimentChange::Created {
        solution: id("solution-1"),
        rollout: id("rollout-1"),
        plan: None,
    };
    making.add(25, "experiment-1", of(created));
    let registered = Registered {
        design: "stratified".to_owned(),
        primary: "time_to_fix".to_owned(),
        alpha: 0.05,
        worthwhile: 0.1,
        horizon: 14.0,
        looks: vec![14.0, 28.0],
        history_days: 90,
        guards: vec!["dismissal".to_owned()],
        analysis_hash: "a".repeat(64),
    };
    making.add(25, "experiment-1", of(ExperimentChange::Registered(registered)));
    let started = Started { at: at(26), assignment: "b".repeat(64), bundle: 1, n_teams: 12 };
    making.add(26, "experiment-1", of(ExperimentChange::Started(started)));
    making.add(30, "experiment-1", of(ExperimentChange::FirstTelemetry { at: at(29) }));
    let frozen = FrozenReadout {
        experiment: id("experiment-1"),
        day: 14.0,
        is_planned: true,
        cut: at(362),
        analysis_hash: "a".repeat(64),
        method: "fixloop-experiment 0.1.0".to_owned(),
        inputs: BTreeMap::from([("findings.csv".to_owned(), "c".repeat(64))]),
        document: "d".repeat(64),
        verdict: "expand".to_owned(),
        rule: "the whole interval is a benefit, and worthwhile".to_owned(),
        sentence: format!("Works. 15-40% sooner (best guess 30%), 12 teams, p = .017. {name}"),
    };
    making.add(362, "readout-1", What::Readout(ReadoutChange::Frozen(frozen)));
    let readout = id("readout-1");
    making.add(362, "experiment-1", of(ExperimentChange::Looked { readout }));
    let why = "the last look".to_owned();
    making.add(362, "experiment-1", of(ExperimentChange::Analysed { readout, why }));
}

fn decided(name: &str) -> What {
    What::Decision(Decided {
        experiment: id("experiment-1"),
        readout: id("readout-1"),
        verdict: DecisionVerdict::Expand,
        recommended: "expand".to_owned(),
        rule: "the whole interval is a benefit, and worthwhile".to_owned(),
        against_recommendation: None,
        decided_by: vec![actor("Laura"), actor("Ines")],
        dissent: vec![Dissent { who: actor("Mallory"), words: name.to_owned() }],
        pivot: None,
        next: None,
    })
}

/// One turn of the loop, and a hypothesis that was rejected, with `name` wherever a person may type.
fn turned(name: &str) -> Making {
    let mut making = Making::default();
    let objective = ObjectiveChange::Created {
        statement: name.to_owned(),
        owner: Some("Laura".to_owned()),
        period: Some("2026 Q4".to_owned()),
        risk: None,
    };
    making.add(0, "objective-1", What::Objective(objective));
    making.add(0, "kr-1", What::KeyResult(key_result(name)));
    let checked = KeyResultChange::Checked { checks: Vec::new() };
    making.add(0, "kr-1", What::KeyResult(checked));
    let activated = KeyResultChange::Activated { why: None };
    making.add(0, "kr-1", What::KeyResult(activated));
    making.add(1, "problem-1", problem("upgrades break builds", None, 0));
    making.add(1, "problem-1", framed(Query::UpgradeRegressions));
    making.add(2, "problem-1", gathering());
    making.add(2, "evidence-1", answered("problem-1", Stance::Against, 0.04, "rejected"));
    let why = "upgrade-regressions: 4 % (1 % to 9 %), kill line 10 %";
    making.add(2, "problem-1", judged(ProblemState::Rejected, why));
    making.add(3, "problem-2", problem(name, Some("problem-1"), 2));
    making.add(4, "problem-2", framed(Query::LateAlerts));
    making.add(5, "problem-2", gathering());
    making.add(5, "evidence-2", answered("problem-2", Stance::For, 0.6, "supported"));
    making.add(5, "problem-2", judged(ProblemState::Supported, "late-alerts: 60 %"));
    making.add(6, "interview-1", interview(name));
    making.add(6, "evidence-3", note(name));
    let how = "asked again".to_owned();
    making.add(7, "evidence-3", What::Evidence(EvidenceChange::Answered { how }));
    making.add(20, "treatment-1", treatment(name));
    let ring = RingPlan {
        name: "pilot".to_owned(),
        ordinal: 1,
        teams: vec!["web".to_owned(), name.to_owned()],
        selection: Selection::Randomised,
    };
    making.add(20, "ring-1", What::Ring(RingChange::Created(ring)));
    making.add(21, "solution-1", solution());
    rollout(&mut making, name);
    experiment(&mut making, name);
    making.add(366, "decision-1", decided(name));
    let (decision, verdict) = (id("decision-1"), "expand".to_owned());
    let what = ExperimentChange::Decided { decision, verdict };
    making.add(366, "experiment-1", What::Experiment(what));
    making.add(170, "kr-1", measured(168, 27.0, "cannot tell yet"));
    making.add(370, "kr-1", measured(360, 21.0, "ahead"));
    let built = Built { version: 1, digest: "e".repeat(64), expires_at: at(5_000) };
    making.add(26, "policy-1", What::Policy(PolicyChange::Built(built)));
    making
}

#[test]
fn a_turn_is_shown_on_one_page() {
    insta::assert_snapshot!("html_turned", turned("late alerts").html(400));
}

#[test]
fn a_turn_is_exported() {
    insta::assert_snapshot!("markdown_turned", turned("late alerts").markdown(400));
}

#[test]
fn hostile_names_stay_text() {
    let making = turned(HOSTILE);
    let html = making.html(400);
    insta::assert_snapshot!("html_hostile", html);
    for forbidden in ["<script", "\" onload", "\u{1b}", "\u{202e}", "href=\"javascript", "://"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    let markdown = making.markdown(400);
    insta::assert_snapshot!("markdown_hostile", markdown);
    let unescaped = without_escapes(&markdown);
    for forbidden in ["<", "`", "[", "!", "\n# y", "\u{1b}", "\u{202e}"] {
        assert!(!unescaped.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn an_empty_record_says_what_to_do() {
    let making = Making::default();
    let html = making.html(0);
    for text in ["No hypothesis yet.", "No key result yet: fixloop okr create."] {
        assert!(html.contains(text), "{text}");
    }
    let mut text = Vec::new();
    write_clock_text(&making.record, at(0), &mut text).unwrap();
    let text = anstream_free(&text);
    assert_eq!(
        text,
        "No hypothesis yet, so no turn of the loop.\nNext: fixloop hypothesis create\n"
    );
}

/// What Markdown would read as markup.
fn without_escapes(text: &str) -> String {
    let mut kept = String::new();
    let mut chars = text.chars();
    while let Some(it) = chars.next() {
        if it == '\\' {
            chars.next();
        } else {
            kept.push(it);
        }
    }
    kept
}

/// Without styles.
fn anstream_free(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "")
}

fn clock_text(making: &Making, now: i64) -> String {
    let mut text = Vec::new();
    write_clock_text(&making.record, at(now), &mut text).unwrap();
    anstream_free(&text)
}

#[test]
fn clocks_tell_the_turn_and_its_stages() {
    insta::assert_snapshot!(clock_text(&turned("late alerts"), 400), @"
    From an insight to the first telemetry: median 27 hours (1 came there, 1 not or not yet); the aim is under 24 hours.

    stage                    median  95 % interval              reached  open
    framed                1.5 hours  1 hour to not reached            2     0
    first evidence           1 hour  no interval                      2     0
    problem verdict  under a minute  no interval                      2     0
    MVP live               21 hours  no interval                      1     0
    first telemetry         3 hours  no interval                      1     0
    first look            13.9 days  no interval                      1     0
    decision                4 hours  no interval                      1     0
    rolled out          not reached  no interval                      0     1
    Each from the stage before; what is open is censored now, 2026-10-08 06:13 UTC.

    problem-1  rejected  over
      upgrades break builds
      insight          2026-09-21 14:13 UTC
      framed           2026-09-21 15:13 UTC  after 1 hour
      first evidence   2026-09-21 16:13 UTC  after 1 hour
      problem verdict  2026-09-21 16:13 UTC  after under a minute

    problem-2  supported  next is rolled out, open for 34 hours
      late alerts
      insight          2026-09-21 16:13 UTC
      framed           2026-09-21 18:13 UTC  after 2 hours
      first evidence   2026-09-21 19:13 UTC  after 1 hour
      problem verdict  2026-09-21 19:13 UTC  after under a minute
      MVP live         2026-09-22 16:13 UTC  after 21 hours
      first telemetry  2026-09-22 19:13 UTC  after 3 hours
      first look       2026-10-06 16:13 UTC  after 13.9 days
      decision         2026-10-06 20:13 UTC  after 4 hours
    ");
}

#[test]
fn what_takes_over_twice_the_median_is_stuck() {
    let mut making = turned("late alerts");
    making.add(400, "problem-3", problem("nobody owns it", None, 400));
    making.add(400, "problem-3", framed(Query::NotUseful));
    let document = clock_json(&making.record, at(401));
    assert_eq!(document["loops"][2]["stuck"], Value::Null);
    let document = clock_json(&making.record, at(410));
    assert_eq!(document["loops"][2]["stuck"]["stage"], "first_evidence");
    assert_eq!(document["loops"][2]["open"]["hours"], 10.0);
    assert_eq!(document["loops"][1]["hours_to_telemetry"], 27.0);
    assert_eq!(document["insight_to_first_telemetry"]["n_censored"], 2);
    assert!(clock_text(&making, 410).contains("stuck: over twice the median of 1 hour"));
    assert!(making.html(410).contains("framed, stuck</text>"));
}

#[test]
fn a_key_result_is_never_shown_worse_than_its_band() {
    let mut making = turned("late alerts");
    making.add(500, "kr-1", measured(490, 30.0, "cannot tell yet"));
    let html = making.html(500);
    assert!(html.contains("Cannot tell yet. 30 days (25 to 36) on 2026-10-12."));
    for word in ["behind", "Behind", "worse", "significant", "trending", "almost", "#b3261e"] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn every_kind_of_object_is_exported() {
    let making = turned("late alerts");
    let markdown = making.markdown(400);
    for entry in &making.entries {
        let heading = format!("### {}: ", entry.change.object);
        assert!(markdown.contains(&heading), "{heading}");
    }
    let log = markdown.split("## Log").nth(1).unwrap();
    assert_eq!(log.lines().filter(|it| it.starts_with("| ")).count(), making.entries.len() + 2);
}
