//! `-r` and `-c` lines of requirements files: which further files they bring in, and which versions they fix.
//!
//! Only files below the scanned folder are read; an address or a file elsewhere is unknown.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use fixloop_manifest::requirements_txt::{self, IncludeKind};
use fixloop_manifest::{Format, resolve, without_credentials};
use fixloop_model::{Files, LineIndex, Parsed, Unknown, UnknownKind, normalize_name};

use crate::walk::{Target, unknown_file};

/// What the included files change.
#[derive(Default)]
pub(crate) struct Includes {
    /// By including file: normalized name to version, from its constraints files.
    constraints: HashMap<String, HashMap<String, String>>,
    pub(crate) unknown: Vec<Unknown>,
}

/// Adds the files that requirements files bring in, and takes out those that only constrain.
pub(crate) fn follow(files: &dyn Files, targets: Vec<Target>) -> (Vec<Target>, Includes) {
    let mut includes = Includes::default();
    let mut by_path: BTreeMap<String, Target> =
        targets.into_iter().map(|it| (it.path.clone(), it)).collect();
    let is_requirements = |it: &&Target| it.format == Format::RequirementsTxt;
    let mut queue: Vec<Target> = by_path.values().filter(is_requirements).cloned().collect();
    let mut constraining: BTreeSet<String> = BTreeSet::new();
    let mut required: BTreeSet<String> = BTreeSet::new();
    while let Some(target) = queue.pop() {
        // What cannot be read is reported when the file itself is scanned.
        let Ok(Some(text)) = files.text(&target.path) else { continue };
        let read = requirements_txt::parse(&text);
        // A file named twice is read once: a hostile one could name it a million times.
        let mut seen = HashSet::new();
        let lines = LineIndex::new(&text);
        for include in read.includes {
            let mut unknown = |reason: String| {
                let line = lines.position(&text, include.path_span.start).line;
                let (kind, path) = (UnknownKind::File, Some(target.path.clone()));
                includes.unknown.push(Unknown { kind, path, line: Some(line), name: None, reason });
            };
            let Some(path) = resolve(&target.path, &include.path) else {
                if !seen.insert((include.path.clone(), include.kind)) {
                    continue;
                }
                unknown(format!(
                    "`{}` lies outside the scanned folder: not read",
                    without_credentials(&include.path)
                ));
                continue;
            };
            if !seen.insert((path.clone(), include.kind)) {
                continue;
            }
            let included = files.text(&path);
            if matches!(included, Ok(None)) {
                unknown(format!("`{}` is no file of the scanned folder", include.path));
                continue;
            }
            match include.kind {
                IncludeKind::Requirements => {
                    required.insert(path.clone());
                    if let Entry::Vacant(entry) = by_path.entry(path.clone()) {
                        let format = Format::RequirementsTxt;
                        queue.push(entry.insert(Target { path, format }).clone());
                    }
                }
                IncludeKind::Constraints => {
                    match included {
                        Ok(text) => includes.constrain(&target.path, &text.unwrap_or_default()),
                        Err(reason) => includes.unknown.push(unknown_file(path.clone(), reason)),
                    }
                    constraining.insert(path);
                }
            }
        }
    }
    // A constraints file installs nothing by itself.
    by_path.retain(|path, _| !constraining.contains(path) || required.contains(path));
    (by_path.into_values().collect(), includes)
}

impl Includes {
    fn constrain(&mut self, path: &str, text: &str) {
        let pins = self.constraints.entry(path.to_owned()).or_default();
        for it in requirements_txt::parse(text).parsed.components {
            if let Some(version) = it.version {
                let name = normalize_name(it.ecosystem.as_str(), &it.name).into_owned();
                pins.insert(name, version);
            }
        }
    }
}

/// Gives components without a version the one that a constraints file fixes.
pub(crate) fn apply_constraints(includes: &Includes, path: &str, parsed: &mut Parsed) {
    let Some(pins) = includes.constraints.get(path) else { return };
    for it in parsed.components.iter_mut().filter(|it| it.version.is_none()) {
        let name = normalize_name(it.ecosystem.as_str(), &it.name);
        it.version = pins.get(&*name).cloned();
    }
}
