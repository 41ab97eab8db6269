//! Requirements files: <https://pip.pypa.io/en/stable/reference/requirements-file-format/#global-options>.
//!
//! Options of files that are pulled in with `-r` and `-c` count as if they stood in the file that pulls them in.

use std::collections::{HashMap, HashSet};

use fixloop_manifest::{Format, resolve};
use fixloop_model::BuildCheck;

use super::options::{Name, among};
use super::{MANAGER, Options};
use crate::answer::Pinned;
use crate::place::{File, Place};
use crate::tree::Tree;

/// Files that one requirements file pulls in, over all levels.
const MAX_INCLUDED: usize = 50;

pub(super) fn names(path: &str) -> bool {
    Format::of_path(path) == Some(Format::RequirementsTxt)
}

pub(super) fn assess(tree: &Tree<'_>) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let mut read = HashMap::new();
    let paths: Vec<&str> = tree.paths().iter().map(|it| &**it).filter(|it| names(it)).collect();
    for path in &paths {
        match tree.read(path) {
            Ok(Some(file)) => drop(read.insert((*path).to_owned(), lines(&file))),
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    for path in paths {
        let mut options = Options::default();
        checks.extend(collect(path, tree, &mut read, &mut options));
        checks.extend(options.answer());
    }
    checks
}

/// What a requirements file says of indexes, in its order.
#[derive(Clone)]
enum Said {
    Index(String, Place),
    Extra(String, Place),
    Links(String, Place),
    NoIndex,
    Include(String, Place),
}

#[derive(Clone, Default)]
struct Lines {
    said: Vec<Said>,
    has_hashes: bool,
}

/// Puts together what a file says with all that it pulls in; the answers are about what of that cannot be read.
fn collect(
    start: &str,
    tree: &Tree<'_>,
    read: &mut HashMap<String, Lines>,
    options: &mut Options,
) -> Vec<BuildCheck> {
    let mut unread = Vec::new();
    let mut seen: HashSet<String> = HashSet::from([start.to_owned()]);
    // In the order in which pip reads: what is pulled in is read where it is.
    let mut open: Vec<(String, usize)> = vec![(start.to_owned(), 0)];
    while let Some((path, position)) = open.pop() {
        let Some(lines) = read.get(&path) else { continue };
        if lines.has_hashes {
            options.hashes = Some(Pinned::by_hashes(&path));
        }
        let Some(said) = lines.said.get(position).cloned() else { continue };
        open.push((path.clone(), position + 1));
        if let Said::Include(relative, place) = &said {
            match included(&path, relative, tree, read) {
                Ok(Some(included)) => {
                    if seen.len() < MAX_INCLUDED && seen.insert(included.clone()) {
                        open.push((included, 0));
                    }
                }
                Ok(None) => {}
                Err(why) => unread.push(MANAGER.unknown(place, &why)),
            }
        }
        apply(said, options);
    }
    unread
}

/// The path of a file that is pulled in, read by now; nothing if there is no such file, which pip refuses.
fn included(
    from: &str,
    written: &str,
    tree: &Tree<'_>,
    read: &mut HashMap<String, Lines>,
) -> Result<Option<String>, String> {
    if written.contains("://") {
        return Err(format!("`{}` is pulled in from outside", crate::feed::short(written)));
    }
    let Some(path) = resolve(from, written) else {
        return Err(format!("`{written}` is pulled in from outside"));
    };
    if !read.contains_key(&path) {
        let text = tree.read(&path).map_err(|why| format!("`{path}` cannot be read: {why}"))?;
        let Some(file) = text else { return Ok(None) };
        read.insert(path.clone(), lines(&file));
    }
    Ok(Some(path))
}

fn apply(said: Said, options: &mut Options) {
    match said {
        Said::Index(address, place) => {
            options.set_index(&address, place);
            // pip forgets the extra indexes that it knew before.
            options.extra.clear();
        }
        Said::Extra(addresses, place) => options.add_extra(&addresses, &place),
        Said::Links(addresses, place) => options.add_links(&addresses, &place),
        Said::NoIndex => options.no_index = true,
        Said::Include(..) => {}
    }
}

fn lines(file: &File) -> Lines {
    let mut lines = Lines::default();
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim_start();
        if code.contains("--hash=") {
            lines.has_hashes = true;
        }
        if !code.starts_with('-') || MAX_SAID <= lines.said.len() {
            continue;
        }
        let code = code.split(" #").next().unwrap_or("").trim().trim_end_matches('\\');
        for (name, value) in among(&crate::env::words(code)) {
            let place = || file.at_offset(start);
            match name {
                Name::Index => lines.said.push(Said::Index(value, place())),
                Name::Extra => lines.said.push(Said::Extra(value, place())),
                Name::Links => lines.said.push(Said::Links(value, place())),
                Name::NoIndex => lines.said.push(Said::NoIndex),
                Name::Include => lines.said.push(Said::Include(value, place())),
                Name::RequireHashes => lines.has_hashes = true,
            }
        }
    }
    lines
}

/// Option lines of one file that are looked at.
const MAX_SAID: usize = 1000;
