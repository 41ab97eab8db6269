//! The index against the transcription: random records, and every real one.

use std::collections::{BTreeMap, BTreeSet};

use fixloop_model::{Affected, Bound, Class, Event, Range, RangeType, Timestamp, normalize_name};
use fixloop_test_support::shared;
use fixloop_version::Scheme;
use proptest::prelude::*;

use super::pseudo_code::is_vulnerable;
use super::*;
use crate::{Known, check};

/// Both answers for every version.
#[track_caller]
fn compare(advisories: &[Advisory], ecosystem: &str, name: &str, versions: &[String]) {
    let index = index_of(advisories.iter().cloned());
    compare_with(
        &Known::new(&index),
        &groups(&index),
        &advisories.iter(),
        (ecosystem, name),
        versions,
    );
}

fn groups(index: &Index) -> BTreeMap<String, String> {
    let of_record = |record: fixloop_index::Record<'_>| {
        (record.id().unwrap().to_owned(), record.group_ids().next().unwrap().unwrap().to_owned())
    };
    index.records().map(|it| of_record(it.unwrap())).collect()
}

/// Returns how many versions both sides could decide; the others are left to the tables.
#[track_caller]
fn compare_with<'a>(
    known: &Known<'_>,
    groups: &BTreeMap<String, String>,
    advisories: &(impl Iterator<Item = &'a Advisory> + Clone),
    (ecosystem, name): (&str, &str),
    versions: &[String],
) -> usize {
    let mut n_decided = 0;
    for version in versions {
        let checked = check(known, &component(ecosystem, name, version), &[]).unwrap();
        let answered: BTreeSet<&String> = checked.matches.iter().map(|it| &it.ids[0]).collect();
        let mut expected = BTreeSet::new();
        let mut is_decided = checked.unknown.is_none();
        for advisory in advisories.clone().filter(|it| it.withdrawn.is_none()) {
            match is_vulnerable(ecosystem, name, version, advisory) {
                Some(true) => {
                    expected.insert(&groups[&advisory.id]);
                }
                Some(false) => {}
                None => is_decided = false,
            }
        }
        if is_decided {
            assert_eq!(answered, expected, "{ecosystem} {name} {version}");
            n_decided += 1;
        }
    }
    n_decided
}

fn version() -> impl Strategy<Value = String> {
    let prerelease = prop_oneof![3 => Just(String::new()), 1 => "-(a|b|rc\\.[0-2])"];
    (0..4u8, 0..3u8, prerelease).prop_map(|(major, minor, rest)| format!("{major}.{minor}.0{rest}"))
}

fn range() -> impl Strategy<Value = Range> {
    let bound = prop_oneof![
        3 => Just(Bound::Introduced),
        2 => Just(Bound::Fixed),
        1 => Just(Bound::LastAffected),
        1 => Just(Bound::Limit),
    ];
    let event = (bound, version()).prop_map(|(bound, version)| Event { bound, version });
    (prop::collection::vec(event, 0..6), any::<bool>()).prop_map(|(mut events, from_start)| {
        if from_start || events.iter().all(|it| it.bound != Bound::Introduced) {
            events.push(Event { bound: Bound::Introduced, version: "0".to_owned() });
        }
        // The schema leaves open which of two events at one version comes first.
        let mut seen = BTreeSet::new();
        events.retain(|it| it.bound == Bound::Limit || seen.insert(it.version.clone()));
        Range { range_type: RangeType::Semver, events }
    })
}

fn advisory(id: usize) -> impl Strategy<Value = Advisory> {
    let affected = (prop::collection::vec(range(), 0..3), prop::collection::vec(version(), 0..3))
        .prop_map(|(ranges, versions)| Affected {
            ecosystem: Ecosystem::NPM,
            name: "a".to_owned(),
            class: Class::Vulnerability,
            severity: None,
            versions,
            ranges,
        });
    prop::collection::vec(affected, 1..3).prop_map(move |affected| Advisory {
        id: format!("X-{id}"),
        aliases: Vec::new(),
        upstream: Vec::new(),
        summary: String::new(),
        url: String::new(),
        published: None,
        modified: Timestamp(0),
        withdrawn: None,
        affected,
    })
}

proptest! {
    #[test]
    fn random_records_agree_with_the_pseudo_code(
        advisories in (advisory(0), advisory(1), advisory(2)),
        versions in prop::collection::vec(version(), 1..8),
    ) {
        compare(&[advisories.0, advisories.1, advisories.2], "npm", "a", &versions);
    }
}

/// Versions tried of one package at most: enough to meet every bound of all but a few packages.
const MAX_VERSIONS: usize = 60;

#[test]
fn real_records_agree_with_the_pseudo_code() {
    let Some(root) = shared::unpacked("advisories") else { return };
    let mut newest: BTreeMap<String, Advisory> = BTreeMap::new();
    for path in shared::files_below(&root, "json") {
        let advisory = parse(&std::fs::read(&path).unwrap()).unwrap().advisory;
        newest.insert(advisory.id.clone(), advisory);
    }
    let index = index_of(newest.values().cloned());
    let (known, groups) = (Known::new(&index), groups(&index));
    let mut by_package: BTreeMap<(String, String), Vec<&Advisory>> = BTreeMap::new();
    for advisory in newest.values() {
        for affected in &advisory.affected {
            // Suffixed ecosystems are in the tables: the pseudo-code does not speak of parents.
            let is_ordered = Scheme::for_ecosystem(affected.ecosystem.as_str()).is_some();
            if is_ordered && affected.ecosystem.suffix().is_none() {
                let name = normalize_name(affected.ecosystem.as_str(), &affected.name);
                let key = (affected.ecosystem.to_string(), name.into_owned());
                let of_package = by_package.entry(key).or_default();
                if of_package.last().is_none_or(|it| it.id != advisory.id) {
                    of_package.push(advisory);
                }
            }
        }
    }
    let (mut n_versions, mut n_decided) = (0, 0);
    for ((ecosystem, name), advisories) in &by_package {
        let versions = versions_of(ecosystem, name, advisories);
        if !advisories.iter().any(|it| has_ties(it)) {
            let of_package = advisories.iter().copied();
            n_decided += compare_with(&known, &groups, &of_package, (ecosystem, name), &versions);
            n_versions += versions.len();
        }
    }
    assert!(n_versions > 30_000, "{n_versions}");
    // What is left is undecided on both sides: versions outside their scheme, commits against tags.
    assert!(n_versions - n_decided < n_versions / 50, "{n_decided} of {n_versions}");
}

/// Two events at one version: the schema does not say which comes first.
fn has_ties(advisory: &Advisory) -> bool {
    advisory.affected.iter().flat_map(|it| &it.ranges).any(|range| {
        let mut seen = BTreeSet::new();
        range.events.iter().any(|it| !seen.insert(&it.version))
    })
}

fn versions_of(ecosystem: &str, name: &str, advisories: &[&Advisory]) -> Vec<String> {
    let of_package = advisories.iter().flat_map(|it| &it.affected).filter(|it| {
        it.ecosystem.as_str() == ecosystem && normalize_name(ecosystem, &it.name) == name
    });
    let mut versions = BTreeSet::new();
    for affected in of_package {
        let bounds = affected.ranges.iter().flat_map(|it| &it.events).map(|it| &it.version);
        versions.extend(bounds.chain(&affected.versions).cloned());
    }
    let step = versions.len().div_ceil(MAX_VERSIONS).max(1);
    versions.into_iter().step_by(step).collect()
}
