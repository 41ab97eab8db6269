//! Bundler: the sources of `Gemfile` and `gems.rb`.
//!
//! A gem inside a `source` block, or with `source:`, comes only from there; all others come from the global source
//! (<https://bundler.io/man/gemfile.5.html#SOURCE-PRIORITY>). Of several global sources Bundler asks all, with a warning, and
//! refuses them from version 4 on. A Gemfile is a program; read are lines that call `source` with a literal, and a source that is
//! computed is one that no file tells. Mirrors of `.bundle/config` are not read.

#[cfg(test)]
mod tests;

use fixloop_model::BuildCheck;

use crate::answer::{MAX_FEEDS, Manager, Pinned};
use crate::feed::{Feed, Kind};
use crate::place::File;
use crate::tree::{Tree, file_name, folder};

const RUBYGEMS: &str = "RubyGems";

const MANAGER: Manager = Manager {
    name: "bundler",
    fix: "keep one global `source` and put the gems of the other one into a `source … do` block",
    url: "https://bundler.io/man/gemfile.5.html",
};

pub(crate) fn names(path: &str) -> bool {
    ["Gemfile", "Gemfile.lock", "gems.rb", "gems.locked"].contains(&file_name(path))
}

pub(crate) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let files = [("gemfile", "gemfile.lock"), ("gems.rb", "gems.locked")];
    let of = |(name, lockfile)| tree.named(name).map(move |path| (path, lockfile));
    files
        .into_iter()
        .flat_map(of)
        .filter_map(|(path, lock)| assess_file(tree, path, lock))
        .collect()
}

#[derive(Default)]
struct Sources {
    global: Vec<Feed>,
    /// Of blocks and of single gems.
    own: Vec<Feed>,
}

fn assess_file(tree: &Tree<'_>, path: &str, lockfile: &str) -> Option<BuildCheck> {
    let file = match tree.read(path) {
        Ok(file) => file?,
        Err(why) => return Some(MANAGER.unreadable(path, &why)),
    };
    let sources = read(&file);
    let lockfile = tree.in_folder(folder(path), lockfile);
    let lock = lockfile.and_then(|it| tree.read_lockfile(it).ok().flatten());
    let has_hashes = lock.is_some_and(|it| it.contains("\nCHECKSUMS"));
    let pinned = lockfile.filter(|_| has_hashes).map(Pinned::by_hashes);
    let how = "because several global sources are asked for every gem";
    if let Some(check) = MANAGER.equal(&sources.global, how, pinned.as_ref()) {
        return Some(check);
    }
    if let Some(unresolved) = sources.own.iter().find(|it| it.kind == Kind::Unresolved) {
        let why = format!("no file says which source `{}` is", unresolved.shown);
        return Some(MANAGER.unknown(&unresolved.place, &why));
    }
    let own = sources.own.iter().find(|it| it.is_private())?;
    let why = format!("`{}` answers only for the gems that name it", own.shown);
    Some(MANAGER.safe(&own.place, &why))
}

fn read(file: &File) -> Sources {
    let mut sources = Sources::default();
    let mut offset = 0;
    let mut is_comment = false;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        is_comment = (is_comment || line.starts_with("=begin")) && !line.starts_with("=end");
        let code = line.trim();
        if is_comment || code.starts_with('#') {
            continue;
        }
        if MAX_FEEDS <= sources.global.len() + sources.own.len() {
            break;
        }
        if let Some(argument) = call(code, "source") {
            let feed = feed(argument, file, start);
            let behind = argument.trim_end_matches('}').trim_end();
            let is_block =
                behind.ends_with(" do") || argument.contains('{') || argument.contains(" do ");
            if is_block { sources.own.push(feed) } else { sources.global.push(feed) }
        } else if call(code, "gem").is_some()
            && let Some((_, argument)) =
                code.split_once("source:").or_else(|| code.split_once(":source =>"))
        {
            sources.own.push(feed(argument.trim_start(), file, start));
        }
    }
    sources
}

/// What stands behind the name of a method at the start of a line.
fn call<'a>(code: &'a str, method: &str) -> Option<&'a str> {
    let rest = code.strip_prefix(method)?;
    let is_call = rest.starts_with([' ', '(', '"', '\'', '\t']);
    is_call.then(|| rest.trim_start_matches(['(', ' ', '\t']))
}

fn feed(argument: &str, file: &File, start: usize) -> Feed {
    let place = file.at_offset(start);
    for quote in ['"', '\''] {
        if let Some(literal) = argument.strip_prefix(quote).and_then(|it| it.split(quote).next()) {
            // `#{…}` is Ruby's way to put a value into a string.
            return Feed::new(RUBYGEMS, &literal.replace("#{", "${"), place);
        }
    }
    let name: &str = argument.split([' ', ')', ',']).next().unwrap_or(argument);
    if name == ":rubygems" {
        return Feed::implicit_public(place);
    }
    Feed::unresolved(name, place)
}
