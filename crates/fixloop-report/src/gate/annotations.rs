//! Annotations: what a runner shows beside the lines of a change.
//!
//! GitHub: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>; it shows ten errors and ten warnings of a
//! step and drops the rest without a word, so ten are written, ranked, and the rest is counted. Azure DevOps:
//! <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>.

use std::io::{self, Write};

use fixloop_gate::{Report, Verdict};
use fixloop_policy::Mode;

use super::escape::{
    azure_data, azure_property, github_data, github_property, harmless, harmless_line,
};
use super::groups::{Group, groups};
use super::words;

/// What is annotated, ranked, before the rest is counted.
const MAX_ANNOTATIONS: usize = 10;

/// One annotation, before it is escaped.
struct Annotation {
    level: Level,
    /// From the repository's root; nothing where no file is meant.
    place: Option<(String, Option<u32>)>,
    code: String,
    title: String,
    message: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Level {
    Error,
    Warning,
    Notice,
}

pub fn write_gate_github(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for it in annotations(report) {
        let command = match it.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = Vec::new();
        if let Some((path, line)) = &it.place {
            properties.push(format!("file={}", github_property(path)));
            properties.extend(line.map(|it| format!("line={it}")));
        }
        properties.push(format!("title={}", github_property(&harmless(&it.title))));
        let properties = properties.join(",");
        writeln!(out, "::{command} {properties}::{}", github_data(&it.message))?;
    }
    writeln!(out, "{}", harmless_line(&words::happens_now(report)))
}

pub fn write_gate_azure(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for it in annotations(report) {
        let text = format!("{}: {}", it.title, it.message);
        // There is no third level.
        let level = match it.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => {
                writeln!(out, "{}", harmless(&text))?;
                continue;
            }
        };
        let mut properties = vec![format!("type={level}")];
        if let Some((path, line)) = &it.place {
            properties.push(format!("sourcepath={}", azure_property(path)));
            properties.extend(line.map(|it| format!("linenumber={it}")));
        }
        if !it.code.is_empty() {
            properties.push(format!("code={}", azure_property(&harmless(&it.code))));
        }
        let properties = properties.join(";");
        writeln!(out, "##vso[task.logissue {properties}]{}", azure_data(&text))?;
    }
    writeln!(out, "{}", harmless_line(&words::happens_now(report)))
}

/// The verdict first where it is about the build as a whole, then the hardest findings.
fn annotations(report: &Report) -> Vec<Annotation> {
    let mut annotations: Vec<Annotation> = whole_build(report).into_iter().collect();
    let told = groups(report.told());
    let room = MAX_ANNOTATIONS - annotations.len();
    annotations.extend(told.iter().take(room).map(|it| of_group(it, report)));
    let more = told.len().saturating_sub(room);
    if more > 0 {
        annotations.push(Annotation {
            level: Level::Notice,
            place: None,
            code: String::new(),
            title: format!("fixloop: +{more} more"),
            message: "the summary and --format json list all of them".to_owned(),
        });
    }
    annotations
}

fn whole_build(report: &Report) -> Option<Annotation> {
    let (level, title) = match report.verdict {
        Verdict::Unverified if report.fails_unverified => {
            (Level::Error, "fixloop could not verify this build")
        }
        Verdict::Unverified => (Level::Warning, "fixloop could not verify this build"),
        Verdict::BrokenGlass => (Level::Warning, "break-glass: this build goes on"),
        Verdict::Pass | Verdict::Alert | Verdict::Break => return None,
    };
    let message = words::happens_now(report);
    Some(Annotation { level, place: None, code: String::new(), title: title.to_owned(), message })
}

fn of_group(group: &Group<'_>, report: &Report) -> Annotation {
    let breaks = group.first.mode == Mode::Break && report.verdict == Verdict::Break;
    let mut sentences = vec![words::action(group), words::standing(group)];
    sentences.extend(words::by_when(group, report.now));
    sentences.push(words::because(group));
    sentences.extend(group.first.words.clone());
    sentences.extend(group.first.link.clone());
    // Cut one by one: the fix and the deadline must survive a long name.
    let message: Vec<String> = sentences.iter().map(|it| short(it)).collect();
    Annotation {
        level: if breaks { Level::Error } else { Level::Warning },
        place: Some((group.path_from(&report.folder), group.first.line())),
        code: group.first.id().to_owned(),
        title: words::headline(group),
        message: message.join(" · "),
    }
}

/// At most 90 characters, except for an address.
fn short(text: &str) -> String {
    const MAX: usize = 90;
    match text.char_indices().nth(MAX) {
        Some((end, _)) if !text.starts_with("https://") => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}
