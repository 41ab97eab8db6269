//! Addresses that are given to git: only transports that move objects and run nothing of the address's choosing.

use fixloop_manifest::without_credentials;

const SCHEMES: &[&str] = &["https", "http", "ssh", "git", "file"];

/// Whether git may be given this address, else why not.
pub(super) fn check(address: &str) -> Result<(), &'static str> {
    if address.len() > 4096 {
        return Err("it is too long");
    }
    if address.starts_with('-') {
        return Err("git would take it for an option");
    }
    if address.contains(|it: char| it.is_control() || it.is_whitespace()) {
        return Err("it has white space or control characters");
    }
    if let Some((scheme, rest)) = address.split_once("://") {
        if !SCHEMES.contains(&scheme) {
            return Err("its scheme is none of https, http, ssh, git and file");
        }
        let authority = rest.split('/').next().unwrap_or("");
        let host = authority.rsplit('@').next().unwrap_or("");
        return if host.starts_with('-') || authority.starts_with('-') {
            Err("its host would be taken for an option")
        } else if host.is_empty() && scheme != "file" {
            Err("it has no host")
        } else {
            Ok(())
        };
    }
    if is_local(address) {
        return Ok(());
    }
    // `user@host:path`
    let Some((user, rest)) = address.split_once('@') else {
        return Err("it is neither a URL, `user@host:path` nor an absolute path");
    };
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    let Some((host, path)) = rest.split_once(':') else { return Err("it has no path") };
    let is_host = !host.is_empty() && !host.starts_with('-') && host.chars().all(is_plain);
    if user.is_empty() || !user.chars().all(is_plain) || !is_host {
        return Err("its user or host is none");
    }
    if path.is_empty() || path.starts_with([':', '-']) { Err("it has no path") } else { Ok(()) }
}

/// A path of this machine, which must not depend on the folder that the command runs in.
fn is_local(address: &str) -> bool {
    let bytes = address.as_bytes();
    let has_drive = bytes.len() > 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && matches!(bytes[2], b'/' | b'\\');
    address.starts_with('/') || (cfg!(windows) && has_drive)
}

/// The address as it may be printed and stored.
pub(crate) fn shown(address: &str) -> String {
    without_credentials(address)
}
