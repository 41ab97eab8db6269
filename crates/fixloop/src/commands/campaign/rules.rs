//! Build rules over the newest commit of every mirror: each rule's answer for a commit is remembered.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fixloop_campaign::Answer;
use fixloop_fleet::FleetRepository;
use fixloop_model::{BuildCheck, CheckState, Files};
use fixloop_policy::RuleText;
use fixloop_program::record::Record;
use fixloop_store::digest;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::components::head_files;
use crate::error::{CommandError, warn};
use crate::mined::fingerprint;

/// The rule that is code.
pub(super) const BUILT_IN: &str = fixloop_confusion::RULE;

/// In the data directory.
const CACHE: &str = "checks.json";
const SCHEMA: &str = "fixloop.checks/1";
/// Rules, and versions of them, that are remembered.
const MAX_RULES: usize = 200;
/// More than any real one has.
const MAX_BYTES: u64 = 256 << 20;

#[derive(Debug, Error)]
pub(super) enum RulesError {
    #[error("there is no rule `{0}`")]
    Missing(String),
    #[error("rule `{id}` cannot be used: {reason}")]
    Broken { id: String, reason: String },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// The text of a rule of the record.
pub(super) fn rule_text(record: &Record, id: &str) -> Option<RuleText> {
    let it = record.rule_called(id)?;
    let (id, text) = (it.plan.rule.clone(), it.plan.text.clone());
    Some(RuleText { id, version: it.version, text })
}

/// A rule that can be asked.
pub(super) enum Rule {
    DependencyConfusion,
    Text(Box<fixloop_rules::Rule>, String),
}

impl Rule {
    pub(super) fn of(record: &Record, id: &str) -> Result<Self, CommandError> {
        if id == BUILT_IN {
            return Ok(Self::DependencyConfusion);
        }
        let missing = || {
            let error = CommandError::from(RulesError::Missing(id.to_owned()));
            error.hint(format!("fixloop rule add FILE brings one; {BUILT_IN} is built in"))
        };
        let text = rule_text(record, id).ok_or_else(missing)?;
        let rule = fixloop_rules::Rule::parse(&text.id, &text.text)
            .map_err(|error| RulesError::Broken { id: id.to_owned(), reason: error.to_string() })?;
        Ok(Self::Text(Box::new(rule), text.text))
    }

    /// What its answers depend on besides the commit: its text, and the program that evaluates it.
    fn digest(&self) -> String {
        let text = match self {
            Self::DependencyConfusion => BUILT_IN,
            Self::Text(_, text) => text,
        };
        digest(format!("{:x}\n{text}", fingerprint()).as_bytes())
    }

    fn names(&self, path: &str) -> bool {
        match self {
            Self::DependencyConfusion => fixloop_confusion::names(path),
            Self::Text(rule, _) => rule.names(path),
        }
    }

    fn check(&self, files: &dyn Files) -> Vec<BuildCheck> {
        match self {
            Self::DependencyConfusion => fixloop_confusion::assess(files),
            Self::Text(rule, _) => rule.check(files),
        }
    }
}

/// What a rule says of one file of a commit.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Kept {
    path: String,
    state: String,
    line: Option<u32>,
    summary: String,
    evidence: String,
}

#[derive(Default, Deserialize, Serialize)]
struct Cache {
    schema: String,
    /// By the rule's digest, then by repository: the commit and its answers.
    rules: BTreeMap<String, BTreeMap<String, (String, Vec<Kept>)>>,
}

/// What a rule says of one repository.
type Asked = Result<Vec<Kept>, String>;

/// The answers of one repository: by path, or why there are none.
pub(super) type Answers = Result<Vec<(String, Answer)>, String>;

