//! Advisory text as one safe line.

/// Longest summary kept, in characters; the longest real ones have about 250.
const MAX_CHARS: usize = 300;

/// The first non-empty line, without control characters (terminal escapes among them) and Markdown heading marks.
pub(crate) fn one_line(text: &str) -> String {
    let line =
        text.lines().map(|it| it.trim().trim_start_matches('#').trim()).find(|it| !it.is_empty());
    let visible = line.unwrap_or("").chars().filter(|it| !it.is_control());
    let mut out: String = visible.take(MAX_CHARS + 1).collect();
    if let Some((at, _)) = out.char_indices().nth(MAX_CHARS) {
        out.truncate(at);
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_one_visible_line() {
        assert_eq!(one_line("\n ## Title\u{1b}[31m\nmore"), "Title[31m");
        assert_eq!(one_line(""), "");
        assert_eq!(one_line(&"é".repeat(400)).chars().count(), MAX_CHARS + 1);
    }
}
