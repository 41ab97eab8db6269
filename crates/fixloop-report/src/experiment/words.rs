//! What numbers of an experiment mean, in sentences. No word promises more than the interval.

use fixloop_experiment::{
    Agreement, Analysis, CannotTest, Design, Guardrails, HealthStatus, Primary, Rule, TimeRatio,
    health_status,
};

use super::ExperimentReport;
use crate::readout::words::{counted, number};
use crate::visible::visible;

pub(super) const NAIVE: &str = "Closed-only times leave out what is still open, which is the slow part, and the plain log-rank test takes findings of one team for independent; teams are the sample, so it calls chance an effect far more often than it says.";

/// Characters of an arm's or a team's name inside a sentence.
const MAX_NAME: usize = 32;

/// The verdict in a few sentences: the first one alone is [`head`].
pub(super) fn verdict(report: &ExperimentReport) -> String {
    format!("{} {}", head(&report.analysis), sentence(report))
}

/// The verdict in a word or few.
pub(super) fn head(it: &Analysis) -> &'static str {
    let is_observational = it.design == Design::Observational;
    match it.decision.rule {
        Rule::Unhealthy => "Cannot tell: the experiment is not healthy.",
        Rule::GuardrailHarm => "Stop: a guardrail is harmed.",
        _ if it.withheld.is_some() => "No look is planned today.",
        _ if it.primary.is_err() => "Cannot tell.",
        Rule::Works if is_observational => "Supported, not confirmed.",
        Rule::GuardrailUnknown if is_observational => {
            "Supported, not confirmed; side effects not known."
        }
        Rule::Harm if is_observational => "Speaks against it.",
        Rule::Futile if is_observational => "Not supported.",
        Rule::Works => "Works.",
        Rule::GuardrailUnknown => "Sooner; side effects not known.",
        Rule::MaybeTooSmall => "Sooner, but perhaps by too little.",
        Rule::Harm => "Harms.",
        Rule::Futile => "Rejected.",
        Rule::TimeLeft => "Cannot tell yet.",
        Rule::Supports => "Supported, not confirmed.",
        Rule::CannotReachAlpha | Rule::NoTest | Rule::OutOfTime | Rule::Drift => "Cannot tell.",
    }
}

/// What stands behind the head, in the order effect, how sure, guardrails, what would settle it.
pub(super) fn sentence(report: &ExperimentReport) -> String {
    let it = &report.analysis;
    let mut parts = match (&it.primary, it.decision.rule) {
        (_, Rule::Unhealthy) => unhealthy(report),
        (Err(error), Rule::GuardrailHarm) => {
            vec![guardrails(report), sentence_of(&error.to_string())]
        }
        (Err(error), _) => vec![sentence_of(&error.to_string())],
        (Ok(primary), Rule::Supports | Rule::Drift) => vec![chosen(it, primary)],
        (Ok(primary), Rule::CannotReachAlpha) => vec![cannot_reach(report, primary)],
        (Ok(primary), Rule::GuardrailHarm) => {
            vec![guardrails(report), effect_and_sure(report, primary)]
        }
        (Ok(primary), _) => {
            vec![effect_and_sure(report, primary), guardrails(report)]
        }
    };
    let health = health_status(&report.question.health);
    if it.decision.rule == Rule::Works && health == HealthStatus::CannotTell {
        parts.push("Whether it ran as registered is not known.".to_owned());
    }
    if it.decision.rule == Rule::OutOfTime && it.primary.is_ok() {
        parts.push("The time is over.".to_owned());
    }
    if is_open(it.decision.rule)
        && let Some(settles) = &report.outlook.settles
    {
        parts.push(format!("{} would settle it.", capitalized(&visible(settles))));
    }
    if it.design == Design::Observational {
        parts.push("Teams were chosen, not drawn, which cannot confirm.".to_owned());
    }
    parts.join(" ")
}

fn is_open(rule: Rule) -> bool {
    matches!(rule, Rule::TimeLeft | Rule::OutOfTime | Rule::CannotReachAlpha | Rule::MaybeTooSmall)
}

fn unhealthy(report: &ExperimentReport) -> Vec<String> {
    let failed = report.question.health.iter().filter(|it| it.status == HealthStatus::Unhealthy);
    let mut parts: Vec<String> = failed.map(|it| sentence_of(&it.says)).collect();
    parts.push("Its numbers decide nothing.".to_owned());
    parts
}

