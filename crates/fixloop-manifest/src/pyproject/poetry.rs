//! Poetry's tables, which have requirements of their own: <https://python-poetry.org/docs/dependency-specification/>.

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};
use fixloop_version::Syntax;

use crate::python_packages::Registries;
use crate::registry::without_credentials;
use crate::required::require;
use crate::tree::{Text, Value};

pub(super) fn read(poetry: Value<'_>, parsed: &mut Parsed) {
    let registries = Registries::of(poetry.get("source"));
    let mut table = |table: Option<Value<'_>>, scope: Scope| {
        for (name, value) in table.into_iter().flat_map(Value::entries) {
            // The interpreter is no package.
            if name.raw != "python" {
                dependency(name, value, scope, &registries, parsed);
            }
        }
    };
    table(poetry.get("dependencies"), Scope::Runtime);
    table(poetry.get("dev-dependencies"), Scope::Dev);
    for (_, group) in poetry.get("group").into_iter().flat_map(Value::entries) {
        table(group.get("dependencies"), Scope::Dev);
    }
}

fn dependency(
    name: Text<'_>,
    value: Value<'_>,
    scope: Scope,
    registries: &Registries,
    parsed: &mut Parsed,
) {
    // A list has one table per environment.
    let mut alternatives: Vec<Value<'_>> = value.items().collect();
    if alternatives.is_empty() {
        alternatives.push(value);
    }
    for it in alternatives {
        let version = it.text().or_else(|| it.get_text("version"));
        if version.is_none() && !it.is_object() {
            let reason = format!("`{}` is neither a requirement nor a table of one", name.value());
            parsed.problems.push(Problem { span: name.span, reason, whole_file: false });
            continue;
        }
        let is_optional = it.get("optional").is_some_and(Value::is_true);
        let mut component = Component::new(Ecosystem::PYPI, name.value(), name.span);
        component.reach = Reach::Direct;
        component.scope = Some(if is_optional { Scope::Optional } else { scope });
        component.source = source(it, registries);
        if let Some(version) = version {
            required(&mut component, &version.value(), version.span);
        }
        parsed.components.push(component);
    }
}

/// A bare version is that version; carets, tildes and wildcards are ranges.
fn required(component: &mut Component, written: &str, span: Span) {
    let is_bare = written.starts_with(|it: char| it.is_ascii_digit())
        && !written.contains(['*', ',', ' ', '|', '<', '>', '=', '^', '~']);
    if is_bare {
        component.version = Some(written.to_owned());
        component.version_span = Some(span);
    } else {
        require(component, Syntax::Pep440, written, span);
    }
}

fn source(value: Value<'_>, registries: &Registries) -> Source {
    let of = |key: &str| value.get_text(key).map(Text::value);
    if let Some(url) = of("git") {
        return Source::Git { url: without_credentials(&url) };
    }
    if let Some(url) = of("url") {
        return Source::Archive { url: without_credentials(&url) };
    }
    if let Some(path) = of("path").or_else(|| of("file")) {
        return Source::Path { path: Some(path.into_owned()) };
    }
    match of("source") {
        Some(name) => registries.named(&name),
        None => Source::PublicRegistry,
    }
}
