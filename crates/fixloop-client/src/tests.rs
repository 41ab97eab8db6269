//! Files and addresses, believed and not.

mod file;
mod https;

use fixloop_model::Timestamp;
use fixloop_policy::{
    Bundle, GateSettings, Mode, OrganizationKey, PublicKey, SCHEMA, SigningKey, Telemetry, sign,
};

use crate::{KeyError, PolicySource, Standing, public_key};

pub(crate) const ISSUED: i64 = 1_790_000_000_000_000;
pub(crate) const HOUR_US: i64 = 3_600_000_000;

/// So many hours after the bundles of the tests were issued.
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp(ISSUED + hours * HOUR_US)
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

pub(crate) fn public() -> PublicKey {
    key().public()
}

/// Counts for 30 days.
pub(crate) fn bundle(version: u64) -> Bundle {
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version,
        issued_at: ISSUED,
        expires_at: ISSUED + 30 * 24 * HOUR_US,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: OrganizationKey::new([9; 32]), sink: None },
        otherwise: Mode::Alert,
        repositories: std::iter::empty().collect(),
        rings: Vec::new(),
        treatments: Vec::new(),
        assigned: Vec::new(),
        rules: Vec::new(),
        advisories: Vec::new(),
        campaigns: Vec::new(),
        gate: GateSettings::default(),
    }
}

pub(crate) fn signed(version: u64) -> Vec<u8> {
    sign(&bundle(version), &key())
}

/// The version that counts, or why none does.
pub(crate) fn stands(standing: &Standing) -> String {
    match standing {
        Standing::Bundle(bundle) => format!("version {}", bundle.version),
        Standing::Observing { why, is_refused } => {
            format!("{}{}", why.as_str(), if *is_refused { ", refused" } else { "" })
        }
    }
}

#[test]
fn a_source_is_a_path_or_an_encrypted_address() {
    let shown = |given: &str| match PolicySource::read(given) {
        Ok(PolicySource::File(path)) => format!("file {}", path.display()),
        Ok(PolicySource::Https(url)) => format!("https {url}"),
        Err(error) => error.to_string(),
    };
    let given = [
        "/srv/policy/bundle.json",
        "C:\\policy\\bundle.json",
        " https://policy.example/bundle.json ",
        "http://localhost:8080/b",
        "http://127.0.0.1/b",
        "http://[::1]:80/b",
        "http://policy.example/b",
        "http://127.0.0.1.policy.example/b",
        "http://localhost@policy.example/b",
        "https://user:secret@policy.example/b",
        "https:///b",
        "ftp://policy.example/b",
        "",
    ];
    insta::assert_snapshot!(given.map(shown).join("\n"), @r"
    file /srv/policy/bundle.json
    file C:\policy\bundle.json
    https https://policy.example/bundle.json
    https http://localhost:8080/b
    https http://127.0.0.1/b
    https http://[::1]:80/b
    `http://policy.example/b` is not encrypted: a policy comes from a path or an https address
    `http://127.0.0.1.policy.example/b` is not encrypted: a policy comes from a path or an https address
    `http://localhost@policy.example/b` is not encrypted: a policy comes from a path or an https address
    `https://user:secret@policy.example/b` cannot be the address of a policy: it has to be a path or an https address without a user in it
    `https:///b` cannot be the address of a policy: it has to be a path or an https address without a user in it
    `ftp://policy.example/b` cannot be the address of a policy: it has to be a path or an https address without a user in it
    no path or https address of the policy is given
    ");
}

#[test]
fn a_key_is_given_itself_or_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("public.key");
    let line = public().to_string();
    assert_eq!(public_key(&line).unwrap(), public());
    std::fs::write(&path, format!("{line}\n")).unwrap();
    assert_eq!(public_key(path.to_str().unwrap()).unwrap(), public());
    std::fs::write(&path, "no key").unwrap();
    assert!(matches!(public_key(path.to_str().unwrap()), Err(KeyError::NoKey { .. })));
    assert!(matches!(public_key("nowhere"), Err(KeyError::Neither { .. })));
}
