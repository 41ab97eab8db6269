//! Variables that build files set and commands that they run: Dockerfiles, pipelines, `go.env`.
//!
//! Read by lines, without knowing the syntax around them: `NAME=value`, `NAME: value`, `ENV NAME value` and `ARG NAME`, whoever sets
//! them, and the words of each command. A variable counts for the whole file. Nothing is substituted: a value that names another
//! variable is one that no file decides, because builds are given their arguments from outside. `.env` is not read: it is
//! where people keep secrets.

use crate::answer::Manager;
use crate::place::{File, Place};
use crate::tree::{Tree, file_name};

/// For a file that cannot be read, whatever it would have said.
pub(crate) const MANAGER: Manager =
    Manager { name: "build files", fix: "make it a text file", url: "" };

/// Variables that say where packages come from.
const NAMES: &[&str] = &[
    "GONOPROXY",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "NPM_CONFIG_REGISTRY",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_NO_INDEX",
    "PIP_REQUIRE_HASHES",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_STRATEGY",
    "UV_INDEX_URL",
    "UV_NO_INDEX",
    "YARN_NPM_REGISTRY_SERVER",
];

/// Programs whose commands are kept.
const PROGRAMS: &[&str] = &["pip", "pip3", "uv"];

/// A line that goes on over more lines than this is no command.
const MAX_CONTINUED: usize = 200;

/// A line that sets more than this is no line of a build file.
const MAX_SETTINGS_OF_LINE: usize = 100;

/// Values are addresses, or a few of them.
const MAX_VALUE_BYTES: usize = 4096;

pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// Nothing where the value is given from outside: `ARG NAME`.
    pub(crate) value: Option<String>,
    pub(crate) place: Place,
}

pub(crate) struct Command {
    /// From the program on.
    pub(crate) words: Vec<String>,
    pub(crate) place: Place,
}

/// What one file sets and runs, in its order.
pub(crate) struct Script {
    pub(crate) path: String,
    pub(crate) settings: Vec<Setting>,
    pub(crate) commands: Vec<Command>,
}

impl Script {
    pub(crate) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Setting> {
        self.settings.iter().filter(move |it| it.name == name)
    }
}

/// Whether a file sets variables or runs commands for a build.
pub(crate) fn names(path: &str) -> bool {
    let file = file_name(path).to_ascii_lowercase();
    let stem = file.rsplit_once('.').map_or(&*file, |(stem, _)| stem);
    let is_yaml = file.rsplit_once('.').is_some_and(|(_, it)| ["yml", "yaml"].contains(&it));
    let in_pipelines =
        [".github/workflows/", ".github/actions/", ".gitlab/", ".circleci/", ".azure"];
    let is_pipeline = in_pipelines.iter().any(|it| path.contains(it))
        || stem.ends_with("gitlab-ci")
        || file.contains("azure-pipelines")
        || ["bitbucket-pipelines", ".travis", "appveyor", ".drone", "cloudbuild"].contains(&stem);
    let is_container =
        ["dockerfile", "containerfile"].iter().any(|it| file.starts_with(it) || file.ends_with(it));
    is_container || (is_yaml && is_pipeline) || ["jenkinsfile", "go.env"].contains(&&*file)
}

/// Every script of the tree, and those that cannot be read with the reason.
pub(crate) fn scripts(tree: &Tree<'_>) -> (Vec<Script>, Vec<(String, String)>) {
    let mut scripts = Vec::new();
    let mut unreadable = Vec::new();
    for path in tree.paths().iter().filter(|it| names(it)) {
        match tree.read(path) {
            Ok(Some(file)) => scripts.push(read(&file)),
            Ok(None) => {}
            Err(why) => unreadable.push((path.clone(), why)),
        }
    }
    (scripts, unreadable)
}

fn read(file: &File) -> Script {
    let mut script = Script { path: file.path.clone(), settings: Vec::new(), commands: Vec::new() };
    let mut lines = file.text.split_inclusive('\n');
    let mut offset = 0;
    while let Some(first) = lines.next() {
        let start = offset;
        offset += first.len();
        let mut line = first.trim_end().to_owned();
        if line.trim_start().starts_with('#') {
            continue;
        }
        for _ in 0..MAX_CONTINUED {
            let Some(before) = line.strip_suffix(['\\', '`']).map(str::len) else { break };
            let Some(next) = lines.next() else { break };
            offset += next.len();
            // A comment inside a continued command is left out, as Docker does.
            let next = if next.trim_start().starts_with('#') { "\\" } else { next.trim() };
            line.truncate(before);
            line.push(' ');
            line.push_str(next);
        }
        settings(&line, file, start, &mut script.settings);
        commands(&line, file, start, &mut script.commands);
    }
    script
}

