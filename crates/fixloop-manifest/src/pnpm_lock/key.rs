//! The keys of `packages`, which lockfile versions write differently.

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    /// Version 5: `/@scope/name/1.2.3_peer@1`.
    Slashes,
    /// Versions 6 and 9: `/@scope/name@1.2.3(peer@1)`, without the first slash since 9.
    At,
}

/// A key in parts, with their offsets.
#[derive(Debug)]
pub(super) struct Key<'k> {
    pub(super) name: &'k str,
    pub(super) name_at: usize,
    /// `None` for a repository, a tarball or a folder.
    pub(super) version: Option<(&'k str, usize)>,
    /// Version 5: the registry, where it is not the usual one.
    pub(super) host: Option<&'k str>,
    /// What stands in place of a version.
    pub(super) rest: &'k str,
}

/// The key up to the peers it was resolved with.
pub(super) fn without_peers(style: Style, key: &str) -> &str {
    match style {
        Style::At => key.split('(').next().unwrap_or(key),
        Style::Slashes => {
            // A name may have underscores; what stands behind the last slash before them may not.
            let version_at = slashes_version_at(key).unwrap_or(key.len());
            let length = key[version_at..].find('_').unwrap_or(key.len() - version_at);
            &key[..version_at + length]
        }
    }
}

/// Where the version of `[host]/@scope/name/1.2.3` begins.
fn slashes_version_at(key: &str) -> Option<usize> {
    let name_at = key.find('/')? + 1;
    let name = &key[name_at..];
    let mut slashes = name.match_indices('/').map(|(at, _)| at);
    let end = if name.starts_with('@') { slashes.nth(1)? } else { slashes.next()? };
    Some(name_at + end + 1)
}

impl<'k> Key<'k> {
    pub(super) fn parse(style: Style, key: &'k str) -> Option<Self> {
        let bare = without_peers(style, key);
        let is_version = |it: &str| it.starts_with(|it: char| it.is_ascii_digit());
        match style {
            Style::Slashes => {
                let none = Key { name: bare, name_at: 0, version: None, host: None, rest: bare };
                let Some(version_at) = slashes_version_at(bare) else {
                    // `file:../x` and the like.
                    return bare.contains(':').then_some(none);
                };
                let name_at = bare.find('/')? + 1;
                let (name, version) = (&bare[name_at..version_at - 1], &bare[version_at..]);
                let host = Some(&bare[..name_at - 1]).filter(|it| !it.is_empty());
                if name.is_empty() {
                    return None;
                }
                if !is_version(version) || version.contains('/') {
                    return Some(Key { name, name_at, version: None, host: None, rest: bare });
                }
                Some(Key { name, name_at, version: Some((version, version_at)), host, rest: bare })
            }
            Style::At => {
                let name_at = usize::from(bare.starts_with('/'));
                let trimmed = &bare[name_at..];
                let at =
                    trimmed.char_indices().skip(1).find(|(_, it)| *it == '@').map(|(at, _)| at);
                let Some(at) = at else {
                    // Version 6 wrote repositories as `github.com/owner/name/commit`.
                    let is_address = bare.contains([':', '/']);
                    return is_address.then_some(Key {
                        name: bare,
                        name_at: 0,
                        version: None,
                        host: None,
                        rest: bare,
                    });
                };
                let (name, version) = (&trimmed[..at], &trimmed[at + 1..]);
                let fixed = is_version(version).then_some((version, name_at + at + 1));
                Some(Key { name, name_at, version: fixed, host: None, rest: version })
            }
        }
    }
}
