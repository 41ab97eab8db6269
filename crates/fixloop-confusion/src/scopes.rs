//! One registry for every name, or for the names of a scope: npm, pnpm, yarn and bun alike.
//!
//! None of them asks two registries for one name: a name in a mapped scope comes from the scope's registry alone, any other from
//! the default one. What can go wrong is that a private name is asked of the public registry, because it has no scope or its scope is
//! not mapped; lockfiles show such names by where they were fetched from.

mod projects;

use std::collections::BTreeMap;

use fixloop_manifest::Format;
use fixloop_model::{BuildCheck, Source};

pub(crate) use projects::{Projects, by_configuration};

use crate::answer::{Manager, Pinned};
use crate::feed::{Feed, Kind};
use crate::place::{File, Place};
use crate::tree::Tree;

pub(crate) const NPM: &str = "npm";

/// Lockfiles whose contents are compared with the configuration.
const LOCKFILES: &[(&str, Format)] = &[
    ("npm-shrinkwrap.json", Format::PackageLock),
    ("package-lock.json", Format::PackageLock),
    ("pnpm-lock.yaml", Format::PnpmLock),
    ("yarn.lock", Format::YarnLock),
];

/// Which registry is asked for what.
#[derive(Clone, Default)]
pub(crate) struct Registries {
    /// The public one, unless another is named.
    pub(crate) default: Option<Feed>,
    /// By scope, with its `@`.
    pub(crate) scopes: BTreeMap<String, Feed>,
}

impl Registries {
    /// Takes from `farther` what is not said here.
    pub(crate) fn complete(&mut self, farther: &Self) {
        self.default = self.default.take().or_else(|| farther.default.clone());
        for (scope, feed) in &farther.scopes {
            self.scopes.entry(scope.clone()).or_insert_with(|| feed.clone());
        }
    }

    fn feeds(&self) -> impl Iterator<Item = &Feed> {
        self.default.iter().chain(self.scopes.values())
    }

    /// The registry that is asked for a name; nothing where that is the public one by default.
    fn of(&self, name: &str) -> Option<&Feed> {
        scope(name).and_then(|it| self.scopes.get(it)).or(self.default.as_ref())
    }

    /// The answers about these registries and the projects that they hold for.
    pub(crate) fn answer(
        &self,
        manager: &Manager,
        tree: &Tree<'_>,
        projects: &Projects<'_>,
    ) -> Vec<BuildCheck> {
        if self.feeds().all(Feed::is_public) {
            return Vec::new();
        }
        let mut findings = self.lockfiles(manager, tree, projects);
        if let Some(unresolved) = self.feeds().find(|it| it.kind == Kind::Unresolved) {
            let why = format!("no file says which registry `{}` is", unresolved.shown);
            findings.push(manager.unknown(&unresolved.place, &why));
        } else {
            findings.extend(self.unmapped(manager, tree, projects));
        }
        if findings.is_empty() { self.safe(manager).into_iter().collect() } else { findings }
    }

    fn safe(&self, manager: &Manager) -> Option<BuildCheck> {
        let default = self.default.as_ref().filter(|it| !it.is_public());
        if let Some(default) = default {
            let why = format!("`{}` is asked for every name", default.shown);
            return Some(manager.safe(&default.place, &why));
        }
        let (scope, feed) = self.scopes.iter().find(|(_, it)| !it.is_public())?;
        let why = format!(
            "names in `{scope}` come only from `{}`, all that are in no mapped scope only from the public registry",
            feed.shown
        );
        Some(manager.safe(&feed.place, &why))
    }

    /// Names that a lockfile has from somewhere else than they are asked of.
    fn lockfiles(
        &self,
        manager: &Manager,
        tree: &Tree<'_>,
        projects: &Projects<'_>,
    ) -> Vec<BuildCheck> {
        let mut checks = Vec::new();
        for (path, format) in &projects.lockfiles {
            match tree.read_lockfile(path) {
                Ok(Some(text)) => {
                    let file = File::new(path, text);
                    checks.extend(self.lockfile(manager, *format, &file));
                }
                Ok(None) => {}
                Err(why) => checks.push(manager.unreadable(path, &why)),
            }
        }
        checks
    }

