//! Where a work tree was cloned from, and where it lies.

use std::path::{Path, PathBuf};

/// The work tree that a file lies in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkTree {
    pub root: PathBuf,
    /// The address of its remote `origin`, as the repository's own configuration has it.
    pub origin: Option<String>,
}

/// Bytes of an address; what is longer is none.
const MAX_BYTES: usize = 4096;

/// The work tree that holds `path`, which need not exist. Nothing outside of the repository's own configuration is read, and nothing is
/// run: `insteadOf` of a user's configuration has no effect.
///
/// A repository that cannot be read has no origin: whose it is, is not known.
pub fn work_tree(path: &Path) -> Option<WorkTree> {
    let path = std::path::absolute(path).ok()?;
    // A file in place of the folder is what worktrees and submodules have.
    let root = path.ancestors().find(|it| it.join(".git").exists())?.to_owned();
    let origin = origin(&root);
    Some(WorkTree { root, origin })
}

/// The address of the remote `origin` of the work tree that holds `path`.
pub fn origin_of(path: &Path) -> Option<String> {
    work_tree(path)?.origin
}

fn origin(root: &Path) -> Option<String> {
    let options = gix::open::Options::isolated().strict_config(false);
    let repository = gix::ThreadSafeRepository::open_opts(root, options).ok()?.to_thread_local();
    let url = repository.config_snapshot().string("remote.origin.url")?;
    let url = str::from_utf8(&url).ok()?.trim().to_owned();
    (!url.is_empty() && url.len() <= MAX_BYTES).then_some(url)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use fixloop_test_support::git_host::git;

    use super::*;

    #[test]
    fn the_address_is_that_of_the_innermost_work_tree() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("shop");
        let inner = root.join("vendor/inner");
        fs::create_dir_all(&inner).unwrap();
        let file = root.join("api/package.json");
        assert_eq!(work_tree(&file), None);
        git(&root, &["init", "-q"]);
        assert_eq!(work_tree(&file), Some(WorkTree { root: root.clone(), origin: None }));
        git(&root, &["remote", "add", "origin", "git@git.example:team/shop.git"]);
        git(&root, &["remote", "add", "fork", "https://git.example/me/shop"]);
        assert_eq!(origin_of(&file).as_deref(), Some("git@git.example:team/shop.git"));
        git(&inner, &["init", "-q"]);
        assert_eq!(origin_of(&inner.join("go.mod")), None);
        // A second work tree has the first one's configuration.
        git(
            &root,
            &[
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b.example",
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "a",
            ],
        );
        git(&root, &["worktree", "add", "-q", "../second"]);
        let second = folder.path().join("second/package.json");
        assert_eq!(origin_of(&second).as_deref(), Some("git@git.example:team/shop.git"));
        // What cannot be read says nothing.
        fs::write(root.join(".git/config"), "[remote \"origin\"\nurl = x").unwrap();
        assert_eq!(origin_of(&file), None);
    }
}
