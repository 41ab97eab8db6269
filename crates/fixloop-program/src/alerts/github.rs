//! Reads GitHub's list of an organisation's Dependabot alerts.
//!
//! Format: <https://docs.github.com/en/rest/dependabot/alerts>, API version 2022-11-28; one array, or the arrays of several pages one
//! after the other (`gh api --paginate` writes them so). An alert that cannot be used is skipped with a reason and stops no other.

use std::fmt;

use fixloop_model::{Timestamp, normalize_name};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use thiserror::Error;

use super::{Alert, State};

#[derive(Debug, Error)]
pub enum GithubError {
    #[error("there is no JSON in it")]
    Empty,
    #[error("it is no list of Dependabot alerts")]
    Json(#[from] serde_json::Error),
}

/// What a list holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GithubAlerts {
    pub alerts: Vec<Alert>,
    /// Which and why: ``alert 3: unknown state `x` ``.
    pub skipped: Vec<String>,
}

/// One page at a time, so that the text of descriptions is never all in memory as a tree.
pub fn parse(bytes: &[u8]) -> Result<GithubAlerts, GithubError> {
    let mut list = GithubAlerts::default();
    let mut n_pages = 0;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for page in serde_json::Deserializer::from_slice(bytes).into_iter::<Page>() {
        for entry in page?.0 {
            let place = list.alerts.len() + list.skipped.len() + 1;
            match entry {
                Ok(alert) => list.alerts.push(alert),
                Err(reason) => list.skipped.push(format!("entry {place}: {reason}")),
            }
        }
        n_pages += 1;
    }
    if n_pages == 0 { Err(GithubError::Empty) } else { Ok(list) }
}

struct Page(Vec<Result<Alert, Unusable>>);

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PageVisitor)
    }
}

struct PageVisitor;

impl<'de> Visitor<'de> for PageVisitor {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of alerts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Page, A::Error> {
        let mut page = Vec::new();
        while let Some(value) = list.next_element::<Value>()? {
            page.push(alert(value));
        }
        Ok(Page(page))
    }

    /// GitHub's errors are objects with a message.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page, A::Error> {
        let mut message = None;
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            if key == "message" {
                message = value.as_str().map(str::to_owned);
            }
        }
        Err(A::Error::custom(match message {
            Some(message) => format!("an error of the server in place of a list: `{message}`"),
            None => "an object in place of a list".to_owned(),
        }))
    }
}

#[derive(Deserialize)]
struct Wire {
    number: u64,
    state: String,
    dependency: Dependency,
    security_advisory: Advisory,
    created_at: String,
    updated_at: Option<String>,
    fixed_at: Option<String>,
    dismissed_at: Option<String>,
    auto_dismissed_at: Option<String>,
    dismissed_reason: Option<String>,
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Dependency {
    package: Package,
    manifest_path: String,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Advisory {
    ghsa_id: String,
    cve_id: Option<String>,
    #[serde(default)]
    identifiers: Vec<Identifier>,
}

#[derive(Deserialize)]
struct Identifier {
    value: String,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

/// Why an alert is skipped.
#[derive(Debug, Error)]
enum Unusable {
    #[error("{0}")]
    Shape(serde_json::Error),
    #[error("unknown state `{0}`")]
    State(String),
    #[error("unknown ecosystem `{0}`")]
    Ecosystem(String),
    #[error("no time in `{field}`: `{value}`")]
    Time { field: &'static str, value: String },
    #[error("no repository: the list of an organisation has it, that of one repository has not")]
    NoRepository,
}

fn alert(value: Value) -> Result<Alert, Unusable> {
    let wire: Wire = serde_json::from_value(value).map_err(Unusable::Shape)?;
    let state = State::parse(&wire.state).ok_or(Unusable::State(wire.state))?;
    let package = wire.dependency.package;
    let Some(ecosystem) = ecosystem(&package.ecosystem) else {
        return Err(Unusable::Ecosystem(package.ecosystem));
    };
    let created = time("created_at", &wire.created_at)?;
    let optional =
        |field, value: &Option<String>| value.as_ref().map(|it| time(field, it)).transpose();
    let fixed = optional("fixed_at", &wire.fixed_at)?;
    let dismissed = optional("dismissed_at", &wire.dismissed_at)?;
    let by_rule = optional("auto_dismissed_at", &wire.auto_dismissed_at)?;
    let closed = match state {
        State::Open => None,
        State::Fixed => fixed,
        State::Dismissed => dismissed,
        State::AutoDismissed => by_rule,
    };
    let advisory = wire.security_advisory;
    let mut ids = vec![advisory.ghsa_id];
    let others = advisory.identifiers.into_iter().map(|it| it.value);
    for id in advisory.cve_id.into_iter().chain(others) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(Alert {
        repository: wire.repository.ok_or(Unusable::NoRepository)?.full_name,
        number: wire.number,
        ecosystem: ecosystem.to_owned(),
        name: normalize_name(ecosystem, &package.name).into_owned(),
        ids,
        manifest_path: wire.dependency.manifest_path,
        state,
        created,
        updated: optional("updated_at", &wire.updated_at)?.unwrap_or(created),
        closed,
        dismissed_reason: wire.dismissed_reason,
    })
}

pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|it| Timestamp(it.as_microsecond()))
}

fn time(field: &'static str, value: &str) -> Result<Timestamp, Unusable> {
    parse_time(value).ok_or_else(|| Unusable::Time { field, value: value.to_owned() })
}

/// OSV's name of GitHub's.
fn ecosystem(github: &str) -> Option<&'static str> {
    let name = match github.to_ascii_lowercase().as_str() {
        "actions" => "GitHub Actions",
        "composer" => "Packagist",
        "erlang" => "Hex",
        "go" => "Go",
        "maven" => "Maven",
        "npm" => "npm",
        "nuget" => "NuGet",
        "pip" => "PyPI",
        "pub" => "Pub",
        "rubygems" => "RubyGems",
        "rust" => "crates.io",
        "swift" => "SwiftURL",
        _ => return None,
    };
    Some(name)
}
