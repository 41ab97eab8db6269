//! How the tests of every format look at what was read.

use std::fmt::Write;

use fixloop_model::{LineIndex, Parsed, Reach, Source};

use crate::tree::{Document, Value};

/// One line per component: `line:column name version reach scope source`, then the chain; then the problems.
pub(crate) fn render(text: &str, parsed: &Parsed) -> String {
    let lines = LineIndex::new(text);
    let place = |offset| {
        let at = lines.position(text, offset);
        format!("{}:{}", at.line, at.column)
    };
    let mut out = String::new();
    for (index, it) in parsed.components.iter().enumerate() {
        let version = match (&it.version, &it.requirement) {
            (Some(version), _) => version.clone(),
            (None, Some(requirement)) => format!("[{requirement}]"),
            (None, None) => "-".to_owned(),
        };
        let reach = match it.reach {
            Reach::Root => "root",
            Reach::Direct => "direct",
            Reach::Transitive { .. } => "transitive",
            Reach::Unknown => "-",
        };
        let scope = it.scope.map_or("-", fixloop_model::Scope::as_str);
        let source = render_source(&it.source);
        let at = place(it.name_span.start);
        write!(out, "{at} {} {version} {reach} {scope} {source}", it.name).unwrap();
        if let Some(alias) = &it.alias {
            write!(out, " as {alias}").unwrap();
        }
        if let Some(declared) = &it.declared {
            write!(out, " in {}@{}", declared.path, declared.span.start).unwrap();
        }
        if let Some(chain) = parsed.chain(index) {
            write!(out, " < {}", chain[..chain.len() - 1].join(" > ")).unwrap();
        }
        out.push('\n');
    }
    for it in &parsed.problems {
        let whole = if it.whole_file { " (whole file)" } else { "" };
        writeln!(out, "{} problem: {}{whole}", place(it.span.start), it.reason).unwrap();
    }
    out
}

/// The lines of [`render`] for components of these names.
pub(crate) fn render_named(text: &str, parsed: &Parsed, names: &[&str]) -> String {
    let rendered = render(text, parsed);
    let is_asked = |line: &&str| line.split(' ').nth(1).is_some_and(|name| names.contains(&name));
    rendered.lines().filter(is_asked).collect::<Vec<_>>().join("\n")
}

fn render_source(source: &Source) -> String {
    match source {
        Source::PublicRegistry => "public".to_owned(),
        Source::Registry { host } => format!("registry {host}"),
        Source::Git { url } => format!("git {url}"),
        Source::Archive { url } => format!("archive {url}"),
        Source::Path { path } => format!("path {}", path.as_deref().unwrap_or("-")),
        Source::Workspace => "workspace".to_owned(),
        Source::Unknown => "-".to_owned(),
    }
}

/// One line per value, indented by depth, then the problems.
pub(crate) fn render_tree(document: Document<'_>) -> String {
    fn walk(value: Value<'_>, depth: usize, out: &mut String) {
        for (key, value) in value.entries() {
            writeln!(out, "{:depth$}{}:", "", key.value()).unwrap();
            leaf(value, depth + 1, out);
        }
        for value in value.items() {
            leaf(value, depth + 1, out);
        }
    }
    fn leaf(value: Value<'_>, depth: usize, out: &mut String) {
        match (value.text(), value.literal()) {
            (Some(text), _) => writeln!(out, "{:depth$}{:?}", "", text.value()).unwrap(),
            (None, Some("")) => writeln!(out, "{:depth$}(empty)", "").unwrap(),
            (None, Some(literal)) => writeln!(out, "{:depth$}{literal}", "").unwrap(),
            (None, None) => walk(value, depth, out),
        }
    }
    let mut out = String::new();
    if let Some(root) = document.root() {
        walk(root, 0, &mut out);
    }
    for it in document.into_problems() {
        let whole = if it.whole_file { " (whole file)" } else { "" };
        writeln!(out, "{:?} {}{whole}", it.span.range(), it.reason).unwrap();
    }
    out
}

/// `text` is as a whole no file of this format, for this reason.
#[track_caller]
pub(crate) fn check_whole_file(parsed: &Parsed, reason: &str) {
    let is_it = |it: &fixloop_model::Problem| it.whole_file && it.reason.contains(reason);
    assert!(parsed.problems.iter().any(is_it), "{parsed:?}");
}

/// Every span lies in the text; `as_written` gets each name and each version (or requirement) with the text under its span.
#[track_caller]
pub(crate) fn assert_spans(text: &str, parsed: &Parsed, as_written: impl Fn(&str, &str) -> bool) {
    for it in &parsed.components {
        let name = it.name_span.slice(text).expect("the name's span slices the text");
        // An alias is what stands in the file in place of the name.
        let alias_stands = it.alias.as_deref().is_some_and(|alias| as_written(name, alias));
        assert!(as_written(name, &it.name) || alias_stands, "name {name:?} of {it:?}");
        let value = it.version.as_ref().or(it.requirement.as_ref());
        if let (Some(span), Some(value), None) = (it.version_span, value, &it.declared) {
            let written = span.slice(text).expect("the version's span slices the text");
            assert!(as_written(written, value), "version {written:?} of {it:?}");
        }
    }
    for it in &parsed.problems {
        assert!(it.span.slice(text).is_some(), "{it:?}");
    }
}
