//! A ledger of hypotheses rendered.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_experiment::ledger::{Entry, Ledger, Ranked, Standing};
use serde_json::{Value, json};

use crate::readout::words::counted;
use crate::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub struct LedgerReport {
    /// What was read, in words.
    pub subject: String,
    pub entries: Vec<Entry>,
    pub ledger: Ledger,
}

/// `fixloop.experiment-ledger/1`.
pub fn ledger_json(report: &LedgerReport) -> Value {
    let rows = report.entries.iter().zip(&report.ledger.ranked).map(|(entry, ranked)| {
        json!({
            "hypothesis": entry.hypothesis,
            "decision": word(ranked.standing),
            "is_frozen": entry.frozen.is_some(),
            "is_kept": ranked.is_kept,
            "p": entry.p,
            "adjusted_p": ranked.adjusted_p,
            "confirmed_by_p": ranked.is_confirmed_by_p,
            "e": entry.e,
            "confirmed_by_e": ranked.is_confirmed_by_e,
            "effect": entry.effect,
            "shrunk_effect": ranked.shrunk,
        })
    });
    json!({
        "schema": "fixloop.experiment-ledger/1",
        "subject": report.subject,
        "rate": report.ledger.rate,
        "shrinkage": report.ledger.shrinkage,
        "hypotheses": rows.collect::<Vec<_>>(),
        "cannot_tell": cannot_tell(report),
    })
}

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_ledger_text(report: &LedgerReport, out: &mut dyn Write) -> io::Result<()> {
    let n = |standing| report.ledger.ranked.iter().filter(|it| it.standing == standing).count();
    writeln!(out, "{DIM}{}{DIM:#}", visible(&report.subject))?;
    writeln!(
        out,
        "{BOLD}{}: {} confirmed, {} rejected, {} open{BOLD:#}",
        counted(report.entries.len(), "hypothesis", "hypotheses"),
        n(Standing::Confirmed),
        n(Standing::Rejected),
        n(Standing::Open)
    )?;
    writeln!(
        out,
        "\n{DIM}{:<32} {:<10} {:>9} {:>9} {:>9} {:>9} {:>9}{DIM:#}",
        "hypothesis", "decision", "p", "adjusted", "e", "effect", "shrunk"
    )?;
    for (entry, ranked) in report.entries.iter().zip(&report.ledger.ranked) {
        writeln!(
            out,
            "{:<32} {:<10} {:>9} {:>9} {:>9} {:>9} {:>9}{}",
            visible(&entry.hypothesis).chars().take(32).collect::<String>(),
            word(ranked.standing),
            decimals(entry.p),
            decimals(ranked.adjusted_p),
            entry.e.map_or("-".to_owned(), short),
            entry.effect.map_or("-".to_owned(), short),
            ranked.shrunk.map_or("-".to_owned(), short),
            note(entry, ranked)
        )?;
    }
    writeln!(
        out,
        "\n{DIM}confirmed: at most {} % of the confirmed are expected to be false, counting every hypothesis of the ledger (Benjamini-Hochberg on p-values, e-BH on e-values frozen at the decision){DIM:#}",
        report.ledger.rate * 100.0
    )?;
    let has_effect = report.entries.iter().any(|it| it.effect.is_some());
    if let Some(shrinkage) = report.ledger.shrinkage.filter(|_| has_effect) {
        writeln!(
            out,
            "{DIM}shrunk: effects of experiments that won are too large; over {} the share that is not chance is {:.2}{DIM:#}",
            counted(report.ledger.n_with_p, "experiment", "experiments"),
            shrinkage
        )?;
    }
    for reason in cannot_tell(report) {
        writeln!(out, "cannot tell {reason}")?;
    }
    Ok(())
}

fn note(entry: &Entry, ranked: &Ranked) -> &'static str {
    if ranked.is_kept {
        "  decided before, and stays so"
    } else if entry.frozen.is_some() {
        "  decided before"
    } else {
        ""
    }
}

fn cannot_tell(report: &LedgerReport) -> Vec<String> {
    let has_effect = report.entries.iter().any(|it| it.effect.is_some());
    if !has_effect || report.ledger.shrinkage.is_some() {
        return Vec::new();
    }
    let experiments = counted(report.ledger.n_with_p, "experiment has", "experiments have");
    vec![format!("how much effects are to be shrunk: {experiments} a p-value, and 5 are needed")]
}

fn word(it: Standing) -> &'static str {
    match it {
        Standing::Confirmed => "confirmed",
        Standing::Rejected => "rejected",
        Standing::Open => "open",
    }
}

fn decimals(p: Option<f64>) -> String {
    p.map_or("-".to_owned(), |it| if it < 1e-4 { format!("{it:.0e}") } else { format!("{it:.4}") })
}

/// Three digits.
fn short(it: f64) -> String {
    if it.abs() >= 1e5 {
        format!("{it:.1e}")
    } else if it.abs() >= 100.0 {
        format!("{it:.0}")
    } else {
        format!("{it:.3}")
    }
}
