//! Findings that one change answers, together: one package at one version in one file, whatever the number of its advisories.

use std::collections::HashMap;

use fixloop_gate::{GateFinding, Subject};
use fixloop_model::{Class, Rating};

/// At least one finding, all of one file and package or rule. The first is the hardest, and speaks for all: one upgrade answers them.
pub(super) struct Group<'r> {
    pub(super) first: &'r GateFinding,
    pub(super) findings: Vec<&'r GateFinding>,
}

#[derive(Eq, Hash, PartialEq)]
struct Key<'r> {
    path: &'r str,
    /// Ecosystem, name and version; or the rule.
    subject: (&'r str, &'r str, &'r str),
    line: Option<u32>,
}

/// In the order of the first of each.
pub(super) fn groups<'r>(findings: impl Iterator<Item = &'r GateFinding>) -> Vec<Group<'r>> {
    let mut groups: Vec<Group<'r>> = Vec::new();
    let mut places = HashMap::new();
    for it in findings {
        let at = *places.entry(key(it)).or_insert_with(|| {
            groups.push(Group { first: it, findings: Vec::new() });
            groups.len() - 1
        });
        groups[at].findings.push(it);
    }
    groups
}

fn key(it: &GateFinding) -> Key<'_> {
    let (subject, line) = match &it.subject {
        // What is wrong with an exception is a matter of its line.
        Subject::Package(it) if it.class == Class::Exception => {
            (("", &*it.name, ""), Some(it.position.line))
        }
        Subject::Package(it) => ((&*it.ecosystem, &*it.name, &*it.version), None),
        Subject::Build(it) => (("", &*it.rule, ""), it.line),
    };
    Key { path: it.path(), subject, line }
}

impl<'r> Group<'r> {
    pub(super) fn severity(&self) -> Option<Rating> {
        self.findings.iter().filter_map(|it| it.severity()).max()
    }

    /// Each once, the most urgent finding's first.
    pub(super) fn ids(&self) -> Vec<&'r str> {
        let mut ids: Vec<&str> = Vec::new();
        for it in &self.findings {
            if !it.id().is_empty() && !ids.contains(&it.id()) {
                ids.push(it.id());
            }
        }
        ids
    }

    /// The first fix that one of them names.
    pub(super) fn fix(&self) -> Option<String> {
        self.findings.iter().find_map(|it| it.fix())
    }

    /// The nearest.
    pub(super) fn deadline(&self) -> Option<fixloop_model::Timestamp> {
        self.findings.iter().filter_map(|it| it.deadline).min()
    }

    /// Where to read more about the first of them.
    pub(super) fn url(&self) -> &'r str {
        match &self.first.subject {
            Subject::Package(it) => &it.url,
            Subject::Build(it) => &it.url,
        }
    }

    /// The file's path from the repository's root.
    pub(super) fn path_from(&self, folder: &str) -> String {
        path_from(folder, self.first.path())
    }
}

/// A path of the checked folder as one of the repository.
pub(super) fn path_from(folder: &str, path: &str) -> String {
    match folder.trim_matches('/') {
        "" | "." => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}
