//! Requirements that are an address or a path: version control, archives, files on disk.

use fixloop_model::{Ecosystem, Source, Span};

use super::Direct;
use crate::excerpt::excerpt;
use crate::registry::{source_of_registry_url, without_credentials};

/// Version control systems that pip knows: <https://pip.pypa.io/en/stable/topics/vcs-support/>.
const VCS: &[&str] = &["git+", "hg+", "svn+", "bzr+"];
const ARCHIVE_ENDINGS: &[&str] = &[".whl", ".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz"];

/// `None` if `code`, which starts at `start` of the text, is no address and no path; `Ok(None)` for a folder, which has no name here.
pub(super) fn parse(code: &str, start: usize) -> Option<Result<Option<Direct>, String>> {
    let blanks = code.len() - code.trim_start().len();
    // A marker stands behind a blank.
    let address = code.trim().split(" ;").next().unwrap_or("").trim_end();
    let start = start + blanks;
    let word = address.split_whitespace().next().unwrap_or("");
    let is_vcs = VCS.iter().any(|it| word.starts_with(it));
    let is_url = word.contains("://") || word.starts_with("file:");
    let lower = word.to_ascii_lowercase();
    let is_path =
        word.starts_with(['.', '/', '~']) || ARCHIVE_ENDINGS.iter().any(|it| lower.ends_with(it));
    if !(is_vcs || is_url || is_path) {
        return None;
    }
    let (source, file) = source(address, start);
    if let Some((name, name_span)) = egg(address, start) {
        return Some(Ok(Some(Direct { name, name_span, version: None, source })));
    }
    if let Some((name, name_span)) = wheel_name(address, start) {
        return Some(Ok(Some(Direct { name, name_span, version: file, source })));
    }
    if matches!(source, Source::Path { .. }) {
        return Some(Ok(None));
    }
    let shown = without_credentials(word);
    let shown = excerpt(&shown);
    Some(Err(format!("`{shown}` names no package: add `#egg=NAME` or write `NAME @ ADDRESS`")))
}

/// What an address says about where the code comes from, and the version that a wheel's name holds.
pub(super) fn source(address: &str, start: usize) -> (Source, Option<(String, Span)>) {
    let version = wheel_version(address, start);
    let plain = without_credentials(address.split('#').next().unwrap_or(address));
    if VCS.iter().any(|it| plain.starts_with(it)) || plain.starts_with("git://") {
        return (Source::Git { url: plain }, version);
    }
    if let Some(path) = plain.strip_prefix("file:") {
        let path = path.trim_start_matches("//").to_owned();
        return (Source::Path { path: Some(path) }, version);
    }
    if !plain.contains("://") {
        return (Source::Path { path: Some(plain) }, version);
    }
    match source_of_registry_url(&Ecosystem::PYPI, &plain) {
        Source::PublicRegistry => (Source::PublicRegistry, version),
        _ => (Source::Archive { url: plain }, version),
    }
}

/// The name behind `#egg=` or `&egg=`.
fn egg(address: &str, start: usize) -> Option<(String, Span)> {
    let fragment = address.find('#')?;
    let at = fragment + address[fragment..].find("egg=")? + "egg=".len();
    let rest = &address[at..];
    let len = rest
        .find(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.')))
        .unwrap_or(rest.len());
    (len > 0).then(|| (rest[..len].to_owned(), Span::new(start + at, start + at + len)))
}

/// The parts of a wheel's file name (PEP 427): name, version, tags; with the place of the file name.
fn wheel(address: &str) -> Option<(usize, Vec<&str>)> {
    let path = address.split(['#', '?']).next()?;
    let at = path.rfind(['/', '\\']).map_or(0, |it| it + 1);
    let parts: Vec<&str> = path[at..].strip_suffix(".whl")?.split('-').collect();
    (parts.len() >= 5 && parts.iter().all(|it| !it.is_empty())).then_some((at, parts))
}

fn wheel_name(address: &str, start: usize) -> Option<(String, Span)> {
    let (at, parts) = wheel(address)?;
    Some((parts[0].to_owned(), Span::new(start + at, start + at + parts[0].len())))
}

fn wheel_version(address: &str, start: usize) -> Option<(String, Span)> {
    let (at, parts) = wheel(address)?;
    let at = start + at + parts[0].len() + 1;
    Some((parts[1].to_owned(), Span::new(at, at + parts[1].len())))
}
