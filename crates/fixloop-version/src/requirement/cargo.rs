//! Version requirements of Cargo: <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>.

use super::comparator::Comparator;
use super::partial::Partial;

pub(super) fn parse(text: &str) -> Option<Vec<Comparator>> {
    let mut comparators = Vec::new();
    // A comma at the end is allowed.
    let text = text.trim().strip_suffix(',').unwrap_or(text.trim());
    for part in text.split(',') {
        let part = part.trim();
        let start = part.find(|it: char| !"<>=~^".contains(it))?;
        let (operator, version) = part.split_at(start);
        let version = version.trim();
        let partial = Partial::parse(version, |it| matches!(it, '*' | 'x' | 'X'))?;
        let is_wildcard = version.ends_with(['*', 'x', 'X']);
        let operator = match operator {
            "" if is_wildcard => "=",
            "" => "^",
            other => other,
        };
        comparators.extend(partial.with_operator(operator)?);
    }
    Some(comparators)
}
