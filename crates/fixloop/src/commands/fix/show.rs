//! What is done, for people; and the changes as a patch.

use std::collections::BTreeMap;
use std::io::{self, Write};

use fixloop_plan::{Change, Plan};
use fixloop_report::visible;
use similar::TextDiff;

/// `is_again` after a round of edits and commands.
pub(in crate::commands) fn write_plan(
    plan: &Plan,
    is_again: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if plan.is_empty() {
        return writeln!(
            out,
            "{}",
            if is_again { "scanned again: clean" } else { "nothing to fix" }
        );
    }
    let mut by_path: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for it in &plan.fixed {
        let upgrade = &it.upgrade;
        let lines = by_path.entry(&it.path).or_default();
        let elsewhere = upgrade.edits.iter().find(|edit| edit.path != it.path);
        let place = elsewhere.map_or(String::new(), |it| format!(" in {}", it.path));
        let line = format!("  {} {} → {}{place}", upgrade.name, it.from, upgrade.to);
        if !lines.contains(&line) {
            lines.push(line);
            lines.push(format!("    {}", upgrade.proof));
        }
    }
    for (path, lines) in by_path {
        writeln!(out, "{}", visible(path))?;
        for line in lines {
            writeln!(out, "{}", visible(&line))?;
        }
    }
    for command in plan.commands() {
        let place = if command.folder.is_empty() {
            String::new()
        } else {
            format!(" (in {})", command.folder)
        };
        writeln!(out, "clean after: {}", visible(&format!("{command}{place}")))?;
    }
    for it in &plan.unfixed {
        let line = format!("{}:{}: {} {}: {}", it.path, it.line, it.name, it.version, it.reason);
        writeln!(out, "cannot fix {}", visible(&line))?;
        if let Some(hint) = &it.hint {
            writeln!(out, "  hint: {}", visible(&hint.to_string()))?;
        }
    }
    for it in &plan.undecided {
        writeln!(out, "not checked {}", visible(it))?;
    }
    Ok(())
}

/// [`write_diff`] as a text.
pub(in crate::commands) fn diff_of(changes: &[Change]) -> io::Result<String> {
    let mut bytes = Vec::new();
    write_diff(changes, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// In the form that `git apply` and `patch -p1` take.
pub(in crate::commands) fn write_diff(changes: &[Change], out: &mut dyn Write) -> io::Result<()> {
    for change in changes {
        let before = change.before.as_deref().unwrap_or("");
        let diff = TextDiff::from_lines(before, &change.after);
        let old = match change.before {
            Some(_) => format!("a/{}", visible(&change.path)),
            None => "/dev/null".to_owned(),
        };
        let new = format!("b/{}", visible(&change.path));
        let text = diff.unified_diff().header(&old, &new).to_string();
        for line in text.split_inclusive('\n') {
            // A tab and a line end are part of the patch; an escape that would act on the terminal is not.
            let is_hostile = line.chars().any(|it| it.is_control() && !"\t\r\n".contains(it));
            if is_hostile {
                writeln!(out, "{}", visible(line.trim_end()))?;
            } else {
                out.write_all(line.as_bytes())?;
            }
        }
    }
    Ok(())
}
