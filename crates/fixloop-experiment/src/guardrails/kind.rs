//! The guardrails that are known, with their default margins.

/// How a guardrail's numbers are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    /// The treated's own ratio of team sums against a line, whatever the control does.
    Level,
    /// Treated minus control, of ratios of team sums.
    Difference,
    /// Treated over control less one, of ratios of team sums.
    Relative,
    /// Control minus treated, of the teams' own means: less is worse.
    TeamMeans,
    /// Treated minus control of the share dismissed, from the findings themselves.
    Dismissal,
    /// The longest anywhere: no statistics.
    Longest,
}

/// A guardrail as it is defined.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardrailKind {
    pub name: String,
    pub unit: &'static str,
    /// What a ratio is multiplied with to be in the unit.
    pub scale: f64,
    pub comparison: Comparison,
    /// In the unit; `None` of a guardrail that has no usual one.
    pub margin: Option<f64>,
    /// A share above which nothing is waited for, in the unit.
    pub kill: Option<f64>,
    /// Whether the numerator counts events, so that an alarm can bet on their rate.
    pub is_count: bool,
}

impl GuardrailKind {
    /// By its name or a usual other one; any other name is a difference of ratios, larger being worse, and needs a margin.
    pub fn of(name: &str) -> Self {
        use Comparison::{Difference, Dismissal, Level, Longest, Relative, TeamMeans};
        let name = name.trim().to_lowercase().replace(['_', '-'], " ");
        let known = |name: &str, unit, scale, comparison, margin| Self {
            name: name.to_owned(),
            unit,
            scale,
            comparison,
            margin: Some(margin),
            kill: None,
            is_count: false,
        };
        match &*name {
            "override" | "overrides" | "override rate" => Self {
                kill: Some(50.0),
                is_count: true,
                ..known("override rate", "percent", 100.0, Level, 20.0)
            },
            "blocked" | "blocked minutes" => {
                known("blocked minutes", "minutes per developer-week", 1.0, Difference, 15.0)
            }
            "dismissal" | "dismissals" => known("dismissal", "points", 100.0, Dismissal, 5.0),
            "bad fix" | "bad fixes" => {
                Self { is_count: true, ..known("bad fixes", "points", 100.0, Difference, 2.0) }
            }
            "noise" | "alerts" => Self {
                is_count: true,
                ..known("noise", "alerts per developer-week", 1.0, Level, 5.0)
            },
            "not affected" => {
                Self { is_count: true, ..known("not affected", "percent", 100.0, Level, 30.0) }
            }
            "flow" | "lead time" => known("flow", "percent of the control", 100.0, Relative, 10.0),
            "sentiment" | "happiness" => known("sentiment", "of 5", 1.0, TeamMeans, 0.5),
            "builds red" | "red builds" => known("builds red", "hours", 1.0, Longest, 1.0),
            _ => Self {
                margin: None,
                is_count: true,
                ..known(&name, "per unit", 1.0, Difference, 0.0)
            },
        }
    }

    /// Shares have exact limits where teams do not differ.
    pub(super) fn is_share(&self) -> bool {
        matches!(self.unit, "percent" | "points")
    }
}
