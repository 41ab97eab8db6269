//! The words of a line of Ruby, as far as calls with literals go.

use fixloop_model::Span;

#[derive(Clone, Debug)]
pub(super) enum Word {
    /// In quotes, nothing computed inside.
    Text(String, Span),
    Symbol(String),
    /// `key:` or `:key =>`.
    Key(String),
    /// Anything else: a method, a variable, a number, a string with something computed.
    Name(String, Span),
}

/// The line up to a `#` outside quotes.
pub(super) fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, byte) in line.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'#') => return &line[..at],
            _ => {}
        }
    }
    line
}

/// The words of a statement that begins at `start`; brackets and commas are read over.
pub(super) fn words(text: &str, start: usize) -> Vec<Word> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let span = |from: usize, to: usize| Span::new(start + from, start + to);
        match bytes[at] {
            b'#' => {
                let rest = &bytes[at..];
                at += rest.iter().position(|it| *it == b'\n').unwrap_or(rest.len());
            }
            quote @ (b'"' | b'\'') => {
                let Some(length) = bytes[at + 1..].iter().position(|it| *it == quote) else {
                    return words;
                };
                let (from, to) = (at + 1, at + 1 + length);
                let value = &text[from..to];
                at = to + 1;
                let is_computed = quote == b'"' && value.contains("#{");
                words.push(if is_computed {
                    Word::Name(value.to_owned(), span(from, to))
                } else if text[at..].starts_with(": ") {
                    Word::Key(value.to_owned())
                } else {
                    Word::Text(value.to_owned(), span(from, to))
                });
            }
            b':' if bytes.get(at + 1).is_some_and(|it| is_word(*it)) => {
                let end = word_end(bytes, at + 1);
                let name = text[at + 1..end].to_owned();
                let is_key = text[end..].trim_start().starts_with("=>");
                words.push(if is_key { Word::Key(name) } else { Word::Symbol(name) });
                at = end;
            }
            byte if is_word(byte) => {
                let end = word_end(bytes, at);
                let name = text[at..end].to_owned();
                let is_key = bytes.get(end) == Some(&b':') && bytes.get(end + 1) != Some(&b':');
                words.push(if is_key { Word::Key(name) } else { Word::Name(name, span(at, end)) });
                at = end + usize::from(is_key);
            }
            _ => at += 1,
        }
    }
    words
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..].iter().take_while(|it| is_word(**it) || matches!(it, b'?' | b'!')).count()
}
