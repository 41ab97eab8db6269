//! Why there is no fix.

use fixloop_index::IndexError;
use thiserror::Error;

/// Why an upgrade cannot be offered. Each says what stands in the way, for the one who then does it by hand.
#[derive(Debug, Error)]
pub enum CannotFix {
    #[error("fixloop edits no {0}")]
    Format(&'static str),
    #[error("the manifest has no such dependency")]
    NoComponent,
    #[error("`{0}` does not come from a registry")]
    NotFromRegistry(String),
    #[error("no version of `{0}` stands in a file that fixloop can edit")]
    NoVersion(String),
    #[error("the version of `{name}` is put together as `{written}`")]
    Composed { name: String, written: String },
    #[error("`{0}` is no version of its ecosystem")]
    NotAVersion(String),
    #[error("`{written}` cannot be raised to {to}")]
    Requirement { written: String, to: String },
    #[error("`{to}` is another major version, and so another module path than `{name}`")]
    OtherModule { name: String, to: String },
    #[error("{id} affects {name} {to}, or cannot be decided for it")]
    StillAffected { name: String, to: String, id: String },
    #[error("the edited manifest would ask for `{asked}` and not for {to}")]
    NotAsked { asked: String, to: String },
    #[error("the edit would change `{0}`, too")]
    Changes(String),
    #[error("the edited file could not be read")]
    Unreadable,
    #[error("`{0}` cannot be written into the file")]
    Name(String),
    #[error("other packages bring `{0}` in, and this manifest has no way to say which version")]
    NoWay(String),
    #[error(
        "other packages bring {name} {from} in, and {to} is no compatible version: upgrade them"
    )]
    Incompatible { name: String, from: String, to: String },
    #[error("several versions of `{0}` are in use, and an entry here would hold for all of them")]
    SeveralVersions(String),
    #[error("the file has no place for an entry: `{0}` is written in another shape")]
    Shape(String),
    #[error("failed to use the index")]
    Index(#[from] IndexError),
}
