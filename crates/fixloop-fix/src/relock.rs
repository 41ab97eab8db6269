//! The command after which a lockfile follows its manifest.

use std::fmt;

use fixloop_manifest::{Beside, Format};

/// A command that nobody runs here. Its arguments are no shell's words: names in them may come from anywhere.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Relock {
    /// The lockfile's folder, relative to the root; empty for the root itself.
    pub folder: String,
    /// Program and arguments.
    pub command: Vec<String>,
}

impl fmt::Display for Relock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.command.iter().enumerate() {
            let is_plain =
                word.bytes().all(|it| it.is_ascii_alphanumeric() || b"@/._-+:=,^".contains(&it));
            let blank = if index == 0 { "" } else { " " };
            if is_plain { write!(f, "{blank}{word}")? } else { write!(f, "{blank}'{word}'")? }
        }
        Ok(())
    }
}

/// Who resolves the dependencies of a manifest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tool {
    Npm,
    Pnpm,
    Yarn,
    Cargo,
    Uv,
    Poetry,
    Pdm,
    Pipenv,
    Go,
    Bundler,
    Composer,
    NuGet,
    Gradle,
}

/// Lockfiles by format of the manifest, those first that decide where several lie in one folder.
const LOCKFILES: &[(Format, &str, Tool)] = &[
    (Format::PackageJson, "package-lock.json", Tool::Npm),
    (Format::PackageJson, "npm-shrinkwrap.json", Tool::Npm),
    (Format::PackageJson, "pnpm-lock.yaml", Tool::Pnpm),
    (Format::PackageJson, "yarn.lock", Tool::Yarn),
    (Format::CargoToml, "Cargo.lock", Tool::Cargo),
    (Format::Pyproject, "uv.lock", Tool::Uv),
    (Format::Pyproject, "poetry.lock", Tool::Poetry),
    (Format::Pyproject, "pdm.lock", Tool::Pdm),
    (Format::Pipfile, "Pipfile.lock", Tool::Pipenv),
    (Format::GoMod, "go.mod", Tool::Go),
    (Format::Gemfile, "Gemfile.lock", Tool::Bundler),
    (Format::Gemfile, "gems.locked", Tool::Bundler),
    (Format::ComposerJson, "composer.lock", Tool::Composer),
    (Format::MsBuild, "packages.lock.json", Tool::NuGet),
    (Format::VersionCatalog, "gradle.lockfile", Tool::Gradle),
];

/// The tool by the nearest lockfile, and that one's folder; `None` without a lockfile.
pub(crate) fn tool(format: Format, beside: Beside<'_>) -> Option<(Tool, String)> {
    let of_format = LOCKFILES.iter().filter(|(it, ..)| *it == format);
    let found = of_format.filter_map(|(_, name, tool)| {
        let path = beside.upwards(name).next()?.path;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        Some((*tool, folder))
    });
    // The deepest, and of several the first.
    found.reduce(|a, b| if b.1.len() > a.1.len() { b } else { a })
}

/// What brings the lockfile up to date after a manifest was edited.
pub(crate) fn after_edit(format: Format, beside: Beside<'_>, name: &str) -> Option<Relock> {
    let (tool, folder) = tool(format, beside)?;
    let command: &[&str] = match tool {
        Tool::Npm => &["npm", "install"],
        Tool::Pnpm => &["pnpm", "install", "--no-frozen-lockfile"],
        Tool::Yarn => &["yarn", "install"],
        Tool::Cargo => &["cargo", "update", "--workspace"],
        Tool::Uv => &["uv", "lock"],
        Tool::Poetry => &["poetry", "lock"],
        Tool::Pdm => &["pdm", "lock", "--update-reuse"],
        Tool::Pipenv => &["pipenv", "lock"],
        Tool::Go => &["go", "mod", "tidy"],
        Tool::Bundler => &["bundle", "lock"],
        Tool::Composer => &["composer", "update", name, "--with-dependencies"],
        Tool::NuGet => &["dotnet", "restore", "--force-evaluate"],
        Tool::Gradle => &["gradle", "dependencies", "--write-locks"],
    };
    Some(Relock { folder, command: command.iter().map(|it| (*it).to_owned()).collect() })
}

/// What brings another version of a package into the lockfile that no manifest of the project names.
pub(crate) fn precisely(
    format: Format,
    beside: Beside<'_>,
    (name, from, to): (&str, &str, &str),
) -> Option<Relock> {
    let (tool, folder) = tool(format, beside)?;
    let command: Vec<String> = match tool {
        Tool::Cargo => {
            let package = format!("{name}@{from}");
            ["cargo", "update", "-p", &package, "--precise", to].map(str::to_owned).to_vec()
        }
        Tool::Poetry => ["poetry", "update", name].map(str::to_owned).to_vec(),
        Tool::Pdm => ["pdm", "update", name].map(str::to_owned).to_vec(),
        Tool::Pipenv => ["pipenv", "upgrade", &format!("{name}=={to}")].map(str::to_owned).to_vec(),
        Tool::Bundler => ["bundle", "update", name, "--conservative"].map(str::to_owned).to_vec(),
        Tool::Composer => {
            let with = format!("{name}:{to}");
            ["composer", "update", name, "--with", &with].map(str::to_owned).to_vec()
        }
        _ => return None,
    };
    Some(Relock { folder, command })
}
