//! Which reader takes which file.

use fixloop_model::Parsed;

use crate::beside::Beside;
use crate::{
    cargo_lock, cargo_toml, cyclonedx, github_actions, go_mod, package_lock, requirements_txt,
};

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Format {
    CargoLock,
    CargoToml,
    CycloneDxJson,
    GitHubActions,
    GoMod,
    PackageLock,
    RequirementsTxt,
}

impl Format {
    pub const ALL: &[Self] = &[
        Self::CargoLock,
        Self::CargoToml,
        Self::CycloneDxJson,
        Self::GitHubActions,
        Self::GoMod,
        Self::PackageLock,
        Self::RequirementsTxt,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::CargoLock => "Cargo.lock",
            Self::CargoToml => "Cargo.toml",
            Self::CycloneDxJson => "CycloneDX JSON",
            Self::GitHubActions => "GitHub Actions",
            Self::GoMod => "go.mod",
            Self::PackageLock => "package-lock.json",
            Self::RequirementsTxt => "requirements.txt",
        }
    }

    /// The format that a file of this path has by convention; `/` between the parts.
    pub fn of_path(path: &str) -> Option<Self> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        match file {
            "Cargo.lock" => return Some(Self::CargoLock),
            "Cargo.toml" => return Some(Self::CargoToml),
            "action.yml" | "action.yaml" => return Some(Self::GitHubActions),
            "go.mod" => return Some(Self::GoMod),
            "package-lock.json" | "npm-shrinkwrap.json" => return Some(Self::PackageLock),
            _ => {}
        }
        let is_workflow = folder.ends_with(".github/workflows")
            && [".yml", ".yaml"].iter().any(|it| file.ends_with(it));
        if is_workflow {
            return Some(Self::GitHubActions);
        }
        let lower = file.to_ascii_lowercase();
        if let Some(stem) = lower.strip_suffix(".txt") {
            let parent = folder.rsplit('/').next().unwrap_or("");
            return (stem.contains("requirements") || parent == "requirements")
                .then_some(Self::RequirementsTxt);
        }
        let stem = lower.strip_suffix(".json")?;
        let last = stem.rsplit('.').next().unwrap_or(stem);
        let is_bom = matches!(last, "bom" | "sbom" | "cdx") || stem.contains("cyclonedx");
        is_bom.then_some(Self::CycloneDxJson)
    }

    /// The format of a text whose name says nothing; only for a file that was named by the user.
    pub fn of_content(text: &str) -> Option<Self> {
        cyclonedx::is_cyclonedx(text).then_some(Self::CycloneDxJson)
    }

    /// The formats of the lockfiles that decide the versions of this manifest's requirements; none for what is no manifest.
    pub fn lockfiles(self) -> &'static [Self] {
        match self {
            Self::CargoToml => &[Self::CargoLock],
            Self::CargoLock
            | Self::CycloneDxJson
            | Self::GitHubActions
            | Self::GoMod
            | Self::PackageLock
            | Self::RequirementsTxt => &[],
        }
    }

    /// Reads `text` as if there were no other files.
    pub fn parse(self, text: &str) -> Parsed {
        self.parse_among(text, Beside::nothing())
    }

    /// Reads `text`. Total: what could not be read is among the problems.
    pub fn parse_among(self, text: &str, beside: Beside<'_>) -> Parsed {
        match self {
            Self::CargoLock => cargo_lock::parse(text),
            Self::CargoToml => cargo_toml::parse_among(text, beside),
            Self::CycloneDxJson => cyclonedx::parse(text),
            Self::GitHubActions => github_actions::parse(text),
            Self::GoMod => go_mod::parse(text),
            Self::PackageLock => package_lock::parse(text),
            Self::RequirementsTxt => requirements_txt::parse(text).parsed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<Format>) {
        assert_eq!(Format::of_path(path), expected, "{path}");
    }

    #[test]
    fn formats_are_known_by_path() {
        check("Cargo.lock", Some(Format::CargoLock));
        check("Cargo.toml", Some(Format::CargoToml));
        check(".github/workflows/ci.yml", Some(Format::GitHubActions));
        check("a/.github/workflows/ci.yaml", Some(Format::GitHubActions));
        check("workflows/ci.yml", None);
        check("action.yaml", Some(Format::GitHubActions));
        check("a/b/go.mod", Some(Format::GoMod));
        check("npm-shrinkwrap.json", Some(Format::PackageLock));
        check("requirements-dev.txt", Some(Format::RequirementsTxt));
        check("dev_requirements.txt", Some(Format::RequirementsTxt));
        check("requirements/base.txt", Some(Format::RequirementsTxt));
        check("base.txt", None);
        check("bom.json", Some(Format::CycloneDxJson));
        check("app.cdx.json", Some(Format::CycloneDxJson));
        check("tsconfig.json", None);
        check("go.sum", None);
    }
}
