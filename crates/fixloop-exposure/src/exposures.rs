//! From what was seen to exposures and opportunities.

use std::collections::{BTreeMap, HashMap, HashSet};

use fixloop_model::{Ending, Exposure, Opportunity, Regression, Severity, Timestamp};

use crate::carry_over::{holder, lineages};
use crate::episode::{Episode, Presence, Seen, episodes};
use crate::opportunity::opportunities;
use crate::sightings::{Acceptance, Held, Hit, Sightings};
use crate::timeline::{Marks, Timeline, timeline};

/// Everything that one repository's history says.
#[derive(Clone, Debug, Default)]
pub struct Exposures {
    pub exposures: Vec<Exposure>,
    /// [`Opportunity::exposures`] are places in `exposures`.
    pub opportunities: Vec<Opportunity>,
    /// Affected versions that were gone before anybody knew: nothing was to be fixed.
    pub early_ends: Vec<EarlyEnd>,
    /// Targets (lineages of files) that were seen.
    pub n_targets: usize,
    /// Of each target: when it was first and last there.
    pub target_times: Vec<(Timestamp, Timestamp)>,
    /// Of each target: the paths of its files, from the repository's root.
    pub target_paths: Vec<Vec<String>>,
    /// Mass drops that closed nothing: target and time.
    pub quarantined: Vec<(String, Timestamp)>,
}

/// An affected version that went before its advisory was published, or whose advisory is not published yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EarlyEnd {
    pub target: String,
    pub ecosystem: String,
    pub name: String,
    pub ids: Vec<String>,
    pub introduced: Timestamp,
    pub end: Option<Timestamp>,
    pub disclosed: Timestamp,
}

/// Exposures in the order of target, package, alias group and time.
pub fn exposures(sightings: &Sightings) -> Exposures {
    let marks = Marks::of(&sightings.components);
    let mut all = Exposures::default();
    for files in lineages(sightings) {
        let timeline = timeline(sightings, &files, &marks);
        let Some(first) = timeline.steps.first() else { continue };
        let paths = files.iter().map(|it| sightings.files[*it].path.clone()).collect();
        all.target_paths.push(paths);
        let lineage = Lineage::of(sightings, files, &timeline);
        all.n_targets += 1;
        let time = |moment: u32| sightings.moments[moment as usize].time;
        all.target_times.push((time(first.moment), lineage.last_there(&timeline)));
        let path = |moment| lineage.path(moment, &|_| true);
        let quarantined = timeline.quarantined.iter();
        all.quarantined.extend(quarantined.map(|it| (path(*it), time(*it))));
        let (begin, begin_early) = (all.exposures.len(), all.early_ends.len());
        lineage.exposures(&mut all);
        // Packages and groups are numbered as they are met, which may differ between runs.
        all.exposures[begin..].sort_by(|a, b| {
            let key = |it: &Exposure| (it.introduced, it.start);
            let names = (&a.ecosystem, &a.name, &a.ids).cmp(&(&b.ecosystem, &b.name, &b.ids));
            names.then(key(a).cmp(&key(b)))
        });
        all.early_ends[begin_early..].sort_by(|a, b| {
            let names = (&a.ecosystem, &a.name, &a.ids).cmp(&(&b.ecosystem, &b.name, &b.ids));
            names.then(a.introduced.cmp(&b.introduced))
        });
        opportunities(begin, &mut all);
    }
    all
}

/// A moment at which something changed, with what was there from then on.
struct Tick<'t> {
    time: Timestamp,
    moment: u32,
    relevant: &'t [u32],
    /// Place in [`Sightings::accepted`], if anything was accepted yet.
    accepted: Option<usize>,
}

/// One target's files and ticks.
struct Lineage<'s, 't> {
    sightings: &'s Sightings,
    files: Vec<usize>,
    ticks: Vec<Tick<'t>>,
    accepted: Vec<HashSet<(u32, u32)>>,
    /// Until when what is open is proved to be there.
    last_seen: Timestamp,
}

