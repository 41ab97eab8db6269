//! One rule on one text: every place that it finds, or that it finds none, or why that is not known.

use fixloop_model::{BuildCheck, CheckState, LineIndex, Problem};
use regex::Regex;

use crate::condition::{Condition, Test};
use crate::evaluate::{Evaluation, Truth};
use crate::evidence;
use crate::rule::Rule;
use crate::tree::{Format, Tree, read};

/// A file with more places is affected all over.
const MAX_PLACES: usize = 100;

pub(crate) fn check_text(rule: &Rule, path: &str, text: &str) -> Vec<BuildCheck> {
    let lines = LineIndex::new(text);
    let line_of = |offset: u32| lines.position(text, offset).line;
    let tree = match read(rule.format, path, text) {
        Ok(tree) => tree,
        Err((reason, span)) => {
            return vec![rule.unknown(path, span.map(|it| line_of(it.start)), &reason)];
        }
    };
    let mut evaluation = Evaluation::new(&tree);
    let answer = evaluation.of_file(&rule.when);
    if evaluation.is_exhausted() {
        return vec![rule.unknown(path, None, "too large for this rule: not decided")];
    }
    let problem = problem_in_the_way(rule, &tree, text);
    let is_certain =
        answer.truth == Truth::Yes && (problem.is_none() || !rule.when.is_about_absence());
    if is_certain {
        return affected(rule, path, text, &lines, (&tree, evaluation, answer.hits));
    }
    if let Some(problem) = problem {
        let line = Some(line_of(problem.span.start));
        return vec![rule.unknown(path, line, &problem.reason)];
    }
    if answer.truth == Truth::Unknown {
        let (line, reason) = match evaluation.unsure {
            Some((node, reason)) => {
                let shown = evidence::of_node(&tree, text, &lines, node, &[]);
                (Some(shown.line), format!("{reason}: `{}`", shown.text))
            }
            None => (None, "the file does not say".to_owned()),
        };
        return vec![rule.unknown(path, line, &reason)];
    }
    let evidence = "no place in this file is what the rule looks for".to_owned();
    vec![rule.of_state(CheckState::Safe, path, None, evidence)]
}

fn affected(
    rule: &Rule,
    path: &str,
    text: &str,
    lines: &LineIndex,
    (tree, mut evaluation, hits): (&Tree<'_>, Evaluation<'_>, Vec<u32>),
) -> Vec<BuildCheck> {
    let found = |line, evidence| rule.of_state(CheckState::Affected, path, line, evidence);
    if hits.is_empty() {
        let evidence = match missing(&rule.when) {
            Some(path) => format!("nothing in this file is at `{path}` as the rule wants it"),
            None => "the file as a whole is what the rule looks for".to_owned(),
        };
        return vec![found(None, evidence)];
    }
    let mut patterns = Vec::new();
    collect_patterns(&rule.when, &mut patterns);
    let mut checks: Vec<BuildCheck> = Vec::new();
    for hit in &hits {
        let shown =
            rule.evidence.as_ref().and_then(|it| evaluation.walk(it, &[*hit]).0.first().copied());
        let shown = evidence::of_node(tree, text, lines, shown.unwrap_or(*hit), &patterns);
        let check = found(Some(shown.line), shown.text);
        // Two values of one line are one place.
        if checks.last() == Some(&check) {
            continue;
        }
        if checks.len() == MAX_PLACES {
            checks.push(found(None, format!("{} places in all", hits.len())));
            break;
        }
        checks.push(check);
    }
    checks
}

/// The first problem that may hide what the rule looks for.
fn problem_in_the_way<'t>(rule: &Rule, tree: &'t Tree<'_>, text: &str) -> Option<&'t Problem> {
    let mut problems = tree.outline.problems.iter();
    if rule.format != Format::Lockfile {
        return problems.next();
    }
    // An entry that cannot be read is in the way only where it may be one of the packages.
    let mut names = Vec::new();
    collect_names(&rule.when, &mut names);
    problems.find(|problem| {
        let start = (problem.span.start as usize).min(text.len());
        let from = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let to = (problem.span.end as usize).max(start);
        let to = text.get(to..).and_then(|it| it.find('\n')).map_or(text.len(), |it| to + it);
        let written = text.get(from..to).unwrap_or(text);
        names.iter().any(|it| written.contains(it))
    })
}

/// The first path whose absence can make a condition true.
fn missing(condition: &Condition) -> Option<&str> {
    let own = condition.at.as_ref().filter(|_| condition.is_missing || condition.count.is_some());
    let below = || {
        let mut conditions = condition.all.iter().chain(&condition.any).chain(&condition.none);
        conditions.find_map(missing)
    };
    let of_none = || condition.none.iter().find_map(|it| it.at.as_ref());
    own.or_else(of_none).map(|it| &*it.written).or_else(below)
}

fn collect_patterns<'r>(condition: &'r Condition, patterns: &mut Vec<&'r Regex>) {
    patterns.extend(condition.tests.iter().filter_map(|it| match it {
        Test::Matches(regex) => Some(regex),
        _ => None,
    }));
    for below in condition.all.iter().chain(&condition.any) {
        collect_patterns(below, patterns);
    }
}

fn collect_names<'r>(condition: &'r Condition, names: &mut Vec<&'r str>) {
    for test in &condition.tests {
        if let Test::Component(list) = test {
            names.extend(list.iter().map(|it| &*it.name));
        }
    }
    for below in condition.all.iter().chain(&condition.any).chain(&condition.none) {
        collect_names(below, names);
    }
}
