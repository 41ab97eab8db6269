//! Reads `package-lock.json` and `npm-shrinkwrap.json`, lockfile versions 1 to 3.
//!
//! Format: <https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-lock-json.md>; its writer is
//! <https://github.com/npm/cli/blob/latest/workspaces/arborist/lib/shrinkwrap.js>. Versions 2 and 3 are read from `packages`
//! only: the `dependencies` of version 2 repeat it for npm 6.
//!
//! What the file does not tell:
//! - the source of an entry without `resolved`: npm leaves it out under `omit-lockfile-registry-resolved` and for what is bundled
//!   in another package, so it is taken for the public registry's;
//! - workspace members from other linked folders: both are [`Source::Workspace`];
//! - in version 1, what the project itself names: a top-level entry that no other requires must be direct, one that is required
//!   may be direct as well ([`Reach::Unknown`](fixloop_model::Reach::Unknown)).

mod folders;
mod nested;
mod packages;
mod remembered;
#[cfg(test)]
mod tests;

use fixloop_model::{Parsed, Problem, Scope, Source, Span};

use crate::excerpt::excerpt;
use crate::json;
use crate::npm_source::source_of_address;
use crate::tree::{Text, Value};

pub(crate) use remembered::Remembered;

pub fn parse(text: &str) -> Parsed {
    let document = json::parse(text);
    let mut problems = Vec::new();
    let mut components = Vec::new();
    match document.root() {
        Some(root) => match layout(text, root) {
            Ok(Layout::Nested(tree)) => {
                components = nested::read(root, tree, &mut problems);
            }
            Ok(Layout::Packages(packages)) => {
                components = packages::read(packages, &mut problems);
            }
            Ok(Layout::Empty) => {}
            Err(problem) => problems.push(problem),
        },
        None => problems.push(problem(Span::default(), "the text is no JSON object")),
    }
    problems.extend(document.into_problems());
    if components.is_empty() {
        for it in &mut problems {
            it.whole_file = true;
        }
    }
    Parsed { components, problems }
}

enum Layout<'d> {
    /// Version 1: the `dependencies` of the project, each with those that lie below it.
    Nested(Value<'d>),
    /// Versions 2 and 3: `packages`, from folder to package.
    Packages(Value<'d>),
    /// A project without dependencies.
    Empty,
}

fn layout<'d>(text: &str, root: Value<'d>) -> Result<Layout<'d>, Problem> {
    let Some(version) = root.get("lockfileVersion") else {
        return Err(problem(root.span(), "lockfile without `lockfileVersion`"));
    };
    let written = version.span().slice(text).unwrap_or("");
    let key = match written {
        "1" => "dependencies",
        "2" | "3" => "packages",
        _ => {
            let reason = format!("lockfile version `{}` is not known", excerpt(written));
            return Err(problem(version.span(), &reason));
        }
    };
    match root.get(key) {
        Some(entries) if !entries.is_object() => {
            Err(problem(entries.span(), &format!("expected an object for `{key}`")))
        }
        Some(entries) if key == "packages" => Ok(Layout::Packages(entries)),
        Some(entries) => Ok(Layout::Nested(entries)),
        // npm writes no empty `dependencies`, but always `packages`.
        None if key == "dependencies" => Ok(Layout::Empty),
        None => Err(problem(root.span(), "lockfile without `packages`")),
    }
}

fn problem(span: Span, reason: &str) -> Problem {
    Problem { span, reason: reason.to_owned(), whole_file: false }
}

/// The `version` of an entry, which is a string or missing.
fn version<'d>(key: Text<'d>, entry: Value<'d>) -> Result<Option<Text<'d>>, Problem> {
    if !entry.is_object() {
        return Err(problem(key.span, "expected an object"));
    }
    match entry.get("version") {
        None => Ok(None),
        Some(version) => match version.text() {
            Some(version) => Ok(Some(version)),
            None => Err(problem(key.span, "expected a string for `version`")),
        },
    }
}

fn is_set(entry: Value<'_>, flag: &str) -> bool {
    entry.get(flag).is_some_and(Value::is_true)
}

fn scope(entry: Value<'_>) -> Scope {
    if is_set(entry, "dev") {
        Scope::Dev
    } else if is_set(entry, "optional") || is_set(entry, "devOptional") {
        Scope::Optional
    } else {
        Scope::Runtime
    }
}

/// Whether what stands as version is the address that the package was got from: no semantic version has these characters.
fn is_address(version: &str) -> bool {
    version.contains([':', '/'])
}

fn source_of_resolved(entry: Value<'_>) -> Source {
    match entry.get_text("resolved") {
        Some(resolved) => source_of_address(&resolved.value()),
        None => Source::PublicRegistry,
    }
}

/// Where the last `len` bytes of the string's value stand; the whole string if escapes make that unclear.
fn span_of_tail(text: Text<'_>, len: usize) -> Span {
    if text.raw.contains('\\') {
        return text.span;
    }
    let end = text.span.end as usize;
    Span::new(end.saturating_sub(len), end)
}
