//! Where the advisory index and the user's other data lie.

use std::env;
use std::path::PathBuf;

use clap::Args;
use fixloop_index::{Index, Urgency};

use crate::error::CommandError;

#[derive(Args, Default)]
pub(crate) struct IndexArgument {
    /// The advisory index [default: the user's data folder]
    #[arg(long, value_name = "FILE", env = "FIXLOOP_INDEX")]
    index: Option<PathBuf>,
}

impl IndexArgument {
    pub(crate) fn of(path: PathBuf) -> Self {
        Self { index: Some(path) }
    }

    /// Another default than the user's.
    pub(crate) fn or(&mut self, path: PathBuf) {
        self.index.get_or_insert(path);
    }

    /// The file named, else the default place, if this machine has one.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        self.index.clone().or_else(default_path)
    }

    /// What is known of urgency, from the file beside the index; nothing if there is none.
    pub(crate) fn urgency(&self) -> Result<Urgency, CommandError> {
        match self.path() {
            Some(path) => Ok(Urgency::open(&Urgency::path_beside(&path))?),
            None => Ok(Urgency::default()),
        }
    }

    /// Opens the file named; else the default one if it is there; else the starter index.
    pub(crate) fn open(&self) -> Result<Index, CommandError> {
        let path = match &self.index {
            Some(path) => path.clone(),
            None => match default_path().filter(|it| it.exists()) {
                Some(path) => path,
                None => return Ok(fixloop_feed::starter_index()?),
            },
        };
        Index::open(&path).map_err(|error| {
            let hint = format!("fixloop db import PATH… --index {} writes it anew", path.display());
            CommandError::from(error).hint(hint)
        })
    }
}

pub(crate) fn default_path() -> Option<PathBuf> {
    data_folder().map(|it| it.join("advisories.index"))
}

/// Where this user's data lie, if this machine has such a place.
pub(crate) fn data_folder() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("LOCALAPPDATA"))
        .or_else(|| absolute("HOME").map(|it| it.join(".local/share")));
    data.map(|it| it.join("fixloop"))
}
