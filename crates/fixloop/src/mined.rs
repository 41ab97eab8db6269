//! Mining the repositories that a command was given: the same for `history`, `okr baseline` and `evidence`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;
use std::{env, fs};

use clap::Args;
use fixloop_exposure::EarlyEnd;
use fixloop_history::{Gap, History, HistoryError, Options, Owners, history, repository_name};
use fixloop_match::Known;
use fixloop_model::{Exposure, Opportunity, Timestamp};
use jiff::civil::Date;
use jiff::tz::Offset;
use rayon::prelude::*;

use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::progress::Progress;
use crate::teams::TeamMapping;

/// Which repositories, and how they are read
#[derive(Args)]
pub(crate) struct MiningArguments {
    /// Git repositories, bare or with a work tree
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The branch to read [default: the remote's default branch if known, else HEAD]
    #[arg(long)]
    branch: Option<String>,
    #[command(flatten)]
    index: IndexArgument,
    /// Look at nothing later than the end of this day (UTC), as if it were that day [default: now]
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// A registry that serves the public registry's packages unchanged (repeatable)
    #[arg(long = "mirror", value_name = "HOST")]
    mirrors: Vec<String>,
    /// Where what was read is remembered [default: the user's cache folder]
    #[arg(long, value_name = "DIR", env = "FIXLOOP_CACHE")]
    cache: Option<PathBuf>,
    /// Read everything anew and remember nothing
    #[arg(long)]
    no_cache: bool,
    /// Teams from CODEOWNERS [default: each repository counts as a team]
    #[arg(long)]
    by_team: bool,
    /// Teams from a CSV file with the columns repository, path (optional) and team; patterns such as `web-*` are understood
    #[arg(long, value_name = "FILE")]
    teams: Option<PathBuf>,
}

/// Everything that the repositories' histories say.
#[derive(Default)]
pub(crate) struct Mined {
    pub(crate) repositories: Vec<Repository>,
    pub(crate) exposures: Vec<Exposure>,
    /// Their exposures are places in `exposures`.
    pub(crate) opportunities: Vec<Opportunity>,
    pub(crate) gaps: Vec<Gap>,
    /// Of each target: when it was first and last there.
    pub(crate) target_times: Vec<(Timestamp, Timestamp)>,
    /// Affected versions that went before anybody knew.
    pub(crate) early_ends: Vec<EarlyEnd>,
    pub(crate) cut: Timestamp,
    /// Where the teams come from, in words.
    pub(crate) teams: String,
}

pub(crate) struct Repository {
    pub(crate) name: String,
    /// Or why nothing of it could be read.
    pub(crate) history: Result<History, String>,
}

impl MiningArguments {
    /// Reads all repositories; one that cannot be read is unknown and stops no other.
    pub(crate) fn mine(&self) -> Result<Mined, CommandError> {
        let index = self.index.open()?;
        let known = Known::of_all_times(&index);
        let cut = self.cut()?;
        let mirrors: Vec<String> = self.mirrors.iter().map(|it| it.to_ascii_lowercase()).collect();
        let options = Options {
            branch: self.branch.as_deref(),
            cache: self.cache(),
            fingerprint: fingerprint(),
            known: &known,
            mirrors: &mirrors,
            cut,
        };
        if self.paths.is_empty() {
            let message = "no repository named".to_owned();
            return Err(CommandError::from(std::io::Error::other(message))
                .hint("fixloop history PATH… reads git repositories"));
        }
        let progress = Progress::new("files read");
        let n_read = AtomicUsize::new(0);
        let tell = |_: usize, _: usize| {
            progress.set(n_read.fetch_add(1, Ordering::Relaxed) as u64 + 1);
        };
        let named = names(&self.paths);
        let read =
            named.par_iter().map(|(name, path)| (name, history(path, name, &options, &tell)));
        let read: Vec<(&String, Result<History, HistoryError>)> = read.collect();
        progress.finish();
        let mut mined = Mined { cut, ..Mined::default() };
        for (name, result) in read {
            match result {
                Ok(history) => mined.add(history),
                Err(HistoryError::Index(error)) => return Err(error.into()),
                Err(error @ HistoryError::Repository(_)) => {
                    mined.add_unknown(name, error.to_string())
                }
            }
        }
        self.tell_teams(&mut mined)?;
        Ok(mined)
    }

