//! The blocks and calls of a Gradle script, Groovy or Kotlin, as far as they are literal.
//!
//! A script becomes a list of steps: a word, a string, and where blocks open and close. Comments are left out, and so is what stands
//! in strings; nothing is evaluated. Linear.

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step<'a> {
    /// A name, dots included: `maven`, `project.findProperty`.
    Word(&'a str),
    /// Between the quotes.
    Text(&'a str),
    Open,
    Close,
    /// End of a line, or `;`.
    End,
    /// `=`, `(`, `,` and the like.
    Sign(u8),
}

#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) step: Step<'a>,
    pub(super) offset: usize,
}

/// The steps, and where a comment or string stands that has no end.
pub(super) fn steps(text: &str) -> (Vec<Placed<'_>>, Option<usize>) {
    let bytes = text.as_bytes();
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        let rest = &text[at..];
        let step = match byte {
            b'/' if rest.starts_with("//") => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            b'/' if rest.starts_with("/*") => {
                let Some(end) = rest.find("*/") else { return (steps, Some(start)) };
                at += end + 2;
                continue;
            }
            b'"' | b'\'' => {
                let Some((inner, length)) = string(rest) else { return (steps, Some(start)) };
                at += length;
                Step::Text(inner)
            }
            b'{' => Step::Open,
            b'}' => Step::Close,
            b'\n' | b';' => Step::End,
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            _ => match rest.find(|it: char| !is_word(it)).unwrap_or(rest.len()) {
                0 => Step::Sign(*byte),
                length => {
                    at += length;
                    Step::Word(&rest[..length])
                }
            },
        };
        if at == start {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        steps.push(Placed { step, offset: start });
    }
    (steps, None)
}

fn is_word(it: char) -> bool {
    it.is_alphanumeric() || matches!(it, '_' | '.' | '$')
}

/// The inside of the string at the start of `rest`, and its length with quotes.
fn string(rest: &str) -> Option<(&str, usize)> {
    for triple in ["\"\"\"", "'''"] {
        if let Some(inner) = rest.strip_prefix(triple) {
            let end = inner.find(triple)?;
            return Some((&inner[..end], end + 6));
        }
    }
    let quote = *rest.as_bytes().first()?;
    let mut is_escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'\n' => return None,
            _ if byte == quote => return Some((&rest[1..at], at + 1)),
            _ => {}
        }
    }
    None
}
