//! Package identity: names that a registry holds to be the same compare equal after normalization.

use std::borrow::Cow;

/// The form of `name` under which `ecosystem` (an OSV name, suffix allowed) looks packages up.
///
/// | ecosystem | rule | source |
/// |---|---|---|
/// | PyPI | lower case, runs of `-`, `_`, `.` become `-` | PEP 503 |
/// | NuGet, Packagist, Hex, Pub, GitHub Actions, Bitnami | ASCII lower case | their registries ignore case |
/// | SwiftURL | lower case without scheme and `.git` | OSV: `SwiftURL` |
/// | all others, Go and npm among them | as written | case is significant |
pub fn normalize_name<'a>(ecosystem: &str, name: &'a str) -> Cow<'a, str> {
    let base = ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base);
    match base {
        "PyPI" => pep503(name),
        "NuGet" | "Packagist" | "Hex" | "Pub" | "GitHub Actions" | "Bitnami" => lower(name),
        "SwiftURL" => {
            let name = name.strip_prefix("https://").unwrap_or(name);
            lower(name.strip_suffix(".git").unwrap_or(name))
        }
        _ => Cow::Borrowed(name),
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|it| it.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

fn pep503(name: &str) -> Cow<'_, str> {
    let separator = |it: char| matches!(it, '-' | '_' | '.');
    let is_normal = !name.contains("--")
        && !name.chars().any(|it| it.is_ascii_uppercase() || matches!(it, '_' | '.'));
    if is_normal {
        return Cow::Borrowed(name);
    }
    let mut normal = String::with_capacity(name.len());
    for it in name.chars() {
        if !separator(it) {
            normal.push(it.to_ascii_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    Cow::Owned(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ecosystem: &str, name: &str, expected: &str) {
        assert_eq!(normalize_name(ecosystem, name), expected);
    }

    #[test]
    fn names_follow_the_registry() {
        check("PyPI", "Jinja2", "jinja2");
        check("PyPI", "zope._-interface", "zope-interface");
        check("PyPI", "a--b", "a-b");
        check("NuGet", "Newtonsoft.Json", "newtonsoft.json");
        check("Packagist:https://packages.example/8", "Drupal/Core", "drupal/core");
        check("Go", "github.com/BurntSushi/toml", "github.com/BurntSushi/toml");
        check("npm", "JSONStream", "JSONStream");
        check("SwiftURL", "https://github.com/Apple/swift-nio.git", "github.com/apple/swift-nio");
    }
}
