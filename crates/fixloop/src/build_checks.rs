//! Checks of build configuration that a policy asks for: rule files, and the one that is code.

use fixloop_model::{BuildCheck, Files};
use fixloop_policy::{Bundle, Surface};
use fixloop_rules::Rule;

/// The rule that is code, as it merges configuration files.
pub(crate) const DEPENDENCY_CONFUSION: &str = "dependency-confusion";

/// The checks of one run.
#[derive(Default)]
pub(crate) struct BuildChecks {
    rules: Vec<Rule>,
    has_confusion: bool,
    /// Rules that this version does not understand: what they would say is unknown.
    pub(crate) unread: Vec<String>,
}

impl BuildChecks {
    /// Where nobody says anything.
    pub(crate) fn built_in() -> Self {
        Self { has_confusion: true, ..Self::default() }
    }

    /// What the bundle's campaigns, and its treatments of a surface, name.
    pub(crate) fn of_bundle(bundle: &Bundle, surface: Surface) -> Self {
        let treatments = bundle.treatments.iter().filter(|it| it.surface == surface);
        let of_treatments = treatments.filter_map(|it| it.rule.as_deref());
        let of_campaigns =
            bundle.campaigns.iter().flat_map(|it| it.rules.iter().map(String::as_str));
        let mut wanted: Vec<&str> = of_treatments.chain(of_campaigns).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut checks = Self::default();
        for id in wanted {
            if id == DEPENDENCY_CONFUSION {
                checks.has_confusion = true;
                continue;
            }
            let Some(text) = bundle.rules.iter().find(|it| it.id == id) else { continue };
            match Rule::parse(id, &text.text) {
                Ok(rule) => checks.rules.push(rule),
                Err(error) => checks.unread.push(format!("rule `{id}` cannot be used: {error}")),
            }
        }
        checks
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && !self.has_confusion
    }

    /// Whether some check reads a file.
    pub(crate) fn names(&self, path: &str) -> bool {
        self.rules.iter().any(|it| it.names(path))
            || self.has_confusion && fixloop_confusion::names(path)
    }

    pub(crate) fn of(&self, files: &dyn Files) -> Vec<BuildCheck> {
        let mut checks: Vec<BuildCheck> =
            self.rules.iter().flat_map(|it| it.check(files)).collect();
        if self.has_confusion {
            checks.extend(fixloop_confusion::assess(files));
        }
        checks
    }
}
