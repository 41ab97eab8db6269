//! What is shown, once for all formats: every text is visible already, and only escaping is left to do.

use fixloop_experiment::{
    Agreement, Analysis, Design, Differences, GuardrailReading, HealthStatus, LookReading,
    Sensitivity, WaveReading, health_status,
};
use fixloop_readout::Group;
use fixloop_stats::{Jackknife, Level};

use super::{ExperimentReport, chart, words};
use crate::readout::words::{CANNOT_TELL, count, counted, days, number};
use crate::visible::visible;

pub(super) struct View {
    pub(super) subject: String,
    pub(super) badge: Option<&'static str>,
    pub(super) head: &'static str,
    pub(super) sentence: String,
    /// `expand: fixes come sooner, …`.
    pub(super) decision: String,
    /// Or why there is no interval: then nothing of an effect is shown anywhere.
    pub(super) effect: Result<EffectView, String>,
    /// Why the interval decides nothing, where it does not.
    pub(super) effect_note: Option<&'static str>,
    pub(super) sure: Vec<(&'static str, String)>,
    pub(super) guardrails: Vec<GuardrailView>,
    pub(super) guardrails_say: String,
    pub(super) health: Vec<HealthView>,
    pub(super) health_says: String,
    pub(super) curves: CurvesView,
    pub(super) teams: Vec<TeamView>,
    /// What a team's two means are of.
    pub(super) times: [&'static str; 2],
    pub(super) has_history: bool,
    pub(super) horizon: String,
    pub(super) method: Vec<(&'static str, String)>,
    pub(super) sensitivity: Vec<SensitivityView>,
    pub(super) sensitivity_says: String,
    pub(super) naive: Vec<(&'static str, String)>,
    pub(super) looks: Vec<[String; 6]>,
    pub(super) cannot_tell: Vec<String>,
}

pub(super) struct EffectView {
    /// `6 to 57 % sooner`.
    pub(super) percent: String,
    pub(super) best: String,
    /// The difference of mean days open: value, or that it cannot be told.
    pub(super) days: String,
    pub(super) days_best: String,
    pub(super) differences: Vec<DifferenceView>,
}

pub(super) struct DifferenceView {
    pub(super) what: String,
    /// Treated, control, difference, interval.
    pub(super) cells: [String; 4],
}

pub(super) struct GuardrailView {
    pub(super) name: String,
    pub(super) answer: &'static str,
    /// For a style: without a space.
    pub(super) class: &'static str,
    /// Treated, control, worse by, interval, safe up to.
    pub(super) cells: [String; 5],
    pub(super) says: String,
}

pub(super) struct HealthView {
    pub(super) name: &'static str,
    pub(super) status: &'static str,
    pub(super) says: String,
}

/// Shares still open by age, arm by arm.
pub(super) struct CurvesView {
    /// Treated and control.
    pub(super) names: [String; 2],
    pub(super) ages: Vec<AgeView>,
    pub(super) notes: Vec<String>,
}

pub(super) struct AgeView {
    pub(super) age: String,
    /// Treated and control.
    pub(super) at_risk: [String; 2],
    pub(super) open: [String; 2],
}

pub(super) struct TeamView {
    pub(super) name: String,
    pub(super) arm: String,
    pub(super) is_treated: bool,
    pub(super) n_findings: String,
    pub(super) n_fixed: String,
    pub(super) before: Option<f64>,
    pub(super) during: Option<f64>,
}

pub(super) struct SensitivityView {
    pub(super) name: &'static str,
    pub(super) agreement: &'static str,
    pub(super) direction: &'static str,
    pub(super) p: String,
    /// What it assumes, or why it could not be made.
    pub(super) says: String,
}

/// The order of columns: what was tried stands first.
pub(super) const ARMS: [usize; 2] = [1, 0];

pub(super) fn view(report: &ExperimentReport) -> View {
    let it = &report.analysis;
    let horizon = days(it.differences.horizon);
    let health = &report.question.health;
    View {
        subject: visible(&report.subject).into_owned(),
        badge: words::badge(it.design),
        head: words::head(it),
        sentence: words::sentence(report),
        decision: format!("{}: {}", it.decision.verdict.as_str(), words::rule(it)),
        effect: effect(it),
        effect_note: (health_status(health) == HealthStatus::Unhealthy)
            .then_some("The experiment is not healthy, so this interval decides nothing."),
        sure: sure(report),
        guardrails: report.question.guardrails.iter().map(guardrail).collect(),
        guardrails_say: words::guardrails(report),
        health_says: match health.len() {
            0 => "Health was not checked.".to_owned(),
            n => format!(
                "{} of the experiment's health: {}.",
                words::capitalized(&counted(n, "check", "checks")),
                words::health(health_status(health))
            ),
        },
        health: health
            .iter()
            .map(|it| HealthView {
                name: it.name,
                status: words::health(it.status),
                says: words::capitalized(&visible(&it.says)),
            })
            .collect(),
        curves: curves(report),
        teams: teams(it),
        times: match it.design {
            Design::InsideTeam => ["control", "treated"],
            Design::TeamRandomized | Design::Observational => ["before", "during"],
        },
        has_history: it.teams.iter().any(|it| it.before.is_some()),
        horizon,
        method: method(report),
        sensitivity: it
            .sensitivity
            .iter()
            .map(|of| sensitivity(of, words::shown_ratio(it).is_some()))
            .collect(),
        sensitivity_says: sensitivity_says(&it.sensitivity),
        naive: naive(it),
        looks: it.looks.iter().enumerate().map(|(at, it)| look(at, it)).collect(),
        cannot_tell: words::cannot_tell(it).iter().map(|it| visible(it).into_owned()).collect(),
    }
}

fn effect(it: &Analysis) -> Result<EffectView, String> {
    let Some(ratio) = words::shown_ratio(it) else {
        return Err(format!("{}.", visible(&words::no_interval(it))));
    };
    let mean = it.differences.mean.as_ref().and_then(finite_interval);
    let best = |value: f64, [control, treated]: [f64; 2]| {
        let difference = Unit::Days.difference(value);
        format!("best guess {difference}: {} against {}", number(treated), number(control))
    };
    Ok(EffectView {
        percent: words::capitalized(&words::fits(ratio)),
        best: ratio.point.map_or("no best guess".to_owned(), |it| words::best_guess(ratio, it)),
        days: mean.map_or_else(
            || words::capitalized(CANNOT_TELL),
            |(low, high)| words::capitalized(&words::difference(low, high, " days")),
        ),
        days_best: match (&it.differences.mean, it.differences.means) {
            (Some(of), Some(means)) if mean.is_some() => best(of.estimate, means),
            _ => "a curve ends before, or an arm has one team".to_owned(),
        },
        differences: differences(&it.differences),
    })
}

fn finite_interval(of: &Jackknife) -> Option<(f64, f64)> {
    let it = of.interval(Level::P95);
    (it.lower.is_finite() && it.upper.is_finite()).then_some((it.lower, it.upper))
}

fn differences(it: &Differences) -> Vec<DifferenceView> {
    let age = days(it.horizon);
    vec![
        difference(format!("mean open, first {age}"), it.means, it.mean.as_ref(), Unit::Days),
        difference(format!("fixed within {age}"), it.shares, it.share.as_ref(), Unit::Points),
        difference(
            format!("dismissed within {age}"),
            it.dismissed,
            it.dismissal.as_ref(),
            Unit::Points,
        ),
    ]
}

#[derive(Clone, Copy)]
enum Unit {
    Days,
    /// Of percent; values are shares.
    Points,
}

impl Unit {
    fn value(self, value: f64) -> String {
        match self {
            Self::Days => days(value),
            Self::Points => format!("{} %", number(value * 100.0)),
        }
    }

    fn scale(self) -> f64 {
        match self {
            Self::Days => 1.0,
            Self::Points => 100.0,
        }
    }

    fn many(self) -> &'static str {
        match self {
            Self::Days => " days",
            Self::Points => " points",
        }
    }

    fn difference(self, value: f64) -> String {
        let value = value * self.scale();
        let is_one = number(value.abs()) == "1";
        words::one_difference(
            value,
            if is_one { self.many().trim_end_matches('s') } else { self.many() },
        )
    }
}

/// A difference without its interval would be an effect without one: then neither is shown.
fn difference(
    what: String,
    values: Option<[f64; 2]>,
    of: Option<&Jackknife>,
    unit: Unit,
) -> DifferenceView {
    let interval = of.and_then(finite_interval);
    let told = |text: Option<String>| text.unwrap_or_else(|| CANNOT_TELL.to_owned());
    let scale = unit.scale();
    DifferenceView {
        what,
        cells: [
            told(values.map(|it| unit.value(it[1]))),
            told(values.map(|it| unit.value(it[0]))),
            told(of.filter(|_| interval.is_some()).map(|it| unit.difference(it.estimate))),
            told(
                interval
                    .map(|(low, high)| words::difference(low * scale, high * scale, unit.many())),
            ),
        ],
    }
}

fn sure(report: &ExperimentReport) -> Vec<(&'static str, String)> {
    let it = &report.analysis;
    let alpha = words::p_value(report.question.settings.alpha);
    let mut lines = Vec::new();
    match &it.primary {
        Ok(primary) => {
            lines.push(("p", format!("{} ({alpha} is asked)", words::p_value(primary.p_value))));
            if let Some(min_p) = primary.min_p {
                lines.push(("smallest p possible", words::p_value(min_p)));
            }
            let which = if primary.is_exhaustive { "all that were possible" } else { "drawn" };
            let n = counted(primary.n_assignments, "assignment", "assignments");
            if primary.n_assignments > 0 {
                lines.push(("compared with", format!("{n}, {which}")));
            }
        }
        Err(error) => lines.push(("p", format!("{CANNOT_TELL}: {}", visible(&error.to_string())))),
    }
    let arms = if it.withheld.is_some() { &ARMS[..0] } else { &ARMS[..] };
    for (at, what) in arms.iter().copied().zip(["treated", "control"]) {
        let teams = counted(it.n_teams[at], "team", "teams");
        let findings = counted(it.n_findings[at], "finding", "findings");
        let name = words::short(&it.arm_names[at]);
        let fixed = count(it.n_fixed[at]);
        lines.push((what, format!("“{name}”: {teams}, {findings}, {fixed} fixed")));
    }
    lines.push(("design", words::design_says(it.design).to_owned()));
    if let Some(look) = words::look(report) {
        let day =
            it.looks.last().map_or_else(String::new, |it| format!(", day {}", number(it.day)));
        lines.push(("looks", format!("{look}{day}")));
    }
    let next = match (report.outlook.next_look_day, report.question.has_time_left) {
        (Some(day), _) => format!("day {}", number(day)),
        (None, true) => "not planned here; the experiment goes on".to_owned(),
        (None, false) => "none: the time is over".to_owned(),
    };
    lines.push(("next look", next));
    lines
}

fn guardrail(it: &GuardrailReading) -> GuardrailView {
    let unit = match it.unit.as_str() {
        "percent" => " %".to_owned(),
        unit => format!(" {}", words::shortened(unit, 16)),
    };
    let shown = |value: Option<f64>| match value.filter(|it| it.is_finite()) {
        Some(value) => format!("{}{unit}", number(value)),
        None => CANNOT_TELL.to_owned(),
    };
    let interval = it.interval.filter(|it| it.0.is_finite() && it.1.is_finite());
    let interval = interval.map(|(low, high)| format!("{} to {}{unit}", number(low), number(high)));
    let answer = words::guardrail(it.answer);
    GuardrailView {
        name: visible(&it.name).into_owned(),
        answer,
        class: if answer == "not known" { "unknown" } else { answer },
        cells: [
            shown(it.treated),
            shown(it.control),
            // As for the effect: no number without its interval.
            shown(it.worsening.filter(|_| interval.is_some())),
            interval.unwrap_or_else(|| CANNOT_TELL.to_owned()),
            shown(Some(it.margin)),
        ],
        says: words::capitalized(&visible(&it.says)),
    }
}

fn curves(report: &ExperimentReport) -> CurvesView {
    let names = ARMS.map(|it| words::short(&report.analysis.arm_names[it]));
    let groups = ARMS.map(|it| chart::group(report, it));
    let ages = chart::ages(&groups).into_iter().map(|age| AgeView {
        age: number(age),
        at_risk: ARMS.map(|arm| count(chart::at_risk(report, arm, age))),
        open: groups.map(|it| it.map_or_else(|| CANNOT_TELL.to_owned(), |it| open_at(it, age))),
    });
    let note = |(group, name): (Option<&Group>, &String)| {
        let from = group?.conditional_from_days?;
        Some(format!(
            "The curve of “{name}” holds for those still open at {}: before that age fewer than 10 were at risk.",
            days(from)
        ))
    };
    CurvesView {
        ages: ages.collect(),
        notes: groups.into_iter().zip(&names).filter_map(note).collect(),
        names,
    }
}

/// The share still open with its band; nothing after the curve's end.
fn open_at(group: &Group, age: f64) -> String {
    if age < group.conditional_from_days.unwrap_or(0.0) {
        return "–".to_owned();
    }
    let Some(end) = group.curve.last().filter(|it| age <= it.time_days) else {
        return if group.curve.is_empty() { CANNOT_TELL } else { "–" }.to_owned();
    };
    let point = group.curve.iter().rev().find(|it| it.time_days <= age);
    let Some(point) = point.or_else(|| (age >= end.time_days).then_some(end)) else {
        return "100 %".to_owned();
    };
    let band = match (point.lower, point.upper) {
        (Some(lower), Some(upper)) => format!(" ({:.0}–{:.0})", lower * 100.0, upper * 100.0),
        _ => String::new(),
    };
    format!("{:.0} %{band}", point.open * 100.0)
}

/// What was tried first, slow teams last.
fn teams(it: &Analysis) -> Vec<TeamView> {
    let mut dots: Vec<_> = it.teams.iter().collect();
    let slow = |of: Option<f64>| of.filter(|it| it.is_finite()).unwrap_or(f64::MAX);
    dots.sort_by(|a, b| {
        let by_arm = b.arm.cmp(&a.arm);
        by_arm.then(slow(a.during).total_cmp(&slow(b.during))).then(a.name.cmp(&b.name))
    });
    let team = |dot: &fixloop_experiment::TeamDot| TeamView {
        name: visible(&dot.name).into_owned(),
        arm: words::short(&it.arm_names[dot.arm.index()]),
        is_treated: dot.arm.index() == 1,
        n_findings: count(dot.n_findings),
        n_fixed: count(dot.n_fixed),
        before: dot.before.filter(|it| it.is_finite()),
        during: dot.during.filter(|it| it.is_finite()),
    };
    dots.into_iter().map(team).collect()
}

impl TeamView {
    /// Mean days open before and during.
    pub(super) fn days(&self) -> [String; 2] {
        [self.before, self.during].map(|it| it.map_or_else(|| "–".to_owned(), number))
    }
}

fn method(report: &ExperimentReport) -> Vec<(&'static str, String)> {
    let it = &report.analysis;
    let definition = &report.curves.definition;
    let mut lines = vec![(
        "Design",
        format!("{}: {}", words::design(it.design), words::design_says(it.design)),
    )];
    if let Ok(primary) = &it.primary {
        lines.push(("What decides", words::capitalized(&visible(&primary.method))));
    }
    if let Some(test) = &it.team_test {
        let slope = test.slope.map_or("none".to_owned(), |it| format!("{it:.2}"));
        lines.push((
            "Variance between teams",
            format!("{} for the weights; slope on the teams' history: {slope}", number(test.theta)),
        ));
    }
    if let Some(test) = &it.inside_test {
        let e =
            test.e_value.map_or("cannot tell, without days".to_owned(), |it| format!("{it:.2}"));
        lines.push(("Monitoring", format!("e-value {e} (exact e-log-rank by calendar, ratio 1.4 or its inverse): may be looked at every day, rejects at {}", number(1.0 / report.question.settings.alpha))));
    }
    if let Some(observed) = &it.observed {
        let placebos: Vec<String> = observed
            .placebos
            .iter()
            .map(|it| it.map_or(CANNOT_TELL.to_owned(), |it| format!("{} days", number(it))))
            .collect();
        lines.push((
            "Placebo effects",
            format!("{}, between stretches of the time before", placebos.join(", ")),
        ));
    }
    if let Some(last) = it.waves.last() {
        let of = |it: &WaveReading| {
            format!(
                "{} {}",
                words::short(&it.name),
                it.e_value.map_or("1 (no test)".to_owned(), |it| format!("{it:.2}"))
            )
        };
        let all: Vec<String> = it.waves.iter().map(of).collect();
        lines.push((
            "Waves",
            format!(
                "e-values {}; together {:.2}, which rejects at {}",
                all.join(", "),
                last.product,
                number(1.0 / report.question.settings.alpha)
            ),
        ));
    }
    lines.extend([
        ("Difference in days", format!("Mean days open in the first {}, any closure; errors by leaving out one team at a time (jackknife)", days(it.differences.horizon))),
        ("Worth the trouble", format!("from {} % less time", number(report.question.worthwhile * 100.0))),
        ("Registered as", report.registration.hash.to_string()),
        ("Columns", visible(&report.columns).into_owned()),
        ("Limits of follow-up", visible(&report.limits_from).into_owned()),
        ("Clock starts", visible(&definition.clock).into_owned()),
        ("Event", visible(&definition.event).into_owned()),
        ("Competing", visible(&definition.competing).into_owned()),
        ("Censored", visible(&definition.censored).into_owned()),
    ]);
    lines
}

fn sensitivity(it: &Sensitivity, has_interval: bool) -> SensitivityView {
    let direction = match it.estimate {
        Some(estimate) if has_interval && estimate > 0.0 => "sooner",
        Some(estimate) if has_interval && estimate < 0.0 => "later",
        _ => "–",
    };
    SensitivityView {
        name: it.name,
        agreement: words::agreement(it.agreement),
        direction,
        p: it.p.map_or_else(|| "–".to_owned(), words::p_value),
        says: it.reason.as_ref().map_or_else(
            || it.assumes.to_owned(),
            |reason| format!("could not be made: {}", visible(reason)),
        ),
    }
}

fn sensitivity_says(all: &[Sensitivity]) -> String {
    let n = |agreement| all.iter().filter(|it| it.agreement == agreement).count();
    let names: Vec<&str> =
        all.iter().filter(|it| it.agreement == Agreement::Disagrees).map(|it| it.name).collect();
    if all.is_empty() {
        return "Without a test there is nothing to compare other analyses with.".to_owned();
    }
    let verb = |n: usize, verb: &str| format!("{verb}{}", if n == 1 { "s" } else { "" });
    let n_agree = n(Agreement::Agrees);
    let agree = verb(n_agree, "agree");
    let unknown = match n(Agreement::CannotTell) {
        0 => String::new(),
        n => format!("; {n} could not be made"),
    };
    match names.len() {
        0 => format!("Under other assumptions: {n_agree} of {} {agree}{unknown}.", all.len()),
        n => format!(
            "Under other assumptions: {n} of {} {} ({}), {n_agree} {agree}{unknown}.",
            all.len(),
            verb(n, "disagree"),
            names.join(", ")
        ),
    }
}

/// Numbers that others show; without an interval of our own not even those.
fn naive(it: &Analysis) -> Vec<(&'static str, String)> {
    if words::shown_ratio(it).is_none() {
        return Vec::new();
    }
    let pair = |values: [Option<f64>; 2]| {
        let shown = |it: Option<f64>| it.map_or("none".to_owned(), days);
        format!("{} against {}", shown(values[1]), shown(values[0]))
    };
    let p = it.naive.log_rank_p.map_or_else(|| CANNOT_TELL.to_owned(), words::p_value);
    vec![
        ("median of what was fixed", pair(it.naive.closed_medians)),
        ("mean of what was fixed", pair(it.naive.closed_means)),
        ("plain log-rank p", p),
    ]
}

fn look(at: usize, it: &LookReading) -> [String; 6] {
    let shown = |value: Option<f64>| match value.filter(|it| it.is_finite()) {
        Some(value) => format!("{value:.3}"),
        None => "–".to_owned(),
    };
    let says = match (it.is_rejected, it.is_futile) {
        (true, _) => "no effect is ruled out",
        (false, true) => "a worthwhile effect is ruled out",
        (false, false) => "goes on",
    };
    [
        format!("{} (day {})", at + 1, number(it.day)),
        count(it.n_fixed),
        shown(it.statistic),
        shown(it.threshold),
        format!("{} %", number(it.spent * 100.0)),
        says.to_owned(),
    ]
}
