//! Checks of build configuration that a policy asks for, or somebody by name.

use fixloop_model::{BuildCheck, Files};
use fixloop_policy::{Bundle, Surface};
use fixloop_rules::Rule;

use crate::build_rule::BuildRule;

/// The checks of one run.
#[derive(Debug, Default)]
pub struct BuildChecks {
    rules: Vec<BuildRule>,
    /// Rules that this version does not understand: what they would say is unknown.
    pub unread: Vec<String>,
}

impl From<Vec<BuildRule>> for BuildChecks {
    fn from(rules: Vec<BuildRule>) -> Self {
        Self { rules, unread: Vec::new() }
    }
}

impl BuildChecks {
    /// Where nobody says anything.
    pub fn built_in() -> Self {
        Self::from(vec![BuildRule::Confusion])
    }

    /// What the bundle's campaigns, and its treatments of a surface, name.
    pub fn of_bundle(bundle: &Bundle, surface: Surface) -> Self {
        let treatments = bundle.treatments.iter().filter(|it| it.surface == surface);
        let of_treatments = treatments.filter_map(|it| it.rule.as_deref());
        let of_campaigns =
            bundle.campaigns.iter().flat_map(|it| it.rules.iter().map(String::as_str));
        let mut wanted: Vec<&str> = of_treatments.chain(of_campaigns).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut checks = Self::default();
        for id in wanted {
            if id == fixloop_confusion::RULE {
                checks.rules.push(BuildRule::Confusion);
                continue;
            }
            let Some(text) = bundle.rules.iter().find(|it| it.id == id) else { continue };
            match Rule::parse(id, &text.text) {
                Ok(rule) if rule.id() == id => {
                    checks.rules.push(BuildRule::Written(Box::new(rule)));
                }
                Ok(rule) => {
                    let other = rule.id();
                    checks.unread.push(format!("rule `{id}` cannot be used: it is `{other}`"));
                }
                Err(error) => checks.unread.push(format!("rule `{id}` cannot be used: {error}")),
            }
        }
        checks
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether this rule is among them.
    pub fn has(&self, id: &str) -> bool {
        self.rules.iter().any(|it| it.id() == id)
    }

    /// Whether the one that is code is among them: it reads many files of a tree together.
    pub fn has_confusion(&self) -> bool {
        self.has(fixloop_confusion::RULE)
    }

    /// Whether some check reads a file.
    pub fn names(&self, path: &str) -> bool {
        self.rules.iter().any(|it| it.names(path))
    }

    /// What all of them say of a tree.
    pub fn of(&self, files: &dyn Files) -> Vec<BuildCheck> {
        self.rules.iter().flat_map(|it| it.checks_of(files)).collect()
    }

    /// Of one file that was named by itself: it is checked whatever it is called.
    pub fn of_file(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        self.rules.iter().flat_map(|it| it.checks_of_file(path, text)).collect()
    }

    /// Whether a rule that reads one file at a time reads this one.
    pub fn names_alone(&self, path: &str) -> bool {
        self.written().any(|it| it.names(path))
    }

    /// What the rules that read one file at a time say of this one.
    pub fn alone(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        let named = self.written().filter(|it| it.names(path));
        named.flat_map(|it| it.check_file(path, text)).collect()
    }

    fn written(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter_map(|it| match it {
            BuildRule::Written(rule) => Some(&**rule),
            BuildRule::Confusion => None,
        })
    }
}
