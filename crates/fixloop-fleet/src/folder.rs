//! The name of a mirror's folder.
//!
//! A repository's name comes from a host or a file and may be anything. Its folder is one path part of plain characters that ends in a
//! digest of the whole name, so that names which read the same (`a/b` and `a.b`, `Shop` and `shop` on a disk without case) stand apart, and
//! neither a reserved name of a system nor `..` can come out.

/// Readable part of a folder's name, in characters.
const MAX_READABLE: usize = 80;

/// The folder of the repository, as `payments.shop-0b5cf4b7d1f1a3c5.git`. The same name gives the same folder, on any machine.
pub(crate) fn folder_name(name: &str) -> String {
    let plain = |it: char| match it {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => it,
        '/' | '.' => '.',
        _ => '_',
    };
    let readable: String = name.chars().take(MAX_READABLE).map(plain).collect();
    format!("{}-{:016x}.git", readable.trim_matches('.'), digest(name))
}

/// FNV-1a, 64 bits: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>. Against mishap, not malice: `sync` refuses two names of
/// one folder.
fn digest(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_read_the_same_have_their_own_folders() {
        let names = ["a/b", "a.b", "A/b", "../a/b", "a\\b", "con", "..", ".", "", "a/b.git"];
        let folders: HashSet<String> =
            names.iter().map(|it| folder_name(it).to_lowercase()).collect();
        assert_eq!(folders.len(), names.len(), "{folders:?}");
        assert_eq!(folder_name("payments/shop"), folder_name("payments/shop"));
        assert!(folder_name("payments/shop").starts_with("payments.shop-"));
    }

    proptest! {
        #[test]
        fn a_folder_is_one_plain_part(name in "(\\.\\.|/|\\\\|:|\0|nul|[ -~]|.){0,120}") {
            let folder = folder_name(&name);
            let parts: Vec<Component<'_>> = Path::new(&folder).components().collect();
            prop_assert!(matches!(parts[..], [Component::Normal(_)]), "{folder}");
            let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
            prop_assert!(folder.chars().all(is_plain), "{folder}");
            prop_assert!(folder.len() <= 104 && !folder.starts_with('.'), "{folder}");
        }
    }
}