    /// The first name of each kind of difference; a list of thousands would tell no more.
    fn lockfile(&self, manager: &Manager, format: Format, file: &File) -> Vec<BuildCheck> {
        let mut substituted = None;
        let mut unscoped = None;
        let mut elsewhere = None;
        for component in format.parse(&file.text).components {
            let name = &component.name;
            let asked = self.of(name);
            let is_mapped = scope(name).is_some_and(|it| self.scopes.contains_key(it));
            let found = match (&component.source, asked) {
                (Source::PublicRegistry, Some(asked)) if asked.is_private() && is_mapped => {
                    // Lockfiles without addresses say nothing by leaving one out.
                    let says_so = format == Format::PackageLock;
                    says_so.then_some((
                        &mut substituted,
                        "the public registry",
                        asked.shown.clone(),
                    ))
                }
                (Source::Registry { host }, None) => {
                    Some((&mut unscoped, &**host, "the public registry".to_owned()))
                }
                (Source::Registry { host }, Some(asked)) if asked.is_public() => {
                    Some((&mut unscoped, &**host, "the public registry".to_owned()))
                }
                (Source::Registry { host }, Some(asked))
                    if asked.kind == Kind::Private && *host != asked.shown =>
                {
                    Some((&mut elsewhere, &**host, asked.shown.clone()))
                }
                _ => None,
            };
            let Some((slot, from, asked)) = found else { continue };
            if slot.is_none() {
                let place = file.at(component.name_span);
                let why = format!(
                    "`{name}` is locked from {}, and asked of {}",
                    quoted(from),
                    quoted(&asked)
                );
                *slot = Some((place, why));
            }
        }
        let pinned = Pinned::by_hashes(&file.path);
        let mixed = |(place, why): (Place, String), pinned| manager.mixed(&place, &why, pinned);
        let substituted = substituted.map(|it| mixed(it, None));
        let unscoped = unscoped.map(|it| mixed(it, Some(&pinned)));
        let elsewhere = elsewhere.map(|(place, why)| manager.unknown(&place, &why));
        substituted.into_iter().chain(unscoped).chain(elsewhere).collect()
    }

    /// The first scope that a manifest uses, no mapping names and no lockfile has.
    fn unmapped(
        &self,
        manager: &Manager,
        tree: &Tree<'_>,
        projects: &Projects<'_>,
    ) -> Option<BuildCheck> {
        let is_public = self.default.as_ref().is_none_or(Feed::is_public);
        if !is_public || projects.has_other_lockfile {
            return None;
        }
        let locked =
            || projects.lockfiles.iter().filter_map(|(it, _)| tree.read_lockfile(it).ok()?);
        let mut texts = None;
        for path in &projects.manifests {
            let Ok(Some(file)) = tree.read(path) else { continue };
            for component in Format::PackageJson.parse(&file.text).components {
                let Some(scope) = scope(&component.name) else { continue };
                let from_registry =
                    matches!(component.source, Source::PublicRegistry | Source::Unknown);
                if self.scopes.contains_key(scope) || !from_registry {
                    continue;
                }
                let texts = texts.get_or_insert_with(|| locked().collect::<Vec<_>>());
                if !texts.iter().any(|it| it.contains(&format!("{scope}/"))) {
                    let place = file.at(component.name_span);
                    let why = format!(
                        "`{scope}` is mapped to no registry, and no lockfile says where its packages come from"
                    );
                    return Some(manager.unknown(&place, &why));
                }
            }
        }
        None
    }
}

/// `@scope` of `@scope/name`.
fn scope(name: &str) -> Option<&str> {
    name.split_once('/').map(|(scope, _)| scope).filter(|it| it.starts_with('@'))
}

/// Hosts are code, words are not.
fn quoted(host: &str) -> String {
    if host.contains(' ') { host.to_owned() } else { format!("`{host}`") }
}
