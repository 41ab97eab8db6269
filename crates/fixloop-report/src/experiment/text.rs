//! An experiment on one screen: verdict, interval, how sure, curves in numbers, teams, method.

use std::io::{self, Write};

use anstyle::Style;
use fixloop_experiment::Agreement;
use fixloop_stats::{Jackknife, Level};

use super::{ExperimentReport, words};
use crate::readout::words::{counted, number};
use crate::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes with terminal styles; the caller's stream strips them where they do not belong.
pub fn write_experiment_text(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &report.analysis;
    writeln!(out, "{DIM}{}{DIM:#}", visible(&report.subject))?;
    writeln!(out, "{BOLD}{}{BOLD:#}", visible(&words::verdict(report)))?;
    writeln!(out, "\n{} ({})", it.decision.verdict.as_str(), it.decision.rule.says())?;
    for at in [1, 0] {
        let name = visible(&it.arm_names[at]);
        writeln!(
            out,
            "{name}: {}, {}, {} fixed",
            counted(it.n_teams[at], "team", "teams"),
            counted(it.n_findings[at], "finding", "findings"),
            it.n_fixed[at]
        )?;
    }
    differences(report, out)?;
    sensitivity(report, out)?;
    naive(report, out)?;
    teams(report, out)?;
    write!(out, "\n{DIM}")?;
    if let Ok(primary) = &it.primary {
        writeln!(out, "{}", visible(&primary.method))?;
    }
    writeln!(
        out,
        "columns: {}; follow-up limits: {}{DIM:#}",
        visible(&report.columns),
        report.limits_from
    )?;
    for reason in words::cannot_tell(it) {
        writeln!(out, "cannot tell {}", visible(&reason))?;
    }
    Ok(())
}

fn differences(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &report.analysis.differences;
    let days = number(it.horizon);
    let line =
        |what: &str, values: Option<[f64; 2]>, of: Option<&Jackknife>, scale: f64, unit: &str| {
            let (Some([control, treated]), Some(of)) = (values, of) else { return String::new() };
            let interval = of.interval(Level::P95);
            format!(
                "{what}: {} against {} {unit}, difference {} ({} to {})\n",
                number(treated * scale),
                number(control * scale),
                number(of.estimate * scale),
                number(interval.lower * scale),
                number(interval.upper * scale)
            )
        };
    let lines = [
        line(
            &format!("mean open in the first {days} days"),
            it.means,
            it.mean.as_ref(),
            1.0,
            "days",
        ),
        line(&format!("fixed within {days} days"), it.shares, it.share.as_ref(), 100.0, "%"),
        line(
            &format!("dismissed within {days} days"),
            it.dismissed,
            it.dismissal.as_ref(),
            100.0,
            "%",
        ),
    ];
    writeln!(out)?;
    write!(out, "{}", lines.concat())
}

fn sensitivity(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let all = &report.analysis.sensitivity;
    let mut others = all.iter().filter(|it| it.agreement == Agreement::Disagrees).peekable();
    if others.peek().is_none() && !all.is_empty() {
        let n = all.iter().filter(|it| it.agreement == Agreement::Agrees).count();
        return writeln!(
            out,
            "\n{} under other assumptions agree",
            counted(n, "analysis", "analyses")
        );
    }
    for it in others {
        let p = it.p.map_or_else(String::new, |it| format!(", p = {}", words::p_value(it)));
        writeln!(out, "\n{}{p} disagrees; it assumes {}", it.name, it.assumes)?;
    }
    Ok(())
}

fn naive(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    let it = &report.analysis.naive;
    let days = |it: Option<f64>| it.map_or("nothing".to_owned(), number);
    let p = it.log_rank_p.map_or_else(|| "none".to_owned(), words::p_value);
    writeln!(
        out,
        "\n{DIM}What others would show: median days of closed findings {} against {}; plain log-rank p = {p}. {}{DIM:#}",
        days(it.closed_medians[1]),
        days(it.closed_medians[0]),
        words::NAIVE
    )
}

fn teams(report: &ExperimentReport, out: &mut dyn Write) -> io::Result<()> {
    const MAX_TEAMS: usize = 24;
    let it = &report.analysis;
    let days = |it: Option<f64>| it.map_or("-".to_owned(), number);
    let name = |name: &str| visible(name).chars().take(24).collect::<String>();
    writeln!(
        out,
        "\n{DIM}{:<24} {:<12} {:>8} {:>6} {:>8} {:>8}{DIM:#}",
        "team", "arm", "findings", "fixed", "before", "mean open"
    )?;
    for dot in it.teams.iter().take(MAX_TEAMS) {
        writeln!(
            out,
            "{:<24} {:<12} {:>8} {:>6} {:>8} {:>8}",
            name(&dot.name),
            name(&it.arm_names[dot.arm.index()]),
            dot.n_findings,
            dot.n_fixed,
            days(dot.before),
            days(dot.during)
        )?;
    }
    match it.teams.len().checked_sub(MAX_TEAMS) {
        Some(more) if more > 0 => writeln!(out, "and {more} more (--format json has all)"),
        _ => Ok(()),
    }
}
