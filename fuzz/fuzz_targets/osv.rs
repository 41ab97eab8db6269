//! OSV records from text to an index that verifies.
#![no_main]

use fixloop_advisory::parse;
use fixloop_index::{Builder, Index, prepare};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(record) = parse(data) else { return };
    let mut builder = Builder::default();
    builder.add(prepare(record.advisory));
    let built = builder.build().expect("one record fits an index");
    let index = Index::from_bytes(built.into_bytes()).expect("what was built opens");
    index.verify().expect("what was built is whole");
    for package in index.packages() {
        let package = package.expect("whole");
        let found = index.package(package.ecosystem().expect("whole"), package.name().expect("whole"));
        assert!(found.expect("whole").is_some());
    }
});
