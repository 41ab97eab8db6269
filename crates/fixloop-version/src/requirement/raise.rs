//! A requirement rewritten so that it begins with a given version, in the way it was written.
//!
//! What is tried is written clause by clause and then read again: only a text whose lowest admitted version is the target, and which
//! ends where the writer's did, is an answer. An end below the target moves to the target's line, with as many numbers as before:
//! `>=1.0,<2` becomes `>=2.3.1,<3`, `<1.5` becomes `<1.8` for 1.7.2, `<2.0.0` becomes `<3.0.0` (its zeros say what the end means),
//! `<=2.5.3` becomes `<=` the target. Alternatives that admit only lower versions go.

mod clause;
mod interval;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::bounds::Bounds;
use super::{Requirement, Syntax};
use crate::version::Version;
use clause::Clause;

impl Requirement {
    /// `text` so that the lowest version it admits is `target`; unchanged if it is so already.
    ///
    /// The result is read in `syntax` and admits `target`. `None` where that cannot be done in this syntax: what is no requirement (a
    /// tag, an address, a branch), one that begins above the target or leaves it out by name, a Go module of another major version
    /// (its path would be another), floating prereleases.
    pub fn raised(syntax: Syntax, text: &str, target: &Version) -> Option<String> {
        let parsed = Self::parse(syntax, text).ok()?;
        let target = Target::new(syntax, target);
        let raised = match syntax {
            Syntax::Go => interval::go(text, &parsed.bounds(), &target)?,
            Syntax::Maven if !text.trim_start().starts_with(['[', '(']) => {
                text.replace(text.trim(), &target.text)
            }
            Syntax::NuGet if !text.contains(['[', '(']) => interval::bare(text, &target)?,
            _ if syntax == Syntax::Composer && text.contains([' ', '#']) && names_branch(text) => {
                return None;
            }
            _ => alternatives(syntax, text, &target)?,
        };
        let proven = Self::parse(syntax, &raised).ok()?;
        let bounds = proven.bounds();
        let begins_at_target = bounds.iter().any(|it| target.begins(it))
            && bounds.iter().all(|it| target.begins(it) || target.is_below(it));
        (begins_at_target && proven.admits(target.version)).then_some(raised)
    }
}

/// `dev-main as 1.0` and `1.0.x-dev#0123` name a commit.
fn names_branch(text: &str) -> bool {
    text.contains(" as ") || text.contains('#')
}

/// The version to reach, as the syntax writes it.
struct Target<'v> {
    syntax: Syntax,
    version: &'v Version,
    text: String,
}

impl<'v> Target<'v> {
    fn new(syntax: Syntax, version: &'v Version) -> Self {
        let text = version.as_str().trim();
        let text = match syntax {
            Syntax::Maven => text,
            _ => text.strip_prefix(['v', 'V']).unwrap_or(text),
        };
        // Build metadata has no part in the order, and tools warn of it in a requirement.
        let text = match syntax {
            Syntax::Npm | Syntax::Cargo | Syntax::NuGet | Syntax::Pub | Syntax::Hex => {
                text.split_once('+').map_or(text, |(version, _)| version)
            }
            _ => text,
        };
        Self { syntax, version, text: text.to_owned() }
    }

    /// Whether nothing that `bounds` admits is lower.
    fn begins(&self, bounds: &Bounds) -> bool {
        let Some(lower) = bounds.lower.as_ref().filter(|it| it.is_inclusive) else { return false };
        // Composer begins with the first development version, without letting it in.
        let dev = (self.syntax == Syntax::Composer)
            .then(|| self.version.scheme().parse(&format!("{}-dev", self.text)).ok())
            .flatten();
        lower.version == *self.version || dev.is_some_and(|it| lower.version == it)
    }

    fn is_below(&self, bounds: &Bounds) -> bool {
        bounds.lower.as_ref().is_some_and(|it| *self.version < it.version)
    }
}

/// Raises or drops each alternative; where only lower ones are left, the last of them moves to the target's line.
fn alternatives(syntax: Syntax, text: &str, target: &Target<'_>) -> Option<String> {
    let parts = split(syntax, text);
    let mut kept: Vec<Option<String>> = Vec::with_capacity(parts.len());
    let mut reaches = false;
    for part in &parts {
        let written = &text[part.clone()];
        let bounds = bounds_of(syntax, written)?;
        let begins = target.begins(&bounds);
        kept.push(if begins || target.is_below(&bounds) {
            reaches |= begins;
            Some(written.to_owned())
        } else if bounds.contains(target.version) {
            reaches = true;
            Some(alternative(syntax, written, target)?)
        } else {
            None
        });
    }
    if !reaches {
        let last = kept.iter().rposition(Option::is_none)?;
        kept[last] = Some(alternative(syntax, &text[parts[last].clone()], target)?);
    }
    let mut out = text[..parts.first()?.start].to_owned();
    let mut is_first = true;
    for (index, kept) in kept.iter().enumerate() {
        let Some(kept) = kept else { continue };
        if !is_first {
            out.push_str(&text[parts[index - 1].end..parts[index].start]);
        }
        out.push_str(kept);
        is_first = false;
    }
    out.push_str(&text[parts.last()?.end..]);
    Some(out)
}

