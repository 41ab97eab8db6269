//! Reads CISA's catalog of known exploited vulnerabilities (KEV) and the probabilities of EPSS.
//!
//! Formats: <https://www.cisa.gov/known-exploited-vulnerabilities-catalog> (JSON) and <https://www.first.org/epss/data_stats> (CSV, also
//! compressed by gzip).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use fixloop_index::ExploitedCve;
use fixloop_model::Exploited;
use serde::Deserialize;
use thiserror::Error;

/// Ten times what the sources have today.
const MAX_BYTES: u64 = 256 << 20;

/// Why a file was not used.
#[derive(Debug, Error)]
pub enum UrgencyFileError {
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is not the catalog of known exploited vulnerabilities", path.display())]
    Catalog { path: PathBuf, source: serde_json::Error },
    #[error("`{}` is not a file of EPSS scores, line {line}: {reason}", path.display())]
    Scores { path: PathBuf, line: usize, reason: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalog {
    #[serde(default)]
    date_released: String,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability {
    #[serde(rename = "cveID")]
    cve: String,
    date_added: String,
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

/// Entries of the catalog, and its day.
///
/// # Errors
/// If the file cannot be read or is no such catalog.
pub fn read_kev(path: &Path) -> Result<(Vec<ExploitedCve>, String), UrgencyFileError> {
    let failed = |source| UrgencyFileError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    let catalog: Catalog = serde_json::from_slice(&bytes)
        .map_err(|source| UrgencyFileError::Catalog { path: path.to_owned(), source })?;
    let newest = catalog.vulnerabilities.iter().map(|it| &it.date_added).max().cloned();
    let day = match catalog.date_released.get(..10) {
        Some(day) => day.to_owned(),
        None => newest.unwrap_or_default(),
    };
    let entries = catalog.vulnerabilities.into_iter().map(|it| ExploitedCve {
        cve: it.cve,
        exploited: Exploited {
            since: it.date_added,
            by_ransomware: it.known_ransomware_campaign_use.eq_ignore_ascii_case("known"),
        },
    });
    Ok((entries.collect(), day))
}

/// CVE and probability of each row, and the day of the scores.
///
/// # Errors
/// If the file cannot be read or is no such table.
pub fn read_epss(path: &Path) -> Result<(Vec<(String, f64)>, String), UrgencyFileError> {
    let failed = |source| UrgencyFileError::Read { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let is_gzip = file.fill_buf().map_err(failed)?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read> =
        if is_gzip { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    let wrong = |line: usize, reason: String| UrgencyFileError::Scores {
        path: path.to_owned(),
        line: line + 1,
        reason,
    };
    let mut day = String::new();
    let mut columns = None;
    let mut scores = Vec::new();
    for (number, line) in BufReader::new(reader.take(MAX_BYTES)).lines().enumerate() {
        let line = line.map_err(failed)?;
        if let Some(comment) = line.strip_prefix('#') {
            let date = comment.split(',').find_map(|it| it.trim().strip_prefix("score_date:"));
            date.and_then(|it| it.get(..10)).unwrap_or("").clone_into(&mut day);
            continue;
        }
        let fields: Vec<&str> = line.split(',').collect();
        let Some((cve_at, epss_at)) = columns else {
            let at = |name: &str| fields.iter().position(|it| it.trim() == name);
            columns = at("cve").zip(at("epss"));
            if columns.is_none() {
                return Err(wrong(number, "expected the columns `cve` and `epss`".to_owned()));
            }
            continue;
        };
        let (cve, epss) = (fields.get(cve_at), fields.get(epss_at));
        let probability = epss.and_then(|it| it.trim().parse::<f64>().ok());
        let probability = probability.filter(|it| (0.0..=1.0).contains(it));
        match (cve, probability) {
            (Some(cve), Some(probability)) if cve.starts_with("CVE-") => {
                scores.push(((*cve).to_owned(), probability));
            }
            _ => return Err(wrong(number, "expected a CVE and a number from 0 to 1".to_owned())),
        }
    }
    if columns.is_none() {
        return Err(wrong(0, "the file is empty".to_owned()));
    }
    Ok((scores, day))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(content: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a scratch file");
        file.write_all(content).expect("a scratch file");
        file
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).expect("memory");
        encoder.finish().expect("memory")
    }

    const SCORES: &[u8] = b"#model_version:v2025.03.14,score_date:2026-11-23T12:55:00Z\ncve,epss,percentile\nCVE-2021-44228,0.94498,0.99998\nCVE-1999-0001,0.00043,0.1\n";

    #[test]
    fn scores_are_read_plain_and_compressed() {
        for content in [SCORES.to_vec(), gzip(SCORES)] {
            let (scores, day) = read_epss(file(&content).path()).unwrap();
            assert_eq!(day, "2026-11-23");
            assert_eq!(scores[0], ("CVE-2021-44228".to_owned(), 0.94498));
            assert_eq!(scores.len(), 2);
        }
    }

    #[test]
    fn the_catalog_is_read() {
        let text = br#"{"title": "x", "dateReleased": "2026-11-20T15:00:00.0000Z", "vulnerabilities": [{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "knownRansomwareCampaignUse": "Known", "dueDate": "2021-12-24"}, {"cveID": "CVE-2020-1", "dateAdded": "2022-01-01"}]}"#;
        let (entries, day) = read_kev(file(text).path()).unwrap();
        assert_eq!((entries.len(), &*day), (2, "2026-11-20"));
        assert!(entries[0].exploited.by_ransomware && !entries[1].exploited.by_ransomware);
    }

    #[test]
    fn files_of_another_shape_are_refused() {
        let check = |content: &[u8], expected: &str| {
            let file = file(content);
            let errors = [
                read_epss(file.path()).unwrap_err().to_string(),
                read_kev(file.path()).unwrap_err().to_string(),
            ];
            assert!(errors[0].contains(expected), "{errors:?}");
            assert!(errors[1].contains("is not the catalog"), "{errors:?}");
        };
        check(b"", "the file is empty");
        check(b"<html>", "line 1: expected the columns `cve` and `epss`");
        check(b"cve,epss\nCVE-1,2.0\n", "line 2: expected a CVE and a number from 0 to 1");
        check(b"cve,epss\nCVE-1,NaN\n", "line 2: expected a CVE");
        check(b"{\"vulnerabilities\": 3}", "expected the columns");
        assert!(read_epss(file(&gzip(SCORES)[..40]).path()).is_err());
    }
}
