//! What a change may be called. A change inside its noise is never called good or bad.

use fixloop_stats::size::{ErrorRates, minimum_detectable_difference};

use super::{Change, KeyResultQuestion, Progress};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Band {
    /// Better than the baseline, beyond the noise.
    Ahead,
    CannotTellYet {
        /// About so many until the wanted change would probably be found (80 %); `None` where more of them would not do, or nothing tells.
        more_closures: Option<u64>,
    },
    /// Worse than the baseline, beyond the noise.
    Behind,
    /// Two numbers that should go together go apart, at least one of them beyond its noise.
    MixChanged { with: Other },
}

/// What the metric disagrees with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Other {
    Standardised,
    ExposureDays,
}

impl Band {
    /// As it stands in a measurement.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::CannotTellYet { .. } => "cannot tell yet",
            Self::Behind => "behind",
            Self::MixChanged { .. } => "mix changed",
        }
    }
}

pub(super) struct Changes {
    pub(super) raw: Change,
    pub(super) standardised: Change,
    pub(super) exposure_days: Change,
}

pub(super) fn band(question: &KeyResultQuestion, changes: &Changes) -> Band {
    let raw = &changes.raw;
    if raw.disagrees(&changes.standardised) {
        return Band::MixChanged { with: Other::Standardised };
    }
    if raw.disagrees(&changes.exposure_days) {
        return Band::MixChanged { with: Other::ExposureDays };
    }
    match raw.interval {
        Some((_, upper)) if upper < 0.0 => Band::Ahead,
        Some((lower, _)) if lower > 0.0 => Band::Behind,
        _ => Band::CannotTellYet { more_closures: more_closures(question, raw) },
    }
}

/// Closures until a change as large as wanted would be found with 80 % power.
///
/// As in the baseline's check (docs/okr.md), the variance of the logarithm is taken as what rows give and what teams add; more closures
/// make only the part of the rows since the start smaller.
fn more_closures(question: &KeyResultQuestion, raw: &Change) -> Option<u64> {
    let (wanted, parts, std_error) = (question.wanted()?.abs(), raw.parts?, raw.std_error?);
    let df = raw.degrees_of_freedom as f64;
    let of_one = minimum_detectable_difference(1.0, df, ErrorRates::USUAL).ok()?;
    let team = (std_error * std_error - parts.before - parts.now).max(0.0);
    let allowed = (wanted / of_one).powi(2) - parts.before - team;
    if allowed <= 0.0 || parts.n_now == 0 {
        return None;
    }
    let needed = parts.n_now as f64 * parts.now / allowed;
    let more = (needed - parts.n_now as f64).ceil().max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and saturates"
    )]
    let more = more as u64;
    Some(more)
}

/// Two digits are all that such a number is worth.
fn about(n: u64) -> u64 {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}

/// A baseline that is read otherwise today by more than this share is told.
const ELSEWHERE: f64 = 0.02;

/// The reading in sentences.
pub(super) fn says(it: &Progress) -> String {
    let metric = it.question.metric;
    let Some((value, baseline)) = it.value.zip(it.question.baseline) else {
        return "Cannot tell yet: too little was at risk since the start for a value.".to_owned();
    };
    let elsewhere = it.raw.before.filter(|it| (it / baseline - 1.0).abs() > ELSEWHERE);
    let elsewhere = elsewhere.map_or_else(String::new, |today| {
        let today = metric.show(today);
        format!(" The baseline's window reads {today} today: the ratio is to that.")
    });
    let numbers = format!(
        "{}: {} now, {} in the baseline.{elsewhere}",
        metric.words(),
        metric.show(value.value),
        metric.show(baseline)
    );
    let change = it.raw.ratio_interval().map_or_else(
        || {
            " How exactly that is known cannot be told: fewer than two teams are in both windows."
                .to_owned()
        },
        |(lower, upper)| {
            format!(
                " Ratio by team {:.2} (95 % {lower:.2} to {upper:.2}).",
                it.raw.ratio().unwrap_or(f64::NAN)
            )
        },
    );
    format!("{numbers}{change} {}", verdict(it))
}

fn verdict(it: &Progress) -> String {
    match it.band {
        Band::Ahead => "Ahead: it fell beyond what teams and chance explain.".to_owned(),
        Band::Behind => "Behind: it rose beyond what teams and chance explain.".to_owned(),
        Band::CannotTellYet { more_closures: Some(0) } => {
            "Cannot tell yet: a change as large as wanted would probably show by now, and the interval holds no change.".to_owned()
        }
        Band::CannotTellYet { more_closures: Some(n) } => {
            format!("Cannot tell yet: need about {} more closures.", about(n))
        }
        Band::CannotTellYet { more_closures: None } => {
            "Cannot tell yet: more closures alone would not do; more teams, or a larger change, would.".to_owned()
        }
        Band::MixChanged { with: Other::Standardised } => {
            "Mix changed: with the baseline's mix of severities it goes the other way, so this is no progress and no setback.".to_owned()
        }
        Band::MixChanged { with: Other::ExposureDays } => {
            let direction = if it.exposure_days.log_ratio.is_some_and(|it| it < 0.0) {
                "fell: fewer vulnerable versions come in, and a version that never came in is in no time to fix"
            } else {
                "rose: more vulnerable versions come in"
            };
            format!("Mix changed: open days per 100 targets and month {direction}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::about;

    #[test]
    fn two_digits() {
        for (n, expected) in
            [(0, 0), (7, 7), (99, 99), (101, 110), (1_234, 1_300), (99_001, 100_000)]
        {
            assert_eq!(about(n), expected, "{n}");
        }
    }
}
