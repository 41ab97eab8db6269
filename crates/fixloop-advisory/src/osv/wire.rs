//! The JSON shape of a record: tolerant of unknown fields, ecosystems and types; `null` means absent.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

/// A string that borrows from the text where it has no escapes.
#[derive(Deserialize, Default, Clone)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Text<'_> {
    pub(super) fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Deserialize)]
pub(super) struct Record<'a> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) modified: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) published: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) withdrawn: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) aliases: Vec<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) upstream: Vec<Text<'a>>,
    #[serde(borrow)]
    pub(super) summary: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) details: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) severity: Vec<Severity<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) affected: Vec<Affected<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) references: Vec<Reference<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) database_specific: RecordSpecific<'a>,
}

#[derive(Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(super) url: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Severity<'a> {
    #[serde(borrow, default, rename = "type", deserialize_with = "nullable")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) score: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Affected<'a> {
    #[serde(borrow)]
    pub(super) package: Option<Package<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) severity: Vec<Severity<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) ranges: Vec<Range<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) versions: Vec<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) database_specific: AffectedSpecific<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) ecosystem_specific: EcosystemSpecific<'a>,
}

#[derive(Deserialize)]
pub(super) struct Package<'a> {
    #[serde(borrow, default)]
    pub(super) ecosystem: Text<'a>,
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Range<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow, default, deserialize_with = "nullable")]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub(super) introduced: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) fixed: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) last_affected: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) limit: Option<Text<'a>>,
}

/// `database_specific` of the record. Its shape is each database's own, so a member of another shape is read over.
#[derive(Deserialize, Default)]
pub(super) struct RecordSpecific<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) severity: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient_default")]
    pub(super) cwe_ids: Vec<Text<'a>>,
    #[serde(rename = "malicious-packages-origins")]
    pub(super) malicious_packages_origins: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
pub(super) struct AffectedSpecific<'a> {
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) cvss: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) informational: Option<Text<'a>>,
    #[serde(default, deserialize_with = "lenient_default")]
    pub(super) categories: Vec<String>,
    #[serde(borrow, default, deserialize_with = "lenient_default")]
    pub(super) cwes: Vec<Cwe<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) last_known_affected_version_range: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Cwe<'a> {
    #[serde(borrow, default, rename = "cweId")]
    pub(super) cwe_id: Text<'a>,
}

#[derive(Deserialize, Default)]
pub(super) struct EcosystemSpecific<'a> {
    #[serde(borrow)]
    pub(super) custom_ranges: Option<CustomRanges<'a>>,
}

/// Go's extension: ranges, or something else that is counted.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct CustomRanges<'a>(#[serde(borrow)] &'a serde_json::value::RawValue);

impl CustomRanges<'_> {
    pub(super) fn read(&self) -> Option<Vec<Range<'_>>> {
        serde_json::from_str(self.0.get()).ok()
    }
}

/// A value of the wanted shape, or nothing.
fn lenient<'de: 'a, 'a, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'a>,
{
    let raw = <&'de serde_json::value::RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

fn lenient_default<'de: 'a, 'a, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'a> + Default,
{
    lenient(deserializer).map(Option::unwrap_or_default)
}
