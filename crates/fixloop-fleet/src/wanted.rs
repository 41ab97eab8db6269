//! Which files of a repository are fetched: what a scan reads, what decides its answers, and who owns it.

use fixloop_manifest::Format;

/// Where hosts look for the file that says who owns what.
const OWNERS: &[&str] =
    &["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"];

/// The largest file name path that is looked at; git's own limit is the file system's.
const MAX_PATH_BYTES: usize = 4096;

/// Whether a mirror holds this file's contents; `/` between the parts of the path.
///
/// What says where packages come from is whatever `fixloop-confusion` reads: registry configuration, build scripts, Dockerfiles and
/// pipelines, all of them small. Files that `requirements.txt` pulls in by a name of their own (`-r deps/base.inc`) are not known by
/// path and not fetched.
pub fn is_wanted(path: &str) -> bool {
    if path.len() > MAX_PATH_BYTES {
        return false;
    }
    Format::of_path(path).is_some()
        || fixloop_confusion::names(path)
        || OWNERS.contains(&path)
        || path == "fixloop.toml"
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
            "bitbucket-pipelines.yml",
            "app/Dockerfile",
            "build.gradle.kts",
            "gradle/verification-metadata.xml",
            ".mvn/maven.config",
            "src/Directory.Build.props",
            "uv.toml",
            "ci/go.env",
            "pip.ini",
            "pnpm-workspace.yaml",
        ];
        for path in wanted {
            assert!(is_wanted(path), "{path}");
        }
        for path in [
            "src/main.rs",
            "a/CODEOWNERS",
            "README.md",
            "config.toml",
            "a/fixloop.toml",
            ".env",
            "bun.lockb",
            "a/config.yml",
        ] {
            assert!(!is_wanted(path), "{path}");
        }
    }
}
