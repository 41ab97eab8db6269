//! One text as a tree with byte spans, whatever it is written in.
//!
//! `json.rs`, `toml.rs` and `yaml.rs` build it; what reads a format need not know which of them did.

use std::borrow::Cow;
use std::collections::HashMap;

use fixloop_model::{Problem, Span};

use crate::json;

pub(crate) const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Named members: an object, a table, a mapping.
    Object,
    Array,
    /// Between the quotes, if there are any.
    String(Spelling),
    /// A number, date, `true`, `false` or `null`.
    Literal,
}

/// How a string gets from the text to what it means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spelling {
    AsWritten,
    /// With JSON's escapes.
    Json,
    /// Stored in the document, because its syntax has more than escapes.
    Decoded,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    pub(crate) first_child: u32,
    pub(crate) next_sibling: u32,
}

/// A text read as a tree: as much of it as could be read, and what could not.
///
/// An object's children are key and value in turn.
pub struct Document<'a> {
    pub(crate) text: &'a str,
    pub(crate) nodes: Vec<Node>,
    /// By node.
    pub(crate) decoded: HashMap<u32, Box<str>>,
    pub problems: Vec<Problem>,
}

impl Document<'_> {
    /// The top-level value, whatever it is.
    pub(crate) fn top(&self) -> Option<Value<'_>> {
        (!self.nodes.is_empty()).then_some(Value { document: self, index: 0 })
    }

    /// The top-level object, if the text has one.
    pub fn root(&self) -> Option<Value<'_>> {
        let root = Value { document: self, index: 0 };
        self.nodes.first().filter(|it| it.kind == Kind::Object).map(|_| root)
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

/// One value of the document: an object, an array, a string, or a number, date or word.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Value<'d> {
    pub(crate) fn node(self) -> Node {
        self.document.nodes[self.index as usize]
    }

    pub fn span(self) -> Span {
        self.node().span
    }

    pub fn is_object(self) -> bool {
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
    pub fn entries(self) -> impl Iterator<Item = (Text<'d>, Self)> {
        let mut children = self.children();
        let is_object = self.is_object();
        std::iter::from_fn(move || {
            let key = children.next().filter(|_| is_object)?;
            Some((key.text()?, children.next()?))
        })
    }

    /// The elements of an array in order; nothing for any other kind.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let is_array = self.node().kind == Kind::Array;
        self.children().take_while(move |_| is_array)
    }

    /// The first member of this name. Linear.
    pub fn get(self, key: &str) -> Option<Self> {
        self.entries()
            .find(|(name, _)| name.decoded.unwrap_or(name.raw) == key)
            .map(|(_, value)| value)
    }

    pub fn get_text(self, key: &str) -> Option<Text<'d>> {
        self.get(key)?.text()
    }

    pub fn is_true(self) -> bool {
        self.literal() == Some("true")
    }

    /// A number, date, `true`, `false` or `null`, as written.
    pub fn literal(self) -> Option<&'d str> {
        let is_literal = self.node().kind == Kind::Literal;
        self.span().slice(self.document.text).filter(|_| is_literal)
    }

    pub fn text(self) -> Option<Text<'d>> {
        let Kind::String(spelling) = self.node().kind else { return None };
        let span = self.span();
        let raw = span.slice(self.document.text)?;
        let decoded = match spelling {
            Spelling::AsWritten => Some(raw),
            Spelling::Json => None,
            Spelling::Decoded => self.document.decoded.get(&self.index).map(|it| &**it),
        };
        Some(Text { raw, span, decoded })
    }
}

/// A string of the document.
#[derive(Clone, Copy, Debug)]
pub struct Text<'d> {
    /// As written, between the quotes.
    pub raw: &'d str,
    pub span: Span,
    decoded: Option<&'d str>,
}

impl<'d> Text<'d> {
    /// The string meant, escapes resolved; a lone surrogate becomes U+FFFD.
    pub fn value(self) -> Cow<'d, str> {
        match self.decoded {
            Some(decoded) => Cow::Borrowed(decoded),
            None => Cow::Owned(json::unescape(self.raw)),
        }
    }
}

/// Builds a tree in the order of the text.
pub(crate) struct Builder<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    decoded: HashMap<u32, Box<str>>,
    /// Open containers and the last child of each.
    open: Vec<(u32, u32)>,
    pub problems: Vec<Problem>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            nodes: Vec::new(),
            decoded: HashMap::new(),
            open: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn open(&mut self, kind: Kind, span: Span) {
        let node = self.leaf(kind, span);
        self.open.push((node, NONE));
    }

    /// Closes the innermost container, which ends at `end` unless it ends later already.
    pub(crate) fn close(&mut self, end: u32) {
        if let Some((node, _)) = self.open.pop() {
            let span = &mut self.nodes[node as usize].span;
            span.end = span.end.max(end);
        }
    }

    pub(crate) fn leaf(&mut self, kind: Kind, span: Span) -> u32 {
        let index = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(Node { kind, span, first_child: NONE, next_sibling: NONE });
        if let Some((parent, last_child)) = self.open.last_mut() {
            match std::mem::replace(last_child, index) {
                NONE => self.nodes[*parent as usize].first_child = index,
                before => self.nodes[before as usize].next_sibling = index,
            }
        }
        index
    }

    /// A string that means `value`; stored only where that is not what stands under `span`.
    pub(crate) fn string(&mut self, span: Span, value: &str) {
        if span.slice(self.text) == Some(value) {
            self.leaf(Kind::String(Spelling::AsWritten), span);
        } else {
            let node = self.leaf(Kind::String(Spelling::Decoded), span);
            self.decoded.insert(node, value.into());
        }
    }

    pub(crate) fn problem(&mut self, span: Span, reason: impl Into<String>, whole_file: bool) {
        self.problems.push(Problem { span, reason: reason.into(), whole_file });
    }

    pub(crate) fn finish(mut self) -> Document<'a> {
        let end = Span::new(0, self.text.len()).end;
        while !self.open.is_empty() {
            self.close(end);
        }
        let Self { text, nodes, decoded, problems, .. } = self;
        Document { text, nodes, decoded, problems }
    }
}
