//! Records to index: read in batches, parsed in parallel, added in order, so that the result does not depend on the machine.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use fixloop_advisory::{OsvError, Record, Unused, UnusedReason, parse};
use fixloop_index::{Builder, Prepared, Unusable, prepare};
use rayon::prelude::*;
use thiserror::Error;

use crate::archive::{
    ArchiveError, Entry, MAX_RECORD_BYTES, for_each_tar_entry, for_each_zip_entry,
};
use crate::report::ImportReport;
use crate::source::{Kind, files};

/// Texts held in memory at once: few enough to stay small, enough to keep all cores busy.
const BATCH_RECORDS: usize = 1024;
const BATCH_BYTES: usize = 32 << 20;

/// Reads every record below `paths` into `builder`; `progress` is told the number of records read so far.
pub fn import(
    paths: &[PathBuf],
    builder: &mut Builder,
    mut progress: impl FnMut(u64),
) -> ImportReport {
    let mut report = ImportReport::default();
    for path in paths {
        let files = files(path, &mut report);
        let (records, archives): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(_, kind)| *kind == Kind::Record);
        for batch in records.chunks(BATCH_RECORDS) {
            let read = batch.par_iter().map(|(path, _)| {
                let entry = Entry { name: path.display().to_string(), content: read_file(path) };
                read_entry(entry)
            });
            add(read.collect(), builder, &mut report);
            progress(report.n_read);
        }
        for (path, kind) in archives {
            let mut batch = Batch { builder, report: &mut report, texts: Vec::new(), n_bytes: 0 };
            let place = path.display().to_string();
            let take = |entry: Entry| {
                let name = format!("{place}!{}", entry.name);
                if batch.push(Entry { name, content: entry.content }) {
                    progress(batch.report.n_read);
                }
            };
            let done = match kind {
                Kind::Zip => for_each_zip_entry(&path, take),
                _ => for_each_tar_entry(&path, take),
            };
            batch.flush();
            if let Err(error) = done {
                report.failed_source(place, &error);
            }
        }
    }
    report.n_records = builder.n_records() as u64;
    report.n_withdrawn = builder.n_withdrawn() as u64;
    report.unused.extend(
        (builder.n_older_copies > 0)
            .then_some((("record", UnusedReason::OlderCopy.as_str()), builder.n_older_copies)),
    );
    report
}

struct Batch<'a> {
    builder: &'a mut Builder,
    report: &'a mut ImportReport,
    texts: Vec<Entry>,
    n_bytes: usize,
}

impl Batch<'_> {
    /// Returns whether the batch was full and has been added.
    fn push(&mut self, entry: Entry) -> bool {
        self.n_bytes += entry.content.as_ref().map_or(0, Vec::len);
        self.texts.push(entry);
        let is_full = self.texts.len() >= BATCH_RECORDS || self.n_bytes >= BATCH_BYTES;
        if is_full {
            self.flush();
        }
        is_full
    }

    fn flush(&mut self) {
        let texts = std::mem::take(&mut self.texts);
        self.n_bytes = 0;
        add(texts.into_par_iter().map(read_entry).collect(), self.builder, self.report);
    }
}

#[derive(Debug, Error)]
enum RecordError {
    #[error(transparent)]
    Text(#[from] ArchiveError),
    #[error(transparent)]
    Osv(#[from] OsvError),
}

struct Ready {
    prepared: Prepared,
    unused: Vec<Unused>,
}

/// A record made ready, or the place and cause of the failure.
type Outcome = Result<Ready, (String, RecordError)>;

fn read_entry(entry: Entry) -> Outcome {
    let Entry { name, content } = entry;
    let read = || -> Result<Ready, RecordError> {
        let Record { advisory, unused } = parse(&content?)?;
        Ok(Ready { prepared: prepare(advisory), unused })
    };
    read().map_err(|error| (name, error))
}

fn read_file(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::Read)?;
    let mut content = Vec::new();
    file.take(MAX_RECORD_BYTES + 1).read_to_end(&mut content).map_err(ArchiveError::Read)?;
    if content.len() as u64 > MAX_RECORD_BYTES {
        return Err(ArchiveError::EntryTooLarge);
    }
    Ok(content)
}

fn add(read: Vec<Outcome>, builder: &mut Builder, report: &mut ImportReport) {
    for it in read {
        match it {
            Ok(Ready { prepared, unused }) => {
                report.n_read += 1;
                for it in unused {
                    report.count(it.part, it.reason.as_str());
                }
                for it in &prepared.unused {
                    let (part, reason) = match it {
                        Unusable::RangeOutsideScheme => ("range", UnusedReason::InvalidVersion),
                        Unusable::RangeOfUnknownEcosystem => {
                            ("range", UnusedReason::UnknownEcosystem)
                        }
                        Unusable::VersionOutsideScheme => ("version", UnusedReason::InvalidVersion),
                    };
                    report.count(part, reason.as_str());
                }
                builder.add(prepared);
            }
            Err((place, error)) => report.failed_record(place, &error),
        }
    }
}
