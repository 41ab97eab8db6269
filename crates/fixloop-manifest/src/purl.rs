//! Package URLs as bills of materials hold them, with the places of their parts.
//!
//! Specification: <https://github.com/package-url/purl-spec>. Read here and not by a library, because the place of each part is
//! needed and because the specification's lower-casing of Go modules would lose what advisories are looked up by.

use fixloop_model::{Ecosystem, Source};

use crate::registry::{source_of_registry_url, without_credentials};

/// Byte ranges are offsets into the text that was parsed.
#[derive(Debug)]
pub(crate) struct Purl<'a> {
    kind: String,
    /// Between slashes, decoded.
    namespace: String,
    name: String,
    version: Option<String>,
    /// Namespace and name as written.
    name_range: std::ops::Range<usize>,
    version_range: Option<std::ops::Range<usize>>,
    qualifiers: &'a str,
    qualifiers_start: usize,
}

/// What a package URL names, in the words of advisories.
pub(crate) struct Package {
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: String,
    pub(crate) name_range: std::ops::Range<usize>,
    /// Of the name looked up, where that is not the one installed.
    pub(crate) alias: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) version_range: Option<std::ops::Range<usize>>,
}

/// A package that a person or another tool named by its package URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PackageUrl {
    pub written: String,
    pub ecosystem: Ecosystem,
    /// As advisories of the ecosystem write it.
    pub name: String,
    pub version: Option<String>,
}

impl PackageUrl {
    /// `None` if the text is no package URL.
    pub fn parse(written: &str) -> Option<Self> {
        let Package { ecosystem, name, version, .. } = Purl::parse(written)?.named();
        Some(Self { written: written.to_owned(), ecosystem, name, version })
    }
}

impl<'a> Purl<'a> {
    /// `None` if the text is no package URL.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("pkg:")?;
        let rest = rest.trim_start_matches('/');
        let start = text.len() - rest.len();
        let (rest, _subpath) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (purl_type, path_and_version) = path.split_once('/')?;
        let name_start = start + purl_type.len() + 1;
        // A version may hold `/`, a name may start with `@` (written unencoded by some): the last `@` behind the first character.
        let (full_name, version) = match path_and_version.rfind('@').filter(|at| *at > 0) {
            Some(at) => (&path_and_version[..at], Some(&path_and_version[at + 1..])),
            None => (path_and_version, None),
        };
        let trimmed = full_name.trim_end_matches('/');
        let (namespace, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
        if name.is_empty() || purl_type.is_empty() {
            return None;
        }
        let version_start = name_start + full_name.len() + 1;
        Some(Self {
            kind: purl_type.to_ascii_lowercase(),
            namespace: decode(namespace),
            name: decode(name),
            version: version.filter(|it| !it.is_empty()).map(decode),
            name_range: name_start..name_start + trimmed.len(),
            version_range: version.map(|it| version_start..version_start + it.len()),
            qualifiers,
            qualifiers_start: start + path.len() + 1,
        })
    }

    /// What it names, and where that comes from.
    pub(crate) fn package(self) -> (Package, Source) {
        let package = self.named();
        let source = self.source(&package.ecosystem);
        (package, source)
    }

    fn named(&self) -> Package {
        let slashed = || match &*self.namespace {
            "" => self.name.clone(),
            namespace => format!("{namespace}/{}", self.name),
        };
        let (ecosystem, name) = match &*self.kind {
            "maven" => (Ecosystem::MAVEN, format!("{}:{}", self.namespace, self.name)),
            "deb" | "apk" | "alpine" | "rpm" => match self.distribution() {
                Some(ecosystem) => return self.system_package(ecosystem),
                None => (Ecosystem::new(self.kind.clone()), slashed()),
            },
            other => match Ecosystem::from_purl_type(other) {
                Some(ecosystem) => (ecosystem, slashed()),
                // Kept, so that it is reported as an ecosystem without advisories.
                None => (Ecosystem::new(other.to_owned()), slashed()),
            },
        };
        Package {
            ecosystem,
            name,
            name_range: self.name_range.clone(),
            alias: None,
            version: self.version.clone(),
            version_range: self.version_range.clone(),
        }
    }

