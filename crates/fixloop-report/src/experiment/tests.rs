use std::borrow::Cow;

use fixloop_experiment::{
    Agreement, Analysis, Arm, CannotTest, Design, Differences, GuardrailReading, Guardrails,
    HealthCheck, HealthStatus, LookReading, Naive, Primary, Question, Registration, Sensitivity,
    Settings, Situation, TeamDot, TimeRatio, decide, digest, guardrails_together, health_status,
};
use fixloop_model::Ending;
use fixloop_readout::{CurvePoint, Definition, Group, Quantile, Readout, Row, Split};
use fixloop_stats::Jackknife;
use fixloop_stats::randomization::ConfidenceSet;
use proptest::prelude::*;

use super::*;

const DEFINITION: Definition = Definition {
    metric: Cow::Borrowed("time_to_event"),
    noun: ("finding", "findings"),
    unit: Cow::Borrowed("finding"),
    clock: Cow::Borrowed("the table's own origin"),
    event: Cow::Borrowed("status is a fix"),
    competing: Cow::Borrowed("every other code that is not 0"),
    dropped: Cow::Borrowed("withdrawn"),
    censored: Cow::Borrowed("0, open or censored"),
};

/// What a foreign name could be.
const HOSTILE: &str =
    "<script>alert('x')</script>\u{1b}[31m\u{202e}\" onload=\"x|`[a](b)`*_![x]\n# y & so on and on";

const WORDS_THAT_PROMISE: [&str; 4] = ["significant", "trending", "almost", "chance to win"];

fn row(arm: &str, at: u32) -> Row {
    Row {
        id: format!("{arm}{at}"),
        subject: "npm lodash".to_owned(),
        target: "shop:package-lock.json".to_owned(),
        team: None,
        ecosystem: None,
        severity: None,
        direct: None,
        arm: Some(arm.to_owned()),
        stratum: None,
        start: None,
        entry_days: None,
        time_days: f64::from(at * 7 % 50) + 1.0,
        outcome: if at.is_multiple_of(3) { Ending::Open } else { Ending::Upgraded },
        left_truncated: false,
    }
}

fn group(name: &str, shares: &[(f64, f64)]) -> Group {
    let point = |(at, (time_days, open)): (usize, &(f64, f64))| CurvePoint {
        time_days: *time_days,
        open: *open,
        lower: (at < 3).then_some(open - 0.2),
        upper: (at < 3).then_some((open + 0.1).min(1.0)),
        n_at_risk: 40 - 10 * at,
    };
    Group {
        name: name.to_owned(),
        n_rows: 40,
        n_upgraded: 20,
        n_removed: 0,
        n_suppressed: 0,
        n_open: 20,
        n_left_truncated: 0,
        n_teams: 8,
        median: Quantile::default(),
        shares: Vec::new(),
        restricted_mean: None,
        horizon_days: 14.0,
        interval_method: String::new(),
        curve: shares.iter().enumerate().map(point).collect(),
        conditional_from_days: None,
        exposure_days: 0.0,
        row_ids: Vec::new(),
    }
}

fn curves(names: &[String; 2]) -> Readout {
    let arms = [
        group(&names[0], &[(4.0, 0.9), (12.0, 0.7), (30.0, 0.5), (48.0, 0.4)]),
        group(&names[1], &[(2.0, 0.8), (9.0, 0.5), (21.0, 0.3), (40.0, 0.2)]),
    ];
    Readout {
        subject: "pilot.csv".to_owned(),
        definition: DEFINITION,
        cut: None,
        overall: group("all", &[]),
        splits: vec![Split { by: "arm", groups: arms.into() }],
        months: Vec::new(),
        slowest: Vec::new(),
        facts: Vec::new(),
        limits: Vec::new(),
        method: Vec::new(),
        rows: names.iter().flat_map(|arm| (0..40).map(|it| row(arm, it))).collect(),
    }
}

/// A pilot in words of its own: ratio with its ends, and p.
struct Pilot {
    design: Design,
    n_teams: [usize; 2],
    ratio: Result<[Option<f64>; 3], CannotTest>,
    p: Result<f64, CannotTest>,
    min_p: f64,
    arm_names: [String; 2],
    health: Vec<HealthCheck>,
    guardrails: Vec<GuardrailReading>,
    has_time_left: bool,
    outlook: Outlook,
    n_looks: usize,
}

