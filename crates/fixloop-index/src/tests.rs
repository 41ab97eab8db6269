use fixloop_advisory::parse;

use super::*;

fn built(records: &[&str]) -> Built {
    let mut builder = Builder::default();
    for it in records {
        builder.add(prepare(parse(it.as_bytes()).unwrap().advisory));
    }
    builder.build().unwrap()
}

const JINJA: &str = r#"{"id": "PYSEC-2019-217", "modified": "2021-07-05T00:00:00Z", "published": "2019-04-07T00:00:00Z",
    "aliases": ["CVE-2019-10906"], "summary": "escape",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "Jinja2"}, "versions": ["0.1"],
      "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "2.10.1"}]}]}]}"#;
const WITHDRAWN: &str = r#"{"id": "GHSA-aaaa-bbbb-cccc", "modified": "2023-01-01T00:00:00Z", "withdrawn": "2023-01-02T00:00:00Z",
    "aliases": ["CVE-2019-10906"], "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#;

#[test]
fn what_was_built_is_read_back() {
    let index = Index::from_bytes(built(&[JINJA, WITHDRAWN]).into_bytes()).unwrap();
    index.verify().unwrap();
    assert_eq!((index.n_records(), index.n_packages()), (2, 2));
    let package = index.package("PyPI", "jinja2").unwrap().expect("names are normalized");
    assert_eq!(package.name().unwrap(), "jinja2");
    assert!(index.package("PyPI", "JINJA2").unwrap().is_some());
    assert!(index.package("npm", "jinja2").unwrap().is_none());
    assert!(index.package("Atlantis", "jinja2").unwrap().is_none());
    assert!(index.has_ecosystem("npm").unwrap() && !index.has_ecosystem("Maven").unwrap());
    // Both records are of one alias group, and its representative is the CVE.
    for record in index.records() {
        let ids: Vec<_> = record.unwrap().group_ids().map(Result::unwrap).collect();
        assert_eq!(ids, ["CVE-2019-10906", "PYSEC-2019-217", "GHSA-aaaa-bbbb-cccc"]);
    }
    let as_of = index.summary().as_of.unwrap();
    assert_eq!(as_of.0, 1_672_531_200_000_000, "the latest modification, in microseconds");
}

#[test]
fn an_empty_index_knows_nothing() {
    let index = Index::from_bytes(built(&[]).into_bytes()).unwrap();
    index.verify().unwrap();
    assert_eq!(index.n_records(), 0);
    assert!(index.package("npm", "a").unwrap().is_none());
    assert!(!index.has_ecosystem("npm").unwrap());
}

#[test]
fn the_same_records_give_the_same_bytes_in_any_order() {
    assert_eq!(
        built(&[JINJA, WITHDRAWN]).into_bytes(),
        built(&[WITHDRAWN, JINJA, JINJA]).into_bytes()
    );
}

#[test]
fn a_foreign_or_cut_file_is_refused() {
    let bytes = built(&[JINJA]).into_bytes();
    let open = |bytes: &[u8]| Index::from_bytes(bytes.to_vec()).err();
    assert_eq!(open(b""), Some(IndexError::Foreign));
    assert_eq!(
        open(b"PK\x03\x04 some archive that is long enough to have a header"),
        Some(IndexError::Foreign)
    );
    for len in [8, 100, bytes.len() - 1] {
        assert!(matches!(open(&bytes[..len]), Some(IndexError::Truncated { .. })), "{len}");
    }
    let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
    assert!(matches!(open(&longer), Some(IndexError::Truncated { .. })));
    let mut other = bytes;
    other[8] = 99;
    assert_eq!(open(&other), Some(IndexError::Format { found: 99 }));
}

