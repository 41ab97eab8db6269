//! What became of each target, look after look.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// How a target stands. Only a later commit that is clean makes it fixed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetState {
    Affected,
    /// It was affected in this campaign, and a later commit is clean.
    Fixed,
    /// It was never seen affected in this campaign.
    Clean,
    /// It could not be read or decided, or its mirror vanished or is stale.
    Unknown,
}

impl TargetState {
    pub const ALL: &[Self] = &[Self::Affected, Self::Fixed, Self::Clean, Self::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Fixed => "fixed",
            Self::Clean => "clean",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for TargetState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the newest commit of a repository says of one target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    pub repository: String,
    pub team: String,
    /// Nothing if it is about the repository as a whole: that is unknown.
    pub path: Option<String>,
    pub answer: Answer,
    /// When the commit was made.
    pub committed_at: Option<i64>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// With what shows it.
    Affected(Vec<String>),
    Clean,
    /// Why.
    Unknown(String),
}

/// A target as of a look.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub repository: String,
    pub team: String,
    pub path: Option<String>,
    pub state: TargetState,
    /// What shows that it is affected, as last seen.
    pub evidence: Vec<String>,
    /// Why it is unknown.
    pub reason: Option<String>,
    /// Since when the campaign knows it to be affected; the moment that it was opened for what was there then.
    pub affected_since: Option<i64>,
    pub fixed_at: Option<i64>,
}

impl Target {
    /// `payments/shop:package-lock.json`.
    pub fn name(&self) -> String {
        match &self.path {
            Some(path) => format!("{}:{path}", self.repository),
            None => self.repository.clone(),
        }
    }

    /// Last known to be affected, also where nothing is known of it now.
    pub fn is_open(&self) -> bool {
        self.affected_since.is_some() && self.fixed_at.is_none()
    }

    fn key(&self) -> Key {
        (self.repository.clone(), self.path.clone())
    }
}

type Key = (String, Option<String>);

/// The targets after a look, by repository and path.
///
/// `before` are those after the look before; `since` is the moment of that look, or that of opening for the first one. A file that is gone is
/// fixed, unless another one of its repository appeared that is affected or unknown: then it moved there, and the clock goes on.
pub fn follow(before: &[Target], seen: &[Seen], since: i64, now: i64) -> Vec<Target> {
    let known: BTreeMap<Key, &Target> = before.iter().map(|it| (it.key(), it)).collect();
    let repositories: BTreeMap<&str, Option<&Seen>> =
        seen.iter().fold(BTreeMap::new(), |mut all, it| {
            let whole = it.path.is_none().then_some(it);
            let known = all.entry(&*it.repository).or_insert(None);
            *known = known.or(whole);
            all
        });
    let moment = |it: &Seen| it.committed_at.unwrap_or(now).clamp(since.min(now), now);
    let is_first = before.is_empty();
    let mut targets: BTreeMap<Key, Target> = BTreeMap::new();
    for it in seen {
        let key = (it.repository.clone(), it.path.clone());
        let at = if is_first { since } else { moment(it) };
        targets.insert(key.clone(), next(known.get(&key).copied(), it, at));
    }
    let mut moved: BTreeMap<String, i64> = BTreeMap::new();
    for (key, was) in &known {
        if targets.contains_key(key) {
            continue;
        }
        let repository = repositories.get(&*was.repository);
        let reason = match repository {
            Some(None) if was.path.is_none() => continue,
            Some(None) => {
                let appeared = appeared(&was.repository, &targets, &known);
                match gone(was, appeared, &mut moved, now) {
                    Some(target) => targets.insert(key.clone(), target),
                    None => None,
                };
                continue;
            }
            Some(Some(whole)) => match &whole.answer {
                Answer::Unknown(reason) => reason.clone(),
                _ => "the repository as a whole was answered for".to_owned(),
            },
            None => "the repository is no longer in the fleet".to_owned(),
        };
        targets.insert(key.clone(), unknown((*was).clone(), reason));
    }
    for target in targets.values_mut() {
        let is_new = !known.contains_key(&target.key());
        if let Some(since) =
            moved.get(&target.repository).filter(|_| is_new && target.state != TargetState::Clean)
        {
            target.affected_since = Some(target.affected_since.map_or(*since, |it| it.min(*since)));
        }
    }
    // A repository that is unknown as a whole is told by its targets, where it has any.
    let with_paths: BTreeSet<String> =
        targets.values().filter(|it| it.path.is_some()).map(|it| it.repository.clone()).collect();
    targets.retain(|key, _| key.1.is_some() || !with_paths.contains(&key.0));
    targets.into_values().collect()
}

fn next(was: Option<&Target>, seen: &Seen, at: i64) -> Target {
    let fresh = Target {
        repository: seen.repository.clone(),
        team: seen.team.clone(),
        path: seen.path.clone(),
        state: TargetState::Clean,
        evidence: Vec::new(),
        reason: None,
        affected_since: None,
        fixed_at: None,
    };
    let before =
        was.map_or(fresh, |it| Target { team: seen.team.clone(), reason: None, ..it.clone() });
    match &seen.answer {
        Answer::Affected(evidence) => {
            let since = if before.is_open() { before.affected_since } else { Some(at) };
            Target {
                state: TargetState::Affected,
                evidence: evidence.clone(),
                affected_since: since,
                fixed_at: None,
                ..before
            }
        }
        Answer::Clean if before.is_open() => {
            Target { state: TargetState::Fixed, fixed_at: Some(at), ..before }
        }
        Answer::Clean if before.fixed_at.is_some() => {
            Target { state: TargetState::Fixed, ..before }
        }
        Answer::Clean => Target { state: TargetState::Clean, ..before },
        Answer::Unknown(reason) => unknown(before, reason.clone()),
    }
}

/// What was fixed and cannot be read now may be affected again, so that it is not called fixed.
fn unknown(was: Target, reason: String) -> Target {
    Target { state: TargetState::Unknown, reason: Some(reason), ..was }
}

/// Whether a target of this repository appeared that is not clean.
fn appeared(
    repository: &str,
    targets: &BTreeMap<Key, Target>,
    known: &BTreeMap<Key, &Target>,
) -> bool {
    targets.iter().any(|(key, it)| {
        key.0 == repository && !known.contains_key(key) && it.state != TargetState::Clean
    })
}

/// A target whose file is gone from a repository that can be read.
fn gone(
    was: &Target,
    appeared: bool,
    moved: &mut BTreeMap<String, i64>,
    now: i64,
) -> Option<Target> {
    match was.affected_since {
        Some(since) if was.fixed_at.is_none() && appeared => {
            let known = moved.entry(was.repository.clone()).or_insert(since);
            *known = since.min(*known);
            None
        }
        Some(_) => {
            let fixed_at = was.fixed_at.or(Some(now));
            Some(Target { state: TargetState::Fixed, fixed_at, reason: None, ..was.clone() })
        }
        // Nothing was wrong with it, and it is no target any more.
        None => None,
    }
}

#[cfg(test)]
mod tests;
