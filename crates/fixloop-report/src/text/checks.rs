//! What build rules found, one block per rule.

use std::io::{self, Write};

use fixloop_model::BuildCheck;

use super::{BOLD, DIM, MAX_PLACES};
use crate::visible::visible;

pub(super) fn found(checks: &[BuildCheck], out: &mut dyn Write) -> io::Result<()> {
    let mut rules: Vec<(&BuildCheck, Vec<&BuildCheck>)> = Vec::new();
    for it in checks.iter().filter(|it| it.state.is_finding()) {
        let of_rule = |(first, _): &&mut (&BuildCheck, _)| {
            (&first.rule, &first.summary) == (&it.rule, &it.summary)
        };
        match rules.iter_mut().find(of_rule) {
            Some((_, places)) => places.push(it),
            None => rules.push((it, vec![it])),
        }
    }
    for (first, places) in rules {
        block(first, &places, out)?;
    }
    Ok(())
}

fn block(first: &BuildCheck, places: &[&BuildCheck], out: &mut dyn Write) -> io::Result<()> {
    let label = first.severity.map_or("UNRATED".to_owned(), |it| it.as_str().to_uppercase());
    writeln!(out, "{BOLD}{label:<12}{} {}{BOLD:#}", visible(&first.rule), first.state.as_str())?;
    writeln!(out, "    {}", visible(&first.summary))?;
    for it in places.iter().take(MAX_PLACES) {
        let line = it.line.map_or(String::new(), |line| format!(":{line}"));
        writeln!(out, "    {}{line}  {DIM}{}{DIM:#}", visible(&it.path), visible(&it.evidence))?;
    }
    if let Some(more) = places.len().checked_sub(MAX_PLACES).filter(|it| *it > 0) {
        writeln!(out, "    and {more} more places")?;
    }
    if !first.fix.is_empty() {
        writeln!(out, "    fix: {}", visible(&first.fix))?;
    }
    writeln!(out)
}
