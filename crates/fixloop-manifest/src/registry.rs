//! Which registries are the public ones.
//!
//! Known by registrable domain, because a registry's hosts come and go and advisories apply to all of them alike.

use fixloop_model::{Ecosystem, Source};

/// Ecosystem and the registrable domains of its public registry.
const PUBLIC_DOMAINS: &[(&str, &[&str])] = &[
    ("Go", &["golang.org"]),
    ("Hex", &["hex.pm"]),
    ("Maven", &["maven.org", "apache.org"]),
    ("NuGet", &["nuget.org"]),
    ("Packagist", &["packagist.org"]),
    ("Pub", &["pub.dev", "dartlang.org"]),
    ("PyPI", &["pypi.org", "pythonhosted.org", "python.org"]),
    ("RubyGems", &["rubygems.org"]),
    ("crates.io", &["crates.io"]),
    ("npm", &["npmjs.org", "npmjs.com", "yarnpkg.com"]),
];

/// The git repository that was the index of crates.io before sparse indexes, and is still its name in lockfiles.
const CRATES_IO_INDEX: &str = "github.com/rust-lang/crates.io-index";

/// The source of a component that was resolved from the registry at `url`.
///
/// An address without a host (a relative one, say) is a path.
pub fn source_of_registry_url(ecosystem: &Ecosystem, url: &str) -> Source {
    let Some(host) = host(url) else {
        return Source::Path { path: Some(url.to_owned()) };
    };
    let is_crates_io = ecosystem.base() == "crates.io" && url.contains(CRATES_IO_INDEX);
    if is_crates_io || is_public_host(ecosystem, &host) {
        Source::PublicRegistry
    } else {
        Source::Registry { host }
    }
}

pub(crate) fn is_public_host(ecosystem: &Ecosystem, host: &str) -> bool {
    PUBLIC_DOMAINS
        .iter()
        .filter(|(name, _)| *name == ecosystem.base())
        .flat_map(|(_, domains)| *domains)
        .any(|domain| {
            host.strip_suffix(domain).is_some_and(|it| it.is_empty() || it.ends_with('.'))
        })
}

/// The address without user and password: sources are printed, and tokens stand in lockfiles more often than one would think.
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        // `git@` is no secret, and part of how such addresses are known.
        Some((user, host)) if user != "git" => format!("{scheme}://{host}{path}"),
        _ => url.to_owned(),
    }
}

/// The host of an absolute address, lower case, without user and port.
pub(crate) fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next().filter(|it| !it.is_empty())?;
    Some(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ecosystem: &'static str, url: &str, expected: Option<&str>) {
        let source = source_of_registry_url(&Ecosystem::new(ecosystem), url);
        match expected {
            None => assert_eq!(source, Source::PublicRegistry),
            Some(host) => assert_eq!(source, Source::Registry { host: host.to_owned() }),
        }
    }

    #[test]
    fn credentials_are_left_out() {
        let check = |url: &str, expected: &str| assert_eq!(without_credentials(url), expected);
        check("git+https://user:token@x.example/a@v1#egg=a", "git+https://x.example/a@v1#egg=a");
        check("https://token@x.example", "https://x.example");
        check("ssh://git@x.example/a", "ssh://git@x.example/a");
        check("https://x.example/a@b", "https://x.example/a@b");
        check("git@x.example:a", "git@x.example:a");
    }

    #[test]
    fn public_registries_are_known_by_domain() {
        check("npm", "https://anything.npmjs.org/a/-/a-1.0.0.tgz", None);
        check("npm", "https://user:key@npm.corp.example:8443/a", Some("npm.corp.example"));
        check("npm", "https://evil-npmjs.org/a", Some("evil-npmjs.org"));
        check("npm", "https://npmjs.org.evil.example/a", Some("npmjs.org.evil.example"));
        check("Pub", "https://anything.dartlang.org", None);
        check("crates.io", "https://github.com/rust-lang/crates.io-index", None);
        check("crates.io", "https://github.com/corp/index", Some("github.com"));
    }
}
