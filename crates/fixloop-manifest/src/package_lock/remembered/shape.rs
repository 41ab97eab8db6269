//! Where the parts of a file begin and end, by its indentation.

use memchr::memmem::Finder;

use super::json;

/// A file as npm lays it out.
pub(super) struct Shape<'t> {
    /// Up to the line that opens the entries.
    pub(super) head: &'t str,
    pub(super) body: &'t str,
    /// Of the document's members; that of an entry is twice this.
    pub(super) indent: &'t str,
    entry_end: Finder<'static>,
}

#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// Version 1.
    Nested,
    /// Versions 2 and 3.
    Packages,
}

#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) layout: Layout,
    pub(super) has_requires: bool,
}

impl<'t> Shape<'t> {
    /// `None` if npm would not write it.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let members = text.strip_prefix("{\n")?;
        let blank = members.bytes().take_while(|it| matches!(it, b' ' | b'\t')).count();
        let indent = &members[..blank];
        if indent.is_empty() {
            return None;
        }
        let mut at = text.len() - members.len();
        loop {
            let line_end = memchr::memchr(b'\n', &text.as_bytes()[at..])? + 1;
            let line = text[at..at + line_end].strip_prefix(indent);
            at += line_end;
            if matches!(line, Some("\"packages\": {\n" | "\"dependencies\": {\n")) {
                break;
            }
        }
        let (head, body) = text.split_at(at);
        let entry_end = Finder::new(&format!("\n{indent}{indent}}}")).into_owned();
        Some(Self { head, body, indent, entry_end })
    }

    /// Whether a part is a section's member rather than a line of the document's.
    pub(super) fn is_member(&self, part: &str) -> bool {
        part.strip_prefix(self.indent).is_some_and(|it| it.starts_with(self.indent))
    }

    /// Where the part ends that begins here, with its line.
    pub(super) fn end(&self, text: &str) -> Option<usize> {
        if text.starts_with('}') {
            return Some(text.len());
        }
        let line_end =
            |from: usize| Some(memchr::memchr(b'\n', &text.as_bytes()[from..])? + from + 1);
        let first = line_end(0)?;
        if self.is_member(text) && text[..first].ends_with("{\n") {
            let last = self.entry_end.find(&text.as_bytes()[first - 1..])? + first;
            return line_end(last);
        }
        text.starts_with(self.indent).then_some(first)
    }
}

impl Head {
    /// `None` if more or less than the entries follows.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = format!("{text}}}}}");
        let document = json::parse(&text);
        let root = document.root()?;
        let (layout, key) = match root.get("lockfileVersion")?.span().slice(&text)? {
            "1" => (Layout::Nested, "dependencies"),
            "2" | "3" => (Layout::Packages, "packages"),
            _ => return None,
        };
        let (last, entries) = root.entries().last()?;
        let is_first = root.get(key).is_some_and(|it| it.span() == entries.span());
        let is_empty = entries.is_object() && entries.entries().count() == 0;
        let is_known = last.value() == key && is_first && is_empty && document.problems.is_empty();
        is_known.then(|| Self { layout, has_requires: root.get("requires").is_some() })
    }
}
