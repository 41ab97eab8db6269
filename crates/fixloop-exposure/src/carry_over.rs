//! Which files are one target over time.
//!
//! Files of one slot always are: while two package managers' lockfiles stand side by side, both count, and what either holds is
//! there. A slot that becomes empty is carried over to one that first appeared within 14 days of that, if the two hold much the same
//! packages. So a move invents neither a fix nor an introduction, whether it was made in one commit or in two.

use std::collections::{BTreeMap, HashSet};

use fixloop_model::Timestamp;

use crate::is_soon;
use crate::sightings::{FileState, FileTrack, Sightings};

/// Packages that two files must share, of all that either has: less is asked where name or folder stayed.
const SIMILAR: f64 = 0.5;
const VERY_SIMILAR: f64 = 0.8;

/// Files of one target, as places in [`Sightings::files`].
pub(crate) fn lineages(sightings: &Sightings) -> Vec<Vec<usize>> {
    let mut slots: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, file) in sightings.files.iter().enumerate() {
        slots.entry(&file.slot).or_default().push(index);
    }
    let slots: Vec<Slot> = slots.into_values().filter_map(|it| Slot::of(sightings, it)).collect();
    let mut next: Vec<Option<usize>> = vec![None; slots.len()];
    let mut is_continuation = vec![false; slots.len()];
    // The first to vanish chooses first.
    let mut vanishing: Vec<(Timestamp, usize, &[u32])> = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        if let Some((at, held)) = slot.vanished {
            vanishing.push((at, index, held));
        }
    }
    vanishing.sort_by_key(|it| (it.0, it.1));
    for (at, from, held) in vanishing {
        let packages = packages(sightings, held);
        let mut best: Option<(f64, usize)> = None;
        for (to, slot) in slots.iter().enumerate() {
            if to == from || is_continuation[to] || leads_to(&next, to, from) {
                continue;
            }
            let Some((appeared, first)) = slot.appeared else { continue };
            if !is_soon(at, appeared) || !is_soon(appeared, at) {
                continue;
            }
            let shared = similarity(&packages, &crate::carry_over::packages(sightings, first));
            let is_enough = shared >= VERY_SIMILAR
                || (shared >= SIMILAR && slots[from].is_named_like(slot, sightings));
            if is_enough && best.is_none_or(|(other, _)| other < shared) {
                best = Some((shared, to));
            }
        }
        if let Some((_, to)) = best {
            next[from] = Some(to);
            is_continuation[to] = true;
        }
    }
    let mut lineages = Vec::new();
    for (index, _) in slots.iter().enumerate().filter(|(index, _)| !is_continuation[*index]) {
        let chain = std::iter::successors(Some(index), |it| next[*it]);
        let files = chain.flat_map(|it| {
            // What goes on elsewhere left nothing but what never told anything.
            let is_last = next[it].is_none();
            let files = slots[it].files.iter().copied();
            files.filter(move |file| is_last || has_held(&sightings.files[*file]))
        });
        let files: Vec<usize> = files.collect();
        if files.iter().any(|it| has_held(&sightings.files[*it])) {
            lineages.push(files);
        }
    }
    lineages
}

/// Whether the file ever said what it holds.
fn has_held(file: &FileTrack) -> bool {
    file.sightings.iter().any(|it| matches!(it.state, FileState::Holds(_)))
}

/// Whether following the continuations of `from` reaches `to`: a circle would be no history.
fn leads_to(next: &[Option<usize>], from: usize, to: usize) -> bool {
    std::iter::successors(Some(from), |it| next[*it]).any(|it| it == to)
}

/// Files that share a slot.
struct Slot<'s> {
    files: Vec<usize>,
    /// When it first held something, and what.
    appeared: Option<(Timestamp, &'s [u32])>,
    /// When its last file went for good, and what that held.
    vanished: Option<(Timestamp, &'s [u32])>,
}

impl<'s> Slot<'s> {
    fn of(sightings: &'s Sightings, mut files: Vec<usize>) -> Option<Self> {
        let tracks = &sightings.files;
        files.sort_by_key(|it| (tracks[*it].sightings.first().map(|it| it.moment), *it));
        let time = |moment: u32| sightings.moments[moment as usize].time;
        let held = |state: FileState| match state {
            FileState::Holds(inventory) => Some(&*sightings.inventories[inventory as usize]),
            FileState::Absent | FileState::Unknown => None,
        };
        let all = || files.iter().flat_map(|it| &tracks[*it].sightings);
        let appeared = all()
            .filter_map(|it| Some((it.moment, held(it.state)?)))
            .min_by_key(|it| it.0)
            .map(|(moment, held)| (time(moment), held));
        // A manifest that never held a version does not keep a lockfile from having gone.
        let told = files.iter().filter(|it| has_held(&tracks[**it]));
        let last: Vec<_> = told.filter_map(|it| tracks[*it].sightings.last()).collect();
        let is_gone = last.iter().all(|it| it.state == FileState::Absent);
        let gone = last.iter().map(|it| it.moment).max().filter(|_| is_gone);
        let vanished = gone.and_then(|gone| {
            let before = all().filter(|it| it.moment < gone);
            let last = before.filter_map(|it| Some((it.moment, held(it.state)?)));
            Some((time(gone), last.max_by_key(|it| it.0)?.1))
        });
        (!files.is_empty()).then_some(Self { files, appeared, vanished })
    }

    /// The same file name or the same folder.
    fn is_named_like(&self, other: &Self, sightings: &Sightings) -> bool {
        let split = |it: &usize| {
            let path = &*sightings.files[*it].path;
            path.rsplit_once('/').unwrap_or(("", path))
        };
        self.files.iter().map(split).any(|(folder, name)| {
            other.files.iter().map(split).any(|(of, named)| folder == of || name == named)
        })
    }
}

fn packages(sightings: &Sightings, held: &[u32]) -> HashSet<u32> {
    held.iter().map(|it| sightings.components[*it as usize].package).collect()
}

/// Shared packages of all that either has (Jaccard), in [0, 1].
fn similarity(a: &HashSet<u32>, b: &HashSet<u32>) -> f64 {
    let n_shared = a.intersection(b).count();
    let n_all = a.len() + b.len() - n_shared;
    if n_all == 0 { 0.0 } else { n_shared as f64 / n_all as f64 }
}

/// The file of a lineage, oldest first, that holds any of `components` at a moment.
pub(crate) fn holder<'s>(
    sightings: &'s Sightings,
    files: &[usize],
    moment: u32,
    is_wanted: &dyn Fn(u32) -> bool,
) -> Option<&'s FileTrack> {
    files.iter().map(|it| &sightings.files[*it]).find(|file| {
        let n_before = file.sightings.partition_point(|it| it.moment <= moment);
        let states = file.sightings[..n_before].iter().rev();
        // What could not be read holds what it held before.
        let mut known = states.skip_while(|it| it.state == FileState::Unknown);
        match known.next().map(|it| it.state) {
            Some(FileState::Holds(inventory)) => {
                sightings.inventories[inventory as usize].iter().any(|it| is_wanted(*it))
            }
            Some(FileState::Absent | FileState::Unknown) | None => false,
        }
    })
}
