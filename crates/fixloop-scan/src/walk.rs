//! Which files of a tree are read.
//!
//! Everything of a known format, hidden folders included, except what `.gitignore` leaves out, `.git` itself, and `node_modules`
//! (packages' own lockfiles say nothing about this project). Ignore files of other tools and of the user are not honored: a scan
//! must not depend on who runs it. Links are not followed, so there are no loops and nothing outside the root is read.

use std::path::Path;

use fixloop_manifest::Format;
use fixloop_model::{Unknown, UnknownKind};
use ignore::WalkBuilder;

/// A file to read, or one that says what the reading of others needs.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Target {
    /// Relative to the root, `/` between parts.
    pub(crate) path: String,
    pub(crate) format: Format,
}

/// Paths of regular files, sorted, and what could not be looked at.
pub(crate) fn walk(
    root: &Path,
    respect_gitignore: bool,
    is_wanted: &(dyn Fn(&str) -> bool + Sync),
) -> (Vec<String>, Vec<Unknown>) {
    let mut paths = Vec::new();
    let mut unknown = Vec::new();
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_exclude(false)
        .git_ignore(respect_gitignore)
        .require_git(false)
        .filter_entry(|entry| {
            let is_folder = entry.file_type().is_some_and(|it| it.is_dir());
            let name = entry.file_name();
            !(is_folder && entry.depth() > 0 && (name == ".git" || name == "node_modules"))
        })
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let path = relative(root, entry.path());
                if !is_wanted(&path) {
                    continue;
                }
                let file_type = entry.file_type();
                if file_type.is_some_and(|it| it.is_file()) {
                    paths.push(path);
                } else if file_type.is_some_and(|it| it.is_symlink())
                    && !points_into(root, entry.path())
                {
                    let reason = "a link out of the scanned folder: not followed".to_owned();
                    unknown.push(unknown_file(path, reason));
                }
            }
            Err(error) => {
                let path = path_of(&error).map(|it| relative(root, it));
                let reason = format!("failed to read: {}", cause_of(&error));
                let kind = UnknownKind::File;
                unknown.push(Unknown { kind, path, line: None, name: None, reason });
            }
        }
    }
    paths.sort();
    (paths, unknown)
}

pub(crate) fn unknown_file(path: String, reason: String) -> Unknown {
    Unknown { kind: UnknownKind::File, path: Some(path), line: None, name: None, reason }
}

/// A link whose target is read by itself anyway.
fn points_into(root: &Path, link: &Path) -> bool {
    let target = link.canonicalize();
    let root = root.canonicalize();
    target.and_then(|target| root.map(|root| target.starts_with(root))).unwrap_or(false)
}

/// The path below `root` as text; a name that is not UTF-8 keeps its readable parts.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

fn cause_of(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => cause_of(err),
        other => other.to_string(),
    }
}
