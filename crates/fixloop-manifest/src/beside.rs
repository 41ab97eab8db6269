//! The other files of the same root, for formats whose files complete one another: a workspace's table, a parent, a catalog.

use std::sync::Arc;

/// How many folders upwards are looked at.
const MAX_ANCESTORS: usize = 64;

/// Where a file lies, and how to read the files around it.
///
/// Whoever makes one decides what can be read; `read` gets paths relative to the root, normalized, never leading out of it.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    path: &'a str,
    read: &'a dyn Fn(&str) -> Option<Arc<str>>,
}

/// Another file of the root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Neighbor {
    /// Relative to the root, `/` between parts.
    pub path: String,
    pub text: Arc<str>,
}

impl<'a> Beside<'a> {
    /// `path` is the file's own, relative to the root.
    pub fn new(path: &'a str, read: &'a dyn Fn(&str) -> Option<Arc<str>>) -> Self {
        Self { path, read }
    }

    /// For a text of which nothing but itself is known.
    pub fn nothing() -> Self {
        Self { path: "", read: &|_| None }
    }

    /// The same root, seen from another of its files.
    pub fn seen_from<'b>(&self, path: &'b str) -> Beside<'b>
    where
        'a: 'b,
    {
        Beside { path, read: self.read }
    }

    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The file at `relative` to this file's folder; `None` if there is none or it lies outside the root.
    pub fn neighbor(&self, relative: &str) -> Option<Neighbor> {
        let path = resolve(self.path, relative)?;
        let text = (self.read)(&path)?;
        Some(Neighbor { path, text })
    }

    /// Files of this name in this file's folder and those above, the nearest first. Includes the file itself, if it is called so.
    pub fn upwards(&self, name: &str) -> impl Iterator<Item = Neighbor> {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folders = std::iter::successors(Some(folder), |it| {
            (!it.is_empty()).then(|| it.rsplit_once('/').map_or("", |(above, _)| above))
        });
        folders.take(MAX_ANCESTORS).filter_map(move |folder| {
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let text = (self.read)(&path)?;
            Some(Neighbor { path, text })
        })
    }
}

/// `relative` from the folder of the file `from`, both below the root; `None` if it leaves the root.
pub fn resolve(from: &str, relative: &str) -> Option<String> {
    let is_elsewhere = relative.starts_with('/')
        || relative.contains(['\\', '\0'])
        || relative.contains("://")
        || relative.as_bytes().get(1) == Some(&b':');
    if is_elsewhere {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, relative: &str, expected: Option<&str>) {
        assert_eq!(resolve(from, relative).as_deref(), expected, "{relative} from {from}");
    }

    #[test]
    fn paths_stay_below_the_root() {
        check("a/b/pom.xml", "../pom.xml", Some("a/pom.xml"));
        check("a/b/pom.xml", "./c//d.xml", Some("a/b/c/d.xml"));
        check("pom.xml", "../pom.xml", None);
        check("a/pom.xml", "../../etc/passwd", None);
        check("a/pom.xml", "/etc/passwd", None);
        check("a/pom.xml", "C:/x", None);
        check("a/pom.xml", "..\\x", None);
        check("a/pom.xml", "file://x", None);
    }

    #[test]
    fn files_above_are_found_nearest_first() {
        let read = |path: &str| (path != "a/x").then(|| Arc::from(path));
        let beside = Beside::new("a/b/c.toml", &read);
        let found: Vec<String> = beside.upwards("x").map(|it| it.path).collect();
        assert_eq!(found, ["a/b/x", "x"]);
    }
}
