//! Tables of a rule with the places of their keys and values.

use fixloop_manifest::{Outline, OutlineKind};
use fixloop_model::Span;

use crate::error::Mistake;

/// How unlike a known key may be to be meant.
const MAX_DISTANCE: usize = 3;

pub(crate) struct Table<'t> {
    outline: &'t Outline<'t>,
    text: &'t str,
    node: u32,
    /// Where a missing key is told.
    place: Span,
}

#[derive(Clone, Copy)]
pub(crate) struct Entry<'t> {
    outline: &'t Outline<'t>,
    text: &'t str,
    node: u32,
}

impl<'t> Table<'t> {
    /// # Errors
    /// If a key is none of `known`.
    pub(crate) fn top(
        outline: &'t Outline<'t>,
        text: &'t str,
        known: &[&str],
    ) -> Result<Self, Mistake> {
        Self::new(outline, text, (0, Span::default()), known)
    }

    fn new(
        outline: &'t Outline<'t>,
        text: &'t str,
        (node, place): (u32, Span),
        known: &[&str],
    ) -> Result<Self, Mistake> {
        let table = Self { outline, text, node, place };
        for child in outline.children(node) {
            let child = &outline.nodes[child as usize];
            let name = child.name.as_deref().unwrap_or("");
            if known.contains(&name) {
                continue;
            }
            let span = child.name_span.unwrap_or(child.span);
            let mistake = Mistake::new(span, format!("unknown key `{name}`"));
            return Err(match nearest(name, known) {
                Some(it) => mistake.help(format!("did you mean `{it}`?")),
                None => mistake.help(format!("known here are {}", listed(known))),
            });
        }
        Ok(table)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Entry<'t>> {
        let nodes = &self.outline.nodes;
        let mut children = self.outline.children(self.node);
        let node = children.find(|it| nodes[*it as usize].name.as_deref() == Some(key))?;
        Some(Entry { outline: self.outline, text: self.text, node })
    }

    pub(crate) fn required(&self, key: &str, help: &str) -> Result<Entry<'t>, Mistake> {
        let missing = || Mistake::new(self.place, format!("`{key}` is missing")).help(help);
        self.get(key).ok_or_else(missing)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.outline.children(self.node).next().is_none()
    }

    pub(crate) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake::new(self.place, message)
    }
}

impl<'t> Entry<'t> {
    fn node(&self) -> &'t fixloop_manifest::OutlineNode<'t> {
        &self.outline.nodes[self.node as usize]
    }

    /// Of the value.
    pub(crate) fn span(&self) -> Span {
        self.node().span
    }

    /// Of the key; of the value, if it is an item of a list.
    pub(crate) fn place(&self) -> Span {
        self.node().name_span.unwrap_or(self.node().span)
    }

    pub(crate) fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake::new(self.span(), message)
    }

    /// Whether the value's characters are those of the rule, so that places in it are known.
    pub(crate) fn is_as_written(&self) -> bool {
        self.span().slice(self.text) == self.node().value.as_deref()
    }

    /// The first byte of a text that stands in the rule as it is meant; a line break behind the opening quotes is no part of it.
    pub(crate) fn start(&self) -> Option<usize> {
        let (span, meant) = (self.span(), self.node().value.as_deref()?);
        let written = span.slice(self.text)?;
        let n_before =
            ["", "\n", "\r\n"].iter().find(|it| written.strip_prefix(**it) == Some(meant));
        Some(span.start as usize + n_before?.len())
    }

    pub(crate) fn is_table(&self) -> bool {
        self.node().kind == OutlineKind::Mapping
    }

    pub(crate) fn table(&self, known: &[&str]) -> Result<Table<'t>, Mistake> {
        if !self.is_table() {
            return Err(self.mistake("a table is expected here"));
        }
        Table::new(self.outline, self.text, (self.node, self.place()), known)
    }

    pub(crate) fn text(&self) -> Result<&'t str, Mistake> {
        let node = self.node();
        let text = node.value.as_deref().filter(|_| node.kind == OutlineKind::Text);
        text.ok_or_else(|| self.mistake("a text in quotes is expected here"))
    }

    /// The items of a list, or the one value that stands in its place.
    pub(crate) fn parts(&self) -> Vec<Self> {
        if self.node().kind != OutlineKind::List {
            return vec![*self];
        }
        let children = self.outline.children(self.node);
        children.map(|node| Self { outline: self.outline, text: self.text, node }).collect()
    }

    pub(crate) fn texts(&self) -> Result<Vec<(&'t str, Span)>, Mistake> {
        self.parts().iter().map(|it| Ok((it.text()?, it.span()))).collect()
    }

    /// A text, number or truth value, as files write it.
    pub(crate) fn scalar(&self) -> Result<&'t str, Mistake> {
        let value = self.node().value.as_deref();
        value.ok_or_else(|| self.mistake("a text, a number, `true` or `false` is expected here"))
    }

    pub(crate) fn truth(&self) -> Result<bool, Mistake> {
        match self.scalar()? {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.mistake("`true` or `false` is expected here")),
        }
    }

    /// The place of the text in `names`.
    pub(crate) fn one_of(&self, names: &[&str]) -> Result<usize, Mistake> {
        let text = self.text()?;
        names
            .iter()
            .position(|it| *it == text)
            .ok_or_else(|| self.mistake(format!("`{text}` is none of {}", listed(names))))
    }
}

fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Other words for the same.
    let word = match name {
        "path" => "at",
        "description" | "summary" | "message" => "title",
        "regex" | "match" | "pattern" => "matches",
        "and" => "all",
        "or" => "any",
        "not" => "none",
        "in" => "one-of",
        _ => "",
    };
    if let Some(it) = known.iter().find(|it| **it == word) {
        return Some(it);
    }
    let distance = |it: &str| strsim::damerau_levenshtein(&name.replace('_', "-"), it);
    let nearest = known.iter().min_by_key(|it| distance(it))?;
    // A word of another length is another word.
    (distance(nearest) <= MAX_DISTANCE.min(nearest.len() / 2)).then_some(*nearest)
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}
