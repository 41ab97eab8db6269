//! Indexes of any bytes, and real ones with damage: an error or an answer, never a panic.
#![no_main]

use std::sync::OnceLock;

use fixloop_advisory::parse;
use fixloop_index::{Builder, Index, IndexError, prepare};
use libfuzzer_sys::fuzz_target;

const RECORD: &str = r#"{"id": "A-1", "modified": "2024-01-01T00:00:00Z", "aliases": ["CVE-2024-1"], "summary": "a",
    "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"],
    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}]}"#;

fn whole() -> &'static [u8] {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let mut builder = Builder::default();
        builder.add(prepare(parse(RECORD.as_bytes()).expect("valid").advisory));
        builder.build().expect("small").into_bytes()
    })
}

fuzz_target!(|data: &[u8]| {
    let _ = read(data.to_vec());
    // Pairs of place and value change a whole index; with its checksums made right, all of it is read.
    let mut damaged = whole().to_vec();
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % damaged.len();
        damaged[at] = change[2];
    }
    let _ = read(damaged.clone());
    if let Some(sealed) = reseal(damaged) {
        let _ = read(sealed);
    }
});

/// Makes the checksums right again (see `fixloop-index`'s layout), so that damage behind them is reached.
fn reseal(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    const HEADER_LEN: usize = 192;
    const BLOCK: usize = 4096;
    let start = |section: usize| -> Option<usize> {
        let at = 32 + section * 16;
        usize::try_from(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?)).ok()
    };
    let body = (0..10).map(start).collect::<Option<Vec<_>>>()?.into_iter().min()?;
    let checksums: Vec<u8> = bytes.get(body..)?.chunks(BLOCK).flat_map(|it| crc32fast::hash(it).to_le_bytes()).collect();
    let end = HEADER_LEN + checksums.len();
    bytes.get_mut(HEADER_LEN..end)?.copy_from_slice(&checksums);
    let crc = crc32fast::hash(bytes.get(16..end)?);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    Some(bytes)
}

fn read(bytes: Vec<u8>) -> Result<(), IndexError> {
    let index = Index::from_bytes(bytes)?;
    let _ = index.verify();
    for package in index.packages() {
        let package = package?;
        let _ = (package.ecosystem()?, package.name()?);
        for row in package.rows() {
            let Ok(row) = row else { continue };
            let _ = (row.record(), row.severity(), row.class());
            for range in row.ranges() {
                let Ok(range) = range else { continue };
                range.events().for_each(|it| drop(it));
            }
            row.versions().for_each(|it| drop(it));
        }
    }
    for record in index.records() {
        let record = record?;
        let _ = (record.id(), record.summary(), record.url());
        record.group_ids().for_each(|it| drop(it));
    }
    let _ = (index.package("npm", "a"), index.has_ecosystem("npm"), index.summary());
    Ok(())
}
