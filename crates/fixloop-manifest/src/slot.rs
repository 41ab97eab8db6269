//! Which files of a folder are one target.

use crate::Format;

/// Files of one slot are one target. Lockfiles and manifests of one ecosystem in one folder share theirs; where several files of a
/// format stand side by side, each is a target of its own.
pub fn slot(path: &str, format: Format) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let family = match format {
        Format::CargoLock | Format::CargoToml => "cargo",
        Format::ComposerJson | Format::ComposerLock => "composer",
        Format::Gemfile | Format::GemfileLock => "bundler",
        Format::GoMod => "go",
        Format::MixLock => "mix",
        Format::PackageJson | Format::PackageLock | Format::PnpmLock | Format::YarnLock => "npm",
        Format::PdmLock
        | Format::Pipfile
        | Format::PipfileLock
        | Format::PoetryLock
        | Format::Pylock
        | Format::Pyproject
        | Format::UvLock => "python",
        Format::PomXml => "maven",
        Format::PubspecLock => "pub",
        Format::MsBuild | Format::PackagesConfig | Format::PackagesLockJson => "nuget",
        Format::CycloneDxJson
        | Format::GitHubActions
        | Format::GradleLockfile
        | Format::RequirementsTxt
        | Format::VersionCatalog => return format!("file {path}"),
    };
    format!("{family} {folder}")
}
