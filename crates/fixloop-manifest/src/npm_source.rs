//! Where an npm package comes from, by the address that a lockfile has for it.

use fixloop_model::{Ecosystem, Source};

use crate::registry::{host, is_public_host, source_of_registry_url, without_credentials};

/// The source of an address as npm, yarn and pnpm write it: of a tarball, a repository or a folder.
pub(crate) fn source_of_address(address: &str) -> Source {
    const GIT: &[&str] =
        &["git+", "git:", "git@", "ssh:", "github:", "gitlab:", "bitbucket:", "gist:"];
    if GIT.iter().any(|it| address.starts_with(it)) {
        return Source::Git { url: without_credentials(address) };
    }
    let Some(host) = host(address).filter(|_| address.starts_with("http")) else {
        let path = address.strip_prefix("file:").unwrap_or(address);
        return Source::Path { path: Some(path.to_owned()) };
    };
    // Registries serve tarballs below `/-/`, GitHub's below `/download/@owner/`.
    let is_registry = address.contains("/-/") || address.contains("/download/@");
    if is_registry || is_public_host(&Ecosystem::NPM, &host) {
        source_of_registry_url(&Ecosystem::NPM, address)
    } else {
        Source::Archive { url: without_credentials(address) }
    }
}
