//! What alerts are judged by, and what somebody accepted.

use fixloop_exceptions::Exceptions;
use fixloop_match::{Known, Match};
use fixloop_model::{Component, Finding, Place, Position};
use jiff::civil::Date;

/// What alerts are judged by.
#[derive(Clone, Copy)]
pub struct Context<'k, 'i> {
    pub known: &'k Known<'i>,
    /// The organization's own advisories.
    pub own: Option<&'k Known<'i>>,
    /// Hosts of registries that serve the public registry's packages unchanged.
    pub mirrors: &'k [String],
    pub exceptions: &'k Exceptions,
    /// Exceptions that expired before this day cover nothing.
    pub today: Date,
}

impl Context<'_, '_> {
    /// Takes out what an exception covers in one of the files at `paths`.
    pub(crate) fn take_out_accepted(
        &self,
        component: &Component,
        paths: &[Option<&str>],
        matches: &mut Vec<Match>,
    ) {
        if self.exceptions.exceptions.is_empty() {
            return;
        }
        let covered = |it: &Match, path: &str| {
            let place = Place { path: path.to_owned(), position: Position { line: 1, column: 1 } };
            let finding = Finding {
                ecosystem: component.ecosystem.to_string(),
                version: component.version.clone().unwrap_or_default(),
                ids: it.ids.clone(),
                ..Finding::of_file(it.class, component.name.clone(), String::new(), place)
            };
            fixloop_exceptions::covering(self.exceptions, &finding, self.today).is_some()
        };
        matches.retain(|it| !paths.iter().flatten().any(|path| covered(it, path)));
    }
}
