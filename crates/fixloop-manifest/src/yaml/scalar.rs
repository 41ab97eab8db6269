//! Scalars: where they end and what they mean.

use std::borrow::Cow;

/// A quoted scalar that opens at `text[start]`: the end of what stands between the quotes; `None` if it is never closed.
pub(super) fn quoted_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            byte if *byte == quote => return Some(at),
            _ => at += 1,
        }
    }
}

/// What stands between quotes of this kind, as it is meant.
pub(super) fn unquote(raw: &str, quote: u8) -> Cow<'_, str> {
    let folded = fold(raw);
    match quote {
        b'\'' if folded.contains("''") => Cow::Owned(folded.replace("''", "'")),
        b'"' if folded.contains('\\') => Cow::Owned(unescape(&folded)),
        _ => folded,
    }
}

/// Lines of one scalar joined: one line end is a blank, each further one a line end.
pub(super) fn fold(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\n', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut n_empty = 0;
    for (index, line) in raw.split('\n').enumerate() {
        let line = if index == 0 { line.trim_end() } else { line.trim() };
        if index > 0 && line.is_empty() {
            n_empty += 1;
            continue;
        }
        match (index, n_empty) {
            (0, _) => {}
            (_, 0) => out.push(' '),
            (_, n) => out.extend(std::iter::repeat_n('\n', n)),
        }
        n_empty = 0;
        out.push_str(line);
    }
    Cow::Owned(out)
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let n_digits = match chars.next() {
            Some('n') => push(&mut out, '\n'),
            Some('t') => push(&mut out, '\t'),
            Some('r') => push(&mut out, '\r'),
            Some('0') => push(&mut out, '\0'),
            Some('a') => push(&mut out, '\u{7}'),
            Some('b') => push(&mut out, '\u{8}'),
            Some('e') => push(&mut out, '\u{1b}'),
            Some('f') => push(&mut out, '\u{c}'),
            Some('v') => push(&mut out, '\u{b}'),
            Some('N') => push(&mut out, '\u{85}'),
            Some('_') => push(&mut out, '\u{a0}'),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(other) => push(&mut out, other),
            None => 0,
        };
        rest = chars.as_str();
        if n_digits > 0 {
            let digits = rest.get(..n_digits).unwrap_or("");
            let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            rest = &rest[digits.len()..];
        }
    }
    out.push_str(rest);
    out
}

/// Appends and says that no digits follow.
fn push(out: &mut String, it: char) -> usize {
    out.push(it);
    0
}

/// A plain scalar that YAML takes for something else than text.
pub(super) fn is_literal(plain: &str) -> bool {
    matches!(plain, "true" | "false" | "True" | "False" | "null" | "Null" | "~") || is_number(plain)
}

fn is_number(plain: &str) -> bool {
    let digits = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let mut parts = digits.splitn(2, '.');
    let is_digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    let whole = parts.next().unwrap_or("");
    !whole.is_empty() && is_digits(whole) && parts.next().is_none_or(is_digits)
}

/// Where a plain scalar that starts at `start` ends on its line: before `: `, before ` #` and, inside brackets, before their marks.
pub(super) fn plain_end(text: &str, start: usize, in_flow: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        // Outside brackets only three bytes can end a scalar; most of a file is found by this one search.
        if !in_flow {
            let rest = bytes.get(at..).unwrap_or(&[]);
            at += memchr::memchr3(b'\n', b':', b'#', rest).unwrap_or(rest.len());
        }
        let Some(byte) = bytes.get(at) else { break };
        let next = bytes.get(at + 1);
        let ends_before = match byte {
            b'\n' => true,
            b':' => {
                next.is_none_or(u8::is_ascii_whitespace)
                    || (in_flow && next.is_some_and(|it| b",[]{}".contains(it)))
            }
            b'#' => at > start && bytes[at - 1].is_ascii_whitespace(),
            b',' | b'[' | b']' | b'{' | b'}' => in_flow,
            _ => false,
        };
        if ends_before {
            break;
        }
        at += 1;
    }
    start + text[start..at].trim_end().len()
}
