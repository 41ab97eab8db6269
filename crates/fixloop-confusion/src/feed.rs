//! Where packages come from, and whether that is the ecosystem's public registry.
//!
//! Public is the default registry of each ecosystem, known by its registrable domain; everything else counts as private, because it
//! can hold names that the public one does not.

use std::borrow::Cow;

use fixloop_manifest::source_of_registry_url;
use fixloop_model::{Ecosystem, Source};

use crate::place::Place;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Public,
    Private,
    /// A folder or file on the same disk.
    Folder,
    /// No file of the tree says which: a variable stands where the host would.
    Unresolved,
}

/// One source of packages that is declared somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) kind: Kind,
    /// Host, folder or, where that is not known, what is written.
    pub(crate) shown: String,
    /// To tell feeds apart: the address without user, password and trailing slash, in lower case.
    key: String,
    pub(crate) place: Place,
}

impl Feed {
    /// The feed at an address or path as it is written, variables included.
    pub(crate) fn new(ecosystem: &'static str, written: &str, place: Place) -> Self {
        let address = written.trim();
        let (kind, shown) = classify(ecosystem, address);
        let key = fixloop_manifest::without_credentials(address);
        let key = key.trim_end_matches('/').to_ascii_lowercase();
        Self { kind, shown, key, place }
    }

    /// The public registry, where a manager asks it without being told.
    pub(crate) fn implicit_public(place: Place) -> Self {
        let shown = "the public registry".to_owned();
        Self { kind: Kind::Public, shown, key: String::new(), place }
    }

    /// A feed whose address is given by an expression.
    pub(crate) fn unresolved(shown: &str, place: Place) -> Self {
        Self { kind: Kind::Unresolved, shown: short(shown), key: shown.to_owned(), place }
    }

    /// The same feed, where somebody names it.
    pub(crate) fn seen_at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    pub(crate) fn is_public(&self) -> bool {
        self.kind == Kind::Public
    }

    /// Whether packages come from somewhere else than the public registry, as far as known.
    pub(crate) fn is_private(&self) -> bool {
        matches!(self.kind, Kind::Private | Kind::Folder)
    }

    /// Both by host; by address where they share one.
    pub(crate) fn beside(&self, other: &Self) -> String {
        let is_one_host = self.shown == other.shown;
        let shown = |it: &Self| if is_one_host { short(&it.key) } else { it.shown.clone() };
        format!("`{}` and `{}`", shown(self), shown(other))
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.key == other.key || (self.is_public() && other.is_public())
    }
}

/// Whether the public registry is at an address, without all that a [`Feed`] knows.
pub(crate) fn kind(ecosystem: &'static str, address: &str) -> Kind {
    classify(ecosystem, address).0
}

fn classify(ecosystem: &'static str, address: &str) -> (Kind, String) {
    let Some((scheme, _)) = address.split_once("://") else {
        // `//host/path` has the scheme of the page, and npm takes it as an address.
        if let Some(rest) = address.strip_prefix("//") {
            return classify_host(ecosystem, &format!("https://{rest}"));
        }
        let is_variable = variable(address).is_some_and(|it| address.starts_with(&*it));
        let kind = if is_variable || address.is_empty() { Kind::Unresolved } else { Kind::Folder };
        return (kind, short(address));
    };
    // A variable with a default, or one that gives the scheme.
    if scheme.contains(['$', '{', '%']) {
        let shown = variable(address).map_or_else(|| short(address), Cow::into_owned);
        return (Kind::Unresolved, shown);
    }
    if scheme.ends_with("file") {
        return (Kind::Folder, short(address));
    }
    classify_host(ecosystem, address)
}

fn classify_host(ecosystem: &'static str, address: &str) -> (Kind, String) {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = authority_end(rest);
    let host = rest[..end].rsplit('@').next().unwrap_or("");
    if let Some(name) = variable(host) {
        return (Kind::Unresolved, name.into_owned());
    }
    // Variables in user and password must not hide where the host ends.
    let plain = format!("https://{host}{}", &rest[end..]);
    match source_of_registry_url(&Ecosystem::new(ecosystem), &plain) {
        Source::PublicRegistry => (Kind::Public, host.to_ascii_lowercase()),
        Source::Registry { host } => (Kind::Private, short(&host)),
        _ => (Kind::Unresolved, short(address)),
    }
}

