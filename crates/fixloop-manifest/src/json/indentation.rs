//! What indentation tells of a broken text: which brackets were left open.

use fixloop_model::Span;

use super::parser::Parser;

/// The line that a place lies in. Places are asked for in their order, so that every byte is looked at once.
#[derive(Default)]
pub(super) struct Lines {
    seen: usize,
    start: usize,
    pub(super) indent: usize,
    is_measured: bool,
}

impl Lines {
    pub(super) fn go_to(&mut self, bytes: &[u8], at: usize) -> &Self {
        let passed = bytes.get(self.seen..at).unwrap_or_default();
        if let Some(newline) = passed.iter().rposition(|it| *it == b'\n') {
            self.start = self.seen + newline + 1;
            self.is_measured = false;
        }
        self.seen = self.seen.max(at);
        if !self.is_measured {
            let line = bytes.get(self.start..).unwrap_or_default();
            self.indent = line.iter().take_while(|it| matches!(it, b' ' | b'\t')).count();
            self.is_measured = true;
        }
        self
    }
}

impl Parser<'_> {
    /// Closes what a key at the start of a line shows to be over: all that was opened on lines indented as deep as this one, or deeper.
    ///
    /// Only in a text that is broken anyway, and only brackets whose line is itself indented deeper than what holds them, so that
    /// a text without indentation is left alone.
    pub(super) fn close_by_indentation(&mut self, start: usize, end: usize) {
        let bytes = self.bytes;
        let Some(lines) = &mut self.lines else { return };
        let line = lines.go_to(bytes, start);
        let (indent, is_first) = (line.indent, line.start + line.indent == start);
        let rest = bytes.get(end..).unwrap_or_default();
        let next = rest.iter().find(|it| !it.is_ascii_whitespace());
        if !is_first || next != Some(&b':') {
            return;
        }
        let is_over =
            |it: &[super::parser::Open]| it[0].indent < it[1].indent && indent <= it[1].indent;
        if let Some(outer) = self.stack.windows(2).position(is_over) {
            self.drop_pending_key();
            for open in self.stack.split_off(outer + 1) {
                let span = &mut self.nodes[open.node as usize].span;
                span.end = Span::new(0, start).end;
                let opened = span.start as usize;
                self.problem(opened, opened + 1, "this bracket is not closed", false);
            }
        }
        // The value of the key before it is missing: a value has no colon behind it.
        self.drop_pending_key();
    }
}
