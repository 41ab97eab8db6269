//! `suggest_fix`: the edits that clear a project's findings. Nothing is written and no command run.

mod diff;
mod files;
mod plan;

use fixloop_model::{Finding, normalize_name};
use jiff::civil::Date;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{IndexAnswer, Opened};
use crate::quoted::word;
use crate::scan_project::{root, scanned};
use crate::tools::{Failure, Told};
use diff::diff;
use plan::{Fixed, Plan, Unfixed, plan};

/// Entries told of each list.
const MAX_TOLD: usize = 100;

/// Lines of one kind in the plain text.
const MAX_NAMED: usize = 20;

/// What to fix.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The project's folder, or one manifest. A folder is better: a lockfile decides together with the manifest beside it.
    path: String,
    /// Only this package, by its name in the registry; without it every package that has findings.
    package: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
pub(crate) enum FixVerdict {
    /// The diff and the commands clear every finding that was asked about.
    Changes,
    /// Something cannot be fixed by an edit: `not_fixed` says why.
    Incomplete,
    NothingToDo,
    /// No finding, but something could not be checked. Not clean.
    Unknown,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct FixAnswer {
    verdict: FixVerdict,
    fixes: Vec<FixedAnswer>,
    /// All edits as a unified diff for `git apply` or `patch -p1`, from the scanned folder. Nothing was written.
    diff: String,
    /// Files whose changes would make the diff too long: ask for one `package` at a time.
    files_left_out: Vec<String>,
    /// What to run after the diff was applied, each once. Package managers run code of packages: ask before.
    commands_after: Vec<CommandAnswer>,
    not_fixed: Vec<UnfixedAnswer>,
    /// How many entries of `fixes` and `not_fixed` are not listed.
    n_left_out: usize,
    not_checked: Vec<String>,
    index: IndexAnswer,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
struct FixedAnswer {
    /// The manifest, relative to the scanned folder.
    manifest: String,
    package: String,
    from: String,
    to: String,
    /// What was proven of the edited manifest.
    proof: String,
    /// Where the edits are; empty where the command alone does it.
    edited_files: Vec<String>,
    command_after: Option<CommandAnswer>,
}

#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[schemars(crate = "rmcp::schemars")]
struct CommandAnswer {
    /// Relative to the scanned folder; empty for that itself.
    folder: String,
    /// Program and arguments, no shell's words.
    command: Vec<String>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(crate = "rmcp::schemars")]
struct UnfixedAnswer {
    path: String,
    line: u32,
    package: String,
    version: String,
    reason: String,
}

/// Plans the fixes of a folder or file.
pub(crate) fn suggest_fix(
    opened: &Opened,
    arguments: &Arguments,
    today: Date,
) -> Result<Told<FixAnswer>, Failure> {
    let root = root(&arguments.path)?;
    let mut scan = scanned(opened, &root, today)?;
    let mut not_checked: Vec<String> = opened.shortcoming().into_iter().collect();
    not_checked.extend(scan.unknown.iter().map(|it| match &it.path {
        Some(path) => format!("{}: {}", word(path), word(&it.reason)),
        None => word(&it.reason),
    }));
    if scan.files.is_empty() {
        not_checked.push("no file of a format that fixloop reads was found".to_owned());
    }
    if let Some(package) = &arguments.package {
        scan.findings.retain(|it| is_about(it, package));
    }
    let plan = plan(&scan, opened, &root.folder)?;
    let (diff, files_left_out) = diff(&plan.changes);
    let n_left_out =
        plan.fixed.len().saturating_sub(MAX_TOLD) + plan.unfixed.len().saturating_sub(MAX_TOLD);
    let structured = FixAnswer {
        verdict: match (plan.fixed.is_empty(), plan.unfixed.is_empty(), not_checked.is_empty()) {
            (_, false, _) => FixVerdict::Incomplete,
            (false, true, _) => FixVerdict::Changes,
            (true, true, true) => FixVerdict::NothingToDo,
            (true, true, false) => FixVerdict::Unknown,
        },
        commands_after: commands(&plan),
        fixes: plan.fixed.iter().take(MAX_TOLD).map(fixed).collect(),
        diff,
        files_left_out,
        not_fixed: plan.unfixed.iter().take(MAX_TOLD).map(unfixed).collect(),
        n_left_out,
        not_checked: not_checked.into_iter().take(MAX_TOLD).collect(),
        index: opened.answer(),
    };
    Ok(Told { text: words(&structured), structured, shown: Vec::new() })
}

fn is_about(finding: &Finding, package: &str) -> bool {
    let ecosystem = &*finding.ecosystem;
    normalize_name(ecosystem, &finding.name) == normalize_name(ecosystem, package.trim())
}

fn commands(plan: &Plan) -> Vec<CommandAnswer> {
    let mut commands: Vec<CommandAnswer> = Vec::new();
    for it in plan.fixed.iter().filter_map(command).take(MAX_TOLD) {
        if !commands.contains(&it) {
            commands.push(it);
        }
    }
    commands
}

fn command(it: &Fixed) -> Option<CommandAnswer> {
    let relock = it.upgrade.relock.as_ref()?;
    let command = relock.command.iter().map(|it| word(it)).collect();
    Some(CommandAnswer { folder: word(&relock.folder), command })
}

fn fixed(it: &Fixed) -> FixedAnswer {
    let mut edited_files: Vec<String> = it.upgrade.edits.iter().map(|it| word(&it.path)).collect();
    edited_files.sort();
    edited_files.dedup();
    FixedAnswer {
        manifest: word(&it.manifest),
        package: word(&it.upgrade.name),
        from: word(&it.from),
        to: word(&it.upgrade.to),
        proof: word(&it.upgrade.proof.to_string()),
        edited_files,
        command_after: command(it),
    }
}

fn unfixed(it: &Unfixed) -> UnfixedAnswer {
    UnfixedAnswer {
        path: word(&it.path),
        line: it.line,
        package: word(&it.package),
        version: word(&it.version),
        reason: word(&it.reason),
    }
}

fn words(it: &FixAnswer) -> String {
    let mut lines = vec![
        match it.verdict {
            FixVerdict::Changes => "These edits clear all findings. Nothing was written.",
            FixVerdict::Incomplete if it.fixes.is_empty() => "No edit clears these findings.",
            FixVerdict::Incomplete => "These edits clear some findings. Nothing was written.",
            FixVerdict::NothingToDo => "Nothing to fix.",
            FixVerdict::Unknown => "No finding, but not everything was checked.",
        }
        .to_owned(),
    ];
    for it in it.fixes.iter().take(MAX_NAMED) {
        lines.push(format!(
            "- {} {} to {} in {}: {}",
            it.package, it.from, it.to, it.manifest, it.proof
        ));
    }
    for it in it.not_fixed.iter().take(MAX_NAMED) {
        lines.push(format!(
            "- not fixed: {} {} at {}:{}: {}",
            it.package, it.version, it.path, it.line, it.reason
        ));
    }
    for it in it.commands_after.iter().take(MAX_NAMED) {
        let place =
            if it.folder.is_empty() { String::new() } else { format!(" (in {})", it.folder) };
        lines.push(format!("After the edits run: {}{place}", it.command.join(" ")));
    }
    lines.extend(it.not_checked.iter().take(MAX_NAMED).map(|it| format!("Not checked: {it}.")));
    lines.push(it.index.words());
    if !it.diff.is_empty() {
        lines.push(String::new());
        lines.push(it.diff.trim_end().to_owned());
    }
    lines.join("\n")
}
