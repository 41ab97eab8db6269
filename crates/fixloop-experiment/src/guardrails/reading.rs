//! One guardrail judged: safe, not known, or harm.

use fixloop_stats::guardrail::{
    Harm, RateCounts, RatioOfSums, non_inferiority, rate_ratio_alarm, ratio_of_sums,
};
use fixloop_stats::proportion::{Proportion, clopper_pearson};
use fixloop_stats::{Interval, Jackknife, Level};

use super::kind::{Comparison, GuardrailKind};
use super::{Amount, GuardrailReading};
use crate::decision::Guardrails;
use crate::table::Arm;

/// The rate ratio that the alarm bets on, and the error it accepts; liberal on purpose, for findings of a team go together.
const ALARM_RATIO: f64 = 1.5;
const ALARM_ALPHA: f64 = 0.05;

/// Counts beyond this are no counts any more.
const MAX_COUNT: f64 = 1e15;

/// An arm's estimate with its limits; equal to the estimate where there are none.
#[derive(Clone, Copy)]
struct Estimate {
    value: f64,
    std_error: f64,
    interval: Interval,
    n_teams: usize,
}

/// What was compared, and why it cannot be where it cannot.
struct Compared {
    control: Option<f64>,
    treated: Option<f64>,
    worsening: Result<(f64, Interval), String>,
}

pub(super) fn judge(
    kind: &GuardrailKind,
    amounts: &[Amount],
    margin: Option<f64>,
) -> GuardrailReading {
    if amounts.is_empty() {
        return not_known(kind, margin, "it has no numbers");
    }
    if kind.comparison == Comparison::Longest {
        return longest(kind, amounts, margin);
    }
    if let Some(it) = amounts.iter().find(|it| it.arm.is_none()) {
        let reason = format!("no arm is known of team `{}`", it.team);
        return not_known(kind, margin, &reason);
    }
    let compared = compare(kind, amounts);
    if let Some(reading) = killed(kind, amounts, &compared, margin) {
        return reading;
    }
    let mut reading = conclude(kind, margin, compared);
    if let Some(e) = alarm(kind, amounts).filter(|it| *it >= ALARM_ALPHA.recip()) {
        reading.is_alarm = true;
        if reading.answer == Guardrails::Safe {
            reading.answer = Guardrails::NotKnown;
        }
        reading.says = format!(
            "{}; alarm: counts bet {e:.0} to 1 on a rate half as high again, so ask a person before it goes further (no evidence: events of a team go together)",
            reading.says
        );
    }
    reading
}

/// The answer to a worsening that was computed, or why it was not.
fn conclude(kind: &GuardrailKind, margin: Option<f64>, it: Compared) -> GuardrailReading {
    let Some(margin) = margin.or(kind.margin).filter(|it| it.is_finite() && *it > 0.0) else {
        let reason = "nobody said up to which worsening it is safe (column `margin`)";
        return GuardrailReading {
            control: it.control,
            treated: it.treated,
            ..not_known(kind, None, reason)
        };
    };
    let base = GuardrailReading {
        control: it.control,
        treated: it.treated,
        ..not_known(kind, Some(margin), "")
    };
    let (worsening, interval) = match it.worsening {
        Ok(it) => it,
        Err(reason) => return GuardrailReading { says: says_not_known(&reason), ..base },
    };
    let is_level = kind.comparison == Comparison::Level;
    // A level is judged against its line, for a treatment that adds a gate has no control to compare with.
    let line = if is_level { margin } else { 0.0 };
    let shifted = Interval { lower: interval.lower - line, upper: interval.upper - line };
    let answer = if is_level {
        Ok(match (shifted.lower > 0.0, shifted.upper < 0.0) {
            (true, _) => Harm::Harm,
            (_, true) => Harm::Safe,
            _ => Harm::NotKnown,
        })
    } else {
        non_inferiority(shifted, margin)
    };
    let unit = kind.unit;
    // Rounded, and never a zero with a sign.
    let [value, lower, upper] = [worsening, interval.lower, interval.upper]
        .map(|it| format!("{:.1}", (it * 10.0).round() / 10.0 + 0.0));
    let numbers = format!("{value} {unit}, {lower} to {upper} at 95 %");
    let (answer, word) = match answer {
        Ok(Harm::Safe) => (Guardrails::Safe, "safe"),
        Ok(Harm::Harm) => (Guardrails::Harm, "harm"),
        Ok(Harm::NotKnown) => (Guardrails::NotKnown, "not known"),
        Err(error) => return GuardrailReading { says: says_not_known(&error.to_string()), ..base },
    };
    let what = if is_level { "treated" } else { "worse by" };
    let against = if is_level { "the line is" } else { "the margin is" };
    GuardrailReading {
        worsening: Some(worsening),
        interval: Some((interval.lower, interval.upper)),
        answer,
        says: format!("{word}: {what} {numbers}; {against} {margin}"),
        ..base
    }
}

