//! What is wrong with a rule, and where: the line with a caret under it, as compilers print it.

use std::fmt;

use fixloop_model::{LineIndex, Span};
use thiserror::Error;

/// Longer lines are cut: a caret far to the right helps nobody.
const MAX_SHOWN: usize = 160;

/// A rule that is refused.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub struct RuleError {
    /// Of the file.
    name: String,
    message: String,
    /// From 1.
    line: u32,
    /// In characters, from 1.
    column: u32,
    /// How many characters are marked; at least 1.
    width: usize,
    shown: String,
    help: Option<String>,
}

/// A mistake before it is known how the file is called.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Mistake {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl RuleError {
    pub(crate) fn new(name: &str, text: &str, mistake: Mistake) -> Self {
        let Mistake { span, message, help } = mistake;
        let position = LineIndex::new(text).position(text, span.start);
        let shown = text.lines().nth(position.line.saturating_sub(1) as usize).unwrap_or("");
        let shown = shown.replace('\t', " ");
        let marked = span.slice(text).unwrap_or("");
        // What goes over several lines is marked on its first.
        let width = marked.lines().next().unwrap_or("").chars().count().max(1);
        let name = name.to_owned();
        let (line, column) = (position.line, position.column);
        Self { name, message, line, column, width, shown, help }
    }

    /// Of the place, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Of the place in characters, from 1.
    pub fn column(&self) -> u32 {
        self.column
    }

    /// Without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, message, line, column, .. } = self;
        let before = (*column as usize).saturating_sub(1);
        let cut = before.saturating_sub(MAX_SHOWN / 2);
        let shown: String = self.shown.chars().skip(cut).take(MAX_SHOWN).collect();
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let caret = " ".repeat(before - cut);
        let width = self.width.min(MAX_SHOWN.saturating_sub(before - cut)).max(1);
        let marks = "^".repeat(width);
        writeln!(f, "{message}")?;
        writeln!(f, "{margin}--> {name}:{line}:{column}")?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {shown}")?;
        write!(f, "{margin} | {caret}{marks}")?;
        match &self.help {
            Some(help) => write!(f, " {help}"),
            None => Ok(()),
        }
    }
}
