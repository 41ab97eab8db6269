//! One repository: what it uses, what is open in it, and what its team does on a day.

mod day;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::calendar::Calendar;
use crate::catalog::{Catalog, Ecosystem, N_PACKAGES, USED};
use crate::files::{self, Used};
use crate::host::Commit;
use crate::opening::{Opening, Pace};
use crate::work::{Moment, Shown};
use day::{Plan, Undoing};

/// What a commit did, as git shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LandedKind {
    Created,
    Added,
    Upgraded,
    Removed,
    /// A version went back to what it was.
    Reverted,
}

/// A commit on the default branch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Landed {
    pub team: String,
    pub repository: String,
    pub at: Timestamp,
    pub kind: LandedKind,
    pub subject: String,
    /// OSV's name.
    pub ecosystem: &'static str,
    /// Package, its version before and after; `None` for the first commit, which brings in many.
    pub change: Option<(String, Option<String>, Option<String>)>,
}

/// Counts of what was planted, for tests of what is mined: nothing of it is in any file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Planted {
    pub n_opportunities: usize,
    /// Whose advisory was public when the version came in.
    pub n_known: usize,
    pub n_upgrades: usize,
    pub n_removals: usize,
    pub n_regressions: usize,
    /// Vulnerable versions that an alert kept out.
    pub n_prevented: usize,
}

/// An opportunity from its start to its end, for the list of alerts.
pub(crate) struct Logged {
    pub(crate) package: usize,
    /// Places in the catalog, in the order in which they came.
    pub(crate) advisories: Vec<usize>,
    pub(crate) since: f64,
    pub(crate) end: Option<f64>,
    /// Days until a scan sees what is new.
    pub(crate) scanned_after: f64,
}

pub(crate) struct Repository {
    pub(crate) name: String,
    pub(crate) team: String,
    pub(crate) git_dir: PathBuf,
    pub(crate) ecosystem: Ecosystem,
    rng: ChaCha8Rng,
    pace: Pace,
    calendar: Calendar,
    rates: Rates,
    /// Package to release, both by place; packages are in the order of their names.
    used: BTreeMap<usize, usize>,
    /// By package.
    open: BTreeMap<usize, Opening>,
    /// Upgrades that will be undone.
    undoing: Vec<Undoing>,
    /// When a package went: what comes back soon would continue the old exposure.
    left: BTreeMap<usize, i32>,
    plan: Plan,
    pub(crate) log: Vec<Logged>,
    /// Not written yet.
    pub(crate) commits: Vec<Commit>,
    pub(crate) is_on_disk: bool,
    pub(crate) planted: Planted,
}

/// What its team is like.
pub(crate) struct Team {
    pub(crate) name: String,
    pub(crate) pace: Pace,
    pub(crate) rates: Rates,
    pub(crate) calendar: Calendar,
}

/// A working day, and what alerts do.
#[derive(Clone, Copy)]
pub(crate) struct Rates {
    pub(crate) known_additions: f64,
    pub(crate) clean_additions: f64,
    pub(crate) routine_upgrades: f64,
    pub(crate) sessions: f64,
    pub(crate) effect: f64,
    pub(crate) prevention: f64,
}

