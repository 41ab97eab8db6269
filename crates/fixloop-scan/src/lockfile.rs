//! Which lockfile on disk decides one manifest, for whoever scans nothing else.

use std::path::Path;

use fixloop_manifest::Format;

use crate::Stamp;

/// How many folders upwards a lockfile is looked for.
const MAX_ANCESTORS: usize = 64;

/// A lockfile on disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lockfile {
    /// Relative to the root.
    pub path: String,
    pub format: Format,
    pub stamp: Stamp,
}

impl Lockfile {
    /// The nearest one upwards that decides the manifest at `path`, relative to the root.
    pub fn deciding(root: &Path, path: &str, format: Format) -> Option<Self> {
        let folders = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let upwards = std::iter::successors(Some(folders), |it| {
            (!it.is_empty()).then(|| it.rsplit_once('/').map_or("", |(above, _)| above))
        });
        upwards.take(MAX_ANCESTORS).find_map(|folder| {
            let names =
                format.lockfiles().iter().flat_map(|it| it.file_names().map(|name| (*it, name)));
            names.into_iter().find_map(|(format, name)| {
                let path =
                    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                let stamp = Stamp::of(&root.join(&path))?;
                Some(Self { path, format, stamp })
            })
        })
    }
}
