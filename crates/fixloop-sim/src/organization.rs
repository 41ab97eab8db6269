//! Teams, repositories and advisories together, day after day.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::alerts;
use crate::calendar::{Calendar, LOOKS};
use crate::catalog::{Catalog, USED};
use crate::files;
use crate::host::{self, Paths, SimError};
use crate::measured;
use crate::opening::Pace;
use crate::osv;
use crate::random::frailty;
use crate::repository::{Landed, Planted, Rates, Repository, Team};
use crate::settings::Settings;
use crate::work::{Moment, Shown, Work};

/// Streams of the random numbers: the catalog's, then of each team's a few.
const CATALOG_STREAM: u64 = 0;
const STREAMS_PER_TEAM: u64 = 8;

/// Repositories of a team: one to three.
const REPOSITORIES: [&str; 3] = ["api", "web", "jobs"];
const MEAN_REPOSITORIES: f64 = 2.0;

const WORKING_DAYS: f64 = 5.0;

/// A repository as the organisation's list has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RepositoryInfo {
    pub name: String,
    pub team: String,
    /// Bare; its address in `repositories.csv`.
    pub git_dir: PathBuf,
    pub manifest: &'static str,
    pub lockfile: &'static str,
}

pub struct Organization {
    folder: PathBuf,
    calendar: Calendar,
    catalog: Catalog,
    repositories: Vec<Repository>,
    /// The day that has not ended yet.
    today: i32,
    /// Of today, once it began.
    work: Option<Vec<Work>>,
    n_advisories_written: usize,
}

impl Organization {
    /// Makes the organisation in an empty folder and lets its past happen; the first day to come is day 0.
    pub fn new(folder: &Path, seed: u64, settings: &Settings) -> Result<Self, SimError> {
        check(settings)?;
        host::create_folder(folder)?;
        let folder = folder
            .canonicalize()
            .map_err(|source| SimError::Write { path: folder.to_owned(), source })?;
        host::create_folder(&folder.join("advisories"))?;
        let calendar = Calendar::new(settings.start);
        let first_day = 0i32.saturating_sub_unsigned(settings.history_days);
        let a_week = settings.findings_per_week / MEAN_REPOSITORIES;
        let disclosed_later = a_week * (1.0 - settings.known_at_introduction);
        let rate = disclosed_later / (1.0 - measured::JOINED) / (7.0 * USED);
        let mut catalog = Catalog::new(rng_of(seed, CATALOG_STREAM), rate, first_day);
        catalog.tell(-1);
        let mut repositories: Vec<Repository> = (0..settings.n_teams)
            .flat_map(|it| team(&folder, seed, it, (settings, calendar), (&catalog, first_day)))
            .collect();
        repositories.par_iter_mut().try_for_each(|it| {
            for day in first_day..0 {
                it.begin(&catalog, day);
                it.finish(&catalog, day);
            }
            host::create(&it.git_dir)?;
            push(it)
        })?;
        let (today, work, n_advisories_written) = (0, None, 0);
        let mut organization =
            Self { folder, calendar, catalog, repositories, today, work, n_advisories_written };
        host::write(&organization.folder.join("repositories.csv"), organization.list())?;
        organization.write_advisories(-1)?;
        Ok(organization)
    }

    /// The day that is about to happen.
    pub fn today(&self) -> i32 {
        self.today
    }

    pub fn date(&self, day: i32) -> Date {
        self.calendar.date(day)
    }

    /// Midnight, at which the day begins.
    pub fn midnight(&self, day: i32) -> Timestamp {
        self.calendar.at(f64::from(day))
    }

    pub fn advisories_folder(&self) -> PathBuf {
        self.folder.join("advisories")
    }

    /// Name, url and team of each repository, as `fixloop fleet sync` reads it.
    pub fn repositories_csv(&self) -> PathBuf {
        self.folder.join("repositories.csv")
    }

    pub fn repositories(&self) -> impl Iterator<Item = RepositoryInfo> {
        self.repositories.iter().map(|it| RepositoryInfo {
            name: it.name.clone(),
            team: it.team.clone(),
            git_dir: it.git_dir.clone(),
            manifest: files::manifest_path(it.ecosystem),
            lockfile: files::lockfile_path(it.ecosystem),
        })
    }

