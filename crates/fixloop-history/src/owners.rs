//! `CODEOWNERS`: which team owns a path.
//!
//! Syntax: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>;
//! GitLab's sections (`[Section]`) are read as if they were not there. Patterns are those of `.gitignore` without negation and
//! character classes, and the last one that matches decides. A line without owners makes its paths nobody's.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// More rules than any real file has.
const MAX_RULES: usize = 20_000;

/// The rules of one file.
#[derive(Clone, Debug)]
pub struct Owners {
    rules: Vec<(Gitignore, Option<String>)>,
}

impl Owners {
    /// Lines that are no rule say nothing.
    pub fn parse(text: &str) -> Self {
        let rules = text.lines().filter_map(rule).take(MAX_RULES).collect();
        Self { rules }
    }

    /// The first owner of a path, without `@` and the organisation (`@shop/web` is `web`); people and addresses stay as they are
    /// written.
    pub fn of(&self, path: &str) -> Option<&str> {
        let matching = self
            .rules
            .iter()
            .rev()
            .find(|(pattern, _)| pattern.matched_path_or_any_parents(path, false).is_ignore());
        matching.and_then(|(_, owner)| owner.as_deref())
    }
}

fn rule(line: &str) -> Option<(Gitignore, Option<String>)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '[', '^', '!']) {
        return None;
    }
    let escaped_blank = line.replace("\\ ", "\u{0}");
    let mut words = escaped_blank.split_whitespace();
    let pattern = words.next()?.replace('\u{0}', "\\ ");
    let owner = words.next().filter(|it| !it.starts_with('#')).map(team);
    let mut builder = GitignoreBuilder::new("");
    builder.add_line(None, &pattern).ok()?;
    Some((builder.build().ok()?, owner))
}

fn team(owner: &str) -> String {
    match owner.strip_prefix('@').and_then(|it| it.rsplit_once('/')) {
        Some((_, team)) => team.to_owned(),
        None => owner.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        let owners = Owners::parse(
            "# who\n* @shop/core\n/web/ @shop/web @anna\n*.toml anna@corp.example\n[Payments]\n/web/pay/** @pay\n/old/\n\
             docs/a\\ b/ @shop/docs # words\n!x @shop/no\n",
        );
        assert_eq!(owners.of(path), expected, "{path}");
    }

    #[test]
    fn the_last_rule_that_matches_decides() {
        check("package-lock.json", Some("core"));
        check("web/yarn.lock", Some("web"));
        check("web/pay/yarn.lock", Some("@pay"));
        check("Cargo.toml", Some("anna@corp.example"));
        check("old/go.mod", None);
        check("docs/a b/go.mod", Some("docs"));
        check("x", Some("core"));
    }

    #[test]
    fn no_rules_own_nothing() {
        assert_eq!(Owners::parse("").of("a"), None);
    }
}
