//! A day of a repository: in the morning advisories are read and work is planned, then alerts may be shown, and at last commits land.

use rand::RngExt;

use crate::calendar::{LOOKS, office_time};
use crate::catalog::Catalog;
use crate::opening::Opening;
use crate::repository::{Landed, LandedKind, Logged, Repository};

/// What went comes back no sooner, since within two weeks it would never have gone.
const DAYS_AWAY: i32 = 30;

/// What is meant to happen today.
#[derive(Default)]
pub(crate) struct Plan {
    is_session: bool,
    /// A vulnerable version that is about to come in.
    pub(crate) reference: Option<Reference>,
    /// Fractions of the office day.
    clean_addition: Option<f64>,
    routine_upgrade: Option<f64>,
}

pub(crate) struct Reference {
    pub(crate) package: usize,
    pub(crate) release: usize,
    fraction: f64,
    is_prevented_if_alerted: bool,
    is_alerted: bool,
}

/// An upgrade that will be undone.
pub(super) struct Undoing {
    at: f64,
    package: usize,
    release: usize,
    opening: Opening,
}

enum What {
    Fix(usize),
    Undo(Undoing),
    Reference(Reference),
    CleanAddition,
    RoutineUpgrade,
}

impl Repository {
    /// The morning; advisories of the day must have been told.
    pub(crate) fn begin(&mut self, catalog: &Catalog, day: i32) {
        for place in catalog.of_day(day) {
            let advisory = &catalog.advisories[place];
            let used = self.used.get(&advisory.package);
            let is_affected = advisory.ecosystem == self.ecosystem
                && used.is_some_and(|release| *release < advisory.fixed);
            if !is_affected {
                continue;
            }
            match self.open.get(&advisory.package) {
                Some(it) => self.log[it.log].advisories.push(place),
                None => self.open(advisory.package, vec![place], advisory.published, false),
            }
        }
        self.plan = self.planned(catalog, day);
    }

    fn open(&mut self, package: usize, advisories: Vec<usize>, since: f64, is_known: bool) {
        let (opening, scanned_after) =
            Opening::draw(&mut self.rng, self.pace, since, is_known, self.log.len());
        self.log.push(Logged { package, advisories, since, end: None, scanned_after });
        self.open.insert(package, opening);
        self.planted.n_opportunities += 1;
        self.planted.n_known += usize::from(is_known);
    }

    fn planned(&mut self, catalog: &Catalog, day: i32) -> Plan {
        if self.calendar.is_weekend(day) {
            return Plan::default();
        }
        let rates = self.rates;
        let mut happens = |rate: f64| {
            let (chance, fraction): (f64, f64) = (self.rng.random(), self.rng.random());
            (chance < rate).then_some(fraction)
        };
        let is_session = happens(rates.sessions).is_some();
        let clean_addition = happens(rates.clean_additions);
        let routine_upgrade = happens(rates.routine_upgrades);
        let reference = happens(rates.known_additions);
        let prevented = happens(rates.prevention).is_some();
        let reference = reference.and_then(|it| self.reference(catalog, day, it, prevented));
        Plan { is_session, reference, clean_addition, routine_upgrade }
    }

    /// The version before the last fix of a package that is not used.
    fn reference(
        &mut self,
        catalog: &Catalog,
        day: i32,
        fraction: f64,
        is_prevented_if_alerted: bool,
    ) -> Option<Reference> {
        let packages = catalog.packages(self.ecosystem);
        let vulnerable = |package: usize| {
            let mut known = packages[package].advisories.iter().map(|it| &catalog.advisories[*it]);
            Some((package, known.rfind(|it| it.day < day)?.fixed - 1))
        };
        let fitting: Vec<(usize, usize)> =
            self.unused(packages.len(), day).filter_map(vulnerable).collect();
        let (package, release) = *self.one_of(&fitting)?;
        let is_alerted = false;
        Some(Reference { package, release, fraction, is_prevented_if_alerted, is_alerted })
    }

