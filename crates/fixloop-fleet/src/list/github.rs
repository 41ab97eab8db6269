//! GitHub, `GET /orgs/{org}/repos`: <https://docs.github.com/en/rest/repos/repos>. Archived repositories are mirrored like the others.

use serde::Deserialize;
use serde_json::Value;

use crate::list::Repository;

#[derive(Deserialize)]
struct Entry {
    full_name: String,
    clone_url: String,
    default_branch: Option<String>,
}

pub(super) fn repository(entry: Value) -> Result<Repository, serde_json::Error> {
    let Entry { full_name, clone_url, default_branch } = serde_json::from_value(entry)?;
    Ok(Repository { name: full_name, address: clone_url, team: None, branch: default_branch })
}
