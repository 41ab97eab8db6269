//! A rule that was read, and what it says of files.

use fixloop_manifest::redacted;
use fixloop_model::{BuildCheck, CheckState, Files, Rating};

use crate::check::check_text;
use crate::condition::Condition;
use crate::error::RuleError;
use crate::files::FilePatterns;
use crate::parse;
use crate::path::TreePath;
use crate::tree::Format;

/// A check of build configuration.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) severity: Option<Rating>,
    pub(crate) fix: String,
    pub(crate) url: String,
    pub(crate) files: FilePatterns,
    pub(crate) format: Format,
    pub(crate) when: Condition,
    /// From what was found to what is shown of it.
    pub(crate) evidence: Option<TreePath>,
    pub(crate) n_examples: usize,
}

impl Rule {
    /// Reads a rule and runs its examples; `name` is how messages call the file.
    ///
    /// # Errors
    /// If it is no rule, or if its own examples contradict it.
    pub fn parse(name: &str, text: &str) -> Result<Self, RuleError> {
        parse::rule(text).map_err(|mistake| RuleError::new(name, text, mistake))
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is about, in one sentence for the people of the build.
    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn severity(&self) -> Option<Rating> {
        self.severity
    }

    /// What to do; may be empty.
    pub fn fix(&self) -> &str {
        &self.fix
    }

    /// How many good and bad examples it was checked with.
    pub fn n_examples(&self) -> usize {
        self.n_examples
    }

    /// Whether it is about the file of this path, which is relative to the root with `/` between parts.
    pub fn names(&self, path: &str) -> bool {
        self.files.names(path)
    }

    /// What it says of every file that it names, in the order of their paths.
    pub fn check(&self, files: &dyn Files) -> Vec<BuildCheck> {
        let mut checks = Vec::new();
        for path in files.paths().iter().filter(|it| self.names(it)) {
            match files.text(path) {
                Ok(Some(text)) => checks.extend(self.check_file(path, &text)),
                Ok(None) => checks.push(self.unknown(path, None, "the file is gone")),
                Err(reason) => checks.push(self.unknown(path, None, &reason)),
            }
        }
        checks
    }

    /// What it says of one file, whether it names it or not: every place that is affected, or one check that is safe or unknown.
    pub fn check_file(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        check_text(self, path, text)
    }

    pub(crate) fn unknown(&self, path: &str, line: Option<u32>, reason: &str) -> BuildCheck {
        // What a parser says of a file quotes it.
        self.of_state(CheckState::Unknown, path, line, redacted(reason))
    }

    pub(crate) fn of_state(
        &self,
        state: CheckState,
        path: &str,
        line: Option<u32>,
        evidence: String,
    ) -> BuildCheck {
        BuildCheck {
            rule: self.id.clone(),
            state,
            severity: self.severity,
            summary: self.title.clone(),
            fix: self.fix.clone(),
            url: self.url.clone(),
            path: path.to_owned(),
            line,
            evidence,
        }
    }
}
