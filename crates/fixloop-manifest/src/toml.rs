//! TOML with byte spans and recovery: an error costs its key, not the file.
//!
//! Parsed by the `toml` crate, which knows TOML 1.1 and bounds nesting at 80 levels.

use fixloop_model::Span;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use crate::limits::MAX_VALUES;
use crate::tree::{Builder, Document, Kind};

/// A text with more problems than this is not worth a longer list.
const MAX_PROBLEMS: usize = 100;

/// Three times the largest real lockfiles; the tree of a text takes some hundred times its size.
const MAX_BYTES: usize = 16 << 20;

/// Lines that open a table. The largest real lockfiles have 20,000.
const MAX_TABLES: usize = 200_000;

/// Keys are in the order of the text.
pub(crate) fn parse(text: &str) -> Document<'_> {
    let mut builder = Builder::new(text);
    let n_tables = text.split('\n').filter(|it| it.starts_with('[')).count();
    if text.len() > MAX_BYTES || n_tables > MAX_TABLES {
        let reason =
            format!("more than {} MiB or {MAX_TABLES} tables of TOML: not read", MAX_BYTES >> 20);
        builder.problem(Span::default(), reason, true);
        return builder.finish();
    }
    // The crate takes a byte order mark for a key.
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (table, errors) = DeTable::parse_recoverable(&text[mark..]);
    // An inline table someone is typing takes what follows it for its own: read again without it.
    let masked = if errors.is_empty() { None } else { without_open_tables(&text[mark..]) };
    let (table, errors) = match &masked {
        None => (table, errors),
        Some(masked) => {
            let (table, others) = DeTable::parse_recoverable(masked);
            // The first error is about the table itself, or stands before it.
            let first = errors.into_iter().take(1);
            (table, first.chain(others).collect())
        }
    };
    let has_keys = !table.get_ref().is_empty();
    for error in errors.iter().take(MAX_PROBLEMS) {
        let range = error.span().unwrap_or(0..0);
        let span = on_boundaries(text, range.start + mark, range.end + mark);
        // Where nothing at all was read, it is no TOML.
        builder.problem(span, first_line(error.message()), !has_keys);
    }
    if errors.len() > MAX_PROBLEMS {
        let reason = format!("more than {MAX_PROBLEMS} problems: the rest is not listed");
        builder.problem(Span::default(), reason, true);
    }
    Converter { text, mark, builder: &mut builder }.run(&table);
    builder.finish()
}

/// The text with blanks in place of each line that opens an inline table and does not close it, and of the marks of an unfinished
/// merge; `None` if there are none.
///
/// TOML 1.1 allows inline tables over several lines, so this is of use only where there are errors.
fn without_open_tables(text: &str) -> Option<String> {
    let is_mark =
        |line: &str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|it| line.starts_with(it));
    let is_open = |line: &str| {
        if is_mark(line) {
            return true;
        }
        let mut depth = 0_i32;
        let mut quote = None;
        for byte in line.bytes() {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), byte) if open == byte => quote = None,
                (None, b'{') => depth += 1,
                (None, b'}') => depth -= 1,
                (None, b'#') => break,
                _ => {}
            }
        }
        depth > 0
    };
    if !text.lines().any(is_open) {
        return None;
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let content = line.trim_end_matches(['\r', '\n']);
        if is_open(content) {
            format!("{}{}", " ".repeat(content.len()), &line[content.len()..])
        } else {
            line.to_owned()
        }
    });
    Some(lines.collect())
}

struct Converter<'b, 'a> {
    text: &'a str,
    mark: usize,
    builder: &'b mut Builder<'a>,
}

enum Step<'t, 'a> {
    Value(&'t Spanned<DeValue<'a>>),
    Key(&'t Spanned<DeString<'a>>),
    Close,
}

impl Converter<'_, '_> {
    fn run(&mut self, root: &Spanned<DeTable<'_>>) {
        let mut steps = Vec::new();
        self.builder.open(Kind::Object, Span::new(0, self.text.len()));
        push_table(root.get_ref(), &mut steps);
        while let Some(step) = steps.pop() {
            if self.builder.n_nodes() >= MAX_VALUES {
                let reason = format!("more than {MAX_VALUES} values: the rest is not read");
                return self.builder.problem(Span::default(), reason, true);
            }
            match step {
                Step::Close => self.builder.close(0),
                Step::Key(key) => self.string(key.span(), key.get_ref()),
                Step::Value(value) => match value.get_ref() {
                    DeValue::String(string) => self.string(value.span(), string),
                    DeValue::Table(table) => {
                        self.builder.open(Kind::Object, self.span(value.span()));
                        steps.push(Step::Close);
                        push_table(table, &mut steps);
                    }
                    DeValue::Array(array) => {
                        self.builder.open(Kind::Array, self.span(value.span()));
                        steps.push(Step::Close);
                        push_array(array, &mut steps);
                    }
                    DeValue::Integer(_)
                    | DeValue::Float(_)
                    | DeValue::Boolean(_)
                    | DeValue::Datetime(_) => {
                        self.builder.leaf(Kind::Literal, self.span(value.span()));
                    }
                },
            }
        }
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        on_boundaries(self.text, range.start + self.mark, range.end + self.mark)
    }

