//! A tolerant JSON reader that keeps byte spans.
//!
//! Grammar: RFC 8259, and besides it comments, trailing commas and a byte order mark, which cost nothing. Anything else that is
//! wrong becomes a [`Problem`] and costs the rest of its line; the other entries are kept. Nesting is followed to [`MAX_DEPTH`];
//! nothing recurses.

mod parser;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use fixloop_model::{Problem, Span};

/// Lockfiles nest as deep as `node_modules` did under npm 2; 256 levels are twice the deepest seen.
pub(crate) const MAX_DEPTH: usize = 256;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Object,
    Array,
    /// Between the quotes; `escaped` if a backslash stands there.
    String {
        escaped: bool,
    },
    /// A number, `true`, `false` or `null`.
    Literal,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    span: Span,
    first_child: u32,
    next_sibling: u32,
}

/// One text as a tree. An object's children are key and value in turn.
pub(crate) struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    problems: Vec<Problem>,
}

impl<'a> Document<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        parser::parse(text)
    }

    /// The top-level object, if the text has one.
    pub(crate) fn root(&self) -> Option<Value<'_>> {
        let root = Value { document: self, index: 0 };
        self.nodes.first().filter(|it| it.kind == Kind::Object).map(|_| root)
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Value<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Value<'d> {
    fn node(self) -> Node {
        self.document.nodes[self.index as usize]
    }

    pub(crate) fn span(self) -> Span {
        self.node().span
    }

    pub(crate) fn is_object(self) -> bool {
        self.node().kind == Kind::Object
    }

    fn children(self) -> impl Iterator<Item = Self> + use<'d> {
        let child =
            move |index: u32| (index != NONE).then_some(Self { document: self.document, index });
        let has_children = matches!(self.node().kind, Kind::Object | Kind::Array);
        let first = if has_children { child(self.node().first_child) } else { None };
        std::iter::successors(first, move |it| child(it.node().next_sibling))
    }

    /// The members of an object in order; nothing for any other kind.
    pub(crate) fn entries(self) -> impl Iterator<Item = (Text<'d>, Self)> {
        let mut children = self.children();
        let is_object = self.is_object();
        std::iter::from_fn(move || {
            let key = children.next().filter(|_| is_object)?;
            Some((key.text()?, children.next()?))
        })
    }

    /// The elements of an array in order; nothing for any other kind.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let is_array = self.node().kind == Kind::Array;
        self.children().take_while(move |_| is_array)
    }

    /// The first member of this name. Linear.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.entries().find(|(name, _)| name.raw == key).map(|(_, value)| value)
    }

    pub(crate) fn get_text(self, key: &str) -> Option<Text<'d>> {
        self.get(key)?.text()
    }

    pub(crate) fn is_true(self) -> bool {
        self.node().kind == Kind::Literal && self.span().slice(self.document.text) == Some("true")
    }

    pub(crate) fn text(self) -> Option<Text<'d>> {
        let Kind::String { escaped } = self.node().kind else { return None };
        let span = self.span();
        Some(Text { raw: span.slice(self.document.text)?, span, escaped })
    }
}

/// A string of the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'d> {
    /// As written, between the quotes.
    pub(crate) raw: &'d str,
    pub(crate) span: Span,
    escaped: bool,
}

impl<'d> Text<'d> {
    /// The string meant, escapes resolved; a lone surrogate becomes U+FFFD.
    pub(crate) fn value(self) -> Cow<'d, str> {
        if self.escaped { Cow::Owned(parser::unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}
