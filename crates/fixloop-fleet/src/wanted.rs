//! Which files of a repository are fetched: what a scan reads, what decides its answers, and who owns it.

use fixloop_manifest::Format;

/// Files that say which registry packages come from, or that formats look for beside a manifest.
const CONFIGURATION: &[&str] = &[
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    "bunfig.toml",
    "nuget.config",
    "packageSourceMapping.config",
    "pip.conf",
    "pip.ini",
    "pnpm-workspace.yaml",
    "settings.gradle",
    "settings.gradle.kts",
    "settings.xml",
];

/// Pipelines that are no GitHub workflow.
const PIPELINES: &[&str] =
    &[".gitlab-ci.yml", "azure-pipelines.yaml", "azure-pipelines.yml", "bitbucket-pipelines.yml"];

/// Where hosts look for the file that says who owns what.
const OWNERS: &[&str] =
    &["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"];

/// The largest file name path that is looked at; git's own limit is the file system's.
const MAX_PATH_BYTES: usize = 4096;

/// Whether a mirror holds this file's contents; `/` between the parts of the path.
///
/// Files that `requirements.txt` pulls in by a name of their own (`-r deps/base.inc`) are not known by path and not fetched.
pub fn is_wanted(path: &str) -> bool {
    if path.len() > MAX_PATH_BYTES {
        return false;
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    Format::of_path(path).is_some()
        || OWNERS.contains(&path)
        || PIPELINES.contains(&file)
        || path == "fixloop.toml"
        || path.ends_with(".cargo/config.toml")
        || path.ends_with(".cargo/config")
        || CONFIGURATION.iter().any(|it| it.eq_ignore_ascii_case(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_configuration_and_owners_are_wanted() {
        let wanted = [
            "Cargo.lock",
            "a/b/package.json",
            ".github/workflows/ci.yml",
            "web/.npmrc",
            "NuGet.Config",
            ".cargo/config.toml",
            "docs/CODEOWNERS",
            "fixloop.toml",
            ".gitlab-ci.yml",
        ];
        for path in wanted {
            assert!(is_wanted(path), "{path}");
        }
        for path in ["src/main.rs", "a/CODEOWNERS", "README.md", "config.toml", "a/fixloop.toml"] {
            assert!(!is_wanted(path), "{path}");
        }
    }
}
