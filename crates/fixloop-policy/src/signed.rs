//! The bundle as a file: a DSSE envelope, version 1.
//!
//! Envelope: <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>. What is signed (PAE):
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>. Its `keyid` is a hint for messages and decides nothing.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use fixloop_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bundle::{Bundle, SCHEMA};
use crate::content::check;
use crate::refused::Refused;
use crate::signing::{PublicKey, SigningKey};

pub const PAYLOAD_TYPE: &str = "application/vnd.fixloop.policy+json";

/// Of the whole file.
pub const MAX_BYTES: usize = 8 << 20;

/// How far ahead the clock of whoever signed may be.
pub(crate) const MAX_EARLY_US: i64 = 5 * 60 * 1_000_000;

/// An envelope may be signed with the old and the new key while keys change.
const MAX_SIGNATURES: usize = 16;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Deserialize, Serialize)]
struct Signature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

/// What a bundle has to fit to.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'e> {
    pub now: Timestamp,
    /// By [`Bundle::organization`], where one was seen before.
    pub organization: Option<&'e str>,
    /// The highest version that was seen.
    pub last_version: Option<u64>,
}

/// The file that editors and builds read.
pub fn sign(bundle: &Bundle, key: &SigningKey) -> Vec<u8> {
    const TEXT: &str = "a bundle is numbers, texts and maps with text keys";
    let payload = serde_json::to_vec(bundle).expect(TEXT);
    let sig = STANDARD.encode(key.signature(&signed_bytes(PAYLOAD_TYPE, &payload)));
    let envelope = Envelope {
        payload_type: PAYLOAD_TYPE.to_owned(),
        payload: STANDARD.encode(payload),
        signatures: vec![Signature { keyid: Some(key.public().fingerprint()), sig }],
    };
    let mut file = serde_json::to_vec(&envelope).expect(TEXT);
    file.push(b'\n');
    file
}

/// The bundle, if it is signed with this key, is what is expected, and counts now.
///
/// # Errors
/// In the order in which an attacker's work is least used: nothing of the content is read before the signature holds.
pub fn verify(file: &[u8], key: &PublicKey, expect: &Expect<'_>) -> Result<Bundle, Refused> {
    let payload = payload(file, key)?;
    let bundle = parsed(&payload)?;
    check(&bundle).map_err(Refused::Content)?;
    if let Some(expected) = expect.organization.filter(|it| *it != bundle.organization) {
        let (expected, found) = (expected.to_owned(), bundle.organization);
        return Err(Refused::Foreign { expected, found });
    }
    if let Some(seen) = expect.last_version.filter(|it| bundle.version < *it) {
        return Err(Refused::Downgraded { seen, offered: bundle.version });
    }
    if bundle.issued_at > expect.now.0.saturating_add(MAX_EARLY_US) {
        return Err(Refused::Future { issued_us: bundle.issued_at });
    }
    if expect.now.0 >= bundle.expires_at {
        return Err(Refused::Expired { since_us: bundle.expires_at });
    }
    Ok(bundle)
}

/// The signed bytes.
fn payload(file: &[u8], key: &PublicKey) -> Result<Vec<u8>, Refused> {
    if file.len() > MAX_BYTES {
        return Err(Refused::TooLarge);
    }
    let no_envelope = |reason: &dyn std::fmt::Display| Refused::NoEnvelope(reason.to_string());
    let envelope: Envelope = serde_json::from_slice(file).map_err(|it| no_envelope(&it))?;
    let payload =
        decoded(&envelope.payload).ok_or_else(|| no_envelope(&"`payload` is no base64"))?;
    if envelope.signatures.len() > MAX_SIGNATURES {
        return Err(no_envelope(&format!("more than {MAX_SIGNATURES} signatures")));
    }
    let message = signed_bytes(&envelope.payload_type, &payload);
    let is_ours = |it: &Signature| decoded(&it.sig).is_some_and(|it| key.has_signed(&message, &it));
    if !envelope.signatures.iter().any(is_ours) {
        let (expected, claims) = (key.fingerprint(), |it: &Signature| it.keyid.clone());
        let of_others = |it: &Signature| claims(it).is_some_and(|it| it != expected);
        return Err(if envelope.signatures.iter().all(of_others) {
            Refused::OtherKey { expected }
        } else {
            Refused::Signature
        });
    }
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(Refused::PayloadType(envelope.payload_type));
    }
    Ok(payload)
}

fn parsed(payload: &[u8]) -> Result<Bundle, Refused> {
    #[derive(Deserialize)]
    struct Any {
        schema: String,
    }
    let wrong = |error: serde_json::Error| Refused::Content(error.to_string());
    // A later schema is told as such, rather than by the first field that is another one.
    let Any { schema } = serde_json::from_slice(payload).map_err(wrong)?;
    if schema != SCHEMA {
        return Err(Refused::Schema(schema));
    }
    serde_json::from_slice(payload).map_err(wrong)
}

/// The envelope's standard takes either alphabet.
fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// PAE: `DSSEv1`, then type and content, each behind its length.
fn signed_bytes(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the protocol's text.
    #[test]
    fn what_is_signed_is_the_published_encoding() {
        let bytes = signed_bytes("http://example.com/HelloWorld", b"hello world");
        assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
