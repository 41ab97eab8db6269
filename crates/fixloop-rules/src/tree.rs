//! A file as the tree that conditions look into, whatever it is written in.

use std::borrow::Cow;

use fixloop_manifest::{Outline, OutlineKind, OutlineNode, Syntax};
use fixloop_model::{Component, Span};

use crate::components;
use crate::ini;

/// Three times the largest real lockfiles.
const MAX_BYTES: usize = 16 << 20;

const MAX_NODES: usize = 2_000_000;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    Json,
    Yaml,
    Toml,
    Xml,
    Ini,
    /// A list of lines.
    Text,
    /// A list of packages, by the reader that the file's name calls for.
    Lockfile,
}

impl Format {
    pub(crate) const ALL: &[(&str, Self)] = &[
        ("json", Self::Json),
        ("yaml", Self::Yaml),
        ("toml", Self::Toml),
        ("xml", Self::Xml),
        ("ini", Self::Ini),
        ("text", Self::Text),
        ("lockfile", Self::Lockfile),
    ];

    /// Whether a file is a flat list: a test without a path is then asked of each of its items.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Text | Self::Lockfile)
    }
}

pub(crate) struct Tree<'a> {
    pub(crate) outline: Outline<'a>,
    /// Of a lockfile, in the order of the items below the top.
    pub(crate) components: Vec<Component>,
}

/// # Errors
/// Why nothing is known of the file, and where that shows.
pub(crate) fn read<'a>(
    format: Format,
    path: &str,
    text: &'a str,
) -> Result<Tree<'a>, (String, Option<Span>)> {
    if text.len() > MAX_BYTES {
        return Err((format!("larger than {} MiB: not read", MAX_BYTES >> 20), None));
    }
    let (outline, components) = match format {
        Format::Json => (Outline::read(Syntax::Json, text), Vec::new()),
        Format::Yaml => (Outline::read(Syntax::Yaml, text), Vec::new()),
        Format::Toml => (Outline::read(Syntax::Toml, text), Vec::new()),
        Format::Xml => (Outline::read(Syntax::Xml, text), Vec::new()),
        Format::Ini => (ini::read(text), Vec::new()),
        Format::Text => (lines(text), Vec::new()),
        Format::Lockfile => components::read(path, text)?,
    };
    if let Some(problem) = outline.problems.iter().find(|it| it.whole_file) {
        return Err((problem.reason.clone(), Some(problem.span)));
    }
    if outline.nodes.len() > MAX_NODES {
        return Err((format!("more than {MAX_NODES} values: not read"), None));
    }
    Ok(Tree { outline, components })
}

fn lines(text: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    outline.add(OutlineNode::new(OutlineKind::List, Span::new(0, text.len())));
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\r', '\n']);
        outline.add(OutlineNode {
            value: Some(Cow::Borrowed(line)),
            ..OutlineNode::new(OutlineKind::Text, Span::new(at, at + line.len()))
        });
        at += whole.len();
    }
    outline
}
