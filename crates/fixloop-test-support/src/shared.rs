//! The folder of reference data that lies beside the checkout on developers' machines and in CI.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The workspace's root.
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate lies two levels below the root").to_owned()
}

/// A file or folder of the reference data; `None`, said loudly, where it is not there.
///
/// # Panics
/// If it is missing and `FIXLOOP_REQUIRE_SHARED` is set, as CI does where the data is present: there a skip is a failure.
pub fn file(path: &str) -> Option<PathBuf> {
    let found = workspace_root().join("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(
        std::env::var_os("FIXLOOP_REQUIRE_SHARED").is_none(),
        "the reference data `{path}` is required and missing"
    );
    // Not by `eprintln!`, which the test runner swallows: a skipped test must say so.
    let message = format!("SKIPPED: the reference data `{path}` is not beside this checkout\n");
    std::io::stderr().write_all(message.as_bytes()).expect("standard error is open");
    None
}

/// Serializes unpacking within one process; between processes the rename decides.
static UNPACKING: Mutex<()> = Mutex::new(());

/// The folder with the contents of `data/NAME.tar.zst`, unpacked once per build directory.
pub fn unpacked(name: &str) -> Option<PathBuf> {
    let archive = file(&format!("data/{name}.tar.zst"))?;
    let stamp = fs::metadata(&archive).expect("the archive was there").len();
    let folder = scratch().join(format!("{name}-{stamp}"));
    let _guard = UNPACKING.lock().expect("no test panics while unpacking");
    if !folder.exists() {
        let partial = scratch().join(format!("{name}-{stamp}.{}", std::process::id()));
        fs::create_dir_all(&partial).expect("the scratch folder is writable");
        let input = File::open(&archive).expect("the archive is readable");
        let input = zstd::Decoder::new(input).expect("the archive is zstd");
        tar::Archive::new(input).unpack(&partial).expect("the archive is a tar");
        if fs::rename(&partial, &folder).is_err() {
            fs::remove_dir_all(&partial).expect("the scratch folder is writable");
        }
    }
    Some(folder)
}

/// Every file below `folder` with this ending, in order.
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| workspace_root().join("target")).join("shared-data")
}
