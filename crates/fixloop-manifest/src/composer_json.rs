//! Reads `composer.json`.
//!
//! Format: <https://getcomposer.org/doc/04-schema.md>. `require-dev` is for development. Platform packages (`php`, `ext-json`,
//! `lib-curl`, `composer-runtime-api`) are no packages of a registry and left out.
//!
//! What the file does not tell: which version is used, unless the requirement names one, and which of `repositories` a package comes
//! from; all count as the public registry's.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};
use fixloop_version::Syntax;

use crate::json;
use crate::required::require;
use crate::tree::{Text, Value};

pub fn parse(text: &str) -> Parsed {
    let document = json::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        for (table, scope) in [("require", Scope::Runtime), ("require-dev", Scope::Dev)] {
            for (name, value) in root.get(table).into_iter().flat_map(Value::entries) {
                dependency(name, value, scope, &mut parsed);
            }
        }
    } else {
        let reason = "no JSON object".to_owned();
        parsed.problems.push(Problem { span: Span::default(), reason, whole_file: true });
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn dependency(name: Text<'_>, value: Value<'_>, scope: Scope, parsed: &mut Parsed) {
    let package = name.value();
    // Every package has a vendor; what has none is a part of the platform.
    if !package.contains('/') {
        return;
    }
    let Some(written) = value.text() else {
        let reason = format!("the requirement of `{package}` is no text");
        return parsed.problems.push(Problem { span: name.span, reason, whole_file: false });
    };
    let mut component = Component::new(Ecosystem::PACKAGIST, package, name.span);
    component.reach = Reach::Direct;
    component.scope = Some(scope);
    component.source = Source::PublicRegistry;
    require(&mut component, Syntax::Composer, &written.value(), written.span);
    parsed.components.push(component);
}
