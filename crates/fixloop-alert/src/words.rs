//! The words of an alert: plain text that reads alone, wherever an editor shows it.

use std::fmt::Write;

use fixloop_match::{Admitted, Match};
use fixloop_model::{Class, Rating};

use crate::alert::{Basis, Brought, Told};

/// Characters of one summary; some databases put the whole story there.
const MAX_SUMMARY: usize = 110;

/// Packages named of those that a dependency brings in.
const MAX_NAMED: usize = 3;

impl Told {
    /// What is wrong, and what to do, in at most a handful of lines.
    pub fn message(&self) -> String {
        let mut lines = Vec::new();
        if !self.matches.is_empty() {
            lines.push(format!("{} {}", self.subject(), count(&self.matches)));
            lines.extend(self.matches.first().map(advisory));
            lines.push(self.advice());
        }
        if !self.brought.is_empty() {
            lines.extend(self.brought_in());
        }
        if let Some(reason) = &self.unknown {
            let also = if lines.is_empty() { "" } else { "in part " };
            lines.push(format!("{} was {also}not analyzed: {reason}", self.named()));
        }
        lines.join("\n")
    }

    fn named(&self) -> String {
        match (&self.requirement, &self.version) {
            (Some(requirement), _) => format!("{} `{}`", self.name, shortened(requirement)),
            (None, Some(version)) => format!("{} {}", self.name, shortened(version)),
            (None, None) => self.name.clone(),
        }
    }

    /// What has the advisories, with how that is known.
    fn subject(&self) -> String {
        let version = self.version.as_deref().unwrap_or("");
        match &self.basis {
            Basis::Locked(lockfile) => {
                let file = lockfile.rsplit('/').next().unwrap_or(lockfile);
                format!("{} {version} (locked in {file})", self.name)
            }
            Basis::Requirement(Admitted::All) => {
                format!("{}: every known version it admits is affected; {version}", self.named())
            }
            Basis::Requirement(Admitted::Lowest) => {
                format!("{} admits {version}, which", self.named())
            }
            Basis::Requirement(Admitted::Later) => {
                format!("{} admits {version}, a later version that", self.named())
            }
            Basis::Written | Basis::Unknown => format!("{} {version}", self.name),
        }
    }

    fn advice(&self) -> String {
        let is_malicious = self.matches.iter().any(|it| it.class == Class::Malicious);
        match (self.clear_version(), &self.basis) {
            (_, Basis::Requirement(Admitted::Lowest | Admitted::Later)) => {
                let hint = if self.basis == Basis::Requirement(Admitted::Lowest) {
                    "Not affected if a newer one is installed: no lockfile tells."
                } else {
                    "Not affected if another one is installed: no lockfile tells."
                };
                match self.clear_version() {
                    Some(version) => format!("{hint} Require {version} to be sure."),
                    None => hint.to_owned(),
                }
            }
            (Some(version), _) if is_malicious => {
                format!("Remove it, or move to {version}, which no advisory names.")
            }
            (None, _) if is_malicious => "Remove it.".to_owned(),
            (Some(version), _) => {
                format!("{version} is the nearest version that clears all advisories.")
            }
            (None, _) => "No version that clears all advisories is known.".to_owned(),
        }
    }

    fn brought_in(&self) -> Vec<String> {
        let n = self.brought.len();
        let packages =
            if n == 1 { "1 affected package" } else { &format!("{n} affected packages") };
        let mut lines = vec![format!("{} brings in {packages}:", self.named())];
        lines.extend(self.brought.iter().take(MAX_NAMED).map(brought));
        if n > MAX_NAMED {
            lines.push(format!("and {} more", n - MAX_NAMED));
        }
        lines
    }
}

fn brought(it: &Brought) -> String {
    let mut line = format!("{} {} ", it.name, it.version);
    line.push_str(&count(&it.matches));
    if let Some(first) = it.matches.first() {
        write!(line, ": {}", ids(first)).expect("writing to a string succeeds");
        if let Some(version) = &first.fixed_version {
            write!(line, ", cleared by {version}").expect("writing to a string succeeds");
        }
    }
    line
}

/// `has 3 known vulnerabilities, at worst critical`; `is malicious`.
fn count(matches: &[Match]) -> String {
    let of = |class: Class| matches.iter().filter(|it| it.class == class).count();
    if of(Class::Malicious) > 0 {
        return "is malicious".to_owned();
    }
    let worst = matches.iter().filter_map(|it| it.severity.as_ref()).map(|it| it.rating).max();
    let worst = worst.filter(|it| *it != Rating::None);
    match (of(Class::Vulnerability), worst) {
        (0, _) if of(Class::Unmaintained) > 0 => "is not maintained".to_owned(),
        (0, _) => "has a notice".to_owned(),
        (1, Some(rating)) => format!("has a known vulnerability of {} severity", rating.as_str()),
        (1, None) => "has a known vulnerability".to_owned(),
        (n, Some(rating)) => format!("has {n} known vulnerabilities, at worst {}", rating.as_str()),
        (n, None) => format!("has {n} known vulnerabilities"),
    }
}

/// `Command injection in lodash (GHSA-…, CVE-…)`.
fn advisory(it: &Match) -> String {
    if it.summary.is_empty() {
        return ids(it);
    }
    format!("{} ({})", shortened(&it.summary), ids(it))
}

/// The representative, and the first CVE if that is another.
fn ids(it: &Match) -> String {
    let first = it.ids.first().map_or("", |it| it);
    let cve = it.ids.iter().skip(1).find(|it| it.starts_with("CVE-"));
    match cve {
        Some(cve) => format!("{first}, {cve}"),
        None => first.to_owned(),
    }
}

/// At most [`MAX_SUMMARY`] characters on one line, cut at a word.
fn shortened(text: &str) -> String {
    let line: String = text.chars().take(MAX_SUMMARY + 1).collect();
    let line = line.replace(|it: char| it.is_control(), " ");
    if line.chars().count() <= MAX_SUMMARY {
        return line;
    }
    let word = line.rfind(' ').map_or(&*line, |at| &line[..at]);
    format!("{}…", word.trim_end_matches([' ', ',', '.', ';', ':', '…']))
}
