use proptest::prelude::*;

use super::*;

fn index() -> ComponentIndex {
    let held = |name: &str, version: Option<&str>, origin| Held {
        ecosystem: "npm".to_owned(),
        name: name.to_owned(),
        version: version.map(str::to_owned),
        origin,
    };
    let mut made = Indexed::default();
    let one = made.number(held("lodash", Some("4.17.15"), Origin::Public));
    let two = made.number(held("left-pad", None, Origin::Registry("npm.corp.example".to_owned())));
    assert_eq!(made.number(held("lodash", Some("4.17.15"), Origin::Public)), one);
    let target = |path: &str, components| IndexedTarget {
        path: path.to_owned(),
        format: "package-lock.json".to_owned(),
        components,
        unknown: None,
    };
    made.add(IndexedRepository {
        name: "z/shop".to_owned(),
        head: Some("ab".repeat(20)),
        committed_at: Some(-5),
        targets: vec![target("package-lock.json", vec![one, two]), target("b", vec![two])],
        unknown: None,
    });
    made.add(IndexedRepository {
        name: "a/gone".to_owned(),
        unknown: Some("not fetched".to_owned()),
        ..IndexedRepository::default()
    });
    made.finish()
}

#[test]
fn what_was_written_is_read() {
    let index = index();
    assert_eq!(ComponentIndex::of_bytes(&index.to_bytes()), Ok(index.clone()));
    assert_eq!(index.n_targets(), 2);
    assert_eq!(index.repository("z/shop").unwrap().targets.len(), 2);
    assert!(index.repository("z").is_none());
    let mut kept = Indexed::default();
    kept.number(Held {
        ecosystem: "x".into(),
        name: "x".into(),
        version: None,
        origin: Origin::Unknown,
    });
    kept.keep(&index, index.repository("z/shop").unwrap().clone());
    let kept = kept.finish();
    assert_eq!(kept.repositories[0].targets[0].components, [1, 2]);
    assert_eq!(kept.components[1], index.components[0]);
}

#[test]
fn a_damaged_index_is_made_anew() {
    let bytes = index().to_bytes();
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x40;
        assert!(ComponentIndex::of_bytes(&damaged).is_err(), "{place}");
        assert!(ComponentIndex::of_bytes(&bytes[..place]).is_err(), "{place}");
    }
}

proptest! {
    #[test]
    fn whatever_bytes_come_nothing_breaks(mut body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(crc32fast::hash(&body).to_le_bytes());
        bytes.append(&mut body);
        if let Ok(index) = ComponentIndex::of_bytes(&bytes) {
            prop_assert_eq!(ComponentIndex::of_bytes(&index.to_bytes()), Ok(index));
        }
    }
}
