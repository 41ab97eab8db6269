//! `suggest_fix`: the edits that clear a project's findings. Nothing is written and no command run.

mod diff;

use fixloop_fix::Relock;
use fixloop_match::Known;
use fixloop_model::{Finding, normalize_name};
use fixloop_plan::{Files, Fixed, Hint, Plan, Unfixed, plan};
use jiff::civil::Date;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{IndexAnswer, Opened};
use crate::quoted::word;
use crate::scan_project::{root, scanned};
use crate::tools::{Failure, Told};
use diff::diff;

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

#[derive(Debug, Eq, JsonSchema, PartialEq, Serialize)]
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

impl UnfixedAnswer {
    /// Whether it says the same of another line.
    fn is_same(&self, other: &Self) -> bool {
        (&self.path, &self.package, &self.version, &self.reason)
            == (&other.path, &other.package, &other.version, &other.reason)
    }
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
    // What is wrong with an exception is about no package: no edit of a manifest helps.
    scan.findings.retain(|it| !it.ids.is_empty());
    if let Some(package) = &arguments.package {
        scan.findings.retain(|it| is_about(it, package));
    }
    let mut files = Files::new(&root.folder);
    let plan = plan(&scan, &Known::new(&opened.index), &mut files)?;
    let (diff, files_left_out) = diff(&files.changes());
    let (fixes, n_fixes_left_out) = told(plan.fixed.iter().map(fixed), FixedAnswer::eq);
    let (not_fixed, n_unfixed_left_out) =
        told(plan.unfixed.iter().map(unfixed), UnfixedAnswer::is_same);
    let structured = FixAnswer {
        verdict: match (plan.fixed.is_empty(), plan.unfixed.is_empty(), not_checked.is_empty()) {
            (_, false, _) => FixVerdict::Incomplete,
            (false, true, _) => FixVerdict::Changes,
            (true, true, true) => FixVerdict::NothingToDo,
            (true, true, false) => FixVerdict::Unknown,
        },
        commands_after: commands(&plan),
        fixes,
        diff,
        files_left_out,
        not_fixed,
        n_left_out: n_fixes_left_out + n_unfixed_left_out,
        not_checked: not_checked.into_iter().take(MAX_TOLD).collect(),
        index: opened.answer(),
    };
    Ok(Told { text: words(&structured), structured, shown: Vec::new() })
}

fn is_about(finding: &Finding, package: &str) -> bool {
    let ecosystem = &*finding.ecosystem;
    normalize_name(ecosystem, &finding.name) == normalize_name(ecosystem, package.trim())
}

/// Each once, and how many are not listed: a lockfile may hold a version of a package in several places.
fn told<T>(all: impl Iterator<Item = T>, is_same: impl Fn(&T, &T) -> bool) -> (Vec<T>, usize) {
    let mut told: Vec<T> = Vec::new();
    let mut n_left_out = 0;
    for it in all {
        if told.iter().any(|told| is_same(told, &it)) {
            continue;
        }
        if told.len() < MAX_TOLD {
            told.push(it);
        } else {
            n_left_out += 1;
        }
    }
    (told, n_left_out)
}

fn commands(plan: &Plan) -> Vec<CommandAnswer> {
    plan.commands().iter().take(MAX_TOLD).map(command).collect()
}

fn command(it: &Relock) -> CommandAnswer {
    let command = it.command.iter().map(|it| word(it)).collect();
    CommandAnswer { folder: word(&it.folder), command }
}

fn fixed(it: &Fixed) -> FixedAnswer {
    let mut edited_files: Vec<String> = it.upgrade.edits.iter().map(|it| word(&it.path)).collect();
    edited_files.sort();
    edited_files.dedup();
    FixedAnswer {
        manifest: word(&it.path),
        package: word(&it.upgrade.name),
        from: word(&it.from),
        to: word(&it.upgrade.to),
        proof: word(&it.upgrade.proof.to_string()),
        edited_files,
        command_after: it.upgrade.relock.as_ref().map(command),
    }
}

fn unfixed(it: &Unfixed) -> UnfixedAnswer {
    let reason = match &it.hint {
        Some(Hint::ReplaceOrAccept) => {
            format!("{}: replace it, or accept it by `fixloop exception add`", it.reason)
        }
        Some(Hint::Words(hint)) => format!("{}: {hint}", it.reason),
        None => it.reason.clone(),
    };
    UnfixedAnswer {
        path: word(&it.path),
        line: it.line,
        package: word(&it.name),
        version: word(&it.version),
        reason: word(&reason),
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