    /// Advisories of distributions name source packages; a bill of materials names those as `upstream`.
    fn system_package(&self, ecosystem: Ecosystem) -> Package {
        let mut package = Package {
            ecosystem,
            name: self.name.clone(),
            name_range: self.name_range.clone(),
            alias: None,
            version: self.version.clone(),
            version_range: self.version_range.clone(),
        };
        let epoch = self.qualifier("epoch").map_or("", |(epoch, _)| epoch);
        if let Some(version) =
            package.version.as_mut().filter(|it| !epoch.is_empty() && !it.contains(':'))
        {
            version.insert_str(0, &format!("{epoch}:"));
        }
        let upstream = self.qualifier("upstream").or_else(|| self.qualifier("origin"));
        // RPM gives the file name of the source package (`openssl-1.1.1k-9.src.rpm`), and its advisories the installed ones.
        let Some((upstream, start)) = upstream.filter(|_| self.kind != "rpm") else {
            return package;
        };
        let (name, version) = upstream
            .split_once('@')
            .or_else(|| upstream.split_once("%40"))
            .unwrap_or((upstream, ""));
        if decode(name) != self.name {
            package.alias = Some(std::mem::replace(&mut package.name, decode(name)));
            package.name_range = start..start + name.len();
        }
        if !version.is_empty() {
            package.version = Some(decode(version));
            let end = start + upstream.len();
            package.version_range = Some(end - version.len()..end);
        }
        package
    }

    fn distribution(&self) -> Option<Ecosystem> {
        let distro = self.qualifier("distro").map_or("", |(value, _)| value);
        let release = distro.rsplit_once('-').map_or(distro, |(_, release)| release);
        let is_numeric = release.starts_with(|it: char| it.is_ascii_digit());
        let major = release.split('.').next().unwrap_or("");
        let namespace = self.namespace.to_ascii_lowercase();
        // `pkg:alpine/musl` is an older spelling of `pkg:apk/alpine/musl`.
        let namespace = if namespace.is_empty() { &*self.kind } else { &*namespace };
        let (name, suffix) = match namespace {
            "debian" => (
                "Debian",
                if is_numeric { major.to_owned() } else { debian_release(release).to_owned() },
            ),
            "ubuntu" => ("Ubuntu", if is_numeric { release.to_owned() } else { String::new() }),
            "alpine" => {
                ("Alpine", if is_numeric { alpine_release(release) } else { String::new() })
            }
            "wolfi" => ("Wolfi", String::new()),
            "chainguard" => ("Chainguard", String::new()),
            "redhat" => ("Red Hat", String::new()),
            "almalinux" | "alma" => {
                ("AlmaLinux", if is_numeric { major.to_owned() } else { String::new() })
            }
            "rocky" | "rockylinux" => {
                ("Rocky Linux", if is_numeric { major.to_owned() } else { String::new() })
            }
            _ => return None,
        };
        let full = if suffix.is_empty() { name.to_owned() } else { format!("{name}:{suffix}") };
        Some(Ecosystem::new(full))
    }

    /// Where the package comes from; the public registry if nothing else is said.
    fn source(&self, ecosystem: &Ecosystem) -> Source {
        let value =
            |key| self.qualifier(key).map(|(value, _)| decode(value)).filter(|it| !it.is_empty());
        if let Some(url) = value("vcs_url") {
            return Source::Git { url: without_credentials(&url) };
        }
        if let Some(url) = value("repository_url") {
            let absolute = if url.contains("://") { url } else { format!("https://{url}") };
            return source_of_registry_url(ecosystem, &absolute);
        }
        match value("download_url") {
            Some(url) => match source_of_registry_url(ecosystem, &url) {
                Source::PublicRegistry => Source::PublicRegistry,
                _ => Source::Archive { url: without_credentials(&url) },
            },
            None => Source::PublicRegistry,
        }
    }

    /// A qualifier's value as written, and where it starts.
    fn qualifier(&self, key: &str) -> Option<(&'a str, usize)> {
        let mut start = self.qualifiers_start;
        for pair in self.qualifiers.split('&') {
            if let Some((name, value)) = pair.split_once('=')
                && name.eq_ignore_ascii_case(key)
            {
                return Some((value, start + name.len() + 1));
            }
            start += pair.len() + 1;
        }
        None
    }
}

