//! `fixloop rule test` for people.

use std::io::{self, Write};

use fixloop_model::{BuildCheck, CheckState};
use fixloop_report::visible;

use super::test::{Tested, Verdict};
use fixloop_client::BuildRule;

/// What is shown of one repository; JSON has all.
const MAX_LINES: usize = 20;

pub(super) fn write(rule: &BuildRule, tested: &[Tested], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}\n", rule.id(), visible(rule.title()))?;
    // The affected first, each group in the order in which it was asked for.
    let mut sorted: Vec<&Tested> = tested.iter().collect();
    sorted.sort_by_key(|it| it.state);
    for it in sorted {
        repository(it, out)?;
    }
    let count = |state: Verdict| tested.iter().filter(|it| it.state == state).count();
    writeln!(
        out,
        "\n{} in all: {} affected, {} clean, {} unknown",
        tested.len(),
        count(Verdict::Affected),
        count(Verdict::Clean),
        count(Verdict::Unknown),
    )?;
    if count(Verdict::Affected) > 0 && !rule.fix().is_empty() {
        writeln!(out, "fix: {}", visible(rule.fix()))?;
    }
    Ok(())
}

fn repository(it: &Tested, out: &mut dyn Write) -> io::Result<()> {
    let files = match it.n_files {
        0 => "no file that the rule names".to_owned(),
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    writeln!(out, "{:<9} {}  ({files})", it.state.as_str(), visible(&it.name))?;
    if let Some(reason) = &it.reason {
        writeln!(out, "  {}", visible(reason))?;
    }
    let told = it.checks.iter().filter(|it| it.state != CheckState::Safe);
    let told: Vec<&BuildCheck> = told.collect();
    for check in told.iter().take(MAX_LINES) {
        let line = check.line.map_or(String::new(), |line| format!(":{line}"));
        let state = match check.state {
            CheckState::Affected => String::new(),
            other => format!("{}: ", other.as_str()),
        };
        writeln!(out, "  {}{line}  {state}{}", visible(&check.path), visible(&check.evidence))?;
    }
    if let Some(more) = told.len().checked_sub(MAX_LINES).filter(|it| *it > 0) {
        writeln!(out, "  and {more} more (--format json has all)")?;
    }
    Ok(())
}
