//! Foreign text where a build's log, a Markdown page or an XML file is read by machines.
//!
//! Runners obey lines of a log: GitHub those that start with `::` and any with `##[`
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>), Azure Pipelines any with `##vso[`
//! (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>). So no foreign text starts a line, and two number signs
//! never stand side by side.

use crate::markdown::escaped;
use crate::visible::visible;

/// Characters kept of one foreign text, and of a line made of several.
const MAX_TEXT: usize = 300;
const MAX_LINE: usize = 2000;

/// Text that neither a terminal nor a runner obeys, on one line, cut where it is long.
pub(super) fn harmless(text: &str) -> String {
    cut(text, MAX_TEXT)
}

/// As [`harmless`], of several texts.
pub(super) fn harmless_line(text: &str) -> String {
    cut(text, MAX_LINE)
}

fn cut(text: &str, max: usize) -> String {
    let mut harmless = String::with_capacity(text.len().min(4 * max));
    let visible = visible(text);
    for (at, it) in visible.chars().enumerate() {
        if at == max {
            harmless.push('…');
            break;
        }
        if it == '#' && harmless.ends_with('#') {
            harmless.push(' ');
        }
        harmless.push(it);
    }
    harmless
}

/// What stands after `::error …::`.
pub(super) fn github_data(text: &str) -> String {
    harmless_line(text).replace('%', "%25")
}

/// The value of `file=`, `title=` and the like. A path is not cut: half of one is another file.
pub(super) fn github_property(text: &str) -> String {
    let text = visible(text).replace('%', "%25");
    text.replace(':', "%3A").replace(',', "%2C")
}

/// What stands after `##vso[…]`.
pub(super) fn azure_data(text: &str) -> String {
    harmless_line(text).replace('%', "%AZP25")
}

/// The value of `sourcepath=` and the like.
pub(super) fn azure_property(text: &str) -> String {
    let text = visible(text).replace('%', "%AZP25");
    text.replace(';', "%3B").replace(']', "%5D").replace("##", "# #")
}

/// A Markdown code span, in which nothing is a mention, a link, a picture or HTML.
///
/// <https://spec.commonmark.org/0.31.2/#code-spans>: the fence is longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = harmless(text);
    let text = text.trim();
    if text.is_empty() {
        return "–".to_owned();
    }
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Prose in Markdown: no markup, nobody is mentioned, nothing becomes a link.
pub(super) fn prose(text: &str) -> String {
    const BREAK: &str = "&#8203;";
    let text = escaped(&harmless(text));
    let text = text.replace('@', &format!("@{BREAK}")).replace("://", &format!(":{BREAK}//"));
    text.replace("www.", &format!("www{BREAK}.")).replace("WWW.", &format!("WWW{BREAK}."))
}

/// An address that may be a link.
pub(super) fn link(url: &str) -> Option<&str> {
    let is_plain = |it: char| {
        it.is_ascii_graphic()
            && !matches!(it, '<' | '>' | '(' | ')' | '"' | '\'' | '`' | '\\' | '[' | ']')
    };
    let is_link = url.starts_with("https://") && url.len() <= 500 && url.chars().all(is_plain);
    (is_link && !url.contains("##")).then_some(url)
}

/// Text and attribute values of XML 1.0, without characters that it forbids: <https://www.w3.org/TR/xml/#charsets>.
pub(super) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for it in harmless_line(text).chars() {
        match it {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            it => escaped.push(it),
        }
    }
    escaped
}

/// One word of a POSIX shell, so that a command that is shown can be pasted whatever a name holds.
pub(super) fn shell(text: &str) -> String {
    let text = harmless(text);
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._/@:+-=".contains(it);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
