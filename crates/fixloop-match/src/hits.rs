//! Which alias groups affect a version, with the times of their records: what a history is matched with.

use fixloop_index::IndexError;
use fixloop_model::{Class, Severity, Timestamp};

use crate::affected::{Answer, Candidate, answer};
use crate::known::{Known, KnownRow};

/// One alias group that affects a version, now or until it was withdrawn.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupHit {
    /// Every id of the group, the representative first.
    pub ids: Vec<String>,
    pub class: Class,
    pub severity: Option<Severity>,
    /// The first publication among the group's records of this package; the first change, if none tells its publication.
    pub disclosed: Timestamp,
    /// When the last affecting record was withdrawn, if all were.
    pub withdrawn: Option<Timestamp>,
}

/// 1970-01-01, which stands for "not known".
const UNDATED: Timestamp = Timestamp(0);

/// What is known about one version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    pub groups: Vec<GroupHit>,
    /// Representatives of groups that affect it and tell no date at all: since when it could have been known, nobody can say.
    pub undated: Vec<String>,
    /// A record could not be decided.
    pub is_undecided: bool,
}

/// `known` must be made by [`Known::of_all_times`] for withdrawn records to be seen.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn hits(
    known: &Known<'_>,
    ecosystem: &str,
    name: &str,
    version: &str,
) -> Result<Hits, IndexError> {
    let rows = known.rows(ecosystem, name)?;
    if rows.is_empty() {
        return Ok(Hits::default());
    }
    let candidate = Candidate::new(ecosystem, version);
    let mut affecting: Vec<&KnownRow<'_>> = Vec::new();
    let mut is_undecided = false;
    for row in rows {
        match answer(row, &candidate) {
            Answer::Yes => affecting.push(row),
            Answer::No => {}
            Answer::Undecided(_) => is_undecided |= row.record.withdrawn().is_none(),
        }
    }
    let mut groups: Vec<u32> = affecting.iter().map(|it| it.record.group()).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut found = Hits { is_undecided, ..Hits::default() };
    for group in groups {
        let Some(hit) = group_hit(rows, &affecting, group)? else { continue };
        if hit.disclosed == UNDATED {
            found.undated.extend(hit.ids.into_iter().next());
        } else {
            found.groups.push(hit);
        }
    }
    Ok(found)
}

fn group_hit(
    rows: &[KnownRow<'_>],
    affecting: &[&KnownRow<'_>],
    group: u32,
) -> Result<Option<GroupHit>, IndexError> {
    let of_group = affecting.iter().copied().filter(|it| it.record.group() == group);
    let is_live = |it: &&KnownRow<'_>| it.record.withdrawn().is_none();
    let has_live = of_group.clone().any(|it| is_live(&it));
    let members: Vec<&KnownRow<'_>> = of_group.filter(|it| !has_live || is_live(it)).collect();
    let Some(first) = members.first() else { return Ok(None) };
    // A record that names other versions of the package was published all the same.
    let records = rows.iter().filter(|it| it.record.group() == group);
    let records = records.filter(|it| !has_live || is_live(it)).map(|it| it.record);
    // Some records say 1970-01-01 where the day is not known: no advisory is that old.
    let published = records.clone().filter_map(|it| it.published()).filter(|it| *it > UNDATED);
    let published = published.min();
    let modified = records.filter_map(|it| it.modified()).filter(|it| *it > UNDATED).min();
    Ok(Some(GroupHit {
        ids: first
            .record
            .group_ids()
            .map(|id| id.map(ToOwned::to_owned))
            .collect::<Result<_, _>>()?,
        class: members.iter().map(|it| it.class).min().unwrap_or(first.class),
        severity: members.iter().filter_map(|it| it.severity.clone()).max_by_key(Severity::rank),
        disclosed: published.or(modified).unwrap_or(UNDATED),
        withdrawn: if has_live {
            None
        } else {
            members.iter().filter_map(|it| it.record.withdrawn()).max()
        },
    }))
}
