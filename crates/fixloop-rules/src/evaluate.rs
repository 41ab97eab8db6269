//! Conditions against a tree, in three-valued logic: what stands behind an alias is neither true nor false.

use fixloop_manifest::OutlineKind;

use crate::components::{Listed, is_listed};
use crate::condition::{Comparison, Condition, Count, Test};
use crate::path::{Step, TreePath, is_named};
use crate::tree::Tree;

/// Nodes looked at and characters compared for one file, as a whole: some seconds at worst.
const MAX_WORK: usize = 50_000_000;

/// How the order matters: [`Truth::No`] is the least, so "and" is the minimum and "or" the maximum.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Truth {
    No,
    Unknown,
    Yes,
}

impl Truth {
    fn of(it: bool) -> Self {
        if it { Self::Yes } else { Self::No }
    }

    fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) truth: Truth,
    /// The nodes of which it is true; none where it is true because something is not there.
    pub(crate) hits: Vec<u32>,
}

pub(crate) struct Evaluation<'t> {
    tree: &'t Tree<'t>,
    work_left: usize,
    /// The first node that was in the way of an answer, and why.
    pub(crate) unsure: Option<(u32, &'static str)>,
}

impl<'t> Evaluation<'t> {
    pub(crate) fn new(tree: &'t Tree<'t>) -> Self {
        Self { tree, work_left: MAX_WORK, unsure: None }
    }

