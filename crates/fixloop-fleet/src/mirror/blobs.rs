//! The contents of the wanted files, of every state that the branch had.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};
use std::path::Path;

use crate::git::{GitError, Printed, REMOTE, Remote, Session};
use crate::wanted::is_wanted;

/// More changed files than this make a commit graph worth its time.
const LONG_HISTORY: usize = 2000;

/// Contents asked for at once.
const MAX_BATCH: usize = 10_000;

/// One entry of `git log -z`; a path has at most a few kilobytes.
const MAX_ENTRY_BYTES: u64 = 1 << 20;

pub(super) struct Wanted {
    /// Whether contents of other files are not here.
    pub(super) is_partial: bool,
    pub(super) is_long: bool,
}

#[derive(Default)]
struct Changed {
    /// Object ids of wanted files.
    wanted: BTreeSet<String>,
    /// One that is not wanted, to see whether the host left it out.
    other: Option<String>,
    n_entries: usize,
}

/// Fetches what is missing of the wanted files of `commit` and its first parents, up to `known`.
pub(super) fn fetch_wanted(
    session: &Session<'_>,
    path: &Path,
    commit: &str,
    known: Option<&str>,
    mode: Remote,
) -> Result<Wanted, GitError> {
    let changed = changed_files(session, path, commit, known)?;
    let is_long = changed.n_entries > LONG_HISTORY;
    let asked = changed.wanted.iter().chain(&changed.other).cloned().collect::<Vec<_>>();
    let missing = missing(session, path, &asked)?;
    let is_partial = changed.other.as_ref().is_some_and(|it| missing.contains(it));
    let wanted: Vec<&str> =
        missing.iter().filter(|it| changed.wanted.contains(*it)).map(|it| &**it).collect();
    for batch in wanted.chunks(MAX_BATCH) {
        let mode = if mode == Remote::None { Remote::Whole } else { mode };
        let input = format!("{}\n", batch.join("\n")).into_bytes();
        let negotiation = "fetch.negotiationAlgorithm=noop";
        let arguments = [
            "-c",
            negotiation,
            "fetch",
            "-q",
            REMOTE,
            "--no-tags",
            "--no-write-fetch-head",
            "--filter=blob:none",
            "--stdin",
        ];
        session.run(Some(path), mode, &arguments, input, |_| Ok(()))?;
    }
    Ok(Wanted { is_partial: is_partial || !wanted.is_empty(), is_long })
}

/// Object ids of the files that each commit has changed against its first parent, from folders alone.
fn changed_files(
    session: &Session<'_>,
    path: &Path,
    commit: &str,
    known: Option<&str>,
) -> Result<Changed, GitError> {
    let mut arguments = vec![
        "log",
        "--first-parent",
        "-m",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-show-signature",
        "--no-notes",
        "--no-color",
        "--format=",
        commit,
    ];
    // What `known` reaches by second parents only is not here: its files were never asked for.
    let excluded = known.map(|it| format!("^{it}"));
    if let Some(excluded) = &excluded {
        arguments.extend(["--exclude-first-parent-only", excluded]);
    }
    session.run(Some(path), Remote::None, &arguments, Vec::new(), |out| {
        let mut changed = Changed::default();
        while let Some(entry) = next(out)? {
            let Some(entry) = entry.trim_start().strip_prefix(':').map(ToOwned::to_owned) else {
                continue;
            };
            let file = next(out)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            let fields: Vec<&str> = entry.split(' ').collect();
            let [_, "100644" | "100755", _, object, _] = fields[..] else { continue };
            changed.n_entries += 1;
            if is_wanted(&file) {
                changed.wanted.insert(object.to_owned());
            } else {
                changed.other = Some(object.to_owned());
            }
        }
        Ok(changed)
    })
}

/// Up to the next NUL, without it.
fn next(out: &mut Printed) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if out.by_ref().take(MAX_ENTRY_BYTES).read_until(0, &mut bytes)? == 0 {
        return Ok(None);
    }
    if bytes.pop_if(|it| *it == 0).is_none() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Which of these objects are not in the mirror.
fn missing(
    session: &Session<'_>,
    path: &Path,
    objects: &[String],
) -> Result<BTreeSet<String>, GitError> {
    if objects.is_empty() {
        return Ok(BTreeSet::new());
    }
    let input = format!("{}\n", objects.join("\n")).into_bytes();
    let arguments = ["cat-file", "--batch-check=%(objectname)"];
    session.run(Some(path), Remote::None, &arguments, input, |out| {
        let mut missing = BTreeSet::new();
        for line in out.lines() {
            missing.extend(line?.strip_suffix(" missing").map(ToOwned::to_owned));
        }
        Ok(missing)
    })
}