fn pilot(low: f64, point: f64, high: f64, p: f64) -> Pilot {
    Pilot {
        design: Design::TeamRandomized,
        n_teams: [8, 8],
        ratio: Ok([Some(low), Some(point), Some(high)]),
        p: Ok(p),
        min_p: 2.0 / 12_870.0,
        arm_names: ["control".to_owned(), "alert".to_owned()],
        health: vec![health("sample ratio", HealthStatus::Healthy)],
        guardrails: vec![guardrail("override rate", Guardrails::Safe)],
        has_time_left: false,
        outlook: Outlook::default(),
        n_looks: 0,
    }
}

fn health(name: &'static str, status: HealthStatus) -> HealthCheck {
    HealthCheck { name, status, says: "8 of 16 teams were treated, as drawn".to_owned() }
}

fn guardrail(name: &str, answer: Guardrails) -> GuardrailReading {
    let (low, high) = match answer {
        Guardrails::Safe => (-3.0, 4.0),
        Guardrails::NotKnown => (-3.0, 24.0),
        Guardrails::Harm => (6.0, 31.0),
    };
    GuardrailReading {
        name: name.to_owned(),
        unit: "percent".to_owned(),
        control: Some(7.5),
        treated: Some(8.0),
        worsening: Some(f64::midpoint(low, high)),
        interval: Some((low, high)),
        margin: 20.0,
        answer,
        says: "overrides of all denials, by team".to_owned(),
        is_alarm: false,
    }
}

fn look(at: usize) -> LookReading {
    let day = 7.0 * (at as f64 + 1.0);
    LookReading {
        day,
        n_findings: 30 * (at + 1),
        n_fixed: 12 * (at + 1),
        statistic: (at > 0).then_some(0.4 + 0.1 * at as f64),
        threshold: (at > 1).then_some(0.9),
        spent: 0.05 * ((at as f64 + 1.0) / 5.0).powi(2),
        is_rejected: false,
        is_futile: false,
    }
}

fn dots(names: [usize; 2]) -> Vec<TeamDot> {
    let dot = |at: usize, arm: Arm| TeamDot {
        name: format!("team {at:02}"),
        arm,
        n_findings: 10 + at,
        n_fixed: 4 + at % 5,
        before: (!at.is_multiple_of(4)).then_some(9.0 + (at % 5) as f64),
        during: (at != 7).then_some(if arm == Arm::Treated { 6.0 } else { 9.5 } + (at % 4) as f64),
    };
    let control = (0..names[0]).map(|it| dot(it, Arm::Control));
    control.chain((0..names[1]).map(|it| dot(names[0] + it, Arm::Treated))).collect()
}

fn jackknife(estimate: f64) -> Jackknife {
    Jackknife { estimate, std_error: 0.3 * estimate.abs(), degrees_of_freedom: 14 }
}

fn differences(is_known: bool) -> Differences {
    Differences {
        horizon: 14.0,
        means: is_known.then_some([9.9, 7.5]),
        mean: is_known.then(|| jackknife(-2.4)),
        shares: Some([0.53, 0.68]),
        share: Some(jackknife(0.15)),
        dismissed: None,
        dismissal: None,
    }
}

fn sensitivity() -> Vec<Sensitivity> {
    let of = |name, estimate, p, agreement, reason: Option<&str>| Sensitivity {
        name,
        assumes: "errors between teams",
        estimate,
        p,
        agreement,
        reason: reason.map(str::to_owned),
    };
    vec![
        of("Cox model", Some(0.5), Some(0.02), Agreement::Agrees, None),
        of("share fixed", Some(0.1), Some(0.09), Agreement::Disagrees, None),
        of("Fine-Gray model", None, None, Agreement::CannotTell, Some("nothing was dismissed")),
    ]
}

fn question(
    health: Vec<HealthCheck>,
    guardrails: Vec<GuardrailReading>,
    has_time_left: bool,
) -> Question {
    Question {
        settings: Settings::default(),
        horizon: 14.0,
        worthwhile: 0.1,
        health,
        guardrails,
        has_time_left,
        schedule: None,
        now: None,
        advisories: None,
    }
}