/// What the rules say of every repository that has a mirror, by its name.
pub(super) fn answers(
    folder: &Path,
    rules: &[Rule],
    repositories: &[FleetRepository],
) -> Result<BTreeMap<String, Answers>, CommandError> {
    let path = folder.join(CACHE);
    let old = load(&path);
    let mut new = Cache { schema: SCHEMA.to_owned(), rules: old.rules.clone() };
    // Other campaigns' rules stay; repositories that are gone do not.
    for known in new.rules.values_mut() {
        known.retain(|name, _| repositories.iter().any(|it| it.name == *name));
    }
    let asked: Vec<String> = rules.iter().map(Rule::digest).collect();
    if new.rules.len() > MAX_RULES {
        new.rules.retain(|digest, _| asked.contains(digest));
    }
    let mut all: BTreeMap<String, Answers> = BTreeMap::new();
    let mut is_changed = false;
    for (rule, digest) in rules.iter().zip(asked) {
        let known = old.rules.get(&digest);
        let asked: Vec<(&FleetRepository, Asked, bool)> = repositories
            .par_iter()
            .map(|it| {
                let head = it.head.as_deref().unwrap_or("");
                match known.and_then(|known| known.get(&it.name)).filter(|it| it.0 == head) {
                    Some((_, kept)) => (it, Ok(kept.clone()), false),
                    None => (it, ask(rule, it), true),
                }
            })
            .collect();
        let entry = new.rules.entry(digest).or_default();
        for (it, kept, is_new) in asked {
            if let (Ok(kept), true) = (&kept, is_new) {
                let head = it.head.clone().unwrap_or_default();
                entry.insert(it.name.clone(), (head, kept.clone()));
                is_changed = true;
            }
            let of_it = all.entry(it.name.clone()).or_insert_with(|| Ok(Vec::new()));
            match (kept, of_it) {
                (Ok(kept), Ok(answers)) => answers.extend(kept.iter().map(answer)),
                (Err(reason), of_it) => *of_it = Err(reason),
                _ => {}
            }
        }
    }
    if is_changed {
        store(&path, &new)?;
    }
    Ok(all)
}

fn ask(rule: &Rule, it: &FleetRepository) -> Result<Vec<Kept>, String> {
    let files = head_files(it, &|path| rule.names(path)).map_err(|error| error.to_string())?;
    let Some((files, _)) = files else { return Ok(Vec::new()) };
    let mut kept: Vec<Kept> = rule.check(&files).into_iter().map(kept).collect();
    // A file that the rule names and that cannot be read is not clean.
    for (path, reason) in &files.faults {
        if rule.names(path) && kept.iter().all(|it| it.path != *path) {
            kept.push(Kept {
                path: path.clone(),
                state: CheckState::Unknown.as_str().to_owned(),
                line: None,
                summary: String::new(),
                evidence: reason.clone(),
            });
        }
    }
    Ok(kept)
}

fn kept(it: BuildCheck) -> Kept {
    let BuildCheck { path, line, summary, evidence, .. } = it;
    Kept { path, state: it.state.as_str().to_owned(), line, summary, evidence }
}

fn answer(it: &Kept) -> (String, Answer) {
    let place = it.line.map_or(String::new(), |line| format!("line {line}: "));
    let answer = match &*it.state {
        "safe" => Answer::Clean,
        "affected" | "mixed" => {
            Answer::Affected(vec![format!("{place}{} ({})", it.evidence.trim(), it.summary)])
        }
        _ => Answer::Unknown(format!("{place}{}", it.evidence)),
    };
    (it.path.clone(), answer)
}

/// What cannot be used is asked anew.
fn load(path: &Path) -> Cache {
    let is_small = fs::metadata(path).is_ok_and(|it| it.len() <= MAX_BYTES);
    let bytes = if is_small { fs::read(path).ok() } else { None };
    let cache = bytes.and_then(|it| serde_json::from_slice::<Cache>(&it).ok());
    if let Some(cache) = cache.filter(|it| it.schema == SCHEMA) {
        return cache;
    }
    if path.exists() {
        warn(&format!("`{}` is made anew", path.display()));
    }
    Cache::default()
}

fn store(path: &Path, cache: &Cache) -> Result<(), RulesError> {
    let failed = |source| RulesError::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    serde_json::to_writer(&mut file, cache).map_err(|it| failed(it.into()))?;
    file.flush().map_err(failed)?;
    file.persist(path).map_err(|it| failed(it.error))?;
    Ok(())
}
