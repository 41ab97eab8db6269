//! Which reader takes which file.

use fixloop_model::Parsed;

use crate::{cargo_lock, cyclonedx, go_mod, package_lock, requirements_txt};

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Format {
    CargoLock,
    CycloneDxJson,
    GoMod,
    PackageLock,
    RequirementsTxt,
}

impl Format {
    pub const ALL: &[Self] = &[
        Self::CargoLock,
        Self::CycloneDxJson,
        Self::GoMod,
        Self::PackageLock,
        Self::RequirementsTxt,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::CargoLock => "Cargo.lock",
            Self::CycloneDxJson => "CycloneDX JSON",
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
            "go.mod" => return Some(Self::GoMod),
            "package-lock.json" | "npm-shrinkwrap.json" => return Some(Self::PackageLock),
            _ => {}
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

    /// Reads `text`. Total: what could not be read is among the problems.
    pub fn parse(self, text: &str) -> Parsed {
        match self {
            Self::CargoLock => cargo_lock::parse(text),
            Self::CycloneDxJson => cyclonedx::parse(text),
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
