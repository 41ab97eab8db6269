//! Alias groups: the advisories of one vulnerability, counted once.
//!
//! A group is the transitive closure of `aliases` and `upstream` over all records; `related` is not followed. A record whose
//! `upstream` names several CVEs bundles several vulnerabilities (a distribution's update, say) and is not linked to any of them:
//! linking would merge vulnerabilities that share nothing but a release day.

use std::collections::HashMap;

use fixloop_model::Advisory;

/// `groups[group]` are its ids, representative first; `of_record[record]` is the record's group.
pub(crate) struct Groups<'a> {
    pub(crate) ids: Vec<Vec<&'a str>>,
    pub(crate) of_record: Vec<u32>,
}

/// `formerly` gives the representative under which an id was known before; it stays, so that a group keeps its name when a CVE is
/// assigned later.
pub(crate) fn groups<'a>(
    advisories: &'a [Advisory],
    formerly: &HashMap<String, String>,
) -> Groups<'a> {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    let mut number = |id: &'a str, parents: &mut Vec<usize>| {
        *numbers.entry(id).or_insert_with(|| {
            parents.push(parents.len());
            ids.push(id);
            parents.len() - 1
        })
    };
    let mut own = Vec::with_capacity(advisories.len());
    for advisory in advisories {
        let record = number(&advisory.id, &mut parents);
        own.push(record);
        let n_upstream_cves = advisory.upstream.iter().filter(|it| it.starts_with("CVE-")).count();
        let upstream = advisory.upstream.iter().filter(|_| n_upstream_cves <= 1);
        for alias in advisory.aliases.iter().chain(upstream) {
            let alias = number(alias, &mut parents);
            let (a, b) = (root(&mut parents, record), root(&mut parents, alias));
            parents[a] = b;
        }
    }
    let mut group_of_root: HashMap<usize, u32> = HashMap::new();
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut group = |node: usize, parents: &mut Vec<usize>| {
        *group_of_root.entry(root(parents, node)).or_insert_with(|| {
            groups.push(Vec::new());
            u32::try_from(groups.len() - 1).expect("fewer groups than 2^32: each has a record")
        })
    };
    let of_record: Vec<u32> = own.iter().map(|it| group(*it, &mut parents)).collect();
    let of_id: Vec<u32> = (0..ids.len()).map(|it| group(it, &mut parents)).collect();
    for (id, group) in ids.iter().zip(of_id) {
        groups[group as usize].push(id);
    }
    for ids in &mut groups {
        ids.sort_unstable_by_key(|id| (rank(id), *id));
        let kept = ids.iter().filter_map(|id| formerly.get(*id)).min_by_key(|id| (rank(id), *id));
        if let Some(at) = kept.and_then(|kept| ids.iter().position(|id| id == kept)) {
            ids[..=at].rotate_right(1);
        }
    }
    Groups { ids: groups, of_record }
}

/// CVE, then the ecosystem's own database, then GHSA; everything else (distributions, mirrors) after.
fn rank(id: &str) -> u8 {
    const ECOSYSTEM_DATABASES: [&str; 10] = [
        "RUSTSEC-", "GO-", "PYSEC-", "MAL-", "RSEC-", "HSEC-", "JLSEC-", "EEF-", "RUBYSEC-",
        "DRUPAL-",
    ];
    match id {
        _ if id.starts_with("CVE-") => 0,
        _ if ECOSYSTEM_DATABASES.iter().any(|it| id.starts_with(it)) => 1,
        _ if id.starts_with("GHSA-") => 2,
        _ => 3,
    }
}

fn root(parents: &mut [usize], mut node: usize) -> usize {
    while parents[node] != node {
        parents[node] = parents[parents[node]];
        node = parents[node];
    }
    node
}

#[cfg(test)]
mod tests {
    use fixloop_model::Timestamp;

    use super::*;

    fn advisory(id: &str, aliases: &[&str], upstream: &[&str]) -> Advisory {
        let owned = |it: &[&str]| it.iter().map(ToString::to_string).collect();
        Advisory {
            id: id.to_owned(),
            aliases: owned(aliases),
            upstream: owned(upstream),
            summary: String::new(),
            url: String::new(),
            published: None,
            modified: Timestamp(0),
            withdrawn: None,
            affected: Vec::new(),
        }
    }

    #[track_caller]
    fn check(advisories: &[Advisory], formerly: &[(&str, &str)], expected: &[&[&str]]) {
        let formerly = formerly.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let groups = groups(advisories, &formerly);
        assert_eq!(groups.ids, expected);
    }

    #[test]
    fn groups_are_closed_transitively() {
        let links = [
            advisory("A-1", &["D-1"], &[]),
            advisory("B-1", &["C-1"], &[]),
            advisory("C-1", &["D-1"], &[]),
            advisory("E-1", &[], &[]),
        ];
        check(&links, &[], &[&["A-1", "B-1", "C-1", "D-1"], &["E-1"]]);
    }

    #[test]
    fn one_upstream_vulnerability_links_and_a_bundle_does_not() {
        let one = [advisory("JLSEC-1", &[], &["GHSA-a", "CVE-1", "EUVD-1"])];
        check(&one, &[], &[&["CVE-1", "JLSEC-1", "GHSA-a", "EUVD-1"]]);
        let bundle =
            [advisory("USN-1", &[], &["CVE-1", "CVE-2"]), advisory("GHSA-a", &["CVE-1"], &[])];
        check(&bundle, &[], &[&["USN-1"], &["CVE-1", "GHSA-a"]]);
    }

    #[test]
    fn a_representative_survives_a_later_alias() {
        let later = [advisory("GHSA-a", &["CVE-1"], &[])];
        check(&later, &[("GHSA-a", "GHSA-a")], &[&["GHSA-a", "CVE-1"]]);
    }
}
