//! What `fixloop.toml` accepted when.

use std::collections::{BTreeSet, HashMap};

use fixloop_exceptions::{Exceptions, apply, parse};
use fixloop_exposure::{Acceptance, FileState, Sightings};
use fixloop_model::{Finding, Place, Position, Timestamp};
use jiff::tz::Offset;

use crate::repository::with_blob_text;
use crate::targets::Files;

/// Where a project writes down what it accepts.
pub(crate) const EXCEPTIONS_FILE: &str = "fixloop.toml";

/// One state for each version of the file and each day on which an exception expires; and commits at which it could not be read, with the
/// reason: what was accepted before is still taken to be.
pub(crate) fn accepted(
    repository: &gix::Repository,
    files: &Files,
    sightings: &Sightings,
) -> (Vec<Acceptance>, Vec<(u32, String)>) {
    let versions = files.versions(EXCEPTIONS_FILE);
    let n_before = versions.partition_point(|it| (it.0 as usize) < sightings.moments.len());
    let versions = &versions[..n_before];
    if versions.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut unread = Vec::new();
    let findings = findings(sightings);
    let mut accepted = Vec::new();
    for (index, (commit, blob)) in versions.iter().enumerate() {
        let time = |commit: u32| sightings.moments[commit as usize].time;
        let from = time(*commit);
        let until = versions.get(index + 1).map_or(Timestamp(i64::MAX), |it| time(it.0));
        let read = |text: &str| parse(EXCEPTIONS_FILE, text);
        let exceptions = match blob.map(|it| with_blob_text(repository, it, read)) {
            None => Exceptions::default(),
            Some(Ok(exceptions)) => exceptions,
            Some(Err(reason)) => {
                unread.push((*commit, reason));
                continue;
            }
        };
        let expiries = exceptions.exceptions.iter().filter_map(|it| it.expires);
        // From the start of the day after its last one.
        let ends = expiries.filter_map(|it| {
            let next = Offset::UTC.to_timestamp(it.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
            Some(Timestamp(next.as_microsecond()))
        });
        let mut times: BTreeSet<Timestamp> = ends.filter(|it| from < *it && *it < until).collect();
        times.insert(from);
        for from in times {
            accepted.push(Acceptance { from, pairs: pairs(&exceptions, &findings, from) });
        }
    }
    (accepted, unread)
}

/// Findings of every file and affected component that it ever held.
fn findings(sightings: &Sightings) -> Vec<((u32, u32, u32), Finding)> {
    let mut findings = Vec::new();
    for (number, file) in (0..).zip(&sightings.files) {
        let inventories = file.sightings.iter().filter_map(|it| match it.state {
            FileState::Holds(inventory) => Some(&sightings.inventories[inventory as usize]),
            FileState::Absent | FileState::Unknown => None,
        });
        let components: BTreeSet<u32> = inventories.flatten().copied().collect();
        for component in components {
            let held = &sightings.components[component as usize];
            for hit in &held.hits {
                let place =
                    Place { path: file.path.clone(), position: Position { line: 1, column: 1 } };
                let finding = Finding {
                    ecosystem: held.ecosystem.clone(),
                    version: held.version.clone().unwrap_or_default(),
                    ids: sightings.groups[hit.group as usize].ids.clone(),
                    ..Finding::of_file(hit.class, held.name.clone(), String::new(), place)
                };
                findings.push(((number, component, hit.group), finding));
            }
        }
    }
    findings
}

/// Path, name, version and representative id.
type FindingKey<'f> = (&'f str, &'f str, &'f str, &'f str);

fn pairs(
    exceptions: &Exceptions,
    findings: &[((u32, u32, u32), Finding)],
    at: Timestamp,
) -> Vec<(u32, u32, u32)> {
    let Ok(at) = jiff::Timestamp::from_microsecond(at.0) else { return Vec::new() };
    let day = Offset::UTC.to_datetime(at).date();
    let applied = apply(exceptions, findings.iter().map(|it| it.1.clone()).collect(), day);
    let mut keys: HashMap<FindingKey<'_>, Vec<(u32, u32, u32)>> = HashMap::new();
    for (key, it) in findings {
        let id = it.ids.first().map_or("", |it| it);
        keys.entry((&it.path, &it.name, &it.version, id)).or_default().push(*key);
    }
    let suppressed = applied.suppressed.iter().flat_map(|it| {
        let it = &it.finding;
        let id = it.ids.first().map_or("", |it| it);
        keys.get(&(&*it.path, &*it.name, &*it.version, id)).into_iter().flatten().copied()
    });
    let mut pairs: Vec<(u32, u32, u32)> = suppressed.collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