fn report(it: Pilot) -> ExperimentReport {
    let primary = it.p.map(|p_value| Primary {
        p_value,
        p_greater: p_value / 2.0,
        min_p: Some(it.min_p),
        statistic: 0.6,
        n_assignments: 12_870,
        is_exhaustive: true,
        method: "randomisation test over all 12870 assignments of 8 and 8 units".to_owned(),
    });
    let ratio = it.ratio.map(|[low, point, high]| TimeRatio {
        low,
        high,
        point,
        set: ConfidenceSet { p_values: vec![(0.55, Some(1.0)), (1.0, None)], low, high, point },
    });
    let is_known = ratio.is_ok();
    let [low, point, high] = ratio.as_ref().map_or([None; 3], |it| [it.low, it.point, it.high]);
    let decision = decide(&Situation {
        is_healthy: health_status(&it.health) != HealthStatus::Unhealthy,
        is_tested: primary.is_ok(),
        can_reach_alpha: primary.as_ref().is_ok_and(|it| it.min_p.is_none_or(|it| it <= 0.05)),
        is_rejected: primary.as_ref().is_ok_and(|it| it.p_value <= 0.05),
        ratio: point,
        low,
        high,
        worthwhile: 0.1,
        guardrails: guardrails_together(&it.guardrails),
        has_time_left: it.has_time_left,
    });
    let has_test = primary.is_ok();
    ExperimentReport {
        subject: "pilot.csv".to_owned(),
        columns: "time = time, status = status, arm = arm, team = team".to_owned(),
        limits_from: "a column".to_owned(),
        question: question(it.health, it.guardrails, it.has_time_left),
        curves: curves(&it.arm_names),
        registration: Registration { lines: vec!["design: made up".to_owned()], hash: digest(&[]) },
        outlook: it.outlook,
        analysis: Analysis {
            design: it.design,
            n_teams: it.n_teams,
            n_findings: [192, 227],
            n_fixed: [130, 178],
            primary,
            team_test: None,
            ratio,
            differences: differences(is_known),
            sensitivity: if has_test { sensitivity() } else { Vec::new() },
            naive: Naive {
                closed_medians: [Some(12.5), Some(12.5)],
                closed_means: [Some(16.5), None],
                log_rank_p: Some(0.0004),
            },
            teams: dots(it.n_teams),
            looks: (0..it.n_looks).map(look).collect(),
            decision,
            observed: None,
            inside_test: None,
            waves: Vec::new(),
            withheld: None,
            arm_names: it.arm_names,
        },
    }
}

fn works() -> Pilot {
    let outlook = Outlook { n_looks: Some(5), ..Outlook::default() };
    Pilot { n_looks: 5, outlook, ..pilot(0.4, 0.55, 0.83, 0.017) }
}

fn cannot_tell_yet() -> Pilot {
    let outlook = Outlook {
        settles: Some("8 more teams or 5 more weeks".to_owned()),
        next_look_day: Some(28.0),
        n_looks: Some(8),
    };
    Pilot {
        n_looks: 3,
        outlook,
        has_time_left: true,
        n_teams: [6, 6],
        ..pilot(0.38, 0.65, 1.4, 0.199)
    }
}

fn all_censored() -> Pilot {
    Pilot {
        p: Err(CannotTest::NoEvent),
        ratio: Err(CannotTest::NoEvent),
        ..pilot(0.5, 0.5, 0.5, 0.5)
    }
}

fn no_limit() -> Pilot {
    Pilot { ratio: Err(CannotTest::NoLimit { n: 419 }), ..pilot(0.5, 0.5, 0.5, 0.012) }
}

