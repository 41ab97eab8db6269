//! Foreign text in Markdown.

/// Text that Markdown would read as markup, markup no more.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for it in text.chars() {
        if matches!(
            it,
            '\\' | '|' | '`' | '<' | '>' | '[' | ']' | '*' | '_' | '~' | '&' | '#' | '!' | '$'
        ) {
            escaped.push('\\');
        }
        escaped.push(it);
    }
    escaped
}
