//! The examples that a rule carries: a rule that they contradict is refused.

use fixloop_model::{CheckState, Span};

use crate::error::Mistake;
use crate::rule::Rule;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Good,
    Bad,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Example {
    pub(crate) kind: Kind,
    /// Nothing: a file that the rule's first pattern names.
    pub(crate) path: Option<(String, Span)>,
    pub(crate) text: String,
    /// Where the text stands in the rule.
    pub(crate) span: Span,
    /// The first byte of the text in the rule, if it stands there as it is meant.
    pub(crate) start: Option<usize>,
    /// From 1, among those of its kind.
    pub(crate) number: usize,
}

/// # Errors
/// The first example that is not what the rule says of it.
pub(crate) fn run(rule: &Rule, examples: &[Example]) -> Result<(), Mistake> {
    for example in examples {
        let (path, place) = match &example.path {
            Some((path, span)) => (&**path, *span),
            None => (&*rule.files.example, example.span),
        };
        if !rule.names(path) {
            let message = format!("the rule's `files` do not name `{path}`");
            return Err(Mistake::new(place, message).help("give the example a `path` that they do"));
        }
        let checks = rule.check_file(path, &example.text);
        let Example { kind, number, .. } = example;
        let word = kind.word();
        let wrong =
            |line: Option<u32>, message: String| Err(Mistake::new(example.place(line), message));
        let unknown = checks.iter().find(|it| it.state == CheckState::Unknown);
        if let Some(it) = unknown {
            let message = format!("{word} example {number} cannot be decided: {}", it.evidence);
            return wrong(it.line, message);
        }
        let found = checks.iter().find(|it| it.state.is_finding());
        match (kind, found) {
            (Kind::Good, Some(it)) => {
                let message = format!("good example {number} is found: `{}`", it.evidence);
                return wrong(it.line, message);
            }
            (Kind::Bad, None) => {
                return wrong(None, format!("bad example {number} is not found by the rule"));
            }
            (Kind::Good, None) | (Kind::Bad, Some(_)) => {}
        }
    }
    Ok(())
}

impl Example {
    /// Where a line of the example stands in the rule; its first one with something on it, if no line is said.
    fn place(&self, line: Option<u32>) -> Span {
        let Some(start) = self.start else { return self.span };
        let mut at = start;
        for (number, whole) in (1..).zip(self.text.split_inclusive('\n')) {
            let content = whole.trim();
            let is_it = line.map_or(!content.is_empty(), |it| it == number);
            if is_it {
                let from = at + whole.len() - whole.trim_start().len();
                return Span::new(from, from + content.len());
            }
            at += whole.len();
        }
        self.span
    }
}
