//! `pip install …` and the `PIP_…` variables of one build file.
//!
//! A variable counts for every command of its file, and a command's option stands above a variable of the same meaning
//! (<https://pip.pypa.io/en/stable/topics/configuration/#precedence-override-order>).

use fixloop_model::BuildCheck;

use super::options::{Name, among};
use super::{MANAGER, Options};
use crate::answer::Pinned;
use crate::env::{Command, Script};
use crate::tree::file_name;

pub(super) fn assess(script: &Script) -> Vec<BuildCheck> {
    let mut checks: Vec<BuildCheck> = script
        .settings
        .iter()
        .filter(|it| it.name.starts_with("PIP_") && it.value.is_none())
        .map(|it| {
            let why = format!("`{}` is given from outside, and no file says what it is", it.name);
            MANAGER.unknown(&it.place, &why)
        })
        .collect();
    let variables = variables(script);
    for set in &variables {
        checks.extend(set.answer());
    }
    for command in script.commands.iter().filter(|it| installs(it)) {
        for set in &variables {
            let mut options = set.clone();
            // What the variables alone say is answered above.
            if apply(command, &mut options) {
                checks.extend(options.answer());
            }
        }
    }
    checks
}

/// One set of options per value of `PIP_INDEX_URL`: jobs of a pipeline may differ.
fn variables(script: &Script) -> Vec<Options> {
    let mut common = Options::default();
    for setting in &script.settings {
        let Some(value) = &setting.value else { continue };
        match setting.name {
            "PIP_EXTRA_INDEX_URL" => common.add_extra(value, &setting.place),
            "PIP_FIND_LINKS" => common.add_links(value, &setting.place),
            "PIP_NO_INDEX" => common.no_index = is_true(value),
            "PIP_REQUIRE_HASHES" if is_true(value) => {
                common.hashes = Some(Pinned::by_hashes(&script.path));
            }
            _ => {}
        }
    }
    let indexes = script.values("PIP_INDEX_URL").filter_map(|it| Some((it.value.as_ref()?, it)));
    let with_index: Vec<Options> = indexes
        .take(crate::answer::MAX_FEEDS)
        .map(|(value, setting)| {
            let mut options = common.clone();
            options.set_index(value, setting.place.clone());
            options
        })
        .collect();
    if with_index.is_empty() { vec![common] } else { with_index }
}

fn is_true(value: &str) -> bool {
    ["1", "true", "yes", "on", "y", "t"].contains(&&*value.to_ascii_lowercase())
}

fn installs(command: &Command) -> bool {
    let program = file_name(&command.words[0]).trim_start_matches(['"', '\'', '[']);
    let verbs = ["install", "download", "wheel"];
    program.starts_with("pip") && command.words.iter().skip(1).any(|it| verbs.contains(&&**it))
}

/// Puts the command's options above what is set; whether there are any.
fn apply(command: &Command, options: &mut Options) -> bool {
    let mut any = false;
    for (name, value) in among(&command.words) {
        match name {
            Name::Index => options.set_index(&value, command.place.clone()),
            Name::Extra => options.add_extra(&value, &command.place),
            Name::Links => options.add_links(&value, &command.place),
            Name::NoIndex => options.no_index = true,
            Name::RequireHashes => options.hashes = Some(Pinned::by_hashes(&command.place.path)),
            // What the file says is an answer of its own.
            Name::Include => continue,
        }
        any = true;
    }
    any
}
