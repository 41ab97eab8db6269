//! Joins the starter records, one a line, so that the binary holds them without a list of file names in the source.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut files = Vec::new();
    collect(Path::new("starter"), &mut files)?;
    files.sort();
    let mut joined = String::new();
    for file in files {
        // No JSON string holds a raw line break, so joining the lines keeps the record.
        let record = fs::read_to_string(&file)?;
        joined.extend(record.lines().map(str::trim_start));
        joined.push('\n');
    }
    fs::write(out.join("starter.jsonl"), joined)?;
    println!("cargo::rerun-if-changed=starter");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|it| it == "json") {
            files.push(path);
        }
    }
    Ok(())
}
