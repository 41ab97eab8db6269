//! Reads OpenVEX documents.
//!
//! Format: <https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>, versions 0.0.1 to 0.2.0. `not_affected` and `fixed` take a
//! finding out; `affected` and `under_investigation` do not, and end what an earlier statement about the same said. Of a product with
//! subcomponents those are what findings are about; else the product itself is.

use fixloop_manifest::PackageUrl;
use fixloop_model::{Place, Position};
use serde::Deserialize;
use thiserror::Error;

use crate::exception::{Exception, Exceptions, Fault, Vulnerability};

const CONTEXT: &str = "https://openvex.dev/ns";

/// Why a document could not be used at all.
#[derive(Debug, Error)]
pub enum OpenVexError {
    #[error("not an OpenVEX document")]
    Json(#[from] serde_json::Error),
    #[error("not an OpenVEX document: `@context` is `{0}` and not `{CONTEXT}`")]
    Context(String),
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "@context")]
    context: String,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    timestamp: Option<String>,
    statements: Vec<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    vulnerability: VulnerabilityJson,
    #[serde(default)]
    products: Vec<Product>,
    status: Status,
    #[serde(default)]
    justification: Option<String>,
    #[serde(rename = "impact_statement", default)]
    impact: Option<String>,
    #[serde(default)]
    status_notes: Option<String>,
    #[serde(default)]
    timestamp: Option<String>,
}

/// An object since 0.2.0, before that a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum VulnerabilityJson {
    Id(String),
    Named {
        name: String,
        #[serde(default)]
        aliases: Vec<String>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Product {
    Id(String),
    Named {
        #[serde(rename = "@id", default)]
        id: Option<String>,
        #[serde(default)]
        identifiers: Identifiers,
        #[serde(default)]
        subcomponents: Vec<Subcomponent>,
    },
}

#[derive(Default, Deserialize)]
struct Identifiers {
    #[serde(default)]
    purl: Option<String>,
}

#[derive(Deserialize)]
struct Subcomponent {
    #[serde(rename = "@id", default)]
    id: Option<String>,
    #[serde(default)]
    identifiers: Identifiers,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Status {
    NotAffected,
    Affected,
    Fixed,
    UnderInvestigation,
}

/// Reads the document called `file` in messages.
///
/// # Errors
/// If it is no OpenVEX document; a statement that cannot be used is a [`Fault`].
pub fn parse_openvex(file: &str, text: &str) -> Result<Exceptions, OpenVexError> {
    let document: Document = serde_json::from_str(text)?;
    if !document.context.starts_with(CONTEXT) {
        return Err(OpenVexError::Context(document.context));
    }
    let mut statements: Vec<&Statement> = document.statements.iter().collect();
    // RFC 3339 in UTC sorts as text; a statement without a time has the document's.
    statements.sort_by_key(|it| it.timestamp.as_ref().or(document.timestamp.as_ref()));
    let mut read = Exceptions::default();
    let place = Place { path: file.to_owned(), position: Position { line: 1, column: 1 } };
    for statement in statements {
        let ids = ids(&statement.vulnerability);
        let packages = packages(&statement.products);
        let subject = ids.first().cloned().unwrap_or_default();
        // What a later statement says of the same package replaces the earlier one.
        for earlier in &mut read.exceptions {
            let is_same =
                earlier.id.as_ref().is_some_and(|it| it.0.iter().any(|id| ids.contains(id)));
            if is_same {
                earlier.packages.retain(|it| !packages.iter().any(|later| speaks_of(later, it)));
            }
        }
        read.exceptions.retain(|it| !it.packages.is_empty());
        let is_accepting = matches!(statement.status, Status::NotAffected | Status::Fixed);
        let mut fault = |reason: &str| {
            let (place, subject) = (place.clone(), subject.clone());
            read.faults.push(Fault { place, subject, reason: reason.to_owned() });
        };
        if !is_accepting {
            continue;
        }
        if packages.is_empty() {
            fault("the statement names no package URL, so it covers nothing");
            continue;
        }
        let texts = [&statement.justification, &statement.impact, &statement.status_notes];
        let reason = texts.into_iter().flatten().cloned().collect::<Vec<_>>().join(": ");
        if statement.status == Status::NotAffected
            && statement.justification.is_none()
            && statement.impact.is_none()
        {
            fault("`not_affected` without `justification` or `impact_statement` covers nothing");
            continue;
        }
        read.exceptions.push(Exception {
            id: Some(Vulnerability(ids)),
            packages,
            rule: None,
            path: None,
            reason: if reason.is_empty() { "fixed".to_owned() } else { reason },
            owner: document.author.clone(),
            expires: None,
            place: place.clone(),
            must_be_used: false,
        });
    }
    Ok(read)
}

/// Whether a statement about `later` says something about `earlier`, too.
fn speaks_of(later: &PackageUrl, earlier: &PackageUrl) -> bool {
    (&later.ecosystem, &later.name) == (&earlier.ecosystem, &earlier.name)
        && (later.version.is_none() || later.version == earlier.version)
}

fn ids(vulnerability: &VulnerabilityJson) -> Vec<String> {
    match vulnerability {
        VulnerabilityJson::Id(id) => vec![id.clone()],
        VulnerabilityJson::Named { name, aliases } => {
            std::iter::once(name).chain(aliases).cloned().collect()
        }
    }
}

fn packages(products: &[Product]) -> Vec<PackageUrl> {
    let mut packages = Vec::new();
    let purl = |id: Option<&String>, identifiers: &Identifiers| {
        let written = identifiers.purl.as_ref().or(id)?;
        PackageUrl::parse(written)
    };
    for product in products {
        match product {
            Product::Id(id) => packages.extend(PackageUrl::parse(id)),
            Product::Named { id, identifiers, subcomponents } if subcomponents.is_empty() => {
                packages.extend(purl(id.as_ref(), identifiers));
            }
            Product::Named { subcomponents, .. } => {
                let parts = subcomponents.iter();
                packages.extend(parts.filter_map(|it| purl(it.id.as_ref(), &it.identifiers)));
            }
        }
    }
    packages
}
