//! Advisories as OSV records, <https://ossf.github.io/osv-schema/>, of the fields that matter.

use serde_json::{Value, json};

use crate::calendar::Calendar;
use crate::catalog::{Advisory, Catalog, Severity};

pub(crate) fn record(advisory: &Advisory, catalog: &Catalog, calendar: Calendar) -> Value {
    let package = catalog.package(advisory);
    let published = calendar.at(advisory.published).to_string();
    let fixed = package.releases[advisory.fixed].text();
    let (score, word) = severity(advisory.severity);
    json!({
        "schema_version": "1.7.0",
        "id": advisory.id,
        "modified": published,
        "published": published,
        "summary": format!("A made-up flaw of `{}`, which exists nowhere", package.name),
        "severity": [{"type": "CVSS_V3", "score": score}],
        "affected": [{
            "package": {"ecosystem": advisory.ecosystem.osv(), "name": package.name},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
        "database_specific": {"severity": word},
    })
}

fn severity(it: Severity) -> (&'static str, &'static str) {
    match it {
        Severity::Critical => ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CRITICAL"),
        Severity::High => ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "HIGH"),
        Severity::Medium => ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "MODERATE"),
        Severity::Low => ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "LOW"),
    }
}
