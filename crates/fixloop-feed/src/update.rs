//! Bringing the records of ecosystems up to date from OSV's public bucket, or a mirror of it.
//!
//! Layout of the bucket: <https://google.github.io/osv.dev/data/>. Of each ecosystem there are `all.zip` (every record),
//! `modified_id.csv` (when each was last modified, newest first) and each record by itself. A folder beside the index keeps what was
//! downloaded, so that the next update asks only for what changed: nothing if the list is the same, single records if they are few,
//! else the archive. A download that broke off goes on where it stopped.

mod archive;
mod cache;
mod changes;
mod client;
mod error;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::UpdateError;

use crate::update::cache::Cache;
pub use crate::update::client::{Answer, Bounds, Client};

/// OSV's public bucket.
pub const DEFAULT_URL: &str = "https://storage.googleapis.com/osv-vulnerabilities";

/// Single records are fetched up to this number; above, the archive is quicker.
const MAX_SINGLE_RECORDS: usize = 500;

/// The ecosystems of the formats that fixloop reads.
pub const DEFAULT_ECOSYSTEMS: &[&str] = &[
    "GitHub Actions",
    "Go",
    "Hex",
    "Maven",
    "NuGet",
    "Packagist",
    "Pub",
    "PyPI",
    "RubyGems",
    "crates.io",
    "npm",
];

#[derive(Clone, Debug)]
pub struct UpdateOptions {
    /// Where the ecosystems' folders lie, without a slash at the end.
    pub url: String,
    /// Where downloads are kept.
    pub cache: PathBuf,
    /// How long a server may be silent.
    pub timeout: Duration,
}

/// What became of one ecosystem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Updated {
    Unchanged,
    /// This many records were fetched one by one.
    Records(usize),
    /// The archive was fetched, with this many records.
    Archive {
        n_records: usize,
        n_bytes: u64,
    },
}

/// Brings the cache of one ecosystem up to date; `progress` is told the bytes read so far.
///
/// # Errors
/// What went wrong; the cache then holds what it held before, and at most a part of a download to go on with.
pub fn update_ecosystem(
    options: &UpdateOptions,
    ecosystem: &str,
    progress: &dyn Fn(u64),
) -> Result<Updated, UpdateError> {
    let client = Client::of_feeds(options.timeout)?;
    let cache = Cache::open(&options.cache, ecosystem)?;
    let base = format!("{}/{}", options.url, client::encoded(ecosystem));
    let mut state = cache.state();
    let list = if cache.has_archive() {
        client.get(&format!("{base}/modified_id.csv"), state.list_tag.as_deref())?
    } else {
        Answer::Missing
    };
    match list {
        Answer::Unchanged => return Ok(Updated::Unchanged),
        // A mirror may leave the list out.
        Answer::Missing => {}
        Answer::Body { bytes, tag } => {
            let rows = changes::rows(&bytes).map_err(|reason| UpdateError::Content {
                url: format!("{base}/modified_id.csv"),
                reason,
            })?;
            let newer = changes::newer(&rows, state.mark.as_deref());
            let n_known = state.n_records + cache.n_single_records()?;
            // Fewer than before: some are gone, which only the archive tells.
            let is_complete =
                rows.len() + MAX_SINGLE_RECORDS >= n_known && rows.len() >= state.n_records;
            let is_small = state.mark.is_some() && is_complete && newer.len() <= MAX_SINGLE_RECORDS;
            if is_small && fetch_records(&client, &base, &newer, &cache)? {
                state.mark = rows.first().map(|(time, _)| (*time).to_owned()).or(state.mark);
                state.list_tag = tag;
                cache.save(&state)?;
                return Ok(match newer.len() {
                    0 => Updated::Unchanged,
                    n_records => Updated::Records(n_records),
                });
            }
            state.mark = rows.first().map(|(time, _)| (*time).to_owned());
            state.list_tag = tag;
        }
    }
    let downloaded =
        archive::download(&client, &format!("{base}/all.zip"), &cache, &state, progress)?;
    let Some((download, tag)) = downloaded else { return Ok(Updated::Unchanged) };
    if state.mark.is_none() {
        // The newest record of a first download is where the next update begins.
        state.mark.clone_from(&download.newest);
        state.list_tag = None;
    }
    state.archive_tag = tag;
    state.n_records = download.n_records;
    cache.take_archive(&state)?;
    Ok(Updated::Archive { n_records: download.n_records, n_bytes: download.n_bytes })
}

/// Fetches each record by itself; `false` if one is listed and gone, so that only the archive tells what there is.
fn fetch_records(
    client: &Client,
    base: &str,
    ids: &[&str],
    cache: &Cache,
) -> Result<bool, UpdateError> {
    for id in ids {
        let url = format!("{base}/{}.json", client::encoded(id));
        match client.record(&url, id) {
            Ok(record) => cache.keep_record(id, &record)?,
            Err(UpdateError::Status { status: 404, .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// The archives and records that the cache holds, of all ecosystems that were ever updated.
pub fn cached_paths(cache: &Path) -> Result<Vec<PathBuf>, UpdateError> {
    cache::all_paths(cache)
}

/// Fetches one file whole, for example the catalog of known exploited vulnerabilities, into the cache; returns where it lies.
///
/// # Errors
/// What went wrong; a file fetched before is left as it is.
pub fn update_file(options: &UpdateOptions, url: &str, name: &str) -> Result<PathBuf, UpdateError> {
    let client = Client::of_feeds(options.timeout)?;
    let path = options.cache.join(name);
    match client.get(url, None)? {
        Answer::Body { bytes, .. } => {
            cache::write_atomically(&path, &bytes)?;
            Ok(path)
        }
        Answer::Missing | Answer::Unchanged => {
            Err(UpdateError::Status { url: url.to_owned(), status: 404 })
        }
    }
}
