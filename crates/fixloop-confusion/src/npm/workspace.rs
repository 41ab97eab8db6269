//! `registry` and `registries` of `pnpm-workspace.yaml`: <https://pnpm.io/registries>.
//!
//! `registries` is keyed by `default` and scopes, or by addresses whose entries list their `scopes`, of which `@` stands for names without one.

use std::collections::BTreeMap;

use fixloop_manifest::syntax::{self, Value};
use fixloop_model::BuildCheck;

use super::MANAGER;
use crate::document::{broken, placed, strings};
use crate::feed::Feed;
use crate::place::File;
use crate::scopes::{NPM, Registries};
use crate::tree::{Tree, folder};

pub(super) fn add(
    tree: &Tree<'_>,
    read: &mut BTreeMap<String, Registries>,
    checks: &mut Vec<BuildCheck>,
) {
    for path in tree.named("pnpm-workspace.yaml") {
        let file = match tree.read(path) {
            Ok(Some(file)) => file,
            Ok(None) => continue,
            Err(why) => {
                checks.push(MANAGER.unreadable(path, &why));
                continue;
            }
        };
        if !file.text.contains("registr") {
            continue;
        }
        let document = syntax::yaml(&file.text);
        if let Some(check) = broken(&document, &file, &MANAGER, &["registr"]) {
            checks.push(check);
            continue;
        }
        let Some(root) = document.root() else { continue };
        let mut own = registries(root, &file);
        // `.npmrc` of the same folder says what this file does not.
        let entry = read.entry(folder(path).to_owned()).or_default();
        own.complete(entry);
        *entry = own;
    }
}

fn registries(root: Value<'_>, file: &File) -> Registries {
    let mut registries = Registries::default();
    let feed = |(url, place): (String, _)| Feed::new(NPM, &url, place);
    registries.default = placed(root, "registry", file).map(feed);
    for (key, entry) in root.get("registries").into_iter().flat_map(Value::entries) {
        let name = key.value();
        if let Some(url) = entry.text() {
            let feed = Feed::new(NPM, &url.value(), file.at(url.span));
            registries.put(&name, feed);
        } else {
            for (scope, _) in strings(entry.get("scopes"), file) {
                registries.put(&scope, Feed::new(NPM, &name, file.at(key.span)));
            }
        }
    }
    registries
}

impl Registries {
    fn put(&mut self, scope: &str, feed: Feed) {
        if ["default", "@"].contains(&scope) {
            self.default = Some(feed);
        } else {
            self.scopes.insert(scope.to_owned(), feed);
        }
    }
}
