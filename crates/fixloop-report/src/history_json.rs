//! `fixloop.history/1`, the contract for scripts: `docs/schema/history-1.json`. A field without a value is `null`, never absent.

use std::io::{self, Write};

use fixloop_exposure::EarlyEnd;
use fixloop_model::{Exposure, Opportunity, Regression, Severity, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::time::rfc3339;

/// What was mined, for any output.
pub struct HistoryReport<'a> {
    pub repositories: Vec<RepositoryRow>,
    pub exposures: &'a [Exposure],
    pub opportunities: &'a [Opportunity],
    /// Affected versions that went before anybody knew.
    pub early_ends: &'a [EarlyEnd],
    pub gaps: Vec<GapRow>,
    /// The statistics and counts.
    pub summary: Value,
}

/// One repository as it was read.
#[derive(Serialize)]
pub struct RepositoryRow {
    pub name: String,
    /// `read`, or `unknown` if nothing of it could be read: then `reason` says why.
    pub status: &'static str,
    pub reason: Option<String>,
    pub commits: usize,
    pub inventories: usize,
    pub inventories_read: usize,
    pub targets: usize,
    pub first_commit: Option<String>,
    pub last_commit: Option<String>,
    pub corrected_clocks: usize,
    pub unmatched_components: usize,
}

/// What could not be read, and where.
#[derive(Serialize)]
pub struct GapRow {
    pub repository: String,
    pub path: Option<String>,
    pub commit: Option<String>,
    pub time: Option<String>,
    pub reason: String,
}

#[derive(Serialize)]
struct HistoryJson<'a> {
    schema: &'static str,
    repositories: &'a [RepositoryRow],
    exposures: Vec<ExposureJson<'a>>,
    opportunities: Vec<OpportunityJson<'a>>,
    ended_before_disclosure: Vec<EarlyEndJson<'a>>,
    gaps: &'a [GapRow],
    summary: &'a Value,
}

#[derive(Serialize)]
struct ExposureJson<'a> {
    opportunity: &'a str,
    repository: &'a str,
    target: &'a str,
    ecosystem: &'a str,
    name: &'a str,
    ids: &'a [String],
    class: &'static str,
    severity: Option<&'static str>,
    introduced: String,
    left_truncated: bool,
    disclosed: String,
    start: String,
    entry: String,
    end: Option<String>,
    last_seen: String,
    outcome: &'static str,
    direct: Option<bool>,
    scope: Option<&'static str>,
    version_before: &'a str,
    version_after: Option<&'a str>,
    introducing_commit: &'a str,
    fixing_commit: Option<&'a str>,
    regressions: Vec<RegressionJson<'a>>,
}

#[derive(Serialize)]
struct RegressionJson<'a> {
    upgraded: String,
    upgrading_commit: &'a str,
    upgraded_version: &'a str,
    reverted: String,
    reverting_commit: &'a str,
    reverted_version: &'a str,
}

#[derive(Serialize)]
struct OpportunityJson<'a> {
    id: &'a str,
    /// Places in `exposures`.
    exposures: &'a [usize],
    repository: &'a str,
    target: &'a str,
    team: Option<&'a str>,
    ecosystem: &'a str,
    name: &'a str,
    class: &'static str,
    introduced: String,
    disclosed: String,
    left_truncated: bool,
    start: String,
    entry: String,
    end: Option<String>,
    last_seen: String,
    outcome: &'static str,
    severity: Option<&'static str>,
    direct: Option<bool>,
    scope: Option<&'static str>,
    regressions: usize,
    introducing_commit: &'a str,
    fixing_commit: Option<&'a str>,
}

/// Writes one object, with a line feed at the end.
///
/// # Errors
/// If `out` fails.
pub fn write_history_json(report: &HistoryReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = HistoryJson {
        schema: "fixloop.history/1",
        repositories: &report.repositories,
        exposures: report.exposures.iter().map(exposure).collect(),
        opportunities: report.opportunities.iter().map(opportunity).collect(),
        ended_before_disclosure: report.early_ends.iter().map(early_end).collect(),
        gaps: &report.gaps,
        summary: &report.summary,
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

#[derive(Serialize)]
struct EarlyEndJson<'a> {
    target: &'a str,
    ecosystem: &'a str,
    name: &'a str,
    ids: &'a [String],
    introduced: String,
    end: Option<String>,
    disclosed: String,
}

fn early_end(it: &EarlyEnd) -> EarlyEndJson<'_> {
    EarlyEndJson {
        target: &it.target,
        ecosystem: &it.ecosystem,
        name: &it.name,
        ids: &it.ids,
        introduced: rfc3339(it.introduced),
        end: time(it.end),
        disclosed: rfc3339(it.disclosed),
    }
}

fn rating(severity: Option<&Severity>) -> Option<&'static str> {
    severity.map(|it| it.rating.as_str())
}

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(rfc3339)
}

fn exposure(it: &Exposure) -> ExposureJson<'_> {
    ExposureJson {
        opportunity: &it.opportunity,
        repository: &it.repository,
        target: &it.target,
        ecosystem: &it.ecosystem,
        name: &it.name,
        ids: &it.ids,
        class: it.class.as_str(),
        severity: rating(it.severity.as_ref()),
        introduced: rfc3339(it.introduced),
        left_truncated: it.left_truncated,
        disclosed: rfc3339(it.disclosed),
        start: rfc3339(it.start),
        entry: rfc3339(it.entry),
        end: time(it.end),
        last_seen: rfc3339(it.last_seen),
        outcome: it.outcome.as_str(),
        direct: it.direct,
        scope: it.scope.map(fixloop_model::Scope::as_str),
        version_before: &it.version_before,
        version_after: it.version_after.as_deref(),
        introducing_commit: &it.introducing_commit,
        fixing_commit: it.fixing_commit.as_deref(),
        regressions: it.regressions.iter().map(regression).collect(),
    }
}

fn regression(it: &Regression) -> RegressionJson<'_> {
    RegressionJson {
        upgraded: rfc3339(it.upgraded),
        upgrading_commit: &it.upgrading_commit,
        upgraded_version: &it.upgraded_version,
        reverted: rfc3339(it.reverted),
        reverting_commit: &it.reverting_commit,
        reverted_version: &it.reverted_version,
    }
}

fn opportunity(it: &Opportunity) -> OpportunityJson<'_> {
    OpportunityJson {
        id: &it.id,
        exposures: &it.exposures,
        repository: &it.repository,
        target: &it.target,
        team: it.team.as_deref(),
        ecosystem: &it.ecosystem,
        name: &it.name,
        class: it.class.as_str(),
        introduced: rfc3339(it.introduced),
        disclosed: rfc3339(it.disclosed),
        left_truncated: it.left_truncated,
        start: rfc3339(it.start),
        entry: rfc3339(it.entry),
        end: time(it.end),
        last_seen: rfc3339(it.last_seen),
        outcome: it.outcome.as_str(),
        severity: rating(it.severity.as_ref()),
        direct: it.direct,
        scope: it.scope.map(fixloop_model::Scope::as_str),
        regressions: it.n_regressions,
        introducing_commit: &it.introducing_commit,
        fixing_commit: it.fixing_commit.as_deref(),
    }
}
