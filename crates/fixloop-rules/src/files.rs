//! Which files a rule is about.
//!
//! A pattern without `/` is a file's name in any folder; one with `/` starts at the root. `*` does not cross a `/`, `**` does.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

#[derive(Clone, Debug)]
pub(crate) struct FilePatterns {
    set: GlobSet,
    /// A path that the first pattern names, for examples that have none.
    pub(crate) example: String,
}

impl FilePatterns {
    /// # Errors
    /// The place of the pattern that is none, and why.
    pub(crate) fn new(patterns: &[&str]) -> Result<Self, (usize, String)> {
        let mut set = GlobSetBuilder::new();
        for (index, pattern) in patterns.iter().enumerate() {
            let wrong = |it: &globset::Error| (index, it.kind().to_string());
            let anchored = pattern.strip_prefix('/');
            let whole = match anchored {
                Some(it) => it.to_owned(),
                None if pattern.contains('/') => (*pattern).to_owned(),
                None => format!("**/{pattern}"),
            };
            let glob = GlobBuilder::new(&whole).literal_separator(true).build();
            set.add(glob.map_err(|it| wrong(&it))?);
        }
        let set = set.build().map_err(|it| (0, it.kind().to_string()))?;
        let example = example_of(patterns.first().copied().unwrap_or(""));
        Ok(Self { set, example })
    }

    pub(crate) fn names(&self, path: &str) -> bool {
        self.set.is_match(path)
    }
}

/// `**/` goes, the first of `{a,b}` stays, `*` becomes a word.
fn example_of(pattern: &str) -> String {
    let mut out = String::new();
    let pattern = pattern.trim_start_matches('/').replace("**/", "");
    let mut is_alternative = false;
    let mut is_other = false;
    for it in pattern.chars() {
        match it {
            '{' => is_alternative = true,
            '}' => (is_alternative, is_other) = (false, false),
            ',' if is_alternative => is_other = true,
            _ if is_other => {}
            '*' if out.ends_with("example") => {}
            '*' => out.push_str("example"),
            '?' => out.push('x'),
            other => out.push(other),
        }
    }
    out
}
