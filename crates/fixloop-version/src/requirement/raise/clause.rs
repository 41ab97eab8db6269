//! One clause as it was written: operator, blanks, version.

use std::ops::Range;

use super::{Target, bounds_of};
use crate::requirement::clauses::{numbers, raised};
use crate::requirement::{Requirement, Syntax};

pub(super) struct Clause<'t> {
    pub(super) range: Range<usize>,
    text: &'t str,
    pub(super) operator: &'t str,
    /// Blanks between operator and version.
    pub(super) gap: &'t str,
    version: &'t str,
}

/// The clauses of one alternative, whatever stands between them; `None` if a version is missing.
pub(super) fn split(text: &str) -> Option<Vec<Clause<'_>>> {
    let is_between = |it: char| it.is_whitespace() || it == ',';
    let mut clauses = Vec::new();
    let mut start = 0;
    loop {
        let rest = &text[start..];
        start += rest.len() - rest.trim_start_matches(is_between).len();
        let rest = &text[start..];
        if rest.is_empty() {
            return Some(clauses);
        }
        // Hex joins clauses by a word.
        if let Some(after) = rest.strip_prefix("and").filter(|it| it.starts_with(is_between)) {
            start = text.len() - after.len();
            continue;
        }
        let end_of_operator = rest.find(|it: char| !"<>=!~^".contains(it))?;
        let (operator, after) = rest.split_at(end_of_operator);
        let gap = &after[..after.len() - after.trim_start().len()];
        let after = &after[gap.len()..];
        // Pub takes the next operator without a blank before it.
        let end =
            after.find(|it: char| is_between(it) || "<>^".contains(it)).unwrap_or(after.len());
        if end == 0 {
            return None;
        }
        let len = operator.len() + gap.len() + end;
        let range = start..start + len;
        clauses.push(Clause {
            text: &text[range.clone()],
            range,
            operator,
            gap,
            version: &after[..end],
        });
        start += len;
    }
}

impl<'t> Clause<'t> {
    /// Before the numbers.
    fn prefix(&self) -> &'t str {
        let end = self.version.trim_start_matches(['=', 'v', 'V']).len();
        &self.version[..self.version.len() - end]
    }

    /// Behind the version: Composer's stability.
    fn flag(&self) -> &'t str {
        self.version.find('@').map_or("", |at| &self.version[at..])
    }

    /// The numbers, and what follows them up to the flag.
    fn parts(&self) -> (Vec<&'t str>, &'t str) {
        let flag = self.flag();
        let version = &self.version[self.prefix().len()..self.version.len() - flag.len()];
        numbers(version)
    }

    pub(super) fn n_numbers(&self) -> usize {
        self.parts().0.len()
    }

    pub(super) fn is_exact(&self, syntax: Syntax) -> bool {
        Requirement::parse(syntax, self.text).is_ok_and(|it| it.exact().is_some())
    }

    pub(super) fn at_least(&self, target: &Target<'_>) -> String {
        let gap = if self.operator.is_empty() { gap_of(target.syntax) } else { self.gap };
        format!(">={gap}{}{}{}", self.prefix(), target.text, self.flag())
    }

    /// The target behind `operator`, with as many numbers as the writer gave where the others are 0.
    pub(super) fn with_operator(&self, operator: &str, target: &Target<'_>) -> String {
        let version = shaped(&target.text, self.n_numbers());
        format!("{operator}{}{}{version}{}", self.gap, self.prefix(), self.flag())
    }

    /// The clause itself if it admits the target, else the same on the target's release line.
    pub(super) fn moved(&self, target: &Target<'_>) -> Option<String> {
        let admits = |text: &str| {
            bounds_of(target.syntax, text).is_some_and(|it| it.contains(target.version))
        };
        if admits(self.text) || matches!(self.operator, ">=" | ">" | "!=" | "<>") {
            return Some(self.text.to_owned());
        }
        let before = format!("{}{}{}", self.operator, self.gap, self.prefix());
        let (parts, tail) = self.parts();
        let flag = self.flag();
        if self.is_exact(target.syntax) {
            return Some(format!("{before}{}{flag}", target.text));
        }
        let moved = match self.operator {
            "<" => format!("{before}{}{tail}{flag}", next_end(&parts, &target.text)?),
            "<=" => {
                let moved = format!("{before}{}{flag}", line(&target.text, parts.len()));
                if admits(&moved) { moved } else { format!("{before}{}{flag}", target.text) }
            }
            _ => {
                let wildcard = if tail.contains(['*', 'x', 'X']) { tail } else { "" };
                format!("{before}{}{wildcard}{flag}", line(&target.text, parts.len()))
            }
        };
        admits(&moved).then_some(moved)
    }
}

