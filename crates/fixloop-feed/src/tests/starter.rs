//! The embedded records: enough of them, and of the same verdict as their sources.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use fixloop_advisory::parse;
use fixloop_index::{ParsedRange, prepare, scheme_of_range};
use fixloop_model::{Advisory, Affected, Class, Range};
use fixloop_test_support::shared;
use fixloop_version::Scheme;

use crate::starter_index;

fn records(folder: &Path) -> Vec<Advisory> {
    let found = shared::files_below(folder, "json");
    found.iter().filter_map(|path| Some(parse(&fs::read(path).unwrap()).ok()?.advisory)).collect()
}

fn starter() -> Vec<Advisory> {
    records(&Path::new(env!("CARGO_MANIFEST_DIR")).join("starter"))
}

#[test]
fn the_starter_index_is_large_enough() {
    let index = starter_index().unwrap();
    index.verify().unwrap();
    let records = starter();
    assert_eq!(index.n_records(), records.len());
    assert!(records.len() >= 60);
    let ecosystems: BTreeSet<&str> =
        records.iter().flat_map(|it| &it.affected).map(|it| it.ecosystem.base()).collect();
    assert!(ecosystems.len() >= 8, "{ecosystems:?}");
    for class in [Class::Malicious, Class::Unmaintained, Class::Vulnerability] {
        assert!(
            records.iter().any(|it| it.affected.iter().any(|it| it.class == class)),
            "{class:?}"
        );
    }
    for it in &records {
        assert!(!it.summary.is_empty() && it.summary.len() <= 120, "{}", it.id);
    }
}

#[test]
fn every_part_of_the_embedded_records_is_used() {
    for it in starter() {
        let id = it.id.clone();
        let unused = prepare(it).unused;
        assert!(unused.is_empty(), "{id}: {unused:?}");
    }
}

/// For each record that the reference data has, by its id or by an alias for the same packages: the same answer for every version that
/// either names.
#[test]
fn verdicts_are_those_of_the_source() {
    let Some(folder) = shared::unpacked("advisories") else { return };
    let packages = |it: &Advisory| -> BTreeSet<(String, String)> {
        it.affected.iter().map(|it| (it.ecosystem.as_str().to_owned(), it.name.clone())).collect()
    };
    let mut all = records(&folder);
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let by_id = all.iter().map(|it| (&it.id, it));
    let by_alias =
        all.iter().flat_map(|source| source.aliases.iter().map(move |alias| (alias, source)));
    let mut sources: HashMap<_, &Advisory> = HashMap::new();
    for (id, source) in by_id.chain(by_alias) {
        sources.entry((id.clone(), packages(source))).or_insert(source);
    }
    let mut n_compared = 0;
    for ours in starter() {
        let Some(source) = sources.get(&(ours.id.clone(), packages(&ours))) else { continue };
        let mut versions: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for affected in ours.affected.iter().chain(&source.affected) {
            let named = versions
                .entry((affected.ecosystem.as_str().to_owned(), affected.name.clone()))
                .or_default();
            named.extend(affected.versions.iter().cloned());
            named.extend(
                affected.ranges.iter().flat_map(|it| &it.events).map(|it| it.version.clone()),
            );
        }
        for ((ecosystem, name), versions) in versions {
            for version in versions {
                let verdict = |of: &Advisory| is_affected(of, &ecosystem, &name, &version);
                assert_eq!(
                    verdict(&ours),
                    verdict(source),
                    "{}: {ecosystem} {name} {version}",
                    ours.id
                );
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 1000, "{n_compared}");
}

fn is_affected(advisory: &Advisory, ecosystem: &str, name: &str, version: &str) -> bool {
    let is_of = |it: &&Affected| it.ecosystem.as_str() == ecosystem && it.name == name;
    let Some(parsed) = Scheme::for_ecosystem(ecosystem).and_then(|it| it.parse(version).ok())
    else {
        return false;
    };
    advisory.affected.iter().filter(is_of).any(|it| {
        let is_listed = it
            .versions
            .iter()
            .any(|listed| parsed.scheme().parse(listed).is_ok_and(|it| it == parsed));
        let holds = |range: &Range| -> Option<bool> {
            let scheme = scheme_of_range(range.range_type, ecosystem)?;
            let events = range.events.iter().map(|it| (it.bound, it.version.as_str()));
            Some(ParsedRange::parse(scheme, events).ok()?.contains(&scheme.parse(version).ok()?))
        };
        is_listed || it.ranges.iter().any(|range| holds(range) == Some(true))
    })
}
