//! The list of alerts that the organisation's host would give: <https://docs.github.com/en/rest/dependabot/alerts>, of the fields that
//! matter. Its scanner looks at default branches once a week, so each alert comes after the version landed.

use serde_json::{Value, json};

use crate::calendar::Calendar;
use crate::catalog::Catalog;
use crate::files;
use crate::repository::{Logged, Repository};

/// Numbers of a repository's opportunities are so far apart.
const NUMBERS: usize = 64;

/// All alerts made before this instant.
pub(crate) fn list(
    repositories: &[Repository],
    catalog: &Catalog,
    calendar: Calendar,
    until: f64,
) -> Value {
    let mut alerts = Vec::new();
    for repository in repositories {
        for (place, logged) in repository.log.iter().enumerate() {
            let of_it = logged.advisories.iter().zip(1..NUMBERS);
            alerts.extend(of_it.filter_map(|(advisory, number)| {
                let number = place * NUMBERS + number;
                alert(repository, logged, (catalog, *advisory), calendar, (until, number))
            }));
        }
    }
    Value::Array(alerts)
}

fn alert(
    repository: &Repository,
    logged: &Logged,
    (catalog, advisory): (&Catalog, usize),
    calendar: Calendar,
    (until, number): (f64, usize),
) -> Option<Value> {
    let advisory = &catalog.advisories[advisory];
    let created = logged.since.max(advisory.published) + logged.scanned_after;
    // What was fixed before the scan has no alert.
    if created >= until || logged.end.is_some_and(|end| end <= created) {
        return None;
    }
    let fixed = logged.end.filter(|it| *it < until);
    let time = |it: f64| calendar.at(it).to_string();
    let package = json!({
        "ecosystem": repository.ecosystem.github(),
        "name": catalog.packages(repository.ecosystem)[logged.package].name,
    });
    Some(json!({
        "number": number,
        "state": if fixed.is_some() { "fixed" } else { "open" },
        "dependency": {
            "package": package,
            "manifest_path": files::lockfile_path(repository.ecosystem),
        },
        "security_advisory": {"ghsa_id": advisory.id, "cve_id": null, "identifiers": []},
        "created_at": time(created),
        "updated_at": time(fixed.unwrap_or(created)),
        "fixed_at": fixed.map(time),
        "dismissed_at": null,
        "auto_dismissed_at": null,
        "dismissed_reason": null,
        "repository": {"full_name": format!("acme/{}", repository.name)},
    }))
}
