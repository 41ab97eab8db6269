//! `JUnit` XML, as Jenkins, GitLab and Azure DevOps read it: one case for the verdict, and one for each finding that people hear of.
//!
//! There is no standard; this keeps to what <https://github.com/testmoapp/junitxml> describes. What ends the build is a failure, what is only
//! told is skipped with its reason, what is fixed passes.

use std::io::{self, Write};

use fixloop_gate::{Report, Verdict};
use fixloop_policy::Mode;

use super::escape::xml;
use super::groups::{Group, groups};
use super::words;

/// Cases written before the rest is counted.
const MAX_CASES: usize = 2000;

struct Case {
    class: String,
    name: String,
    outcome: Outcome,
    text: String,
}

enum Outcome {
    Passed,
    /// With the message.
    Failed(String),
    Errored(String),
    Skipped(String),
}

pub fn write_gate_junit(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let cases = cases(report);
    let n = |is: fn(&Outcome) -> bool| cases.iter().filter(|it| is(&it.outcome)).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        n(|it| matches!(it, Outcome::Failed(_))),
        n(|it| matches!(it, Outcome::Errored(_))),
        n(|it| matches!(it, Outcome::Skipped(_))),
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"fixloop\" {counts} time=\"0\">")?;
    writeln!(out, "  <testsuite name=\"fixloop gate\" {counts} time=\"0\">")?;
    for it in &cases {
        case(it, out)?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn case(it: &Case, out: &mut dyn Write) -> io::Result<()> {
    let (class, name) = (xml(&it.class), xml(&it.name));
    write!(out, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\"")?;
    let (element, message) = match &it.outcome {
        Outcome::Passed => return writeln!(out, "/>"),
        Outcome::Failed(message) => ("failure", message),
        Outcome::Errored(message) => ("error", message),
        Outcome::Skipped(message) => {
            writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", xml(message))?;
            return Ok(());
        }
    };
    let (message, text) = (xml(message), xml(&it.text));
    writeln!(
        out,
        ">\n      <{element} message=\"{message}\" type=\"gate\">{text}</{element}>\n    </testcase>"
    )
}

fn cases(report: &Report) -> Vec<Case> {
    let verdict = words::happens_now(report);
    let outcome = match report.verdict {
        Verdict::Unverified if report.fails_unverified => Outcome::Errored(verdict.clone()),
        Verdict::Unverified | Verdict::BrokenGlass => Outcome::Skipped(verdict.clone()),
        // The findings fail, each for itself.
        Verdict::Pass | Verdict::Alert | Verdict::Break => Outcome::Passed,
    };
    let mut cases = vec![Case {
        class: "fixloop".to_owned(),
        name: "verdict".to_owned(),
        outcome,
        text: verdict,
    }];
    let told = groups(report.told());
    cases.extend(told.iter().take(MAX_CASES).map(|it| of_group(it, report)));
    let more = told.len().saturating_sub(MAX_CASES);
    if more > 0 {
        let text = format!("{more} more findings are not in this file");
        let (class, name) = ("fixloop".to_owned(), "more".to_owned());
        cases.push(Case { class, name, outcome: Outcome::Skipped(text), text: String::new() });
    }
    let fixed = groups(report.told_fixed());
    cases.extend(fixed.iter().take(MAX_CASES).map(|it| {
        let (class, name) = (it.path_from(&report.folder), words::headline(it));
        Case { class, name, outcome: Outcome::Passed, text: String::new() }
    }));
    cases
}

fn of_group(group: &Group<'_>, report: &Report) -> Case {
    let mut text = vec![words::action(group), words::standing(group)];
    text.extend(words::by_when(group, report.now));
    text.push(words::because(group));
    text.extend(group.first.words.clone());
    text.extend(group.first.link.clone());
    let text = text.join("; ");
    let message = match words::by_when(group, report.now) {
        Some(when) => format!("{}; {when}", words::action(group)),
        None => words::action(group),
    };
    let outcome = match (group.first.mode, report.verdict) {
        (Mode::Break, Verdict::Break) => Outcome::Failed(message),
        _ => Outcome::Skipped(message),
    };
    let line = group.first.line().map_or_else(String::new, |it| format!(":{it}"));
    let class = format!("{}{line}", group.path_from(&report.folder));
    Case { class, name: words::headline(group), outcome, text }
}
