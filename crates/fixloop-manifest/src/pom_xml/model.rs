//! What a pom has from itself, its parents and its bills of materials: properties and managed versions.

use std::collections::{HashMap, HashSet};

use crate::beside::{Beside, Neighbor};
use crate::interpolate::{Origin, Placed, Properties};
use crate::xml::{Document, Element, Text};

/// Parents of parents. Real ones are five at most.
const MAX_PARENTS: usize = 16;

/// Bills of materials that import others.
const MAX_IMPORTS: usize = 3;

/// Files read for one pom.
const MAX_FILES: usize = 64;

pub(super) struct Model {
    pub(super) properties: Properties,
    /// Versions by `group:artifact`, the nearest first.
    pub(super) managed: HashMap<String, Placed>,
}

impl Model {
    pub(super) fn of(root: Element<'_>, beside: Beside<'_>) -> Self {
        let mut n_files = 0;
        Self::build(root, None, beside, MAX_IMPORTS, &mut n_files)
    }

    /// `path` is the file's, if it is not the one that is read.
    fn build(
        root: Element<'_>,
        path: Option<&str>,
        beside: Beside<'_>,
        n_imports: usize,
        n_files: &mut usize,
    ) -> Self {
        let properties = Properties { by_name: HashMap::new(), marks: ("${", '}') };
        let mut model = Self { properties, managed: HashMap::new() };
        let parents = parents(root, beside, n_files);
        let documents: Vec<Document<'_>> =
            parents.iter().map(|it| Document::parse(&it.text)).collect();
        let mut lineage = vec![(root, path)];
        for (parent, document) in parents.iter().zip(&documents) {
            lineage.extend(document.root().map(|it| (it, Some(&*parent.path))));
        }
        model.define_project(root, path);
        for (pom, file) in &lineage {
            model.define(*pom, *file);
        }
        for (pom, file) in &lineage {
            model.manage(*pom, *file, beside, n_imports, n_files);
        }
        model
    }

    /// `written` with its references resolved.
    pub(super) fn text(&self, written: &str) -> Option<String> {
        let origin = Origin { file: None, span: fixloop_model::Span::default() };
        self.properties.resolve(&Placed { value: written.to_owned(), origin }).map(|it| it.value)
    }

    /// `project.version` and its like, as the pom that is built has them.
    fn define_project(&mut self, root: Element<'_>, file: Option<&str>) {
        let parent = root.child("parent");
        for name in ["version", "groupId", "artifactId"] {
            let of_parent = parent.and_then(|it| it.child_text(name));
            let own = root.child_text(name).or(of_parent.filter(|_| name != "artifactId"));
            for (prefix, value) in [("project", own), ("pom", own), ("project.parent", of_parent)] {
                if let Some(value) = value {
                    let placed = placed(value, file);
                    self.properties.define(
                        &format!("{prefix}.{name}"),
                        placed.value,
                        placed.origin,
                    );
                }
            }
        }
    }

    fn define(&mut self, pom: Element<'_>, file: Option<&str>) {
        let profiles = pom.child("profiles").into_iter().flat_map(Element::children);
        for holder in std::iter::once(pom).chain(profiles) {
            for property in holder.child("properties").into_iter().flat_map(Element::children) {
                if let Some(value) = property.text() {
                    let placed = placed(value, file);
                    self.properties.define(property.name(), placed.value, placed.origin);
                }
            }
        }
    }

