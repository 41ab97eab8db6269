//! Version 1 by its top-level entries, each with all that lies in it.

use fixloop_model::Scope;

use super::with_member;
use crate::package_lock::folders::Folders;
use crate::package_lock::nested::{component, entries};
use crate::series::{Assembly, Names, Occurrence};
use crate::tree::Value;

struct Entry {
    name: u32,
    /// Its own comes first.
    components: Vec<(u32, Option<Scope>)>,
    /// What does not lie in it but beside it.
    required: Vec<u32>,
    has_requires: bool,
}

#[derive(Default)]
pub(super) struct Nested {
    names: Names,
    entries: Vec<Entry>,
    version: u32,
    /// By name, the version that last had or required it.
    last_had: Vec<u32>,
    last_required: Vec<u32>,
}

impl Nested {
    pub(super) fn add(&mut self, text: &str, assembly: &mut Assembly) -> Option<u32> {
        let entry = with_member(text, |section| self.read(section, assembly))?;
        self.entries.push(entry);
        u32::try_from(self.entries.len() - 1).ok()
    }

    fn read(&mut self, section: Value<'_>, assembly: &mut Assembly) -> Option<Entry> {
        let entries = entries(section);
        let name = self.names.number(&entries.first()?.name);
        let mut folders = Folders::new();
        let mut folder_of: Vec<u32> = Vec::with_capacity(entries.len());
        let mut components = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let parent = entry.parent.map_or(Folders::ROOT, |it| folder_of[it]);
            let folder = folders.add_installed(parent, &entry.name);
            folder_of.push(folder);
            folders.place(folder, index);
            components.push(component(entry).ok()?);
        }
        let mut required = Vec::new();
        let mut has_requires = false;
        for (entry, folder) in entries.iter().zip(&folder_of) {
            let requires = entry.value.get("requires");
            has_requires |= requires.is_some();
            for (needed, _) in requires.into_iter().flat_map(Value::entries) {
                match folders.resolve(*folder, &needed.value()) {
                    Some(0) => required.push(name),
                    // What lies below another entry is transitive anyway.
                    Some(_) => {}
                    None => required.push(self.names.number(&needed.value())),
                }
            }
        }
        required.sort_unstable();
        required.dedup();
        let components = components.into_iter().map(|it| {
            let scope = it.scope;
            (assembly.add_component(it), scope)
        });
        Some(Entry { name, components: components.collect(), required, has_requires })
    }

    /// Direct is a top-level entry that no entry requires; a required one may be direct too, which this version does not tell.
    pub(super) fn occurrences(
        &mut self,
        entries: &[u32],
        has_requires: bool,
    ) -> Option<Vec<Occurrence>> {
        let Self { names, entries: known, version, last_had, last_required } = self;
        *version += 1;
        last_had.resize(names.len(), 0);
        last_required.resize(names.len(), 0);
        let mut tells_requires = has_requires;
        for number in entries {
            let entry = &known[*number as usize];
            // Of two with one name, one's folder holds what lies in the other.
            if std::mem::replace(&mut last_had[entry.name as usize], *version) == *version {
                return None;
            }
            for name in &entry.required {
                last_required[*name as usize] = *version;
            }
            tells_requires |= entry.has_requires;
        }
        let mut occurrences: Vec<Occurrence> = Vec::with_capacity(entries.len());
        for number in entries {
            let entry = &known[*number as usize];
            let is_direct = tells_requires && last_required[entry.name as usize] != *version;
            let mut is_direct = is_direct.then_some(true);
            for (component, scope) in &entry.components {
                occurrences.push(Occurrence { component: *component, is_direct, scope: *scope });
                is_direct = Some(false);
            }
        }
        Some(occurrences)
    }
}
