//! Changes as a patch.

use fixloop_plan::Change;
use similar::TextDiff;

use crate::quoted::word;

/// Bytes of the whole diff. Larger ones are left to who asks for one package at a time.
const MAX_DIFF: usize = 64 << 10;

/// In the form that `git apply` and `patch -p1` take; and the files that are left out of it.
pub(super) fn diff(changes: &[Change]) -> (String, Vec<String>) {
    let mut patch = String::new();
    let mut left_out = Vec::new();
    for change in changes {
        let before = change.before.as_deref().unwrap_or("");
        let old = match change.before {
            Some(_) => format!("a/{}", word(&change.path)),
            None => "/dev/null".to_owned(),
        };
        let new = format!("b/{}", word(&change.path));
        let diff = TextDiff::from_lines(before, &change.after);
        let text = diff.unified_diff().header(&old, &new).to_string();
        if patch.len() + text.len() > MAX_DIFF {
            left_out.push(word(&change.path));
        } else {
            patch.push_str(&text);
        }
    }
    (patch, left_out)
}
