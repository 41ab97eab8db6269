//! Flow collections: `{a: 1, b: [c]}`, over one or many lines.

use fixloop_model::Span;

use super::MAX_DEPTH;
use super::scalar::{is_literal, plain_end, quoted_end, unquote};
use crate::tree::{Builder, Kind};

/// Whether an open mapping has a key without a value yet.
struct Open {
    closes_with: u8,
    is_key_next: bool,
}

/// Reads the collection that opens at `text[start]` into `builder`; returns where it ends.
///
/// # Errors
/// What is wrong and where; whatever was opened has been closed.
pub(super) fn read(
    text: &str,
    start: usize,
    builder: &mut Builder<'_>,
) -> Result<usize, (usize, &'static str)> {
    let depth = builder.depth();
    let read = Flow { text, at: start, builder, open: Vec::new() }.run();
    while builder.depth() > depth {
        let end = read.unwrap_or_else(|(at, _)| at);
        builder.close(Span::new(0, end).end);
    }
    read
}

struct Flow<'f, 'a> {
    text: &'f str,
    at: usize,
    builder: &'f mut Builder<'a>,
    open: Vec<Open>,
}

impl Flow<'_, '_> {
    fn run(mut self) -> Result<usize, (usize, &'static str)> {
        loop {
            self.skip_blank();
            let Some(byte) = self.text.as_bytes().get(self.at).copied() else {
                return Err((self.text.len(), "the text ends inside brackets"));
            };
            match byte {
                b'{' | b'[' => self.enter(byte)?,
                b'}' | b']' => {
                    self.leave(byte)?;
                    if self.open.is_empty() {
                        return Ok(self.at);
                    }
                }
                b',' => {
                    self.drop_value();
                    self.at += 1;
                }
                b':' => self.at += 1,
                b'"' | b'\'' => {
                    let end = quoted_end(self.text, self.at);
                    let end = end.ok_or((self.at, "unterminated string"))?;
                    let span = Span::new(self.at + 1, end);
                    let value = unquote(&self.text[self.at + 1..end], byte);
                    self.at = end + 1;
                    self.scalar(span, Some(&value))?;
                }
                _ => {
                    let end = plain_end(self.text, self.at, true);
                    if end == self.at {
                        return Err((self.at, "a value is missing here"));
                    }
                    let span = Span::new(self.at, end);
                    self.at = end;
                    self.scalar(span, None)?;
                }
            }
        }
    }

    fn enter(&mut self, bracket: u8) -> Result<(), (usize, &'static str)> {
        if self.builder.depth() >= MAX_DEPTH {
            return Err((self.at, "nested too deep"));
        }
        if self.open.last().is_some_and(|it| it.is_key_next && it.closes_with == b'}') {
            return Err((self.at, "a collection as a key is not read"));
        }
        self.value_follows();
        let span = Span::new(self.at, self.at + 1);
        let (kind, closes_with) =
            if bracket == b'{' { (Kind::Object, b'}') } else { (Kind::Array, b']') };
        self.builder.open(kind, span);
        self.open.push(Open { closes_with, is_key_next: true });
        self.at += 1;
        Ok(())
    }

    fn leave(&mut self, bracket: u8) -> Result<(), (usize, &'static str)> {
        self.drop_value();
        if self.open.last().is_none_or(|it| it.closes_with != bracket) {
            return Err((self.at, "this bracket closes another one"));
        }
        self.open.pop();
        self.at += 1;
        self.builder.close(Span::new(0, self.at).end);
        Ok(())
    }

    fn scalar(&mut self, span: Span, value: Option<&str>) -> Result<(), (usize, &'static str)> {
        let is_key = self.open.last().is_some_and(|it| it.closes_with == b'}' && it.is_key_next);
        let plain = span.slice(self.text).unwrap_or("");
        match value {
            Some(value) => self.builder.string(span, value),
            None if !is_key && is_literal(plain) => {
                self.builder.leaf(Kind::Literal, span);
            }
            None => self.builder.string(span, plain),
        }
        if is_key {
            if let Some(open) = self.open.last_mut() {
                open.is_key_next = false;
            }
            return Ok(());
        }
        self.value_follows();
        self.skip_blank();
        // `[a: 1]` is a mapping of one pair in a sequence; nobody writes it in the files read here.
        match self.text.as_bytes().get(self.at) {
            Some(b':') => Err((self.at, "a pair inside `[ ]` is not read")),
            _ => Ok(()),
        }
    }

    fn value_follows(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.is_key_next = true;
        }
    }

    /// Gives a key without a value an empty one, so that keys and values stay in step.
    fn drop_value(&mut self) {
        let misses_value =
            self.open.last().is_some_and(|it| it.closes_with == b'}' && !it.is_key_next);
        if misses_value {
            self.builder.leaf(Kind::Literal, Span::new(self.at, self.at));
            self.value_follows();
        }
    }

    fn skip_blank(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let opens_comment =
                *byte == b'#' && self.at > 0 && bytes[self.at - 1].is_ascii_whitespace();
            if opens_comment {
                let rest = &bytes[self.at..];
                self.at += rest.iter().position(|it| *it == b'\n').unwrap_or(rest.len());
            } else if byte.is_ascii_whitespace() {
                self.at += 1;
            } else {
                return;
            }
        }
    }
}
