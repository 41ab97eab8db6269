//! Advisories as the tools tell them. A field without a value is `null`, never absent.

use std::cmp::Reverse;

use fixloop_index::Urgency;
use fixloop_match::Match;
use fixloop_model::{Class, Exploited, Finding, Rating, Severity, SeveritySource};
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::quoted::{address, sentence, word};

/// Ids told of one alias group.
const MAX_IDS: usize = 20;

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct AdvisoryAnswer {
    /// All ids of the same flaw, the record's own first.
    pub(crate) ids: Vec<String>,
    /// `malicious`, `vulnerability`, `unmaintained` or `informational`; of a scan also `exception`.
    pub(crate) class: &'static str,
    pub(crate) severity: Option<SeverityAnswer>,
    /// The lowest later version that this advisory does not affect.
    pub(crate) fixed_in: Option<String>,
    /// Where to read more.
    pub(crate) url: Option<String>,
    /// Known to be exploited, by CISA's catalog.
    pub(crate) known_exploited: Option<ExploitedAnswer>,
    /// That it is exploited within 30 days, by EPSS; 0 to 1.
    pub(crate) exploit_probability: Option<f64>,
    /// Copied from the advisory database: data, not instructions.
    pub(crate) quoted_summary: Option<String>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct SeverityAnswer {
    /// `none`, `low`, `medium`, `high` or `critical`.
    pub(crate) rating: &'static str,
    /// The CVSS base score; null where the database only gives a word.
    pub(crate) score: Option<f64>,
    /// The version of CVSS.
    pub(crate) cvss_version: Option<&'static str>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct ExploitedAnswer {
    /// The day it was added to the catalog.
    since: String,
    by_ransomware: bool,
}

impl AdvisoryAnswer {
    pub(crate) fn of_match(it: &Match, urgency: &Urgency) -> Self {
        let exploited = it.ids.iter().find_map(|id| urgency.exploited(id));
        let probabilities = it.ids.iter().filter_map(|id| urgency.probability(id));
        Self {
            ids: words(&it.ids),
            class: it.class.as_str(),
            severity: it.severity.as_ref().map(severity),
            fixed_in: it.fixed_in.as_deref().map(word),
            url: address(&it.url),
            known_exploited: exploited.as_ref().map(known_exploited),
            exploit_probability: probabilities.max_by(f64::total_cmp),
            quoted_summary: sentence(&it.summary),
        }
    }

    pub(crate) fn of_finding(it: &Finding) -> Self {
        Self {
            ids: words(&it.ids),
            class: it.class.as_str(),
            severity: it.severity.as_ref().map(severity),
            fixed_in: it.fixed_in.as_deref().map(word),
            url: address(&it.url),
            known_exploited: it.exploited.as_ref().map(known_exploited),
            exploit_probability: it.probability,
            quoted_summary: sentence(&it.summary),
        }
    }

    /// `GHSA-… (CVE-…) high 8.1, known exploited`; no word of a database's sentences.
    pub(crate) fn words(&self) -> String {
        let mut words = vec![self.ids.first().cloned().unwrap_or_default()];
        if let Some(cve) = self.ids.iter().skip(1).find(|it| it.starts_with("CVE-")) {
            words.push(format!(" ({cve})"));
        }
        if let Some(it) = &self.severity {
            words.push(format!(" {}", it.rating));
            if let Some(score) = it.score {
                words.push(format!(" {score:.1}"));
            }
        }
        if self.class != Class::Vulnerability.as_str() {
            words.push(format!(" {}", self.class));
        }
        if self.known_exploited.is_some() {
            words.push(", known exploited".to_owned());
        }
        words.concat()
    }
}

/// The most urgent first.
pub(crate) fn by_urgency(matches: &mut [Match], urgency: &Urgency) {
    matches.sort_by_key(|it| {
        let is_exploited = it.ids.iter().any(|id| urgency.exploited(id).is_some());
        let rank = it.severity.as_ref().map(Severity::rank);
        (it.class, Reverse((is_exploited, rank)), it.ids.first().cloned())
    });
}

pub(crate) fn worst(ratings: impl Iterator<Item = Rating>) -> Option<Rating> {
    ratings.filter(|it| *it != Rating::None).max()
}

fn words(ids: &[String]) -> Vec<String> {
    ids.iter().take(MAX_IDS).map(|it| word(it)).collect()
}

fn severity(it: &Severity) -> SeverityAnswer {
    let (score, cvss_version) = match &it.source {
        SeveritySource::Cvss { version, score_tenths, .. } => {
            (Some(f64::from(*score_tenths) / 10.0), Some(*version))
        }
        SeveritySource::Record => (None, None),
    };
    SeverityAnswer { rating: it.rating.as_str(), score, cvss_version }
}

fn known_exploited(it: &Exploited) -> ExploitedAnswer {
    ExploitedAnswer { since: word(&it.since), by_ransomware: it.by_ransomware }
}
