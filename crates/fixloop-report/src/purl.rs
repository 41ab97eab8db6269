//! Package URLs: <https://github.com/package-url/purl-spec>.

use fixloop_model::Ecosystem;
use packageurl::PackageUrl;

/// The package URL of a component; `None` where its ecosystem has no type or the name does not fit it.
pub fn purl(ecosystem: &str, name: &str, version: Option<&str>) -> Option<String> {
    let ecosystem = Ecosystem::new(ecosystem.to_owned());
    let (purl_type, implied) = match (ecosystem.base(), ecosystem.purl_type()) {
        (_, Some(purl_type)) => (purl_type, None),
        ("Debian", None) => ("deb", Some("debian")),
        ("Ubuntu", None) => ("deb", Some("ubuntu")),
        ("Alpine", None) => ("apk", Some("alpine")),
        ("Wolfi", None) => ("apk", Some("wolfi")),
        ("Chainguard", None) => ("apk", Some("chainguard")),
        ("Red Hat", None) => ("rpm", Some("redhat")),
        _ => return None,
    };
    // Maven separates group and artifact by a colon, all others by the last slash.
    let separator = if purl_type == "maven" { ':' } else { '/' };
    let (namespace, name) = match name.rsplit_once(separator) {
        Some((namespace, name)) => (Some(namespace), name),
        None => (implied, name),
    };
    let mut purl = PackageUrl::new(purl_type, name).ok()?;
    if let Some(namespace) = namespace.filter(|it| !it.is_empty()) {
        purl.with_namespace(namespace).ok()?;
    }
    if let Some(version) = version.filter(|it| !it.is_empty()) {
        purl.with_version(version).ok()?;
    }
    Some(purl.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ecosystem: &str, name: &str, version: &str, expected: Option<&str>) {
        assert_eq!(purl(ecosystem, name, Some(version)).as_deref(), expected);
    }

    #[test]
    fn names_become_package_urls() {
        check("npm", "@a/b", "1.0.0", Some("pkg:npm/%40a/b@1.0.0"));
        check("Maven", "org.x:y", "1", Some("pkg:maven/org.x/y@1"));
        check("Go", "golang.org/x/text", "v0.3.7", Some("pkg:golang/golang.org/x/text@v0.3.7"));
        check("PyPI", "Jinja2", "2.0", Some("pkg:pypi/jinja2@2.0"));
        check("crates.io", "smallvec", "0.6.5", Some("pkg:cargo/smallvec@0.6.5"));
        check("Debian:12", "curl", "7.88", Some("pkg:deb/debian/curl@7.88"));
        check("Atlantis", "x", "1", None);
    }
}
