//! One component against everything known about its package.

use std::borrow::Cow;

use fixloop_index::IndexError;
use fixloop_model::{Class, Component, Severity, Source, Timestamp};

use crate::affected::{Answer, Candidate, Reason, answer};
use crate::fix::{first_clear, later_fixes};
use crate::known::{Known, KnownRow};

/// One alias group that affects the component.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Every id of the alias group, the representative first.
    pub ids: Vec<String>,
    pub class: Class,
    pub severity: Option<Severity>,
    pub summary: String,
    pub url: String,
    pub fixed_in: Option<String>,
    pub fixed_version: Option<String>,
    /// The first publication among the group's records of this package; nothing where none tells.
    pub disclosed: Option<Timestamp>,
}

/// What is known about one component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    pub matches: Vec<Match>,
    /// Why the answer is not complete; a lower-case fragment.
    pub unknown: Option<String>,
}

/// Which advisories apply to a component, by where it comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Applicable {
    /// The public registry's.
    Public,
    /// The public registry's, if the registry it comes from mirrors that.
    IfMirror(String),
    /// None: its code does not come from a registry.
    None,
}

impl Applicable {
    /// `mirrors` are hosts that serve the public registry's packages unchanged.
    pub fn of(source: &Source, mirrors: &[String]) -> Self {
        match source {
            Source::PublicRegistry => Self::Public,
            Source::Registry { host } if mirrors.contains(host) => Self::Public,
            Source::Registry { host } => Self::IfMirror(format!(
                "comes from registry `{host}`, which may or may not mirror the public one"
            )),
            Source::Unknown => {
                Self::IfMirror("comes from a registry that the file does not tell".to_owned())
            }
            Source::Git { .. }
            | Source::Archive { .. }
            | Source::Path { .. }
            | Source::Workspace => Self::None,
        }
    }
}

/// Evaluates every advisory of the component's package.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn check(
    known: &Known<'_>,
    component: &Component,
    mirrors: &[String],
) -> Result<Checked, IndexError> {
    check_as(known, component, &Applicable::of(&component.source, mirrors))
}

