//! A module of `go.mod` that others bring in.

use super::{Insertion, appended, indentation, line_end};

/// Adds `require path version // indirect`: into the last block of indirect requirements, else on a line of its own.
pub fn require_indirect(text: &str, path: &str, version: &str) -> Insertion {
    let end = line_end(text);
    let mut offset = 0;
    let mut is_in_block = false;
    let mut place = None;
    for line in text.split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or("").trim();
        if code.starts_with("require") && code.ends_with('(') {
            is_in_block = true;
        } else if code == ")" {
            is_in_block = false;
        } else if is_in_block && line.contains("// indirect") && line.ends_with('\n') {
            let start = offset + line.len() - line.trim_start().len();
            place = Some((offset + line.len(), indentation(text, start)));
        }
        offset += line.len();
    }
    match place {
        Some((at, indent)) => {
            Insertion::at(at, format!("{indent}{path} {version} // indirect{end}"))
        }
        None => appended(text, &format!("{end}require {path} {version} // indirect")),
    }
}
