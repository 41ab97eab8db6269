//! `repositories` and `pluginRepositories` of POMs, with what their parents in the tree say.
//!
//! Format: <https://maven.apache.org/pom.html#Repositories>. A parent outside of the tree may have repositories of its own; it is not seen.

use std::collections::HashMap;

use fixloop_manifest::resolve;
use fixloop_manifest::syntax::xml::{Document, Element};
use fixloop_model::BuildCheck;

use super::settings::Settings;
use super::{CENTRAL, KINDS, Kind, MANAGER, Repository, answers};
use crate::answer::MAX_FEEDS;
use crate::place::{File, reason};
use crate::tree::Tree;

/// Parents of parents.
const MAX_PARENTS: usize = 16;

/// List, element and kind, in the order of [`KINDS`].
const LISTS: [(&str, &str, Kind); 2] = [
    ("repositories", "repository", Kind::Dependencies),
    ("pluginRepositories", "pluginRepository", Kind::Plugins),
];

#[derive(Default)]
struct Pom {
    repositories: Vec<Repository>,
    properties: HashMap<String, String>,
    /// Path of the parent, where it is looked for.
    parent: Option<String>,
    /// Whether `central` is switched off for releases and snapshots.
    is_central_off: [bool; 2],
}

pub(super) fn assess(tree: &Tree<'_>, settings: &[Settings]) -> Vec<BuildCheck> {
    let mut checks = Vec::new();
    let mut poms: HashMap<&str, Pom> = HashMap::new();
    for path in tree.named("pom.xml") {
        match tree.read(path) {
            Ok(Some(file)) => match read(tree, &file) {
                Ok(pom) => drop(poms.insert(path, pom)),
                Err(check) => checks.extend(check.map(|it| *it)),
            },
            Ok(None) => {}
            Err(why) => checks.push(MANAGER.unreadable(path, &why)),
        }
    }
    let own = poms.iter().filter(|(_, pom)| !pom.repositories.is_empty());
    checks.extend(own.flat_map(|(path, _)| assess_pom(path, &poms, settings)));
    checks
}

fn assess_pom(path: &str, poms: &HashMap<&str, Pom>, settings: &[Settings]) -> Vec<BuildCheck> {
    let mut repositories: Vec<Repository> = Vec::new();
    let mut is_central_off = [false; 2];
    let mut next = Some(path);
    for _ in 0..MAX_PARENTS {
        let Some(pom) = next.and_then(|it| poms.get(it)) else { break };
        for (off, own) in is_central_off.iter_mut().zip(pom.is_central_off) {
            *off |= own;
        }
        for repository in &pom.repositories {
            // The nearest of one id counts.
            let is_same = |it: &Repository| it.id == repository.id && it.kind == repository.kind;
            if !repositories.iter().any(is_same) {
                repositories.push(repository.clone());
            }
        }
        next = pom.parent.as_deref();
    }
    for (kind, off) in KINDS.into_iter().zip(is_central_off) {
        let is_own = |it: &Repository| it.kind == kind && it.id == CENTRAL;
        if !off && !repositories.iter().any(is_own) {
            repositories.push(Repository::central(kind, path));
        }
    }
    if let Some(in_force) = settings.iter().find(|it| it.holds_for(path)) {
        return answers(&repositories, &in_force.mirrors);
    }
    let alone = answers(&repositories, &[]);
    let is_mixed = |checks: &[BuildCheck]| checks.iter().any(|it| it.state.is_finding());
    // With mirrors that some builds may use, nobody knows which.
    let other = settings.iter().find(|it| !is_mixed(&answers(&repositories, &it.mirrors)));
    let private = repositories.iter().find(|it| it.feed.is_private());
    match (other, private) {
        (Some(other), Some(private)) if is_mixed(&alone) => {
            let why = format!(
                "the mirrors of `{}` would decide, but no `.mvn/maven.config` makes every build use it",
                other.path
            );
            vec![MANAGER.unknown(&private.feed.place, &why)]
        }
        _ => alone,
    }
}

