//! A tolerant XML reader that keeps byte spans.
//!
//! Grammar: XML 1.0, <https://www.w3.org/TR/xml/>. A document type declaration is read over and no entity is ever expanded but the
//! five predefined ones and character references. A tag that is never closed ends where the one around it does; one that cannot be
//! read is a problem and costs that tag. Nesting is followed to [`MAX_DEPTH`]; nothing recurses.

mod parser;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use fixloop_model::{Problem, Span};

/// Project files nest some ten levels.
const MAX_DEPTH: usize = 64;

const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Node {
    name: Span,
    /// From the opening tag's first byte to behind the closing tag.
    span: Span,
    /// The first piece of text directly inside that is not blank.
    text: Option<Span>,
    first_attribute: u32,
    n_attributes: u32,
    first_child: u32,
    next_sibling: u32,
}

#[derive(Clone, Copy, Debug)]
struct Attribute {
    name: Span,
    value: Span,
}

/// A text read as XML: as much of it as could be read, and what could not.
pub struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    pub problems: Vec<Problem>,
}

impl<'a> Document<'a> {
    pub fn parse(text: &'a str) -> Self {
        parser::parse(text)
    }

    pub fn root(&self) -> Option<Element<'_>> {
        (!self.nodes.is_empty()).then_some(Element { document: self, index: 0 })
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

/// One element of the document.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Element<'d> {
    fn node(self) -> &'d Node {
        &self.document.nodes[self.index as usize]
    }

    /// Without a namespace prefix.
    pub fn name(self) -> &'d str {
        let name = self.node().name.slice(self.document.text).unwrap_or("");
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    pub(crate) fn name_span(self) -> Span {
        self.node().name
    }

    /// Opening tag to closing tag.
    pub fn span(self) -> Span {
        self.node().span
    }

    pub fn children(self) -> impl Iterator<Item = Self> + use<'d> {
        let element =
            move |index: u32| (index != NONE).then_some(Self { document: self.document, index });
        std::iter::successors(element(self.node().first_child), move |it| {
            element(it.node().next_sibling)
        })
    }

    pub fn children_named(self, name: &'d str) -> impl Iterator<Item = Self> + use<'d> {
        self.children().filter(move |it| it.name() == name)
    }

    /// The first child of this name. Linear.
    pub fn child(self, name: &str) -> Option<Self> {
        self.children().find(|it| it.name() == name)
    }

    /// The first piece of text directly inside, without blanks around it; `None` if there is only blank.
    pub fn text(self) -> Option<Text<'d>> {
        let span = self.node().text?;
        Some(Text { raw: span.slice(self.document.text)?, span })
    }

    pub fn child_text(self, name: &str) -> Option<Text<'d>> {
        self.child(name)?.text()
    }

    /// Names as written and values, in the order of the text.
    pub(crate) fn attributes(self) -> impl Iterator<Item = (Span, Text<'d>)> {
        let node = self.node();
        let first = node.first_attribute as usize;
        let text = self.document.text;
        let attributes = &self.document.attributes[first..first + node.n_attributes as usize];
        attributes.iter().filter_map(move |it| {
            let span = trimmed(text, it.value);
            Some((it.name, Text { raw: span.slice(text)?, span }))
        })
    }

    /// The attribute of this name, blanks around its value left out. Linear.
    pub fn attribute(self, name: &str) -> Option<Text<'d>> {
        let node = self.node();
        let first = node.first_attribute as usize;
        let attributes = &self.document.attributes[first..first + node.n_attributes as usize];
        let text = self.document.text;
        let found = attributes.iter().find(|it| it.name.slice(text) == Some(name))?;
        let span = trimmed(text, found.value);
        Some(Text { raw: span.slice(text)?, span })
    }
}

fn trimmed(text: &str, span: Span) -> Span {
    let Some(raw) = span.slice(text) else { return span };
    let start = span.start as usize + raw.len() - raw.trim_start().len();
    Span::new(start, start + raw.trim().len())
}

/// A piece of text or an attribute's value.
#[derive(Clone, Copy, Debug)]
pub struct Text<'d> {
    /// As written.
    pub raw: &'d str,
    pub span: Span,
}

impl<'d> Text<'d> {
    /// The text meant: predefined entities and character references resolved, any other left as written.
    pub fn value(self) -> Cow<'d, str> {
        if !self.raw.contains('&') {
            return Cow::Borrowed(self.raw);
        }
        let mut out = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        while let Some((before, after)) = rest.split_once('&') {
            out.push_str(before);
            // The longest reference is `&#x10ffff;`.
            let end = after.bytes().take(10).position(|it| it == b';');
            let meant = end.and_then(|end| Some((end, referenced(&after[..end])?)));
            if let Some((end, it)) = meant {
                out.push(it);
                rest = &after[end + 1..];
            } else {
                out.push('&');
                rest = after;
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

fn referenced(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
