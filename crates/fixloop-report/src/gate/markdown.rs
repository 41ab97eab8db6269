//! Markdown: a comment under a pull request, and a job's summary, which are the same page at different lengths.
//!
//! Names stand in code spans, where nothing is a mention, a link or HTML; prose is escaped.

use std::io::{self, Write};

use fixloop_gate::{Report, Subject, Verdict};
use fixloop_policy::Mode;

use super::escape::{code, link, prose};
use super::groups::{Group, groups};
use super::words;

/// GitHub refuses longer comments; in bytes, which is stricter.
const MAX_COMMENT: usize = 64 * 1024;
/// GitHub refuses longer summaries of a step.
const MAX_SUMMARY: usize = 1024 * 1024;
/// Kept for the sentence that says what is left out.
const ROOM_FOR_NOTE: usize = 100;
/// What is fixed, and checks that could not be made, listed before the rest is counted.
const MAX_LISTED: usize = 10;

/// For a comment: at most 64 KiB. Its first line is the same each time, so that a script finds the comment that it wrote before.
pub fn write_gate_markdown(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(report, MAX_COMMENT).as_bytes())
}

/// For a job's summary: less than 1 MiB.
pub fn write_gate_summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(report, MAX_SUMMARY - 1).as_bytes())
}

fn page(report: &Report, max: usize) -> String {
    let (title, now) = (title(report.verdict), prose_line(&words::happens_now(report)));
    let mut page = format!("<!-- fixloop gate -->\n### fixloop: {title}\n\n{now}\n");
    let rest = if report.is_silent { String::new() } else { rest(report) };
    let room = max.saturating_sub(rest.len() + ROOM_FOR_NOTE);
    let told = groups(report.told());
    let mut n_shown = 0;
    let mut section = None;
    for group in &told {
        let mut block = item(group, report);
        if section != Some(group.first.mode) {
            let n = told.iter().filter(|it| it.first.mode == group.first.mode).count();
            block = format!("\n#### {} ({n})\n\n{block}", section_title(group.first.mode, report));
        }
        if page.len() + block.len() > room {
            break;
        }
        section = Some(group.first.mode);
        page.push_str(&block);
        n_shown += 1;
    }
    let note = match told.len() - n_shown {
        0 => String::new(),
        more => format!("\n{more} more are left out here: `--format json` lists all.\n"),
    };
    [page, note, rest].concat()
}

fn title(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Alert => "alert",
        Verdict::Unverified => "unverified",
        Verdict::BrokenGlass => "broken glass",
        Verdict::Break => "break",
    }
}

fn section_title(mode: Mode, report: &Report) -> &'static str {
    match (mode, report.verdict) {
        (Mode::Break, Verdict::Break) => "Ends this build",
        (Mode::Break, _) => "Would end this build",
        (Mode::Alert | Mode::Observe, _) => "To look at",
    }
}

fn item(group: &Group<'_>, report: &Report) -> String {
    let line = group.first.line().map_or_else(String::new, |it| format!(":{it}"));
    let path = code(&format!("{}{line}", group.path_from(&report.folder)));
    let title = code(&words::headline(group));
    let mut lines = vec![
        format!("- **{title}** · {}", words::standing(group)),
        format!("  - at {path}"),
        format!("  - **do: {}**", code(&words::action(group))),
    ];
    lines.extend(words::by_when(group, report.now).map(|it| format!("  - **{it}**")));
    lines.push(format!("  - why: {}", prose(&words::because(group))));
    if let Subject::Build(it) = &group.first.subject {
        lines.push(format!("  - seen: {}", code(&it.evidence)));
    }
    lines.extend(group.first.words.as_ref().map(|it| format!("  - {}", prose(it))));
    let own = group.first.link.as_deref().and_then(link);
    let links: Vec<String> =
        own.into_iter().chain(link(group.url())).map(|it| format!("<{it}>")).collect();
    if !links.is_empty() {
        lines.push(format!("  - {}", links.join(" ")));
    }
    lines.join("\n") + "\n"
}

/// What stands after the findings; bounded, since each list and each text in it is.
fn rest(report: &Report) -> String {
    let mut lines = Vec::new();
    let fixed = groups(report.told_fixed());
    if !fixed.is_empty() {
        lines.push(format!("\n#### Fixed by this change ({})\n", fixed.len()));
        let titles = fixed.iter().take(MAX_LISTED);
        lines.extend(titles.map(|it| format!("- {}", code(&words::headline(it)))));
        lines.extend(more(fixed.len()));
    }
    let n_unknown = words::n_unknown(report);
    if n_unknown > 0 {
        lines.push(format!("\n#### Not checked ({n_unknown})\n"));
        let of_scan = report.unknown.iter().map(|it| {
            let path = it.path.as_deref().unwrap_or("the index");
            format!("- {}: {}", code(path), prose(&it.reason))
        });
        let of_rules = words::unknown_checks(report)
            .map(|it| format!("- {} {}: {}", code(&it.path), code(&it.rule), prose(&it.evidence)));
        lines.extend(of_scan.chain(of_rules).take(MAX_LISTED));
        lines.extend(more(n_unknown));
    }
    lines.extend(words::by_command(report).map(|it| format!("\n{}", prose(it))));
    if let Some(ways) = words::ways_out(report) {
        lines.push("\n#### If this cannot wait\n".to_owned());
        lines.push(format!("- exception: {}", code(&ways.exception)));
        lines.push(format!("- break-glass: {}", code(ways.break_glass)));
    }
    let accepted = match report.suppressed.len() {
        0 => String::new(),
        n => format!("{} accepted by exceptions. ", words::count(n, "finding")),
    };
    let grounds: Vec<String> = words::grounds(report).iter().map(|it| prose(it)).collect();
    lines.push(format!("\n{accepted}<sub>{}</sub>", grounds.join(" · ")));
    lines.join("\n") + "\n"
}

fn more(n: usize) -> Option<String> {
    (n > MAX_LISTED).then(|| format!("- and {} more", n - MAX_LISTED))
}

/// A line made of several texts: piece by piece, so that a long one costs no other.
fn prose_line(text: &str) -> String {
    text.split("; ").take(MAX_LISTED).map(prose).collect::<Vec<_>>().join("; ")
}