/// What teams that were chosen show: days, since there is no ratio.
fn chosen(it: &Analysis, primary: &Primary) -> String {
    let teams = counted(it.n_teams_together(), "team", "teams");
    let days = one_difference(-primary.statistic, " days");
    let drift = if it.decision.rule == Rule::Drift {
        " The time before the treatment shows differences as large, or tells too little to see them."
    } else {
        ""
    };
    format!(
        "Findings were open for {days} {} than before, beside the others: {teams}, {}.{drift}",
        place(it),
        p_equals(primary.p_value)
    )
}

fn cannot_reach(report: &ExperimentReport, primary: &Primary) -> String {
    let n = report.analysis.n_teams;
    let smallest = primary.min_p.map_or_else(String::new, |it| {
        let alpha = p_value(report.question.settings.alpha);
        format!(": the smallest p that could come out is {}, and {alpha} is asked", p_value(it))
    });
    format!("With {} and {} teams no result could have counted{smallest}.", n[1], n[0])
}

fn effect_and_sure(report: &ExperimentReport, primary: &Primary) -> String {
    let (it, sure) = (&report.analysis, sure(report, primary));
    match shown_ratio(it) {
        Some(ratio) => format!("{}: {sure}.", effect(report, ratio)),
        None => format!("{}. With {sure}.", no_interval(it)),
    }
}

/// The effect with everything that fits, without its period.
fn effect(report: &ExperimentReport, ratio: &TimeRatio) -> String {
    let it = &report.analysis;
    let place = place(it);
    let fits = fits(ratio);
    let is_one_sided =
        ratio.high.is_some_and(|it| it < 1.0) || ratio.low.is_some_and(|it| it > 1.0);
    let is_settled = matches!(it.decision.rule, Rule::Works | Rule::GuardrailUnknown | Rule::Harm);
    match ratio.point {
        _ if it.decision.rule == Rule::Futile => {
            let most = ratio.low.map_or_else(String::new, at_most);
            let asked = (report.question.worthwhile * 100.0).round();
            format!("Fixes came {most} {place}; {asked} % would be worth the trouble ({fits})")
        }
        Some(point) if is_one_sided || is_settled => {
            let best = format!("Fixes came {fits} ({}) {place}", best_guess(ratio, point));
            if !is_open(it.decision.rule) {
                return best;
            }
            let asked = (report.question.worthwhile * 100.0).round();
            format!("{best}, which may be less than the {asked} % that are worth the trouble")
        }
        None if is_one_sided => format!("Fixes came {fits} {place}"),
        Some(point) => {
            let why = match it.design {
                Design::InsideTeam => "findings are so few",
                Design::TeamRandomized | Design::Observational => "teams differ so much",
            };
            format!("Fixes came {} {place}, but {why} that anything {fits} fits", sooner(point))
        }
        None => format!("Anything {fits} fits"),
    }
}

/// `16 teams, p = 0.017, look 5 of 5`.
fn sure(report: &ExperimentReport, primary: &Primary) -> String {
    let it = &report.analysis;
    let teams = counted(it.n_teams_together(), "team", "teams");
    let look = look(report).map_or_else(String::new, |it| format!(", {it}"));
    format!("{teams}, {}{look}", p_equals(primary.p_value))
}

/// `look 3 of 5`, where there are looks.
pub(super) fn look(report: &ExperimentReport) -> Option<String> {
    let n = report.analysis.looks.len();
    let of = report.outlook.n_looks.map_or_else(String::new, |it| format!(" of {it}"));
    (n > 0).then(|| format!("look {n}{of}"))
}

/// Guardrails in a sentence.
pub(super) fn guardrails(report: &ExperimentReport) -> String {
    let all = &report.question.guardrails;
    let named = |answer: Guardrails| {
        let names = all.iter().filter(|it| it.answer == answer).map(|it| short(&it.name));
        names.collect::<Vec<_>>().join(", ")
    };
    let (harmed, unknown) = (named(Guardrails::Harm), named(Guardrails::NotKnown));
    if all.is_empty() {
        "No guardrail was measured.".to_owned()
    } else if !harmed.is_empty() {
        format!("Harmed: {harmed}.")
    } else if !unknown.is_empty() {
        format!("Not known to be safe: {unknown}.")
    } else {
        "No guardrail harmed.".to_owned()
    }
}

