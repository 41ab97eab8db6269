//! Reads `mix.lock` of Elixir.
//!
//! Format: written by Mix, a map of Elixir with one entry per line, <https://hexdocs.pm/mix/Mix.Tasks.Deps.html>. Read are packages of
//! Hex and git repositories.
//!
//! What the file does not tell: what the project itself names, and for which environments. An entry that others need may be that, too,
//! so how any of them got in is unknown.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Source, Span};

use crate::excerpt::excerpt;
use crate::limits::within_limit;
use crate::registry::without_credentials;

pub fn parse(text: &str) -> Parsed {
    let (text, cut) = within_limit(text);
    let mut parsed = Parsed { problems: cut.into_iter().collect(), ..Parsed::default() };
    let mut offset = 0;
    let mut is_map = false;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        // Until 2014 it was a list.
        let opens = content.strip_prefix("%{").or_else(|| content.strip_prefix('['));
        is_map |= opens.is_some();
        let entry = opens.unwrap_or(content).trim_start();
        if matches!(entry, "" | "}" | "]") || entry.starts_with('#') {
            continue;
        }
        let at = start + line.find(entry).unwrap_or(0);
        // The last entry of the oldest files has the map's end behind it.
        match component(entry, at) {
            Ok(component) => parsed.components.push(component),
            Err(reason) => {
                let span = Span::new(at, at + entry.len());
                parsed.problems.push(Problem { span, reason, whole_file: !is_map });
            }
        }
    }
    if !is_map && parsed.problems.is_empty() {
        let reason = "no mix.lock: it does not begin with `%{`".to_owned();
        parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
    }
    parsed
}

/// A quoted string at the start of `text`: what stands inside, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('"')?.split_once('"')
}

/// `:name` or `:"name"`.
fn atom(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(':')?;
    if rest.starts_with('"') {
        return quoted(rest);
    }
    let end = rest.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_' || it == '@'))?;
    Some((&rest[..end], &rest[end..]))
}

fn next(text: &str) -> &str {
    text.trim_start_matches([',', ' '])
}

fn component(entry: &str, at: usize) -> Result<Component, String> {
    let unread = || format!("`{}` is no entry of a lockfile", excerpt(entry));
    let place = |part: &str| {
        let start = at + (part.as_ptr() as usize - entry.as_ptr() as usize);
        Span::new(start, start + part.len())
    };
    let (key, rest) = quoted(entry).ok_or_else(unread)?;
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix(" =>")).ok_or_else(unread)?;
    let rest = rest.trim_start().strip_prefix('{').ok_or_else(unread)?;
    let (kind, rest) = atom(rest).ok_or_else(unread)?;
    match kind {
        "hex" => {
            let (name, rest) = atom(next(rest)).ok_or_else(unread)?;
            let (version, rest) = quoted(next(rest)).ok_or_else(unread)?;
            Ok(Component {
                alias: (key != name).then(|| key.to_owned()),
                version: Some(version.to_owned()),
                version_span: Some(place(version)),
                source: source(rest),
                ..Component::new(Ecosystem::HEX, name, place(name))
            })
        }
        "git" => {
            let (url, _) = quoted(next(rest)).ok_or_else(unread)?;
            let source = Source::Git { url: without_credentials(url) };
            Ok(Component { source, ..Component::new(Ecosystem::HEX, key, place(key)) })
        }
        "path" => {
            let source = Source::Path { path: quoted(next(rest)).map(|(path, _)| path.to_owned()) };
            Ok(Component { source, ..Component::new(Ecosystem::HEX, key, place(key)) })
        }
        other => Err(format!("`{}` is of no kind that is read: `{other}`", excerpt(key))),
    }
}

/// The repository stands behind the list of dependencies; `hexpm`, and none in the oldest files, is the public one. Another one is
/// known by its name alone, which takes the host's place.
fn source(rest: &str) -> Source {
    let repository = rest.rsplit_once("], ").and_then(|(_, rest)| quoted(rest));
    match repository {
        None | Some(("hexpm", _)) => Source::PublicRegistry,
        Some((name, _)) => Source::Registry { host: name.to_owned() },
    }
}