fn settings(line: &str, file: &File, start: usize, settings: &mut Vec<Setting>) {
    // All names have one of these, and few lines do.
    if !["GO", "NPM_", "npm_config_registry", "PIP_", "UV_"].iter().any(|it| line.contains(it)) {
        return;
    }
    let n_before = settings.len();
    let upper = line.replace("npm_config_registry", "NPM_CONFIG_REGISTRY");
    for name in NAMES {
        for (at, _) in upper.match_indices(name) {
            let is_inside = |it: char| it.is_alphanumeric() || matches!(it, '_' | '$' | '{');
            let behind = &upper[at + name.len()..];
            if upper[..at].ends_with(is_inside)
                || behind.starts_with(|it: char| it == '_' || it.is_alphanumeric())
            {
                continue;
            }
            if n_before + MAX_SETTINGS_OF_LINE <= settings.len() {
                return;
            }
            let value = match value(upper[..at].trim_start(), behind) {
                Some(Value::Given(value)) => Some(value),
                Some(Value::Outside) => None,
                None => continue,
            };
            // The place of the line's own part, if it stands on the first one.
            let place = place_of(file, start, name);
            settings.push(Setting { name, value, place });
        }
    }
}

/// The place of `what` at or behind `start`, or else `start`.
fn place_of(file: &File, start: usize, what: &str) -> Place {
    let within: usize = 16 << 10;
    let end = file.text.floor_char_boundary((start + within).min(file.text.len()));
    let at = file.text[start..end].find(what).map_or(start, |it| start + it);
    file.at_offset(at)
}

enum Value {
    Given(String),
    /// By whoever starts the build.
    Outside,
}

/// What a variable is set to; nothing if this is no setting.
fn value(before: &str, behind: &str) -> Option<Value> {
    let instruction = before.split_whitespace().next().unwrap_or("");
    let behind = behind.strip_prefix(['"', '\'']).unwrap_or(behind);
    let rest = behind.trim_start();
    if let Some(value) = behind.strip_prefix('=') {
        return Some(Value::Given(first_word(value)));
    }
    if let Some(value) = rest.strip_prefix(':') {
        // A line of YAML; `:=` and `::` are something else.
        let is_mapping = value.is_empty() || value.starts_with([' ', '"', '\'']);
        return is_mapping.then(|| Value::Given(scalar(value)));
    }
    match instruction {
        "ENV" if !rest.is_empty() => Some(Value::Given(rest.to_owned())),
        "ARG" if rest.is_empty() => Some(Value::Outside),
        _ => None,
    }
}

/// Up to the first blank outside quotes and variables, quotes left out.
fn first_word(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(MAX_VALUE_BYTES.min(text.len()))];
    words(text).into_iter().next().filter(|_| !text.starts_with([' ', '\t'])).unwrap_or_default()
}

/// A YAML scalar on one line, without quotes and comment.
fn scalar(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or("").to_owned();
        }
    }
    text.split(" #").next().unwrap_or("").trim().to_owned()
}

fn commands(line: &str, file: &File, start: usize, commands: &mut Vec<Command>) {
    if !PROGRAMS.iter().any(|it| line.contains(it)) {
        return;
    }
    let words = words(line);
    let is_end = |it: &String| matches!(&**it, "&&" | "||" | ";" | "|");
    for part in words.split(is_end) {
        let name = |it: &String| {
            let it = it.trim_start_matches(['"', '\'', '[']);
            PROGRAMS.contains(&file_name(it).split('.').next().unwrap_or(""))
        };
        if let Some(at) = part.iter().position(name) {
            let place = place_of(file, start, &part[at]);
            commands.push(Command { words: part[at..].to_vec(), place });
        }
    }
}

/// Words as a shell divides them, quotes left out and variables kept whole; `;` ends a word and is one.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut depth = 0_u32;
    let mut before = ' ';
    for it in line.chars() {
        let is_variable = std::mem::replace(&mut before, it) == '$' || depth > 0;
        match (quote, it) {
            (Some(open), _) if open == it => quote = None,
            (None, '"' | '\'') => quote = Some(it),
            (None, '{' | '(') if is_variable => {
                depth += 1;
                word.push(it);
            }
            (None, '}' | ')') if depth > 0 => {
                depth -= 1;
                word.push(it);
            }
            (None, _) if it.is_whitespace() && depth == 0 => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            }
            (None, ';') if depth == 0 => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                words.push(";".to_owned());
            }
            _ => word.push(it),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}
