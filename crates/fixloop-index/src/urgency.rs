//! What is known to be exploited, and how likely the rest is: a small file beside the index, looked up by CVE.
//!
//! Layout, little endian: a header of [`HEADER`] bytes (magic, CRC-32 of everything behind it, number of rows of both kinds, the day of
//! each source as ASCII), then rows of 16 bytes (CVE, day, ransomware) and rows of 12 (CVE, probability in 1/100,000), each sorted by
//! CVE. It is checked whole when it is opened; a file of all CVEs has 4 MB.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fixloop_model::Exploited;
use thiserror::Error;

const MAGIC: &[u8; 8] = b"FLURG\x00\x00\x01";
const HEADER: usize = 64;
const EXPLOITED_ROW: usize = 16;
const SCORED_ROW: usize = 12;
/// EPSS gives five places.
const SCALE: f64 = 100_000.0;
/// More than there will be CVEs for a long time.
const MAX_BYTES: u64 = 256 << 20;

#[derive(Debug, Error)]
pub enum UrgencyError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("`{}` is damaged, or of another version of fixloop", .0.display())]
    Damaged(PathBuf),
}

/// Opened, and checked as a whole.
#[derive(Clone, Debug, Default)]
pub struct Urgency {
    bytes: Vec<u8>,
    n_exploited: usize,
    n_scored: usize,
}

/// One entry of the catalog of known exploited vulnerabilities.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExploitedCve {
    pub cve: String,
    pub exploited: Exploited,
}

/// What a new file is made from. A part that is not given is kept from the file before it.
#[derive(Clone, Debug, Default)]
pub struct UrgencyParts {
    /// Entries and the day of the catalog.
    pub exploited: Option<(Vec<ExploitedCve>, String)>,
    /// CVE and probability, and the day of the scores.
    pub scored: Option<(Vec<(String, f64)>, String)>,
}

/// Year and number; `None` for what is no CVE.
fn key(id: &str) -> Option<u64> {
    let (prefix, rest) = id.split_at_checked(4)?;
    let (year, number) = rest.split_once('-').filter(|_| prefix.eq_ignore_ascii_case("CVE-"))?;
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !is_digits(year) || !is_digits(number) || number.len() > 12 {
        return None;
    }
    Some(year.parse::<u64>().ok()? << 40 | number.parse::<u64>().ok()?)
}

/// `2021-12-10` as 20211210.
fn day_number(day: &str) -> Option<u32> {
    let digits: String = day.split('-').collect();
    (day.len() == 10 && digits.len() == 8).then(|| digits.parse().ok())?
}

impl Urgency {
    /// The file that belongs to an index.
    pub fn path_beside(index: &Path) -> PathBuf {
        index.with_extension("urgency")
    }

