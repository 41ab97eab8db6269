//! Which reader takes which file.

use fixloop_model::{Component, Parsed};

use crate::beside::Beside;
use crate::{
    cargo_lock, cargo_toml, composer_json, composer_lock, cyclonedx, gemfile, gemfile_lock,
    github_actions, go_mod, gradle_lockfile, mix_lock, msbuild, package_json, package_lock,
    packages_config, packages_lock_json, pdm_lock, pipfile, pipfile_lock, pnpm_lock, poetry_lock,
    pom_xml, pubspec_lock, pylock, pyproject, requirements_txt, uv_lock, version_catalog,
    yarn_lock,
};

/// In the order of their names.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Format {
    CargoLock,
    CargoToml,
    ComposerJson,
    ComposerLock,
    CycloneDxJson,
    Gemfile,
    GemfileLock,
    GitHubActions,
    GoMod,
    GradleLockfile,
    MixLock,
    MsBuild,
    PackageJson,
    PackageLock,
    PackagesConfig,
    PackagesLockJson,
    PdmLock,
    Pipfile,
    PipfileLock,
    PnpmLock,
    PoetryLock,
    PomXml,
    PubspecLock,
    Pylock,
    Pyproject,
    RequirementsTxt,
    UvLock,
    VersionCatalog,
    YarnLock,
}

/// Formats that have one file name, or a few.
const FILE_NAMES: &[(&str, Format)] = &[
    ("Cargo.lock", Format::CargoLock),
    ("Cargo.toml", Format::CargoToml),
    ("Directory.Build.props", Format::MsBuild),
    ("Directory.Packages.props", Format::MsBuild),
    ("Gemfile", Format::Gemfile),
    ("Gemfile.lock", Format::GemfileLock),
    ("Pipfile", Format::Pipfile),
    ("Pipfile.lock", Format::PipfileLock),
    ("action.yaml", Format::GitHubActions),
    ("action.yml", Format::GitHubActions),
    ("buildscript-gradle.lockfile", Format::GradleLockfile),
    ("composer.json", Format::ComposerJson),
    ("composer.lock", Format::ComposerLock),
    ("gems.locked", Format::GemfileLock),
    ("gems.rb", Format::Gemfile),
    ("go.mod", Format::GoMod),
    ("gradle.lockfile", Format::GradleLockfile),
    ("mix.lock", Format::MixLock),
    ("npm-shrinkwrap.json", Format::PackageLock),
    ("package-lock.json", Format::PackageLock),
    ("package.json", Format::PackageJson),
    ("packages.config", Format::PackagesConfig),
    ("packages.lock.json", Format::PackagesLockJson),
    ("pdm.lock", Format::PdmLock),
    ("pnpm-lock.yaml", Format::PnpmLock),
    ("poetry.lock", Format::PoetryLock),
    ("pom.xml", Format::PomXml),
    ("pubspec.lock", Format::PubspecLock),
    ("pylock.toml", Format::Pylock),
    ("pyproject.toml", Format::Pyproject),
    ("uv.lock", Format::UvLock),
    ("yarn.lock", Format::YarnLock),
];

