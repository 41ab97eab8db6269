//! From text to tree: one pass, one explicit stack.

use std::collections::HashMap;

use fixloop_model::{Problem, Span};

use super::MAX_DEPTH;
use super::indentation::Lines;
use crate::limits::MAX_VALUES;
use crate::tree::{Document, Kind, NONE, Node, Spelling};

/// A text with more problems than this is not worth a longer list.
const MAX_PROBLEMS: usize = 100;

pub(super) struct Open {
    pub(super) node: u32,
    last_child: u32,
    /// In an object: a key was read and its value is missing.
    pending_key: bool,
    /// A comma (or the opening bracket) was read since the last value.
    separated: bool,
    /// Of the line with the bracket; known only where indentation counts.
    pub(super) indent: usize,
}

pub(super) struct Parser<'a> {
    text: &'a str,
    pub(super) bytes: &'a [u8],
    at: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) stack: Vec<Open>,
    problems: Vec<Problem>,
    /// In a text that is known to be broken, indentation tells what was not closed.
    pub(super) lines: Option<Lines>,
}

/// Reads a text; one that is broken once more, with indentation, since a line that is being typed leaves brackets open.
pub(crate) fn parse(text: &str) -> Document<'_> {
    let mut parser = Parser::new(text, None);
    parser.run();
    if !parser.problems.is_empty() {
        parser = Parser::new(text, Some(Lines::default()));
        parser.run();
    }
    Document { text, nodes: parser.nodes, decoded: HashMap::new(), problems: parser.problems }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, lines: Option<Lines>) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            nodes: Vec::with_capacity(text.len() / 16),
            stack: Vec::new(),
            problems: Vec::new(),
            lines,
        }
    }

    fn run(&mut self) {
        self.skip_blank();
        match self.bytes.get(self.at) {
            Some(b'{') => self.open(Kind::Object),
            Some(b'[') => self.open(Kind::Array),
            _ => {
                let end = self.line_end();
                return self.problem(self.at, end, "expected a JSON object", true);
            }
        }
        while !self.stack.is_empty() {
            self.skip_blank();
            if self.at >= self.bytes.len() {
                let opened = self.nodes[self.stack[0].node as usize].span.start as usize;
                let reason = format!("the text ends inside {} unclosed brackets", self.stack.len());
                return self.problem(opened, opened + 1, &reason, true);
            }
            self.step();
        }
        self.skip_blank();
        if self.at < self.bytes.len() {
            let end = self.line_end();
            self.problem(self.at, end, "text after the end of the JSON object", true);
        }
    }

    /// Reads one token inside the innermost open container.
    fn step(&mut self) {
        if self.nodes.len() >= MAX_VALUES {
            let reason = format!("more than {MAX_VALUES} values: the rest is not read");
            self.problem(self.at, self.at, &reason, true);
            self.at = self.bytes.len();
            self.stack.clear();
            return;
        }
        match self.bytes[self.at] {
            b'{' => self.open(Kind::Object),
            b'[' => self.open(Kind::Array),
            b'}' => self.close(Kind::Object),
            b']' => self.close(Kind::Array),
            b',' => {
                self.drop_pending_key();
                if let Some(top) = self.stack.last_mut() {
                    top.separated = true;
                }
                self.at += 1;
            }
            b'"' => self.string(),
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => self.literal(),
            _ => self.garbage(),
        }
    }

    fn open(&mut self, kind: Kind) {
        if self.stack.len() >= MAX_DEPTH {
            let reason = format!("nested deeper than {MAX_DEPTH} levels");
            self.problem(self.at, self.at + 1, &reason, true);
            // Nothing below this level can be told apart any more.
            self.at = self.bytes.len();
            self.stack.clear();
            return;
        }
        let start = self.at;
        if !self.value_may_stand_here() {
            return self.garbage();
        }
        let node = self.push(kind, start, start + 1);
        self.at += 1;
        let indent = self.lines.as_mut().map_or(0, |it| it.go_to(self.bytes, start).indent);
        self.stack.push(Open {
            node,
            last_child: NONE,
            pending_key: false,
            separated: true,
            indent,
        });
    }

    fn close(&mut self, kind: Kind) {
        self.drop_pending_key();
        let end = self.at + 1;
        let Some(top) = self.stack.last() else { return };
        if self.nodes[top.node as usize].kind != kind {
            let reason = format!("`{}` closes no open bracket here", self.bytes[self.at] as char);
            self.problem(self.at, end, &reason, false);
            let encloses =
                self.stack.iter().rposition(|it| self.nodes[it.node as usize].kind == kind);
            let Some(depth) = encloses else {
                self.at = end;
                return;
            };
            self.stack.truncate(depth + 1);
        }
        if let Some(top) = self.stack.pop() {
            self.nodes[top.node as usize].span.end = Span::new(0, end).end;
        }
        self.at = end;
    }

    fn string(&mut self) {
        let start = self.at + 1;
        let mut escaped = false;
        let mut end = start;
        loop {
            match self.bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                None | Some(b'\n') => {
                    let end = end.min(self.bytes.len());
                    self.problem(self.at, end, "unterminated string", false);
                    self.drop_pending_key_quietly();
                    self.at = end;
                    return;
                }
                Some(_) => end += 1,
            }
        }
        self.close_by_indentation(start - 1, end + 1);
        if self.is_key_position() {
            self.key(start, end, escaped);
        } else if self.value_may_stand_here() {
            self.push(string_kind(escaped), start, end);
            self.at = end + 1;
        } else {
            self.garbage();
        }
    }

    /// A string in key position: kept only if a colon follows.
    fn key(&mut self, start: usize, end: usize, escaped: bool) {
        let is_separated = self.stack.last().is_some_and(|it| it.separated);
        if !is_separated {
            self.problem(start - 1, end + 1, "expected `,` before this key", false);
        }
        self.at = end + 1;
        self.skip_blank();
        if self.bytes.get(self.at) != Some(&b':') {
            return self.problem(start - 1, end + 1, "expected `:` after this key", false);
        }
        self.at += 1;
        self.push(string_kind(escaped), start, end);
        if let Some(top) = self.stack.last_mut() {
            top.pending_key = true;
        }
    }

    fn literal(&mut self) {
        let start = self.at;
        let is_part =
            |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'+' | b'.' | b'_');
        let length = self.bytes[start..].iter().take_while(|it| is_part(it)).count();
        let word = &self.bytes[start..start + length];
        let is_known = matches!(word, b"true" | b"false" | b"null");
        let is_number = word[0].is_ascii_digit() || word[0] == b'-';
        if self.is_key_position() || !self.value_may_stand_here() || !(is_known || is_number) {
            return self.garbage();
        }
        self.push(Kind::Literal, start, start + length);
        self.at = start + length;
    }

    /// Reports what stands here and leaves the rest of the line unread.
    fn garbage(&mut self) {
        let end = self.line_end();
        self.problem(self.at, end, "not JSON: the rest of this line is skipped", false);
        self.drop_pending_key_quietly();
        self.at = end.max(self.at + 1);
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn is_key_position(&self) -> bool {
        self.stack.last().is_some_and(|top| {
            self.nodes[top.node as usize].kind == Kind::Object && !top.pending_key
        })
    }

    fn value_may_stand_here(&self) -> bool {
        self.stack.last().is_none_or(|top| match self.nodes[top.node as usize].kind {
            Kind::Object => top.pending_key,
            _ => top.separated,
        })
    }

    /// Appends a node to the innermost container.
    fn push(&mut self, kind: Kind, start: usize, end: usize) -> u32 {
        let index = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let span = Span::new(start, end);
        self.nodes.push(Node { kind, span, first_child: NONE, next_sibling: NONE });
        if let Some(top) = self.stack.last_mut() {
            match top.last_child {
                NONE => self.nodes[top.node as usize].first_child = index,
                previous => self.nodes[previous as usize].next_sibling = index,
            }
            top.last_child = index;
            top.pending_key = false;
            top.separated = false;
        }
        index
    }

    pub(super) fn drop_pending_key(&mut self) {
        let pending = self.stack.last().filter(|it| it.pending_key).map(|it| it.last_child);
        if let Some(key) = pending {
            let span = self.nodes[key as usize].span;
            let reason = "this key has no value";
            self.problem(span.start as usize, span.end as usize, reason, false);
            self.drop_pending_key_quietly();
        }
    }

    /// Gives a key whose value was unreadable an empty one, so that keys and values stay in step.
    fn drop_pending_key_quietly(&mut self) {
        if self.stack.last().is_some_and(|it| it.pending_key) {
            self.push(Kind::Literal, self.at, self.at);
        }
    }

    pub(super) fn problem(&mut self, start: usize, end: usize, reason: &str, whole_file: bool) {
        if self.problems.len() < MAX_PROBLEMS {
            let span = Span::new(start, end.min(self.bytes.len()));
            self.problems.push(Problem { span, reason: reason.to_owned(), whole_file });
        } else if self.problems.len() == MAX_PROBLEMS {
            let reason = format!("more than {MAX_PROBLEMS} problems: the rest is not listed");
            self.problems.push(Problem { span: Span::new(start, start), reason, whole_file: true });
        }
    }

    fn line_end(&self) -> usize {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|it| *it == b'\n').unwrap_or(rest.len());
        self.at + length
    }

    /// Skips white space and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = &self.bytes[self.at.min(self.bytes.len())..];
            let blank = rest.iter().take_while(|it| it.is_ascii_whitespace()).count();
            self.at += blank;
            let rest = &rest[blank..];
            if rest.starts_with(b"//") {
                self.at = self.line_end();
            } else if rest.starts_with(b"/*") {
                let close = rest.windows(2).skip(2).position(|it| it == b"*/");
                self.at += close.map_or(rest.len(), |it| it + 4);
            } else {
                return;
            }
        }
    }
}

fn string_kind(escaped: bool) -> Kind {
    Kind::String(if escaped { Spelling::Json } else { Spelling::AsWritten })
}

pub(crate) fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let (unit, length) = unicode_escape(after);
                out.push(unit);
                rest = after.get(length..).unwrap_or("");
                continue;
            }
            Some(other) => out.push(other),
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// Reads `uXXXX` and, for a surrogate pair, the `\uXXXX` after it; returns the bytes taken.
fn unicode_escape(text: &str) -> (char, usize) {
    let unit = |at: usize| text.get(at..at + 4).and_then(|it| u32::from_str_radix(it, 16).ok());
    let Some(high) = unit(1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    let low = text.get(5..7).filter(|it| *it == "\\u").and_then(|_| unit(7));
    match (high, low) {
        (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
    }
}