/// `3.16.2` is of release `v3.16`.
fn alpine_release(version: &str) -> String {
    let mut parts = version.split('.');
    let (major, minor) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    if minor.is_empty() { String::new() } else { format!("v{major}.{minor}") }
}

/// Release numbers of Debian's code names: <https://www.debian.org/releases/>.
fn debian_release(name: &str) -> &'static str {
    match name {
        "wheezy" => "7",
        "jessie" => "8",
        "stretch" => "9",
        "buster" => "10",
        "bullseye" => "11",
        "bookworm" => "12",
        "trixie" => "13",
        _ => "",
    }
}

/// Percent decoding; what is not encoded properly stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let decoded = hex.filter(|_| first == b'%').and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(purl: &str, expected: &str) {
        let (package, source) = Purl::parse(purl).expect("a package URL").package();
        let version = package.version.unwrap_or_default();
        let alias = package.alias.map(|it| format!(" as {it}")).unwrap_or_default();
        let source = if source == Source::PublicRegistry {
            String::new()
        } else {
            format!(" from {source:?}")
        };
        assert_eq!(
            format!("{} {} {version}{alias}{source}", package.ecosystem, package.name),
            expected,
            "{purl}"
        );
    }

    #[test]
    fn types_become_ecosystems() {
        check("pkg:npm/%40angular/core@15.0.0", "npm @angular/core 15.0.0");
        check("pkg:npm/@angular/core@15.0.0", "npm @angular/core 15.0.0");
        check("pkg:maven/org.a/b@1.0?type=jar#x", "Maven org.a:b 1.0");
        check(
            "pkg:golang/github.com/BurntSushi/toml@v1.0.0",
            "Go github.com/BurntSushi/toml v1.0.0",
        );
        check("pkg:pypi/Jinja2@2.0%2Blocal", "PyPI Jinja2 2.0+local");
        check("pkg:gem/rails", "RubyGems rails ");
        check("pkg:generic/openssl@1.1", "generic openssl 1.1");
    }

    #[test]
    fn distributions_are_told_by_qualifiers() {
        check("pkg:deb/debian/curl@7.88?distro=debian-12", "Debian:12 curl 7.88");
        check("pkg:deb/debian/curl@7.88?distro=bookworm", "Debian:12 curl 7.88");
        check(
            "pkg:deb/ubuntu/libcurl4@7.81?epoch=1&distro=ubuntu-22.04&upstream=curl",
            "Ubuntu:22.04 curl 1:7.81 as libcurl4",
        );
        check(
            "pkg:apk/alpine/zlib@1.2.12-r1?distro=3.22.0&origin=zlib",
            "Alpine:v3.22 zlib 1.2.12-r1",
        );
        check(
            "pkg:alpine/musl-utils@1.2.3-r0?upstream=musl&distro=alpine-3.16.2",
            "Alpine:v3.16 musl 1.2.3-r0 as musl-utils",
        );
        check("pkg:rpm/rocky/bash@5.1-1?distro=rocky-8.5", "Rocky Linux:8 bash 5.1-1");
        check("pkg:deb/debian/curl@1:7.88?upstream=src%40other", "Debian src other as curl");
        check("pkg:rpm/atlantis/bash@1", "rpm atlantis/bash 1");
    }

    #[test]
    fn sources_are_told_by_qualifiers() {
        let registry = " from Registry { host: \"npm.corp.example\" }";
        check(
            "pkg:npm/a@1?repository_url=https://npm.corp.example/x",
            &format!("npm a 1{registry}"),
        );
        check("pkg:npm/a@1?repository_url=npm.corp.example", &format!("npm a 1{registry}"));
        check(
            "pkg:npm/a@1?vcs_url=git%2Bssh://x.example/a",
            "npm a 1 from Git { url: \"git+ssh://x.example/a\" }",
        );
        check(
            "pkg:npm/a@1?download_url=https://x.example/a.tgz",
            "npm a 1 from Archive { url: \"https://x.example/a.tgz\" }",
        );
    }

    #[test]
    fn what_is_no_package_url() {
        for text in
            ["", "a", "npm/a@1", "pkg:", "pkg:npm", "pkg:npm/", "pkg:npm//", "pkg:/a", "pkg://"]
        {
            assert!(Purl::parse(text).is_none(), "{text}");
        }
    }
}
