//! Reads `pubspec.lock` of Dart and Flutter.
//!
//! Format: written by pub, <https://dart.dev/tools/pub/glossary#lockfile>. A package of an SDK is a part of that, and comes from no
//! registry.
//!
//! What the file does not tell: who needs a transitive package, and its scope.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};

use crate::registry::{source_of_registry_url, without_credentials};
use crate::tree::{Text, Value};
use crate::yaml;

pub fn parse(text: &str) -> Parsed {
    let document = yaml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        if root.get("packages").is_none() {
            let reason = "lockfile without `packages`".to_owned();
            parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
        }
        for (name, entry) in root.get("packages").into_iter().flat_map(Value::entries) {
            if entry.is_object() {
                parsed.components.push(component(name, entry));
            } else {
                let reason = format!("expected a mapping for `{}`", name.value());
                parsed.problems.push(Problem { span: name.span, reason, whole_file: false });
            }
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn component(name: Text<'_>, entry: Value<'_>) -> Component {
    let dependency = entry.get_text("dependency").map(Text::value);
    let (reach, scope) = match dependency.as_deref() {
        Some("direct main") => (Reach::Direct, Some(Scope::Runtime)),
        Some("direct dev") => (Reach::Direct, Some(Scope::Dev)),
        Some("direct overridden") => (Reach::Direct, None),
        Some("transitive") => (Reach::Transitive { via: None }, None),
        Some(_) | None => (Reach::Unknown, None),
    };
    let version = entry.get("version");
    // A version that YAML takes for a number.
    let written = version.and_then(|it| it.text().map(|it| it.raw).or_else(|| it.literal()));
    Component {
        version: written.filter(|it| !it.is_empty()).map(ToOwned::to_owned),
        version_span: version.filter(|_| written.is_some()).map(Value::span),
        source: source(entry),
        reach,
        scope,
        ..Component::new(Ecosystem::PUB, name.value(), name.span)
    }
}

fn source(entry: Value<'_>) -> Source {
    let of = |key: &str| entry.get("description")?.get_text(key).map(Text::value);
    match entry.get_text("source").map(|it| it.raw) {
        Some("hosted") => match of("url") {
            Some(url) => source_of_registry_url(&Ecosystem::PUB, &url),
            None => Source::PublicRegistry,
        },
        Some("git") => Source::Git { url: without_credentials(&of("url").unwrap_or_default()) },
        Some("path") => Source::Path { path: of("path").map(std::borrow::Cow::into_owned) },
        Some("sdk") => Source::Path { path: None },
        Some(_) | None => Source::Unknown,
    }
}
