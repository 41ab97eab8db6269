//! Versions 2 and 3 by their entries.

use fixloop_model::{Reach, Scope};

use super::folders::Folders;
use super::{only_member, with_member};
use crate::package_lock::is_set;
use crate::package_lock::packages::{component, needed};
use crate::series::{Assembly, Needs, Occurrence};
use crate::tree::Value;

/// Members of a workspace lie less deep; it bounds what is remembered for each of their dependencies.
const MAX_LEVELS: usize = 32;

enum Entry {
    Project(Needs),
    Link {
        folder: u32,
        target: Option<u32>,
    },
    Package {
        folder: u32,
        component: u32,
        scope: Option<Scope>,
    },
    /// Of the workspace.
    Member {
        folder: u32,
        needs: Needs,
    },
}

#[derive(Default)]
pub(super) struct Packages {
    folders: Folders,
    entries: Vec<Entry>,
}

/// Stands for a member of the workspace where a package's place is asked for.
const MEMBER: u32 = u32::MAX - 1;

impl Packages {
    pub(super) fn add(&mut self, text: &str, assembly: &mut Assembly) -> Option<u32> {
        let entry = with_member(text, |section| self.read(section, assembly))?;
        self.entries.push(entry);
        u32::try_from(self.entries.len() - 1).ok()
    }

    fn read(&mut self, section: Value<'_>, assembly: &mut Assembly) -> Option<Entry> {
        let (key, value) = only_member(section)?;
        let path = key.value();
        let folder = self.folders.number(&path);
        if path.is_empty() {
            return Some(Entry::Project(self.needs(folder, value)?));
        }
        if is_set(value, "link") {
            // Without a target it stands for nothing.
            let target = value.get_text("resolved").map(|it| self.folders.number(&it.value()));
            return Some(Entry::Link { folder, target });
        }
        let component = component(key, &path, value).ok()?;
        if component.reach == Reach::Root {
            return Some(Entry::Member { folder, needs: self.needs(folder, value)? });
        }
        let scope = component.scope;
        Some(Entry::Package { folder, component: assembly.add_component(component), scope })
    }

    fn needs(&mut self, folder: u32, entry: Value<'_>) -> Option<Needs> {
        if self.folders.n_levels(folder) > MAX_LEVELS {
            return None;
        }
        let mut needs = Needs::default();
        for name in needed(entry, true) {
            needs.push(self.folders.tries(folder, &name.value()));
        }
        Some(needs)
    }

    /// Direct is what the project or a member of its workspace needs; everything else was brought by one of those.
    pub(super) fn occurrences(&mut self, entries: &[u32]) -> Option<Vec<Occurrence>> {
        let Self { folders, entries: known } = self;
        let mut occurrences: Vec<Occurrence> = Vec::with_capacity(entries.len());
        let (mut project, mut members, mut links) = (None, Vec::new(), Vec::new());
        folders.begin();
        for number in entries {
            match &known[*number as usize] {
                Entry::Project(needs) => project = Some(needs),
                Entry::Link { folder, target } => {
                    folders.add(*folder);
                    links.extend(target.map(|it| (*folder, it)));
                }
                Entry::Package { folder, component, scope } => {
                    folders.add(*folder);
                    folders.place(*folder, Some(u32::try_from(occurrences.len()).ok()?));
                    let (component, scope) = (*component, *scope);
                    occurrences.push(Occurrence { component, is_direct: Some(false), scope });
                }
                Entry::Member { folder, needs } => {
                    folders.add(*folder);
                    folders.place(*folder, Some(MEMBER));
                    members.push(needs);
                }
            }
        }
        for (folder, target) in links {
            let package = folders.package(target);
            folders.place(folder, package);
        }
        for tries in project.into_iter().chain(members).flat_map(Needs::iter) {
            let place = folders.find(tries).filter(|it| *it != MEMBER);
            if let Some(place) = place {
                occurrences[place as usize].is_direct = Some(true);
            }
        }
        Some(occurrences)
    }
}
