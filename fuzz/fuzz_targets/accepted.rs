//! Exceptions files and OpenVEX documents: no panic, and a broken entry covers nothing.
#![no_main]

use fixloop_exceptions::{parse, parse_openvex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for it in parse("fixloop.toml", text).exceptions {
        assert!(it.expires.is_some() && it.owner.is_some() && !it.reason.is_empty());
        assert!(it.id.is_some() || !it.packages.is_empty());
    }
    if let Ok(read) = parse_openvex("vex.json", text) {
        assert!(read.exceptions.iter().all(|it| !it.packages.is_empty()));
    }
});
