//! Reads `pylock.toml` and `pylock.NAME.toml`.
//!
//! Format: PEP 751, <https://packaging.python.org/en/latest/specifications/pylock-toml/>. A package may be there several times, for
//! different environments.
//!
//! What the file does not tell: what the project itself names, and scopes; the version of a package from a folder or repository.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Source};

use crate::python_packages::{Package, names_in, no_lockfile, path, read, tell};
use crate::registry::{source_of_registry_url, without_credentials};
use crate::toml;
use crate::tree::{Text, Value};

pub fn parse(text: &str) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        if root.get("lock-version").is_none() || root.get("packages").is_none() {
            let reason = "no pylock file: `lock-version` or `packages` is missing";
            parsed.problems.push(no_lockfile(reason));
        }
        let package = |component, table: Value<'_>| Package {
            component: Component { source: source(table), ..component },
            needs: names_in(table.get("dependencies")),
        };
        let packages = read(root.get("packages"), false, package, &mut parsed);
        tell(packages, &[], &mut parsed);
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn source(table: Value<'_>) -> Source {
    let of = |key: &str, part: &str| table.get(key)?.get_text(part);
    if let Some(vcs) = table.get("vcs") {
        let url = vcs.get_text("url").or_else(|| vcs.get_text("path")).map(Text::value);
        return Source::Git { url: without_credentials(&url.unwrap_or_default()) };
    }
    if let Some(folder) = of("directory", "path").or_else(|| of("archive", "path")) {
        return path(folder);
    }
    if let Some(url) = of("archive", "url") {
        return Source::Archive { url: without_credentials(&url.value()) };
    }
    let first_wheel = table.get("wheels").and_then(|it| it.items().next());
    let file = of("sdist", "url").or_else(|| first_wheel?.get_text("url"));
    match table.get_text("index").or(file) {
        Some(url) => source_of_registry_url(&Ecosystem::PYPI, &url.value()),
        None => Source::PublicRegistry,
    }
}
