//! Mining the repositories that a command was given: the same for `history`, `okr baseline` and `evidence`.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;
use std::{env, fs};

use clap::Args;
use fixloop_exposure::EarlyEnd;
use fixloop_fleet::{Fleet, FleetRepository, Status, Teams, TeamsError, read_teams};
use fixloop_history::{Gap, History, HistoryError, Options, Owners, history, repository_name};
use fixloop_index::IndexError;
use fixloop_match::Known;
use fixloop_model::{Class, Exposure, Opportunity, Timestamp};
use fixloop_program::evidence::{self, Measure, known_at_introduction, upgrade_regressions};
use fixloop_readout::{Ages, Input, Readout, Row, TIME_TO_FIX, readout};
use jiff::civil::Date;
use jiff::tz::Offset;
use rayon::prelude::*;
use thiserror::Error;

use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::progress::Progress;
use crate::today::exact_now;

/// Which repositories, and how they are read
#[derive(Args)]
pub(crate) struct MiningArguments {
    /// Git repositories, bare or with a work tree
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read the mirrors of a fleet, too: the folder that fixloop fleet sync writes
    #[arg(long, value_name = "DIR")]
    fleet: Option<PathBuf>,
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
    /// Nothing later is looked at: what a look of an experiment froze.
    #[arg(skip)]
    frozen_cut: Option<Timestamp>,
}

/// Half a year, in microseconds.
const QUIET: i64 = 182 * 86_400_000_000;

