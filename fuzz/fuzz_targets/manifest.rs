//! Every reader of manifests and lockfiles: no panic, and every span slices the text.
#![no_main]

use std::sync::OnceLock;

use fixloop_manifest::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first byte chooses the format, unless one was asked for by its name.
    let Some((choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    static ASKED: OnceLock<Option<Format>> = OnceLock::new();
    let asked = ASKED.get_or_init(|| {
        let name = std::env::var("FIXLOOP_FUZZ_FORMAT").ok()?;
        Format::ALL.iter().copied().find(|it| it.name() == name)
    });
    let format = asked.unwrap_or(Format::ALL[*choice as usize % Format::ALL.len()]);
    let parsed = format.parse(text);
    for (index, it) in parsed.components.iter().enumerate() {
        assert!(it.name_span.slice(text).is_some());
        assert!(it.version_span.is_none_or(|span| span.slice(text).is_some()));
        if let Some(chain) = parsed.chain(index) {
            assert!(chain.len() > 1 && chain.len() <= parsed.components.len());
        }
    }
    for it in &parsed.problems {
        assert!(it.span.slice(text).is_some());
    }
});