    /// Whether the answer is no answer because it would have taken too long.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.work_left == 0
    }

    pub(crate) fn of_file(&mut self, condition: &Condition) -> Answer {
        let tops: Vec<u32> = self.tree.outline.tops().collect();
        self.ask(condition, &tops)
    }

    /// The nodes that a path leads to from `from`, in the order of the text, and whether that may not be all of them.
    pub(crate) fn walk(&mut self, path: &TreePath, from: &[u32]) -> (Vec<u32>, bool) {
        let mut nodes = from.to_vec();
        let mut may_miss = false;
        for step in &path.steps {
            let mut next = Vec::new();
            for node in nodes {
                may_miss |= self.step(step, node, &mut next);
                if self.is_exhausted() {
                    return (Vec::new(), true);
                }
            }
            next.sort_unstable();
            next.dedup();
            nodes = next;
        }
        (nodes, may_miss)
    }

    fn pay(&mut self, work: usize) {
        self.work_left = self.work_left.saturating_sub(work);
    }

    /// Conditions nest as deep as the rule's reader allows, which is little.
    fn ask(&mut self, condition: &Condition, context: &[u32]) -> Answer {
        let (candidates, may_miss) = match &condition.at {
            Some(path) => self.walk(path, context),
            None => (context.to_vec(), false),
        };
        if condition.is_missing {
            let truth = match (candidates.is_empty(), may_miss) {
                (false, _) => Truth::No,
                (true, true) => Truth::Unknown,
                (true, false) => Truth::Yes,
            };
            return Answer { truth, hits: Vec::new() };
        }
        let mut hits = Vec::new();
        let (mut n_yes, mut n_unknown) = (0, 0);
        for node in candidates {
            let answer = self.ask_node(condition, node);
            match answer.truth {
                Truth::No => {}
                Truth::Unknown => n_unknown += 1,
                Truth::Yes if condition.at.is_some() || answer.hits.is_empty() => {
                    n_yes += 1;
                    hits.push(node);
                }
                Truth::Yes => {
                    n_yes += 1;
                    hits.extend(answer.hits);
                }
            }
            if self.is_exhausted() {
                return Answer { truth: Truth::Unknown, hits: Vec::new() };
            }
        }
        let most = if may_miss { usize::MAX } else { n_yes + n_unknown };
        let wanted = condition.count.unwrap_or(Count { comparison: Comparison::AtLeast, n: 1 });
        let truth = holds(wanted, n_yes, most);
        // Without a path it is the whole file that it is true of.
        let is_whole = condition.at.is_none() && hits.iter().all(|it| self.is_top(*it));
        if truth != Truth::Yes || is_whole {
            hits.clear();
        }
        hits.sort_unstable();
        hits.dedup();
        Answer { truth, hits }
    }

    fn is_top(&self, node: u32) -> bool {
        self.tree.outline.tops().any(|it| it == node)
    }

    fn ask_node(&mut self, condition: &Condition, node: u32) -> Answer {
        let mut truth = Truth::Yes;
        let mut hits = Vec::new();
        for test in &condition.tests {
            truth = truth.min(self.test(test, node));
        }
        for below in &condition.all {
            if truth == Truth::No {
                break;
            }
            let answer = self.ask(below, &[node]);
            truth = truth.min(answer.truth);
            hits.extend(answer.hits);
        }
        if truth != Truth::No && !condition.any.is_empty() {
            let mut any = Truth::No;
            for below in &condition.any {
                let answer = self.ask(below, &[node]);
                any = any.max(answer.truth);
                hits.extend(answer.hits);
            }
            truth = truth.min(any);
        }
        for below in &condition.none {
            if truth == Truth::No {
                break;
            }
            truth = truth.min(self.ask(below, &[node]).truth.negated());
        }
        Answer { truth, hits }
    }

    fn test(&mut self, test: &Test, index: u32) -> Truth {
        let node = &self.tree.outline.nodes[index as usize];
        if node.is_alias {
            self.unsure.get_or_insert((index, "an alias stands where the rule looks"));
            return Truth::Unknown;
        }
        let value = node.value.as_deref();
        let n_bytes = value.map_or(0, str::len);
        let factor = match test {
            Test::OneOf(list) => list.len(),
            Test::Component(list) => list.len(),
            Test::Matches(_) | Test::NotMatches(_) | Test::Contains(_) => 1,
        };
        self.pay(1 + factor / 8 + n_bytes / 4);
        match test {
            Test::OneOf(list) => {
                Truth::of(value.is_some_and(|value| list.iter().any(|it| it == value)))
            }
            Test::Matches(regex) => Truth::of(value.is_some_and(|it| regex.is_match(it))),
            Test::NotMatches(regex) => Truth::of(value.is_some_and(|it| !regex.is_match(it))),
            Test::Contains(part) if node.kind == OutlineKind::List => {
                let mut items = self.tree.outline.children(index);
                let nodes = &self.tree.outline.nodes;
                Truth::of(items.any(|it| nodes[it as usize].value.as_deref() == Some(part)))
            }
            Test::Contains(part) => Truth::of(value.is_some_and(|it| it.contains(&**part))),
            // Items stand behind the top, in the order of the components.
            Test::Component(list) => {
                let component = (index as usize).checked_sub(1);
                let component = component.and_then(|it| self.tree.components.get(it));
                match component.map_or(Listed::No, |it| is_listed(list, it)) {
                    Listed::No => Truth::No,
                    Listed::Yes => Truth::Yes,
                    Listed::Undecided => {
                        let reason =
                            "a package of the rule, at a version that this file does not say";
                        self.unsure.get_or_insert((index, reason));
                        Truth::Unknown
                    }
                }
            }
        }
    }

    /// Adds what one step leads to; whether that may not be all of it.
    fn step(&mut self, step: &Step, index: u32, next: &mut Vec<u32>) -> bool {
        self.pay(1);
        let node = &self.tree.outline.nodes[index as usize];
        if node.is_alias && *step != Step::AnyDepth {
            self.unsure.get_or_insert((index, "an alias stands where the rule looks"));
            return true;
        }
        match step {
            Step::Name(pattern) => self.named(pattern, index, next),
            Step::Items | Step::Item(0)
                if matches!(node.kind, OutlineKind::Text | OutlineKind::Literal) =>
            {
                // Where a list may stand, one value may stand instead.
                next.push(index);
                false
            }
            Step::Items | Step::Item(_) => {
                if node.kind == OutlineKind::List {
                    let items = self.tree.outline.children(index);
                    let before = next.len();
                    match step {
                        Step::Item(n) => next.extend(items.skip(*n).take(1)),
                        _ => next.extend(items),
                    }
                    self.pay(next.len() - before);
                }
                false
            }
            Step::AnyDepth => {
                let mut may_miss = false;
                let mut stack = vec![index];
                while let Some(it) = stack.pop() {
                    self.pay(1);
                    if self.is_exhausted() {
                        return true;
                    }
                    if self.tree.outline.nodes[it as usize].is_alias {
                        self.unsure.get_or_insert((it, "an alias stands where the rule looks"));
                        may_miss = true;
                    }
                    next.push(it);
                    stack.extend(self.tree.outline.children(it));
                }
                may_miss
            }
        }
    }

    fn named(&mut self, pattern: &str, index: u32, next: &mut Vec<u32>) -> bool {
        let (mut is_found, mut merged) = (false, None);
        let outline = &self.tree.outline;
        let mut n_children = 0;
        for child in outline.children(index) {
            n_children += 1;
            let Some(name) = outline.nodes[child as usize].name.as_deref() else { continue };
            if is_named(pattern, name) && name != "<<" {
                next.push(child);
                is_found = true;
            } else if name == "<<" {
                merged = Some(child);
            }
        }
        self.pay(n_children);
        // YAML's merge key brings names from elsewhere; one that stands here itself wins.
        let wants_more = !is_found || pattern.contains('*');
        let Some(merged) = merged.filter(|_| wants_more) else { return false };
        self.unsure.get_or_insert((merged, "a merge key stands where the rule looks"));
        true
    }
}

/// Whether a number between `least` and `most` is what is wanted.
fn holds(wanted: Count, least: usize, most: usize) -> Truth {
    if least == most {
        return Truth::of(wanted.holds(least));
    }
    if wanted.comparison == Comparison::Exactly {
        let is_possible = (least..=most).contains(&wanted.n);
        return if is_possible { Truth::Unknown } else { Truth::No };
    }
    match (wanted.holds(least), wanted.holds(most)) {
        (true, true) => Truth::Yes,
        (false, false) => Truth::No,
        _ => Truth::Unknown,
    }
}