/// Where user, password and host end: at the first `/`, `?` or `#` that is no part of a variable.
fn authority_end(rest: &str) -> usize {
    let mut depth = 0_u32;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'{' | b'(' => depth += 1,
            b'}' | b')' => depth = depth.saturating_sub(1),
            b'/' | b'?' | b'#' if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

/// The first variable of a text, in any of the ways in which build files write one.
pub(crate) fn variable(text: &str) -> Option<Cow<'_, str>> {
    let opening = ["${", "$(", "{{", "{%", "<%", "@{"];
    let start = opening.iter().filter_map(|it| text.find(it)).min();
    if let Some(start) = start {
        let rest = &text[start..];
        let end = rest.find(['}', ')']).map_or(rest.len(), |it| it + 1);
        let end = end + rest[end..].bytes().take_while(|it| matches!(it, b'}' | b')')).count();
        return Some(short(&rest[..end]).into());
    }
    if let Some(start) = text.find('$') {
        let rest = &text[start..];
        let is_part = |it: char| it.is_alphanumeric() || it == '_';
        let end = rest[1..].find(|it| !is_part(it)).map_or(rest.len(), |it| it + 1);
        return (end > 1).then(|| short(&rest[..end]).into());
    }
    let (_, rest) = text.split_once('%')?;
    let (name, _) = rest.split_once('%')?;
    let is_name =
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    // `%2F` and the like are escapes.
    (is_name && name.len() > 2).then(|| format!("%{name}%").into())
}

/// What a summary quotes: enough to recognize it by, and no user or password.
pub(crate) fn short(text: &str) -> String {
    let start: String = text.chars().take(400).collect();
    let clean = fixloop_manifest::redacted(&start);
    match clean.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_host() {
        let check = |address: &str, kind: Kind, shown: &str| {
            assert_eq!(classify("PyPI", address), (kind, shown.to_owned()), "{address}");
        };
        check("https://pypi.corp.example/simple", Kind::Private, "pypi.corp.example");
        check("https://u:p@PyPI.corp.example:8443/simple", Kind::Private, "pypi.corp.example");
        check("https://anything.pypi.org/simple", Kind::Public, "anything.pypi.org");
        check("https://pypi.org.evil.example/simple", Kind::Private, "pypi.org.evil.example");
        check("https://${USER}:${TOKEN}@corp.example/s", Kind::Private, "corp.example");
        check("https://$USER:$TOKEN@corp.example/s", Kind::Private, "corp.example");
        check("https://${{ secrets.A/B }}@corp.example/s", Kind::Private, "corp.example");
        check("https://${HOST}/simple", Kind::Unresolved, "${HOST}");
        check("${FEED:-https://a.example}", Kind::Unresolved, "${FEED:-https://a.example}");
        check("${FEED}", Kind::Unresolved, "${FEED}");
        check("$(Feed)/index", Kind::Unresolved, "$(Feed)/index");
        check("%FEED%", Kind::Unresolved, "%FEED%");
        check("${{ secrets.FEED }}", Kind::Unresolved, "${{ secrets.FEED }}");
        check("./packages", Kind::Folder, "./packages");
        check("$PSScriptRoot", Kind::Unresolved, "$PSScriptRoot");
        check("file:///opt/wheels", Kind::Folder, "file:///opt/wheels");
        check("", Kind::Unresolved, "");
    }

    #[test]
    fn the_same_feed_is_known_under_other_spellings() {
        let feed = |it| Feed::new("PyPI", it, Place::file("a"));
        let private = feed("https://u:p@corp.example/simple/");
        assert!(private.is_same(&feed("https://corp.example/simple")));
        assert!(!private.is_same(&feed("https://corp.example/other")));
        assert!(feed("https://a.pypi.org/x").is_same(&feed("https://b.pypi.org")));
    }
}
