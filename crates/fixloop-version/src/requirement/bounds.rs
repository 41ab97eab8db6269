//! The ends of what a requirement admits, one interval per alternative.

use super::clauses::{self, Clauses};
use super::comparator::{self, Comparator};
use super::{Kind, Requirement, specifier};
use crate::pep440;
use crate::version::{Key, Version};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Bound {
    pub(super) version: Version,
    pub(super) is_inclusive: bool,
}

/// The smallest interval around one alternative; versions left out in between (`!=`) do not show.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Bounds {
    pub(super) lower: Option<Bound>,
    pub(super) upper: Option<Bound>,
}

impl Bounds {
    pub(super) fn contains(&self, version: &Version) -> bool {
        let is_above = self.lower.as_ref().is_none_or(|it| {
            if it.is_inclusive { it.version <= *version } else { it.version < *version }
        });
        let is_below = self.upper.as_ref().is_none_or(|it| {
            if it.is_inclusive { *version <= it.version } else { *version < it.version }
        });
        is_above && is_below
    }

    fn at_least(&mut self, version: Version, is_inclusive: bool) {
        let is_tighter = self.lower.as_ref().is_none_or(|it| {
            it.version < version || (it.version == version && it.is_inclusive && !is_inclusive)
        });
        if is_tighter {
            self.lower = Some(Bound { version, is_inclusive });
        }
    }

    fn at_most(&mut self, version: Version, is_inclusive: bool) {
        let is_tighter = self.upper.as_ref().is_none_or(|it| {
            version < it.version || (it.version == version && it.is_inclusive && !is_inclusive)
        });
        if is_tighter {
            self.upper = Some(Bound { version, is_inclusive });
        }
    }
}

impl Requirement {
    /// One per alternative, in their order.
    pub(super) fn bounds(&self) -> Vec<Bounds> {
        match &self.kind {
            Kind::SemVer(alternatives) => {
                alternatives.iter().map(|all| of_comparators(all)).collect()
            }
            Kind::Pep440(clauses) => vec![of_specifiers(clauses)],
            Kind::Clauses(clauses) => of_clauses(clauses),
        }
    }
}

fn of_comparators(all: &[Comparator]) -> Bounds {
    use comparator::Operator;
    let mut bounds = Bounds::default();
    for Comparator { operator, key } in all {
        let version = Version::of_key(Key::SemVer(key.clone()));
        match operator {
            Operator::Less => bounds.at_most(version, false),
            Operator::LessOrEqual => bounds.at_most(version, true),
            Operator::Equal => {
                bounds.at_least(version.clone(), true);
                bounds.at_most(version, true);
            }
            Operator::GreaterOrEqual => bounds.at_least(version, true),
            Operator::Greater => bounds.at_least(version, false),
        }
    }
    bounds
}

fn of_specifiers(all: &[specifier::Clause]) -> Bounds {
    let version =
        |it: pep440::Regular| Version::of_key(Key::Pep440(pep440::Key::Regular(Box::new(it))));
    let mut bounds = Bounds::default();
    for clause in all {
        let (lower, upper) = clause.ends();
        if let Some((lower, is_inclusive)) = lower {
            bounds.at_least(version(lower), is_inclusive);
        }
        if let Some((upper, is_inclusive)) = upper {
            bounds.at_most(version(upper), is_inclusive);
        }
    }
    bounds
}

fn of_clauses(clauses: &Clauses) -> Vec<Bounds> {
    use clauses::Operator;
    let of_alternative = |all: &Vec<clauses::Clause>| {
        let mut bounds = Bounds::default();
        for clause in all {
            let version = clause.version.clone();
            match clause.operator {
                Operator::Less => bounds.at_most(version, false),
                Operator::LessOrEqual => bounds.at_most(version, true),
                Operator::Equal => {
                    bounds.at_least(version.clone(), true);
                    bounds.at_most(version, true);
                }
                Operator::NotEqual => {}
                Operator::GreaterOrEqual => bounds.at_least(version, true),
                Operator::Greater => bounds.at_least(version, false),
            }
        }
        // A soft requirement of Maven admits everything; what it asks for is where it begins.
        if let (None, Some(selected)) = (&bounds.lower, &clauses.selected) {
            bounds.at_least(selected.clone(), true);
        }
        bounds
    };
    clauses.alternatives.iter().map(of_alternative).collect()
}