    /// What developers have open today. The advisories of the morning are in the folder by then.
    pub fn work(&mut self) -> Result<&[Work], SimError> {
        if self.work.is_none() {
            self.catalog.tell(self.today);
            self.write_advisories(self.today)?;
            let (catalog, today) = (&self.catalog, self.today);
            self.repositories.iter_mut().for_each(|it| it.begin(catalog, today));
            let worked_on = self.repositories.iter().filter(|it| it.is_worked_on());
            let work = worked_on.map(|it| self.work_of(it));
            self.work = Some(work.collect());
        }
        Ok(self.work.as_deref().unwrap_or_default())
    }

    /// Lets the days before `until` happen, with nothing written to the repositories yet. `was_alerted` is asked, for what developers
    /// have open, whether their team is shown the exposure; once it was, not again.
    pub fn live(
        &mut self,
        until: i32,
        was_alerted: &mut dyn FnMut(&Shown) -> bool,
    ) -> Result<Vec<Landed>, SimError> {
        let mut landed = Vec::new();
        while self.today < until {
            self.work()?;
            let work = self.work.take().unwrap_or_default();
            let mut of_day = work.iter().peekable();
            for repository in &mut self.repositories {
                let Some(work) = of_day.next_if(|it| it.repository == repository.name) else {
                    continue;
                };
                for it in &work.exposures {
                    let is_first = it.moment == Moment::FirstReference;
                    let is_new = is_first || !repository.was_alerted(&self.catalog, &it.package);
                    if is_new && was_alerted(it) {
                        repository.alert(&self.catalog, self.today, &it.package, is_first);
                    }
                }
            }
            let (catalog, today) = (&self.catalog, self.today);
            landed.extend(self.repositories.iter_mut().flat_map(|it| it.finish(catalog, today)));
            self.today += 1;
        }
        landed.sort_by_key(|it| it.at);
        Ok(landed)
    }

    /// Writes what happened to the default branches.
    pub fn push(&mut self) -> Result<(), SimError> {
        self.repositories.par_iter_mut().try_for_each(push)
    }

    /// [`Organization::live`], then [`Organization::push`].
    pub fn advance(
        &mut self,
        until: i32,
        was_alerted: &mut dyn FnMut(&Shown) -> bool,
    ) -> Result<Vec<Landed>, SimError> {
        let landed = self.live(until, was_alerted)?;
        self.push()?;
        Ok(landed)
    }

    /// The alerts that the host's own scanner has given until today, as `fixloop import alerts` reads them.
    pub fn alerts_json(&self) -> String {
        let until = f64::from(self.today);
        alerts::list(&self.repositories, &self.catalog, self.calendar, until).to_string()
    }

    /// What was planted until now.
    pub fn planted(&self) -> Planted {
        let all = self.repositories.iter().map(|it| it.planted);
        all.fold(Planted::default(), |sum, it| Planted {
            n_opportunities: sum.n_opportunities + it.n_opportunities,
            n_known: sum.n_known + it.n_known,
            n_upgrades: sum.n_upgrades + it.n_upgrades,
            n_removals: sum.n_removals + it.n_removals,
            n_regressions: sum.n_regressions + it.n_regressions,
            n_prevented: sum.n_prevented + it.n_prevented,
        })
    }

    fn work_of(&self, it: &Repository) -> Work {
        Work {
            day: self.today,
            at: self.calendar.at(f64::from(self.today) + LOOKS),
            team: it.team.clone(),
            repository: it.name.clone(),
            git_dir: it.git_dir.clone(),
            manifest: files::manifest_path(it.ecosystem),
            lockfile: files::lockfile_path(it.ecosystem),
            manifest_text: it.manifest(&self.catalog),
            lockfile_text: it.lockfile(&self.catalog),
            edited: it.edited(&self.catalog),
            exposures: it.exposures(&self.catalog, self.today),
        }
    }

