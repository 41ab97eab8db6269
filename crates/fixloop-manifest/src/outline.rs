//! A configuration file as one tree, for those who ask for a place in it and not for packages.
//!
//! JSON, YAML (every document of a stream), TOML and XML become the same shape. An XML element's attributes are children named `@name`.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use fixloop_model::{Problem, Span};

use crate::tree::{Document, Value};
use crate::{json, toml, xml, yaml};

/// Streams of manifests hold some hundred documents.
const MAX_DOCUMENTS: usize = 10_000;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Syntax {
    Json,
    Yaml,
    Toml,
    Xml,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OutlineKind {
    /// Named children: an object, a table, a mapping, an element.
    Mapping,
    List,
    /// A string.
    Text,
    /// A number, date, `true`, `false` or `null`.
    Literal,
}

#[derive(Clone, Debug)]
pub struct OutlineNode<'a> {
    pub kind: OutlineKind,
    /// As its parent calls it; nothing for items of a list and for the top.
    pub name: Option<Cow<'a, str>>,
    pub name_span: Option<Span>,
    /// Of the value: between the quotes, if there are any.
    pub span: Span,
    /// What a string or literal says, or the first text directly in an XML element.
    pub value: Option<Cow<'a, str>>,
    /// A YAML alias, which stands for something that is not here.
    pub is_alias: bool,
    pub first_child: Option<u32>,
    pub next_sibling: Option<u32>,
}

/// Nodes in the order of the text, parents before their children. The first is the top; further documents are its siblings.
#[derive(Clone, Debug, Default)]
pub struct Outline<'a> {
    pub nodes: Vec<OutlineNode<'a>>,
    pub problems: Vec<Problem>,
    /// Open containers and the last child of each.
    open: Vec<(u32, Option<u32>)>,
    last_top: Option<u32>,
}

enum Step<T> {
    Enter(Option<(Span, String)>, T),
    Leave,
}

impl<'a> Outline<'a> {
    /// Total: what could not be read is among the problems.
    pub fn read(syntax: Syntax, text: &'a str) -> Self {
        let mut outline = Self::default();
        match syntax {
            Syntax::Json => outline.document(text, json::parse(text)),
            Syntax::Toml => outline.document(text, toml::parse(text)),
            Syntax::Yaml => outline.stream(text),
            Syntax::Xml => outline.xml(text),
        }
        outline
    }

    /// The tops: one, but for YAML streams.
    pub fn tops(&self) -> impl Iterator<Item = u32> {
        let first = (!self.nodes.is_empty()).then_some(0);
        std::iter::successors(first, |it| self.nodes[*it as usize].next_sibling)
    }

    pub fn children(&self, node: u32) -> impl Iterator<Item = u32> {
        let first = self.nodes.get(node as usize).and_then(|it| it.first_child);
        std::iter::successors(first, |it| self.nodes[*it as usize].next_sibling)
    }

    /// Adds a node below the innermost open container, and opens it if it is one.
    pub fn add(&mut self, node: OutlineNode<'a>) {
        let Ok(index) = u32::try_from(self.nodes.len()) else { return };
        let before = match self.open.last_mut() {
            Some((parent, last)) => match last.replace(index) {
                None => {
                    self.nodes[*parent as usize].first_child = Some(index);
                    None
                }
                before => before,
            },
            None => self.last_top.replace(index),
        };
        if let Some(before) = before {
            self.nodes[before as usize].next_sibling = Some(index);
        }
        if matches!(node.kind, OutlineKind::Mapping | OutlineKind::List) {
            self.open.push((index, None));
        }
        self.nodes.push(node);
    }

    /// Closes the innermost open container.
    pub fn close(&mut self) {
        self.open.pop();
    }

    fn stream(&mut self, text: &'a str) {
        // A file of comments says nothing, which is no mistake.
        let says_nothing = |text: &str| {
            text.trim_start_matches('\u{feff}').lines().all(|line| {
                let line = line.trim();
                line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
            })
        };
        let mut at = 0;
        for _ in 0..MAX_DOCUMENTS {
            let rest = &text[at..];
            if says_nothing(rest) {
                return;
            }
            let (document, end) = yaml::parse_from(text, at);
            self.document(text, document);
            let ended = &text[end..];
            let line = ended.find('\n').map_or(ended.len(), |it| it + 1);
            let is_end = ended[..line].trim_end() == "...";
            // Whatever a document is, the next one starts behind it.
            at = if is_end || end <= at && at > 0 { end + line } else { end };
        }
        let reason = format!("more than {MAX_DOCUMENTS} documents: the rest is not read");
        self.problems.push(Problem { span: Span::new(at, at), reason, whole_file: true });
    }

