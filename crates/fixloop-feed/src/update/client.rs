//! HTTP with this system's certificates and proxies, and without trust in what comes.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::AutoHeaderValue;
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use crate::update::error::UpdateError;

/// Lists, records and catalogs; archives have a bound of their own.
const MAX_BYTES: u64 = 256 << 20;

const MAX_REDIRECTS: u32 = 5;

/// Asks servers, and waits and reads only so much.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long a server may be silent.
    pub timeout: Duration,
    /// How long a whole answer may take.
    pub whole: Option<Duration>,
    pub max_bytes: u64,
    pub max_redirects: u32,
    /// Of this machine itself: without certificates, and past any proxy.
    pub is_local: bool,
}

/// What a server has to say about one address.
#[derive(Debug)]
pub enum Answer {
    Body { bytes: Vec<u8>, tag: Option<String> },
    Unchanged,
    Missing,
}

impl Client {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honored, and so are `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    ///
    /// # Errors
    /// If this system has no certificates to know servers by.
    pub fn new(bounds: Bounds) -> Result<Self, UpdateError> {
        let timeout = Some(bounds.timeout);
        let config = Agent::config_builder()
            .tls_config(if bounds.is_local { TlsConfig::default() } else { tls()? })
            .proxy(if bounds.is_local { None } else { Proxy::try_from_env() })
            .http_status_as_error(false)
            .max_redirects(bounds.max_redirects)
            .user_agent(concat!("fixloop/", env!("CARGO_PKG_VERSION")))
            // Ranges count the bytes that are sent.
            .accept_encoding(AutoHeaderValue::None)
            .timeout_global(bounds.whole)
            .timeout_connect(timeout)
            .timeout_recv_response(timeout)
            .timeout_per_read(timeout)
            .build();
        Ok(Self { agent: config.into(), bounds })
    }

    /// For advisories: large files, from public mirrors.
    pub(super) fn of_feeds(timeout: Duration) -> Result<Self, UpdateError> {
        let (max_bytes, max_redirects) = (MAX_BYTES, MAX_REDIRECTS);
        Self::new(Bounds { timeout, whole: None, max_bytes, max_redirects, is_local: false })
    }

    /// Asks for `url` with these headers; statuses other than success are answers, too.
    pub(super) fn ask(
        &self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Response<Body>, UpdateError> {
        let mut request = self.agent.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.call().map_err(|source| self.failed(url, source))?;
        let leads_to = ureq::ResponseExt::get_uri(&response);
        let is_downgrade = url.starts_with("https:") && leads_to.scheme_str() == Some("http");
        if is_downgrade {
            Err(UpdateError::Downgrade { url: url.to_owned() })
        } else {
            Ok(response)
        }
    }

    pub(super) fn failed(&self, url: &str, error: ureq::Error) -> UpdateError {
        let url = url.to_owned();
        match error {
            ureq::Error::Timeout(_) => {
                UpdateError::Silent { url, seconds: self.bounds.timeout.as_secs().max(1) }
            }
            other => UpdateError::Request { url, source: Box::new(other) },
        }
    }

    /// The whole of a small file, unless it is still the one with `tag`.
    ///
    /// # Errors
    /// If the server cannot be reached, answers otherwise, or sends too much.
    pub fn get(&self, url: &str, tag: Option<&str>) -> Result<Answer, UpdateError> {
        let condition = tag.map(|it| ("if-none-match", it));
        let mut response = self.ask(url, condition.as_slice())?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if tag.is_some() => return Ok(Answer::Unchanged),
            StatusCode::NOT_FOUND => return Ok(Answer::Missing),
            other => {
                return Err(UpdateError::Status { url: url.to_owned(), status: other.as_u16() });
            }
        }
        let tag = header(&response, "etag");
        let expected = response.body().content_length();
        let (mut bytes, limit) = (Vec::new(), self.bounds.max_bytes);
        let reader = response.body_mut().with_config().limit(limit + 1).reader();
        let read = reader.take(limit + 1).read_to_end(&mut bytes);
        let n_bytes = bytes.len() as u64;
        if let Err(error) = read {
            return Err(self.broken_off(url, error, n_bytes, expected));
        }
        if n_bytes > limit {
            return Err(UpdateError::TooLarge { url: url.to_owned(), limit });
        }
        check_length(url, n_bytes, expected)?;
        Ok(Answer::Body { bytes, tag })
    }

    /// One record, which must be the one of this id.
    pub(super) fn record(&self, url: &str, id: &str) -> Result<Vec<u8>, UpdateError> {
        let Answer::Body { bytes, .. } = self.get(url, None)? else {
            return Err(UpdateError::Status { url: url.to_owned(), status: 404 });
        };
        let wrong = |reason: String| UpdateError::Content { url: url.to_owned(), reason };
        let record: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| wrong(format!("no JSON: {error}")))?;
        match record.get("id").and_then(serde_json::Value::as_str) {
            Some(found) if found == id => Ok(bytes),
            other => Err(wrong(format!("record `{}`", other.unwrap_or("without id")))),
        }
    }

    /// Why a body could not be read to its end.
    pub(super) fn broken_off(
        &self,
        url: &str,
        error: std::io::Error,
        n_bytes: u64,
        expected: Option<u64>,
    ) -> UpdateError {
        let url = url.to_owned();
        match (ureq::Error::from(error), expected) {
            (ureq::Error::Timeout(_), _) => {
                UpdateError::Silent { url, seconds: self.bounds.timeout.as_secs().max(1) }
            }
            (_, Some(expected)) => UpdateError::BrokenOff { url, n_bytes, expected },
            (other, None) => UpdateError::Request { url, source: Box::new(other) },
        }
    }
}

/// This system's certificates.
fn tls() -> Result<TlsConfig, UpdateError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        let why = if reasons.is_empty() { "there are none".to_owned() } else { reasons.join(", ") };
        return Err(UpdateError::Certificates(why));
    }
    let roots: Vec<Certificate<'static>> =
        found.certs.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
    Ok(TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(roots))).build())
}

pub(super) fn check_length(
    url: &str,
    n_bytes: u64,
    expected: Option<u64>,
) -> Result<(), UpdateError> {
    match expected {
        Some(expected) if expected != n_bytes => {
            Err(UpdateError::BrokenOff { url: url.to_owned(), n_bytes, expected })
        }
        _ => Ok(()),
    }
}

pub(super) fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(ToOwned::to_owned)
}

/// A part of an address's path, percent-encoded.
pub(super) fn encoded(part: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string succeeds");
        }
    }
    out
}