fn compare(kind: &GuardrailKind, amounts: &[Amount]) -> Compared {
    let scale = kind.scale;
    let of = |arm| estimate(kind, amounts, arm);
    let (control, treated) = (of(Arm::Control), of(Arm::Treated));
    let value = |it: &Result<Estimate, String>| it.as_ref().ok().map(|it| it.value * scale);
    let (control_value, treated_value) = (value(&control), value(&treated));
    let worsening = match kind.comparison {
        Comparison::Level => treated.and_then(|it| it.known(kind)).map(|it| {
            let Interval { lower, upper } = it.interval;
            (it.value * scale, Interval { lower: lower * scale, upper: upper * scale })
        }),
        Comparison::Relative => pair(control, treated).and_then(|(a, b)| relative(a, b, scale)),
        Comparison::TeamMeans => pair(control, treated)
            .and_then(|(a, b)| difference(kind, b, a))
            .map(|it| scaled(it, scale)),
        _ => pair(control, treated)
            .and_then(|(a, b)| difference(kind, a, b))
            .map(|it| scaled(it, scale)),
    };
    Compared { control: control_value, treated: treated_value, worsening }
}

fn pair(
    control: Result<Estimate, String>,
    treated: Result<Estimate, String>,
) -> Result<(Estimate, Estimate), String> {
    Ok((control?, treated?))
}

fn scaled((value, it): (f64, Interval), scale: f64) -> (f64, Interval) {
    (value * scale, Interval { lower: it.lower * scale, upper: it.upper * scale })
}

/// An arm's ratio of team sums, or mean of team means.
fn estimate(kind: &GuardrailKind, amounts: &[Amount], arm: Arm) -> Result<Estimate, String> {
    let mut teams = std::collections::BTreeMap::<&str, (f64, f64)>::new();
    for it in amounts.iter().filter(|it| it.arm == Some(arm)) {
        let sums = teams.entry(&it.team).or_default();
        *sums = (sums.0 + it.numerator, sums.1 + it.denominator);
    }
    let named = if arm == Arm::Control { "the control" } else { "the treated" };
    let failed = |error: &dyn std::fmt::Display| format!("of {named}, {error}");
    let (numerators, denominators): (Vec<f64>, Vec<f64>) = match kind.comparison {
        // A team without an answer has no mean; each other team weighs the same.
        Comparison::TeamMeans => {
            let asked = teams.values().filter(|it| it.1 > 0.0);
            asked.map(|(sum, n)| (sum / n, 1.0)).unzip()
        }
        _ => teams.values().copied().unzip(),
    };
    let it = ratio_of_sums(&numerators, &denominators).map_err(|error| failed(&error))?;
    let RatioOfSums { ratio, std_error, n_clusters } = it;
    let size = numerators.iter().zip(&denominators);
    let size = size.map(|it| (it.0.abs()).max((ratio * it.1).abs())).fold(0.0, f64::max);
    let mean = denominators.iter().sum::<f64>() / n_clusters as f64;
    // Differences that only rounding keeps from 0 are no variation.
    let has_error = std_error * mean > 1e-12 * size;
    let (y, x) = (numerators.iter().sum::<f64>(), denominators.iter().sum::<f64>());
    let interval = if has_error {
        it.interval(Level::P95)
    } else {
        exact(kind, y, x).unwrap_or(Interval { lower: ratio, upper: ratio })
    };
    let std_error = if has_error { std_error } else { 0.0 };
    Ok(Estimate { value: ratio, std_error, interval, n_teams: n_clusters })
}