    /// Opens the file; nothing is known if there is none.
    ///
    /// # Errors
    /// If it is there and cannot be read or is damaged.
    pub fn open(path: &Path) -> Result<Self, UrgencyError> {
        let failed = |source| UrgencyError::Read { path: path.to_owned(), source };
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(error)),
            Ok(found) if found.len() > MAX_BYTES => {
                return Err(UrgencyError::Damaged(path.to_owned()));
            }
            Ok(_) => {}
        }
        let bytes = fs::read(path).map_err(failed)?;
        Self::from_bytes(bytes).ok_or_else(|| UrgencyError::Damaged(path.to_owned()))
    }

    /// `None` if they are damaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let header = bytes.get(..HEADER)?;
        let number = |at: usize| {
            let four: [u8; 4] = header.get(at..at + 4)?.try_into().ok()?;
            usize::try_from(u32::from_le_bytes(four)).ok()
        };
        let (crc, n_exploited, n_scored) = (number(8)?, number(12)?, number(16)?);
        let n_bytes = HEADER
            .checked_add(n_exploited.checked_mul(EXPLOITED_ROW)?)?
            .checked_add(n_scored.checked_mul(SCORED_ROW)?)?;
        let is_sound = header.starts_with(MAGIC)
            && bytes.len() == n_bytes
            && crc32fast::hash(&bytes[12..]) as usize == crc;
        is_sound.then_some(Self { bytes, n_exploited, n_scored })
    }

    /// The row of `n_bytes` with this key among `n` that begin at `start`.
    fn row(&self, id: &str, start: usize, n: usize, n_bytes: usize) -> Option<&[u8]> {
        let wanted = key(id)?;
        let rows = self.bytes.get(start..start + n * n_bytes)?;
        let key_at = |index: usize| {
            let eight: [u8; 8] = rows.get(index * n_bytes..index * n_bytes + 8)?.try_into().ok()?;
            Some(u64::from_le_bytes(eight))
        };
        let (mut low, mut high) = (0, n);
        while low < high {
            let middle = usize::midpoint(low, high);
            match key_at(middle)?.cmp(&wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    return rows.get(middle * n_bytes..(middle + 1) * n_bytes);
                }
            }
        }
        None
    }

    pub fn exploited(&self, id: &str) -> Option<Exploited> {
        let row = self.row(id, HEADER, self.n_exploited, EXPLOITED_ROW)?;
        let day = u32::from_le_bytes(row.get(8..12)?.try_into().ok()?);
        let since = format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100);
        Some(Exploited { since, by_ransomware: row.get(12) == Some(&1) })
    }

    /// In [0, 1].
    pub fn probability(&self, id: &str) -> Option<f64> {
        let start = HEADER + self.n_exploited * EXPLOITED_ROW;
        let row = self.row(id, start, self.n_scored, SCORED_ROW)?;
        Some(f64::from(u32::from_le_bytes(row.get(8..12)?.try_into().ok()?)) / SCALE)
    }

    /// The day of the catalog and the number of its entries, if one was imported.
    pub fn catalog(&self) -> Option<(&str, usize)> {
        self.day(20).map(|day| (day, self.n_exploited))
    }

    /// The day of the scores and their number, if any were imported.
    pub fn scores(&self) -> Option<(&str, usize)> {
        self.day(36).map(|day| (day, self.n_scored))
    }

    fn day(&self, at: usize) -> Option<&str> {
        let day = std::str::from_utf8(self.bytes.get(at..at + 16)?).ok()?;
        Some(day.trim_end_matches('\0')).filter(|it| !it.is_empty())
    }

    /// This with `parts` in place of its own.
    #[must_use]
    pub fn with(&self, parts: &UrgencyParts) -> Self {
        let old_exploited = HEADER..HEADER + self.n_exploited * EXPLOITED_ROW;
        let old_scored = old_exploited.end..self.bytes.len();
        let (exploited, exploited_day) = match &parts.exploited {
            Some((entries, day)) => (exploited_rows(entries), &**day),
            None => {
                (self.bytes.get(old_exploited).unwrap_or(&[]).to_vec(), self.day(20).unwrap_or(""))
            }
        };
        let (scored, scored_day) = match &parts.scored {
            Some((entries, day)) => (scored_rows(entries), &**day),
            None => {
                (self.bytes.get(old_scored).unwrap_or(&[]).to_vec(), self.day(36).unwrap_or(""))
            }
        };
        let (n_exploited, n_scored) = (exploited.len() / EXPLOITED_ROW, scored.len() / SCORED_ROW);
        let mut bytes = Vec::with_capacity(HEADER + exploited.len() + scored.len());
        bytes.extend(MAGIC);
        bytes.extend([0; 4]);
        for n in [n_exploited, n_scored] {
            bytes.extend(u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
        }
        for day in [exploited_day, scored_day] {
            let mut padded = [0_u8; 16];
            for (slot, byte) in padded.iter_mut().zip(day.bytes()) {
                *slot = byte;
            }
            bytes.extend(padded);
        }
        bytes.resize(HEADER, 0);
        bytes.extend(exploited);
        bytes.extend(scored);
        let crc = crc32fast::hash(&bytes[12..]);
        bytes[8..12].copy_from_slice(&crc.to_le_bytes());
        Self { bytes, n_exploited, n_scored }
    }

    /// Writes it in place of the file there, which is never left half written.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), UrgencyError> {
        let failed = |source| UrgencyError::Write { path: path.to_owned(), source };
        let partial = path.with_extension(format!("urgency.{}", std::process::id()));
        let written = fs::write(&partial, &self.bytes).and_then(|()| fs::rename(&partial, path));
        if written.is_err() && partial.exists() {
            fs::remove_file(&partial).map_err(failed)?;
        }
        written.map_err(failed)
    }
}

