//! Versions of packages that others bring in, in XML: Maven's `dependencyManagement`, NuGet's central versions.

use super::{Insertion, before_on_line, indentation, line_end};
use crate::xml::{Document, Element};

/// Manages the version of `group:artifact` in a pom, for whoever brings it in.
pub fn manage_dependency(text: &str, name: &str, version: &str) -> Option<Insertion> {
    let (group, artifact) = name.split_once(':')?;
    let document = Document::parse(text);
    let root = document.root().filter(|it| it.name() == "project")?;
    let lines = [
        "<dependency>".to_owned(),
        format!("\t<groupId>{group}</groupId>"),
        format!("\t<artifactId>{artifact}</artifactId>"),
        format!("\t<version>{version}</version>"),
        "</dependency>".to_owned(),
    ];
    let nested = |lines: &[String], tag: &str| -> Vec<String> {
        let inner = lines.iter().map(|it| format!("\t{it}"));
        std::iter::once(format!("<{tag}>"))
            .chain(inner)
            .chain(std::iter::once(format!("</{tag}>")))
            .collect()
    };
    let management = root.child("dependencyManagement");
    match (management, management.and_then(|it| it.child("dependencies"))) {
        (_, Some(list)) => last_in(text, root, list, &lines),
        (Some(management), None) => {
            last_in(text, root, management, &nested(&lines, "dependencies"))
        }
        (None, None) => {
            let lines = nested(&nested(&lines, "dependencies"), "dependencyManagement");
            last_in(text, root, root, &lines)
        }
    }
}

/// Adds the central version of a package to `Directory.Packages.props`.
pub fn central_version(text: &str, name: &str, version: &str) -> Option<Insertion> {
    let document = Document::parse(text);
    let root = document.root().filter(|it| it.name() == "Project")?;
    let line = format!("<PackageVersion Include=\"{name}\" Version=\"{version}\" />");
    let holds = |it: &Element<'_>| {
        it.name() == "ItemGroup" && it.children_named("PackageVersion").next().is_some()
    };
    if let Some(group) = root.children().find(holds) {
        return last_in(text, root, group, &[line]);
    }
    let lines = ["<ItemGroup>".to_owned(), format!("\t{line}"), "</ItemGroup>".to_owned()];
    last_in(text, root, root, &lines)
}

/// Lines as the last children of `parent`; a tab stands for one level.
fn last_in(
    text: &str,
    root: Element<'_>,
    parent: Element<'_>,
    lines: &[String],
) -> Option<Insertion> {
    let end = line_end(text);
    let span = parent.span().range();
    let closing = span.start + text.get(span.clone())?.rfind("</")?;
    let first = root.children().next().map(|it| it.span().range().start);
    let unit = first.map_or("", |at| indentation(text, at));
    let unit = if unit.is_empty() { "  " } else { unit };
    let before = before_on_line(text, closing);
    if !before.trim().is_empty() {
        return None;
    }
    let outer = indentation(text, span.start);
    let inner =
        if parent.span() == root.span() { unit.to_owned() } else { format!("{outer}{unit}") };
    let written: Vec<String> =
        lines.iter().map(|it| format!("{inner}{}{end}", it.replace('\t', unit))).collect();
    Some(Insertion::at(closing - before.len(), written.concat()))
}
