//! From text to tree: one pass, one explicit stack.

use fixloop_model::{Problem, Span};

use super::{Attribute, Document, MAX_DEPTH, NONE, Node, trimmed};
use crate::excerpt::excerpt;
use crate::limits::MAX_VALUES;

/// A text with more problems than this is not worth a longer list.
const MAX_PROBLEMS: usize = 100;

struct Open {
    node: u32,
    last_child: u32,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    open: Vec<Open>,
    problems: Vec<Problem>,
    is_root_closed: bool,
}

pub(super) fn parse(text: &str) -> Document<'_> {
    let mut parser = Parser {
        text,
        at: 0,
        nodes: Vec::new(),
        attributes: Vec::new(),
        open: Vec::new(),
        problems: Vec::new(),
        is_root_closed: false,
    };
    parser.run();
    let Parser { nodes, attributes, problems, .. } = parser;
    Document { text, nodes, attributes, problems }
}

impl Parser<'_> {
    fn run(&mut self) {
        while let Some(length) = self.text[self.at..].find('<') {
            self.characters(self.at, self.at + length);
            self.at += length;
            if self.nodes.len() + self.attributes.len() >= MAX_VALUES {
                let reason = format!("more than {MAX_VALUES} values: the rest is not read");
                self.problem(self.at, self.at, reason, true);
                self.open.clear();
                return;
            }
            let rest = &self.text[self.at..];
            if rest.starts_with("<!--") {
                self.skip_past("-->", "comment");
            } else if rest.starts_with("<![CDATA[") {
                let start = self.at + "<![CDATA[".len();
                self.skip_past("]]>", "CDATA section");
                let closed = self.text[..self.at].strip_suffix("]]>").map(str::len);
                self.characters(start, closed.unwrap_or(self.at).max(start));
            } else if rest.starts_with("<!") {
                self.skip_declaration();
            } else if rest.starts_with("<?") {
                self.skip_past("?>", "processing instruction");
            } else if rest.starts_with("</") {
                self.close_tag();
            } else {
                self.open_tag();
            }
        }
        self.characters(self.at, self.text.len());
        if self.nodes.is_empty() {
            return self.problem(0, 0, "no XML element".to_owned(), true);
        }
        if let Some(first) = self.open.first() {
            let start = self.nodes[first.node as usize].span.start as usize;
            let reason = format!("the text ends inside {} unclosed tags", self.open.len());
            self.problem(start, start + 1, reason, true);
            while let Some(open) = self.open.pop() {
                self.nodes[open.node as usize].span.end = Span::new(0, self.text.len()).end;
            }
        }
    }

    /// Text between tags; the first piece that is not blank is kept.
    fn characters(&mut self, start: usize, end: usize) {
        let Some(top) = self.open.last() else { return };
        let node = &mut self.nodes[top.node as usize];
        if node.text.is_none() {
            let span = trimmed(self.text, Span::new(start, end));
            node.text = (span.start < span.end).then_some(span);
        }
    }

    fn skip_past(&mut self, end: &str, what: &str) {
        if let Some(length) = self.text[self.at + 2..].find(end) {
            self.at += 2 + length + end.len();
        } else {
            self.problem(self.at, self.at + 2, format!("unclosed {what}"), true);
            self.at = self.text.len();
        }
    }

    /// `<!DOCTYPE …>` with its internal subset: read over, so that nothing it declares has an effect.
    fn skip_declaration(&mut self) {
        let mut depth = 0_usize;
        for (index, byte) in self.text.as_bytes()[self.at..].iter().enumerate() {
            match byte {
                b'[' | b'<' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                b'>' if depth <= 1 => return self.at += index + 1,
                b'>' => depth -= 1,
                _ => {}
            }
        }
        self.problem(self.at, self.at + 2, "unclosed declaration".to_owned(), true);
        self.at = self.text.len();
    }

    fn name_end(&self, start: usize) -> usize {
        let is_part = |it: char| it.is_alphanumeric() || matches!(it, ':' | '_' | '-' | '.');
        let rest = &self.text[start..];
        start + rest.find(|it| !is_part(it)).unwrap_or(rest.len())
    }

    fn open_tag(&mut self) {
        let start = self.at;
        let name = Span::new(start + 1, self.name_end(start + 1));
        if name.start == name.end {
            self.problem(start, start + 1, "`<` opens no tag here".to_owned(), false);
            self.at = start + 1;
            return;
        }
        if self.open.len() >= MAX_DEPTH {
            let reason = format!("nested deeper than {MAX_DEPTH} levels");
            self.problem(start, start + 1, reason, true);
            self.open.clear();
            self.at = self.text.len();
            return;
        }
        if self.is_root_closed {
            self.problem(start, start + 1, "text after the end of the XML".to_owned(), true);
            self.at = self.text.len();
            return;
        }
        self.at = name.end as usize;
        let first_attribute = self.attributes.len();
        let is_empty = self.attributes();
        let n_attributes = self.attributes.len() - first_attribute;
        let index = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(Node {
            name,
            span: Span::new(start, self.at),
            text: None,
            first_attribute: u32::try_from(first_attribute).unwrap_or(NONE),
            n_attributes: u32::try_from(n_attributes).unwrap_or(0),
            first_child: NONE,
            next_sibling: NONE,
        });
        if let Some(top) = self.open.last_mut() {
            match std::mem::replace(&mut top.last_child, index) {
                NONE => self.nodes[top.node as usize].first_child = index,
                before => self.nodes[before as usize].next_sibling = index,
            }
        }
        if is_empty {
            self.is_root_closed = self.open.is_empty();
        } else {
            self.open.push(Open { node: index, last_child: NONE });
        }
    }

    /// Reads attributes to the end of the tag; whether that closes itself.
    fn attributes(&mut self) -> bool {
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
            let rest = &self.text[self.at..];
            if rest.starts_with("/>") {
                self.at += 2;
                return true;
            }
            if rest.starts_with('>') {
                self.at += 1;
                return false;
            }
            if rest.is_empty() || rest.starts_with('<') {
                // The next tag begins before this one ends: someone is typing here.
                self.problem(self.at, self.at, "this tag is not finished".to_owned(), false);
                return true;
            }
            if !self.attribute() {
                let end = rest.find(['<', '>', '\n']).unwrap_or(rest.len()).max(1);
                let end = (end..=rest.len()).find(|it| rest.is_char_boundary(*it));
                let end = self.at + end.unwrap_or(rest.len());
                let reason = format!("`{}` is no attribute", excerpt(&self.text[self.at..end]));
                self.problem(self.at, end, reason, false);
                self.at = end;
            }
        }
    }

    /// Reads `name="value"`; whether there was one.
    fn attribute(&mut self) -> bool {
        let name = Span::new(self.at, self.name_end(self.at));
        let rest = &self.text[name.end as usize..];
        let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else {
            return false;
        };
        let Some(quote) = value.chars().next().filter(|it| matches!(it, '"' | '\'')) else {
            return false;
        };
        // `<` may not stand in a value, so an unclosed quote costs only its tag.
        let Some(length) = value[1..].find([quote, '<']) else { return false };
        if !value[1 + length..].starts_with(quote) || name.start == name.end {
            return false;
        }
        let start = self.text.len() - value.len() + 1;
        self.attributes.push(Attribute { name, value: Span::new(start, start + length) });
        self.at = start + length + 1;
        true
    }

    fn close_tag(&mut self) {
        let start = self.at;
        let name_end = self.name_end(start + 2);
        let name = &self.text[start + 2..name_end];
        let rest = &self.text[name_end..];
        let end = name_end + rest.find(['>', '<']).unwrap_or(rest.len());
        self.at = if self.text[end..].starts_with('>') { end + 1 } else { end };
        let is_it = |it: &Open| self.nodes[it.node as usize].name.slice(self.text) == Some(name);
        let Some(depth) = self.open.iter().rposition(is_it) else {
            let reason = format!("`</{}>` closes no open tag", excerpt(name));
            return self.problem(start, self.at, reason, false);
        };
        if depth + 1 < self.open.len() {
            let unclosed = self.open[depth + 1].node as usize;
            let span = self.nodes[unclosed].name;
            let name = excerpt(span.slice(self.text).unwrap_or(""));
            let reason = format!("`<{name}>` is never closed");
            self.problem(span.start as usize, span.end as usize, reason, false);
        }
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { break };
            self.nodes[open.node as usize].span.end = Span::new(0, self.at).end;
        }
        self.is_root_closed = self.open.is_empty();
    }

    fn problem(&mut self, start: usize, end: usize, reason: String, whole_file: bool) {
        if self.problems.len() < MAX_PROBLEMS {
            let end = end.min(self.text.len());
            let span = Span::new(start, end);
            self.problems.push(Problem { span, reason, whole_file });
        } else if self.problems.len() == MAX_PROBLEMS {
            let reason = format!("more than {MAX_PROBLEMS} problems: the rest is not listed");
            self.problems.push(Problem { span: Span::new(start, start), reason, whole_file: true });
        }
    }
}