/// Where no team differs (nobody reverted anything), counts still bound a share.
fn exact(kind: &GuardrailKind, numerator: f64, denominator: f64) -> Option<Interval> {
    let is_shared = kind.is_share() && kind.comparison != Comparison::TeamMeans;
    let (successes, trials) = (count(numerator)?, count(denominator)?);
    let share = Proportion::new(successes, trials).ok().filter(|_| is_shared)?;
    Some(clopper_pearson(share, Level::P95))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number in range, as checked"
)]
fn count(value: f64) -> Option<u64> {
    let is_count = (0.0..MAX_COUNT).contains(&value) && value.fract() == 0.0;
    is_count.then_some(value as u64)
}

impl Estimate {
    /// With limits, or why there are none.
    fn known(self, kind: &GuardrailKind) -> Result<Self, String> {
        let is_known = self.interval.lower < self.interval.upper;
        is_known.then_some(self).ok_or_else(|| {
            format!("teams do not differ in {}, so nothing tells how much they could", kind.name)
        })
    }
}

/// Second minus first with a t interval by team; from both arms' own limits where one of them has no error.
fn difference(
    kind: &GuardrailKind,
    first: Estimate,
    second: Estimate,
) -> Result<(f64, Interval), String> {
    let (a, b) = (first.known(kind)?, second.known(kind)?);
    let value = b.value - a.value;
    if a.std_error > 0.0 && b.std_error > 0.0 {
        let joined = joined(value, a.std_error.hypot(b.std_error), a, b);
        return Ok((value, joined.interval(Level::P95)));
    }
    // Newcombe's way of putting limits together.
    let below = (b.value - b.interval.lower).hypot(a.interval.upper - a.value);
    let above = (b.interval.upper - b.value).hypot(a.value - a.interval.lower);
    Ok((value, Interval { lower: value - below, upper: value + above }))
}

/// Second over first less one; the interval is made of logarithms.
fn relative(a: Estimate, b: Estimate, scale: f64) -> Result<(f64, Interval), String> {
    if a.value <= 0.0 || b.value <= 0.0 || a.std_error <= 0.0 || b.std_error <= 0.0 {
        return Err("a ratio of arms needs numbers above 0, of teams that differ".to_owned());
    }
    let log = (b.value / a.value).ln();
    let std_error = (a.std_error / a.value).hypot(b.std_error / b.value);
    let interval = joined(log, std_error, a, b).interval(Level::P95);
    let percent = |it: f64| it.exp_m1() * scale;
    let (value, lower, upper) = (percent(log), percent(interval.lower), percent(interval.upper));
    if !upper.is_finite() {
        return Err("the arms differ by more than can be told".to_owned());
    }
    Ok((value, Interval { lower, upper }))
}

fn joined(estimate: f64, std_error: f64, a: Estimate, b: Estimate) -> Jackknife {
    Jackknife { estimate, std_error, degrees_of_freedom: a.n_teams + b.n_teams - 2 }
}

/// Beyond the kill line nothing is waited for.
fn killed(
    kind: &GuardrailKind,
    amounts: &[Amount],
    compared: &Compared,
    margin: Option<f64>,
) -> Option<GuardrailReading> {
    let kill = kind.kill?;
    let treated = amounts.iter().filter(|it| it.arm == Some(Arm::Treated));
    let (y, x) = treated.fold((0.0, 0.0), |sum, it| (sum.0 + it.numerator, sum.1 + it.denominator));
    let rate = y / x * kind.scale;
    (rate.is_finite() && rate > kill).then(|| GuardrailReading {
        control: compared.control,
        treated: Some(rate),
        answer: Guardrails::Harm,
        says: format!(
            "harm: {y} of {x} is more than {kill} %, and beyond that nothing is waited for"
        ),
        ..not_known(kind, margin, "")
    })
}