/// Repositories that are named before the rest is counted.
const MAX_UNKNOWN: usize = 5;

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
    /// Of each target: its repository's place, and the paths of its files.
    pub(crate) target_files: Vec<(usize, Vec<String>)>,
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
            is_replay: self.until.is_some() || self.frozen_cut.is_some() || crate::today::is_set(),
        };
        let sources = self.sources()?;
        let progress = Progress::new("files read");
        let n_read = AtomicUsize::new(0);
        let tell = |_: usize, _: usize| {
            progress.set(n_read.fetch_add(1, Ordering::Relaxed) as u64 + 1);
        };
        let read = sources.par_iter().map(|it| it.read(&options, &tell));
        let read: Vec<Result<Result<History, String>, CommandFault>> = read.collect();
        progress.finish();
        let mut mined = Mined { cut, ..Mined::default() };
        for (source, result) in sources.iter().zip(read) {
            match result.map_err(|it| it.0)? {
                Ok(history) => mined.add(history),
                Err(reason) => mined.add_unknown(&source.name, reason),
            }
            if let Some(reason) = &source.stale {
                mined.gaps.push(Gap {
                    repository: source.name.clone(),
                    path: None,
                    commit: None,
                    time: source.seen,
                    reason: format!("the mirror is stale, nothing later is known: {reason}"),
                });
            }
            if let Some(team) = &source.team {
                let of_it =
                    mined.opportunities.iter_mut().filter(|it| it.repository == source.name);
                of_it.for_each(|it| it.team = Some(team.clone()));
            }
        }
        self.tell_teams(&mut mined)?;
        Ok(mined)
    }

    /// What a data directory holds, where nothing else was named.
    pub(crate) fn or_of(&mut self, folder: &Path, cut: Option<Timestamp>) {
        let mirrors = folder.join("fleet");
        if self.paths.is_empty() && self.fleet.is_none() && mirrors.exists() {
            self.fleet = Some(mirrors);
        }
        let index = folder.join("advisories.index");
        if index.exists() {
            self.index.or(index);
        }
        self.cache = self.cache.take().or_else(|| Some(folder.join("cache")));
        self.frozen_cut = cut;
    }

    /// The mirrors of a data directory.
    pub(crate) fn of_data(folder: &Path, cut: Option<Timestamp>) -> Self {
        let mut arguments = Self {
            paths: Vec::new(),
            fleet: None,
            branch: None,
            index: IndexArgument::default(),
            until: None,
            mirrors: Vec::new(),
            cache: None,
            no_cache: false,
            by_team: false,
            teams: None,
            frozen_cut: None,
        };
        arguments.or_of(folder, cut);
        arguments
    }

    /// `--teams 12`: a number where a mapping could stand, for a command that asks how many there are.
    pub(crate) fn take_number_of_teams(&mut self) -> Option<u32> {
        let written = self.teams.as_deref().filter(|it| !it.exists())?;
        let number = written.to_str()?.parse().ok()?;
        self.teams = None;
        Some(number)
    }

    /// Repositories named and those of the fleet.
    fn sources(&self) -> Result<Vec<Source>, CommandError> {
        let mut sources: Vec<Source> =
            names(&self.paths).into_iter().map(|(name, path)| Source::of(name, path)).collect();
        if let Some(folder) = &self.fleet {
            let fleet = Fleet::open(folder).map_err(|error| {
                let hint = format!("fixloop fleet sync FILE --into {} makes it", folder.display());
                CommandError::from(error).hint(hint)
            })?;
            sources.extend(fleet.repositories.into_iter().map(Source::of_fleet));
        }
        if sources.is_empty() {
            return Err(CommandError::from(NoRepository)
                .hint("name git repositories (PATH…), or a fleet (--fleet DIR)"));
        }
        Ok(sources)
    }

    fn tell_teams(&self, mined: &mut Mined) -> Result<(), CommandError> {
        let mapping = self.teams.as_deref().map(read_mapping).transpose()?;
        let owners: HashMap<&str, &Owners> = mined
            .repositories
            .iter()
            .filter_map(|it| Some((&*it.name, it.history.as_ref().ok()?.owners.as_ref()?)))
            .collect();
        for it in &mut mined.opportunities {
            let path = it.target.strip_prefix(&*it.repository).map_or("", |it| &it[1..]);
            let mapped =
                mapping.as_ref().and_then(|known| known.team_of_file(&it.repository, path));
            let mapped = mapped.map(str::to_owned);
            let owner = || owners.get(&*it.repository)?.of(path).map(str::to_owned);
            let owned = if self.by_team { owner() } else { None };
            let listed = it.team.take();
            it.team = Some(mapped.or(owned).or(listed).unwrap_or_else(|| it.repository.clone()));
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
        if let Some(cut) = self.frozen_cut {
            return Ok(cut);
        }
        let now = exact_now();
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

#[derive(Debug, Error)]
enum MappingError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{}` cannot be used", path.display())]
    Teams { path: PathBuf, source: TeamsError },
}

fn read_mapping(path: &Path) -> Result<Teams, MappingError> {
    let text = fs::read_to_string(path)
        .map_err(|source| MappingError::Read { path: path.to_owned(), source })?;
    read_teams(&text).map_err(|source| MappingError::Teams { path: path.to_owned(), source })
}

#[derive(Debug, Error)]
#[error("no repository named")]
struct NoRepository;

#[derive(Debug, Error)]
#[error("no repository could be read: {0}")]
struct NothingRead(String);

/// A failure that ends the run, from another thread.
struct CommandFault(IndexError);

/// One repository to be read.
struct Source {
    name: String,
    path: PathBuf,
    team: Option<String>,
    /// Why nothing of it can be read.
    unknown: Option<String>,
    /// Why its mirror was not brought up to date.
    stale: Option<String>,
    /// When the mirror was last known to be what the host has.
    seen: Option<Timestamp>,
}

impl Source {
    fn of(name: String, path: PathBuf) -> Self {
        Self { name, path, team: None, unknown: None, stale: None, seen: None }
    }

    fn of_fleet(it: FleetRepository) -> Self {
        let reason = || it.reason.clone().unwrap_or_else(|| "not fetched".to_owned());
        Self {
            unknown: (it.status == Status::Unknown).then(reason),
            stale: (it.status == Status::Stale).then(reason),
            seen: it.synced_at.map(|it| Timestamp(it.as_microsecond())),
            name: it.name,
            path: it.git_dir,
            team: it.team,
        }
    }

    /// The inner error says why nothing of it is known.
    fn read(
        &self,
        options: &Options<'_>,
        tell: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Result<History, String>, CommandFault> {
        if let Some(reason) = &self.unknown {
            return Ok(Err(reason.clone()));
        }
        // What a mirror that was not brought up to date still shows was true when it last was.
        let cut = self.seen.map_or(options.cut, |it| it.min(options.cut));
        let options = Options { cut, cache: options.cache.clone(), ..*options };
        match history(&self.path, &self.name, &options, tell) {
            Ok(history) => Ok(Ok(history)),
            Err(HistoryError::Index(error)) => Err(CommandFault(error)),
            Err(error @ HistoryError::Repository(_)) => Ok(Err(error.to_string())),
        }
    }
}

/// Of the running program: another build may read files otherwise.
pub(crate) fn fingerprint() -> u64 {
    let of = |path: PathBuf| {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(
            metadata.len().rotate_left(32)
                ^ modified.as_secs()
                ^ u64::from(modified.subsec_nanos()),
        )
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
    /// Time to fix over everything mined, by the one definition.
    pub(crate) fn readout(&self) -> Readout {
        readout(Input {
            subject: self.subject(),
            definition: TIME_TO_FIX,
            ages: Ages::default(),
            rows: self.rows(),
            cut: Some(self.cut),
            target_times: self.target_times.clone(),
            facts: self.facts(),
            limits: self.limits(),
        })
    }

    /// What statistics count: opportunities of malicious and vulnerable packages.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &Opportunity> {
        self.opportunities.iter().filter(|it| it.class <= Class::Vulnerability)
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.counted().map(Row::of_opportunity).collect()
    }

    pub(crate) fn subject(&self) -> String {
        let n_read = self.histories().count();
        let n_unknown = self.repositories.len() - n_read;
        let n_commits: usize = self.histories().map(|it| it.n_commits).sum();
        let unknown = if n_unknown == 0 { String::new() } else { format!(", {n_unknown} unknown") };
        match (&*self.repositories, n_read) {
            ([one], 1) => format!("{}: {n_commits} commits", one.name),
            _ => format!("{n_read} repositories{unknown}: {n_commits} commits"),
        }
    }

    /// Vulnerabilities without any date, each once.
    pub(crate) fn undated(&self) -> BTreeSet<&str> {
        self.histories().flat_map(|it| &it.undated).map(|it| &**it).collect()
    }

    /// For outputs that would say nothing without any repository.
    pub(crate) fn expect_any(&self) -> Result<(), CommandError> {
        if self.histories().next().is_some() {
            return Ok(());
        }
        let reason = self.gaps.first().map_or("nothing was named", |it| &it.reason);
        let others = self.gaps.len().saturating_sub(1);
        let hint = match others {
            0 => "name a git repository, bare or with a work tree".to_owned(),
            n => format!("{n} more could not be read either; --format json lists them all"),
        };
        Err(CommandError::from(NothingRead(reason.to_owned())).hint(hint))
    }

    /// Why nothing of a repository is known, said once: it is neither clean nor counted.
    pub(crate) fn tell_unknown(&self) {
        let unknown =
            self.repositories.iter().filter_map(|it| Some((it, it.history.as_ref().err()?)));
        let unknown: Vec<String> =
            unknown.map(|(it, reason)| format!("{}: {reason}", it.name)).collect();
        for it in unknown.iter().take(MAX_UNKNOWN) {
            crate::error::warn(&format!("unknown: {it}"));
        }
        if let Some(more) = unknown.len().checked_sub(MAX_UNKNOWN).filter(|it| *it > 0) {
            crate::error::warn(&format!("unknown: {more} more repositories"));
        }
    }

    pub(crate) fn has_unknown(&self) -> bool {
        self.repositories.iter().any(|it| it.history.is_err())
    }

    /// A cache that cannot be written costs the next run time, and nothing else.
    pub(crate) fn tell_cache_faults(&self) {
        let mut faults = self.histories().filter_map(|it| it.cache_fault.as_ref());
        if let Some(first) = faults.next() {
            let text = format!("warning: what was read could not be remembered: {first}");
            crate::error::warn(&text);
        }
    }

    /// The newest commit that was read.
    pub(crate) fn last_commit(&self) -> Option<Timestamp> {
        self.histories().filter_map(|it| it.last).max()
    }

    /// As evidence queries take it; `counted` are its counted opportunities.
    pub(crate) fn evidence<'a>(&'a self, counted: &'a [&'a Opportunity]) -> evidence::Mined<'a> {
        evidence::Mined { opportunities: counted, exposures: &self.exposures, cut: self.cut }
    }

    /// Upgrades of a vulnerable package that were undone, of all.
    pub(crate) fn regressions(&self) -> Measure {
        let counted: Vec<&Opportunity> = self.counted().collect();
        let mined = self.evidence(&counted);
        upgrade_regressions::upgrade_regressions(mined, upgrade_regressions::LINES).measure
    }

    /// Packages that came in when their advisory was already public, of those of which that is known.
    pub(crate) fn known_at_introduction(&self) -> Measure {
        let counted: Vec<&Opportunity> = self.counted().collect();
        let mined = self.evidence(&counted);
        known_at_introduction::known_at_introduction(mined, known_at_introduction::LINES).measure
    }

    fn facts(&self) -> Vec<(String, String)> {
        let (undone, known) = (self.regressions(), self.known_at_introduction());
        vec![
            ("targets".to_owned(), self.target_times.len().to_string()),
            ("teams".to_owned(), self.teams.clone()),
            (
                "upgrade regressions".to_owned(),
                format!(
                    "{} of {} upgrades of a vulnerable package were undone within 14 days",
                    undone.x, undone.n
                ),
            ),
            (
                "known at introduction".to_owned(),
                format!(
                    "{} of {} vulnerable packages came in when their advisory was already public",
                    known.x, known.n
                ),
            ),
            (
                "gone before disclosure".to_owned(),
                format!(
                    "{} affected versions went before their advisory was published, and are in no number",
                    self.early_ends.len()
                ),
            ),
        ]
    }

    fn limits(&self) -> Vec<String> {
        let mut limits = Vec::new();
        if !self.gaps.is_empty() {
            limits.push(format!("What could not be read is unknown, and neither a fix nor an introduction: gaps at {} places.", self.gaps.len()));
        }
        let n_quiet = self
            .histories()
            .filter(|it| it.last.is_some_and(|it| self.cut.0 - it.0 > QUIET))
            .count();
        if n_quiet > 0 {
            limits.push(format!("{n_quiet} repositories had no commit of these files for half a year: if they are abandoned, their open packages stretch every time to fix."));
        }
        let n_unmatched: usize = self.histories().map(|it| it.n_unmatched).sum();
        if n_unmatched > 0 {
            limits.push(format!("{n_unmatched} components were matched with nothing: no version told, or a registry that may not mirror the public one."));
        }
        let undated = self.undated();
        if !undated.is_empty() {
            limits.push(format!(
                "{} vulnerabilities tell no date, so their exposures are unknown and in no number: {}.",
                undated.len(),
                undated.iter().take(3).copied().collect::<Vec<_>>().join(", ") + if undated.len() > 3 { ", …" } else { "" },
            ));
        }
        let n_corrected: usize = self.histories().map(|it| it.n_corrected_clocks).sum();
        if n_corrected > 0 {
            limits.push(format!("{n_corrected} commits had impossible times and were clamped between their neighbors."));
        }
        limits.push("Commit times are those of the default branch: what was fixed on another branch counts when it lands, and a release still may come later.".to_owned());
        limits
    }

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
        let place = self.repositories.len();
        self.target_files.extend(found.target_paths.drain(..).map(|it| (place, it)));
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
