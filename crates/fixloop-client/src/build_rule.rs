//! A check of build configuration that can be asked: a rule that is data, or the one that is code.

use std::sync::Arc;

use fixloop_confusion::{assess, names};
use fixloop_model::{BuildCheck, Files};
use fixloop_rules::Rule;

#[derive(Debug)]
pub enum BuildRule {
    /// `dependency-confusion`, which is code: it merges configuration files.
    Confusion,
    Written(Box<Rule>),
}

/// One file as if it were all there is.
struct OneFile {
    path: [String; 1],
    text: Arc<str>,
}

impl Files for OneFile {
    fn paths(&self) -> &[String] {
        &self.path
    }

    fn text(&self, path: &str) -> Result<Option<Arc<str>>, String> {
        Ok((path == self.path[0]).then(|| self.text.clone()))
    }
}

impl BuildRule {
    pub fn id(&self) -> &str {
        match self {
            Self::Confusion => fixloop_confusion::RULE,
            Self::Written(rule) => rule.id(),
        }
    }

    /// In one sentence.
    pub fn title(&self) -> &str {
        match self {
            Self::Confusion => "private and public package sources can answer for the same name",
            Self::Written(rule) => rule.title(),
        }
    }

    /// What to do; may be empty.
    pub fn fix(&self) -> &str {
        match self {
            Self::Confusion => "",
            Self::Written(rule) => rule.fix(),
        }
    }

    /// Whether the file of this path matters to it.
    pub fn names(&self, path: &str) -> bool {
        match self {
            Self::Confusion => names(path),
            Self::Written(rule) => rule.names(path),
        }
    }

    pub fn checks_of(&self, files: &dyn Files) -> Vec<BuildCheck> {
        match self {
            Self::Confusion => assess(files),
            Self::Written(rule) => rule.check(files),
        }
    }

    /// Of one file that was named by itself: it is checked whatever it is called.
    pub fn checks_of_file(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        match self {
            Self::Confusion => assess(&OneFile { path: [path.to_owned()], text: text.into() }),
            Self::Written(rule) => rule.check_file(path, text),
        }
    }
}