impl Format {
    pub const ALL: &[Self] = &[
        Self::CargoLock,
        Self::CargoToml,
        Self::ComposerJson,
        Self::ComposerLock,
        Self::CycloneDxJson,
        Self::Gemfile,
        Self::GemfileLock,
        Self::GitHubActions,
        Self::GoMod,
        Self::GradleLockfile,
        Self::MixLock,
        Self::MsBuild,
        Self::PackageJson,
        Self::PackageLock,
        Self::PackagesConfig,
        Self::PackagesLockJson,
        Self::PdmLock,
        Self::Pipfile,
        Self::PipfileLock,
        Self::PnpmLock,
        Self::PoetryLock,
        Self::PomXml,
        Self::PubspecLock,
        Self::Pylock,
        Self::Pyproject,
        Self::RequirementsTxt,
        Self::UvLock,
        Self::VersionCatalog,
        Self::YarnLock,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::CargoLock => "Cargo.lock",
            Self::CargoToml => "Cargo.toml",
            Self::ComposerJson => "composer.json",
            Self::ComposerLock => "composer.lock",
            Self::CycloneDxJson => "CycloneDX JSON",
            Self::Gemfile => "Gemfile",
            Self::GemfileLock => "Gemfile.lock",
            Self::GitHubActions => "GitHub Actions",
            Self::GoMod => "go.mod",
            Self::GradleLockfile => "gradle.lockfile",
            Self::MixLock => "mix.lock",
            Self::MsBuild => "MSBuild project",
            Self::PackageJson => "package.json",
            Self::PackageLock => "package-lock.json",
            Self::PackagesConfig => "packages.config",
            Self::PackagesLockJson => "packages.lock.json",
            Self::PdmLock => "pdm.lock",
            Self::Pipfile => "Pipfile",
            Self::PipfileLock => "Pipfile.lock",
            Self::PnpmLock => "pnpm-lock.yaml",
            Self::PoetryLock => "poetry.lock",
            Self::PomXml => "pom.xml",
            Self::PubspecLock => "pubspec.lock",
            Self::Pylock => "pylock.toml",
            Self::Pyproject => "pyproject.toml",
            Self::RequirementsTxt => "requirements.txt",
            Self::UvLock => "uv.lock",
            Self::VersionCatalog => "Gradle version catalog",
            Self::YarnLock => "yarn.lock",
        }
    }

    /// The format that a file of this path has by convention; `/` between the parts.
    pub fn of_path(path: &str) -> Option<Self> {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some((_, format)) = FILE_NAMES.iter().find(|(name, _)| *name == file) {
            return Some(*format);
        }
        let parent = folder.rsplit('/').next().unwrap_or("");
        let lower = file.to_ascii_lowercase();
        let (stem, ending) = lower.rsplit_once('.')?;
        match ending {
            "yml" | "yaml" if folder.ends_with(".github/workflows") => Some(Self::GitHubActions),
            "csproj" | "vbproj" | "fsproj" => Some(Self::MsBuild),
            "lockfile" if parent == "dependency-locks" => Some(Self::GradleLockfile),
            "toml" if stem.ends_with(".versions") => Some(Self::VersionCatalog),
            "toml" if stem.starts_with("pylock.") => Some(Self::Pylock),
            "txt" if stem.contains("requirements") || parent == "requirements" => {
                Some(Self::RequirementsTxt)
            }
            "json" => {
                let last = stem.rsplit('.').next().unwrap_or(stem);
                let is_bom = matches!(last, "bom" | "sbom" | "cdx") || stem.contains("cyclonedx");
                is_bom.then_some(Self::CycloneDxJson)
            }
            _ => None,
        }
    }

    /// The format of a text whose name says nothing; only for a file that was named by the user.
    pub fn of_content(text: &str) -> Option<Self> {
        cyclonedx::is_cyclonedx(text).then_some(Self::CycloneDxJson)
    }

    /// The names by which files of this format go; none where a pattern says it.
    pub fn file_names(self) -> impl Iterator<Item = &'static str> {
        FILE_NAMES.iter().filter(move |(_, format)| *format == self).map(|(name, _)| *name)
    }

    /// The formats of the lockfiles that decide the versions of this manifest's requirements; none for what is no manifest.
    pub fn lockfiles(self) -> &'static [Self] {
        match self {
            Self::CargoToml => &[Self::CargoLock],
            Self::ComposerJson => &[Self::ComposerLock],
            Self::Gemfile => &[Self::GemfileLock],
            Self::MsBuild => &[Self::PackagesLockJson],
            Self::PackageJson => &[Self::PackageLock, Self::PnpmLock, Self::YarnLock],
            Self::Pipfile => &[Self::PipfileLock],
            Self::Pyproject => &[Self::UvLock, Self::PoetryLock, Self::PdmLock, Self::Pylock],
            Self::VersionCatalog => &[Self::GradleLockfile],
            Self::CargoLock
            | Self::ComposerLock
            | Self::CycloneDxJson
            | Self::GemfileLock
            | Self::GitHubActions
            | Self::GoMod
            | Self::GradleLockfile
            | Self::MixLock
            | Self::PackageLock
            | Self::PackagesConfig
            | Self::PackagesLockJson
            | Self::PdmLock
            | Self::PipfileLock
            | Self::PnpmLock
            | Self::PoetryLock
            | Self::PomXml
            | Self::PubspecLock
            | Self::Pylock
            | Self::RequirementsTxt
            | Self::UvLock
            | Self::YarnLock => &[],
        }
    }

    /// What a text says of versions for others, and installs nothing by itself: a workspace's table, central and managed versions.
    pub fn declarations(self, text: &str, beside: Beside<'_>) -> Vec<Component> {
        match self {
            Self::CargoToml => cargo_toml::declarations(text),
            Self::MsBuild => msbuild::declarations(text, beside),
            Self::PomXml => pom_xml::declarations(text, beside),
            _ => Vec::new(),
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
            Self::ComposerJson => composer_json::parse(text),
            Self::ComposerLock => composer_lock::parse_among(text, beside),
            Self::CycloneDxJson => cyclonedx::parse(text),
            Self::Gemfile => gemfile::parse(text),
            Self::GemfileLock => gemfile_lock::parse(text),
            Self::GitHubActions => github_actions::parse(text),
            Self::GoMod => go_mod::parse(text),
            Self::GradleLockfile => gradle_lockfile::parse(text),
            Self::MixLock => mix_lock::parse(text),
            Self::MsBuild => msbuild::parse_among(text, beside),
            Self::PackageJson => package_json::parse_among(text, beside),
            Self::PackageLock => package_lock::parse(text),
            Self::PackagesConfig => packages_config::parse(text),
            Self::PackagesLockJson => packages_lock_json::parse(text),
            Self::PdmLock => pdm_lock::parse_among(text, beside),
            Self::Pipfile => pipfile::parse(text),
            Self::PipfileLock => pipfile_lock::parse_among(text, beside),
            Self::PnpmLock => pnpm_lock::parse(text),
            Self::PoetryLock => poetry_lock::parse_among(text, beside),
            Self::PomXml => pom_xml::parse_among(text, beside),
            Self::PubspecLock => pubspec_lock::parse(text),
            Self::Pylock => pylock::parse(text),
            Self::Pyproject => pyproject::parse(text),
            Self::RequirementsTxt => requirements_txt::parse(text).parsed,
            Self::UvLock => uv_lock::parse(text),
            Self::VersionCatalog => version_catalog::parse(text),
            Self::YarnLock => yarn_lock::parse_among(text, beside),
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
        check("src/App.csproj", Some(Format::MsBuild));
        check("src/App.VBPROJ", Some(Format::MsBuild));
        check("Directory.Packages.props", Some(Format::MsBuild));
        check("other.props", None);
        check("gradle/libs.versions.toml", Some(Format::VersionCatalog));
        check("gradle/dependency-locks/compile.lockfile", Some(Format::GradleLockfile));
        check("compile.lockfile", None);
        check("pylock.dev.toml", Some(Format::Pylock));
        check("gems.locked", Some(Format::GemfileLock));
        check("pnpm-workspace.yaml", None);
        check("Pipfile", Some(Format::Pipfile));
    }

    #[track_caller]
    fn check_declared(format: Format, text: &str, expected: &[(&str, &str)]) {
        let declared = format.declarations(text, Beside::nothing());
        let found: Vec<(&str, &str)> = declared
            .iter()
            .map(|it| (&*it.name, it.version_span.and_then(|it| it.slice(text)).unwrap_or("")))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_declared_for_others_has_its_place() {
        let text = "[workspace.dependencies]\na = \"=1.0\"\nb = { package = \"c\", version = \"2\" }\nd.path = \"d\"\n";
        check_declared(Format::CargoToml, text, &[("a", "=1.0"), ("c", "2"), ("d", "")]);
        let text = "<Project><ItemGroup><PackageVersion Include=\"A\" Version=\"1.0\"/><PackageVersion Include=\"B\"/></ItemGroup></Project>";
        check_declared(Format::MsBuild, text, &[("A", "1.0")]);
        let text = "<project><dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version></dependency></dependencies></dependencyManagement></project>";
        check_declared(Format::PomXml, text, &[("g:a", "1")]);
        check_declared(Format::PackageJson, "{}", &[]);
    }
}
