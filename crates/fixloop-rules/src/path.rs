//! Ways into a tree: `jobs.*.steps[*].uses`, `"a.b".c`, `**.url`.

use crate::error::Mistake;
use fixloop_model::Span;

const MAX_STEPS: usize = 32;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Children of this name; `*` in it stands for any characters.
    Name(String),
    /// Items of a list, or one value where a list may stand.
    Items,
    Item(usize),
    /// The node itself and everything below it.
    AnyDepth,
}

/// Steps from a node to others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct TreePath {
    pub(crate) steps: Vec<Step>,
    /// As written, for people.
    pub(crate) written: String,
}

impl TreePath {
    /// Reads a path that starts at byte `start` of the rule; `is_literal` if the rule has it exactly as in `written`.
    pub(crate) fn parse(written: &str, span: Span, is_literal: bool) -> Result<Self, Mistake> {
        let mut reader = Reader { text: written, at: 0, span, is_literal };
        let mut steps = Vec::new();
        loop {
            steps.push(reader.name()?);
            while reader.text[reader.at..].starts_with('[') {
                steps.push(reader.index()?);
            }
            if steps.len() > MAX_STEPS {
                return Err(Mistake::new(span, format!("a path of more than {MAX_STEPS} steps")));
            }
            match reader.text[reader.at..].chars().next() {
                None => break,
                Some('.') => reader.at += 1,
                Some(other) => {
                    let message = format!("`{other}` is not expected here");
                    return Err(reader
                        .mistake(other.len_utf8(), message)
                        .help("steps of a path are separated by `.`"));
                }
            }
        }
        Ok(Self { steps, written: written.to_owned() })
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    span: Span,
    is_literal: bool,
}

impl Reader<'_> {
    fn mistake(&self, length: usize, message: impl Into<String>) -> Mistake {
        let start = self.span.start as usize + self.at;
        let span = if self.is_literal { Span::new(start, start + length) } else { self.span };
        Mistake::new(span, message)
    }

    /// A name, `*`, `**`, or something in quotes; nothing before `[`.
    fn name(&mut self) -> Result<Step, Mistake> {
        let rest = &self.text[self.at..];
        if rest.starts_with('[') && self.at == 0 {
            return self.index();
        }
        if let Some(quote) = rest.chars().next().filter(|it| matches!(it, '"' | '\'')) {
            let Some(end) = rest[1..].find(quote) else {
                return Err(self.mistake(rest.len(), format!("the {quote} is never closed")));
            };
            let name = rest[1..=end].to_owned();
            self.at += end + 2;
            return Ok(Step::Name(name));
        }
        let end = rest.find(['.', '[', ']', '"', '\'', ' ']).unwrap_or(rest.len());
        if end == 0 {
            return Err(self
                .mistake(1, "a name is missing here")
                .help("write a key, `*` for every key, or `**` for any depth"));
        }
        let name = &rest[..end];
        self.at += end;
        Ok(if name == "**" { Step::AnyDepth } else { Step::Name(name.to_owned()) })
    }

    /// `[*]` or `[0]`.
    fn index(&mut self) -> Result<Step, Mistake> {
        let rest = &self.text[self.at..];
        let Some(end) = rest.find(']') else {
            return Err(self.mistake(rest.len(), "the [ is never closed"));
        };
        let index = &rest[1..end];
        let step = match index {
            "*" => Step::Items,
            _ => Step::Item(index.parse().map_err(|_| {
                self.mistake(end + 1, format!("`{index}` is not a place in a list"))
                    .help("write `[*]` for every item, or a number")
            })?),
        };
        self.at += end + 1;
        Ok(step)
    }
}

/// Whether `name` is what `pattern` says, where `*` stands for any characters. Linear in the product, without recursion.
pub(crate) fn is_named(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(written: &str, expected: &[Step]) {
        let span = Span::new(0, written.len());
        assert_eq!(TreePath::parse(written, span, true).expect("a path").steps, expected);
    }

    fn name(it: &str) -> Step {
        Step::Name(it.to_owned())
    }

    #[test]
    fn paths_are_read() {
        check("a", &[name("a")]);
        check(
            "jobs.*.steps[*].uses",
            &[name("jobs"), name("*"), name("steps"), Step::Items, name("uses")],
        );
        check("**.'a.b'.\"c d\"[2]", &[Step::AnyDepth, name("a.b"), name("c d"), Step::Item(2)]);
        check("[*].x", &[Step::Items, name("x")]);
        check("configuration.add.@value", &[name("configuration"), name("add"), name("@value")]);
    }

    #[track_caller]
    fn check_mistake(written: &str, start: u32, end: u32) {
        let span = Span::new(10, 10 + written.len());
        let mistake = TreePath::parse(written, span, true).expect_err("a mistake");
        assert_eq!((mistake.span.start - 10, mistake.span.end - 10), (start, end), "{mistake:?}");
    }

    #[test]
    fn mistakes_have_their_place() {
        check_mistake("", 0, 1);
        check_mistake("a..b", 2, 3);
        check_mistake("a[x]", 1, 4);
        check_mistake("a[", 1, 2);
        check_mistake("a.\"b", 2, 4);
        check_mistake("a b", 1, 2);
    }

    #[test]
    fn names_may_hold_stars() {
        for (pattern, it, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("@*:registry", "@corp:registry", true),
            ("@*:registry", "registry", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(is_named(pattern, it), expected, "{pattern} {it}");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_read(written in "[a.*\\[\\]'\"0é]{0,12}") {
            let _ = TreePath::parse(&written, Span::new(0, written.len()), true);
        }
    }
}
