//! Ranges of npm: <https://github.com/npm/node-semver#range-grammar>.

use super::comparator::Comparator;
use super::partial::Partial;

pub(super) fn parse(text: &str) -> Option<Vec<Vec<Comparator>>> {
    text.split("||").map(|alternative| range(alternative.trim())).collect()
}

fn range(text: &str) -> Option<Vec<Comparator>> {
    if text.is_empty() {
        return Some(partial("*")?.equal());
    }
    if let Some((low, high)) = text.split_once(" - ") {
        return Some(vec![partial(low.trim())?.at_least(), partial(high.trim())?.at_most()]);
    }
    let mut comparators = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        // Blanks may stand between an operator and its version.
        let is_operator = word.bytes().all(|byte| b"<>=~^".contains(&byte));
        let (operator, version) = if is_operator {
            (word, words.next()?)
        } else {
            let start = word.find(|it: char| !"<>=~^".contains(it))?;
            word.split_at(start)
        };
        let partial = partial(version)?;
        let operator = match operator {
            "" => "=",
            "~>" => "~",
            other => other,
        };
        comparators.extend(partial.with_operator(operator)?);
    }
    Some(comparators)
}

fn partial(text: &str) -> Option<Partial> {
    let text = text.strip_prefix('=').unwrap_or(text);
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    Partial::parse(text, |it| matches!(it, 'x' | 'X' | '*'))
}
