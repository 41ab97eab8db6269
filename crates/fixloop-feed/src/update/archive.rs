//! Downloading an archive: in parts if it breaks off, and verified before it counts.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};

use ureq::http::StatusCode;

use crate::archive::for_each_zip_entry;
use crate::update::cache::{Cache, State};
use crate::update::client::{Client, check_length, header};
use crate::update::error::UpdateError;

/// Twenty times the largest of today.
const MAX_BYTES: u64 = 8 << 30;

pub(super) struct Download {
    pub(super) n_records: usize,
    /// Sent by the server in this run.
    pub(super) n_bytes: u64,
    /// Modification time of the newest record.
    pub(super) newest: Option<String>,
}

/// Downloads into the cache's partial file and verifies it; `None` if the archive that is there is still the one.
pub(super) fn download(
    client: &Client,
    url: &str,
    cache: &Cache,
    state: &State,
    progress: &dyn Fn(u64),
) -> Result<Option<(Download, Option<String>)>, UpdateError> {
    let path = cache.partial();
    let (partial_tag, n_there) =
        (cache.partial_tag(), fs::metadata(&path).map_or(0, |it| it.len()));
    let resumed = partial_tag.as_deref().filter(|_| n_there > 0);
    let range = format!("bytes={n_there}-");
    let headers: Vec<(&str, &str)> = match (resumed, state.archive_tag.as_deref()) {
        (Some(tag), _) => vec![("range", &range), ("if-range", tag)],
        (None, Some(tag)) if cache.has_archive() => vec![("if-none-match", tag)],
        (None, _) => Vec::new(),
    };
    let mut response = client.ask(url, &headers)?;
    let is_continued = match response.status() {
        StatusCode::PARTIAL_CONTENT if resumed.is_some() => {
            let range = header(&response, "content-range").unwrap_or_default();
            range.starts_with(&format!("bytes {n_there}-"))
        }
        StatusCode::OK => false,
        StatusCode::NOT_MODIFIED if resumed.is_none() => return Ok(None),
        StatusCode::RANGE_NOT_SATISFIABLE if resumed.is_some() => {
            // What is there is not a part of what is offered now.
            cache.drop_partial()?;
            return download(client, url, cache, state, progress);
        }
        other => return Err(UpdateError::Status { url: url.to_owned(), status: other.as_u16() }),
    };
    let tag = header(&response, "etag");
    cache.set_partial_tag(tag.as_deref())?;
    let failed = |source| UpdateError::Write { path: path.clone(), source };
    let mut file = if is_continued {
        OpenOptions::new().append(true).open(&path).map_err(failed)?
    } else {
        File::create(&path).map_err(failed)?
    };
    let expected = response.body().content_length();
    let mut reader = response.body_mut().with_config().limit(MAX_BYTES).reader();
    let mut n_bytes = 0;
    let mut chunk = vec![0; 64 << 10];
    loop {
        let n = match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) => return Err(client.broken_off(url, error, n_bytes, expected)),
        };
        file.write_all(&chunk[..n]).map_err(failed)?;
        n_bytes += n as u64;
        progress(n_bytes);
    }
    file.flush().and_then(|()| file.sync_all()).map_err(failed)?;
    check_length(url, n_bytes, expected)?;
    let (n_records, newest) = verify(url, cache)?;
    Ok(Some((Download { n_records, n_bytes, newest }, tag)))
}

/// Reads every entry, which checks its sum, and tells how many records there are and when the newest was modified.
fn verify(url: &str, cache: &Cache) -> Result<(usize, Option<String>), UpdateError> {
    let path = cache.partial();
    let mut n_records = 0;
    let mut newest: Option<String> = None;
    let mut fault = None;
    let read = for_each_zip_entry(&path, |entry| match entry.content {
        Ok(content) => {
            n_records += 1;
            let modified = modified_of(&content);
            newest = newest.take().max(modified);
        }
        Err(error) => {
            fault.get_or_insert_with(|| format!("entry `{}`: {error}", entry.name));
        }
    });
    let fault = fault.or_else(|| read.err().map(|error| error.to_string()));
    let fault = fault.or_else(|| (n_records == 0).then(|| "the archive has no record".to_owned()));
    match fault {
        None => Ok((n_records, newest)),
        Some(reason) => {
            let begins = begins_with(&path);
            // Going on with it would fail for ever.
            cache.drop_partial()?;
            let reason = format!("{reason}{begins}");
            Err(UpdateError::Content { url: url.to_owned(), reason })
        }
    }
}

/// The record's `modified`, found without reading the rest: it is the one member of that name at the top.
fn modified_of(content: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Modified {
        modified: String,
    }
    serde_json::from_slice::<Modified>(content).ok().map(|it| it.modified)
}

/// What came in place of an archive, if it is text.
fn begins_with(path: &std::path::Path) -> String {
    let mut start = [0; 40];
    let n = File::open(path).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    match std::str::from_utf8(&start[..n]) {
        Ok(text) if !text.trim().is_empty() => {
            format!("; it begins with `{}`", text.trim().escape_debug())
        }
        _ => String::new(),
    }
}
