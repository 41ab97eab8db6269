//! Which versions the advisories of a package affect, in words.

use fixloop_index::{Index, IndexError};
use fixloop_match::explain_package;
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use super::asked::Asked;
use crate::quoted::word;

/// Advisories told.
const MAX_TOLD: usize = 40;

/// Intervals told of one advisory.
const MAX_INTERVALS: usize = 20;

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct AffectedAnswer {
    pub(crate) id: String,
    /// `none`, `low`, `medium`, `high`, `critical`, or null.
    pub(crate) rating: Option<&'static str>,
    /// Intervals such as `from 1.0 before 1.2.3`, and versions listed.
    pub(crate) versions: Vec<String>,
}

/// The newest records last, as in the index; and how many more there are.
pub(super) fn affected(
    index: &Index,
    asked: &Asked,
) -> Result<(Vec<AffectedAnswer>, usize), IndexError> {
    let mut explained = explain_package(index, asked.ecosystem.as_str(), &asked.name, None)?;
    explained.retain(|it| !it.is_withdrawn);
    let n_left_out = explained.len().saturating_sub(MAX_TOLD);
    let told = explained.iter().take(MAX_TOLD).map(|it| AffectedAnswer {
        id: word(&it.id),
        rating: it.severity.as_ref().map(|it| it.rating.as_str()),
        versions: it.affected.iter().take(MAX_INTERVALS).map(|it| word(it)).collect(),
    });
    Ok((told.collect(), n_left_out))
}
