//! `key = value` lines under `[section]` lines: `pip.conf`, `.npmrc`.
//!
//! Python's, <https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>, and npm's agree on what is read here.
//! Linear, and total: a line that is none of these is skipped, and the first of them is told.

pub(crate) struct Entry<'a> {
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    /// Without blanks and quotes around it.
    pub(crate) value: &'a str,
    pub(crate) offset: usize,
}

#[derive(Default)]
pub(crate) struct Ini<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    /// Where the first line stands that is no part of the syntax.
    pub(crate) broken: Option<usize>,
}

/// How a line that is indented is taken.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Indented {
    /// As one more value of the key above: Python.
    More,
    /// As a line like any other: npm.
    Same,
}

pub(crate) fn parse(text: &str, indented: Indented) -> Ini<'_> {
    let mut ini = Ini::default();
    let mut section = "";
    let mut offset = 0;
    for whole in text.split_inclusive('\n') {
        let start = offset;
        offset += whole.len();
        let line = whole.trim_end().trim_start_matches('\u{feff}');
        let code = line.trim_start();
        let start = start + whole.len() - whole.trim_start_matches(['\u{feff}', ' ', '\t']).len();
        if code.is_empty() || code.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = code.strip_prefix('[') {
            section = name.split(']').next().unwrap_or("").trim();
            continue;
        }
        let is_more = indented == Indented::More && line.starts_with([' ', '\t']);
        let last_key = ini.entries.last().map(|it: &Entry<'_>| (it.section, it.key));
        match (code.split_once('='), last_key) {
            // Further values of one key stand below it, each as an entry of its own.
            (_, Some((of, key))) if is_more && of == section => {
                ini.entries.push(Entry { section, key, value: unquoted(code), offset: start });
            }
            (Some((key, value)), _) => {
                let (key, value) = (key.trim().trim_end_matches("[]"), unquoted(value));
                ini.entries.push(Entry { section, key, value, offset: start });
            }
            // A key alone is true, for npm.
            (None, _) => ini.broken = ini.broken.or(Some(start)),
        }
    }
    ini
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let quoted = |quote| value.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value)
}
