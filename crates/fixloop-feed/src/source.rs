//! Which files a path given to an import stands for.

use std::path::{Path, PathBuf};

use crate::archive::is_record_name;
use crate::report::ImportReport;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    Record,
    Zip,
    TarZst,
}

/// All files below `path` that hold records, sorted; a file named directly is taken whatever its ending.
pub(crate) fn files(path: &Path, report: &mut ImportReport) -> Vec<(PathBuf, Kind)> {
    let mut found = Vec::new();
    let walk = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .hidden(true)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                report.failed_source(path.display().to_string(), &error);
                continue;
            }
        };
        let path = entry.path();
        // A link named directly is followed; links below it are not, so that no loop and no foreign folder is entered.
        let is_file = if entry.depth() == 0 {
            path.is_file()
        } else {
            entry.file_type().is_some_and(|it| it.is_file())
        };
        if !is_file {
            continue;
        }
        match kind(path) {
            Some(kind) => found.push((path.to_owned(), kind)),
            None if entry.depth() == 0 => found.push((path.to_owned(), Kind::Record)),
            None => {
                let ending = path.extension().map_or("(none)".into(), |it| it.to_string_lossy());
                *report.other_files.entry(ending.into_owned()).or_default() += 1;
            }
        }
    }
    found.sort();
    found
}

fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    match name.rsplit_once('.')? {
        (_, "zip") => Some(Kind::Zip),
        (stem, "zst") if stem.strip_suffix(".tar").is_some() => Some(Kind::TarZst),
        _ => is_record_name(&name).then_some(Kind::Record),
    }
}