fn longest(kind: &GuardrailKind, amounts: &[Amount], margin: Option<f64>) -> GuardrailReading {
    let base = not_known(kind, margin, "");
    let Some(longest) = amounts.iter().map(|it| it.numerator).reduce(f64::max) else {
        return base;
    };
    let (answer, word) =
        if longest > base.margin { (Guardrails::Harm, "harm") } else { (Guardrails::Safe, "safe") };
    let says = format!("{word}: at most {longest} {}, the limit is {}", kind.unit, base.margin);
    GuardrailReading { treated: Some(longest), answer, says, ..base }
}

/// The e-value of the treated's rate being higher, where events are counted; days are looks.
fn alarm(kind: &GuardrailKind, amounts: &[Amount]) -> Option<f64> {
    if !kind.is_count {
        return None;
    }
    let mut by_day: Vec<&Amount> = amounts.iter().collect();
    let day = |it: &Amount| it.day.unwrap_or(f64::NEG_INFINITY);
    by_day.sort_by(|a, b| day(a).total_cmp(&day(b)));
    let mut looks = Vec::new();
    for look in by_day.chunk_by(|a, b| day(a).total_cmp(&day(b)).is_eq()) {
        let sum = |arm, of: fn(&Amount) -> f64| -> f64 {
            look.iter().filter(|it| it.arm == Some(arm)).map(|it| of(it)).sum()
        };
        looks.push(RateCounts {
            treated_events: count(sum(Arm::Treated, |it| it.numerator))?,
            treated_exposure: sum(Arm::Treated, |it| it.denominator),
            control_events: count(sum(Arm::Control, |it| it.numerator))?,
            control_exposure: sum(Arm::Control, |it| it.denominator),
        });
    }
    // A look of one arm alone compares nothing.
    looks.retain(|it| it.treated_exposure > 0.0 && it.control_exposure > 0.0);
    let alarm = rate_ratio_alarm(&looks, ALARM_RATIO, ALARM_ALPHA).ok()?;
    alarm.log_e.into_iter().reduce(f64::max).map(f64::exp)
}

pub(super) fn not_known(
    kind: &GuardrailKind,
    margin: Option<f64>,
    reason: &str,
) -> GuardrailReading {
    GuardrailReading {
        name: kind.name.clone(),
        unit: kind.unit.to_owned(),
        control: None,
        treated: None,
        worsening: None,
        interval: None,
        margin: margin.or(kind.margin).unwrap_or(f64::NAN),
        answer: Guardrails::NotKnown,
        is_alarm: false,
        says: says_not_known(reason),
    }
}

fn says_not_known(reason: &str) -> String {
    format!("not known: {reason}")
}

/// The share dismissed, from the findings themselves.
pub(super) fn dismissal(
    kind: &GuardrailKind,
    shares: Option<[f64; 2]>,
    difference: Option<&Jackknife>,
    margin: Option<f64>,
) -> GuardrailReading {
    let points = |it: f64| it * kind.scale;
    let worsening = match (shares, difference) {
        (Some([0.0, 0.0]), _) => Err(
            "nothing was dismissed in either arm, so nobody can tell whether dismissals are recorded"
                .to_owned(),
        ),
        (Some(_), Some(it)) if it.std_error > 0.0 => {
            Ok(scaled((it.estimate, it.interval(Level::P95)), kind.scale))
        }
        (Some(_), Some(_)) => Err("teams do not differ in what they dismiss".to_owned()),
        _ => Err("a curve ends before, or an arm has one team".to_owned()),
    };
    let [control, treated] = shares.map_or([None; 2], |it| it.map(|it| Some(points(it))));
    conclude(kind, margin, Compared { control, treated, worsening })
}
