//! Dependency confusion over trees of files: no panic, answers only about files that are there, and no password in them.
#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use fixloop_model::Files;
use libfuzzer_sys::fuzz_target;

const PATHS: &[&str] = &[
    ".npmrc",
    "package.json",
    "package-lock.json",
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    ".yarnrc",
    ".yarnrc.yml",
    "yarn.lock",
    "bunfig.toml",
    "requirements.txt",
    "pip.conf",
    "Dockerfile",
    ".github/workflows/ci.yml",
    "Pipfile",
    "pyproject.toml",
    "poetry.lock",
    "uv.toml",
    "pom.xml",
    ".mvn/settings.xml",
    ".mvn/maven.config",
    "build.gradle",
    "settings.gradle.kts",
    "go.env",
    ".cargo/config.toml",
    "Cargo.toml",
    "Cargo.lock",
    "composer.json",
    "Gemfile",
    "Gemfile.lock",
    "NuGet.config",
    "shop/shop.csproj",
    "shop/.npmrc",
    "shop/package.json",
    "shop/pip.conf",
];
/// Nobody's text has it by chance.
const PASSWORD: &str = "hunter2hunter2";

struct Tree {
    paths: Vec<String>,
    texts: BTreeMap<String, Arc<str>>,
}

impl Files for Tree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        Ok(self.texts.get(path).cloned())
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains(PASSWORD) {
        return;
    }
    // Files with NUL between them; the first line of each is its path, or chooses one by its length.
    let file = |text: &str| {
        let (path, text) = text.split_once('\n')?;
        let known = PATHS.iter().find(|it| **it == path);
        let path = known.unwrap_or(&PATHS[path.len() % PATHS.len()]);
        let text = text.replace("://", &format!("://u:{PASSWORD}@"));
        Some(((*path).to_owned(), Arc::from(text)))
    };
    let texts: BTreeMap<String, Arc<str>> = text.split('\0').filter_map(file).collect();
    let tree = Tree { paths: texts.keys().cloned().collect(), texts };
    for it in fixloop_confusion::assess(&tree) {
        assert!(tree.texts.contains_key(&it.path), "{it:?}");
        assert!(!it.summary.contains(PASSWORD) && !it.evidence.contains(PASSWORD), "{it:?}");
    }
});
