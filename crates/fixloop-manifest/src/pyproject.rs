//! Reads `pyproject.toml`.
//!
//! Formats: PEP 621 <https://packaging.python.org/en/latest/specifications/pyproject-toml/>, dependency groups (PEP 735)
//! <https://packaging.python.org/en/latest/specifications/dependency-groups/>, and the tables of Poetry
//! <https://python-poetry.org/docs/pyproject/>, PDM <https://pdm-project.org/> and uv <https://docs.astral.sh/uv/concepts/projects/>.
//! A source that `tool.uv.sources` names holds for every requirement of that package. `include-group` names no package.
//!
//! What the file does not tell: which version is used, unless the requirement names one. A file of other tools alone has no components.

mod poetry;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};
use fixloop_version::{Syntax, pep508};

use crate::beside::Beside;
use crate::excerpt::excerpt;
use crate::python_packages::{Asked, Registries, normalized};
use crate::registry::without_credentials;
use crate::required::require;
use crate::toml;
use crate::tree::{Text, Value};

pub fn parse(text: &str) -> Parsed {
    let document = toml::parse(text);
    let mut parsed = Parsed::default();
    if let Some(root) = document.root() {
        let tool = |name: &str| root.get("tool").and_then(|it| it.get(name));
        let mut reader = Reader { sources: uv_sources(tool("uv")), parsed: &mut parsed };
        if let Some(project) = root.get("project") {
            reader.list(project.get("dependencies"), Scope::Runtime);
            reader.groups(project.get("optional-dependencies"), Scope::Optional);
        }
        reader.groups(root.get("dependency-groups"), Scope::Dev);
        reader.list(root.get("build-system").and_then(|it| it.get("requires")), Scope::Build);
        if let Some(uv) = tool("uv") {
            reader.list(uv.get("dev-dependencies"), Scope::Dev);
        }
        if let Some(pdm) = tool("pdm") {
            reader.groups(pdm.get("dev-dependencies"), Scope::Dev);
        }
        if let Some(table) = tool("poetry") {
            poetry::read(table, &mut parsed);
        }
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

/// What the `pyproject.toml` beside a lockfile asks for.
pub(crate) fn asked_beside(beside: Beside<'_>) -> Vec<Asked> {
    let Some(manifest) = beside.neighbor("pyproject.toml") else { return Vec::new() };
    let parsed = parse(&manifest.text);
    let asked = parsed.components.into_iter().filter(|it| it.scope != Some(Scope::Build));
    asked.filter(|it| it.reach == Reach::Direct).map(|it| Asked::new(&it.name, it.scope)).collect()
}

/// Sources by normalized name; of several (per environment) the first.
fn uv_sources(uv: Option<Value<'_>>) -> HashMap<String, Source> {
    let indexes = Registries::of(uv.and_then(|it| it.get("index")));
    let source = |value: Value<'_>| {
        let value = value.items().next().unwrap_or(value);
        let of = |key: &str| value.get_text(key).map(Text::value);
        if value.get("workspace").is_some_and(Value::is_true) {
            return Some(Source::Workspace);
        }
        if let Some(url) = of("git") {
            return Some(Source::Git { url: without_credentials(&url) });
        }
        if let Some(url) = of("url") {
            return Some(Source::Archive { url: without_credentials(&url) });
        }
        if let Some(path) = of("path") {
            return Some(Source::Path { path: Some(path.into_owned()) });
        }
        of("index").map(|it| indexes.named(&it))
    };
    let named = uv.and_then(|it| it.get("sources")).into_iter().flat_map(Value::entries);
    named.filter_map(|(name, value)| Some((normalized(&name.value()), source(value)?))).collect()
}

struct Reader<'r> {
    sources: HashMap<String, Source>,
    parsed: &'r mut Parsed,
}

impl Reader<'_> {
    fn groups(&mut self, table: Option<Value<'_>>, scope: Scope) {
        for (_, list) in table.into_iter().flat_map(Value::entries) {
            self.list(Some(list), scope);
        }
    }

    fn list(&mut self, list: Option<Value<'_>>, scope: Scope) {
        for text in list.into_iter().flat_map(Value::items).filter_map(Value::text) {
            match self.component(text) {
                Ok(component) => {
                    self.parsed.components.push(Component { scope: Some(scope), ..component });
                }
                Err(reason) => {
                    let problem = Problem { span: text.span, reason, whole_file: false };
                    self.parsed.problems.push(problem);
                }
            }
        }
    }

    fn component(&self, text: Text<'_>) -> Result<Component, String> {
        let written = text.value();
        // PDM writes `-e file:///…` for what is installed from a folder.
        let specifier = written.strip_prefix("-e ").unwrap_or(&written);
        let skipped = written.len() - specifier.len();
        if let Some((path, name)) = specifier.split_once("#egg=").filter(|_| skipped > 0) {
            let path = path.strip_prefix("file:").unwrap_or(path).to_owned();
            let unnamed = Component::new(Ecosystem::PYPI, name, text.span);
            let source = Source::Path { path: Some(path) };
            return Ok(Component { source, reach: Reach::Direct, ..unnamed });
        }
        let dependency = pep508::parse(specifier)
            .map_err(|error| format!("{error} in `{}`", excerpt(specifier)))?;
        let place = |range: std::ops::Range<usize>| {
            let end = skipped + range.end;
            // Escapes stand in markers, behind what is pointed at.
            if text.raw.get(..end) == written.get(..end) {
                let start = text.span.start as usize;
                Span::new(start + skipped + range.start, start + end)
            } else {
                text.span
            }
        };
        let name = &specifier[dependency.name.clone()];
        let mut component = Component::new(Ecosystem::PYPI, name, place(dependency.name));
        component.reach = Reach::Direct;
        component.source = match (&dependency.url, self.sources.get(&normalized(name))) {
            (Some(url), _) => source_of_url(&specifier[url.clone()]),
            (None, Some(source)) => source.clone(),
            (None, None) => Source::PublicRegistry,
        };
        if let Some(range) = dependency.specifier {
            let span = place(range.clone());
            require(&mut component, Syntax::Pep440, &specifier[range], span);
        }
        Ok(component)
    }
}

/// The source of `name @ address`.
fn source_of_url(url: &str) -> Source {
    if let Some(path) = url.strip_prefix("file:") {
        Source::Path { path: Some(path.to_owned()) }
    } else if url.starts_with("git+") || url.starts_with("git@") {
        Source::Git { url: without_credentials(url) }
    } else if url.contains("://") {
        Source::Archive { url: without_credentials(url) }
    } else {
        Source::Path { path: Some(url.to_owned()) }
    }
}
