//! What a lockfile resolves a manifest's requirements to, and what they bring in.

use std::collections::HashMap;

use fixloop_index::IndexError;
use fixloop_match::check_both;
use fixloop_model::{Component, Parsed, Reach, normalize_name};
use fixloop_version::{Requirement, Scheme, Syntax};

use crate::alert::{Brought, urgency};
use crate::context::Context;

/// The longest chain that is followed to a direct dependency.
const MAX_CHAIN: usize = 256;

/// Packages told per dependency; the message names a few, the hover these.
const MAX_BROUGHT: usize = 100;

/// A lockfile, read.
#[derive(Clone, Debug)]
pub struct Locked {
    path: String,
    parsed: Parsed,
    /// Components by normalized name.
    by_name: HashMap<String, Vec<u32>>,
    /// Whether a part of it could not be read.
    is_incomplete: bool,
}

/// A lockfile with what its packages bring in, for one index and one set of exceptions.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// By normalized name of the direct dependency and its version there.
    brought: HashMap<(String, String), Vec<Brought>>,
}

impl Locked {
    /// `path` is relative to the root.
    pub fn new(path: impl Into<String>, parsed: Parsed) -> Self {
        let mut by_name: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, component) in (0..).zip(&parsed.components) {
            by_name.entry(normalized(component)).or_default().push(index);
        }
        let is_incomplete = parsed.problems.iter().any(|it| it.whole_file);
        Self { path: path.into(), parsed, by_name, is_incomplete }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it could not be read as a whole, so that what it lacks says nothing.
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// `name@version` of everything that it holds, for telling what came in.
    pub fn components(&self) -> &[Component] {
        &self.parsed.components
    }

    /// The version that this requirement has there; `None` if there is none, or it is older than what the manifest now says.
    pub fn version(&self, component: &Component) -> Option<&str> {
        let places = self.by_name.get(&normalized(component))?;
        let of_place = |index: &u32| self.parsed.components.get(*index as usize);
        let mut candidates: Vec<&Component> = places.iter().filter_map(of_place).collect();
        // One that others need as well has other versions, too.
        candidates.sort_by_key(|it| !matches!(it.reach, Reach::Direct));
        let versions = || candidates.iter().filter_map(|it| it.version.as_deref());
        let scheme = Scheme::for_ecosystem(component.ecosystem.as_str());
        if let Some(written) = &component.version {
            let is_it = |it: &&str| match scheme {
                Some(scheme) => {
                    *it == written || scheme.parse(it).ok() == scheme.parse(written).ok()
                }
                None => *it == written,
            };
            return versions().find(is_it);
        }
        let syntax = Syntax::for_ecosystem(component.ecosystem.base());
        let written = component.requirement.as_deref();
        let requirement =
            syntax.zip(written).and_then(|(syntax, it)| Requirement::parse(syntax, it).ok());
        match requirement {
            // Soft requirements give way, so what is locked counts.
            Some(it) if it.selected().is_none() => versions().find(|version| {
                it.scheme().parse(version).is_ok_and(|version| it.admits(&version))
            }),
            _ => versions().next(),
        }
    }

    /// Matches everything that is brought in.
    ///
    /// # Errors
    /// If the index turns out to be damaged.
    pub fn evaluate(&self, context: &Context<'_, '_>) -> Result<Evaluated, IndexError> {
        let mut evaluated = Evaluated::default();
        for (index, component) in self.parsed.components.iter().enumerate() {
            let Reach::Transitive { .. } = component.reach else { continue };
            let mut matches =
                check_both(context.known, context.own, component, context.mirrors)?.matches;
            context.take_out_accepted(component, &[Some(&self.path)], &mut matches);
            if matches.is_empty() {
                continue;
            }
            let Some((root, chain)) = self.chain(index) else { continue };
            matches.sort_by_key(urgency);
            let key = (normalized(root), root.version.clone().unwrap_or_default());
            let brought = evaluated.brought.entry(key).or_default();
            if brought.len() < MAX_BROUGHT {
                brought.push(Brought {
                    name: component.name.clone(),
                    version: component.version.clone().unwrap_or_default(),
                    lockfile: self.path.clone(),
                    chain,
                    matches,
                });
            }
        }
        for brought in evaluated.brought.values_mut() {
            brought.sort_by_key(|it| (it.matches.first().map(urgency), it.name.clone()));
        }
        Ok(evaluated)
    }

    /// The direct dependency that brings in a component, and `name@version` of each on the way.
    fn chain(&self, index: usize) -> Option<(&Component, Vec<String>)> {
        let mut chain = Vec::new();
        let mut at = self.parsed.components.get(index)?;
        for _ in 0..MAX_CHAIN {
            chain.push(format!("{}@{}", at.name, at.version.as_deref().unwrap_or("?")));
            match at.reach {
                Reach::Transitive { via: Some(via) } => {
                    at = self.parsed.components.get(via as usize)?;
                }
                Reach::Direct => {
                    chain.reverse();
                    return Some((at, chain));
                }
                _ => return None,
            }
        }
        None
    }
}

impl Evaluated {
    pub(crate) fn brought_by(&self, component: &Component, version: &str) -> &[Brought] {
        let key = (normalized(component), version.to_owned());
        self.brought.get(&key).map_or(&[], |it| it)
    }
}

pub(crate) fn normalized(component: &Component) -> String {
    normalize_name(component.ecosystem.as_str(), &component.name).into_owned()
}
