//! Options that say where pip looks, on a command line and on a line of a requirements file alike.

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Name {
    Index,
    Extra,
    Links,
    NoIndex,
    RequireHashes,
    /// `-r` and `-c`.
    Include,
}

/// The options among words, with their values; both `--name value` and `--name=value`.
pub(super) fn among(words: &[String]) -> Vec<(Name, String)> {
    let mut options = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (&**word, None),
        };
        let option = match name {
            "-i" | "--index-url" | "--pypi-url" => Name::Index,
            "--extra-index-url" => Name::Extra,
            "-f" | "--find-links" => Name::Links,
            "--no-index" => Name::NoIndex,
            "--require-hashes" => Name::RequireHashes,
            "-r" | "--requirement" | "-c" | "--constraint" => Name::Include,
            _ => continue,
        };
        let takes_value = !matches!(option, Name::NoIndex | Name::RequireHashes);
        let next = || if takes_value { words.next().map(|it| &**it) } else { None };
        let value = attached.or_else(next).unwrap_or("").to_owned();
        options.push((option, value));
    }
    options
}
