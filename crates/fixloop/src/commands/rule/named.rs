//! A rule by what a person calls it: a file, or the id of one that is built in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixloop_confusion::{assess, names};
use fixloop_model::{BuildCheck, Files};
use fixloop_rules::{Rule, RuleError};
use fixloop_scan::{ReadError, read_text};
use thiserror::Error;

use crate::data::recorded_rule;
use crate::error::CommandError;

#[derive(Debug, Error)]
pub(crate) enum RuleFileError {
    #[error("failed to read the rule `{}`", path.display())]
    Read { path: PathBuf, source: ReadError },
    #[error("{0}")]
    Refused(RuleError),
}

/// A rule that can be asked.
#[derive(Debug)]
pub(crate) enum NamedRule {
    /// `dependency-confusion`, which is code.
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

impl NamedRule {
    /// A file, or the id of a rule that is built in or recorded in the usual data directory.
    ///
    /// # Errors
    /// If there is no such rule, or the file is none.
    pub(crate) fn find(name: &str) -> Result<Self, CommandError> {
        if name == fixloop_confusion::RULE {
            return Ok(Self::Confusion);
        }
        let path = Path::new(name);
        let recorded = if path.exists() { None } else { recorded_rule(name)? };
        let rule = match recorded {
            Some(text) => Rule::parse(name, &text).map_err(RuleFileError::Refused)?,
            None => read_rule(path)?.0,
        };
        Ok(Self::Written(Box::new(rule)))
    }

    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Confusion => fixloop_confusion::RULE,
            Self::Written(rule) => rule.id(),
        }
    }

    /// In one sentence.
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Confusion => "private and public package sources can answer for the same name",
            Self::Written(rule) => rule.title(),
        }
    }

    /// What to do; may be empty.
    pub(crate) fn fix(&self) -> &str {
        match self {
            Self::Confusion => "",
            Self::Written(rule) => rule.fix(),
        }
    }

    /// Whether the file of this path matters to it.
    pub(crate) fn names(&self, path: &str) -> bool {
        match self {
            Self::Confusion => names(path),
            Self::Written(rule) => rule.names(path),
        }
    }

    pub(crate) fn checks_of(&self, files: &dyn Files) -> Vec<BuildCheck> {
        match self {
            Self::Confusion => assess(files),
            Self::Written(rule) => rule.check(files),
        }
    }

    /// Of one file that was named by itself: it is checked whatever it is called.
    pub(crate) fn checks_of_file(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        match self {
            Self::Confusion => assess(&OneFile { path: [path.to_owned()], text: text.into() }),
            Self::Written(rule) => rule.check_file(path, text),
        }
    }
}

/// The rule of a file, and its text.
///
/// # Errors
/// If the file cannot be read, or is no rule: with the place of the mistake.
pub(crate) fn read_rule(path: &Path) -> Result<(Rule, String), CommandError> {
    let text = read_text(path).map_err(|source| {
        let error = RuleFileError::Read { path: path.to_owned(), source };
        CommandError::from(error).hint("name a file, dependency-confusion, or a rule that fixloop rule add recorded; docs/rules.md shows one")
    })?;
    let rule = Rule::parse(&path.display().to_string(), &text).map_err(RuleFileError::Refused)?;
    Ok((rule, text))
}
