//! Azure DevOps, `GET {organization}/_apis/git/repositories`: <https://learn.microsoft.com/rest/api/azure/devops/git/repositories/list>.
//! The team is the project.

use serde::Deserialize;
use serde_json::Value;

use crate::list::Repository;

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(rename = "remoteUrl")]
    remote_url: String,
    project: Project,
    /// A full ref; absent while the repository is empty.
    #[serde(rename = "defaultBranch")]
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    name: String,
}

pub(super) fn repository(entry: Value) -> Result<Repository, serde_json::Error> {
    let Entry { name, remote_url, project, default_branch } = serde_json::from_value(entry)?;
    let branch = default_branch
        .map(|it| it.strip_prefix("refs/heads/").map_or(it.clone(), ToOwned::to_owned));
    Ok(Repository {
        name: format!("{}/{name}", project.name),
        // Spaces of project names are encoded by the API already; one that is not would be refused.
        address: remote_url,
        team: Some(project.name),
        branch,
    })
}
