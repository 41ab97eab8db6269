//! Checks of build configuration that a policy asks for: rule files, and the one that is code.

use fixloop_model::{BuildCheck, Files};
use fixloop_policy::{Bundle, Surface};
use fixloop_rules::Rule;

use crate::commands::NamedRule;
use crate::error::CommandError;

/// The rule that is code, as it merges configuration files.
pub(crate) const DEPENDENCY_CONFUSION: &str = "dependency-confusion";

/// The checks of one run.
#[derive(Default)]
pub(crate) struct BuildChecks {
    rules: Vec<NamedRule>,
    /// Rules that this version does not understand: what they would say is unknown.
    pub(crate) unread: Vec<String>,
}

impl BuildChecks {
    /// Where nobody says anything.
    pub(crate) fn built_in() -> Self {
        Self { rules: vec![NamedRule::Confusion], ..Self::default() }
    }

    /// Those that a person names, each by its file or id.
    ///
    /// # Errors
    /// If there is no such rule, or the file is none.
    pub(crate) fn named(names: &[String]) -> Result<Self, CommandError> {
        let rules = names.iter().map(|it| NamedRule::find(it)).collect::<Result<_, _>>()?;
        Ok(Self { rules, ..Self::default() })
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
                checks.rules.push(NamedRule::Confusion);
                continue;
            }
            let Some(text) = bundle.rules.iter().find(|it| it.id == id) else { continue };
            match Rule::parse(id, &text.text) {
                Ok(rule) => checks.rules.push(NamedRule::Written(Box::new(rule))),
                Err(error) => checks.unread.push(format!("rule `{id}` cannot be used: {error}")),
            }
        }
        checks
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether some check reads a file.
    pub(crate) fn names(&self, path: &str) -> bool {
        self.rules.iter().any(|it| it.names(path))
    }

    pub(crate) fn of(&self, files: &dyn Files) -> Vec<BuildCheck> {
        self.rules.iter().flat_map(|it| it.checks_of(files)).collect()
    }

    /// Of one file that was named by itself: it is checked whatever it is called.
    pub(crate) fn of_file(&self, path: &str, text: &str) -> Vec<BuildCheck> {
        self.rules.iter().flat_map(|it| it.checks_of_file(path, text)).collect()
    }
}
