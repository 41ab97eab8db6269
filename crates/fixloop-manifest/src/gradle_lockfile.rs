//! Reads `gradle.lockfile`, `buildscript-gradle.lockfile` and the `*.lockfile` of one configuration.
//!
//! Format: <https://docs.gradle.org/current/userguide/dependency_locking.html>: `group:name:version=configurations`. What only
//! configurations of tests use is for development, what `classpath` uses for the build.
//!
//! What the file does not tell: what the project itself names, who needs whom, and the repository a module comes from, which counts as
//! the public one.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span};

use crate::excerpt::excerpt;
use crate::limits::within_limit;

pub fn parse(text: &str) -> Parsed {
    let (text, cut) = within_limit(text);
    let mut parsed = Parsed { problems: cut.into_iter().collect(), ..Parsed::default() };
    let mut offset = 0;
    let mut n_lines = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let start = offset + line.len() - line.trim_start().len();
        offset += line.len();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        n_lines += 1;
        match component(content, start) {
            Some(component) => parsed.components.push(component),
            // Configurations without dependencies.
            None if content.starts_with("empty=") => {}
            None => {
                let reason =
                    format!("`{}` is not `group:name:version=configurations`", excerpt(content));
                let span = Span::new(start, start + content.len());
                parsed.problems.push(Problem { span, reason, whole_file: false });
            }
        }
    }
    if parsed.problems.len() == n_lines
        && let Some(first) = parsed.problems.first_mut()
    {
        first.whole_file = true;
    }
    parsed
}

fn component(line: &str, start: usize) -> Option<Component> {
    // Lockfiles of one configuration have no `=`.
    let (module, configurations) = line.split_once('=').unwrap_or((line, ""));
    let mut parts = module.split(':');
    let (group, name, version) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || group.is_empty() || name.is_empty() || version.is_empty() {
        return None;
    }
    let name_at = start + group.len() + 1;
    let version_at = name_at + name.len() + 1;
    let name_span = Span::new(name_at, name_at + name.len());
    Some(Component {
        version: Some(version.to_owned()),
        version_span: Some(Span::new(version_at, version_at + version.len())),
        source: Source::PublicRegistry,
        scope: scope(configurations),
        ..Component::new(Ecosystem::MAVEN, format!("{group}:{name}"), name_span)
    })
}

fn scope(configurations: &str) -> Option<Scope> {
    let all = || configurations.split(',').map(str::trim).filter(|it| !it.is_empty());
    all().next()?;
    let is_test = |it: &str| it.to_ascii_lowercase().contains("test");
    if all().all(is_test) {
        Some(Scope::Dev)
    } else if all().all(|it| it == "classpath" || it.ends_with("nnotationProcessor")) {
        Some(Scope::Build)
    } else {
        Some(Scope::Runtime)
    }
}