fn exploited_rows(entries: &[ExploitedCve]) -> Vec<u8> {
    let row = |it: &ExploitedCve| {
        let day = day_number(&it.exploited.since)?;
        Some((key(&it.cve)?, day, u32::from(it.exploited.by_ransomware)))
    };
    let mut rows: Vec<_> = entries.iter().filter_map(row).collect();
    rows.sort_unstable();
    rows.dedup_by_key(|it| it.0);
    let mut bytes = Vec::with_capacity(rows.len() * EXPLOITED_ROW);
    for (key, day, ransomware) in rows {
        bytes.extend(key.to_le_bytes());
        bytes.extend(day.to_le_bytes());
        bytes.extend(ransomware.to_le_bytes());
    }
    bytes
}

fn scored_rows(entries: &[(String, f64)]) -> Vec<u8> {
    let row = |(cve, probability): &(String, f64)| {
        let is_probability = (0.0..=1.0).contains(probability);
        let scaled = (probability * SCALE).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in 0..=100,000"
        )]
        let scaled = scaled as u32;
        is_probability.then(|| Some((key(cve)?, scaled)))?
    };
    let mut rows: Vec<_> = entries.iter().filter_map(row).collect();
    rows.sort_unstable();
    rows.dedup_by_key(|it| it.0);
    let mut bytes = Vec::with_capacity(rows.len() * SCORED_ROW);
    for (key, probability) in rows {
        bytes.extend(key.to_le_bytes());
        bytes.extend(probability.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> UrgencyParts {
        let exploited = |cve: &str, since: &str, by_ransomware| ExploitedCve {
            cve: cve.to_owned(),
            exploited: Exploited { since: since.to_owned(), by_ransomware },
        };
        UrgencyParts {
            exploited: Some((
                vec![
                    exploited("CVE-2021-44228", "2021-12-10", true),
                    exploited("CVE-2020-0001", "2022-01-02", false),
                    exploited("nonsense", "2022-01-02", false),
                ],
                "2026-11-20".to_owned(),
            )),
            scored: Some((
                vec![
                    ("CVE-2021-44228".to_owned(), 0.944_98),
                    ("CVE-1999-0001".to_owned(), 0.000_43),
                    ("CVE-2026-123456789".to_owned(), 1.0),
                    ("CVE-2026-1".to_owned(), 1.5),
                ],
                "2026-11-23".to_owned(),
            )),
        }
    }

    #[test]
    fn what_was_written_is_looked_up() {
        let made = Urgency::default().with(&parts());
        let read = Urgency::from_bytes(made.bytes).unwrap();
        let exploited = read.exploited("cve-2021-44228").unwrap();
        assert_eq!((exploited.since.as_str(), exploited.by_ransomware), ("2021-12-10", true));
        assert_eq!(read.exploited("CVE-2021-44229"), None);
        assert_eq!(read.exploited("GHSA-jfh8-c2jp-5v3q"), None);
        assert_eq!(read.probability("CVE-2021-44228"), Some(0.944_98));
        assert_eq!(read.probability("CVE-1999-0001"), Some(0.000_43));
        assert_eq!(read.probability("CVE-2026-123456789"), Some(1.0));
        assert_eq!(read.probability("CVE-2026-1"), None);
        assert_eq!(read.catalog(), Some(("2026-11-20", 2)));
        assert_eq!(read.scores(), Some(("2026-11-23", 3)));
    }

    #[test]
    fn one_part_is_replaced_and_the_other_kept() {
        let made = Urgency::default().with(&parts());
        let newer = UrgencyParts {
            scored: Some((vec![("CVE-2021-44228".to_owned(), 0.5)], "2026-11-24".to_owned())),
            ..UrgencyParts::default()
        };
        let made = Urgency::from_bytes(made.with(&newer).bytes).unwrap();
        assert_eq!(made.probability("CVE-2021-44228"), Some(0.5));
        assert_eq!(made.probability("CVE-1999-0001"), None);
        assert!(made.exploited("CVE-2021-44228").is_some());
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let sound = Urgency::default().with(&parts()).bytes;
        for at in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x20;
            assert!(Urgency::from_bytes(damaged).is_none(), "byte {at}");
            assert!(Urgency::from_bytes(sound[..at].to_vec()).is_none(), "cut at {at}");
        }
    }
}
