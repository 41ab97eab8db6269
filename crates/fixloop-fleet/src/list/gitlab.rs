//! GitLab, `GET /groups/:id/projects`: <https://docs.gitlab.com/api/groups/>. The team is the group with its parents.

use serde::Deserialize;
use serde_json::Value;

use crate::list::Repository;

#[derive(Deserialize)]
struct Entry {
    path_with_namespace: String,
    http_url_to_repo: String,
    default_branch: Option<String>,
}

pub(super) fn repository(entry: Value) -> Result<Repository, serde_json::Error> {
    let Entry { path_with_namespace, http_url_to_repo, default_branch } =
        serde_json::from_value(entry)?;
    let team = path_with_namespace.rsplit_once('/').map(|(group, _)| group.to_owned());
    Ok(Repository {
        name: path_with_namespace,
        address: http_url_to_repo,
        team,
        branch: default_branch,
    })
}
