//! The last bundle that was believed, and the highest version that was seen, over restarts.
//!
//! Two files per public key: the bundle as it came, which is checked again when it is read, and what is remembered of it. Several
//! processes may write them: each file is written whole, and a version that another process saw is kept.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fixloop_policy::{MAX_BYTES, PublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const MEMORY_SCHEMA: &str = "fixloop.policy-memory/1";

/// Bytes of what is remembered.
const MAX_MEMORY: u64 = 64 << 10;

#[derive(Debug)]
pub(crate) struct Cache {
    bundle: PathBuf,
    memory: PathBuf,
}

/// What is remembered of a key's bundles.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Memory {
    schema: String,
    pub(crate) last_version: Option<u64>,
    pub(crate) organization: Option<String>,
    /// When the source last said that the kept bundle is its bundle; microseconds since 1970.
    pub(crate) confirmed_at: Option<i64>,
    /// What asks a server for news of the kept bundle.
    pub(crate) tag: Option<String>,
    /// Of the bundle that time and tag are about.
    pub(crate) sha256: Option<String>,
}

impl Cache {
    pub(crate) fn new(folder: &Path, key: &PublicKey) -> Self {
        let name = key.fingerprint();
        Self {
            bundle: folder.join(format!("policy-{name}.bundle.json")),
            memory: folder.join(format!("policy-{name}.memory.json")),
        }
    }

    /// What is not there or cannot be read is nothing: a cache owes nobody anything.
    pub(crate) fn read(&self) -> (Option<Vec<u8>>, Memory) {
        let memory = bounded(&self.memory, MAX_MEMORY)
            .and_then(|it| serde_json::from_slice::<Memory>(&it).ok())
            .filter(|it| it.schema == MEMORY_SCHEMA)
            .unwrap_or_default();
        (bounded(&self.bundle, MAX_BYTES as u64), memory)
    }

    pub(crate) fn write_bundle(&self, bytes: &[u8]) -> io::Result<()> {
        // Bytes that were believed are text.
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        write(&self.bundle, text)
    }

    pub(crate) fn write_memory(&self, memory: &Memory) -> io::Result<()> {
        let (_, before) = self.read();
        let memory = Memory {
            schema: MEMORY_SCHEMA.to_owned(),
            last_version: memory.last_version.max(before.last_version),
            ..memory.clone()
        };
        let text = serde_json::to_string(&memory).map_err(io::Error::other)?;
        write(&self.memory, &text)
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fixloop_scan::write_whole(path, text)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn bounded(path: &Path, max_bytes: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok().filter(|it| it.metadata().is_ok_and(|it| it.is_file()))?;
    file.take(max_bytes + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= max_bytes).then_some(bytes)
}
