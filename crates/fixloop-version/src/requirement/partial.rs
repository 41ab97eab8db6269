//! Versions with missing or wildcard numbers, and the bounds they stand for.

use super::comparator::{Comparator, Operator};
use crate::number::{Number, split_digits};
use crate::semver::{self, Identifier, Key, Stage};

/// `1`, `1.x`, `1.2.*`, `1.2.3-rc.1`: numbers up to the first that is missing or a wildcard.
pub(super) struct Partial {
    numbers: Vec<Number>,
    stage: Stage,
}

impl Partial {
    /// `is_wildcard` says which characters stand for any number.
    pub(super) fn parse(text: &str, is_wildcard: fn(char) -> bool) -> Option<Self> {
        let mut numbers = Vec::new();
        let mut rest = text;
        let mut is_open = false;
        for place in 0..3 {
            let (digits, after) = split_digits(rest);
            if let Some(number) = Number::parse(digits) {
                if !is_open {
                    numbers.push(number);
                }
                rest = after;
            } else {
                rest = rest.strip_prefix(is_wildcard)?;
                is_open = true;
            }
            match rest.strip_prefix('.') {
                Some(next) if place < 2 => rest = next,
                _ => break,
            }
        }
        let rest = rest.split_once('+').map_or(rest, |(version, _)| version);
        let stage = match rest.strip_prefix('-') {
            // Behind a wildcard a prerelease says nothing.
            Some(prerelease) if numbers.len() == 3 => {
                Stage::Prerelease(semver::identifiers(prerelease)?)
            }
            Some(_) => Stage::Release,
            None if rest.is_empty() => Stage::Release,
            None => return None,
        };
        Some(Self { numbers, stage })
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The lowest version it stands for.
    pub(super) fn lowest(&self) -> Key {
        let mut key = self.padded();
        key.stage = self.stage.clone();
        key
    }

    fn padded(&self) -> Key {
        let at = |place: usize| self.numbers.get(place).cloned().unwrap_or(Number::ZERO);
        Key {
            major: at(0),
            minor: at(1),
            patch: at(2),
            extra: Box::default(),
            stage: Stage::Release,
        }
    }

    /// The lowest prerelease of the release that follows when the number at `place` (at most 2) goes up.
    fn next(&self, place: usize) -> Key {
        let mut key = self.padded();
        match place {
            0 => {
                key.major = key.major.successor();
                (key.minor, key.patch) = (Number::ZERO, Number::ZERO);
            }
            1 => {
                key.minor = key.minor.successor();
                key.patch = Number::ZERO;
            }
            _ => key.patch = key.patch.successor(),
        }
        key.stage = Stage::Prerelease(Box::new([Identifier::Number(Number::ZERO)]));
        key
    }

    /// What an operator makes of it, for those that npm and Cargo share.
    pub(super) fn with_operator(&self, operator: &str) -> Option<Vec<Comparator>> {
        Some(match operator {
            "=" => self.equal(),
            "~" => self.tilde(),
            "^" => self.caret(),
            ">=" => vec![self.at_least()],
            ">" => vec![self.above()],
            "<=" => vec![self.at_most()],
            "<" => vec![self.below()],
            _ => return None,
        })
    }

    /// `=1.2.3` is one version, `=1.2` all of that prefix, `*` all.
    pub(super) fn equal(&self) -> Vec<Comparator> {
        match self.len() {
            0 => vec![self.at_least()],
            3 => vec![Comparator::new(Operator::Equal, self.lowest())],
            len => vec![self.at_least(), Comparator::new(Operator::Less, self.next(len - 1))],
        }
    }

    /// `~1.2.3`: the patch may go up, and the minor where none is given.
    fn tilde(&self) -> Vec<Comparator> {
        match self.len() {
            0 => vec![self.at_least()],
            len => {
                vec![self.at_least(), Comparator::new(Operator::Less, self.next((len - 1).min(1)))]
            }
        }
    }

    /// `^1.2.3`: everything to the right of the first number that is not 0 may go up.
    fn caret(&self) -> Vec<Comparator> {
        let Some(last) = self.len().checked_sub(1) else { return vec![self.at_least()] };
        let first = self.numbers.iter().position(|it| *it != Number::ZERO).unwrap_or(last);
        vec![self.at_least(), Comparator::new(Operator::Less, self.next(first))]
    }

    pub(super) fn at_least(&self) -> Comparator {
        Comparator::new(Operator::GreaterOrEqual, self.lowest())
    }

    /// `>1.2` is above all of 1.2.
    fn above(&self) -> Comparator {
        match self.len() {
            // Nothing is above everything.
            0 => Comparator::new(Operator::Less, self.first_prerelease()),
            3 => Comparator::new(Operator::Greater, self.lowest()),
            len => {
                let mut next = self.next(len - 1);
                next.stage = Stage::Release;
                Comparator::new(Operator::GreaterOrEqual, next)
            }
        }
    }

    pub(super) fn at_most(&self) -> Comparator {
        match self.len() {
            0 => self.at_least(),
            3 => Comparator::new(Operator::LessOrEqual, self.lowest()),
            len => Comparator::new(Operator::Less, self.next(len - 1)),
        }
    }

    fn below(&self) -> Comparator {
        match self.len() {
            3 => Comparator::new(Operator::Less, self.lowest()),
            _ => Comparator::new(Operator::Less, self.first_prerelease()),
        }
    }

    fn first_prerelease(&self) -> Key {
        let mut key = self.padded();
        key.stage = Stage::Prerelease(Box::new([Identifier::Number(Number::ZERO)]));
        key
    }
}
