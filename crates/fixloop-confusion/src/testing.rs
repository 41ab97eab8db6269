//! Trees of files in memory, and answers as one line each.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use fixloop_model::{BuildCheck, Files};

pub(crate) struct Memory {
    paths: Vec<String>,
    texts: BTreeMap<String, Arc<str>>,
}

impl Memory {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let text = |(path, text): &(&str, &str)| ((*path).to_owned(), Arc::from(*text));
        let texts: BTreeMap<String, Arc<str>> = files.iter().map(text).collect();
        Self { paths: texts.keys().cloned().collect(), texts }
    }
}

impl Files for Memory {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    /// A text that starts with NUL stands for a file that cannot be read.
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        match self.texts.get(path) {
            Some(text) if text.starts_with('\0') => Err("no UTF-8".to_owned()),
            text => Ok(text.cloned()),
        }
    }
}

pub(crate) fn assess(files: &[(&str, &str)]) -> Vec<BuildCheck> {
    crate::assess(&Memory::new(files))
}

/// `state rating path:line evidence` of each answer, without those of other managers than `manager`.
#[track_caller]
pub(crate) fn check(manager: &str, files: &[(&str, &str)], expected: &str) {
    let mut found = String::new();
    for it in assess(files).iter().filter(|it| it.summary.starts_with(&format!("{manager}:"))) {
        let rating = it.severity.map(|it| format!(" {}", it.as_str())).unwrap_or_default();
        let line = it.line.map(|it| format!(":{it}")).unwrap_or_default();
        let _ = writeln!(found, "{}{rating} {}{line} {}", it.state.as_str(), it.path, it.evidence);
    }
    assert_eq!(found.trim_end(), expected, "{:#?}", assess(files));
    for (path, _) in files {
        assert!(expected.is_empty() || crate::names(path), "`{path}` is read and not named");
    }
}

/// The summaries, for what people read.
pub(crate) fn summaries(files: &[(&str, &str)]) -> String {
    let line = |it: BuildCheck| format!("{}: {}\n", it.state.as_str(), it.summary);
    assess(files).into_iter().map(line).collect()
}
