//! Signed webhook payloads, and their way to a receiver on this machine.
//!
//! The signature is HMAC-SHA-256 (RFC 2104) over the moment, a dot and the body: `Fixloop-Signature: t=UNIX SECONDS,v1=HEX`. A receiver
//! computes it anew with the shared secret and refuses what is older than it likes, so that nothing can be sent to it again.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

pub(super) const HEADER: &str = "Fixloop-Signature";

/// Fewer bytes can be guessed.
const MIN_SECRET: usize = 16;
const MAX_SECRET: usize = 4096;
/// A receiver on this machine answers at once.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Of an answer, only its first line is read.
const MAX_ANSWER: u64 = 4096;

#[derive(Debug, Error)]
pub(super) enum WebhookError {
    #[error("failed to read the secret `{}`", path.display())]
    Secret { path: PathBuf, source: io::Error },
    #[error("the secret `{}` has to have {MIN_SECRET} to {MAX_SECRET} bytes", .0.display())]
    SecretSize(PathBuf),
    #[error("`{0}` is no address of this machine such as http://127.0.0.1:8080/hook")]
    Address(String),
    #[error("failed to send to `{address}`")]
    Send { address: String, source: io::Error },
    #[error("`{address}` answered `{answer}`")]
    Refused { address: String, answer: String },
}

/// What both sides know.
pub(super) struct Secret(Vec<u8>);

impl Secret {
    pub(super) fn read(path: &Path) -> Result<Self, WebhookError> {
        let read = fs::read(path)
            .map_err(|source| WebhookError::Secret { path: path.to_owned(), source })?;
        let text = read.trim_ascii().to_vec();
        if text.len() < MIN_SECRET || text.len() > MAX_SECRET {
            return Err(WebhookError::SecretSize(path.to_owned()));
        }
        Ok(Self(text))
    }

    /// `t=1798000000,v1=…`.
    pub(super) fn signature(&self, at: jiff::Timestamp, body: &[u8]) -> String {
        let seconds = at.as_second();
        let signed = [format!("{seconds}.").as_bytes(), body].concat();
        let digest = fixloop_policy::hmac(&self.0, &signed);
        let mut text = format!("t={seconds},v1=");
        for byte in digest {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// An address of this machine, by plain HTTP: a receiver elsewhere gets the files.
pub(super) struct Receiver {
    written: String,
    host: String,
    path: String,
    address: SocketAddr,
}

impl Receiver {
    pub(super) fn parse(written: &str) -> Result<Self, WebhookError> {
        let wrong = || WebhookError::Address(written.chars().take(200).collect());
        let rest = written.strip_prefix("http://").ok_or_else(wrong)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !written.bytes().all(|it| it.is_ascii_graphic()) || host.contains('@') {
            return Err(wrong());
        }
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) => (name, port.parse::<u16>().map_err(|_| wrong())?),
            None => (host, 80),
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let ip: IpAddr = match name {
            "localhost" => IpAddr::from([127, 0, 0, 1]),
            _ => name.parse().map_err(|_| wrong())?,
        };
        if !ip.is_loopback() {
            return Err(wrong());
        }
        let address = (ip, port).to_socket_addrs().ok().and_then(|mut it| it.next());
        Ok(Self {
            written: written.to_owned(),
            host: host.to_owned(),
            path: format!("/{path}"),
            address: address.ok_or_else(wrong)?,
        })
    }

    /// # Errors
    /// If nobody listens there, or the answer is not of the kind 2xx. No redirect is followed.
    pub(super) fn post(&self, signature: &str, body: &[u8]) -> Result<(), WebhookError> {
        let failed = |source| WebhookError::Send { address: self.written.clone(), source };
        let mut stream = TcpStream::connect_timeout(&self.address, TIMEOUT).map_err(failed)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(failed)?;
        stream.set_write_timeout(Some(TIMEOUT)).map_err(failed)?;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{HEADER}: {signature}\r\nConnection: close\r\n\r\n",
            self.path,
            self.host,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).map_err(failed)?;
        let mut answer = Vec::new();
        BufReader::new(stream.take(MAX_ANSWER)).read_until(b'\n', &mut answer).map_err(failed)?;
        let answer = String::from_utf8_lossy(&answer).trim().to_owned();
        let code = answer.split(' ').nth(1).unwrap_or("");
        if answer.starts_with("HTTP/1.") && code.len() == 3 && code.starts_with('2') {
            return Ok(());
        }
        Err(WebhookError::Refused { address: self.written.clone(), answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_sent_to() {
        for good in ["http://127.0.0.1:8080/hook", "http://localhost/", "http://[::1]:9/x"] {
            assert!(Receiver::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "http://chat.corp.example/hook",
            "http://127.0.0.1@10.0.0.1/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1/a\r\nX: y",
            "",
        ] {
            assert!(Receiver::parse(bad).is_err(), "{bad}");
        }
    }

    /// As `openssl dgst -sha256 -hmac` prints it.
    #[test]
    fn a_signature_is_over_the_moment_and_the_body() {
        let secret = Secret(b"0123456789abcdef".to_vec());
        let at = jiff::Timestamp::from_second(1_798_000_000).unwrap();
        let signature = secret.signature(at, b"{}");
        insta::assert_snapshot!(signature, @"t=1798000000,v1=38a701d374d9923a4c26d3fa912f9fcebacfda9786996e03e2d1b021dcb93cbe");
        assert_ne!(signature, secret.signature(at, b"{ }"));
    }
}