    fn tell_teams(&self, mined: &mut Mined) -> Result<(), CommandError> {
        let mapping = self.teams.as_deref().map(TeamMapping::read).transpose()?;
        let owners: HashMap<&str, &Owners> = mined
            .repositories
            .iter()
            .filter_map(|it| Some((&*it.name, it.history.as_ref().ok()?.owners.as_ref()?)))
            .collect();
        for it in &mut mined.opportunities {
            let path = it.target.strip_prefix(&*it.repository).map_or("", |it| &it[1..]);
            let mapped = mapping.as_ref().and_then(|known| known.team(&it.repository, path));
            let owner = || owners.get(&*it.repository)?.of(path).map(str::to_owned);
            let owned = if self.by_team { owner() } else { None };
            it.team = Some(mapped.or(owned).unwrap_or_else(|| it.repository.clone()));
        }
        mined.teams = match (&self.teams, self.by_team) {
            (Some(file), false) => {
                format!("teams by {}; elsewhere, each repository is one", file.display())
            }
            (Some(file), true) => format!(
                "teams by {}, then CODEOWNERS; elsewhere, each repository is one",
                file.display()
            ),
            (None, true) => {
                "teams by CODEOWNERS; where that names none, each repository is one".to_owned()
            }
            (None, false) => {
                "each repository counts as a team (--by-team or --teams FILE names them)".to_owned()
            }
        };
        Ok(())
    }

    fn cut(&self) -> Result<Timestamp, CommandError> {
        let now = jiff::Timestamp::now();
        let until = self.until.map(|day| Offset::UTC.to_timestamp(day.at(23, 59, 59, 999_999_000)));
        let cut = until.transpose()?.map_or(now, |it| it.min(now));
        Ok(Timestamp(cut.as_microsecond()))
    }

    fn cache(&self) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        let absolute =
            |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let user = || {
            let cache = absolute("XDG_CACHE_HOME")
                .or_else(|| absolute("LOCALAPPDATA"))
                .or_else(|| absolute("HOME").map(|it| it.join(".cache")));
            cache.map(|it| it.join("fixloop").join("history"))
        };
        self.cache.clone().or_else(user)
    }
}

/// Of the running program: another build may read files otherwise.
fn fingerprint() -> u64 {
    let of = |path: PathBuf| {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(metadata.len().rotate_left(32) ^ modified.as_micros() as u64)
    };
    env::current_exe().ok().and_then(of).unwrap_or(0)
}

/// Each path with a name of its own: the folder's, with those above where two are alike.
fn names(paths: &[PathBuf]) -> Vec<(String, PathBuf)> {
    let mut n_of: HashMap<String, usize> = HashMap::new();
    for path in paths {
        *n_of.entry(repository_name(path)).or_default() += 1;
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    let named = paths.iter().map(|path| {
        let name = repository_name(path);
        let name = if n_of[&name] > 1 { longer_name(path, name) } else { name };
        let n = taken.entry(name.clone()).or_default();
        *n += 1;
        (if *n == 1 { name } else { format!("{name}-{n}") }, path.clone())
    });
    named.collect()
}

fn longer_name(path: &Path, name: String) -> String {
    let resolved = path.canonicalize();
    let above = resolved.as_deref().unwrap_or(path).parent();
    match above.and_then(Path::file_name) {
        Some(above) => format!("{}/{name}", above.to_string_lossy()),
        None => name,
    }
}

impl Mined {
    pub(crate) fn histories(&self) -> impl Iterator<Item = &History> {
        self.repositories.iter().filter_map(|it| it.history.as_ref().ok())
    }

    fn add(&mut self, mut history: History) {
        let n_before = self.exposures.len();
        let mut found = std::mem::take(&mut history.exposures);
        history.exposures.n_targets = found.n_targets;
        for opportunity in &mut found.opportunities {
            for place in &mut opportunity.exposures {
                *place += n_before;
            }
        }
        self.exposures.append(&mut found.exposures);
        self.opportunities.append(&mut found.opportunities);
        self.target_times.append(&mut found.target_times);
        self.early_ends.append(&mut found.early_ends);
        self.gaps.append(&mut history.gaps);
        for (target, time) in found.quarantined {
            let (repository, path) = target.split_once(':').unwrap_or((&target, ""));
            self.gaps.push(Gap {
                repository: repository.to_owned(),
                path: Some(path.to_owned()),
                commit: None,
                time: Some(time),
                reason: "lost most of its components at once: closes nothing until that has stood for 14 days"
                    .to_owned(),
            });
        }
        let name = history.repository.clone();
        self.repositories.push(Repository { name, history: Ok(history) });
    }

    fn add_unknown(&mut self, name: &str, reason: String) {
        let (repository, path) = (name.to_owned(), None);
        let gap = Gap { repository, path, commit: None, time: None, reason: reason.clone() };
        self.gaps.push(gap);
        self.repositories.push(Repository { name: name.to_owned(), history: Err(reason) });
    }
}
