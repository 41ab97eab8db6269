//! A manifest with the files around it, and the same after edits.

use std::sync::Arc;

use fixloop_manifest::{Beside, Format};
use fixloop_model::{Component, Parsed, Span};

use crate::cannot::CannotFix;
use crate::edit::{TextEdit, apply};

/// A manifest as it stands, maybe unsaved in an editor, with the files around it.
#[derive(Clone, Copy)]
pub struct Manifest<'a> {
    pub format: Format,
    pub text: &'a str,
    /// Also says where it lies.
    pub beside: Beside<'a>,
    /// What its reader made of `text`.
    pub parsed: &'a Parsed,
}

/// Where a version or requirement is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) span: Span,
}

impl Place {
    /// In the manifest itself, or where that has it from; `None` if nothing is written.
    pub(crate) fn of(component: &Component, own_path: &str) -> Option<Self> {
        match &component.declared {
            Some(it) => Some(Self { path: it.path.clone(), span: it.span }),
            None => Some(Self { path: own_path.to_owned(), span: component.version_span? }),
        }
    }
}

impl Manifest<'_> {
    /// The text of a file by its path from the root.
    pub(crate) fn text_of(&self, path: &str) -> Option<Arc<str>> {
        if path == self.beside.path() {
            return Some(Arc::from(self.text));
        }
        self.beside.seen_from("").neighbor(path).map(|it| it.text)
    }

    /// What the manifest's reader makes of it after `edits`, which may be of other files, too.
    ///
    /// # Errors
    /// If a problem would be in the edited text that was not there before.
    pub(crate) fn edited(&self, edits: &[TextEdit]) -> Result<Parsed, CannotFix> {
        let of_file = |path: &str| -> Vec<TextEdit> {
            edits.iter().filter(|it| it.path == path).cloned().collect()
        };
        let own = of_file(self.beside.path());
        let read = |path: &str| {
            let text = self.text_of(path);
            let edits = of_file(path);
            if edits.is_empty() {
                return text;
            }
            Some(Arc::from(apply(text.as_deref().unwrap_or(""), &edits)))
        };
        let text = apply(self.text, &own);
        let parsed = self.format.parse_among(&text, Beside::new(self.beside.path(), &read));
        if parsed.problems.len() > self.parsed.problems.len() {
            return Err(CannotFix::Unreadable);
        }
        Ok(parsed)
    }
}