    fn unused(&self, n_packages: usize, day: i32) -> impl Iterator<Item = usize> {
        let is_back = move |it: &usize| self.left.get(it).is_none_or(|left| left + DAYS_AWAY < day);
        (0..n_packages).filter(|it| !self.used.contains_key(it)).filter(is_back)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.rng.random_range(0..all.len())) }
    }

    /// Whether somebody has the manifest open today.
    pub(crate) fn is_worked_on(&self) -> bool {
        self.plan.is_session || self.plan.reference.is_some()
    }

    /// The team is shown one of [`Repository::exposures`]; `is_first` says whether it is the day's edit.
    pub(crate) fn alert(&mut self, catalog: &Catalog, day: i32, package: &str, is_first: bool) {
        let packages = catalog.packages(self.ecosystem);
        let Ok(place) = packages.binary_search_by(|it| (*it.name).cmp(package)) else { return };
        if is_first {
            if let Some(it) = &mut self.plan.reference {
                it.is_alerted = true;
            }
        } else if let Some(it) = self.open.get_mut(&place) {
            it.alert(f64::from(day) + LOOKS, self.rates.effect);
        }
    }

    /// Whether this open exposure was shown on an earlier day.
    pub(crate) fn was_alerted(&self, catalog: &Catalog, package: &str) -> bool {
        let packages = catalog.packages(self.ecosystem);
        let place = packages.binary_search_by(|it| (*it.name).cmp(package));
        place.is_ok_and(|it| self.open.get(&it).is_some_and(|it| it.is_alerted))
    }

    /// The rest of the day: what lands, in order.
    pub(crate) fn finish(&mut self, catalog: &Catalog, day: i32) -> Vec<Landed> {
        let mut due: Vec<(f64, What)> = Vec::new();
        let is_weekend = self.calendar.is_weekend(day);
        for (package, it) in &self.open {
            if it.fix_at < f64::from(day + 1) && !(is_weekend && it.waits_for_monday) {
                due.push((office_time(day, it.fix_at.rem_euclid(1.0)), What::Fix(*package)));
            }
        }
        let is_due = |it: &mut Undoing| it.at < f64::from(day + 1);
        let undone = self.undoing.extract_if(.., is_due);
        due.extend(undone.map(|it| (office_time(day, it.at.rem_euclid(1.0)), What::Undo(it))));
        let plan = std::mem::take(&mut self.plan);
        let timed = |it: Option<f64>, what| it.map(|it| (office_time(day, it), what));
        due.extend(timed(plan.clean_addition, What::CleanAddition));
        due.extend(timed(plan.routine_upgrade, What::RoutineUpgrade));
        due.extend(plan.reference.map(|it| (office_time(day, it.fraction), What::Reference(it))));
        due.sort_by(|a, b| a.0.total_cmp(&b.0));
        due.into_iter().filter_map(|(at, it)| self.land(catalog, day, at, it)).collect()
    }

    fn land(&mut self, catalog: &Catalog, day: i32, at: f64, what: What) -> Option<Landed> {
        match what {
            What::Fix(package) => self.fix(catalog, day, at, package),
            What::Undo(it) => self.undo(catalog, at, it),
            What::Reference(it) => self.refer(catalog, day, at, &it),
            What::CleanAddition => {
                let packages = catalog.packages(self.ecosystem);
                let unused: Vec<usize> = self.unused(packages.len(), day).collect();
                let package = *self.one_of(&unused)?;
                Some(self.change(catalog, at, package, Some(packages[package].latest(day))))
            }
            What::RoutineUpgrade => {
                let packages = catalog.packages(self.ecosystem);
                let is_old = |(package, release): &(&usize, &usize)| {
                    !self.open.contains_key(package)
                        && **release < packages[**package].latest(day)
                        && !self.undoing.iter().any(|it| it.package == **package)
                };
                let old: Vec<usize> = self.used.iter().filter(is_old).map(|it| *it.0).collect();
                let package = *self.one_of(&old)?;
                Some(self.change(catalog, at, package, Some(packages[package].latest(day))))
            }
        }
    }

    fn fix(&mut self, catalog: &Catalog, day: i32, at: f64, package: usize) -> Option<Landed> {
        let opening = self.open.remove(&package)?;
        self.log[opening.log].end = Some(at);
        if opening.is_removed {
            self.planted.n_removals += 1;
            self.left.insert(package, day);
            return Some(self.change(catalog, at, package, None));
        }
        self.planted.n_upgrades += 1;
        let release = self.used[&package];
        if let Some(days) = opening.undone_after {
            self.undoing.push(Undoing { at: at + days, package, release, opening });
        }
        let latest = catalog.packages(self.ecosystem)[package].latest(day);
        Some(self.change(catalog, at, package, Some(latest)))
    }

    /// Nobody goes back where the upgrade has become an exposure of its own, or is gone.
    fn undo(&mut self, catalog: &Catalog, at: f64, it: Undoing) -> Option<Landed> {
        let current = *self.used.get(&it.package)?;
        if self.open.contains_key(&it.package) || current <= it.release {
            return None;
        }
        self.planted.n_regressions += 1;
        self.log[it.opening.log].end = None;
        self.open.insert(it.package, it.opening.again(at, self.rates.effect));
        Some(self.change(catalog, at, it.package, Some(it.release)))
    }

    fn refer(&mut self, catalog: &Catalog, day: i32, at: f64, it: &Reference) -> Option<Landed> {
        // Another addition of the day may have been faster.
        if self.used.contains_key(&it.package) {
            return None;
        }
        if it.is_alerted && it.is_prevented_if_alerted {
            self.planted.n_prevented += 1;
            let latest = catalog.packages(self.ecosystem)[it.package].latest(day);
            return Some(self.change(catalog, at, it.package, Some(latest)));
        }
        let advisories = self.affecting(catalog, it.package, it.release, day);
        self.open(it.package, advisories, at, true);
        if it.is_alerted
            && let Some(opening) = self.open.get_mut(&it.package)
        {
            opening.alert(at, self.rates.effect);
        }
        Some(self.change(catalog, at, it.package, Some(it.release)))
    }

    /// Sets or removes a package, and commits.
    fn change(&mut self, catalog: &Catalog, at: f64, package: usize, to: Option<usize>) -> Landed {
        let from = match to {
            Some(release) => self.used.insert(package, release),
            None => self.used.remove(&package),
        };
        let it = &catalog.packages(self.ecosystem)[package];
        let text = |release: Option<usize>| release.map(|release| it.releases[release].text());
        let (before, after) = (text(from), text(to));
        let name = it.name.clone();
        let (kind, subject) = match (from, to) {
            (Some(from), Some(to)) if to < from => {
                (LandedKind::Reverted, format!("Revert \"Upgrade {name}\""))
            }
            (_, None) => (LandedKind::Removed, format!("Remove {name}")),
            (None, Some(_)) => (LandedKind::Added, format!("Add {name}")),
            (Some(_), Some(_)) => (LandedKind::Upgraded, format!("Upgrade {name}")),
        };
        self.commit(catalog, at, (kind, subject, Some((name, before, after))))
    }
}
