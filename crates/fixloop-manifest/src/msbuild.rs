//! Reads projects of .NET: `*.csproj`, `*.vbproj`, `*.fsproj`, `Directory.Build.props` and `Directory.Packages.props`.
//!
//! Format: <https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files> and, for central versions,
//! <https://learn.microsoft.com/en-us/nuget/consume-packages/central-package-management>. Of a bare version NuGet takes the lowest one
//! that exists, which is that version. Properties come from the file and the `Directory.Build.props` above; a version from the
//! `Directory.Packages.props` above is declared there. A `PackageVersion` by itself installs nothing. `PrivateAssets="all"` is for
//! development, tools and SDKs are for the build.
//!
//! What the file does not tell: which conditions hold (all are taken to), what packages bring along, and the source they come from,
//! which counts as the public one.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use fixloop_model::{Component, Ecosystem, Parsed, Problem, Reach, Scope, Source, Span};
use fixloop_version::{Requirement, Syntax};

use crate::beside::Beside;
use crate::interpolate::{Origin, Placed, Properties};
use crate::xml::{Document, Element, Text};

/// Reads one project of which nothing but itself is known.
pub fn parse(text: &str) -> Parsed {
    parse_among(text, Beside::nothing())
}

/// Reads one project with the properties and central versions of the folders above.
pub fn parse_among(text: &str, beside: Beside<'_>) -> Parsed {
    let document = Document::parse(text);
    let mut parsed = Parsed::default();
    match document.root() {
        Some(root) if root.name() == "Project" => {
            let mut reader = Reader::new(root, beside);
            reader.read(root, &mut parsed);
        }
        Some(root) => {
            let reason = format!("no project: its element is `{}` and not `Project`", root.name());
            parsed.problems.push(Problem { span: root.span(), reason, whole_file: true });
        }
        None => {}
    }
    parsed.problems.extend(document.into_problems());
    parsed
}

