//! Why a command is refused, and the way out.

use thiserror::Error;

use super::id::{Kind, ObjectId};

/// In words of who asked: what cannot be done, and what to do instead.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{what}")]
pub struct Refusal {
    pub what: String,
    pub way_out: String,
}

impl Refusal {
    pub fn new(what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { what: what.into(), way_out: way_out.into() }
    }

    /// No object of this kind has this id; there are `n`.
    pub fn unknown(id: ObjectId, kind: Kind, n: u32) -> Self {
        if id.kind() != kind {
            return Self::new(
                format!("`{id}` is no {}", kind.noun()),
                format!("name one such as {}-1", kind.as_str()),
            );
        }
        let way_out = match n {
            0 => format!("there is no {} yet", kind.noun()),
            1 => format!("there is {}-1 only", kind.as_str()),
            n => format!("there are {0}-1 to {0}-{n}", kind.as_str()),
        };
        Self::new(format!("there is no `{id}`"), way_out)
    }
}
