//! Messages as lines: one JSON-RPC message each, of bounded length.
//!
//! Framing: <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio>.

use std::io::{self, BufRead, BufReader, Read};

use rmcp::model::RequestId;
use serde::Deserialize;

/// The longest message that is read. Arguments here are a few names; a lockfile is named by its path.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// Of a longer message, how far its id is looked for; memory does not grow with it.
const MAX_SEARCHED: u64 = 64 << 20;

#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Line {
    /// Without its end.
    Whole(Vec<u8>),
    /// Longer than [`MAX_LINE`], and passed over. Whoever waits for an answer is told by the id, if it could be found.
    TooLong { id: Option<RequestId> },
}

/// The next line; `None` at the end of the input.
///
/// # Errors
/// If the input cannot be read.
pub(crate) fn next_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    (&mut *input).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() > MAX_LINE {
        let mut rest = UntilNewline { input, is_over: false };
        let id = id_of(BufReader::new(line.as_slice().chain((&mut rest).take(MAX_SEARCHED))));
        io::copy(&mut rest, &mut io::sink())?;
        return Ok(Some(Line::TooLong { id }));
    }
    Ok(Some(Line::Whole(line)))
}

/// The id of a message, which is not kept. `None` if it has none, or is not JSON.
pub(crate) fn id_of(message: impl BufRead) -> Option<RequestId> {
    #[derive(Deserialize)]
    struct Envelope {
        id: Option<RequestId>,
    }
    let mut deserializer = serde_json::Deserializer::from_reader(message);
    Envelope::deserialize(&mut deserializer).ok()?.id
}

/// The rest of a line, its end included.
struct UntilNewline<'i, B> {
    input: &'i mut B,
    is_over: bool,
}

impl<B: BufRead> Read for UntilNewline<'_, B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_over || buffer.is_empty() {
            return Ok(0);
        }
        let available = self.input.fill_buf()?;
        // No more is looked at than is handed on, or small reads would look at the same bytes again and again.
        let available = &available[..available.len().min(buffer.len())];
        let n_line = available.iter().position(|it| *it == b'\n').map(|at| at + 1);
        let n = n_line.unwrap_or(available.len());
        buffer[..n].copy_from_slice(&available[..n]);
        self.is_over = n == 0 || n_line.is_some();
        self.input.consume(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Line> {
        let mut input = BufReader::with_capacity(7, text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input).unwrap() {
            lines.push(line);
        }
        lines
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_with_a_newline_or_the_input() {
        assert_eq!(all("a\r\n\nb"), [whole("a"), whole(""), whole("b")]);
        assert_eq!(all(""), []);
    }

    #[track_caller]
    fn check_too_long(before: &str, after: &str, id: Option<RequestId>) {
        let long = "x".repeat(MAX_LINE);
        let text = format!("{before}{long}{after}\nnext\n");
        assert_eq!(all(&text), [Line::TooLong { id }, whole("next")]);
    }

    #[test]
    fn a_long_line_is_passed_over_and_its_id_found() {
        check_too_long(r#"{"id":7,"params":""#, r#""}"#, Some(RequestId::Number(7)));
        // Clients may write the id last.
        check_too_long(r#"{"params":""#, r#"","id":"a"}"#, Some(RequestId::String("a".into())));
        // An id inside of the arguments is not the message's.
        check_too_long(r#"{"params":{"id":1,"name":""#, r#""}}"#, None);
        check_too_long("not JSON ", "", None);
    }

    #[test]
    fn the_longest_line_is_read() {
        let longest = "x".repeat(MAX_LINE);
        assert_eq!(all(&format!("{longest}\n")), [whole(&longest)]);
    }
}
