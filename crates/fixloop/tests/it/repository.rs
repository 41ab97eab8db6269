//! Git repositories made by the git executable, with times of our choosing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A repository with a work tree; commits are dated by days of 2024.
pub(crate) struct Repository {
    folder: TempDir,
    name: String,
}

impl Repository {
    pub(crate) fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let it = Self { folder, name: name.to_owned() };
        fs::create_dir_all(it.path()).expect("the folder is writable");
        it.git(&["init", "-q", "-b", "main"]);
        it
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_at(arguments, "2024-01-01T00:00:00Z")
    }

    /// Runs git as if at `time`; nothing of this machine's configuration counts.
    pub(crate) fn git_at(&self, arguments: &[&str], time: &str) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args([
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@corp.example",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .env("GIT_COMMITTER_DATE", time)
            .env("GIT_AUTHOR_DATE", time)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .output()
            .expect("these tests need the git executable: install git");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {stderr}");
        String::from_utf8(output.stdout).expect("git prints UTF-8").trim().to_owned()
    }

    pub(crate) fn write(&self, path: &str, content: &str) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("writable");
        fs::write(path, content).expect("writable");
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.path().join(path)).expect("the file is there");
        self
    }

    /// Commits everything at this time, as `2024-03-01T12:00:00Z`; the commit's id.
    pub(crate) fn commit_at(&self, time: &str) -> String {
        self.git(&["add", "-A"]);
        self.git_at(&["commit", "-q", "--allow-empty", "-m", "x"], time);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits everything at noon of this day of 2024, as `03-01`.
    pub(crate) fn commit(&self, day: &str) -> String {
        self.commit_at(&format!("2024-{day}T12:00:00Z"))
    }
}

/// A `package-lock.json` of these packages, `name@version` each.
pub(crate) fn package_lock(packages: &[&str]) -> String {
    let entries: Vec<String> = packages
        .iter()
        .map(|it| {
            let (name, version) = it.rsplit_once('@').expect("name@version");
            format!(r#"    "node_modules/{name}": {{ "version": "{version}" }}"#)
        })
        .collect();
    let root: Vec<String> = packages
        .iter()
        .map(|it| format!(r#""{}": "*""#, it.rsplit_once('@').expect("name@version").0))
        .collect();
    format!(
        "{{\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"\": {{ \"dependencies\": {{ {} }} }},\n{}\n  }}\n}}\n",
        root.join(", "),
        entries.join(",\n")
    )
}

/// A `yarn.lock` (1) of these packages.
pub(crate) fn yarn_lock(packages: &[&str]) -> String {
    let mut text = "# yarn lockfile v1\n\n".to_owned();
    for it in packages {
        let (name, version) = it.rsplit_once('@').expect("name@version");
        text.extend([name, "@*:\n  version \"", version, "\"\n\n"]);
    }
    text
}

/// An index of these npm records: (id, package, fixed in, published).
pub(crate) fn index(folder: &Path, records: &[(&str, &str, &str, &str)]) -> String {
    let source = folder.join("records");
    fs::create_dir_all(&source).expect("writable");
    for (id, name, fixed, published) in records {
        let text = format!(
            r#"{{"id": "{id}", "published": "{published}", "modified": "2024-12-01T00:00:00Z", "summary": "a test",
            "affected": [{{"package": {{"ecosystem": "npm", "name": "{name}"}},
            "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}]}}]}}"#
        );
        fs::write(source.join(format!("{id}.json")), text).expect("writable");
    }
    let index = folder.join("index").to_str().expect("a plain path").to_owned();
    let source = source.to_str().expect("a plain path");
    crate::assert_exit(&crate::fixloop(&["db", "import", source, "--index", &index]), 0);
    index
}
