//! Which folder a file belongs to, and what it is called in there.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::protocol::Uri;

/// The folders that the client has open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace {
    folders: Vec<PathBuf>,
}

/// A file on disk, below a root.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    /// Relative to the root, `/` between parts.
    pub(crate) path: String,
}

impl Place {
    pub(crate) fn absolute(&self) -> PathBuf {
        self.root.join(&self.path)
    }

    /// Another file of the same root.
    pub(crate) fn uri_of(&self, path: &str) -> Option<Uri> {
        Uri::from_file_path(self.root.join(path)).ok()
    }
}

impl Workspace {
    pub(crate) fn read(params: &Value) -> Self {
        let folders = params.get("workspaceFolders").and_then(Value::as_array);
        let mut uris: Vec<&str> =
            folders.into_iter().flatten().filter_map(|it| it.get("uri")?.as_str()).collect();
        if uris.is_empty() {
            uris.extend(params.get("rootUri").and_then(Value::as_str));
        }
        let mut workspace = Self::default();
        for uri in uris.into_iter().filter_map(|it| Uri::parse(it).ok()) {
            workspace.add(&uri);
        }
        workspace
    }

    pub(crate) fn add(&mut self, uri: &Uri) {
        let Ok(folder) = uri.to_file_path() else { return };
        if folder.parent().is_some() && !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
    }

    pub(crate) fn remove(&mut self, uri: &Uri) {
        if let Ok(folder) = uri.to_file_path() {
            self.folders.retain(|it| *it != folder);
        }
    }

    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The place of a file: in the outermost folder that holds it, so that a workspace's root is seen from its members. One outside
    /// of all has its own folder as root; what is no file has no place.
    pub(crate) fn place(&self, uri: &Uri) -> Option<Place> {
        let file = uri.to_file_path().ok()?;
        let holds = self.folders.iter().filter(|it| file.starts_with(it));
        let outermost = holds.min_by_key(|it| it.components().count());
        let root = outermost.map(PathBuf::as_path).or_else(|| file.parent())?;
        Some(Place { root: root.to_owned(), path: relative(root, &file)? })
    }
}

pub(crate) fn relative(root: &Path, file: &Path) -> Option<String> {
    let relative = file.strip_prefix(root).ok()?;
    let parts = relative.components().map(|it| it.as_os_str().to_string_lossy());
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(folders: &Value, file: &str, expected: Option<(&str, &str)>) {
        let workspace = Workspace::read(folders);
        let place = workspace.place(&Uri::parse(file).unwrap());
        let place = place.map(|it| (it.root.display().to_string(), it.path));
        assert_eq!(place, expected.map(|(root, path)| (root.to_owned(), path.to_owned())));
    }

    #[test]
    fn a_file_lies_in_the_outermost_folder_that_holds_it() {
        let two = json!({"workspaceFolders": [{"uri": "file:///w/a/b"}, {"uri": "file:///w/a"}, {"uri": "file:///v"}]});
        check(&two, "file:///w/a/b/c/package.json", Some(("/w/a", "b/c/package.json")));
        check(&two, "file:///v/Cargo.toml", Some(("/v", "Cargo.toml")));
        check(&two, "file:///w/ab/go.mod", Some(("/w/ab", "go.mod")));
        check(&two, "file:///w/a/with%20blank/go.mod", Some(("/w/a", "with blank/go.mod")));
        check(&two, "untitled:Untitled-1", None);
        check(&json!({"rootUri": "file:///w"}), "file:///w/x", Some(("/w", "x")));
        check(&json!({"rootUri": null}), "file:///w/x", Some(("/w", "x")));
        check(&json!({"rootUri": "file:///"}), "file:///w/x", Some(("/w", "x")));
    }
}
