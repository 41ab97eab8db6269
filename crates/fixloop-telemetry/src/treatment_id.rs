//! Which treatment, and which version of it: `treatment-1@3`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MAX_LENGTH: usize = 64;

/// A treatment's id and version. An id is 1 to 64 of `a` to `z`, `0` to `9` and `-`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreatmentId {
    id: String,
    version: u32,
}

impl TreatmentId {
    /// Nothing if that is no id.
    pub fn new(id: &str, version: u32) -> Option<Self> {
        let is_known = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        let is_id = (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(is_known);
        is_id.then(|| Self { id: id.to_owned(), version })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn version(&self) -> u32 {
        self.version
    }
}

impl fmt::Display for TreatmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

impl FromStr for TreatmentId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "expected a treatment and its version, as in `treatment-1@3`";
        let (id, version) = text.split_once('@').ok_or(wrong)?;
        let is_plain = version.bytes().all(|it| it.is_ascii_digit());
        let version = version.parse().ok().filter(|_| is_plain).ok_or(wrong)?;
        Self::new(id, version).ok_or(wrong)
    }
}

impl TryFrom<String> for TreatmentId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TreatmentId> for String {
    fn from(treatment: TreatmentId) -> Self {
        treatment.to_string()
    }
}
