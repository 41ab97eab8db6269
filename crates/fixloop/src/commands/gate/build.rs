//! What the pipeline's environment says of the build: documented variables of GitHub Actions, GitLab CI/CD and Azure Pipelines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>,
//! <https://docs.gitlab.com/ci/variables/predefined_variables/>,
//! <https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables>

use std::env;

use fixloop_policy::BranchKind;

use super::GateArguments;

/// What is built.
pub(super) struct Build {
    pub(super) branch: BranchKind,
}

impl Build {
    pub(super) fn of(arguments: &GateArguments) -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|it| !it.is_empty());
        let told = arguments.branch.map(Into::into).or_else(|| of_environment(&variable));
        let otherwise = match arguments.base {
            Some(_) => BranchKind::PullRequest,
            None => BranchKind::Other,
        };
        Self { branch: told.unwrap_or(otherwise) }
    }
}

/// Nothing outside of a pipeline that is known.
fn of_environment(variable: &dyn Fn(&str) -> Option<String>) -> Option<BranchKind> {
    let is = |name: &str, value: &str| variable(name).as_deref() == Some(value);
    if let Some(event) = variable("GITHUB_EVENT_NAME") {
        let name = variable("GITHUB_REF_NAME").unwrap_or_default();
        return Some(match &*event {
            "pull_request" | "pull_request_target" | "merge_group" => BranchKind::PullRequest,
            _ if is("GITHUB_REF_TYPE", "tag") => BranchKind::Release,
            _ => of_name(&name, variable("FIXLOOP_DEFAULT_BRANCH").as_deref()),
        });
    }
    if variable("GITLAB_CI").is_some() {
        if variable("CI_MERGE_REQUEST_IID").is_some() {
            return Some(BranchKind::PullRequest);
        }
        if variable("CI_COMMIT_TAG").is_some() {
            return Some(BranchKind::Release);
        }
        let name = variable("CI_COMMIT_BRANCH").unwrap_or_default();
        return Some(of_name(&name, variable("CI_DEFAULT_BRANCH").as_deref()));
    }
    if variable("TF_BUILD").is_some() {
        if is("BUILD_REASON", "PullRequest") {
            return Some(BranchKind::PullRequest);
        }
        let name = variable("BUILD_SOURCEBRANCH").unwrap_or_default();
        if name.starts_with("refs/tags/") {
            return Some(BranchKind::Release);
        }
        let name = name.strip_prefix("refs/heads/").unwrap_or(&name);
        return Some(of_name(name, variable("FIXLOOP_DEFAULT_BRANCH").as_deref()));
    }
    None
}

pub(super) fn of_name(name: &str, default: Option<&str>) -> BranchKind {
    let is_default = default.map_or(matches!(name, "main" | "master" | "trunk"), |it| it == name);
    let is_release = ["release/", "releases/", "release-", "hotfix/", "lts/"]
        .iter()
        .any(|it| name.starts_with(it));
    match (is_default, is_release) {
        (true, _) => BranchKind::Default,
        (_, true) => BranchKind::Release,
        _ => BranchKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Option<BranchKind>) {
        let variable = |name: &str| {
            variables.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(of_environment(&variable), expected, "{variables:?}");
    }

    #[test]
    fn pipelines_say_what_they_build() {
        use BranchKind::{Default, Other, PullRequest, Release};
        check(&[], None);
        check(&[("GITHUB_EVENT_NAME", "pull_request")], Some(PullRequest));
        check(&[("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF_NAME", "main")], Some(Default));
        check(
            &[
                ("GITHUB_EVENT_NAME", "push"),
                ("GITHUB_REF_NAME", "main"),
                ("FIXLOOP_DEFAULT_BRANCH", "develop"),
            ],
            Some(Other),
        );
        check(
            &[("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF_TYPE", "tag"), ("GITHUB_REF_NAME", "v1")],
            Some(Release),
        );
        check(&[("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF_NAME", "release/2")], Some(Release));
        check(&[("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_IID", "7")], Some(PullRequest));
        check(
            &[("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "dev"), ("CI_DEFAULT_BRANCH", "dev")],
            Some(Default),
        );
        check(&[("TF_BUILD", "True"), ("BUILD_REASON", "PullRequest")], Some(PullRequest));
        check(
            &[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/hotfix/1")],
            Some(Release),
        );
        check(&[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/feature")], Some(Other));
    }
}