/// Each byte in turn is damaged: opening or reading everything says so, and nothing panics.
#[test]
fn no_damaged_byte_goes_unseen() {
    let bytes = built(&[JINJA, WITHDRAWN]).into_bytes();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x20;
        let result = Index::from_bytes(damaged).and_then(|index| {
            for record in index.records() {
                record?.id()?;
            }
            index.package("PyPI", "jinja2")?;
            index.verify()
        });
        assert!(result.is_err(), "byte {at}");
    }
}

/// Found by fuzzing: a count beyond its section ended neither soon nor with an error at once.
#[test]
fn a_count_beyond_its_section_is_one_error() {
    let mut bytes = built(&[JINJA]).into_bytes();
    let rows =
        usize::try_from(image::u64_at(&bytes, 32 + layout::Section::Rows as usize * 16)).unwrap();
    bytes[rows + 20..rows + 24].copy_from_slice(&u32::MAX.to_le_bytes());
    let index = Index::from_bytes(reseal(bytes)).unwrap();
    let row = index.packages().next().unwrap().unwrap().rows().next().unwrap().unwrap();
    let ranges: Vec<_> = row.ranges().map(|it| it.is_ok()).collect();
    assert_eq!(ranges, [false]);
}

/// Makes the checksums of a small index right again.
fn reseal(mut bytes: Vec<u8>) -> Vec<u8> {
    let header = layout::HEADER_LEN;
    let body = usize::try_from(image::u64_at(&bytes, 32)).unwrap();
    let checksums: Vec<u8> = bytes[body..]
        .chunks(layout::BLOCK)
        .flat_map(|it| crc32fast::hash(it).to_le_bytes())
        .collect();
    bytes[header..header + checksums.len()].copy_from_slice(&checksums);
    let crc = crc32fast::hash(&bytes[16..header + checksums.len()]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn the_representative_outlives_a_later_alias() {
    let record = |aliases: &str| {
        format!(
            r#"{{"id": "GHSA-aaaa-bbbb-cccc", "modified": "2023-01-01T00:00:00Z", "aliases": [{aliases}],
            "affected": [{{"package": {{"ecosystem": "npm", "name": "a"}}, "versions": ["1.0.0"]}}]}}"#
        )
    };
    let first = Index::from_bytes(built(&[&record("")]).into_bytes()).unwrap();
    let mut builder = Builder::default();
    builder.keep_representatives(&first).unwrap();
    builder.add(prepare(parse(record(r#""CVE-2023-1""#).as_bytes()).unwrap().advisory));
    let second = Index::from_bytes(builder.build().unwrap().into_bytes()).unwrap();
    let record = second.records().next().unwrap().unwrap();
    let ids: Vec<_> = record.group_ids().map(Result::unwrap).collect();
    assert_eq!(ids, ["GHSA-aaaa-bbbb-cccc", "CVE-2023-1"]);
}

/// Writers race; a reader always finds one of the two files, whole, and a map opened before stays as it was.
#[test]
fn two_writers_leave_one_whole_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    built(&[JINJA]).write(&path).unwrap();
    let earlier = Index::open(&path).unwrap();
    std::thread::scope(|scope| {
        for records in [&[JINJA][..], &[JINJA, WITHDRAWN]] {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..50 {
                    built(records).write(path).unwrap();
                }
            });
        }
        for _ in 0..50 {
            let index = Index::open(&path).unwrap();
            index.verify().unwrap();
            assert!(matches!(index.n_records(), 1 | 2));
        }
    });
    earlier.verify().unwrap();
    assert_eq!(earlier.n_records(), 1);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file stays: {left:?}");
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing");
    let error = Index::open(&path).err().unwrap();
    assert!(error.to_string().contains("missing"));
    std::fs::write(&path, "").unwrap();
    assert!(matches!(
        Index::open(&path),
        Err(OpenError::Content { source: IndexError::Foreign, .. })
    ));
    let missing_folder = folder.path().join("no/such/folder/index");
    let result = built(&[JINJA]).write(&missing_folder);
    assert!(matches!(result, Err(BuildError::Write { path, .. }) if path == missing_folder));
}