    fn list(&self) -> String {
        let quoted = |it: &Path| format!("\"{}\"", it.display().to_string().replace('"', "\"\""));
        let row = |it: &Repository| format!("{},{},{}\n", it.name, quoted(&it.git_dir), it.team);
        let rows: String = self.repositories.iter().map(row).collect();
        format!("name,url,team\n{rows}")
    }

    fn write_advisories(&mut self, day: i32) -> Result<(), SimError> {
        let until = self.catalog.until(day);
        for it in &self.catalog.advisories[self.n_advisories_written..until] {
            let path = self.folder.join("advisories").join(format!("{}.json", it.id));
            host::write(&path, osv::record(it, &self.catalog, self.calendar).to_string())?;
        }
        self.n_advisories_written = until;
        Ok(())
    }
}

fn rng_of(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// The repositories of one team, each with random numbers of its own.
fn team(
    folder: &Path,
    seed: u64,
    place: usize,
    (settings, calendar): (&Settings, Calendar),
    catalog: (&Catalog, i32),
) -> Vec<Repository> {
    let stream = 1 + place as u64 * STREAMS_PER_TEAM;
    let mut rng = rng_of(seed, stream);
    let frailty = frailty(&mut rng, settings.frailty);
    let n_repositories = rng.random_range(1..=REPOSITORIES.len());
    let time = settings.time_to_fix;
    let pace = Pace::new(frailty, settings.frailty, time, settings.upgrade_regressions);
    let name = format!("team-{:03}", place + 1);
    let team = Team { name, pace, rates: rates(settings), calendar };
    let names = (stream + 1..).zip(REPOSITORIES).take(n_repositories);
    names
        .map(|(stream, last)| {
            let name = format!("{}-{last}", team.name);
            let git_dir = folder.join("host").join(format!("{name}.git"));
            Repository::new(&team, name, git_dir, rng_of(seed, stream), catalog)
        })
        .collect()
}

fn rates(settings: &Settings) -> Rates {
    let a_week = settings.findings_per_week / MEAN_REPOSITORIES;
    Rates {
        known_additions: a_week * settings.known_at_introduction / WORKING_DAYS,
        clean_additions: measured::CLEAN_ADDITIONS_PER_WEEK / WORKING_DAYS,
        routine_upgrades: measured::ROUTINE_UPGRADES_PER_WEEK / WORKING_DAYS,
        sessions: settings.opened_per_working_day,
        effect: settings.effect,
        prevention: settings.prevention,
    }
}

fn check(settings: &Settings) -> Result<(), SimError> {
    let time = settings.time_to_fix;
    let checks = [
        ("effect", settings.effect, 0.01, 100.0),
        ("frailty", settings.frailty, 0.0, 1.0),
        ("median_days", time.median_days, 0.1, 10_000.0),
        ("shape", time.shape, 0.1, 10.0),
        ("findings_per_week", settings.findings_per_week, 0.0, 20.0),
        ("prevention", settings.prevention, 0.0, 1.0),
        ("known_at_introduction", settings.known_at_introduction, 0.0, 1.0),
        ("opened_per_working_day", settings.opened_per_working_day, 0.0, 1.0),
        ("upgrade_regressions", settings.upgrade_regressions, 0.0, 1.0),
        ("history_days", f64::from(settings.history_days), 0.0, 10_000.0),
        ("n_teams", settings.n_teams as f64, 1.0, 999.0),
    ];
    match checks.into_iter().find(|(_, it, least, most)| !(least..=most).contains(&it)) {
        Some((name, value, least, most)) => Err(SimError::Setting { name, value, least, most }),
        None => Ok(()),
    }
}

fn push(it: &mut Repository) -> Result<(), SimError> {
    if it.commits.is_empty() {
        return Ok(());
    }
    let paths = Paths {
        git_dir: &it.git_dir,
        manifest: files::manifest_path(it.ecosystem),
        lockfile: files::lockfile_path(it.ecosystem),
        team: &it.team,
    };
    host::import(&paths, &it.commits, !it.is_on_disk)?;
    it.is_on_disk = true;
    it.commits.clear();
    Ok(())
}
