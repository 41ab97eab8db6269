//! Writes an exception behind the others, leaving every byte before it as it is.

use std::fmt::Write;

use jiff::civil::Date;
use thiserror::Error;

use crate::exception::Exceptions;
use crate::file::parse;

/// What `fixloop exception add` was told.
#[derive(Clone, Debug, Default)]
pub struct NewException {
    pub id: Option<String>,
    pub package: Option<String>,
    pub rule: Option<String>,
    pub path: Option<String>,
    pub reason: String,
    pub owner: String,
    pub expires: Date,
}

#[derive(Debug, Error)]
pub enum AddError {
    #[error("`{file}` cannot be read as it is, line {line}: {reason}")]
    Broken { file: String, line: u32, reason: String },
    #[error("{0}")]
    Refused(String),
    #[error("`expires` is {0}, which is past")]
    Past(Date),
    #[error("`{file}` has this exception already, line {line}")]
    Duplicate { file: String, line: u32 },
}

/// The text of the exceptions file with one more exception.
///
/// # Errors
/// If the text is broken already, or the exception would be refused, is past or stands there.
pub fn add(file: &str, text: &str, new: &NewException, today: Date) -> Result<String, AddError> {
    let before = parse(file, text);
    if let Some(fault) = before.faults.first() {
        let (line, reason) = (fault.place.position.line, fault.reason.clone());
        return Err(AddError::Broken { file: file.to_owned(), line, reason });
    }
    if new.expires < today {
        return Err(AddError::Past(new.expires));
    }
    let out = format!("{text}{}", draft(text, new));
    let after = parse(file, &out);
    if let Some(fault) = after.faults.first() {
        return Err(AddError::Refused(fault.reason.clone()));
    }
    match duplicate(&before, &after) {
        Some(line) => Err(AddError::Duplicate { file: file.to_owned(), line }),
        None => Ok(out),
    }
}

/// What is put behind `text`, whether or not it is an exception that has an effect: empty reasons and owners are for somebody to fill in.
pub fn draft(text: &str, new: &NewException) -> String {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        out.push_str(line_end);
    }
    if !text.is_empty() {
        out.push_str(line_end);
    }
    out.push_str("[[exception]]");
    out.push_str(line_end);
    let texts = [
        ("id", new.id.as_deref()),
        ("package", new.package.as_deref()),
        ("rule", new.rule.as_deref()),
        ("path", new.path.as_deref()),
        ("reason", Some(&*new.reason)),
        ("owner", Some(&*new.owner)),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            out.extend([key, " = ", &quoted(value), line_end]);
        }
    }
    out.extend(["expires = ", &new.expires.to_string(), line_end]);
    out
}

/// The line of an earlier exception that covers the same as the last one.
fn duplicate(before: &Exceptions, after: &Exceptions) -> Option<u32> {
    let last = after.exceptions.last()?;
    let of = |it: &crate::Exception| {
        let id = it.id.as_ref().map(|it| it.0.join(" ").to_ascii_uppercase());
        (id, it.packages.clone(), it.rule.clone(), it.path.as_ref().map(|it| it.written.clone()))
    };
    before.exceptions.iter().find(|it| of(it) == of(last)).map(|it| it.place.position.line)
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for it in text.chars() {
        match it {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            it if it.is_control() => {
                write!(out, "\\u{:04x}", u32::from(it)).expect("writing to a string succeeds");
            }
            it => out.push(it),
        }
    }
    out.push('"');
    out
}
