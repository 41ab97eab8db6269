//! Which alert is the first of which opportunity.

use std::collections::{BTreeSet, HashMap, HashSet};

use fixloop_model::{Opportunity, normalize_name};

use super::Alert;
use crate::evidence::Mined;

/// The first alert of each opportunity.
#[derive(Clone, Debug, PartialEq)]
pub struct Matching<'a> {
    /// In the order of the opportunities.
    first: Vec<Option<&'a Alert>>,
    pub n_alerts: usize,
    /// Alerts that are of an opportunity, first or not.
    pub n_used: usize,
    /// Alerts made after the data cut, which are not looked at.
    pub n_after_cut: usize,
    /// Repositories named without owner that have alerts under several owners: matched with none.
    pub ambiguous: Vec<String>,
}

impl<'a> Matching<'a> {
    /// Those of the same opportunities that have an alert, with it.
    pub fn pairs(
        &self,
        opportunities: &'a [&'a Opportunity],
    ) -> impl Iterator<Item = (&'a Opportunity, &'a Alert)> {
        let pairs = opportunities.iter().zip(&self.first);
        pairs.filter_map(|(it, alert)| Some((*it, (*alert)?)))
    }
}

/// Package and the repository's last part, in lower case.
type Key<'a> = (String, &'a str, &'a str);

/// Matches by repository, ecosystem, name, an id in common and the manifest's folder; and in time, so that an alert of an earlier
/// episode is not taken for a later one's.
pub fn first_alerts<'a>(mined: &Mined<'_>, alerts: &'a [Alert]) -> Matching<'a> {
    let mut by_key: HashMap<Key<'_>, Vec<usize>> = HashMap::new();
    let mut owners: HashMap<String, HashSet<String>> = HashMap::new();
    for (place, it) in alerts.iter().enumerate().filter(|it| it.1.created <= mined.cut) {
        let last = last_part(&it.repository);
        owners.entry(last.clone()).or_default().insert(it.repository.to_lowercase());
        by_key.entry((last, &*it.ecosystem, &*it.name)).or_default().push(place);
    }
    let targets: HashSet<&str> = mined.exposures.iter().map(|it| &*it.target).collect();
    let mut ambiguous: BTreeSet<String> = BTreeSet::new();
    let mut used: HashSet<usize> = HashSet::new();
    let mut first = Vec::with_capacity(mined.opportunities.len());
    for opportunity in mined.opportunities {
        let repository = opportunity.repository.to_lowercase();
        let last = last_part(&repository);
        if !repository.contains('/') && owners.get(&last).is_some_and(|it| it.len() > 1) {
            ambiguous.insert(opportunity.repository.clone());
            first.push(None);
            continue;
        }
        let name = normalize_name(&opportunity.ecosystem, &opportunity.name);
        let candidates = by_key.get(&(last, &*opportunity.ecosystem, &*name));
        let fitting = candidates
            .into_iter()
            .flatten()
            .filter(|it| is_repository(&repository, &alerts[**it].repository))
            .filter(|it| is_at(opportunity, &alerts[**it].manifest_path, &targets))
            .filter(|it| is_of(mined, opportunity, &alerts[**it]));
        let fitting: Vec<usize> = fitting.copied().collect();
        used.extend(&fitting);
        let earliest = fitting.iter().map(|it| &alerts[*it]);
        first.push(earliest.min_by_key(|it| (it.created, it.number)));
    }
    let n_after_cut = alerts.iter().filter(|it| it.created > mined.cut).count();
    let ambiguous = ambiguous.into_iter().collect();
    Matching { first, n_alerts: alerts.len(), n_used: used.len(), n_after_cut, ambiguous }
}

fn last_part(repository: &str) -> String {
    let last = repository.rsplit_once('/').map_or(repository, |(_, last)| last);
    last.to_lowercase()
}

/// `ours`, in lower case, may lack the owner, or have a host before it.
fn is_repository(ours: &str, full_name: &str) -> bool {
    let full_name = full_name.to_lowercase();
    !ours.contains('/')
        || ours == full_name
        || ours.strip_suffix(&full_name).is_some_and(|it| it.ends_with('/'))
}

/// In the same file; or in the same folder, if the alert's file is no target of its own.
fn is_at(opportunity: &Opportunity, manifest_path: &str, targets: &HashSet<&str>) -> bool {
    let manifest_path = manifest_path.trim_start_matches('/');
    let alerted = format!("{}:{manifest_path}", opportunity.repository);
    let path = opportunity.target.get(opportunity.repository.len() + 1..).unwrap_or_default();
    opportunity.target == alerted
        || (folder(path) == folder(manifest_path) && !targets.contains(&*alerted))
}

fn is_of(mined: &Mined<'_>, opportunity: &Opportunity, alert: &Alert) -> bool {
    let mut ids = mined.exposures_of(opportunity).flat_map(|it| &it.ids);
    // An alert of an earlier episode was closed before this one, and a later one's comes after its end.
    opportunity.end.is_none_or(|end| alert.created <= end)
        && alert.closed.is_none_or(|closed| closed >= opportunity.introduced)
        && ids.any(|id| alert.ids.iter().any(|it| it.eq_ignore_ascii_case(id)))
}

/// The manifest and its lockfile lie in one folder; the alert may name either.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
