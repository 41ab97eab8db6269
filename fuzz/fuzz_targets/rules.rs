//! Build rules: no panic in a rule's text or a checked file, and every answer at a line that is there.
#![no_main]

use fixloop_rules::Rule;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The rule, a path and the file, with NUL between them.
    let mut parts = text.splitn(3, '\0');
    let (Some(rule), path, file) = (parts.next(), parts.next(), parts.next()) else { return };
    let rule = match Rule::parse("fuzz", rule) {
        Ok(rule) => rule,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let (Some(path), Some(file)) = (path, file) else { return };
    for it in rule.check_file(path, file) {
        assert_eq!(it.path, path);
        let n_lines = file.lines().count().max(1);
        assert!(it.line.is_none_or(|line| (1..=n_lines as u32 + 1).contains(&line)), "{it:?}");
    }
});
