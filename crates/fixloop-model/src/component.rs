//! What a manifest or lockfile says a project uses.

use crate::{Ecosystem, Span};

/// A package at a version, as one file states it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Component {
    pub ecosystem: Ecosystem,
    /// The name in its registry; for an alias, the target's.
    pub name: String,
    /// The resolved version; `None` where the file does not fix one.
    pub version: Option<String>,
    /// The requirement as written, where the file gives one instead of a version.
    pub requirement: Option<String>,
    pub source: Source,
    /// The name it is installed under, where that differs from `name`.
    pub alias: Option<String>,
    pub reach: Reach,
    pub scope: Option<Scope>,
    /// Where the name stands.
    pub name_span: Span,
    /// Where the version (or requirement) stands; where another file has it, what stands here for it.
    pub version_span: Option<Span>,
    /// Where the version stands, if that is another file of the same root.
    pub declared: Option<Declaration>,
}

/// A place in another file: a workspace's table, a parent, a catalog, a central version file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Declaration {
    /// Relative to the root, `/` between parts.
    pub path: String,
    pub span: Span,
}

impl Component {
    /// A component of which only the name is known yet.
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>, name_span: Span) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            version: None,
            requirement: None,
            source: Source::Unknown,
            alias: None,
            reach: Reach::Unknown,
            scope: None,
            name_span,
            version_span: None,
            declared: None,
        }
    }
}

/// How a component got into the project.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Reach {
    /// The project itself, or a member of its workspace.
    Root,
    /// The project names it.
    Direct,
    /// Another component needs it; `via` is that component's place in [`Parsed::components`] on one shortest path.
    Transitive { via: Option<u32> },
    /// The file does not tell.
    Unknown,
}

impl Reach {
    pub fn is_direct(self) -> Option<bool> {
        match self {
            Self::Direct => Some(true),
            Self::Transitive { .. } => Some(false),
            Self::Root | Self::Unknown => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    Runtime,
    Dev,
    Optional,
    Build,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Dev => "dev",
            Self::Optional => "optional",
            Self::Build => "build",
        }
    }
}

/// Where a component's code comes from. Advisories of a public registry apply only to components from that registry.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Source {
    /// The ecosystem's public registry, named or by default.
    PublicRegistry,
    /// A registry at another host.
    Registry {
        host: String,
    },
    Git {
        url: String,
    },
    /// An archive at an address that is no registry's.
    Archive {
        url: String,
    },
    /// A folder or archive on the same disk.
    Path {
        path: Option<String>,
    },
    /// A member of the same workspace.
    Workspace,
    /// The file does not tell.
    Unknown,
}

/// What a reader made of one text. Total: whatever could not be read is in `problems`, the rest is in `components`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parsed {
    pub components: Vec<Component>,
    pub problems: Vec<Problem>,
}

/// Something a reader could not use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    pub span: Span,
    /// What could not be read: a lower-case fragment without final period, values in backticks.
    pub reason: String,
    /// Nothing useful was read: the file as a whole is unknown, not only the entry at `span`.
    pub whole_file: bool,
}

/// The longest chain that is told. Real ones stay below 30; a hostile file could make each of its components hang on all others.
const MAX_CHAIN: usize = 256;

impl Parsed {
    /// `name@version` of each component on one shortest path from a direct dependency to `index`, both included.
    ///
    /// `None` for a direct component, where the file does not tell, and for chains of more than 256 components.
    pub fn chain(&self, index: usize) -> Option<Vec<String>> {
        let mut path = Vec::new();
        let mut at = index;
        for _ in 0..MAX_CHAIN {
            let component = self.components.get(at)?;
            path.push(match &component.version {
                Some(version) => format!("{}@{version}", component.name),
                None => component.name.clone(),
            });
            match component.reach {
                Reach::Transitive { via: Some(via) } => at = via as usize,
                Reach::Direct if path.len() > 1 => {
                    path.reverse();
                    return Some(path);
                }
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chained(n_components: u32) -> Parsed {
        let component = |index: u32| Component {
            version: Some("1".to_owned()),
            reach: match index.checked_sub(1) {
                Some(before) => Reach::Transitive { via: Some(before) },
                None => Reach::Direct,
            },
            ..Component::new(Ecosystem::NPM, format!("p{index}"), Span::default())
        };
        Parsed { components: (0..n_components).map(component).collect(), problems: Vec::new() }
    }

    #[test]
    fn chains_start_at_a_direct_component_and_are_bounded() {
        let parsed = chained(300);
        assert_eq!(parsed.chain(0), None);
        assert_eq!(parsed.chain(2).unwrap(), ["p0@1", "p1@1", "p2@1"]);
        assert_eq!(parsed.chain(MAX_CHAIN - 1).unwrap().len(), MAX_CHAIN);
        assert_eq!(parsed.chain(MAX_CHAIN), None);
        assert_eq!(parsed.chain(999), None);
    }

    #[test]
    fn a_chain_without_a_direct_component_is_none() {
        let mut parsed = chained(3);
        parsed.components[0].reach = Reach::Transitive { via: Some(2) };
        assert_eq!(parsed.chain(2), None);
    }
}
