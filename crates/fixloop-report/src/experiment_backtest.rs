//! A back-test of forecasts rendered.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_experiment::backtest::{Advice, BackTest};
use serde_json::{Value, json};

use crate::readout::words::{counted, number};
use crate::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub struct BackTestReport {
    /// What was read, in words.
    pub subject: String,
    pub back_test: BackTest,
}

/// `fixloop.experiment-backtest/1`; `null` is "cannot tell".
pub fn backtest_json(report: &BackTestReport) -> Value {
    let it = &report.back_test;
    json!({
        "schema": "fixloop.experiment-backtest/1",
        "subject": report.subject,
        "brier": it.brier.map(|brier| json!({
            "score": brier.score,
            "of_base_rate": brier.of_base_rate,
            "forecasts": brier.n_forecasts,
            "beats_base_rate": it.beats_base_rate(),
        })),
        "coverage": it.coverage.map(|coverage| json!({
            "nominal": 0.8,
            "share": coverage.share(),
            "covered": coverage.n_covered,
            "forecasts": coverage.n_forecasts,
            "low": it.coverage_interval.map(|it| it.lower),
            "high": it.coverage_interval.map(|it| it.upper),
        })),
        "advice": match it.advice() {
            Advice::Keep => "keep",
            Advice::Widen => "widen",
            Advice::CannotTell => "cannot tell",
        },
        "open": it.n_open,
    })
}

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_backtest_text(report: &BackTestReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &report.back_test;
    writeln!(out, "{DIM}{}{DIM:#}", visible(&report.subject))?;
    let advice = match it.advice() {
        Advice::Keep => "Keep the intervals as they are.",
        Advice::Widen => "Widen the intervals: fewer than 70 % held where 80 % should.",
        Advice::CannotTell => "Cannot tell whether intervals hold: no outcome is known.",
    };
    writeln!(out, "{BOLD}{advice}{BOLD:#}\n")?;
    if let Some(coverage) = it.coverage {
        let limits = it.coverage_interval.map_or_else(String::new, |it| {
            format!(
                "; {} to {} % at 95 %, were forecasts independent",
                number(it.lower * 100.0),
                number(it.upper * 100.0)
            )
        });
        writeln!(
            out,
            "80 % intervals: {} of {} held ({} %{limits})",
            coverage.n_covered,
            coverage.n_forecasts,
            number(coverage.share() * 100.0)
        )?;
    }
    match it.brier {
        Some(brier) => writeln!(
            out,
            "probabilities: Brier score {:.3} of {}, {} the {:.3} of always saying the share that happened (0 is perfect)",
            brier.score,
            counted(brier.n_forecasts, "forecast", "forecasts"),
            if it.beats_base_rate() == Some(true) { "better than" } else { "not better than" },
            brier.of_base_rate
        )?,
        None => writeln!(out, "cannot tell how good probabilities are: no outcome is known")?,
    }
    if it.n_open > 0 {
        writeln!(out, "{} without an outcome yet", counted(it.n_open, "forecast", "forecasts"))?;
    }
    Ok(())
}
