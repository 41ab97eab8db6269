//! Every dependency of the corpus's manifests, raised far above what it asks for and within.

use std::collections::BTreeMap;

use fixloop_index::{Builder, Index};
use fixloop_manifest::{Beside, Format};
use fixloop_match::Known;
use fixloop_test_support::corpus;

use crate::{CannotFix, Manifest, apply, upgrade};

/// More of one file tell nothing new.
const MAX_COMPONENTS: usize = 40;

/// No edit may change anything else, be unreadable, or ask for something else than the target. Prints what is raised and what is not.
#[track_caller]
fn check(folder: &str, format: Format) {
    let index = Index::from_bytes(Builder::default().build().unwrap().into_bytes()).unwrap();
    let known = Known::new(&index);
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    corpus::for_each(folder, |path, text| {
        let parsed = format.parse(text);
        let manifest = Manifest { format, text, beside: Beside::nothing(), parsed: &parsed };
        for (index, component) in parsed.components.iter().enumerate().take(MAX_COMPONENTS) {
            let outcome = match upgrade(&known, &manifest, index, "987.6.5") {
                Ok(upgrade) => {
                    let edited = apply(text, &upgrade.edits);
                    let edit = &upgrade.edits[0];
                    let (start, end) = (edit.span.range().start, edit.span.range().end);
                    assert_eq!(edited[..start], text[..start]);
                    assert_eq!(edited[start + edit.text.len()..], text[end..]);
                    "raised"
                }
                Err(CannotFix::NotFromRegistry(_)) => "from elsewhere",
                Err(CannotFix::NoVersion(_)) => "no version",
                Err(CannotFix::Composed { .. }) => "composed",
                Err(CannotFix::Requirement { .. }) => "no raisable requirement",
                Err(CannotFix::OtherModule { .. }) => "another module",
                Err(error) => panic!("{}: {}: {error}", path.display(), component.name),
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
    });
    let n_raised = outcomes.get("raised").copied().unwrap_or(0);
    let n_refused = outcomes.get("no raisable requirement").copied().unwrap_or(0);
    // What is refused is words like `latest` and Go's commits.
    assert!(outcomes.is_empty() || n_raised > 10 * n_refused, "{folder}: {outcomes:?}");
}

#[test]
fn javascript() {
    check("package.json", Format::PackageJson);
    check("composer.json", Format::ComposerJson);
}

#[test]
fn rust_and_go() {
    check("Cargo.toml", Format::CargoToml);
}

#[test]
fn python() {
    check("requirements.txt", Format::RequirementsTxt);
    check("pyproject.toml", Format::Pyproject);
    check("Pipfile", Format::Pipfile);
}

#[test]
fn java_and_net() {
    check("pom.xml", Format::PomXml);
    check("libs.versions.toml", Format::VersionCatalog);
    check("csproj", Format::MsBuild);
}

#[test]
fn ruby() {
    check("Gemfile", Format::Gemfile);
}
