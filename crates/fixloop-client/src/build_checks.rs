//! Checks of build configuration that a policy asks for: rule files, and the one that is code.

use fixloop_model::{BuildCheck, Files};
use fixloop_policy::{Bundle, Surface};
use fixloop_rules::Rule;

/// The checks of one run.
#[derive(Debug, Default)]
pub struct BuildChecks {
    rules: Vec<Rule>,
    has_confusion: bool,
    /// Rules that this version does not understand: what they would say is unknown.
    pub unread: Vec<String>,
}

impl BuildChecks {
    /// Where nobody says anything.
    pub fn built_in() -> Self {
        Self { has_confusion: true, ..Self::default() }
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
                checks.has_confusion = true;
                continue;
            }
            let Some(text) = bundle.rules.iter().find(|it| it.id == id) else { continue };
            match Rule::parse(id, &text.text) {
                Ok(rule) if rule.id() == id => checks.rules.push(rule),
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
        self.rules.is_empty() && !self.has_confusion
    }

    /// Whether some check reads a file.
    pub fn names(&self, path: &str) -> bool {
        self.rules.iter().any(|it| it.names(path))
            || self.has_confusion && fixloop_confusion::names(path)
    }

    /// Whether the one that is code is asked for: it reads many files of a tree together.
    pub fn has_confusion(&self) -> bool {
        self.has_confusion
    }

    /// Whether this rule is among them.
    pub fn has(&self, id: &str) -> bool {
        self.rules.iter().any(|it| it.id() == id)
            || self.has_confusion && id == fixloop_confusion::RULE
    }

    /// Whether a rule that reads one file at a time reads this one.
    pub fn names_alone(&self, path: &str) -> bool {
        self.rules.iter().any(|it| it.names(path))
    }

    /// What the rules that read one file at a time say of this one.
    pub fn of_file(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        let named = self.rules.iter().filter(|it| it.names(path));
        named.flat_map(|it| it.check_file(path, text)).collect()
    }

    /// What all of them say of a tree.
    pub fn of(&self, files: &dyn Files) -> Vec<BuildCheck> {
        let mut checks: Vec<BuildCheck> =
            self.rules.iter().flat_map(|it| it.check(files)).collect();
        if self.has_confusion {
            checks.extend(fixloop_confusion::assess(files));
        }
        checks
    }
}