/// Where the alternatives stand, blanks around them left out.
fn split(syntax: Syntax, text: &str) -> Vec<Range<usize>> {
    let separators: &[&str] = match syntax {
        Syntax::Npm => &["||"],
        Syntax::Composer => &["||", "|"],
        Syntax::Hex => &[" or "],
        Syntax::NuGet | Syntax::Maven => return interval::split(text),
        _ => &[],
    };
    let mut parts = Vec::new();
    let mut start = 0;
    loop {
        let rest = &text[start..];
        let found = separators
            .iter()
            .filter_map(|it| Some((rest.find(it)?, it.len())))
            .min_by_key(|(at, len)| (*at, std::cmp::Reverse(*len)));
        let end = found.map_or(text.len(), |(at, _)| start + at);
        let part = &text[start..end];
        let lead = part.len() - part.trim_start().len();
        parts.push(start + lead..start + lead + part.trim().len());
        match found {
            Some((at, len)) => start += at + len,
            None => return parts,
        }
    }
}

/// The interval of one alternative or clause.
fn bounds_of(syntax: Syntax, text: &str) -> Option<Bounds> {
    match &Requirement::parse(syntax, text).ok()?.bounds()[..] {
        [bounds] => Some(bounds.clone()),
        _ => None,
    }
}

/// The first way of writing it that begins with the target and ends where it should.
fn alternative(syntax: Syntax, text: &str, target: &Target<'_>) -> Option<String> {
    if matches!(syntax, Syntax::NuGet | Syntax::Maven) {
        return interval::raised(text, target);
    }
    let is_hyphenated = matches!(syntax, Syntax::Npm | Syntax::Composer);
    if let Some((lower, upper)) = text.split_once(" - ").filter(|_| is_hyphenated) {
        let upper = clause::hyphen_end(lower, upper, target)?;
        return Some(format!("{} - {upper}", target.text));
    }
    let clauses = clause::split(text)?;
    if clauses.is_empty() {
        return Some(clause::at_least("", target));
    }
    let moved: Vec<String> = clauses.iter().map(|it| it.moved(target)).collect::<Option<_>>()?;
    let end = bounds_of(syntax, &rebuilt(text, &clauses, &moved))?.upper;
    ways(text, &clauses, &moved, target)
        .into_iter()
        .find(|way| bounds_of(syntax, way).is_some_and(|it| target.begins(&it) && it.upper == end))
}

/// Ways to write the raised alternative, the closest to the writer's first; some are no requirements at all.
fn ways(text: &str, clauses: &[Clause<'_>], moved: &[String], target: &Target<'_>) -> Vec<String> {
    let with = |index: usize, clause: String| {
        let mut all = moved.to_vec();
        all[index] = clause;
        rebuilt(text, clauses, &all)
    };
    let joiner = clause::joiner(target.syntax, text);
    if let Some(index) = clauses.iter().position(|it| matches!(it.operator, ">=" | ">")) {
        return vec![with(index, clauses[index].at_least(target))];
    }
    let is_end = |it: &Clause<'_>| matches!(it.operator, "<" | "<=" | "!=" | "<>");
    let Some(index) = clauses.iter().position(|it| !is_end(it)) else {
        let lower = clause::at_least(clauses[0].gap, target);
        return vec![with(0, format!("{lower}{joiner}{}", moved[0]))];
    };
    let clause = &clauses[index];
    if clause.n_numbers() == 0 {
        return vec![with(index, clause.at_least(target))];
    }
    if clause.is_exact(target.syntax) {
        return vec![with(index, moved[index].clone())];
    }
    let mut ways: Vec<String> = [clause.operator, "", "~", "^"]
        .iter()
        .map(|operator| with(index, clause.with_operator(operator, target)))
        .collect();
    ways.push(with(index, format!("{}{joiner}{}", moved[index], clause.at_least(target))));
    ways
}

fn rebuilt(text: &str, clauses: &[Clause<'_>], replaced: &[String]) -> String {
    let mut out = String::new();
    let mut end = 0;
    for (clause, replaced) in clauses.iter().zip(replaced) {
        out.push_str(&text[end..clause.range.start]);
        out.push_str(replaced);
        end = clause.range.end;
    }
    out.push_str(&text[end..]);
    out
}