/// Every kind of answer by the name of its snapshot.
fn pilots() -> Vec<(&'static str, Pilot)> {
    vec![
        ("works", works()),
        ("works_unchecked", Pilot { health: Vec::new(), ..works() }),
        ("cannot_tell_yet", cannot_tell_yet()),
        ("out_of_time", pilot(0.38, 0.65, 1.4, 0.199)),
        ("rejected", pilot(0.94, 1.3, 1.9, 0.3)),
        ("rejected_too_small", pilot(0.93, 0.96, 0.998, 0.03)),
        ("harms", pilot(1.08, 1.4, 2.1, 0.004)),
        (
            "guardrail_harm",
            Pilot {
                guardrails: vec![
                    guardrail("override rate", Guardrails::Harm),
                    guardrail("blocked minutes", Guardrails::NotKnown),
                ],
                ..pilot(0.4, 0.55, 0.83, 0.017)
            },
        ),
        ("guardrail_unknown", Pilot { guardrails: Vec::new(), ..pilot(0.4, 0.55, 0.83, 0.017) }),
        ("maybe_too_small", Pilot { has_time_left: true, ..pilot(0.7, 0.93, 0.99, 0.04) }),
        (
            "three_and_three",
            Pilot {
                n_teams: [3, 3],
                min_p: 0.1,
                ratio: Ok([None, Some(0.4), None]),
                ..pilot(0.5, 0.5, 0.5, 0.1)
            },
        ),
        ("no_limit", no_limit()),
        (
            "unhealthy",
            Pilot {
                health: vec![
                    health("sample ratio", HealthStatus::Healthy),
                    health("scanner version", HealthStatus::CannotTell),
                    HealthCheck {
                        says: "team web received the other arm for 9 days".to_owned(),
                        ..health("crossover", HealthStatus::Unhealthy)
                    },
                ],
                ..works()
            },
        ),
        ("all_censored", all_censored()),
        (
            "open_below",
            Pilot { ratio: Ok([None, Some(0.2), Some(0.7)]), ..pilot(0.5, 0.5, 0.5, 0.01) },
        ),
        (
            "open_above",
            Pilot { ratio: Ok([Some(0.6), Some(1.9), None]), ..pilot(0.5, 0.5, 0.5, 0.6) },
        ),
        ("inside_team", Pilot { design: Design::InsideTeam, ..cannot_tell_yet() }),
        ("observational", Pilot { design: Design::Observational, ..works() }),
    ]
}