/// In which arm, for the design's unit.
fn place(it: &Analysis) -> String {
    let name = short(&it.arm_names[1]);
    match it.design {
        Design::InsideTeam => format!("for “{name}” findings"),
        Design::TeamRandomized | Design::Observational => format!("in the “{name}” teams"),
    }
}

/// The ratio, if it rules anything out: only then may an effect be shown. An end that is no number is none.
pub(super) fn shown_ratio(it: &Analysis) -> Option<&TimeRatio> {
    let is_number = |it: Option<f64>| it.is_none_or(f64::is_finite);
    it.ratio.as_ref().ok().filter(|it| {
        let is_bounded = it.low.is_some() || it.high.is_some();
        is_bounded && is_number(it.low) && is_number(it.high) && is_number(it.point)
    })
}

/// Why there is no interval, without a period.
pub(super) fn no_interval(it: &Analysis) -> String {
    match &it.ratio {
        Ok(_) => "How much sooner or later cannot be told: no ratio is ruled out".to_owned(),
        Err(CannotTest::NoLimit { n }) => format!(
            "How much sooner or later cannot be told: of {} nobody knows up to which age they could have been watched",
            counted(*n, "finding", "findings")
        ),
        Err(error) => format!("How much sooner or later cannot be told: {error}"),
    }
}

/// Everything that fits: `6 to 57 % sooner`, `from 62 % sooner to 40 % later`.
pub(super) fn fits(ratio: &TimeRatio) -> String {
    match (ratio.low, ratio.high) {
        (Some(low), Some(high)) => spread(low, high),
        (Some(low), None) if low > 1.0 => format!("at least {}", sooner(low)),
        (Some(low), None) => format!("from {} to any delay", sooner(low)),
        (None, Some(high)) if high < 1.0 => format!("at least {}", sooner(high)),
        (None, Some(high)) => format!("from at once to {}", sooner(high)),
        (None, None) => "sooner or later".to_owned(),
    }
}

/// `best guess 45 %`: its side only where the interval has both.
pub(super) fn best_guess(ratio: &TimeRatio, point: f64) -> String {
    let guess = sooner(point);
    let guess = match (ratio.low, ratio.high) {
        (_, Some(high)) if high < 1.0 => guess.trim_end_matches(" sooner"),
        (Some(low), _) if low > 1.0 => guess.trim_end_matches(" later"),
        _ => &guess,
    };
    format!("best guess {guess}")
}

fn spread(low: f64, high: f64) -> String {
    let (from, to) = (percent(low), percent(high));
    if sooner(low) == sooner(high) {
        sooner(low)
    } else if low < 1.0 && high < 1.0 {
        format!("{} % sooner", range(to.abs(), from.abs()))
    } else if low > 1.0 && high > 1.0 {
        format!("{} % later", range(from, to))
    } else {
        format!("from {} to {}", sooner(low), sooner(high))
    }
}

fn range(small: f64, large: f64) -> String {
    if small < 0.5 { format!("less than 1 to {large}") } else { format!("{small} to {large}") }
}

/// Whole percent of time more (above 0) or less.
fn percent(ratio: f64) -> f64 {
    ((ratio - 1.0) * 100.0).round()
}

/// `45 % sooner` of a ratio of 0.55, `20 % later` of 1.2.
pub(super) fn sooner(ratio: f64) -> String {
    let percent = percent(ratio);
    if percent.is_nan() {
        return "by nobody knows how much".to_owned();
    }
    match (percent.abs() < 0.5, ratio.total_cmp(&1.0)) {
        (_, std::cmp::Ordering::Equal) => "neither sooner nor later".to_owned(),
        (true, std::cmp::Ordering::Less) => "less than 1 % sooner".to_owned(),
        (true, std::cmp::Ordering::Greater) => "less than 1 % later".to_owned(),
        (false, std::cmp::Ordering::Less) => format!("{} % sooner", percent.abs()),
        (false, std::cmp::Ordering::Greater) => format!("{percent} % later"),
    }
}

fn at_most(low: f64) -> String {
    if low < 1.0 { format!("at most {}", sooner(low)) } else { "no sooner".to_owned() }
}