/// `>=` the target.
pub(super) fn at_least(gap: &str, target: &Target<'_>) -> String {
    let gap = if gap.is_empty() { gap_of(target.syntax) } else { gap };
    format!(">={gap}{}", target.text)
}

/// Ruby and Elixir write a blank behind their operators.
fn gap_of(syntax: Syntax) -> &'static str {
    if matches!(syntax, Syntax::RubyGems | Syntax::Hex) { " " } else { "" }
}

/// What stands between two clauses.
pub(super) fn joiner(syntax: Syntax, text: &str) -> &'static str {
    match syntax {
        Syntax::Hex => " and ",
        Syntax::Cargo | Syntax::RubyGems => ", ",
        Syntax::Pep440 | Syntax::Composer if text.contains(", ") => ", ",
        Syntax::Pep440 => ",",
        Syntax::Composer if text.contains(',') => ",",
        _ => " ",
    }
}

/// The upper end of `lower - upper`.
pub(super) fn hyphen_end(lower: &str, upper: &str, target: &Target<'_>) -> Option<String> {
    let admits = |upper: &str| {
        let text = format!("{} - {upper}", lower.trim());
        bounds_of(target.syntax, &text).is_some_and(|it| it.contains(target.version))
    };
    let (parts, _) = numbers(upper.trim().trim_start_matches(['v', 'V']));
    let ways = [upper.to_owned(), line(&target.text, parts.len()), target.text.clone()];
    ways.into_iter().find(|it| admits(it))
}

/// The end of the line that holds `target`, in the places where `parts` has its own end: `3.0` for `2.1.4` where `2.0` was.
pub(super) fn next_end(parts: &[&str], target: &str) -> Option<String> {
    let is_zero = |it: &&str| it.bytes().all(|byte| byte == b'0');
    let place = parts.iter().rposition(|it| !is_zero(it)).unwrap_or(0);
    let (mut of_target, _) = numbers(target);
    while of_target.len() <= place {
        of_target.push("0");
    }
    let mut end = raised(&of_target, place + 1)?;
    for _ in place + 1..parts.len() {
        end.push_str(".0");
    }
    Some(end)
}

/// The first `n` numbers of a version, missing ones 0; all of it where it has no more than `n`.
pub(super) fn line(version: &str, n: usize) -> String {
    let (parts, tail) = numbers(version);
    if parts.len() <= n {
        return if tail.is_empty() { padded(version, parts.len(), n) } else { version.to_owned() };
    }
    parts[..n].join(".")
}

/// The version with at least `n` numbers, and no more than that where the rest is 0.
fn shaped(version: &str, n: usize) -> String {
    let (parts, tail) = numbers(version);
    if !tail.is_empty() {
        return version.to_owned();
    }
    let mut kept = parts.len();
    while kept > n && parts[kept - 1].bytes().all(|byte| byte == b'0') {
        kept -= 1;
    }
    padded(&parts[..kept].join("."), kept, n)
}

fn padded(version: &str, n_has: usize, n: usize) -> String {
    format!("{version}{}", ".0".repeat(n.saturating_sub(n_has)))
}
