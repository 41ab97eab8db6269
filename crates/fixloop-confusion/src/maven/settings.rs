//! `settings.xml`: <https://maven.apache.org/settings.html>.

use fixloop_manifest::syntax::xml::{Document, Element};
use fixloop_model::BuildCheck;

use super::{KINDS, MANAGER, MAVEN, Mirror, Repository, answers, pom};
use crate::answer::MAX_FEEDS;
use crate::feed::Feed;
use crate::place::{File, reason};
use crate::tree::{Tree, folder, is_below, join};

/// By a file name in lower case: `settings.xml`, `ci-settings.xml`, `settings-ci.xml`.
pub(super) fn is_settings(file: &str) -> bool {
    file.strip_suffix(".xml")
        .is_some_and(|stem| stem.starts_with("settings") || stem.ends_with("settings"))
}

pub(super) struct Settings {
    pub(super) path: String,
    pub(super) mirrors: Vec<Mirror>,
    repositories: Vec<Repository>,
    /// The folder below which every build uses it, if a `.mvn/maven.config` names it.
    pub(super) holds_below: Option<String>,
}

pub(super) fn read_all(tree: &Tree<'_>, checks: &mut Vec<BuildCheck>) -> Vec<Settings> {
    let mut all = Vec::new();
    for path in tree.named_like(is_settings) {
        match read(tree, path) {
            Ok(settings) => all.extend(settings),
            Err(check) => checks.push(*check),
        }
    }
    all
}

fn read(tree: &Tree<'_>, path: &str) -> Result<Option<Settings>, Box<BuildCheck>> {
    let file = tree.read(path).map_err(|why| Box::new(MANAGER.unreadable(path, &why)))?;
    // Other tools have files of this name; Maven's has this root.
    let Some(file) = file.filter(|it| it.text.contains("<settings")) else { return Ok(None) };
    let document = Document::parse(&file.text);
    if let Some(problem) = document.problems.first() {
        let why = format!("`{path}` cannot be read: {}", reason(problem));
        return Err(Box::new(MANAGER.unknown(&file.at(problem.span), &why)));
    }
    let Some(root) = document.root().filter(|it| it.name() == "settings") else { return Ok(None) };
    let mirrors = root.children_named("mirrors").flat_map(|it| it.children_named("mirror"));
    let mirrors = mirrors.take(MAX_FEEDS).filter_map(|it| mirror(it, &file)).collect();
    let profiles = root.children_named("profiles").flat_map(|it| it.children_named("profile"));
    let repositories = profiles.flat_map(|it| pom::declared(it, &file, &|_| None)).take(MAX_FEEDS);
    let repositories = repositories.collect();
    let holds_below = named_by_configuration(tree, path);
    Ok(Some(Settings { path: path.to_owned(), mirrors, repositories, holds_below }))
}

fn mirror(element: Element<'_>, file: &File) -> Option<Mirror> {
    let url = element.child_text("url")?;
    let of = element.child_text("mirrorOf")?.value().into_owned();
    Some(Mirror { of, feed: Feed::new(MAVEN, &url.value(), file.at(url.span)) })
}

/// The folder whose `.mvn/maven.config` names this file with `-s` or `--settings`.
fn named_by_configuration(tree: &Tree<'_>, path: &str) -> Option<String> {
    let mut configurations = tree.named("maven.config");
    configurations.find_map(|configuration| {
        let project = folder(folder(configuration));
        let text = tree.read(configuration).ok()??.text;
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let named = match word {
                "-s" | "--settings" => words.next(),
                _ => word.strip_prefix("--settings=").or_else(|| word.strip_prefix("-s=")),
            };
            let named = named.or_else(|| word.strip_prefix("-s").filter(|it| it.contains('/')));
            let Some(named) = named else { continue };
            let inside = named
                .trim_start_matches("${maven.multiModuleProjectDirectory}/")
                .trim_start_matches("${session.rootDirectory}/")
                .trim_start_matches("./");
            if join(project, inside) == path {
                return Some(project.to_owned());
            }
        }
        None
    })
}

impl Settings {
    pub(super) fn holds_for(&self, pom: &str) -> bool {
        self.holds_below.as_ref().is_some_and(|it| is_below(pom, it))
    }

    /// What a build asks that uses these settings and whose POM names no repository.
    pub(super) fn answers(&self) -> Vec<BuildCheck> {
        let mut repositories = self.repositories.clone();
        for kind in KINDS {
            let is_own = |it: &Repository| it.kind == kind && it.id == super::CENTRAL;
            if !repositories.iter().any(is_own) {
                repositories.push(Repository::central(kind, &self.path));
            }
        }
        answers(&repositories, &self.mirrors)
    }
}
