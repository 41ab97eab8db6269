//! What a problem quotes of a text.

/// The first 40 characters: enough to recognize a line by.
pub(crate) fn excerpt(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(at, _)| at);
    &text[..end]
}
