//! Requirements files: <https://pip.pypa.io/en/stable/reference/requirements-file-format/#global-options>.
//!
//! Options of files that are pulled in with `-r` and `-c` count as if they stood in the file that pulls them in.

use std::collections::{HashMap, HashSet};

use fixloop_manifest::{Format, resolve};
use fixloop_model::BuildCheck;

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
        collect(path, tree, &mut read, &mut options);
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
    Include(String),
}

#[derive(Clone, Default)]
struct Lines {
    said: Vec<Said>,
    has_hashes: bool,
}

fn collect(start: &str, tree: &Tree<'_>, read: &mut HashMap<String, Lines>, options: &mut Options) {
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
        if let Said::Include(relative) = &said {
            let Some(included) = resolve(&path, relative) else { continue };
            if seen.len() < MAX_INCLUDED && seen.insert(included.clone()) {
                if !read.contains_key(&included)
                    && let Ok(Some(file)) = tree.read(&included)
                {
                    read.insert(included.clone(), self::lines(&file));
                }
                open.push((included, 0));
            }
        }
        apply(said, options);
    }
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
        Said::Include(_) => {}
    }
}

fn lines(file: &File) -> Lines {
    let mut lines = Lines::default();
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim_start();
        if code.contains("--hash=") || code.starts_with("--require-hashes") {
            lines.has_hashes = true;
        }
        if !code.starts_with('-') || MAX_SAID <= lines.said.len() {
            continue;
        }
        let code = code.split(" #").next().unwrap_or("").trim().trim_end_matches('\\').trim();
        let place = || file.at_offset(start);
        let end = code.find(['=', ' ', '\t']).unwrap_or(code.len());
        let (name, value) = code.split_at(end);
        let value = value.trim_start_matches(['=', ' ', '\t']).to_owned();
        match name {
            "-i" | "--index-url" | "--pypi-url" => lines.said.push(Said::Index(value, place())),
            "--extra-index-url" => lines.said.push(Said::Extra(value, place())),
            "-f" | "--find-links" => lines.said.push(Said::Links(value, place())),
            "--no-index" => lines.said.push(Said::NoIndex),
            "-r" | "--requirement" | "-c" | "--constraint" => lines.said.push(Said::Include(value)),
            _ => {}
        }
    }
    lines
}

/// Option lines of one file that are looked at.
const MAX_SAID: usize = 1000;
