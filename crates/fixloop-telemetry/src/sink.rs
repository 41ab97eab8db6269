//! A sink: the folder that an organization's spools are flushed to, as its signed policy names it.
//!
//! | path | what |
//! |---|---|
//! | `fixloop-sink.json` | whose it is; without it a folder is no sink, as that of a share that is not mounted |
//! | `inbox/SOURCE-FIRST-LAST-ID.batch` | a batch that nobody took yet |
//! | `inbox/.ID.partial` | a batch that is being written, or was when its writer died |
//! | `taken/2026-11/…` | batches that were taken, by month |
//! | `refused/…` | what was refused, and why in a file beside it |

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::durable;
use crate::machine::random;

const MARKER: &str = "fixloop-sink.json";
const SCHEMA: &str = "fixloop.sink/1";
const MAX_MARKER_BYTES: u64 = 4096;

pub(crate) const INBOX: &str = "inbox";
pub(crate) const TAKEN: &str = "taken";
pub(crate) const REFUSED: &str = "refused";

/// What goes wrong with a sink. Events then stay in the spool.
#[derive(Debug, Error)]
pub enum SinkError {
    #[error("the sink `{}` is not there: is the share mounted?", path.display())]
    Missing { path: PathBuf },
    #[error("the folder `{}` holds no `{MARKER}`: it is no sink, or its share is not mounted", path.display())]
    Unprepared { path: PathBuf },
    #[error("the sink `{}` cannot be told whose it is: `{MARKER}` is damaged", path.display())]
    Damaged { path: PathBuf },
    #[error("the sink `{}` belongs to another organization", path.display())]
    OtherOrganization { path: PathBuf },
    #[error("failed to read the sink `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write into the sink `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to get random bytes from the system")]
    Random { source: rand::rngs::SysError },
}

impl SinkError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}

#[derive(Deserialize, Serialize)]
struct Marker {
    schema: String,
    organization: String,
}

/// Makes a sink of a folder, and the folder if it is not there. One that is a sink already stays as it is.
pub fn prepare_sink(folder: &Path, organization: &str) -> Result<(), SinkError> {
    for it in [folder.to_owned(), folder.join(INBOX)] {
        fs::create_dir_all(&it).map_err(SinkError::write(&it))?;
    }
    match check(folder, organization) {
        Err(SinkError::Unprepared { .. }) => {}
        checked => return checked,
    }
    let marker = Marker { schema: SCHEMA.to_owned(), organization: organization.to_owned() };
    let bytes = serde_json::to_vec(&marker).expect("two texts are JSON");
    let number: [u8; 8] = random().map_err(|source| SinkError::Random { source })?;
    let partial = folder.join(format!(".{}.partial", crate::ids::to_hex(&number)));
    let mut options = OpenOptions::new();
    durable::write(options.create_new(true), &partial, &folder.join(MARKER), &bytes)
        .map_err(SinkError::write(folder))?;
    // Somebody else may have been faster with another name.
    check(folder, organization)
}

/// Whether a folder is a sink of this organization. Makes nothing.
pub(crate) fn check(folder: &Path, organization: &str) -> Result<(), SinkError> {
    let path = || folder.to_owned();
    if !folder.try_exists().map_err(SinkError::read(folder))? {
        return Err(SinkError::Missing { path: path() });
    }
    let mut bytes = Vec::new();
    let opened = File::open(folder.join(MARKER));
    match opened.and_then(|it| it.take(MAX_MARKER_BYTES).read_to_end(&mut bytes)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SinkError::Unprepared { path: path() });
        }
        read => read.map_err(SinkError::read(folder))?,
    };
    let marker: Option<Marker> = serde_json::from_slice(&bytes).ok();
    match marker.filter(|it| it.schema == SCHEMA) {
        None => Err(SinkError::Damaged { path: path() }),
        Some(it) if it.organization != organization => {
            Err(SinkError::OtherOrganization { path: path() })
        }
        Some(_) => Ok(()),
    }
}
