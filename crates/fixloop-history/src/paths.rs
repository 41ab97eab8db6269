//! Which files of a repository matter, and which belong together.

use fixloop_manifest::Format;

/// Whether and when a reader's neighbors matter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Neighborhood {
    /// The text says everything.
    None,
    /// A manifest beside the lockfile says what is direct: looked at when the lockfile's content first appears. A later change of
    /// the manifest alone brings in nothing.
    AtFirst,
    /// Versions may stand in other files: read again when one of these changes.
    Followed,
}

pub(crate) fn neighborhood(format: Format) -> Neighborhood {
    match format {
        Format::ComposerLock
        | Format::PdmLock
        | Format::PipfileLock
        | Format::PoetryLock
        | Format::YarnLock => Neighborhood::AtFirst,
        Format::CargoToml | Format::MsBuild | Format::PackageJson | Format::PomXml => {
            Neighborhood::Followed
        }
        _ => Neighborhood::None,
    }
}

/// Files that are no manifest and still say something: the project's exceptions, a workspace's catalogs.
const EXTRA: &[&str] = &["fixloop.toml", "pnpm-workspace.yaml"];

/// Whether this path is one whose changes are followed.
pub(crate) fn is_of_interest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    Format::of_path(path).is_some() || EXTRA.contains(&name)
}

/// Folders that say nothing about the project itself.
pub(crate) fn is_skipped_folder(name: &[u8]) -> bool {
    name == b"node_modules" || name == b".git"
}