    fn document(&mut self, text: &'a str, document: Document<'a>) {
        let mut steps: Vec<Step<Value<'_>>> = Vec::new();
        steps.extend(document.top().map(|it| Step::Enter(None, it)));
        while let Some(step) = steps.pop() {
            let Step::Enter(name, value) = step else {
                self.close();
                continue;
            };
            let node = node_of(text, name, value);
            let kind = node.kind;
            self.add(node);
            let start = steps.len();
            match kind {
                OutlineKind::Mapping => {
                    steps.push(Step::Leave);
                    let name = |key: crate::tree::Text<'_>| (key.span, key.value().into_owned());
                    steps.extend(value.entries().map(|(key, it)| Step::Enter(Some(name(key)), it)));
                }
                OutlineKind::List => {
                    steps.push(Step::Leave);
                    steps.extend(value.items().map(|it| Step::Enter(None, it)));
                }
                OutlineKind::Text | OutlineKind::Literal => {}
            }
            // The last is taken first.
            if let Some(children) = steps.get_mut(start + 1..) {
                children.reverse();
            }
        }
        self.problems.extend(document.into_problems());
    }

    fn xml(&mut self, text: &'a str) {
        let document = xml::Document::parse(text);
        let mut steps: Vec<Step<xml::Element<'_>>> = Vec::new();
        steps.extend(document.root().map(|it| Step::Enter(None, it)));
        if let Some(root) = document.root() {
            // The path into a file starts with its root element's name, so it needs something around it.
            self.add(OutlineNode::new(OutlineKind::Mapping, root.span()));
        }
        while let Some(step) = steps.pop() {
            let Step::Enter(_, element) = step else {
                self.close();
                continue;
            };
            self.add(OutlineNode {
                name: Some(Cow::Owned(element.name().to_owned())),
                name_span: Some(element.name_span()),
                value: Some(Cow::Owned(
                    element.text().map(|it| it.value().into_owned()).unwrap_or_default(),
                )),
                ..OutlineNode::new(OutlineKind::Mapping, element.span())
            });
            for (name, value) in element.attributes() {
                let written = name.slice(text).unwrap_or("");
                let local = written.rsplit_once(':').map_or(written, |(_, local)| local);
                self.add(OutlineNode {
                    name: Some(Cow::Owned(format!("@{local}"))),
                    name_span: Some(name),
                    value: Some(Cow::Owned(value.value().into_owned())),
                    ..OutlineNode::new(OutlineKind::Text, value.span)
                });
            }
            steps.push(Step::Leave);
            let start = steps.len();
            steps.extend(element.children().map(|it| Step::Enter(None, it)));
            steps[start..].reverse();
        }
        self.problems.extend(document.into_problems());
    }
}

impl OutlineNode<'_> {
    pub fn new(kind: OutlineKind, span: Span) -> Self {
        Self {
            kind,
            name: None,
            name_span: None,
            span,
            value: None,
            is_alias: false,
            first_child: None,
            next_sibling: None,
        }
    }
}

fn node_of<'a>(text: &'a str, name: Option<(Span, String)>, value: Value<'_>) -> OutlineNode<'a> {
    let span = value.span();
    let borrowed = |it: Cow<'_, str>| match span.slice(text) {
        Some(written) if written == it => Cow::Borrowed(written),
        _ => Cow::Owned(it.into_owned()),
    };
    let (kind, said) = if let Some(it) = value.text() {
        (OutlineKind::Text, Some(borrowed(it.value())))
    } else if value.is_object() {
        (OutlineKind::Mapping, None)
    } else if let Some(it) = value.literal() {
        (OutlineKind::Literal, Some(borrowed(Cow::Borrowed(it))))
    } else {
        (OutlineKind::List, None)
    };
    let before = (span.start as usize).checked_sub(1).and_then(|it| text.as_bytes().get(it));
    let is_quoted = matches!(before, Some(b'"' | b'\''));
    let is_alias = kind == OutlineKind::Text
        && !is_quoted
        && said.as_deref().is_some_and(|it| it.starts_with('*') && it.len() > 1);
    let (name_span, name) = name.map_or((None, None), |(span, name)| (Some(span), Some(name)));
    OutlineNode {
        name: name.map(Cow::Owned),
        name_span,
        value: said,
        is_alias,
        ..OutlineNode::new(kind, span)
    }
}
