//! One `NuGet.config`: <https://learn.microsoft.com/en-us/nuget/reference/nuget-config-file>.

use fixloop_manifest::syntax::xml::{Document, Element};
use fixloop_model::BuildCheck;

use super::{MANAGER, NUGET};
use crate::answer::MAX_FEEDS;
use crate::feed::Feed;
use crate::place::{File, Place, reason};
use crate::tree::Tree;

#[derive(Default)]
pub(super) struct Configuration {
    pub(super) clears_sources: bool,
    pub(super) sources: Vec<(String, Feed)>,
    pub(super) clears_disabled: bool,
    pub(super) disabled: Vec<String>,
    pub(super) clears_mapping: bool,
    pub(super) mapping: Vec<(String, Vec<String>, Place)>,
}

pub(super) fn read(tree: &Tree<'_>, path: &str) -> Result<Option<Configuration>, Box<BuildCheck>> {
    let file = tree.read(path).map_err(|why| Box::new(MANAGER.unreadable(path, &why)))?;
    let Some(file) = file else { return Ok(None) };
    let document = Document::parse(&file.text);
    if let Some(problem) = document.problems.first() {
        let why = format!("`{path}` cannot be read: {}", reason(problem));
        return Err(Box::new(MANAGER.unknown(&file.at(problem.span), &why)));
    }
    let Some(root) = document.root().filter(|it| it.name() == "configuration") else {
        return Err(Box::new(MANAGER.unreadable(path, "it holds no `configuration`")));
    };
    let mut configuration = Configuration::default();
    for section in root.children() {
        match section.name() {
            "packageSources" => configuration.read_sources(section, &file)?,
            "disabledPackageSources" => configuration.read_disabled(section),
            "packageSourceMapping" => configuration.read_mapping(section, &file),
            _ => {}
        }
    }
    Ok(Some(configuration))
}

impl Configuration {
    fn read_sources(&mut self, section: Element<'_>, file: &File) -> Result<(), Box<BuildCheck>> {
        for element in section.children().take(MAX_FEEDS) {
            match element.name() {
                "clear" => {
                    self.clears_sources = true;
                    self.sources.clear();
                }
                "add" => {
                    let Some(key) = key(element) else { continue };
                    let Some(value) = element.attribute("value") else { continue };
                    let place = file.at(value.span);
                    let feed = Feed::new(NUGET, &value.value(), place);
                    let before = self.sources.iter().find(|(it, _)| *it == key);
                    if before.is_some_and(|(_, it)| !it.is_same(&feed)) {
                        let why = format!("source `{key}` is given twice with different addresses");
                        return Err(Box::new(MANAGER.unknown(&feed.place, &why)));
                    }
                    self.sources.push((key, feed));
                }
                "remove" => {
                    let removed = key(element);
                    self.sources.retain(|(it, _)| Some(it) != removed.as_ref());
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_disabled(&mut self, section: Element<'_>) {
        for element in section.children().take(MAX_FEEDS) {
            if element.name() == "clear" {
                self.clears_disabled = true;
                self.disabled.clear();
            }
            let is_true = element
                .attribute("value")
                .is_some_and(|it| it.value().eq_ignore_ascii_case("true"));
            if is_true {
                self.disabled.extend(key(element));
            }
        }
    }

    fn read_mapping(&mut self, section: Element<'_>, file: &File) {
        for element in section.children().take(MAX_FEEDS) {
            if element.name() == "clear" {
                self.clears_mapping = true;
                self.mapping.clear();
                continue;
            }
            let Some(key) = key(element) else { continue };
            let patterns =
                element.children_named("package").filter_map(|it| it.attribute("pattern"));
            let patterns = patterns.take(1000).map(|it| it.value().to_ascii_lowercase()).collect();
            self.mapping.push((key, patterns, file.at(element.span())));
        }
    }
}

/// Keys are the same in upper and lower case.
fn key(element: Element<'_>) -> Option<String> {
    Some(element.attribute("key")?.value().to_ascii_lowercase())
}
