//! Which repository an address means: the same for a clone by SSH, a clone by HTTPS and the fleet's list.

use std::fmt;

/// Host and path of a repository's address, in lower case: `git.example/team/shop`. Of a path on this machine, the path as it is.
///
/// Scheme, user, password, port, query, a trailing `/` and `.git` say how to get there, not what is there. Hosts that give one repository two
/// shapes of address (Azure DevOps) come out alike.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RepositoryId(String);

impl RepositoryId {
    /// Total: anything is an address of something.
    pub fn of_address(address: &str) -> Self {
        let address = address.trim();
        if let Some(rest) = address.strip_prefix("file://") {
            return Self::of_path(rest.strip_prefix("localhost").unwrap_or(rest));
        }
        let Some((host, path)) = host_and_path(address) else { return Self::of_path(address) };
        let path = path.split(['?', '#']).next().unwrap_or("");
        let (host, path) = (host.to_lowercase(), trimmed(path).to_lowercase());
        Self(azure(&host, &path).unwrap_or_else(|| format!("{host}/{path}")))
    }

    fn of_path(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        Self(path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/').to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn trimmed(path: &str) -> &str {
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/')
}

/// Of a URL, or of `user@host:path`; nothing for a path of this machine.
fn host_and_path(address: &str) -> Option<(&str, &str)> {
    if let Some((_, rest)) = address.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or("");
        return Some((without_port(host), path));
    }
    let (before, path) = address.split_once(':')?;
    // `/srv/a:b` and `C:\shop` are paths.
    if before.contains(['/', '\\']) || before.len() < 2 {
        return None;
    }
    Some((before.rsplit('@').next().unwrap_or(""), path))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

/// `dev.azure.com/ORG/PROJECT/_git/REPOSITORY`, `ssh.dev.azure.com/v3/ORG/PROJECT/REPOSITORY` and `ORG.visualstudio.com/PROJECT/_git/REPOSITORY`.
fn azure(host: &str, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let (organization, project, repository) = match (host, &parts[..]) {
        ("dev.azure.com", [organization, project, "_git", it])
        | ("ssh.dev.azure.com" | "vs-ssh.visualstudio.com", ["v3", organization, project, it]) => {
            (*organization, *project, *it)
        }
        ("dev.azure.com", [organization, "_git", it]) => (*organization, *it, *it),
        (host, [.., project, "_git", it]) => {
            (host.strip_suffix(".visualstudio.com")?, *project, *it)
        }
        _ => return None,
    };
    Some(format!("dev.azure.com/{organization}/{project}/_git/{repository}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(id: &str, addresses: &[&str]) {
        for it in addresses {
            assert_eq!(RepositoryId::of_address(it).as_str(), id, "{it}");
        }
    }

    #[test]
    fn one_repository_has_one_id_however_it_was_cloned() {
        check(
            "git.example/team/shop",
            &[
                "https://git.example/team/shop.git",
                "https://user:secret@git.example:8443/Team/Shop/",
                "ssh://git@git.example:22/team/shop.git",
                "git@git.example:team/shop.git",
                "git.example:team/shop",
                "  https://git.example/team/shop?x=1#y ",
            ],
        );
        check(
            "dev.azure.com/org/web/_git/shop",
            &[
                "https://org@dev.azure.com/org/web/_git/shop",
                "git@ssh.dev.azure.com:v3/org/web/shop",
                "https://org.visualstudio.com/web/_git/shop",
                "https://org.visualstudio.com/DefaultCollection/web/_git/shop",
            ],
        );
        check("dev.azure.com/org/shop/_git/shop", &["https://dev.azure.com/org/_git/shop"]);
    }

    #[test]
    fn paths_are_themselves() {
        check(
            "/srv/Git/shop",
            &["/srv/Git/shop.git", "file:///srv/Git/shop.git/", "/srv/Git/shop"],
        );
        check("C:\\git\\shop", &["C:\\git\\shop.git"]);
        check("/srv/a:b", &["/srv/a:b"]);
        check("", &[""]);
    }
}