impl<'s, 't> Lineage<'s, 't> {
    fn of(sightings: &'s Sightings, files: Vec<usize>, timeline: &'t Timeline) -> Self {
        let time = |moment: u32| sightings.moments[moment as usize].time;
        let mut ticks: Vec<Tick<'t>> = Vec::new();
        let mut accepted = sightings.accepted.iter().map(|it| it.from).enumerate().peekable();
        let mut current = None;
        for (index, step) in timeline.steps.iter().enumerate() {
            let (from, moment) = (time(step.moment), step.moment);
            while let Some((place, _)) = accepted.next_if(|(_, at)| *at <= from) {
                current = Some(place);
            }
            let relevant = &*step.relevant;
            ticks.push(Tick { time: from, moment, relevant, accepted: current });
            let until = timeline.steps.get(index + 1).map_or(sightings.cut, |it| time(it.moment));
            while let Some((place, at)) = accepted.next_if(|(_, at)| *at < until) {
                current = Some(place);
                let moment = sightings.moments.partition_point(|it| it.time <= at);
                let moment = u32::try_from(moment.saturating_sub(1)).unwrap_or(step.moment);
                ticks.push(Tick { time: at, moment, relevant, accepted: current });
            }
        }
        let n_proven = timeline.steps.iter().rposition(|it| it.is_proven).map_or(0, |it| it + 1);
        let unproven = timeline.steps.get(n_proven);
        let last_seen = unproven.map_or(sightings.cut, |it| time(it.moment));
        let of_files = |it: &Acceptance| {
            let here = it.pairs.iter().filter(|it| files.contains(&(it.0 as usize)));
            here.map(|(_, component, group)| (*component, *group)).collect()
        };
        let accepted = sightings.accepted.iter().map(of_files).collect();
        Self { sightings, files, ticks, accepted, last_seen }
    }

    /// When the target was last known to have files.
    fn last_there(&self, timeline: &Timeline) -> Timestamp {
        let is_gone = self.files.iter().all(|it| {
            let last = self.sightings.files[*it].sightings.last();
            last.is_some_and(|it| it.state == crate::FileState::Absent)
        });
        let last = timeline.steps.last().map(|it| it.moment).filter(|_| is_gone);
        last.map_or(self.sightings.cut, |it| self.sightings.moments[it as usize].time)
    }

