//! Block structure: indentation, keys, items; one pass over the lines.

use fixloop_model::Span;

use super::scalar::{fold, is_literal, plain_end, quoted_end, unquote};
use super::{MAX_DEPTH, MAX_PROBLEMS, flow};
use crate::limits::MAX_VALUES;
use crate::tree::{Builder, Document, Kind};

pub(crate) fn parse(text: &str) -> Document<'_> {
    parse_from(text, 0).0
}

/// Reads the document that starts at byte `start`, and says where it ended: at the text's end, or before `---` or `...`.
pub(crate) fn parse_from(text: &str, start: usize) -> (Document<'_>, usize) {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let at = start.max(mark);
    let mut reader = Reader {
        text,
        at,
        open: Vec::new(),
        awaits: Awaits::Root,
        n_problems: 0,
        builder: Builder::new(text),
    };
    reader.run();
    (reader.builder.finish(), reader.at)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Open {
    kind: Kind,
    /// Of the keys or dashes, in bytes.
    indent: usize,
}

/// Where a value is missing that a following line may give.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Awaits {
    /// Nothing was read yet.
    Root,
    /// The value of a key at this indentation.
    Value(usize),
    /// The value of a dash at this indentation.
    Item(usize),
    Nothing,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    awaits: Awaits,
    n_problems: usize,
    builder: Builder<'a>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            if self.builder.n_nodes() >= MAX_VALUES {
                let reason = format!("more than {MAX_VALUES} values: the rest is not read");
                return self.builder.problem(Span::new(self.at, self.at), reason, true);
            }
            let start = self.at;
            let line = self.line(start);
            let content = line.trim_start_matches(' ');
            let trimmed = content.trim_end();
            if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('%') {
                self.at = start + line.len();
            } else if trimmed == "---" || (trimmed.starts_with("--- ") && line == content) {
                // A second document is another file.
                if self.awaits != Awaits::Root {
                    break;
                }
                self.at = start + line.len();
            } else if trimmed == "..." {
                break;
            } else {
                let indent = line.len() - content.len();
                self.at = start + indent;
                self.content(indent);
                // Whatever stopped in the middle of a line goes on with the next one.
                if self.at <= start || !self.is_at_line_start() {
                    self.at = self.next_line(self.at.max(start));
                }
            }
        }
        self.close_to(0);
        if self.awaits == Awaits::Root {
            self.problem(0, 0, "no YAML mapping", true);
        }
    }

    /// The line from `start` on with its end.
    fn line(&self, start: usize) -> &'a str {
        let rest = &self.text[start..];
        // The hottest place of every YAML file: the standard library's search is several times slower on short lines.
        &rest[..memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |it| it + 1)]
    }

    fn next_line(&self, from: usize) -> usize {
        from + self.line(from).len()
    }

    fn is_at_line_start(&self) -> bool {
        self.at >= self.text.len() || self.text.as_bytes()[self.at - 1] == b'\n'
    }

    /// Reads what stands at `self.at`, `indent` bytes into its line.
    fn content(&mut self, indent: usize) {
        let mut indent = indent;
        // Each turn takes one dash: `- - a`.
        loop {
            let rest = self.line(self.at);
            if rest.starts_with('\t') {
                return self.problem_line("a tab as indentation");
            }
            let after_dash = rest
                .strip_prefix('-')
                .filter(|it| it.is_empty() || it.starts_with([' ', '\t', '\n', '\r']));
            let Some(after_dash) = after_dash else { return self.entry(indent) };
            if !self.enter(Kind::Array, indent) {
                return;
            }
            self.awaits = Awaits::Item(indent);
            let blank = after_dash.len() - after_dash.trim_start_matches(' ').len();
            let value = after_dash.trim();
            if value.is_empty() || value.starts_with('#') {
                return self.at = self.next_line(self.at);
            }
            self.at += 1 + blank;
            indent += 1 + blank;
        }
    }

    /// Opens a container of `kind` at `indent` if none is open there, and closes the deeper ones.
    fn enter(&mut self, kind: Kind, indent: usize) -> bool {
        // A sequence may stand as deep as the key it is the value of.
        let is_value_of_same_indent = kind == Kind::Array && self.awaits == Awaits::Value(indent);
        if !is_value_of_same_indent {
            // Nothing is closed for a line that fits nowhere, so that it costs only itself.
            if !self.fits(kind, indent) {
                self.problem_line("not indented like what it belongs to");
                return false;
            }
            self.close_to(indent + 1);
            if let Some(top) = self.open.last()
                && top.kind == Kind::Array
                && kind == Kind::Object
                && top.indent == indent
            {
                self.close_top();
            }
        }
        match self.open.last() {
            Some(top) if top.indent == indent && top.kind == kind => {
                self.finish_value();
                return true;
            }
            _ => {}
        }
        let may_open = match self.awaits {
            Awaits::Root => self.open.is_empty(),
            Awaits::Value(of) => indent > of || is_value_of_same_indent,
            Awaits::Item(of) => indent > of,
            Awaits::Nothing => false,
        };
        if !may_open || self.open.len() >= MAX_DEPTH {
            let reason =
                if may_open { "nested too deep" } else { "not indented like what it belongs to" };
            self.problem_line(reason);
            return false;
        }
        self.builder.open(kind, Span::new(self.at, self.at));
        self.open.push(Open { kind, indent });
        self.awaits = Awaits::Nothing;
        true
    }

    /// Whether a container of `kind` is open at `indent`, or nothing would have to be closed for a new one.
    fn fits(&self, kind: Kind, indent: usize) -> bool {
        let n_kept = self.open.iter().rposition(|it| it.indent <= indent).map_or(0, |it| it + 1);
        match &self.open[..n_kept] {
            [.., below, top] if top.indent == indent && top.kind != kind => {
                below.indent == indent && below.kind == kind
            }
            [.., top] if top.indent == indent => top.kind == kind,
            _ => n_kept == self.open.len(),
        }
    }

    /// Closes containers that are indented by `indent` or more.
    fn close_to(&mut self, indent: usize) {
        while self.open.last().is_some_and(|it| it.indent >= indent) {
            self.close_top();
        }
    }

    fn close_top(&mut self) {
        self.finish_value();
        let end = self.text[..self.at].trim_end().len();
        self.builder.close(Span::new(0, end).end);
        self.open.pop();
    }

    /// Gives a key or dash without a value an empty one.
    fn finish_value(&mut self) {
        if matches!(self.awaits, Awaits::Value(_) | Awaits::Item(_)) {
            self.builder.leaf(Kind::Literal, Span::new(self.at, self.at));
        }
        if self.awaits != Awaits::Root {
            self.awaits = Awaits::Nothing;
        }
    }

    /// A key with its value, or a scalar that goes on.
    fn entry(&mut self, indent: usize) {
        let is_explicit = self.line(self.at).starts_with("? ");
        if is_explicit {
            self.at += 2;
        }
        match self.key() {
            Some((span, value, after)) => {
                if !self.enter(Kind::Object, indent) {
                    return;
                }
                self.builder.string(span, &value);
                self.awaits = Awaits::Value(indent);
                self.at = after;
                self.value(indent);
            }
            None if is_explicit => self.explicit_key(indent),
            None if matches!(self.awaits, Awaits::Value(of) | Awaits::Item(of) if indent > of) => {
                self.value(indent.saturating_sub(1));
            }
            None => self.problem_line("expected `key: value`"),
        }
    }

    /// `? key` with `: value` on the line after it, as writers do for long keys.
    fn explicit_key(&mut self, indent: usize) {
        let (span, value) = self.scalar_here();
        let next = self.next_line(span.end as usize);
        let line = self.line(next);
        let content = line.trim_start_matches(' ');
        let is_value = line.len() - content.len() == indent && content.starts_with(": ");
        if !is_value {
            return self.problem_line("expected `: value` after this key");
        }
        if !self.enter(Kind::Object, indent) {
            return;
        }
        self.builder.string(span, &value);
        self.at = next + indent + 2;
        self.awaits = Awaits::Value(indent);
        // What follows stands two further in, and is a mapping of its own as often as a scalar.
        if self.key().is_some() {
            return self.entry(indent + 2);
        }
        self.value(indent);
    }

    /// The scalar at `self.at`, on its line.
    fn scalar_here(&self) -> (Span, String) {
        let quote = self.text.as_bytes()[self.at];
        if matches!(quote, b'"' | b'\'')
            && let Some(end) = quoted_end(self.text, self.at)
        {
            let value = unquote(&self.text[self.at + 1..end], quote);
            return (Span::new(self.at + 1, end), value.into_owned());
        }
        let end = plain_end(self.text, self.at, false);
        (Span::new(self.at, end), self.text[self.at..end].to_owned())
    }

    /// The key at `self.at`: where it stands, what it means, and where its colon ends. Does not move.
    fn key(&self) -> Option<(Span, std::borrow::Cow<'a, str>, usize)> {
        let line = self.line(self.at);
        let quote = line.bytes().next()?;
        let (span, value, end) = if matches!(quote, b'"' | b'\'') {
            // A key ends on its line.
            let end = quoted_end(line, 0)?;
            let span = Span::new(self.at + 1, self.at + end);
            (span, unquote(&line[1..end], quote), end + 1)
        } else {
            if matches!(quote, b'{' | b'[' | b'|' | b'>') {
                return None;
            }
            let end = plain_end(line, 0, false);
            (Span::new(self.at, self.at + end), (&line[..end]).into(), end)
        };
        let rest = line[end..].trim_start_matches(' ');
        let after = rest.strip_prefix(':')?;
        let is_key = after.is_empty() || after.starts_with([' ', '\t', '\n', '\r']);
        is_key.then_some((span, value, self.at + line.len() - after.len()))
    }

    /// The value at `self.at`, of a key or dash at `indent`; nothing if the rest of the line is empty.
    fn value(&mut self, indent: usize) {
        self.skip_properties();
        let rest = self.line(self.at);
        let Some(first) = rest.bytes().next() else { return };
        match first {
            b'\n' | b'\r' | b'#' => self.at = self.next_line(self.at),
            b'{' | b'[' => {
                self.awaits = Awaits::Nothing;
                match flow::read(self.text, self.at, &mut self.builder) {
                    Ok(end) => self.at = self.next_line(end),
                    Err((at, reason)) => {
                        let end = at.max(self.at + 1);
                        self.problem(self.at, end, reason, false);
                        self.at = self.next_line(self.at);
                    }
                }
            }
            b'|' | b'>' => self.block_scalar(indent),
            b'"' | b'\'' => match quoted_end(self.text, self.at) {
                // Lines that go on are indented deeper; a string that ends elsewhere was never closed.
                Some(end) if self.are_deeper(self.at, end, indent) => {
                    let value = unquote(&self.text[self.at + 1..end], first);
                    self.builder.string(Span::new(self.at + 1, end), &value);
                    self.awaits = Awaits::Nothing;
                    self.at = self.next_line(end);
                }
                Some(_) | None => self.problem_line("unterminated string"),
            },
            _ => self.plain(indent),
        }
    }

    /// Whether every line that begins between `start` and `end` is blank or indented by more than `indent`.
    fn are_deeper(&self, start: usize, end: usize, indent: usize) -> bool {
        self.text[start..end].split('\n').skip(1).all(|line| {
            let content = line.trim_start_matches(' ');
            content.trim().is_empty() || line.len() - content.len() > indent
        })
    }

    /// Blanks, tags (`!!str`) and anchors (`&a`) before a value.
    fn skip_properties(&mut self) {
        loop {
            let rest = self.line(self.at);
            let content = rest.trim_start_matches([' ', '\t']);
            self.at += rest.len() - content.len();
            if !content.starts_with(['!', '&']) {
                return;
            }
            let end = content.find(|it: char| it.is_ascii_whitespace());
            self.at += end.unwrap_or(content.len());
        }
    }

    /// A plain scalar, which deeper lines without a key continue.
    fn plain(&mut self, indent: usize) {
        let start = self.at;
        let mut end = plain_end(self.text, start, false);
        let line_end = self.next_line(start);
        if self.text[end..line_end].trim_start().starts_with(':') {
            return self.problem_line("a second `:` on this line");
        }
        let mut next = line_end;
        // A comment ends the scalar.
        let mut may_go_on = self.text[end..line_end].trim().is_empty();
        let mut at = next;
        while may_go_on && at < self.text.len() {
            let line = self.line(at);
            let content = line.trim_start_matches(' ').trim_end();
            let deeper = line.len() - line.trim_start_matches(' ').len() > indent;
            if content.is_empty() {
                at += line.len();
                continue;
            }
            if !deeper || content.starts_with('#') {
                break;
            }
            let content_start = at + line.len() - line.trim_start_matches(' ').len();
            let line_end = plain_end(self.text, content_start, false);
            let rest = self.text[line_end..at + line.len()].trim();
            if rest.starts_with(':') || line_end == content_start {
                break;
            }
            end = line_end;
            at += line.len();
            next = at;
            may_go_on = rest.is_empty();
        }
        let span = Span::new(start, end);
        let raw = &self.text[start..end];
        if is_literal(raw) {
            self.builder.leaf(Kind::Literal, span);
        } else {
            self.builder.string(span, &fold(raw));
        }
        self.awaits = Awaits::Nothing;
        self.at = next;
    }

    /// `|` or `>`: all deeper lines are text.
    fn block_scalar(&mut self, indent: usize) {
        let mut at = self.next_line(self.at);
        let (start, mut end) = (at, at);
        while at < self.text.len() {
            let line = self.line(at);
            let content = line.trim_start_matches(' ');
            let is_blank = content.trim().is_empty();
            // The root has no indentation to be deeper than; a scalar cannot stand there.
            if !is_blank && line.len() - content.len() <= indent {
                break;
            }
            at += line.len();
            if !is_blank {
                end = at;
            }
        }
        self.builder.string(Span::new(start, end), &self.text[start..end]);
        self.awaits = Awaits::Nothing;
        self.at = at;
    }

    fn problem_line(&mut self, reason: &str) {
        let end = self.at + self.line(self.at).trim_end().len();
        self.problem(self.at, end, reason, false);
        self.finish_value();
        self.at = self.next_line(self.at);
    }

    fn problem(&mut self, start: usize, end: usize, reason: &str, whole_file: bool) {
        self.n_problems += 1;
        if self.n_problems <= MAX_PROBLEMS {
            let end = (start..=end.min(self.text.len())).rev();
            let end = end.into_iter().find(|it| self.text.is_char_boundary(*it)).unwrap_or(start);
            self.builder.problem(Span::new(start, end), reason, whole_file);
        } else if self.n_problems == MAX_PROBLEMS + 1 {
            let reason = format!("more than {MAX_PROBLEMS} problems: the rest is not listed");
            self.builder.problem(Span::new(start, start), reason, true);
        }
    }
}
