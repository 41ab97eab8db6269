//! A record, matched: what was seen when.

use std::collections::{BTreeSet, HashMap};

use fixloop_exposure::{Held, Hit, Moment, Sightings, VulnerabilityGroup};
use fixloop_index::IndexError;
use fixloop_match::{GroupHit, Hits, Known, hits};
use fixloop_model::{Timestamp, normalize_name};
use rayon::prelude::*;

use crate::record::{Commit, ComponentKey, Origin};

/// Times that never fall, and how many were changed for that.
///
/// A committer's clock is not to be trusted: a time before the parent's becomes the parent's; one after the cut becomes that of the
/// earliest descendant that is not after it, or the cut. A commit without a readable time, or from before 1970, has its parent's.
pub(crate) fn moments(commits: &[Commit], cut: Timestamp) -> (Vec<Moment>, usize) {
    let claimed = commits.iter().map(|it| {
        it.seconds.filter(|it| *it >= 0).and_then(|it| it.checked_mul(1_000_000)).map(Timestamp)
    });
    let claimed: Vec<Option<Timestamp>> = claimed.collect();
    // From the newest backwards: the latest that a commit can be, by its descendants.
    let mut latest = vec![cut; commits.len()];
    let mut bound = cut;
    for (index, time) in claimed.iter().enumerate().rev() {
        latest[index] = bound;
        bound = time.filter(|it| *it <= cut).map_or(bound, |it| it.min(bound));
    }
    let mut before = Timestamp(0);
    let mut n_corrected = 0;
    let mut moments = Vec::with_capacity(commits.len());
    for ((commit, claimed), latest) in commits.iter().zip(claimed).zip(latest) {
        let wanted = match claimed {
            Some(time) if time <= cut => time,
            Some(_) => latest,
            None => before,
        };
        let time = wanted.max(before);
        n_corrected += usize::from(claimed != Some(time));
        before = time;
        moments.push(Moment { time, id: commit.id.to_string() });
    }
    (moments, n_corrected)
}

/// Components matched.
pub(crate) struct Matched {
    pub(crate) components: Vec<Held>,
    pub(crate) groups: Vec<VulnerabilityGroup>,
    pub(crate) n_unmatched: usize,
    /// Alias groups without any date, by their representatives.
    pub(crate) undated: BTreeSet<String>,
}

/// Components with the alias groups that affect them, and how many could not be matched: of a registry that may or may not mirror the
/// public one, with a record that could not be decided, or without a version. `mirrors` serve the public registry's packages unchanged.
///
/// # Errors
/// If the index turns out to be damaged.
pub(crate) fn held(
    components: &[ComponentKey],
    known: &Known<'_>,
    mirrors: &[String],
) -> Result<Matched, IndexError> {
    let matched = components.par_iter().map(|it| match (&it.version, is_public(it, mirrors)) {
        (Some(version), true) => hits(known, &it.ecosystem, &it.name, version),
        _ => Ok(Hits::default()),
    });
    let matched: Vec<Hits> = matched.collect::<Result<_, _>>()?;
    let mut n_unmatched = 0;
    let mut undated = BTreeSet::new();
    let mut groups: Vec<VulnerabilityGroup> = Vec::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut packages: HashMap<(&str, String), u32> = HashMap::new();
    let mut held = Vec::with_capacity(components.len());
    for (component, matched) in components.iter().zip(matched) {
        undated.extend(matched.undated);
        let is_unmatched = matched.is_undecided
            || component.origin != Origin::Elsewhere
                && (!is_public(component, mirrors) || component.version.is_none());
        n_unmatched += usize::from(is_unmatched);
        let name = normalize_name(&component.ecosystem, &component.name).into_owned();
        // A fork from elsewhere is another package than the registry's of that name.
        let origin = if component.origin == Origin::Elsewhere { "elsewhere" } else { "" };
        let next = crate::walk::number(packages.len());
        let package =
            *packages.entry((origin, format!("{}/{name}", component.ecosystem))).or_insert(next);
        let hits = matched.groups.into_iter().map(|it| hit(it, &mut groups, &mut numbers));
        held.push(Held {
            ecosystem: component.ecosystem.clone(),
            name: component.name.clone(),
            package,
            version: component.version.clone(),
            direct: component.direct,
            scope: component.scope,
            hits: hits.collect(),
        });
    }
    Ok(Matched { components: held, groups, n_unmatched, undated })
}

fn hit(
    it: GroupHit,
    groups: &mut Vec<VulnerabilityGroup>,
    numbers: &mut HashMap<String, u32>,
) -> Hit {
    let representative = it.ids.first().cloned().unwrap_or_default();
    let next = crate::walk::number(groups.len());
    let group = *numbers.entry(representative).or_insert(next);
    if group == next {
        groups.push(VulnerabilityGroup { ids: it.ids });
    }
    let (class, severity) = (it.class, it.severity);
    Hit { group, class, severity, disclosed: it.disclosed, withdrawn: it.withdrawn }
}

fn is_public(component: &ComponentKey, mirrors: &[String]) -> bool {
    match &component.origin {
        Origin::PublicRegistry => true,
        Origin::Registry(host) => mirrors.contains(host),
        Origin::UnknownRegistry | Origin::Elsewhere => false,
    }
}

/// Everything but what was accepted.
pub(crate) fn sightings(
    repository: String,
    moments: Vec<Moment>,
    read: crate::targets::Targets,
    (components, groups): (Vec<Held>, Vec<VulnerabilityGroup>),
    cut: Timestamp,
) -> Sightings {
    Sightings {
        repository,
        moments,
        files: read.tracks,
        inventories: read.inventories,
        components,
        groups,
        accepted: Vec::new(),
        cut,
    }
}
