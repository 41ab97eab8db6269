//! Intervals with brackets, as Maven and NuGet write them: `[1.0]`, `[1.0,2.0)`, `(,1.0]`.

use super::clauses::{Clause, Operator};
use crate::scheme::Scheme;

/// One interval, which must be the whole text.
pub(super) fn parse(scheme: Scheme, text: &str) -> Option<Vec<Clause>> {
    let inner = text.strip_prefix(['[', '('])?.strip_suffix([']', ')'])?;
    let (is_closed_below, is_closed_above) = (text.starts_with('['), text.ends_with(']'));
    let Some((lower, upper)) = inner.split_once(',') else {
        let is_closed = is_closed_below && is_closed_above;
        let version = inner.trim();
        return is_closed.then(|| Some(vec![Clause::new(Operator::Equal, scheme, version)?]))?;
    };
    let (lower, upper) = (lower.trim(), upper.trim());
    let mut all = Vec::new();
    if !lower.is_empty() {
        let operator = if is_closed_below { Operator::GreaterOrEqual } else { Operator::Greater };
        all.push(Clause::new(operator, scheme, lower)?);
    }
    if !upper.is_empty() {
        let operator = if is_closed_above { Operator::LessOrEqual } else { Operator::Less };
        all.push(Clause::new(operator, scheme, upper)?);
    }
    Some(all)
}
