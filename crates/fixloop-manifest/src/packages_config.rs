//! Reads `packages.config` of NuGet.
//!
//! Format: <https://learn.microsoft.com/en-us/nuget/reference/packages-config>. Every package that is installed stands here with its
//! version, those that others brought too; which is which the file does not tell, nor the source of a package, which counts as public.

#[cfg(test)]
mod tests;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Scope, Source, Span};

use crate::xml::{Document, Element};

pub fn parse(text: &str) -> Parsed {
    let document = Document::parse(text);
    let mut parsed = Parsed::default();
    match document.root() {
        Some(root) if root.name() == "packages" => {
            for package in root.children().filter(|it| it.name() == "package") {
                match component(package) {
                    Ok(component) => parsed.components.push(component),
                    Err(problem) => parsed.problems.push(problem),
                }
            }
        }
        Some(root) => {
            let reason =
                format!("no packages.config: its element is `{}` and not `packages`", root.name());
            parsed.problems.push(Problem { span: root.span(), reason, whole_file: true });
        }
        None => {}
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

fn component(package: Element<'_>) -> Result<Component, Problem> {
    let attribute = |name: &str| package.attribute(name).filter(|it| !it.raw.is_empty());
    let (Some(name), Some(version)) = (attribute("id"), attribute("version")) else {
        let start = package.span().range().start;
        let reason = "package without `id` or `version`".to_owned();
        return Err(Problem { span: Span::new(start, start), reason, whole_file: false });
    };
    let is_dev = attribute("developmentDependency").is_some_and(|it| it.raw == "true");
    Ok(Component {
        version: Some(version.value().into_owned()),
        version_span: Some(version.span),
        source: Source::PublicRegistry,
        scope: Some(if is_dev { Scope::Dev } else { Scope::Runtime }),
        ..Component::new(Ecosystem::NUGET, name.value(), name.span)
    })
}