/// A difference in `unit`: `0.2 to 4 days less`, `1 days less to 2 more`.
pub(super) fn difference(low: f64, high: f64, unit: &str) -> String {
    let shown = |it: f64| number(it.abs());
    if low < 0.0 && high < 0.0 {
        format!("{} to {}{unit} less", shown(high), shown(low))
    } else if low > 0.0 && high > 0.0 {
        format!("{} to {}{unit} more", shown(low), shown(high))
    } else {
        format!("{}{unit} less to {} more", shown(low.min(0.0)), shown(high.max(0.0)))
    }
}

/// One difference: `2.1 days less`.
pub(super) fn one_difference(value: f64, unit: &str) -> String {
    match (number(value).as_str(), value < 0.0) {
        ("0", _) => "no difference".to_owned(),
        (_, true) => format!("{}{unit} less", number(value.abs())),
        (_, false) => format!("{}{unit} more", number(value)),
    }
}

/// Three decimals; four where three would hide on which side of 0.05 it is.
pub(super) fn p_value(p: f64) -> String {
    if !p.is_finite() {
        "not known".to_owned()
    } else if p < 0.001 {
        "less than 0.001".to_owned()
    } else if p > 0.05 && p < 0.0505 {
        format!("{p:.4}")
    } else {
        let text = format!("{p:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// `p = 0.017`, `p < 0.001`.
pub(super) fn p_equals(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {}", p_value(p)) }
}

/// The rule that fired, or that no test stands behind one.
pub(super) fn rule(it: &Analysis) -> &'static str {
    match (it.decision.rule, &it.primary) {
        (Rule::CannotReachAlpha, Err(_)) => "there is no test, so nothing is decided",
        (Rule::TimeLeft | Rule::OutOfTime, Ok(_)) if shown_ratio(it).is_none() => {
            "there is no interval, so nothing is decided"
        }
        (rule, _) => rule.says(),
    }
}

pub(super) fn design(it: Design) -> &'static str {
    match it {
        Design::TeamRandomized => "team-randomized",
        Design::InsideTeam => "inside-team",
        Design::Observational => "observational",
    }
}

/// What a reader must know before the verdict.
pub(super) fn badge(it: Design) -> Option<&'static str> {
    (it == Design::Observational).then_some("observational, cannot confirm")
}

pub(super) fn design_says(it: Design) -> &'static str {
    match it {
        Design::TeamRandomized => "whole teams were drawn: teams are the sample",
        Design::InsideTeam => "findings were drawn inside their teams: findings are the sample",
        Design::Observational => {
            "teams were chosen, not drawn: a difference may have been there before, so this cannot confirm"
        }
    }
}

pub(super) fn guardrail(it: Guardrails) -> &'static str {
    match it {
        Guardrails::Safe => "safe",
        Guardrails::NotKnown => "not known",
        Guardrails::Harm => "harm",
    }
}

pub(super) fn health(it: HealthStatus) -> &'static str {
    match it {
        HealthStatus::Healthy => "healthy",
        HealthStatus::CannotTell => "cannot tell",
        HealthStatus::Unhealthy => "unhealthy",
    }
}

pub(super) fn agreement(it: Agreement) -> &'static str {
    match it {
        Agreement::Agrees => "agrees",
        Agreement::Disagrees => "disagrees",
        Agreement::CannotTell => "cannot tell",
    }
}

/// What could not be told, each with its reason.
pub(super) fn cannot_tell(it: &Analysis) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Err(error) = &it.primary {
        reasons.push(format!("the test: {error}"));
    }
    match &it.ratio {
        Err(error) => reasons.push(format!("the time ratio: {error}")),
        Ok(_) if shown_ratio(it).is_none() => {
            reasons.push("the time ratio: no ratio is ruled out".to_owned());
        }
        Ok(_) => {}
    }
    let days = number(it.differences.horizon);
    if it.differences.mean.is_none() {
        reasons.push(format!(
            "the difference of means at {days} days: a curve ends before, or an arm has one team"
        ));
    }
    reasons
}

/// Foreign text inside a sentence: visible and of bounded length.
pub(super) fn short(text: &str) -> String {
    shortened(text, MAX_NAME)
}

/// Visible text of at most `n` characters, with a sign where it was cut.
pub(super) fn shortened(text: &str, n: usize) -> String {
    let text = visible(text);
    if text.chars().count() <= n {
        return text.into_owned();
    }
    let kept: String = text.chars().take(n.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Capitalized, visible, with one period.
fn sentence_of(text: &str) -> String {
    let text = capitalized(visible(text).trim_end());
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
