//! Untrusted text on a terminal.

use std::borrow::Cow;

/// The text with control characters (terminal escapes, line breaks) and bidirectional overrides replaced.
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |it: char| {
        it.is_control()
            || matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(is_hidden) {
        Cow::Owned(text.replace(is_hidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
