//! What was asked, checked before anything is looked up.

use fixloop_manifest::PackageUrl;
use fixloop_model::Ecosystem;
use fixloop_version::{Requirement, Scheme, Syntax};

use super::Arguments;
use crate::quoted::word;
use crate::tools::Failure;

/// Bytes of one argument. Names of registries end at some 250.
const MAX_ARGUMENT: usize = 1000;

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) ecosystem: Ecosystem,
    pub(super) name: String,
    pub(super) version: Option<String>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Exact,
    Requirement,
    Any,
}

impl Asked {
    /// `ecosystems` are those of the index.
    pub(super) fn of(arguments: &Arguments, ecosystems: &[String]) -> Result<Self, Failure> {
        let fields = [
            ("ecosystem", &arguments.ecosystem),
            ("name", &arguments.name),
            ("version", &arguments.version),
            ("purl", &arguments.purl),
        ];
        for (field, text) in fields {
            if text.as_ref().is_some_and(|it| it.len() > MAX_ARGUMENT) {
                return refused(format!("`{field}` has more than {MAX_ARGUMENT} bytes"));
            }
        }
        let given = |it: &Option<String>| {
            it.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(ToOwned::to_owned)
        };
        let version = given(&arguments.version);
        match (given(&arguments.purl), given(&arguments.ecosystem), given(&arguments.name)) {
            (Some(purl), None, None) => {
                let Some(it) = PackageUrl::parse(&purl) else {
                    return refused(format!(
                        "`{}` is no package URL such as pkg:npm/lodash@4.17.20",
                        word(&purl)
                    ));
                };
                if version.is_some() && it.version.is_some() {
                    return refused("the purl has a version: leave `version` out".to_owned());
                }
                Ok(Self::new(it.ecosystem, it.name, version.or(it.version)))
            }
            (None, Some(ecosystem), Some(name)) => {
                let Some(ecosystem) = named(&ecosystem, ecosystems) else {
                    return refused(format!(
                        "`{}` is no ecosystem known here; use one of {}",
                        word(&ecosystem),
                        KNOWN.join(", ")
                    ));
                };
                if ecosystem == Ecosystem::MAVEN && !name.contains(':') {
                    return refused("`name` of a Maven package is group:artifact".to_owned());
                }
                Ok(Self::new(ecosystem, name, version))
            }
            _ => refused("give `ecosystem` and `name`, or `purl` alone".to_owned()),
        }
    }

