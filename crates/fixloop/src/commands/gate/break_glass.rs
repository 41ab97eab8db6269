//! `FIXLOOP_BREAK_GLASS`: read, and remembered where there is a place to, so that what was said for one commit does not stay for the next.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use fixloop_gate::{BreakGlass, BreakGlassError};
use fixloop_model::Timestamp;
use fixloop_scan::write_whole;
use fixloop_store::digest;
use serde::{Deserialize, Serialize};

use crate::index_path::data_folder;

const VARIABLE: &str = "FIXLOOP_BREAK_GLASS";
const FILE: &str = "break-glass.json";
/// Uses that are remembered; older ones have long ended.
const MAX_KEPT: usize = 1_000;

/// The first use of one text.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Use {
    commit: Option<String>,
    until: i64,
}

/// What the environment says for the commit of the repository `place` that is built; nothing where it says nothing.
pub(super) fn read(
    place: &str,
    commit: Option<String>,
    now: Timestamp,
) -> Option<Result<BreakGlass, BreakGlassError>> {
    let text = env::var_os(VARIABLE).filter(|it| !it.is_empty())?;
    let text = text.to_string_lossy();
    Some(
        BreakGlass::read(&text, commit, now)
            .and_then(|it| first_use(&format!("{place}\n{text}"), it, now)),
    )
}

/// Holds for the commit that it was used for first, and until 24 hours after that.
fn first_use(text: &str, glass: BreakGlass, now: Timestamp) -> Result<BreakGlass, BreakGlassError> {
    let Some(path) = data_folder().map(|it| it.join(FILE)) else { return Ok(glass) };
    let mut uses = kept(&path);
    let key = digest(text.as_bytes());
    let Some(first) = uses.get(&key) else {
        uses.insert(key, Use { commit: glass.commit.clone(), until: glass.until.0 });
        keep(&path, uses);
        return Ok(glass);
    };
    if first.commit != glass.commit {
        return Err(BreakGlassError::OtherCommit);
    }
    if now.0 >= first.until {
        return Err(BreakGlassError::Over);
    }
    Ok(BreakGlass { until: Timestamp(first.until), ..glass })
}

/// A file that cannot be read remembers nothing: an emergency does not wait for it.
fn kept(path: &Path) -> BTreeMap<String, Use> {
    let text = fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn keep(path: &Path, mut uses: BTreeMap<String, Use>) {
    while uses.len() > MAX_KEPT {
        let oldest = uses.iter().min_by_key(|(_, it)| it.until).map(|(key, _)| key.clone());
        if oldest.and_then(|it| uses.remove(&it)).is_none() {
            break;
        }
    }
    let text = serde_json::to_string(&uses).unwrap_or_default();
    let folder = path.parent().map(fs::create_dir_all);
    // Where nothing can be kept, as on a runner that is thrown away, the event alone remembers it.
    if folder.is_none_or(|it| it.is_err()) || write_whole(path, &text).is_err() {}
}
