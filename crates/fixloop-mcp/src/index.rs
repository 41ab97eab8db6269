//! The index: opened at the first call, and again when its file is another one.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fixloop_index::{Index, IndexError, Urgency, UrgencyError};
use fixloop_scan::Stamp;
use rmcp::schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

use crate::quoted::word;

#[derive(Debug, Error)]
pub(crate) enum OpenError {
    #[error("the advisory index `{}` cannot be read ({source}); `fixloop db update` writes one", word(&path.to_string_lossy()))]
    Read { path: PathBuf, source: io::Error },
    #[error("the advisory index `{}` cannot be used ({source}); `fixloop db update` writes it anew", word(&path.to_string_lossy()))]
    Index { path: PathBuf, source: IndexError },
    #[error("what is known of urgency cannot be used ({0}); `fixloop db update` writes it anew")]
    Urgency(#[from] UrgencyError),
    #[error("the starter index cannot be used: {0}")]
    Starter(#[from] fixloop_feed::StarterError),
    #[error(
        "the advisory index turned out to be damaged ({0}); `fixloop db update` writes it anew"
    )]
    Damaged(#[from] IndexError),
}

/// An opened index; a call keeps the one that it began with.
pub(crate) struct Opened {
    pub(crate) index: Index,
    pub(crate) urgency: Urgency,
    /// `None` for the starter index.
    path: Option<PathBuf>,
    /// As records write them, without suffix.
    pub(crate) ecosystems: Vec<String>,
}

/// The index that was used.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct IndexAnswer {
    /// The file, or `starter` for the few well-known advisories inside the program.
    source: String,
    /// The day of its newest record.
    as_of: Option<String>,
    advisories: u32,
}

impl Opened {
    fn new(index: Index, urgency: Urgency, path: Option<PathBuf>) -> Result<Self, IndexError> {
        let mut ecosystems: Vec<String> = Vec::new();
        for package in index.packages() {
            // They are sorted.
            let ecosystem = package?.ecosystem()?;
            if ecosystems.last().is_none_or(|it| it != ecosystem) {
                ecosystems.push(ecosystem.to_owned());
            }
        }
        Ok(Self { index, urgency, path, ecosystems })
    }

    pub(crate) fn answer(&self) -> IndexAnswer {
        let summary = self.index.summary();
        let path = self.path.as_ref().map(|it| word(&it.to_string_lossy()));
        IndexAnswer {
            source: path.unwrap_or_else(|| "starter".to_owned()),
            as_of: summary.as_of.and_then(day),
            advisories: summary.n_records,
        }
    }

    /// What finding nothing in it does not mean.
    pub(crate) fn shortcoming(&self) -> Option<String> {
        let n = self.index.n_records();
        self.path.is_none().then(|| {
            format!(
                "only the starter index was used, which has {n} well-known advisories: most are not in it; `fixloop db update` gets all"
            )
        })
    }
}

impl IndexAnswer {
    /// `Index: 212 advisories as of 2026-11-20 (starter).`
    pub(crate) fn words(&self) -> String {
        let day = self.as_of.as_deref().unwrap_or("an unknown day");
        format!("Index: {} advisories as of {day} ({}).", self.advisories, self.source)
    }
}

fn day(time: fixloop_model::Timestamp) -> Option<String> {
    let time = jiff::Timestamp::from_microsecond(time.0).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(time).date().to_string())
}

/// Where it lies, and the one that is open.
pub(crate) struct IndexPlace {
    named: Option<PathBuf>,
    default: Option<PathBuf>,
    open: Mutex<Option<(Seen, Arc<Opened>)>>,
}

/// The files as they were when they were opened.
type Seen = (Option<Stamp>, Option<Stamp>);

impl IndexPlace {
    pub(crate) fn new(named: Option<PathBuf>, default: Option<PathBuf>) -> Self {
        Self { named, default, open: Mutex::new(None) }
    }

    /// The index as it is now.
    ///
    /// # Errors
    /// If it cannot be used. One that was open before is not used in its place: whoever replaced it meant to.
    pub(crate) fn current(&self) -> Result<Arc<Opened>, OpenError> {
        // A thread that panicked cannot have left a half opened one behind.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.named.as_ref().or(self.default.as_ref());
        let seen =
            path.map_or((None, None), |it| (Stamp::of(it), Stamp::of(&Urgency::path_beside(it))));
        if let Some((then, opened)) = &*open
            && *then == seen
        {
            return Ok(Arc::clone(opened));
        }
        *open = None;
        let opened = Arc::new(self.read()?);
        *open = Some((seen, Arc::clone(&opened)));
        Ok(opened)
    }

    /// Reads the file rather than mapping it: whoever truncates a file that this process has mapped would end it.
    fn read(&self) -> Result<Opened, OpenError> {
        let path = match (&self.named, &self.default) {
            (Some(path), _) => path,
            (None, Some(path)) if path.exists() => path,
            _ => return Ok(Opened::new(fixloop_feed::starter_index()?, Urgency::default(), None)?),
        };
        let failed = |source| OpenError::Read { path: path.clone(), source };
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("not a regular file")));
        }
        let bytes = fs::read(path).map_err(failed)?;
        let unusable = |source| OpenError::Index { path: path.clone(), source };
        let index = Index::from_bytes(bytes).map_err(unusable)?;
        index.verify().map_err(unusable)?;
        let urgency = Urgency::open(&Urgency::path_beside(path))?;
        Opened::new(index, urgency, Some(path.clone())).map_err(unusable)
    }
}