/// The inner nothing is a file without anything to say.
fn read(tree: &Tree<'_>, file: &File) -> Result<Pom, Option<Box<BuildCheck>>> {
    let document = Document::parse(&file.text);
    if let Some(problem) = document.problems.first() {
        if !file.text.contains("epositor") {
            return Err(None);
        }
        let why = format!("`{}` cannot be read: {}", file.path, reason(problem));
        return Err(Some(Box::new(MANAGER.unknown(&file.at(problem.span), &why))));
    }
    let Some(root) = document.root() else { return Err(None) };
    let mut pom = Pom { parent: parent(tree, root, &file.path), ..Pom::default() };
    for property in root.children_named("properties").flat_map(Element::children) {
        if let Some(value) = property.text() {
            pom.properties.insert(property.name().to_owned(), value.value().into_owned());
        }
    }
    let profiles = root.children_named("profiles").flat_map(|it| it.children_named("profile"));
    let property = |name: &str| pom.properties.get(name).cloned();
    let holders = std::iter::once(root).chain(profiles);
    let repositories: Vec<Repository> =
        holders.flat_map(|it| declared(it, file, &property)).take(MAX_FEEDS).collect();
    for (off, (list, name, _)) in pom.is_central_off.iter_mut().zip(LISTS) {
        let elements = root.children_named(list).flat_map(|it| it.children_named(name));
        *off = elements
            .filter(|it| it.child_text("id").is_some_and(|id| id.raw == CENTRAL))
            .any(|it| is_off(it, "releases") && is_off(it, "snapshots"));
    }
    pom.repositories = repositories;
    Ok(pom)
}

/// The repositories that a POM or profile declares, with properties put in where one is known.
pub(super) fn declared(
    holder: Element<'_>,
    file: &File,
    property: &dyn Fn(&str) -> Option<String>,
) -> Vec<Repository> {
    let mut repositories = Vec::new();
    for (list, name, kind) in LISTS {
        let elements = holder.children_named(list).flat_map(|it| it.children_named(name));
        for element in elements.take(MAX_FEEDS) {
            let Some(url) = element.child_text("url") else { continue };
            // Switched off for both, it is never asked.
            if is_off(element, "releases") && is_off(element, "snapshots") {
                continue;
            }
            let id = element.child_text("id").map(|it| it.value().into_owned()).unwrap_or_default();
            let address = with_properties(&url.value(), property);
            repositories.push(Repository::new(id, &address, kind, file.at(url.span)));
        }
    }
    repositories
}

fn is_off(repository: Element<'_>, kind: &str) -> bool {
    let enabled = repository.child(kind).and_then(|it| it.child_text("enabled"));
    enabled.is_some_and(|it| it.raw.eq_ignore_ascii_case("false"))
}

/// `${name}` by its value, to some depth; what is not known stays.
fn with_properties(text: &str, property: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let Some((before, rest)) = text.split_once("${") else { break };
        let Some((name, after)) = rest.split_once('}') else { break };
        let folder = ["project.basedir", "basedir", "maven.multiModuleProjectDirectory"];
        let Some(value) = property(name).or_else(|| folder.contains(&name).then(|| ".".to_owned()))
        else {
            break;
        };
        // A value that names itself would go on for ever, and one that is no address has no end.
        if 4096 < value.len() {
            break;
        }
        text = format!("{before}{value}{after}");
    }
    text
}

fn parent(tree: &Tree<'_>, root: Element<'_>, path: &str) -> Option<String> {
    let parent = root.child("parent")?;
    let relative = parent.child_text("relativePath").map(|it| it.value().into_owned());
    let found = resolve(path, relative.as_deref().unwrap_or("../pom.xml"))?;
    // It may name the folder.
    let inside = crate::tree::join(&found, "pom.xml");
    let is_pom = |it: &str| tree.paths().binary_search_by(|path| (**path).cmp(it)).is_ok();
    [found, inside].into_iter().find(|it| is_pom(it))
}
