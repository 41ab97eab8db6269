//! Folders, archives and single files, whole and broken.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use fixloop_index::Builder;

use crate::{ImportReport, import};

fn record(id: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2024-01-01T00:00:00Z", "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}},
        "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}, {{"fixed": "1.0.0"}}]}}]}}]}}"#
    )
}

fn read(paths: &[&Path]) -> ImportReport {
    let paths: Vec<PathBuf> = paths.iter().map(|it| (*it).to_owned()).collect();
    import(&paths, &mut Builder::default(), |_| {})
}

fn zip_of(path: &Path, entries: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, content) in entries {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
}

fn tar_of(path: &Path, entries: &[(&str, &[u8])]) {
    let encoder = zstd::Encoder::new(File::create(path).unwrap(), 1).unwrap();
    let mut archive = tar::Builder::new(encoder);
    for (name, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *content).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}

#[test]
fn records_come_from_folders_archives_and_single_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("deep/er")).unwrap();
    fs::write(root.join("deep/er/A-1.json"), record("A-1")).unwrap();
    fs::write(root.join("deep/notes.md"), "# notes").unwrap();
    zip_of(
        &root.join("b.zip"),
        &[("x/B-1.json", record("B-1").as_bytes()), ("x/read.me", b"no record")],
    );
    tar_of(
        &root.join("c.tar.zst"),
        &[("C-1.json", record("C-1").as_bytes()), ("A-1.json", record("A-1").as_bytes())],
    );
    let single = tempfile::NamedTempFile::new().unwrap();
    fs::write(single.path(), record("D-1")).unwrap();

    let report = read(&[root, single.path()]);
    assert!(report.is_complete(), "{:?}", report.failures);
    assert_eq!((report.n_read, report.n_records), (5, 4));
    assert_eq!(report.other_files.get("md"), Some(&1));
    assert_eq!(
        report.unused.values().sum::<u64>(),
        1,
        "the second copy of A-1: {:?}",
        report.unused
    );
}

#[test]
fn what_is_broken_is_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("good.json"), record("A-1")).unwrap();
    fs::write(root.join("cut.json"), &record("A-2")[..50]).unwrap();
    fs::write(root.join("binary.json"), b"\xff\xfe\x00\x01").unwrap();
    fs::write(root.join("deep.json"), "[".repeat(100_000)).unwrap();
    fs::write(root.join("no-zip.zip"), "no archive").unwrap();
    fs::write(root.join("no-tar.tar.zst"), "no archive").unwrap();
    let missing = root.join("missing");

    let report = read(&[root, &missing]);
    assert_eq!(report.n_records, 1);
    assert_eq!((report.n_failed_records, report.n_failed_sources), (3, 3), "{:?}", report.failures);
    for name in ["cut.json", "binary.json", "deep.json", "no-zip.zip", "no-tar.tar.zst", "missing"]
    {
        assert!(
            report.failures.iter().any(|it| it.place.contains(name) && !it.reason.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn an_archive_that_unpacks_to_too_much_costs_that_entry() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = vec![b' '; 17 << 20];
    let path = folder.path().join("bomb.zip");
    zip_of(&path, &[("bomb.json", &bomb), ("A-1.json", record("A-1").as_bytes())]);
    assert!(fs::metadata(&path).unwrap().len() < 100_000);
    let tar = folder.path().join("bomb.tar.zst");
    tar_of(&tar, &[("bomb.json", &bomb), ("A-2.json", record("A-2").as_bytes())]);

    let report = read(&[folder.path()]);
    assert_eq!((report.n_records, report.n_failed_records), (2, 2));
    assert!(
        report
            .failures
            .iter()
            .all(|it| it.place.contains("!bomb.json") && it.reason.contains("larger than"))
    );
}

#[test]
fn an_archive_cut_short_keeps_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.tar.zst");
    let noise: Vec<u8> =
        (0..200_000u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    tar_of(
        &whole,
        &[
            ("A-1.json", record("A-1").as_bytes()),
            ("noise.bin", &noise),
            ("A-2.json", record("A-2").as_bytes()),
        ],
    );
    let bytes = fs::read(&whole).unwrap();
    fs::write(folder.path().join("cut.tar.zst"), &bytes[..bytes.len() * 3 / 4]).unwrap();
    fs::remove_file(&whole).unwrap();

    let report = read(&[folder.path()]);
    assert_eq!(report.n_failed_sources, 1);
    assert!(report.n_records <= 1);
}

#[test]
fn what_has_no_effect_is_counted_by_reason() {
    let folder = tempfile::tempdir().unwrap();
    let ranges = r#"[{"type": "GIT", "events": [{"introduced": "0"}]},
        {"type": "SEMVER", "events": [{"introduced": "not a version"}, {"fixed": "1.0.0"}]},
        {"type": "SEMVER", "events": []}]"#;
    let severity = r#"[{"type": "CVSS_V9", "score": "CVSS:9.0/AV:N"}, {"type": "CVSS_V3", "score": "CVSS:3.1/AV:X"}]"#;
    let text = format!(
        r#"{{"id": "A-1", "modified": "2024-01-01T00:00:00Z", "severity": {severity},
        "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}}, "ranges": {ranges}, "versions": ["1.0.0", "?"]}}]}}"#
    );
    fs::write(folder.path().join("A-1.json"), text).unwrap();
    let report = read(&[folder.path()]);
    assert!(report.is_complete());
    let unused: Vec<String> =
        report.unused.iter().map(|((part, reason), n)| format!("{n} {part}: {reason}")).collect();
    insta::assert_snapshot!(unused.join("\n"), @r"
    1 range: GIT range: orders commits, decides no registry version
    1 range: range without events
    1 range: version outside its ecosystem's scheme
    2 severity: CVSS vector that no CVSS version knows
    1 version: version outside its ecosystem's scheme
    ");
}

#[cfg(unix)]
#[test]
fn links_below_a_folder_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("A-1.json"), record("A-1")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let report = read(&[folder.path()]);
    assert!(report.is_complete());
    assert_eq!(report.n_read, 1);
}
