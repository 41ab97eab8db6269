//! From a sink to whoever keeps events: each batch is handed over, and moved only after it was taken.
//!
//! The taker inserts a batch's events by their ids in one transaction, so that a batch that comes twice, a kill at any moment, and two
//! collectors at once count nothing twice.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fixloop_policy::OrganizationKey;
use thiserror::Error;

use crate::batch::{Batch, MAX_BYTES, Refused};
use crate::durable::step;
use crate::flush::{EXTENSION, file_name};
use crate::sink::{self, INBOX, REFUSED, SinkError, TAKEN};

/// What became of a batch that was handed over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    Stored,
    /// Its id is known: it was replayed, or could not be moved the last time.
    AlreadyTaken,
}

/// What a round found.
#[derive(Debug, Default)]
pub struct Collected {
    pub n_batches: u64,
    /// Batches that were taken before.
    pub n_known: u64,
    /// Batches of other organizations, which stay where they are.
    pub n_foreign: u64,
    /// Batches that only a newer version can read, which stay where they are.
    pub n_newer: u64,
    /// Events in the batches that were stored, as often as they are there.
    pub n_events: u64,
    /// Lines in them that are no event of this version. They stay in the batch's file.
    pub n_unknown: u64,
    /// Refused files by [`Refused::as_str`].
    pub refused: BTreeMap<&'static str, u64>,
    /// Files that could not be read, by name. They stay where they are.
    pub failures: Vec<(String, io::Error)>,
    /// Files that could not be moved, as in a sink that is read-only: they will be met again.
    pub n_unmoved: u64,
    /// Why the first of them could not.
    pub unmoved: Option<io::Error>,
}

#[derive(Debug, Error)]
pub enum CollectError<E: std::error::Error + 'static> {
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// Earlier batches are taken; this one and later ones are still in the inbox.
    #[error("failed to keep the events of the batch `{}`", path.display())]
    Take { path: PathBuf, source: E },
}

/// Hands every batch in a sink's inbox to `take`, in the order of the names.
pub fn collect<E: std::error::Error + 'static>(
    sink: &Path,
    organization: &str,
    key: &OrganizationKey,
    take: &mut dyn FnMut(&Batch) -> Result<Taken, E>,
) -> Result<Collected, CollectError<E>> {
    sink::check(sink, organization)?;
    let mut round = Round { sink, collected: Collected::default() };
    for name in names(&sink.join(INBOX))? {
        let path = sink.join(INBOX).join(&name);
        let read = match bytes_of(&path) {
            // Another collector moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                round.collected.failures.push((name, error));
                continue;
            }
            Ok(Some(bytes)) => Batch::read(&bytes, organization, key),
            Ok(None) => Err(Refused::NoBatch),
        };
        match read {
            Ok(batch) => {
                let taken = take(&batch);
                let taken =
                    taken.map_err(|source| CollectError::Take { path: path.clone(), source })?;
                step();
                round.taken(&path, &batch, taken);
            }
            Err(Refused::OtherOrganization { .. }) => round.collected.n_foreign += 1,
            Err(Refused::Newer { .. }) => round.collected.n_newer += 1,
            Err(refused) => round.refused(&path, &name, &refused),
        }
        step();
    }
    Ok(round.collected)
}

/// Of files that could be batches, sorted. Those that are being written are none.
fn names(inbox: &Path) -> Result<Vec<String>, SinkError> {
    let entries = match fs::read_dir(inbox) {
        // Nobody flushed yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(SinkError::read(inbox))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(SinkError::read(inbox))?.file_name();
        // A name that is no text is none of ours.
        let Ok(name) = name.into_string() else { continue };
        if !name.starts_with('.') && name.strip_suffix(EXTENSION).is_some() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// A little more than a batch may have, so that one that is too large is known; nothing for what is no regular file, since opening a pipe
/// may take for ever.
fn bytes_of(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

struct Round<'a> {
    sink: &'a Path,
    collected: Collected,
}

impl Round<'_> {
    fn taken(&mut self, path: &Path, batch: &Batch, taken: Taken) {
        let header = &batch.header;
        match taken {
            Taken::Stored => {
                self.collected.n_batches += 1;
                self.collected.n_events += batch.events.len() as u64;
                self.collected.n_unknown += batch.n_unknown;
            }
            Taken::AlreadyTaken => self.collected.n_known += 1,
        }
        let folder = self.sink.join(TAKEN).join(month(header.batch_id.milliseconds()));
        // Not by its name, which anybody can change: so the same batch always lands on itself.
        let numbers = (header.first_seq, header.last_seq);
        let name = file_name(header.source, numbers, header.batch_id);
        let moved = make(&folder).and_then(|()| rename(path, &folder.join(name)));
        self.note(moved);
    }

    fn refused(&mut self, path: &Path, name: &str, refused: &Refused) {
        *self.collected.refused.entry(refused.as_str()).or_default() += 1;
        let folder = self.sink.join(REFUSED);
        let moved = make(&folder).and_then(|()| {
            let to = unused(&folder, name)?;
            let mut why = to.clone().into_os_string();
            why.push(".why");
            write_new(Path::new(&why), &format!("{refused}\n"))?;
            step();
            rename(path, &to)
        });
        self.note(moved);
    }

    fn note(&mut self, moved: io::Result<()>) {
        if let Err(error) = moved {
            self.collected.n_unmoved += 1;
            self.collected.unmoved.get_or_insert(error);
        }
    }
}

/// Never through a link that somebody laid there.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// Another collector may have been faster.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !from.exists() => Ok(()),
        renamed => renamed,
    }
}

fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() { Ok(()) } else { fs::create_dir_all(folder) }
}

/// How many files of one name are kept.
const MAX_NAMESAKES: u32 = 100;

/// A path that nobody has: what was refused once is not overwritten by the next of the same name.
fn unused(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let names = (1..=MAX_NAMESAKES)
        .map(|it| if it == 1 { name.to_owned() } else { format!("{name}.{it}") });
    let mut paths = names.map(|it| folder.join(it));
    let is_unused = |it: &PathBuf| fs::symlink_metadata(it).is_err();
    paths.find(is_unused).ok_or_else(|| io::ErrorKind::AlreadyExists.into())
}

/// `2026-11`.
fn month(milliseconds: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::MAX);
    jiff::tz::Offset::UTC.to_datetime(time).strftime("%Y-%m").to_string()
}
