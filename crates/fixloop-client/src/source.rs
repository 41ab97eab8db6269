//! The place that a bundle is read from, and what reading it says.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use fixloop_feed::{Answer, Bounds, HttpClient, UpdateError};
use fixloop_policy::MAX_BYTES;
use fixloop_scan::Stamp;
use thiserror::Error;

use crate::causes::with_causes;

/// How long an address may take, whole.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A bundle's place, as somebody configured it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PolicySource {
    File(PathBuf),
    /// Of a static file.
    Https(String),
}

#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SourceError {
    #[error("no path or https address of the policy is given")]
    Empty,
    #[error("`{0}` is not encrypted: a policy comes from a path or an https address")]
    NotEncrypted(String),
    #[error(
        "`{0}` cannot be the address of a policy: it has to be a path or an https address without a user in it"
    )]
    Address(String),
}

/// What one look at the source says.
pub(crate) enum Look {
    Unchanged,
    /// The file's bytes, at most one more than a bundle may have; and the tag that asks for news of it.
    Bytes(Vec<u8>, Option<String>),
    /// Nothing can be said of the bundle now.
    Unreachable(String),
}

impl PolicySource {
    /// `https://…`, or a path. `http://` only on this machine.
    ///
    /// # Errors
    /// If it is an address of another kind.
    pub fn read(given: &str) -> Result<Self, SourceError> {
        let given = given.trim();
        if given.is_empty() {
            return Err(SourceError::Empty);
        }
        let Some((scheme, rest)) = given.split_once("://") else {
            return Ok(Self::File(PathBuf::from(given)));
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let is_plain = !authority.is_empty()
            && !authority.contains('@')
            && given.bytes().all(|it| it.is_ascii_graphic());
        match scheme {
            "https" if is_plain => Ok(Self::Https(given.to_owned())),
            "http" if is_plain && is_loopback(authority) => Ok(Self::Https(given.to_owned())),
            "http" => Err(SourceError::NotEncrypted(given.to_owned())),
            _ => Err(SourceError::Address(given.to_owned())),
        }
    }

    /// Whether a look waits for another machine.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Https(_))
    }
}

impl fmt::Display for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Https(url) => f.write_str(url),
        }
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// Looks at a source again and again.
#[derive(Debug)]
pub(crate) struct Looker {
    source: PolicySource,
    /// Of the file as it was read last.
    stamp: Option<Stamp>,
    /// Made when it is needed, since it reads the system's certificates.
    client: Option<HttpClient>,
}

impl Looker {
    pub(crate) fn new(source: PolicySource) -> Self {
        Self { source, stamp: None, client: None }
    }

    pub(crate) fn source(&self) -> &PolicySource {
        &self.source
    }

    /// Whatever there is counts as new at the next look.
    pub(crate) fn forget(&mut self) {
        self.stamp = None;
    }

    /// `tag` is that of the bundle that is held.
    pub(crate) fn look(&mut self, tag: Option<&str>) -> Look {
        match &self.source {
            PolicySource::File(path) => {
                let path = path.clone();
                self.file(&path)
            }
            PolicySource::Https(url) => {
                let url = url.clone();
                self.address(&url, tag).unwrap_or_else(|error| Look::Unreachable(said(&error)))
            }
        }
    }

    fn file(&mut self, path: &PathBuf) -> Look {
        let stamp = Stamp::of(path);
        if stamp.is_some() && stamp == self.stamp {
            return Look::Unchanged;
        }
        let read = || {
            let mut bytes = Vec::new();
            File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(bytes)
        };
        match read() {
            Ok(bytes) => {
                self.stamp = stamp;
                Look::Bytes(bytes, None)
            }
            Err(error) => {
                self.stamp = None;
                Look::Unreachable(format!("failed to read `{}`: {error}", path.display()))
            }
        }
    }

    fn address(&mut self, url: &str, tag: Option<&str>) -> Result<Look, UpdateError> {
        if self.client.is_none() {
            self.client = Some(HttpClient::new(Bounds {
                timeout: TIMEOUT,
                whole: Some(TIMEOUT),
                max_bytes: MAX_BYTES as u64,
                // A bundle is where it is said to be: no server sends its readers elsewhere.
                max_redirects: 0,
                is_local: url.starts_with("http:"),
            })?);
        }
        let Some(client) = &self.client else { return Ok(Look::Unchanged) };
        Ok(match client.get(url, tag)? {
            Answer::Body { bytes, tag } => Look::Bytes(bytes, tag),
            Answer::Unchanged => Look::Unchanged,
            Answer::Missing => Look::Unreachable(format!("`{url}` answered with status 404")),
        })
    }
}

/// With its causes; an update's advice is for whoever runs one.
fn said(error: &UpdateError) -> String {
    if let UpdateError::Silent { url, seconds } = error {
        return format!("`{url}` was silent for {seconds} seconds");
    }
    with_causes(error)
}
