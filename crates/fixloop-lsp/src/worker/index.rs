//! Where the index lies, and whether it is another one now.

use std::fs;
use std::io;
use std::path::PathBuf;

use fixloop_index::{Index, IndexError, Urgency};
use fixloop_scan::Stamp;
use thiserror::Error;

/// The index that is named, or the default one.
#[derive(Clone, Debug)]
pub(crate) struct IndexPlace {
    pub(crate) path: Option<PathBuf>,
    /// Without a file at `path` the starter index is what to use; a file that was asked for has to be there.
    pub(crate) is_required: bool,
}

#[derive(Debug, Error)]
pub(crate) enum OpenError {
    #[error("failed to read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` cannot be used: {source}", path.display())]
    Index { path: PathBuf, source: IndexError },
    #[error("the starter index cannot be used: {0}")]
    Starter(#[from] fixloop_feed::StarterError),
}

impl IndexPlace {
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        self.path.as_deref().and_then(Stamp::of)
    }

    /// Opens it, with what is known of urgency beside it.
    ///
    /// It is read, not mapped: whoever truncates a file that this process has mapped would end it.
    ///
    /// Without urgency everything is found all the same: what is wrong with it is told beside.
    pub(crate) fn open(&self) -> Result<(Index, Urgency, Option<String>), OpenError> {
        let path = match &self.path {
            Some(path) if self.is_required || path.exists() => path,
            _ => return Ok((fixloop_feed::starter_index()?, Urgency::default(), None)),
        };
        let bytes =
            fs::read(path).map_err(|source| OpenError::Read { path: path.clone(), source })?;
        let unusable = |source| OpenError::Index { path: path.clone(), source };
        let index = Index::from_bytes(bytes).map_err(unusable)?;
        // Once here, and then no keystroke can meet a damaged byte.
        index.verify().map_err(unusable)?;
        Ok(match Urgency::open(&Urgency::path_beside(path)) {
            Ok(urgency) => (index, urgency, None),
            Err(error) => {
                let text = format!("what is known of exploitation cannot be used: {error}");
                (index, Urgency::default(), Some(text))
            }
        })
    }
}