fn text(report: &ExperimentReport) -> String {
    let mut out = Vec::new();
    write_experiment_text(report, &mut out).unwrap();
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

fn markdown(report: &ExperimentReport) -> String {
    let mut out = Vec::new();
    write_experiment_markdown(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn html(report: &ExperimentReport) -> String {
    let mut out = Vec::new();
    write_experiment_html(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn hostile() -> ExperimentReport {
    let mut report = report(Pilot {
        arm_names: [format!("0 {HOSTILE}"), HOSTILE.to_owned()],
        guardrails: vec![guardrail(HOSTILE, Guardrails::NotKnown)],
        ..cannot_tell_yet()
    });
    HOSTILE.clone_into(&mut report.subject);
    HOSTILE.clone_into(&mut report.columns);
    report.outlook.settles = Some(HOSTILE.to_owned());
    report.analysis.teams[0].name = HOSTILE.to_owned();
    report.analysis.teams[1].name = "x".repeat(4_000);
    report.question.guardrails[0].says = HOSTILE.to_owned();
    report.question.guardrails[0].unit = HOSTILE.to_owned();
    report
}

/// Numbers that nobody should have handed over.
fn broken() -> ExperimentReport {
    let (nan, infinite) = (f64::NAN, f64::INFINITY);
    let mut report = report(Pilot {
        ratio: Ok([Some(nan), Some(infinite), Some(-infinite)]),
        has_time_left: true,
        n_looks: 1,
        ..pilot(0.5, 0.5, 0.5, nan)
    });
    let it = &mut report.analysis;
    it.differences.horizon = nan;
    it.differences.mean = Some(jackknife(nan));
    it.differences.means = Some([nan, infinite]);
    it.teams[0].before = Some(nan);
    it.teams[0].during = Some(infinite);
    it.looks[0].statistic = Some(nan);
    it.looks[0].day = nan;
    report.question.guardrails[0].interval = Some((nan, infinite));
    report.question.guardrails[0].margin = nan;
    report.outlook.next_look_day = Some(nan);
    report.curves.splits[0].groups[0].curve[0].time_days = nan;
    report.curves.splits[0].groups[1].curve[1].time_days = infinite;
    report
}

/// Nothing at all.
fn empty() -> ExperimentReport {
    let mut report = report(Pilot {
        n_teams: [0, 0],
        health: Vec::new(),
        guardrails: Vec::new(),
        ..all_censored()
    });
    report.curves.splits.clear();
    report.curves.rows.clear();
    report.analysis.n_findings = [0, 0];
    report.analysis.n_fixed = [0, 0];
    report
}

/// The tags of a document as (name, attributes), which must nest.
fn tags(html: &str) -> Vec<(String, String)> {
    let (mut open, mut all) = (Vec::new(), Vec::new());
    let (head, body) = html.split_once("<style>").unwrap();
    let body = body.split_once("</style>").unwrap().1;
    for part in format!("{head}{body}").split('<').skip(1) {
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

/// Every report of this file with its name.
fn reports() -> Vec<(&'static str, ExperimentReport)> {
    let mut all: Vec<_> = pilots().into_iter().map(|(name, it)| (name, report(it))).collect();
    all.extend([("hostile", hostile()), ("broken", broken()), ("empty", empty())]);
    all
}

#[test]
fn verdicts() {
    let verdicts = pilots().into_iter().map(|(name, it)| {
        let report = report(it);
        let of = &report.analysis.decision;
        format!("{name} ({}): {}", of.verdict.as_str(), words::verdict(&report))
    });
    insta::assert_snapshot!(verdicts.collect::<Vec<_>>().join("\n"));
}

#[test]
fn texts() {
    let shown = [
        "works",
        "cannot_tell_yet",
        "rejected",
        "guardrail_harm",
        "three_and_three",
        "no_limit",
        "unhealthy",
        "all_censored",
        "observational",
        "hostile",
        "broken",
        "empty",
    ];
    for (name, report) in reports() {
        let text = text(&report);
        if shown.contains(&name) {
            insta::assert_snapshot!(format!("text_{name}"), text);
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 100 || name == "hostile", "{name}: {line}");
        }
    }
}

#[test]
fn markdowns() {
    for (name, report) in reports() {
        if matches!(name, "works" | "three_and_three" | "hostile" | "guardrail_harm") {
            insta::assert_snapshot!(format!("markdown_{name}"), markdown(&report));
        }
    }
}

#[test]
fn words_of_the_html() {
    for (name, report) in reports() {
        if matches!(name, "works" | "no_limit" | "hostile" | "unhealthy" | "empty") {
            insta::assert_snapshot!(format!("html_{name}"), words_of(&html(&report)));
        }
    }
}

#[test]
fn json_of_a_pilot() {
    for (name, report) in reports() {
        if matches!(name, "works" | "all_censored") {
            let json = serde_json::to_string_pretty(&experiment_json(&report)).unwrap();
            insta::assert_snapshot!(format!("json_{name}"), json);
        }
    }
}

#[test]
fn no_output_promises_more_than_the_interval() {
    for (name, report) in reports() {
        let json = experiment_json(&report).to_string();
        for output in [text(&report), markdown(&report), html(&report), json] {
            let output = output.to_lowercase();
            for word in WORDS_THAT_PROMISE {
                assert!(!output.contains(word), "{name}: `{word}`");
            }
            for raw in ["nan ", " nan", " inf ", "nan%", "null%"] {
                assert!(!output.contains(raw), "{name}: `{raw}`");
            }
        }
    }
}

#[test]
fn without_an_interval_no_size_of_an_effect_is_shown() {
    for (name, report) in reports() {
        if words::shown_ratio(&report.analysis).is_some() {
            continue;
        }
        for output in [text(&report), markdown(&report), html(&report)] {
            assert!(output.contains("No interval."), "{name}");
            for effect in ["sooner (", "% sooner", "% later", "best guess", "days less", "points"] {
                assert!(!output.contains(effect), "{name}: `{effect}`");
            }
        }
    }
}

#[test]
fn html_is_well_formed_and_loads_nothing() {
    for (name, report) in reports() {
        let html = html(&report);
        let tags = tags(&html);
        let ids: Vec<&str> = tags
            .iter()
            .filter_map(|(_, it)| Some(it.split_once(" id=\"")?.1.split_once('"')?.0))
            .collect();
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id), "{name}: `{id}` twice");
        }
        for (tag_name, tag) in &tags {
            assert!(!matches!(
                &**tag_name,
                "script" | "link" | "img" | "iframe" | "object" | "use"
            ));
            // Between quotes stand values, outside of them attributes.
            let attributes: String = tag.split('"').step_by(2).collect();
            assert!(!attributes.contains("src=") && !attributes.contains(" on"), "{tag}");
            if let Some((_, of)) = tag.split_once("aria-labelledby=\"") {
                for id in of.split_once('"').unwrap().0.split(' ') {
                    assert!(ids.contains(&id), "{name}: `{id}` is nowhere");
                }
            }
        }
        assert!(!html.contains("url(") && !html.contains("@import") && !html.contains("http:"));
        assert!(!html.contains("NaN") && !html.contains("inf\""), "{name}");
        assert!(!html.contains(['\u{202e}', '\u{1b}']), "{name}");
    }
}

#[test]
fn markdown_of_hostile_names_has_no_markup() {
    let markdown = markdown(&hostile());
    for line in markdown.lines() {
        let bare =
            line.replace("\\\\", "").replace("\\<", "").replace("\\`", "").replace("\\[", "");
        assert!(!bare.contains(['<', '`', '[']), "{line}");
        if line.starts_with('|') {
            let n = line.replace("\\|", "").matches('|').count();
            assert!([4, 5, 6, 7, 9].contains(&n), "{n} bars: {line}");
        }
    }
}

#[test]
fn many_teams_are_cut_and_counted() {
    let report = report(Pilot { n_teams: [1_500, 1_501], ..works() });
    let html = html(&report);
    tags(&html);
    assert!(html.contains("One in 8 of 3,001 teams, in their order."));
    let picture =
        html.split_once("<svg class=\"teams\"").unwrap().1.split_once("</svg>").unwrap().0;
    assert_eq!(picture.matches("<g class=\"treated\">").count(), 188);
    assert_eq!(picture.matches("<g class=\"control\">").count(), 188);
    assert!(html.contains("The first 2000 of 3001 teams; --format json has all."));
    assert!(markdown(&report).contains("And 2801 more."));
    assert!(text(&report).contains("and 2977 more (--format json has all)"));
}

#[test]
fn ranges_in_words() {
    let check = |low: f64, high: f64, expected: &str| {
        let set = ConfidenceSet { p_values: Vec::new(), low: None, high: None, point: None };
        let ratio = TimeRatio { low: Some(low), high: Some(high), point: None, set };
        assert_eq!(words::fits(&ratio), expected);
    };
    check(0.43, 0.94, "6 to 57 % sooner");
    check(0.55, 0.55, "45 % sooner");
    check(0.6, 0.998, "less than 1 to 40 % sooner");
    check(0.997, 0.998, "less than 1 % sooner");
    check(0.38, 1.4, "from 62 % sooner to 40 % later");
    check(1.0, 1.4, "from neither sooner nor later to 40 % later");
    check(0.998, 3.5, "from less than 1 % sooner to 250 % later");
    check(1.0, 1.0, "neither sooner nor later");
    check(1.2, 1.6, "20 to 60 % later");
    for (p, expected) in [
        (0.017, "p = 0.017"),
        (0.05, "p = 0.05"),
        (0.050_04, "p = 0.0500"),
        (0.050_3, "p = 0.0503"),
        (0.0002, "p < 0.001"),
        (1.0, "p = 1"),
        (f64::NAN, "p = not known"),
    ] {
        assert_eq!(words::p_equals(p), expected);
    }
}

/// Writes the pages to look at: `FIXLOOP_EXPERIMENT_PAGES=FOLDER cargo test -p fixloop-report pages_to_look_at`.
#[test]
fn pages_to_look_at() {
    let Ok(folder) = std::env::var("FIXLOOP_EXPERIMENT_PAGES") else { return };
    for (name, report) in reports() {
        std::fs::write(format!("{folder}/{name}.html"), html(&report)).unwrap();
        std::fs::write(format!("{folder}/{name}.md"), markdown(&report)).unwrap();
    }
}

proptest! {
    // A third of the ends is missing and a tenth is no number, so every branch of the words is reached.
    #[test]
    fn any_numbers_are_told_without_a_panic(
        ends in [end(), end(), end()],
        p in prop_oneof![4 => 0.0..1.0, 1 => Just(f64::NAN)],
        design in prop_oneof![
            Just(Design::TeamRandomized), Just(Design::InsideTeam), Just(Design::Observational)
        ],
        has_time_left: bool,
    ) {
        let report = report(Pilot {
            design, has_time_left, ratio: Ok(ends), ..pilot(0.5, 0.5, 0.5, p)
        });
        let is_shown = words::shown_ratio(&report.analysis).is_some();
        let html = html(&report);
        tags(&html);
        for output in [text(&report), markdown(&report), html] {
            prop_assert_eq!(output.contains("No interval."), !is_shown);
            prop_assert!(!output.contains("NaN") && !output.contains(" inf"), "{}", output);
            let confirms = output.contains("Works.") && design == Design::Observational;
            prop_assert!(!confirms);
        }
    }
}

fn end() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        3 => Just(None),
        6 => (0.05..4.0).prop_map(Some),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(0.0)].prop_map(Some),
    ]
}
