//! Lists of packages against what a lockfile of any format holds.

use std::borrow::Cow;

use fixloop_manifest::{Format, Outline, OutlineKind, OutlineNode, PackageUrl};
use fixloop_model::{Component, Parsed, Source, Span, normalize_name};

use crate::condition::Package;

/// What a test says of one component.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Listed {
    No,
    /// The package is on the list, and the file does not say at which version it is used.
    Undecided,
    Yes,
}

impl Package {
    /// `name@1.2.3`, `name` for every version, `@scope/name@1`, or a package URL.
    pub(crate) fn parse(written: &str) -> Option<Self> {
        if written.starts_with("pkg:") {
            let it = PackageUrl::parse(written)?;
            return Some(Self {
                ecosystem: Some(it.ecosystem),
                name: it.name,
                version: it.version,
            });
        }
        // The first `@` of a scoped name separates nothing.
        let separator = written.char_indices().skip(1).find(|(_, it)| *it == '@');
        let (name, version) = match separator {
            Some((at, _)) => (&written[..at], Some(&written[at + 1..])),
            None => (written, None),
        };
        let is_word = |it: &str| !it.is_empty() && !it.contains(char::is_whitespace);
        let is_package = is_word(name) && version.is_none_or(is_word);
        let version = version.map(str::to_owned);
        is_package.then(|| Self { ecosystem: None, name: name.to_owned(), version })
    }

    fn is_of(&self, component: &Component) -> bool {
        let ecosystem = component.ecosystem.as_str();
        self.ecosystem.as_ref().is_none_or(|it| it.base() == component.ecosystem.base())
            && normalize_name(ecosystem, &self.name) == normalize_name(ecosystem, &component.name)
    }
}

pub(crate) fn is_listed(list: &[Package], component: &Component) -> Listed {
    // What the project itself is called is no package of that name.
    if matches!(component.source, Source::Workspace | Source::Path { .. }) {
        return Listed::No;
    }
    let mut listed = Listed::No;
    for package in list.iter().filter(|it| it.is_of(component)) {
        match (&package.version, &component.version) {
            (None, _) => return Listed::Yes,
            (Some(wanted), Some(used)) if is_same_version(wanted, used) => return Listed::Yes,
            (Some(_), Some(_)) => {}
            (Some(_), None) => listed = Listed::Undecided,
        }
    }
    listed
}

fn is_same_version(wanted: &str, used: &str) -> bool {
    let bare = |it: &str| it.strip_prefix('v').unwrap_or(it).to_owned();
    bare(wanted) == bare(used)
}

/// A list of `name@version`, with the components that its items stand for.
///
/// # Errors
/// Why nothing is known of the file.
pub(crate) fn read<'a>(
    path: &str,
    text: &'a str,
) -> Result<(Outline<'a>, Vec<Component>), (String, Option<Span>)> {
    let Some(format) = Format::of_path(path) else {
        return Err(("no format whose packages fixloop reads".to_owned(), None));
    };
    let Parsed { components, problems } = format.parse(text);
    let mut outline = Outline::default();
    outline.problems = problems;
    outline.add(OutlineNode::new(OutlineKind::List, Span::new(0, text.len())));
    for component in &components {
        let version = component.version.as_deref().or(component.requirement.as_deref());
        let value = format!("{}@{}", component.name, version.unwrap_or(""));
        outline.add(OutlineNode {
            name_span: Some(component.name_span),
            value: Some(Cow::Owned(value)),
            ..OutlineNode::new(
                OutlineKind::Text,
                component.version_span.unwrap_or(component.name_span),
            )
        });
    }
    Ok((outline, components))
}

#[cfg(test)]
mod tests {
    use fixloop_model::Ecosystem;

    use super::*;

    #[track_caller]
    fn check(written: &str, expected: Option<(&str, Option<&str>)>) {
        let package = Package::parse(written);
        let found = package.as_ref().map(|it| (&*it.name, it.version.as_deref()));
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn packages_are_read() {
        check("chalk@5.6.1", Some(("chalk", Some("5.6.1"))));
        check("@a/b@1.0.0", Some(("@a/b", Some("1.0.0"))));
        check("@a/b", Some(("@a/b", None)));
        check("pkg:npm/%40a/b@1.0.0", Some(("@a/b", Some("1.0.0"))));
        check("org.x:y@1", Some(("org.x:y", Some("1"))));
        check("a@", None);
        check("a b@1", None);
        check("pkg:", None);
    }

    #[test]
    fn a_component_without_a_version_is_undecided() {
        let list = [Package::parse("Chalk_x@v1.0").expect("a package")];
        let mut component = Component::new(Ecosystem::PYPI, "chalk-x", Span::default());
        assert_eq!(is_listed(&list, &component), Listed::Undecided);
        component.version = Some("1.0".to_owned());
        assert_eq!(is_listed(&list, &component), Listed::Yes);
        component.version = Some("1.1".to_owned());
        assert_eq!(is_listed(&list, &component), Listed::No);
        component.version = Some("1.0".to_owned());
        component.source = Source::Workspace;
        assert_eq!(is_listed(&list, &component), Listed::No);
    }
}
