//! Severity from CVSS vectors or the database's own word.

use cvss::Cvss;
use fixloop_model::{Rating, Severity, SeveritySource};

const V2_MANDATORY: &[&str] = &["AV", "AC", "Au", "C", "I", "A"];
const V3_MANDATORY: &[&str] = &["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const V4_MANDATORY: &[&str] = &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

/// Scores a vector; `None` if no CVSS version knows it.
///
/// Sources: CVSS v2.0, v3.0, v3.1 and v4.0, <https://www.first.org/cvss/>. Version 2 has no ratings of its own; NVD's are used
/// (low to 3.9, medium to 6.9, high above), which makes the difference to version 3 that nothing is critical.
pub(crate) fn from_vector(vector: &str) -> Option<Severity> {
    let vector = vector.trim();
    let parsed: Cvss = vector.parse().ok()?;
    let (version, mandatory, has_critical) = match parsed {
        Cvss::CvssV20(_) => ("2.0", V2_MANDATORY, false),
        Cvss::CvssV30(_) => ("3.0", V3_MANDATORY, true),
        Cvss::CvssV31(_) => ("3.1", V3_MANDATORY, true),
        Cvss::CvssV40(_) => ("4.0", V4_MANDATORY, true),
        _ => return None,
    };
    // The library scores an incomplete vector as 0.0, which would read as harmless.
    let has = |metric: &&str| vector.split('/').any(|it| it.split(':').next() == Some(metric));
    if !mandatory.iter().all(has) {
        return None;
    }
    let score_tenths = tenths(parsed.score());
    let rating = match Rating::from_tenths(score_tenths) {
        Rating::Critical if !has_critical => Rating::High,
        rating => rating,
    };
    let source = SeveritySource::Cvss { version, score_tenths, vector: vector.to_owned() };
    Some(Severity { rating, source })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score lies in 0.0 to 10.0, and is clamped to it here"
)]
fn tenths(score: f64) -> u8 {
    (score * 10.0).round().clamp(0.0, 100.0) as u8
}

pub(crate) fn from_word(word: &str) -> Option<Severity> {
    let rating = Rating::from_word(word)?;
    Some(Severity { rating, source: SeveritySource::Record })
}

/// Later CVSS versions first; among equals the higher score.
pub(crate) fn preference(severity: &Severity) -> (&'static str, u8) {
    match severity.source {
        SeveritySource::Cvss { version, score_tenths, .. } => (version, score_tenths),
        SeveritySource::Record => ("", 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(vector: &str, expected: Option<(&str, u8, Rating)>) {
        let read = from_vector(vector).map(|it| match it.source {
            SeveritySource::Cvss { version, score_tenths, .. } => {
                (version, score_tenths, it.rating)
            }
            SeveritySource::Record => unreachable!("a vector was read"),
        });
        assert_eq!(read, expected, "{vector}");
    }

    /// Scores as published by NVD and FIRST for CVE-2021-44228, CVE-2014-0160 (v2, v3.1) and the v4.0 examples.
    #[test]
    fn vectors_of_all_versions_score_as_published() {
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Some(("3.1", 100, Rating::Critical)));
        check("AV:N/AC:L/Au:N/C:P/I:N/A:N", Some(("2.0", 50, Rating::Medium)));
        check("AV:N/AC:L/Au:N/C:C/I:C/A:C", Some(("2.0", 100, Rating::High)));
        check("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Some(("3.0", 75, Rating::High)));
        check(
            "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            Some(("4.0", 73, Rating::High)),
        );
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", Some(("3.1", 0, Rating::None)));
        check("CVSS:5.0/AV:N", None);
        check("CVSS:3.1/AV:N", None);
        check("high", None);
        check("", None);
    }
}