/// As [`check`], where somebody knows better which advisories apply.
///
/// # Errors
/// If the index turns out to be damaged.
pub fn check_as(
    known: &Known<'_>,
    component: &Component,
    applicable: &Applicable,
) -> Result<Checked, IndexError> {
    if *applicable == Applicable::None {
        return Ok(Checked::default());
    }
    let Some(version) = &component.version else {
        let unknown = Some(match &component.requirement {
            Some(requirement) => {
                format!("requirement `{}` does not fix one version", shortened(requirement))
            }
            None => "no version given".to_owned(),
        });
        return Ok(Checked { matches: Vec::new(), unknown });
    };
    let rows = known.rows(component.ecosystem.as_str(), &component.name)?;
    if rows.is_empty() {
        return Ok(Checked::default());
    }
    let candidate = Candidate::new(component.ecosystem.as_str(), version);
    let mut affecting: Vec<&KnownRow<'_>> = Vec::new();
    let mut undecided: Vec<(&KnownRow<'_>, Reason)> = Vec::new();
    for row in rows {
        match answer(row, &candidate) {
            Answer::Yes => affecting.push(row),
            Answer::No => {}
            Answer::Undecided(reason) => undecided.push((row, reason)),
        }
    }
    let matches = matches(rows, &affecting, &candidate)?;
    if let (Applicable::IfMirror(why), Some(first)) = (applicable, matches.first()) {
        let (id, others) = (&first.ids[0], matches.len() - 1);
        let more = if others == 0 { String::new() } else { format!(" and {others} more") };
        let unknown = Some(format!("{why}: `{id}`{more} would apply"));
        return Ok(Checked { matches: Vec::new(), unknown });
    }
    let groups = |it: &&KnownRow<'_>| it.record.group();
    undecided.retain(|(row, _)| !affecting.iter().any(|it| groups(it) == groups(row)));
    let unknown = undecided.first().map(|(row, reason)| {
        Ok::<_, IndexError>(explain(version, row.record.id()?, undecided.len(), *reason))
    });
    Ok(Checked { matches, unknown: unknown.transpose()? })
}

/// A hostile file may have megabytes in place of a requirement.
fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

fn explain(version: &str, id: &str, n_undecided: usize, reason: Reason) -> String {
    let subject = match n_undecided {
        1 => format!("`{id}` cannot be decided"),
        n => format!("`{id}` and {} more cannot be decided", n - 1),
    };
    let why = why_undecided(version, reason);
    format!("{subject}: {why}")
}

/// Why a record could not be decided; a lower-case fragment.
pub(crate) fn why_undecided(version: &str, reason: Reason) -> String {
    match reason {
        Reason::VersionOutsideScheme => {
            format!("version `{version}` does not follow its ecosystem's scheme")
        }
        Reason::UnusableRange => "the record has a range that cannot be read".to_owned(),
        Reason::PseudoVersion => {
            format!("the record names tags, and `{version}` is a commit without one")
        }
        Reason::ReleaseUnknown => {
            "the component does not say its distribution's release".to_owned()
        }
    }
}

fn matches(
    rows: &[KnownRow<'_>],
    affecting: &[&KnownRow<'_>],
    candidate: &Candidate<'_>,
) -> Result<Vec<Match>, IndexError> {
    if affecting.is_empty() {
        return Ok(Vec::new());
    }
    let later = candidate.parsed.as_ref().map(|it| later_fixes(rows, it)).unwrap_or_default();
    let like_written = |version: String| match candidate.text.strip_prefix('v') {
        // Go and Composer write versions with a `v` that advisories leave out.
        Some(_) if !version.starts_with('v') => format!("v{version}"),
        _ => version,
    };
    let ecosystem = candidate.ecosystem;
    // No version clears "unmaintained"; where that stands in the way, the one that clears every vulnerability is what to reach.
    let vulnerabilities = rows.iter().filter(|it| it.class <= Class::Vulnerability);
    let fixed_version = first_clear(&later, ecosystem, &rows.iter())
        .or_else(|| first_clear(&later, ecosystem, &vulnerabilities))
        .map(like_written);
    let mut groups: Vec<u32> = affecting.iter().map(|it| it.record.group()).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut matches = Vec::with_capacity(groups.len());
    for group in groups {
        let mut members = affecting.iter().copied().filter(|it| it.record.group() == group);
        let Some(first) = members.clone().next() else { continue };
        let ids: Vec<String> = first
            .record
            .group_ids()
            .map(|id| id.map(ToOwned::to_owned))
            .collect::<Result<_, _>>()?;
        let of_group = rows.iter().filter(|it| it.record.group() == group);
        let severity =
            members.clone().filter_map(|it| it.severity.clone()).max_by_key(Severity::rank);
        // The record with an address and words of its own speaks for the group.
        let speaker = members
            .clone()
            .find(|it| it.record.summary().is_ok_and(|text| !text.is_empty()))
            .unwrap_or(first);
        matches.push(Match {
            ids,
            class: members.clone().map(|it| it.class).min().unwrap_or(first.class),
            severity,
            summary: speaker.record.summary()?.to_owned(),
            url: members
                .find_map(|it| it.record.url().ok().filter(|url| !url.is_empty()))
                .unwrap_or("")
                .to_owned(),
            fixed_in: first_clear(&later, ecosystem, &of_group).map(like_written),
            fixed_version: fixed_version.clone(),
            disclosed: disclosed(&of_group.clone()),
        });
    }
    Ok(matches)
}

/// Records that say 1970-01-01 do not know their day.
fn disclosed<'r>(rows: &(impl Iterator<Item = &'r KnownRow<'r>> + Clone)) -> Option<Timestamp> {
    rows.clone().filter_map(|it| it.record.published()).filter(|it| it.0 > 0).min()
}