/// All elements below `root` in the order of the text, but for `ItemDefinitionGroup`, which gives items defaults and names none.
fn elements(root: Element<'_>) -> Vec<Element<'_>> {
    let mut found = Vec::new();
    let mut pending = vec![root];
    while let Some(element) = pending.pop() {
        found.push(element);
        let at = pending.len();
        pending.extend(element.children().filter(|it| it.name() != "ItemDefinitionGroup"));
        pending[at..].reverse();
    }
    found
}

/// What `PackageVersion` says for the projects below. It installs nothing by itself.
pub fn declarations(text: &str, beside: Beside<'_>) -> Vec<Component> {
    let document = Document::parse(text);
    let Some(root) = document.root() else { return Vec::new() };
    let reader = Reader::new(root, beside);
    let versions = elements(root).into_iter().filter(|it| it.name() == "PackageVersion");
    let declared = versions.filter_map(|element| {
        let (name, version) = (element.attribute("Include")?, value(element, "Version")?);
        Some(reader.component(name.raw, name.span, Some(version), Scope::Runtime))
    });
    declared.collect()
}

/// An attribute, or the child element that says the same.
fn value<'d>(element: Element<'d>, name: &'d str) -> Option<Text<'d>> {
    element.attribute(name).or_else(|| element.child_text(name))
}

fn is_all(text: Option<Text<'_>>) -> bool {
    text.is_some_and(|it| it.raw.split(';').any(|it| it.trim().eq_ignore_ascii_case("all")))
}

struct Reader {
    properties: Properties,
    /// Central versions by lower-case name.
    central: HashMap<String, Placed>,
}

impl Reader {
    fn new(root: Element<'_>, beside: Beside<'_>) -> Self {
        let properties = Properties { by_name: HashMap::new(), marks: ("$(", ')') };
        let mut reader = Self { properties, central: HashMap::new() };
        reader.define(root, None);
        // MSBuild takes the nearest of each and no other.
        for name in ["Directory.Packages.props", "Directory.Build.props"] {
            let Some(file) = beside.upwards(name).find(|it| it.path != beside.path()) else {
                continue;
            };
            let document = Document::parse(&file.text);
            if let Some(root) = document.root() {
                reader.define(root, Some(&file.path));
            }
        }
        reader
    }

    fn define(&mut self, root: Element<'_>, file: Option<&str>) {
        let origin = |text: Text<'_>| Origin { file: file.map(ToOwned::to_owned), span: text.span };
        for element in elements(root) {
            if element.name() == "PropertyGroup" {
                for property in element.children() {
                    if let Some(text) = property.text() {
                        self.properties.define(property.name(), text.value(), origin(text));
                    }
                }
            } else if element.name() == "PackageVersion"
                && let (Some(name), Some(version)) =
                    (element.attribute("Include"), value(element, "Version"))
            {
                let placed =
                    Placed { value: version.value().into_owned(), origin: origin(version) };
                self.central.entry(name.value().to_lowercase()).or_insert(placed);
            }
        }
    }

    fn read(&mut self, root: Element<'_>, parsed: &mut Parsed) {
        for element in elements(root) {
            let scope = match element.name() {
                "PackageReference" if is_all(value(element, "PrivateAssets")) => Scope::Dev,
                "PackageReference" => Scope::Runtime,
                "GlobalPackageReference" => Scope::Dev,
                "PackageDownload" | "DotNetCliToolReference" => Scope::Build,
                "Project" | "Sdk" => {
                    self.sdks(element, parsed);
                    continue;
                }
                _ => continue,
            };
            let names = element.attribute("Include").or_else(|| element.attribute("Update"));
            let Some(names) = names else {
                let start = element.span().range().start;
                let reason = format!("`{}` without `Include`", element.name());
                let span = Span::new(start, start);
                parsed.problems.push(Problem { span, reason, whole_file: false });
                continue;
            };
            let written = value(element, "VersionOverride").or_else(|| value(element, "Version"));
            for (name, span) in split(names) {
                // `Update` without a version changes something else of a package that is named elsewhere.
                let is_change = element.attribute("Include").is_none() && written.is_none();
                if !is_change {
                    let component = self.component(name, span, written, scope);
                    parsed.components.push(component);
                }
            }
        }
    }

    /// `Sdk="Name/1.2.3"`; without a version it is a part of the installed SDK.
    fn sdks(&self, element: Element<'_>, parsed: &mut Parsed) {
        if element.name() == "Sdk" {
            if let (Some(name), Some(version)) =
                (element.attribute("Name"), element.attribute("Version"))
            {
                let component = self.component(name.raw, name.span, Some(version), Scope::Build);
                parsed.components.push(component);
            }
            return;
        }
        let Some(sdks) = element.attribute("Sdk") else { return };
        for (sdk, span) in split(sdks) {
            if let Some((name, version)) = sdk.split_once('/') {
                let start = span.range().start;
                let at = start + name.len() + 1;
                let version = Text { raw: version, span: Span::new(at, at + version.len()) };
                let span = Span::new(start, start + name.len());
                parsed.components.push(self.component(name, span, Some(version), Scope::Build));
            }
        }
    }

    fn component(
        &self,
        name: &str,
        span: Span,
        written: Option<Text<'_>>,
        scope: Scope,
    ) -> Component {
        let mut component = Component::new(Ecosystem::NUGET, name, span);
        component.reach = Reach::Direct;
        component.scope = Some(scope);
        component.source = Source::PublicRegistry;
        component.version_span = written.map(|it| it.span);
        let own = written.map(|it| Placed {
            value: it.value().into_owned(),
            origin: Origin { file: None, span: it.span },
        });
        let asked = own.as_ref().or_else(|| self.central.get(&name.to_lowercase()));
        let Some(found) = asked.and_then(|it| self.properties.resolve(it)) else {
            component.requirement = asked.map(|it| it.value.clone());
            return component;
        };
        let requirement = Requirement::parse(Syntax::NuGet, &found.value).ok();
        let fixed = requirement.as_ref().and_then(|it| it.exact().or_else(|| bare(it)));
        found.put_into(&mut component, fixed);
        component
    }
}

/// The lowest version of `1.2.3` and `[1.2.3,)`; of a range with an upper end it is a bound and no pin.
fn bare(requirement: &Requirement) -> Option<&str> {
    let text = requirement.as_str().trim();
    requirement.selected().filter(|_| !text.starts_with(['[', '(']))
}

/// Names between semicolons, with their places.
fn split(names: Text<'_>) -> impl Iterator<Item = (&str, Span)> {
    let mut at = names.span.range().start;
    names.raw.split(';').filter_map(move |part| {
        let start = at + part.len() - part.trim_start().len();
        at += part.len() + 1;
        let name = part.trim();
        (!name.is_empty()).then(|| (name, Span::new(start, start + name.len())))
    })
}
