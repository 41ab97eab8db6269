//! `pip.conf` and `pip.ini`: <https://pip.pypa.io/en/stable/topics/configuration/#configuration-files>.
//!
//! What `[install]` says stands above `[global]`, key by key.

use std::collections::BTreeMap;

use fixloop_model::BuildCheck;

use super::{MANAGER, Options};
use crate::answer::Pinned;
use crate::ini::{self, Indented};
use crate::place::{File, Place};
use crate::tree::{Tree, file_name};

pub(super) fn names(path: &str) -> bool {
    ["pip.conf", "pip.ini"].contains(&&*file_name(path).to_ascii_lowercase())
}

pub(super) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let paths = tree.named("pip.conf").chain(tree.named("pip.ini"));
    let check = |path: &str| match tree.read(path) {
        Ok(file) => assess_file(&file?),
        Err(why) => Some(MANAGER.unreadable(path, &why)),
    };
    paths.filter_map(check).collect()
}

fn assess_file(file: &File) -> Option<BuildCheck> {
    let ini = ini::parse(&file.text, Indented::More);
    if let Some(offset) = ini.broken {
        let place = file.at_offset(offset);
        return Some(
            MANAGER.unknown(&place, "this line is no setting, and pip refuses such a file"),
        );
    }
    let mut settings = Settings::new();
    for entry in &ini.entries {
        let is_install = entry.section == "install";
        if !is_install && entry.section != "global" {
            continue;
        }
        let key = entry.key.replace('_', "-").to_ascii_lowercase();
        let (of_install, values) = settings.entry(key).or_default();
        if is_install && !*of_install {
            *of_install = true;
            values.clear();
        }
        if is_install == *of_install {
            values.push((entry.value, file.at_offset(entry.offset)));
        }
    }
    if let Some((key, place)) = contradiction(&settings) {
        return Some(
            MANAGER.unknown(&place, &format!("`{key}` is given twice with different values")),
        );
    }
    options(&settings, &file.path).answer()
}

/// Key to whether it is of `[install]`, and its values.
type Settings<'t> = BTreeMap<String, (bool, Vec<(&'t str, Place)>)>;

fn contradiction(settings: &Settings<'_>) -> Option<(&'static str, Place)> {
    let (_, values) = settings.get("index-url")?;
    let (first, _) = values.iter().find(|(it, _)| !it.is_empty())?;
    let other = values.iter().find(|(it, _)| !it.is_empty() && it != first)?;
    Some(("index-url", other.1.clone()))
}

fn options(settings: &Settings<'_>, path: &str) -> Options {
    let mut options = Options::default();
    for (key, (_, values)) in settings {
        for (value, place) in values.iter().filter(|(it, _)| !it.is_empty()) {
            match &**key {
                "index-url" => options.set_index(value, place.clone()),
                "extra-index-url" => options.add_extra(value, place),
                "find-links" => options.add_links(value, place),
                "no-index" => options.no_index = ["true", "1", "yes", "on"].contains(value),
                "require-hashes" if ["true", "1", "yes", "on"].contains(value) => {
                    options.hashes = Some(Pinned::by_hashes(path));
                }
                _ => {}
            }
        }
    }
    options
}
