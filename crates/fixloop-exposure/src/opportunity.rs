//! What one upgrade closes: the exposures of one package in one target that are open together.

use std::collections::{BTreeMap, HashSet};

use fixloop_model::{Class, Ending, Exposure, Opportunity, Severity, Timestamp};

use crate::exposures::Exposures;

/// Adds the opportunities of the exposures from `begin` on, which are one target's.
///
/// Withdrawn ones are no event. What no upgrade clears (unmaintained, informational) makes opportunities of its own, which no statistic
/// counts, so that it does not keep a fixed vulnerability open.
pub(crate) fn opportunities(begin: usize, all: &mut Exposures) {
    let mut packages: BTreeMap<(String, String, bool), Vec<usize>> = BTreeMap::new();
    for (index, it) in all.exposures.iter().enumerate().skip(begin) {
        if it.outcome != Ending::Withdrawn {
            let is_counted = it.class <= Class::Vulnerability;
            let key = (it.ecosystem.clone(), it.name.clone(), !is_counted);
            packages.entry(key).or_default().push(index);
        }
    }
    let mut ids: HashSet<String> = HashSet::new();
    for mut members in packages.into_values() {
        members.sort_by_key(|it| (all.exposures[*it].start, *it));
        let mut open: Vec<usize> = Vec::new();
        let mut until: Option<Timestamp> = None;
        for index in members {
            let it = &all.exposures[index];
            // What begins when the last one ends was never clean in between.
            let is_apart = !open.is_empty() && until.is_some_and(|until| it.start > until);
            if is_apart {
                add(std::mem::take(&mut open), all, &mut ids);
            }
            let it = &all.exposures[index];
            // A censored one was there until its last proof.
            let end = it.end.unwrap_or(it.last_seen);
            until = Some(until.filter(|_| !open.is_empty()).map_or(end, |it| it.max(end)));
            open.push(index);
        }
        if !open.is_empty() {
            add(open, all, &mut ids);
        }
    }
    // Withdrawn ones are part of none and still need a name of their own.
    for it in all.exposures.iter_mut().skip(begin).filter(|it| it.opportunity.is_empty()) {
        it.opportunity = format!("{}#{}/{}#withdrawn", it.target, it.ecosystem, it.name);
    }
}

fn add(members: Vec<usize>, all: &mut Exposures, ids: &mut HashSet<String>) {
    let of = |it: &usize| &all.exposures[*it];
    let first = of(&members[0]);
    let stem = format!("{}#{}/{}", first.target, first.ecosystem, first.name);
    let numbers = 1..=ids.len() + 1;
    let id = numbers.map(|n| format!("{stem}#{n}")).find(|it| !ids.contains(it));
    let Some(id) = id else { return };
    ids.insert(id.clone());
    let opportunity = joined(id.clone(), &members, &all.exposures);
    all.opportunities.push(opportunity);
    for it in members {
        all.exposures[it].opportunity.clone_from(&id);
    }
}

fn joined(id: String, members: &[usize], exposures: &[Exposure]) -> Opportunity {
    let of = || members.iter().map(|it| &exposures[*it]);
    let first = &exposures[members[0]];
    let is_open = of().any(|it| it.end.is_none());
    let last = of().max_by_key(|it| (it.end, std::cmp::Reverse(it.outcome))).unwrap_or(first);
    let severities = of().filter_map(|it| it.severity.clone());
    Opportunity {
        id,
        exposures: members.to_vec(),
        repository: first.repository.clone(),
        target: first.target.clone(),
        team: None,
        ecosystem: first.ecosystem.clone(),
        name: first.name.clone(),
        class: of().map(|it| it.class).min().unwrap_or(first.class),
        introduced: first.introduced,
        disclosed: first.disclosed,
        left_truncated: first.left_truncated,
        start: first.start,
        entry: first.entry,
        end: if is_open { None } else { last.end },
        last_seen: of().map(|it| it.last_seen).max().unwrap_or(first.last_seen),
        outcome: if is_open { Ending::Open } else { last.outcome },
        severity: severities.max_by_key(Severity::rank),
        direct: of().filter_map(|it| it.direct).max(),
        scope: of().filter_map(|it| it.scope).min(),
        n_regressions: regressions(members, exposures),
        introducing_commit: first.introducing_commit.clone(),
        fixing_commit: if is_open { None } else { last.fixing_commit.clone() },
    }
}

/// One undone upgrade counts once, however many advisories it would have cleared.
fn regressions(members: &[usize], exposures: &[Exposure]) -> usize {
    let undone = members.iter().flat_map(|it| &exposures[*it].regressions);
    undone.map(|it| (it.upgraded, it.reverted)).collect::<HashSet<_>>().len()
}