    fn new(ecosystem: Ecosystem, name: String, version: Option<String>) -> Self {
        let kind = version.as_deref().map_or(Kind::Any, |it| kind(&ecosystem, it));
        Self { ecosystem, name, version, kind }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn is_exact(&self) -> bool {
        self.kind == Kind::Exact
    }
}

fn refused(words: String) -> Result<Asked, Failure> {
    Err(Failure::Arguments(words))
}

/// Ecosystems that manifests are read of, for the message to who spells one otherwise.
const KNOWN: &[&str] = &[
    "npm",
    "PyPI",
    "crates.io",
    "Go",
    "Maven",
    "NuGet",
    "RubyGems",
    "Packagist",
    "Hex",
    "Pub",
    "GitHub Actions",
];

/// By OSV's name, package URL type or a name of the index, in any case; a release behind a colon stays.
fn named(text: &str, ecosystems: &[String]) -> Option<Ecosystem> {
    let (base, release) = match text.split_once(':') {
        Some((base, release)) => (base, Some(release)),
        None => (text, None),
    };
    let is_it = |it: &&str| it.eq_ignore_ascii_case(base);
    let of_index = ecosystems.iter().map(|it| &**it).find(is_it);
    let of_build = || KNOWN.iter().copied().find(is_it);
    let found = match of_index.or_else(of_build) {
        Some(name) => Ecosystem::new(name.to_owned()),
        None => Ecosystem::from_purl_type(base)?,
    };
    Some(match release {
        Some(release) => Ecosystem::new(format!("{found}:{release}")),
        None => found,
    })
}

/// Whether a text is one version. Some orders take any word for a version, so signs of a requirement come first.
fn kind(ecosystem: &Ecosystem, text: &str) -> Kind {
    let requirement = Syntax::for_ecosystem(ecosystem.base())
        .and_then(|syntax| Requirement::parse(syntax, text).ok());
    let has_signs = text.contains(['^', '~', '<', '>', '=', '*', ',', '[', '(', '|', ' ']);
    let is_version =
        || Scheme::for_ecosystem(ecosystem.as_str()).is_some_and(|it| it.parse(text).is_ok());
    match requirement {
        Some(_) if has_signs || !is_version() => Kind::Requirement,
        _ => Kind::Exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ecosystem: &str, name: &str, version: &str, expected: (&str, Kind)) {
        let arguments = Arguments {
            ecosystem: Some(ecosystem.to_owned()),
            name: Some(name.to_owned()),
            version: Some(version.to_owned()),
            purl: None,
        };
        let index = ["Debian".to_owned(), "npm".to_owned()];
        let asked = Asked::of(&arguments, &index).unwrap();
        assert_eq!((asked.ecosystem.as_str(), asked.kind()), expected);
    }

    #[test]
    fn ecosystems_go_by_many_names() {
        check("NPM", "a", "1", ("npm", Kind::Exact));
        check("cargo", "a", "1.2.3", ("crates.io", Kind::Exact));
        check("Crates.IO", "a", "^1", ("crates.io", Kind::Requirement));
        check("go", "a", "v1.2.3", ("Go", Kind::Exact));
        check("golang", "a", "v1.2.3", ("Go", Kind::Exact));
        check("debian:12", "curl", "7.88.1-10", ("Debian:12", Kind::Exact));
        check("composer", "a/b", "1.*", ("Packagist", Kind::Requirement));
    }

    #[test]
    fn versions_and_requirements_are_told_apart() {
        check("npm", "a", "1.2.3-rc.1", ("npm", Kind::Exact));
        check("npm", "a", "1.x", ("npm", Kind::Requirement));
        check("npm", "a", "latest", ("npm", Kind::Exact));
        check("PyPI", "a", "==1.0", ("PyPI", Kind::Requirement));
        check("PyPI", "a", ">=1,<2", ("PyPI", Kind::Requirement));
        check("RubyGems", "a", "~> 1.0", ("RubyGems", Kind::Requirement));
        check("Maven", "a:b", "[1.0,2.0)", ("Maven", Kind::Requirement));
        check("Maven", "a:b", "2.14.1", ("Maven", Kind::Exact));
        check("NuGet", "a", "[1.0, 2.0)", ("NuGet", Kind::Requirement));
    }

    #[track_caller]
    fn check_refused(arguments: &Arguments, expected: &str) {
        let refused = Asked::of(arguments, &[]).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }

    #[test]
    fn what_cannot_be_looked_up_is_refused_in_words() {
        let some = |text: &str| Some(text.to_owned());
        let nothing = Arguments::default;
        check_refused(&nothing(), "give `ecosystem` and `name`, or `purl` alone");
        check_refused(
            &Arguments { ecosystem: some("npm"), name: some(" "), ..nothing() },
            "give `ecosystem` and `name`, or `purl` alone",
        );
        check_refused(
            &Arguments { ecosystem: some("pip"), name: some("a"), ..nothing() },
            "`pip` is no ecosystem known here; use one of npm, PyPI, crates.io, Go, Maven, NuGet, RubyGems, Packagist, Hex, Pub, GitHub Actions",
        );
        check_refused(
            &Arguments { ecosystem: some("maven"), name: some("log4j-core"), ..nothing() },
            "`name` of a Maven package is group:artifact",
        );
        check_refused(
            &Arguments { purl: some("lodash"), ..nothing() },
            "`lodash` is no package URL such as pkg:npm/lodash@4.17.20",
        );
        check_refused(
            &Arguments { purl: some("pkg:npm/a@1"), version: some("2"), ..nothing() },
            "the purl has a version: leave `version` out",
        );
        check_refused(
            &Arguments { ecosystem: some("npm"), name: some(&"a".repeat(1001)), ..nothing() },
            "`name` has more than 1000 bytes",
        );
    }
}
