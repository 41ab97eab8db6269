//! The comparison of arms and the unusable rows, for people. Words say what was computed, never what to think of it.

use std::io::{self, Write};

use fixloop_report::visible;
use fixloop_stats::Level;
use fixloop_stats::log_rank::LogRank;

use super::arms::{CannotTell, Comparison, Means, Told};
use super::estimates::Estimates;

/// Arms whose events are told in one line.
const MAX_ARMS: usize = 4;

pub(super) fn write_comparison(estimates: &Estimates, out: &mut dyn Write) -> io::Result<()> {
    let facts = comparison_facts(estimates);
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nArms compared")?;
    for (name, text) in facts {
        writeln!(out, "  {name}: {text}")?;
    }
    Ok(())
}

/// Each comparison by name, in words.
pub(super) fn comparison_facts(estimates: &Estimates) -> Vec<(String, String)> {
    let Some(it) = &estimates.comparison else { return Vec::new() };
    let mut facts =
        vec![("log-rank, rows as if independent", words(&it.log_rank, |of| ranks(of, it)))];
    if let Some(told) = &it.log_rank_strata {
        facts.push((
            "log-rank inside strata, rows as if independent",
            words(told, |of| ranks(of, it)),
        ));
    }
    if let Some(told) = &it.log_rank_by_team {
        let by_team = words(told, |it| format!("p {}, {} teams", p(it.p), it.scores.len()));
        facts.push(("log-rank by team", by_team));
    }
    let mean = format!("mean without the event, first {} days", number(estimates.points.horizon));
    let mut facts: Vec<(String, String)> =
        facts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    facts.push((mean, words(&it.means, |of| means(of, it))));
    if let Some(told) = it.means.as_ref().ok().and_then(|it| it.by_team.as_ref()) {
        let by_team = words(told, |it| {
            let interval = it.interval(Level::P95);
            interval_text(interval.lower, interval.upper, it.p())
        });
        facts.push(("the difference by team".to_owned(), by_team));
    }
    if it.log_rank_by_team.as_ref().is_some_and(Result::is_ok) {
        let text = "rows of one team go together, so the lines by team are the ones to read";
        facts.push(("which".to_owned(), text.to_owned()));
    }
    facts
}

fn words<T>(told: &Told<T>, say: impl Fn(&T) -> String) -> String {
    told.as_ref().map_or_else(cannot_tell, say)
}

fn cannot_tell(reason: &CannotTell) -> String {
    format!("cannot tell: {}", visible(&reason.to_string()))
}

fn ranks(it: &LogRank, of: &Comparison) -> String {
    let arms = of.arm_names.iter().zip(&it.groups).take(MAX_ARMS).map(|(name, events)| {
        let (observed, expected) = (number(events.observed), number(events.expected));
        format!("arm {}: {observed} events where {expected} were expected", visible(name))
    });
    let text = format!("p {}; {}", p(it.test.p), arms.collect::<Vec<_>>().join(", "));
    match of.arm_names.len().saturating_sub(MAX_ARMS) {
        0 => text,
        more => format!("{text} and {more} arms more"),
    }
}

fn means(it: &Means, of: &Comparison) -> String {
    let arms = of.arm_names.iter().zip([it.first, it.second]);
    let arms = arms.map(|(name, mean)| format!("arm {}: {}", visible(name), number(mean.mean)));
    let difference = it.difference;
    let half = Level::P95.z() * difference.std_error;
    let (lower, upper) = (difference.difference - half, difference.difference + half);
    format!(
        "{}; difference {}, rows as if independent: {}",
        arms.collect::<Vec<_>>().join(", "),
        number(difference.difference),
        interval_text(lower, upper, difference.p)
    )
}

fn interval_text(lower: f64, upper: f64, p_value: Option<f64>) -> String {
    let p_value = p_value.map_or_else(String::new, |it| format!(", p {}", p(it)));
    format!("95 % interval {} to {}{p_value}", number(lower), number(upper))
}

/// At most one decimal.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Two digits that count, down to one in ten thousand.
fn p(value: f64) -> String {
    match value {
        it if it < 0.000_1 => "below 0.0001".to_owned(),
        it if it < 0.01 => format!("{it:.4}"),
        it if it < 0.1 => format!("{it:.3}"),
        it => format!("{it:.2}"),
    }
}