    fn manage(
        &mut self,
        pom: Element<'_>,
        file: Option<&str>,
        beside: Beside<'_>,
        n_imports: usize,
        n_files: &mut usize,
    ) {
        let managed = pom.child("dependencyManagement").and_then(|it| it.child("dependencies"));
        let build = pom.child("build").and_then(|it| it.child("pluginManagement"));
        let plugins = build.and_then(|it| it.child("plugins"));
        let entries = managed.into_iter().chain(plugins).flat_map(Element::children);
        let mut imports = Vec::new();
        for entry in entries {
            let is_plugin = entry.name() == "plugin";
            let group = entry.child_text("groupId").map(|it| it.value().into_owned());
            let group = group.or_else(|| is_plugin.then(|| "org.apache.maven.plugins".to_owned()));
            let (Some(group), Some(artifact)) = (
                group.and_then(|it| self.text(&it)),
                entry.child_text("artifactId").and_then(|it| self.text(&it.value())),
            ) else {
                continue;
            };
            if entry.child_text("scope").is_some_and(|it| it.raw == "import") {
                imports.push((group, artifact));
            } else if let Some(version) = entry.child_text("version")
                && let Some(version) = self.properties.resolve(&placed(version, file))
            {
                self.managed.entry(format!("{group}:{artifact}")).or_insert(version);
            }
        }
        if n_imports == 0 {
            return;
        }
        let place = file.unwrap_or(beside.path()).to_owned();
        for (group, artifact) in imports {
            let here = beside.seen_from(&place);
            let Some(bom) = find_module(pom, &group, &artifact, here, n_files) else { continue };
            let document = Document::parse(&bom.text);
            let Some(root) = document.root() else { continue };
            let seen_from = beside.seen_from(&bom.path);
            let imported = Self::build(root, Some(&bom.path), seen_from, n_imports - 1, n_files);
            for (name, version) in imported.managed {
                self.managed.entry(name).or_insert(version);
            }
        }
    }
}

fn placed(text: Text<'_>, file: Option<&str>) -> Placed {
    let origin = Origin { file: file.map(ToOwned::to_owned), span: text.span };
    Placed { value: text.value().into_owned(), origin }
}

fn read(beside: Beside<'_>, relative: &str, n_files: &mut usize) -> Option<Neighbor> {
    if *n_files >= MAX_FILES {
        return None;
    }
    *n_files += 1;
    beside.neighbor(relative)
}

/// Parents inside the root, the nearest first.
fn parents(root: Element<'_>, beside: Beside<'_>, n_files: &mut usize) -> Vec<Neighbor> {
    let mut parents: Vec<Neighbor> = Vec::new();
    let mut seen: HashSet<String> = HashSet::from([beside.path().to_owned()]);
    let mut next = parent_of(root, beside, n_files);
    while let Some(parent) = next.filter(|it| seen.insert(it.path.clone())) {
        let document = Document::parse(&parent.text);
        next = document.root().and_then(|it| {
            if parents.len() + 1 >= MAX_PARENTS {
                return None;
            }
            parent_of(it, beside.seen_from(&parent.path), n_files)
        });
        drop(document);
        parents.push(parent);
    }
    parents
}

/// The file that `<parent>` means, if it is that one.
fn parent_of(pom: Element<'_>, beside: Beside<'_>, n_files: &mut usize) -> Option<Neighbor> {
    let parent = pom.child("parent")?;
    let relative = match parent.child("relativePath") {
        // An empty one says that the parent comes from a repository.
        Some(it) => it.text()?.value().into_owned(),
        None => "../pom.xml".to_owned(),
    };
    let artifact = parent.child_text("artifactId")?.value().into_owned();
    let is_file = std::path::Path::new(&relative).extension().is_some_and(|it| it == "xml");
    let file = if is_file { relative } else { format!("{relative}/pom.xml") };
    read(beside, &file, n_files).filter(|it| is_pom_of(&it.text, &artifact))
}

fn is_pom_of(text: &str, artifact: &str) -> bool {
    let document = Document::parse(text);
    let name = document.root().and_then(|it| it.child_text("artifactId"));
    name.is_some_and(|it| it.value() == artifact)
}

/// A module of the same root: among those that the pom lists, or in a folder of the artifact's name beside or below it.
fn find_module(
    pom: Element<'_>,
    group: &str,
    artifact: &str,
    beside: Beside<'_>,
    n_files: &mut usize,
) -> Option<Neighbor> {
    let modules = pom.child("modules").into_iter().flat_map(Element::children);
    let listed = modules.filter_map(Element::text).map(|it| format!("{}/pom.xml", it.value()));
    let guessed = [format!("../{artifact}/pom.xml"), format!("{artifact}/pom.xml")];
    let candidates: Vec<String> = guessed.into_iter().chain(listed).collect();
    candidates.iter().find_map(|relative| {
        let found = read(beside, relative, n_files).filter(|it| is_pom_of(&it.text, artifact))?;
        // A module of another group is another project.
        let document = Document::parse(&found.text);
        let root = document.root()?;
        let of_parent = root.child("parent").and_then(|it| it.child_text("groupId"));
        let is_it = root.child_text("groupId").or(of_parent).is_some_and(|it| it.value() == group);
        drop(document);
        is_it.then_some(found)
    })
}