impl Repository {
    /// On its first day it uses the latest version of everything.
    pub(crate) fn new(
        team: &Team,
        name: String,
        git_dir: PathBuf,
        mut rng: ChaCha8Rng,
        (catalog, first_day): (&Catalog, i32),
    ) -> Self {
        let ecosystem =
            if rng.random::<f64>() < 0.6 { Ecosystem::Npm } else { Ecosystem::CratesIo };
        let mut packages: Vec<usize> = (0..N_PACKAGES).collect();
        packages.shuffle(&mut rng);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0.5 to 1.5 halves"
        )]
        let n_used = (N_PACKAGES as f64 * USED * rng.random_range(0.5..1.5)) as usize;
        let latest = |it: usize| catalog.packages(ecosystem)[it].latest(first_day - 1);
        let used = packages.into_iter().take(n_used).map(|it| (it, latest(it))).collect();
        let mut repository = Self {
            name,
            team: team.name.clone(),
            git_dir,
            ecosystem,
            rng,
            pace: team.pace,
            calendar: team.calendar,
            rates: team.rates,
            used,
            open: BTreeMap::new(),
            undoing: Vec::new(),
            left: BTreeMap::new(),
            plan: Plan::default(),
            log: Vec::new(),
            commits: Vec::new(),
            is_on_disk: false,
            planted: Planted::default(),
        };
        let subject = format!("Begin {}", repository.name);
        repository.commit(catalog, f64::from(first_day), (LandedKind::Created, subject, None));
        repository
    }

    /// What is vulnerable in the manifest, and what the day's edit would bring in.
    pub(crate) fn exposures(&self, catalog: &Catalog, day: i32) -> Vec<Shown> {
        let shown = |package: usize, release: usize, ids: &[usize], moment| Shown {
            day,
            team: self.team.clone(),
            repository: self.name.clone(),
            manifest: files::manifest_path(self.ecosystem),
            ecosystem: self.ecosystem.osv(),
            package: catalog.packages(self.ecosystem)[package].name.clone(),
            version: catalog.packages(self.ecosystem)[package].releases[release].text(),
            advisories: ids.iter().map(|it| catalog.advisories[*it].id.clone()).collect(),
            moment,
        };
        let mut exposures: Vec<Shown> = Vec::new();
        for (package, it) in &self.open {
            let advisories = &self.log[it.log].advisories;
            exposures.push(shown(*package, self.used[package], advisories, Moment::Present));
        }
        if let Some(it) = &self.plan.reference {
            let advisories = self.affecting(catalog, it.package, it.release, day);
            exposures.push(shown(it.package, it.release, &advisories, Moment::FirstReference));
        }
        exposures
    }

    /// Published advisories that affect this release of a package.
    fn affecting(&self, catalog: &Catalog, package: usize, release: usize, day: i32) -> Vec<usize> {
        let of_package = catalog.packages(self.ecosystem)[package].advisories.iter().copied();
        let affects = |it: &usize| {
            let it = &catalog.advisories[*it];
            it.day <= day && release < it.fixed
        };
        of_package.filter(affects).collect()
    }

    pub(crate) fn manifest(&self, catalog: &Catalog) -> String {
        files::manifest(
            self.ecosystem,
            &self.name,
            &Self::named(self.ecosystem, &self.used, catalog),
        )
    }

    pub(crate) fn lockfile(&self, catalog: &Catalog) -> String {
        files::lockfile(
            self.ecosystem,
            &self.name,
            &Self::named(self.ecosystem, &self.used, catalog),
        )
    }

    /// The manifest with what the day's edit brings in.
    pub(crate) fn edited(&self, catalog: &Catalog) -> Option<String> {
        let reference = self.plan.reference.as_ref()?;
        let mut used = self.used.clone();
        used.insert(reference.package, reference.release);
        let named = Self::named(self.ecosystem, &used, catalog);
        Some(files::manifest(self.ecosystem, &self.name, &named))
    }

    fn named<'c>(
        ecosystem: Ecosystem,
        used: &BTreeMap<usize, usize>,
        catalog: &'c Catalog,
    ) -> Vec<Used<'c>> {
        let packages = catalog.packages(ecosystem);
        let named = |(package, release): (&usize, &usize)| {
            (&*packages[*package].name, packages[*package].releases[*release].text())
        };
        used.iter().map(named).collect()
    }

    /// Takes down the state as it is now.
    fn commit(
        &mut self,
        catalog: &Catalog,
        at: f64,
        (kind, subject, change): (LandedKind, String, Option<Change>),
    ) -> Landed {
        let at = self.calendar.at(at);
        let (manifest, lockfile) = (self.manifest(catalog), self.lockfile(catalog));
        self.commits.push(Commit { at, subject: subject.clone(), manifest, lockfile });
        let (team, repository) = (self.team.clone(), self.name.clone());
        Landed { team, repository, at, kind, subject, ecosystem: self.ecosystem.osv(), change }
    }
}

/// Package, version before and after.
type Change = (String, Option<String>, Option<String>);
