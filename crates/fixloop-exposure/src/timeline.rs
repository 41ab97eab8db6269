//! What one target held from when on.
//!
//! Closing needs positive evidence. A file that could not be read holds what it held before, unproven; so does a target that lost a
//! whole ecosystem or more than half of ten or more components at once, until that has stood for 14 days.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use fixloop_model::Timestamp;

use crate::is_soon;
use crate::sightings::{FileState, Held, Sightings};

/// Fewer components are no mass, and may go at once.
const MASS: usize = 10;

/// The state of a target from a moment on.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) moment: u32,
    /// Relevant components only (those of packages that were ever affected), sorted.
    pub(crate) relevant: Rc<[u32]>,
    /// Everything was read; else `relevant` is what is still taken to be there.
    pub(crate) is_proven: bool,
}

/// Steps in time, and what of the history was set aside.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    pub(crate) steps: Vec<Step>,
    /// Moments of mass drops that closed nothing.
    pub(crate) quarantined: Vec<u32>,
}

/// How many components each ecosystem has, by its number.
type Counts = Vec<usize>;

struct State {
    moment: u32,
    relevant: Rc<[u32]>,
    counts: Rc<Counts>,
    is_proven: bool,
}

/// What is asked of each component, by its number.
pub(crate) struct Marks {
    /// Its package was affected at some version.
    pub(crate) is_relevant: Vec<bool>,
    ecosystem: Vec<usize>,
    n_ecosystems: usize,
}

impl Marks {
    pub(crate) fn of(components: &[Held]) -> Self {
        let of_hit = components.iter().filter(|it| !it.hits.is_empty());
        let affected: HashSet<u32> = of_hit.map(|it| it.package).collect();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let ecosystem = components.iter().map(|it| {
            let n = numbers.len();
            *numbers.entry(&it.ecosystem).or_insert(n)
        });
        let ecosystem = ecosystem.collect();
        let is_relevant = components.iter().map(|it| affected.contains(&it.package)).collect();
        Self { is_relevant, ecosystem, n_ecosystems: numbers.len() }
    }
}

pub(crate) fn timeline(sightings: &Sightings, files: &[usize], marks: &Marks) -> Timeline {
    let states = states(sightings, files, marks);
    let time = |moment: u32| sightings.moments[moment as usize].time;
    let mut timeline = Timeline::default();
    // The last state that was believed.
    let mut believed: Option<&State> = None;
    let mut is_dropped = false;
    for (index, state) in states.iter().enumerate() {
        let lost = believed.filter(|it| has_lost_mass(&it.counts, &state.counts));
        if let Some(before) = lost
            && !stands(&states[index..], before, sightings.cut, &time)
        {
            if !is_dropped {
                timeline.quarantined.push(state.moment);
            }
            is_dropped = true;
            let (moment, relevant) = (state.moment, Rc::clone(&before.relevant));
            timeline.steps.push(Step { moment, relevant, is_proven: false });
            continue;
        }
        is_dropped = false;
        believed = Some(state);
        let (moment, relevant) = (state.moment, Rc::clone(&state.relevant));
        timeline.steps.push(Step { moment, relevant, is_proven: state.is_proven });
    }
    timeline
}

/// Whether the loss that begins the states stood for 14 days.
fn stands(
    states: &[State],
    before: &State,
    cut: Timestamp,
    time: &dyn Fn(u32) -> Timestamp,
) -> bool {
    let Some(first) = states.first() else { return false };
    let dropped = time(first.moment);
    let mut later = states.iter().take_while(|it| is_soon(dropped, time(it.moment)));
    let is_back = later.any(|it| !has_lost_mass(&before.counts, &it.counts));
    !is_back && !is_soon(dropped, cut)
}

fn has_lost_mass(before: &Counts, after: &Counts) -> bool {
    before.iter().zip(after).any(|(before, after)| *before >= MASS && after * 2 < *before)
}

/// The union over the files at each moment at which one of them changed.
fn states(sightings: &Sightings, files: &[usize], marks: &Marks) -> Vec<State> {
    let mut changes: Vec<(u32, usize, FileState)> = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let sightings = sightings.files[*file].sightings.iter();
        changes.extend(sightings.map(|it| (it.moment, place, it.state)));
    }
    changes.sort_by_key(|it| (it.0, it.1));
    // Of each file: what it holds, and whether that is known.
    let mut held: Vec<(Option<u32>, bool)> = vec![(None, true); files.len()];
    // While anything is unknown, what was last known of the whole is still taken to be there.
    let mut proven: Vec<u32> = Vec::new();
    let mut known: HashMap<Vec<u32>, Summary> = HashMap::new();
    let mut states = Vec::new();
    for tied in changes.chunk_by(|a, b| a.0 == b.0) {
        for (_, place, state) in tied {
            held[*place] = match state {
                FileState::Absent => (None, true),
                FileState::Unknown => (None, false),
                FileState::Holds(inventory) => (Some(*inventory), true),
            };
        }
        let is_proven = held.iter().all(|it| it.1);
        let mut inventories: Vec<u32> = held.iter().filter_map(|it| it.0).collect();
        if is_proven {
            proven.clone_from(&inventories);
        } else {
            inventories
                .extend(proven.iter().filter(|it| !held.iter().any(|held| held.0 == Some(**it))));
        }
        let (relevant, counts) = known.entry(inventories).or_insert_with_key(|it| {
            let inventories = it.iter().map(|it| &*sightings.inventories[*it as usize]);
            summary(inventories, marks)
        });
        let (relevant, counts) = (Rc::clone(relevant), Rc::clone(counts));
        states.push(State { moment: tied[0].0, relevant, counts, is_proven });
    }
    states
}

/// Relevant components, and how many there are of each ecosystem.
type Summary = (Rc<[u32]>, Rc<Counts>);

/// What is needed of a set of inventories.
fn summary<'s>(inventories: impl Iterator<Item = &'s [u32]>, marks: &Marks) -> Summary {
    let mut relevant = Vec::new();
    let mut counts = vec![0; marks.n_ecosystems];
    for component in inventories.flatten() {
        let number = *component as usize;
        counts[marks.ecosystem[number]] += 1;
        if marks.is_relevant[number] {
            relevant.push(*component);
        }
    }
    relevant.sort_unstable();
    relevant.dedup();
    (relevant.into(), Rc::new(counts))
}