    fn held(&self, component: u32) -> &'s Held {
        &self.sightings.components[component as usize]
    }

    fn is_accepted(&self, tick: &Tick<'_>, component: u32, group: u32) -> bool {
        tick.accepted.is_some_and(|it| self.accepted[it].contains(&(component, group)))
    }

    /// `REPOSITORY:PATH` of the file that holds a wanted component; else of the lineage's first.
    fn path(&self, moment: u32, is_wanted: &dyn Fn(u32) -> bool) -> String {
        let file = holder(self.sightings, &self.files, moment, is_wanted)
            .or_else(|| self.files.first().map(|it| &self.sightings.files[*it]));
        let path = file.map_or("", |it| &it.path);
        format!("{}:{path}", self.sightings.repository)
    }

    /// What each package and alias group was at each tick at which that changed.
    fn seen(&self) -> BTreeMap<(u32, u32), Vec<Seen>> {
        let mut seen: BTreeMap<(u32, u32), Vec<Seen>> = BTreeMap::new();
        for tick in &self.ticks {
            for component in tick.relevant {
                let held = self.held(*component);
                for hit in &held.hits {
                    seen.entry((held.package, hit.group)).or_default();
                }
            }
        }
        let mut before: Option<(&[u32], Option<usize>)> = None;
        for (step, tick) in self.ticks.iter().enumerate() {
            if before == Some((tick.relevant, tick.accepted)) {
                continue;
            }
            before = Some((tick.relevant, tick.accepted));
            let mut presences: HashMap<(u32, u32), Presence> = HashMap::new();
            let mut packages: HashSet<u32> = HashSet::new();
            let mut untold: HashSet<u32> = HashSet::new();
            for component in tick.relevant {
                let held = self.held(*component);
                packages.insert(held.package);
                if held.version.is_none() {
                    untold.insert(held.package);
                }
                for hit in &held.hits {
                    let presence = if self.is_accepted(tick, *component, hit.group) {
                        Presence::Accepted
                    } else {
                        Presence::Affected
                    };
                    let known = presences.entry((held.package, hit.group)).or_insert(presence);
                    if presence == Presence::Affected {
                        *known = presence;
                    }
                }
            }
            for (key, seen) in &mut seen {
                let otherwise =
                    if packages.contains(&key.0) { Presence::Clear } else { Presence::Absent };
                let otherwise = if untold.contains(&key.0) { Presence::Untold } else { otherwise };
                let presence = presences.get(key).copied().unwrap_or(otherwise);
                let is_news = seen.last().is_none_or(|it| it.presence != presence);
                // An affected package may change its version and stay affected.
                if is_news || presence == Presence::Affected {
                    seen.push(Seen { step, time: tick.time, presence });
                }
            }
        }
        seen
    }

    fn exposures(&self, all: &mut Exposures) {
        for ((package, group), seen) in self.seen() {
            for episode in episodes(seen) {
                self.exposure(package, group, &episode, all);
            }
        }
    }

    fn exposure(&self, package: u32, group: u32, episode: &Episode, all: &mut Exposures) {
        let begin = &self.ticks[episode.begin];
        let affected = self.affected(begin, package, group);
        let Some((first, hit)) = affected.first() else { return };
        let held = self.held(*first);
        let is_first = begin.moment == 0;
        let introduced = begin.time;
        let target = self.path(begin.moment, &|it| affected.iter().any(|(held, _)| *held == it));
        let ids = self.sightings.groups[group as usize].ids.clone();
        let ended = episode.end.filter(|it| it.1 != Ending::Open);
        let ended = ended.map(|(tick, ending)| (self.ticks[tick].time, ending, tick));
        let start = introduced.max(hit.disclosed);
        let is_early = hit.disclosed > introduced
            && (hit.disclosed >= self.sightings.cut
                || ended.is_some_and(|(end, ..)| end <= hit.disclosed));
        let withdrawn = hit.withdrawn.filter(|_| !is_early);
        if is_early || withdrawn.is_some_and(|it| it <= start) {
            all.early_ends.push(EarlyEnd {
                target,
                ecosystem: held.ecosystem.clone(),
                name: held.name.clone(),
                ids,
                introduced,
                end: ended.map(|it| it.0),
                disclosed: hit.disclosed,
            });
            return;
        }
        let (end, outcome) = match (ended, withdrawn) {
            (Some((end, ..)), Some(withdrawn)) => (Some(end.min(withdrawn)), Ending::Withdrawn),
            (None, Some(withdrawn)) => (Some(withdrawn), Ending::Withdrawn),
            (Some((end, ending, _)), None) => (Some(end), ending),
            (None, None) => (None, Ending::Open),
        };
        let severities = affected.iter().filter_map(|(_, hit)| hit.severity.clone());
        let version_after = match ended {
            Some((_, Ending::Upgraded, tick)) => {
                Some(self.versions_after(episode.last_affected, tick, package))
            }
            _ => None,
        };
        let last = self.affected(&self.ticks[episode.last_affected], package, group);
        let mut undone = episode.undone.iter().map(|it| self.regression(*it, package, group));
        all.exposures.push(Exposure {
            opportunity: String::new(),
            repository: self.sightings.repository.clone(),
            target,
            ecosystem: held.ecosystem.clone(),
            name: held.name.clone(),
            ids,
            class: affected.iter().map(|it| it.1.class).min().unwrap_or(hit.class),
            severity: severities.max_by_key(Severity::rank),
            introduced,
            left_truncated: is_first,
            disclosed: hit.disclosed,
            start,
            entry: start,
            end,
            last_seen: self.last_proof(episode, package, group).max(start),
            outcome,
            direct: direct(&affected, self.sightings),
            scope: affected.iter().filter_map(|(it, _)| self.held(*it).scope).min(),
            version_before: self.versions(last.iter().map(|it| it.0)),
            version_after,
            introducing_commit: self.id(episode.begin),
            fixing_commit: ended.map(|(.., tick)| self.id(tick)),
            regressions: undone.by_ref().filter(|it| it.upgraded >= start).collect(),
        });
    }

    /// Until when an open exposure is proved to be there: later, versions may be unreadable or not told.
    fn last_proof(&self, episode: &Episode, package: u32, group: u32) -> Timestamp {
        if let Some((tick, Ending::Open)) = episode.end {
            return self.ticks[tick].time;
        }
        let mut later = self.ticks.iter().skip(episode.last_affected + 1);
        let untold = later.find(|it| self.affected(it, package, group).is_empty());
        untold.map_or(self.last_seen, |it| it.time.min(self.last_seen))
    }

    fn id(&self, tick: usize) -> String {
        self.sightings.moments[self.ticks[tick].moment as usize].id.clone()
    }

    /// Components of the package that the group affects at a tick, accepted ones not counted.
    fn affected(&self, tick: &Tick<'_>, package: u32, group: u32) -> Vec<(u32, &'s Hit)> {
        let of_package = tick.relevant.iter().filter(|it| self.held(**it).package == package);
        let hit = |component: &u32| {
            let mut hits = self.held(*component).hits.iter();
            let hit = hits.find(|it| it.group == group)?;
            (!self.is_accepted(tick, *component, group)).then_some((*component, hit))
        };
        of_package.filter_map(hit).collect()
    }

    fn regression(&self, undone: (usize, usize), package: u32, group: u32) -> Regression {
        let (upgrade, undoing) = (&self.ticks[undone.0], &self.ticks[undone.1]);
        let held = upgrade.relevant.iter().copied().filter(|it| self.held(*it).package == package);
        let reverted = self.affected(undoing, package, group);
        Regression {
            upgraded: upgrade.time,
            upgrading_commit: self.id(undone.0),
            upgraded_version: self.versions(held),
            reverted: undoing.time,
            reverting_commit: self.id(undone.1),
            reverted_version: self.versions(reverted.iter().map(|it| it.0)),
        }
    }

    /// The versions that an upgrade brought; all that stayed, if it only took one away.
    fn versions_after(&self, before: usize, after: usize, package: u32) -> String {
        let of = |tick: usize| {
            let relevant = self.ticks[tick].relevant.iter().copied();
            relevant.filter(|it| self.held(*it).package == package).collect::<Vec<u32>>()
        };
        let text = |it: &u32| self.held(*it).version.as_deref();
        let known: HashSet<Option<&str>> = of(before).iter().map(text).collect();
        let stayed = of(after);
        let brought: Vec<u32> =
            stayed.iter().copied().filter(|it| !known.contains(&text(it))).collect();
        self.versions(if brought.is_empty() { stayed } else { brought })
    }

    fn versions(&self, components: impl IntoIterator<Item = u32>) -> String {
        let mut versions: Vec<&str> = Vec::new();
        for version in components.into_iter().filter_map(|it| self.held(it).version.as_deref()) {
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        versions.sort_unstable();
        versions.join(", ")
    }
}

/// Direct if any affected component is; transitive if any is said to be.
fn direct(affected: &[(u32, &Hit)], sightings: &Sightings) -> Option<bool> {
    let direct = affected.iter().map(|(it, _)| sightings.components[*it as usize].direct);
    direct.flatten().max()
}
