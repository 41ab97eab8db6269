//! What an import has to say: everything it could not use, by reason.

use std::collections::BTreeMap;

/// Failures listed one by one; more are only counted.
const MAX_LISTED: usize = 20;

#[derive(Debug, Default)]
pub struct ImportReport {
    /// Texts read as records, before copies of one record are told apart.
    pub n_read: u64,
    /// Records in the index.
    pub n_records: u64,
    pub n_withdrawn: u64,
    /// Files that are neither records nor archives, by their ending.
    pub other_files: BTreeMap<String, u64>,
    /// Parts of records without effect, by part and reason.
    pub unused: BTreeMap<(&'static str, &'static str), u64>,
    /// Records that could not be read at all.
    pub n_failed_records: u64,
    /// Folders and archives that could not be read to their end.
    pub n_failed_sources: u64,
    pub failures: Vec<Failure>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The path, and within an archive the entry's name after `!`.
    pub place: String,
    pub reason: String,
}

impl ImportReport {
    pub(crate) fn count(&mut self, part: &'static str, reason: &'static str) {
        *self.unused.entry((part, reason)).or_default() += 1;
    }

    pub(crate) fn failed_record(&mut self, place: String, error: &dyn std::error::Error) {
        self.n_failed_records += 1;
        self.list(place, error);
    }

    pub(crate) fn failed_source(&mut self, place: String, error: &dyn std::error::Error) {
        self.n_failed_sources += 1;
        self.list(place, error);
    }

    fn list(&mut self, place: String, error: &dyn std::error::Error) {
        if self.failures.len() < MAX_LISTED {
            let causes = std::iter::successors(Some(error), |it| it.source());
            let reason = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
            self.failures.push(Failure { place, reason });
        }
    }

    /// Nothing was lost that should have been read.
    pub fn is_complete(&self) -> bool {
        self.n_failed_records == 0 && self.n_failed_sources == 0
    }
}
