//! Days by stage rendered.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_experiment::stages::{Ceiling, Stage, StageDays, Stages};
use fixloop_stats::{Jackknife, Level};
use serde_json::{Value, json};

use crate::readout::words::{counted, number};
use crate::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub struct StagesReport {
    /// What was read, in words.
    pub subject: String,
    /// Rows of the time before, which were left out.
    pub n_before: usize,
    pub stages: Stages,
}

/// `fixloop.experiment-stages/1`; `null` is "cannot tell", with the reason in `cannot_tell`.
pub fn stages_json(report: &StagesReport) -> Value {
    let it = &report.stages;
    let group = |at: usize| {
        json!({
            "name": it.groups[at],
            "findings": it.n_findings[at],
            "teams": it.n_teams[at],
            "open_days": it.open_days[at],
        })
    };
    json!({
        "schema": "fixloop.experiment-stages/1",
        "subject": report.subject,
        "horizon_days": it.horizon,
        "want": it.wanted,
        "rows_of_before": report.n_before,
        "groups": (0..it.groups.len()).map(group).collect::<Vec<_>>(),
        "stages": it.stages.iter().map(|stage| stage_json(it, stage)).collect::<Vec<_>>(),
        "cannot_tell": cannot_tell(it),
    })
}

fn stage_json(it: &Stages, stage: &Stage) -> Value {
    let of = |(name, days): (&String, &StageDays)| {
        let (low, high) = limits(days.jackknife.as_ref());
        let (share_low, share_high) = limits(days.share_jackknife.as_ref());
        json!({
            "group": name,
            "days": days.days,
            "low": low,
            "high": high,
            "share_of_open": days.share,
            "share_low": share_low,
            "share_high": share_high,
        })
    };
    let (low, high) = limits(stage.difference.as_ref());
    json!({
        "stage": stage.name,
        "is_open": stage.is_open,
        "groups": it.groups.iter().zip(&stage.groups).map(of).collect::<Vec<_>>(),
        "difference": stage.difference.map(|it| json!({ "days": it.estimate, "low": low, "high": high })),
        "ceiling": stage.ceiling.map(|ceiling| {
            json!({ "verdict": verdict(ceiling), "says": says(it, stage, ceiling) })
        }),
    })
}

fn limits(it: Option<&Jackknife>) -> (Option<f64>, Option<f64>) {
    let interval = it.map(|it| it.interval(Level::P95));
    (interval.map(|it| it.lower), interval.map(|it| it.upper))
}

fn verdict(it: Ceiling) -> &'static str {
    match it {
        Ceiling::Rejected => "rejected for this objective",
        Ceiling::Enough => "not rejected",
        Ceiling::CannotTell => "cannot tell",
    }
}

/// What removing a stage could give, in a sentence.
fn says(it: &Stages, stage: &Stage, ceiling: Ceiling) -> String {
    let percent = |share: f64| format!("{} %", number(share * 100.0));
    let wanted = it.wanted.map_or_else(String::new, percent);
    let of = &stage.groups[0];
    let (Some(share), (Some(low), Some(high))) = (of.share, limits(of.share_jackknife.as_ref()))
    else {
        return "cannot tell: the interval by team is not known".to_owned();
    };
    let (low, high) = (percent(low.max(0.0)), percent(high.min(1.0)));
    match ceiling {
        Ceiling::Rejected => format!(
            "rejected for this objective: it explains at most {high} of open time, and {wanted} is wanted"
        ),
        Ceiling::Enough => format!(
            "not rejected: it explains at least {low} of open time, and {wanted} is wanted; what a treatment takes of it is another question"
        ),
        Ceiling::CannotTell => format!(
            "cannot tell: it explains {} of open time ({low} to {high}), and {wanted} is wanted",
            percent(share)
        ),
    }
}

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_stages_text(report: &StagesReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &report.stages;
    writeln!(out, "{DIM}{}{DIM:#}", visible(&report.subject))?;
    writeln!(out, "{BOLD}Days by stage in the first {} days{BOLD:#}", number(it.horizon))?;
    for at in 0..it.groups.len() {
        writeln!(
            out,
            "{}: {}, {}, {} open days a finding",
            visible(&it.groups[at]),
            counted(it.n_teams[at], "team", "teams"),
            counted(it.n_findings[at], "finding", "findings"),
            number(it.open_days[at])
        )?;
    }
    write!(out, "\n{DIM}{:<16}", "stage")?;
    for name in &it.groups {
        write!(out, " {:<22} {:>9}", cut(name, 22), "of open")?;
    }
    writeln!(out, "{}{DIM:#}", if it.groups.len() == 2 { "  difference" } else { "" })?;
    for stage in &it.stages {
        write!(out, "{:<16}", cut(&stage.name, 16))?;
        for days in &stage.groups {
            let share = days.share.map_or("-".to_owned(), |it| format!("{} %", number(it * 100.0)));
            let limits = limits(days.jackknife.as_ref());
            // No stage takes less than no time.
            let limits =
                (limits.0.map(|it| it.max(0.0)), limits.1.map(|it| it.min(report.stages.horizon)));
            write!(out, " {:<22} {share:>9}", with_limits(days.days, limits))?;
        }
        let difference = stage.difference.as_ref();
        let difference =
            difference.map(|it| format!("  {}", with_limits(it.estimate, limits(Some(it)))));
        writeln!(out, "{}", difference.unwrap_or_default())?;
    }
    let sums: Vec<String> = (0..it.groups.len())
        .map(|at| number(it.stages.iter().map(|stage| stage.groups[at].days).sum::<f64>()))
        .collect();
    writeln!(
        out,
        "{DIM}days add up to {}; intervals are 95 %, by team{DIM:#}",
        sums.join(" and ")
    )?;
    ceilings(report, out)?;
    if report.n_before > 0 {
        let rows = counted(report.n_before, "row", "rows");
        writeln!(out, "{rows} of the time before left out (--where period=... takes them)")?;
    }
    for reason in cannot_tell(it) {
        writeln!(out, "cannot tell {}", visible(&reason))?;
    }
    Ok(())
}

fn ceilings(report: &StagesReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &report.stages;
    if it.wanted.is_none() {
        return Ok(());
    }
    let of = if it.groups.len() == 2 {
        format!(" (of {})", visible(&it.groups[0]))
    } else {
        String::new()
    };
    writeln!(out, "\n{BOLD}The most that removing a stage could give{of}{BOLD:#}")?;
    for stage in &it.stages {
        if let Some(ceiling) = stage.ceiling {
            writeln!(out, "{:<16} {}", cut(&stage.name, 16), says(it, stage, ceiling))?;
        }
    }
    Ok(())
}

fn with_limits(value: f64, limits: (Option<f64>, Option<f64>)) -> String {
    match limits {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", number(value), number(low), number(high))
        }
        _ => format!("{} (cannot tell)", number(value)),
    }
}

fn cut(name: &str, n_chars: usize) -> String {
    visible(name).chars().take(n_chars).collect()
}

fn cannot_tell(it: &Stages) -> Vec<String> {
    let mut reasons = Vec::new();
    for (at, name) in it.groups.iter().enumerate() {
        if it.stages.iter().any(|stage| stage.groups[at].jackknife.is_none()) {
            reasons.push(format!(
                "intervals of {name}: {}",
                if it.n_teams[at] < 2 {
                    "one team says nothing of how teams vary"
                } else {
                    "without one of its teams the curve ends before the horizon"
                }
            ));
        }
    }
    reasons
}