    fn string(&mut self, range: std::ops::Range<usize>, value: &str) {
        let span = self.span(range);
        let written = span.slice(self.text).unwrap_or("");
        let inner = ["\"\"\"", "'''", "\"", "'"].iter().find_map(|quote| {
            // One that is never closed ends with its line.
            let inner = written.strip_prefix(quote)?;
            let inner = inner.strip_suffix(quote).unwrap_or(inner);
            let start = span.start as usize + quote.len();
            Some(Span::new(start, start + inner.len()))
        });
        self.builder.string(inner.unwrap_or(span), value);
    }
}

/// The stack gives back the last first, so what comes first in the text is pushed last.
fn push_table<'t, 'a>(table: &'t DeTable<'a>, steps: &mut Vec<Step<'t, 'a>>) {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| std::cmp::Reverse(key.span().start));
    for (key, value) in entries {
        steps.push(Step::Value(value));
        steps.push(Step::Key(key));
    }
}

fn push_array<'t, 'a>(array: &'t DeArray<'a>, steps: &mut Vec<Step<'t, 'a>>) {
    steps.extend(array.iter().rev().map(Step::Value));
}

/// Errors of the crate may point between the bytes of one character.
fn on_boundaries(text: &str, start: usize, end: usize) -> Span {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|it| text.is_char_boundary(*it));
    Span::new(floor(start).unwrap_or(0), floor(end).unwrap_or(0))
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or("not TOML").to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::render_tree;

    #[test]
    fn values_of_every_kind_are_in_the_order_of_the_text() {
        let text = "\u{feff}z = 'lit'\nb.\"q k\" = \"a\\u00e9\"\n[a]\nn = 1\nl = [true, {d = 2020-01-01}]\n[[c]]\nx = \"\"\"m\"\"\"\n[[c]]\n";
        insta::assert_snapshot!(render_tree(parse(text)), @r#"
        z:
         "lit"
        b:
         q k:
          "aé"
        a:
         n:
          1
         l:
           true
           d:
            2020-01-01
        c:
          x:
           "m"
        "#);
    }

    #[test]
    fn a_broken_line_costs_only_itself() {
        insta::assert_snapshot!(render_tree(parse("a = 1\nb = \nc = \"x\nd = 'y'\nd = 'z'\n[t\ne = 2\n")), @r#"
        a:
         1
        b:
         ""
        c:
         "x"
        d:
         "y"
        e:
        36..36 unclosed table, expected `]`
        10..10 string values must be quoted, expected literal string
        17..17 invalid basic string, expected `"`
        26..27 duplicate key
        "#);
    }

    #[test]
    fn what_is_no_toml_is_a_whole_file_problem() {
        let document = parse("<html>");
        assert!(document.into_problems().iter().any(|it| it.whole_file));
    }

    #[test]
    fn deep_and_wide_texts_are_bounded() {
        let deep = format!("a{} = 1\n", ".a".repeat(100_000));
        assert!(!parse(&deep).into_problems().is_empty());
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(!parse(&deep).into_problems().is_empty());
        let wide: Vec<String> = (0..10_000).map(|it| format!("[t{it}.a.b]\nx = 1\n")).collect();
        let wide = wide.concat();
        assert!(parse(&wide).into_problems().is_empty());
        for text in ["[a]\n".repeat(MAX_TABLES + 1), "a".repeat(MAX_BYTES + 1)] {
            assert!(parse(&text).into_problems()[0].reason.contains("not read"));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "((\\[\\[?)?[abé.\"']{1,4}(\\]\\]?)? ?=? ?([1\"'é]{0,3}|\\[1,|\\{a=1)?\n){0,12}") {
            let document = parse(&text);
            for it in &document.nodes {
                prop_assert!(it.span.slice(&text).is_some());
            }
            for it in document.into_problems() {
                prop_assert!(it.span.slice(&text).is_some());
            }
        }
    }
}
