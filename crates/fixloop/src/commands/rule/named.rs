//! A rule by what a person calls it: a file, or the id of one that is built in.

use std::path::{Path, PathBuf};

use fixloop_client::{BuildChecks, BuildRule};
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

/// A file, or the id of a rule that is built in or recorded in the usual data directory.
///
/// # Errors
/// If there is no such rule, or the file is none.
pub(crate) fn find_rule(name: &str) -> Result<BuildRule, CommandError> {
    if name == fixloop_confusion::RULE {
        return Ok(BuildRule::Confusion);
    }
    let path = Path::new(name);
    let recorded = if path.exists() { None } else { recorded_rule(name)? };
    let rule = match recorded {
        Some(text) => Rule::parse(name, &text).map_err(RuleFileError::Refused)?,
        None => read_rule(path)?.0,
    };
    Ok(BuildRule::Written(Box::new(rule)))
}

/// Those that a person names, each by its file or id.
///
/// # Errors
/// If there is no such rule, or the file is none.
pub(crate) fn checks_named(names: &[String]) -> Result<BuildChecks, CommandError> {
    let rules = names.iter().map(|it| find_rule(it)).collect::<Result<Vec<_>, _>>()?;
    Ok(BuildChecks::from(rules))
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
