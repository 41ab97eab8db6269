//! What goes wrong in a command, and what to do about it.

use std::error::Error;
use std::io::{self, Write};

use fixloop_client::with_causes;
use fixloop_store::StoreError;

use crate::commands::RuleFileError;

/// A failure with its cause, and hints for the user. Always exit code 2: what was asked could not be decided.
pub(crate) struct CommandError {
    source: Box<dyn Error>,
    hints: Vec<String>,
}

impl<E: Error + 'static> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self { source: Box::new(error), hints: Vec::new() }
    }
}

impl CommandError {
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The reader of our output went away (`fixloop scan | head`).
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let io = self.source.downcast_ref::<io::Error>();
        io.is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe)
    }

    /// With its causes.
    pub(crate) fn chain(&self) -> String {
        with_causes(&*self.source)
    }

    pub(crate) fn print(&self) {
        let text = self.chain();
        let mut out = anstream::stderr().lock();
        // A mistake in a rule is shown with its line and a caret under it; nothing else has lines of its own.
        let text = if self.source.is::<RuleFileError>() {
            let lines: Vec<_> = text.split('\n').map(fixloop_report::visible).collect();
            lines.join("\n")
        } else {
            fixloop_report::visible(&text).into_owned()
        };
        let mut lines = vec![format!("error: {text}")];
        let known = self.hints.is_empty().then(|| hint_of(&*self.source)).flatten();
        let hints = self.hints.iter().map(String::as_str).chain(known);
        lines.extend(hints.map(|it| format!("\nhint: {it}")));
        for line in lines {
            // Nobody is left to tell if standard error is gone.
            if writeln!(out, "{line}").is_err() {
                return;
            }
        }
    }
}

/// What can be done about a data directory, wherever it was met.
fn hint_of(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(it) = next {
        if let Some(it) = it.downcast_ref::<StoreError>() {
            return match it {
                StoreError::Newer { .. } => {
                    Some("use the fixloop that wrote it, or a later one; nothing was changed")
                }
                StoreError::Damaged { .. } | StoreError::DamagedFile(_) | StoreError::Record(_) => {
                    Some(
                        "somebody changed the database by hand, or the disk failed: bring fixloop.sqlite back from a backup; nothing is repaired by itself",
                    )
                }
                StoreError::Query { .. } | StoreError::Open { .. } | StoreError::Folder { .. } => {
                    Some(
                        "is the disk full, the folder read-only, or the file another program's? nothing of this step was kept; do it again once that is mended",
                    )
                }
                _ => None,
            };
        }
        next = it.source();
    }
    None
}

/// One line on standard error.
pub(crate) fn warn(text: &str) {
    // Nobody is left to tell if standard error is gone.
    if writeln!(anstream::stderr().lock(), "{}", fixloop_report::visible(text)).is_err() {}
}
