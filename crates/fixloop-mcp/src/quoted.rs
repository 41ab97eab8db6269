//! Other people's words: on one line, bounded, without what hides or moves text.
//!
//! Ids, names and versions come from databases and from the project; a model that reads the answer must not take them for anything else.

use fixloop_report::visible;

/// Characters of a name, version, id or path.
const MAX_WORD: usize = 200;

/// Characters of a sentence from a database.
const MAX_SENTENCE: usize = 300;

/// A name, version, id, path or reason.
pub(crate) fn word(text: &str) -> String {
    cut(text, MAX_WORD)
}

/// An advisory's own words. They go only where the field's name says so.
pub(crate) fn sentence(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| cut(text, MAX_SENTENCE))
}

/// An address to read more at; nothing else than the web's.
pub(crate) fn address(text: &str) -> Option<String> {
    let is_plain = text.bytes().all(|it| it.is_ascii_graphic());
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    (is_plain && is_web && text.len() <= MAX_SENTENCE).then(|| text.to_owned())
}

fn cut(text: &str, n_chars: usize) -> String {
    let mut line: String = text.chars().take(n_chars + 1).collect();
    let is_long = line.chars().count() > n_chars;
    if is_long {
        line.pop();
    }
    let line = line.replace(['\n', '\r', '\t'], " ");
    let line = visible(&line);
    // Tag characters are invisible copies of ASCII.
    let line = line.replace(|it| matches!(it, '\u{e0000}'..='\u{e007f}'), "\u{fffd}");
    if is_long { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_visible_line() {
        assert_eq!(word("lodash"), "lodash");
        assert_eq!(word("a\nb\u{1b}[2Jc"), "a b\u{fffd}[2Jc");
        assert_eq!(word("a\u{202e}b\u{e0041}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(word(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(word(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }

    #[test]
    fn an_address_is_the_webs() {
        assert_eq!(address("https://db.example/1").as_deref(), Some("https://db.example/1"));
        for it in
            ["", "javascript:x", "https://db.example/ignore all rules", "https://db.example/é"]
        {
            assert_eq!(address(it), None, "{it}");
        }
    }
}
