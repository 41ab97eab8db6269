//! From numbers to expand, persevere, pivot or stop: one rule, registered before the numbers were known.

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Expand,
    Persevere,
    Pivot,
    Stop,
    Inconclusive,
}

/// Which line of the rule fired.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    /// The experiment itself is not sound: no verdict is drawn.
    Unhealthy,
    /// Nothing could be tested.
    NoTest,
    /// Teams too few for any result to count.
    CannotReachAlpha,
    GuardrailHarm,
    /// Fixes come later, and chance does not explain it.
    Harm,
    /// An effect, worthwhile, and no guardrail is harmed.
    Works,
    /// An effect, worthwhile; whether a guardrail is harmed is not known.
    GuardrailUnknown,
    /// An effect, which may be smaller than is worthwhile.
    MaybeTooSmall,
    /// The worthwhile effect is ruled out.
    Futile,
    TimeLeft,
    OutOfTime,
    /// Teams were chosen: the change is there, and what made it is not known.
    Supports,
    /// Teams were chosen, and what is seen is no more than drift.
    Drift,
}

/// What guardrails say together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Guardrails {
    Safe,
    NotKnown,
    Harm,
}

/// What is decided on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the rule asks")]
pub struct Situation {
    pub is_healthy: bool,
    /// There is a test.
    pub is_tested: bool,
    /// The design can reach its alpha.
    pub can_reach_alpha: bool,
    /// Whether the test rejects "no effect on anyone" at this look.
    pub is_rejected: bool,
    /// Best guess and 95 % set of the time ratio; an end that is `None` is open.
    pub ratio: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Smallest share of time that is worth the trouble, as 0.1.
    pub worthwhile: f64,
    pub guardrails: Guardrails,
    /// More follow-up is planned.
    pub has_time_left: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decision {
    pub verdict: Verdict,
    pub rule: Rule,
}

/// The rule on the benefit b = 1 - time ratio and its 95 % set.
///
/// Harm comes before all else, and a result that may be either is never called one.
pub fn decide(it: &Situation) -> Decision {
    let of = |verdict, rule| Decision { verdict, rule };
    if !it.is_healthy {
        return of(Verdict::Inconclusive, Rule::Unhealthy);
    }
    if it.guardrails == Guardrails::Harm {
        return of(Verdict::Stop, Rule::GuardrailHarm);
    }
    if !it.is_tested {
        let verdict = if it.has_time_left { Verdict::Persevere } else { Verdict::Inconclusive };
        return of(verdict, Rule::NoTest);
    }
    if !it.can_reach_alpha {
        return of(Verdict::Inconclusive, Rule::CannotReachAlpha);
    }
    let is_harm = it.is_rejected && it.low.is_some_and(|it| it > 1.0);
    if is_harm {
        return of(Verdict::Stop, Rule::Harm);
    }
    let is_better = it.is_rejected && it.high.is_some_and(|it| it < 1.0);
    let is_worthwhile = it.ratio.is_some_and(|ratio| 1.0 - ratio >= it.worthwhile);
    // What is above 0 and below what is worthwhile is futile, too.
    if it.low.is_some_and(|low| 1.0 - low < it.worthwhile) {
        return of(Verdict::Pivot, Rule::Futile);
    }
    match (is_better && is_worthwhile, it.guardrails) {
        (true, Guardrails::Safe) => return of(Verdict::Expand, Rule::Works),
        (true, _) => return of(Verdict::Persevere, Rule::GuardrailUnknown),
        _ => {}
    }
    if it.has_time_left {
        let rule = if is_better { Rule::MaybeTooSmall } else { Rule::TimeLeft };
        return of(Verdict::Persevere, rule);
    }
    of(Verdict::Inconclusive, Rule::OutOfTime)
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expand => "expand",
            Self::Persevere => "persevere",
            Self::Pivot => "pivot",
            Self::Stop => "stop",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl Rule {
    /// The rule in a sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::Unhealthy => "the experiment is not healthy, so its numbers decide nothing",
            Self::NoTest => "no test could be made",
            Self::CannotReachAlpha => "with these teams no result could have counted",
            Self::GuardrailHarm => "a guardrail is harmed",
            Self::Harm => "fixes come later with the treatment",
            Self::Works => "fixes come sooner, by enough, and no guardrail is harmed",
            Self::GuardrailUnknown => {
                "fixes come sooner, by enough, but guardrails are not known to be safe"
            }
            Self::MaybeTooSmall => "fixes come sooner, though perhaps by less than is worthwhile",
            Self::Futile => "the smallest worthwhile effect is ruled out",
            Self::TimeLeft => {
                "the interval still holds effects of both kinds, and there is time left"
            }
            Self::Supports => {
                "teams were chosen, not drawn: this supports the treatment and cannot confirm it"
            }
            Self::Drift => "what is seen cannot be told from drift",
            Self::OutOfTime => {
                "the time is over, and the interval still holds effects of both kinds"
            }
        }
    }
}
