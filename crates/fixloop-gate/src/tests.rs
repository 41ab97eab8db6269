//! Verdicts by table.

mod comparing;
mod judging;

use fixloop_model::{
    BuildCheck, CheckState, Class, Finding, Place, Position, Rating, Severity, SeveritySource,
};

/// `path package id rating [fix]`.
pub(crate) fn finding(text: &str) -> Finding {
    let fields: Vec<&str> = text.split(' ').collect();
    let place = Place { path: fields[0].to_owned(), position: Position { line: 3, column: 5 } };
    let class = if fields[3] == "malicious" { Class::Malicious } else { Class::Vulnerability };
    let rating = Rating::from_word(fields[3]);
    Finding {
        ecosystem: "npm".to_owned(),
        version: "1.0.0".to_owned(),
        ids: vec![fields[2].to_owned()],
        severity: rating.map(|rating| Severity { rating, source: SeveritySource::Record }),
        fixed_version: fields.get(4).map(|it| (*it).to_owned()),
        direct: Some(true),
        ..Finding::of_file(class, fields[1].to_owned(), "Words.".to_owned(), place)
    }
}

/// `path rule state evidence`.
pub(crate) fn build_check(text: &str) -> BuildCheck {
    let fields: Vec<&str> = text.split(' ').collect();
    let state = match fields[2] {
        "affected" => CheckState::Affected,
        "mixed" => CheckState::Mixed,
        "unknown" => CheckState::Unknown,
        _ => CheckState::Safe,
    };
    BuildCheck {
        rule: fields[1].to_owned(),
        state,
        severity: Some(Rating::High),
        summary: "two sources answer".to_owned(),
        fix: "name one source".to_owned(),
        url: String::new(),
        path: fields[0].to_owned(),
        line: Some(2),
        evidence: fields[3].to_owned(),
    }
}
