//! Bounds over any version order: what the grammars without rules of their own become.

use crate::scheme::Scheme;
use crate::version::Version;

/// More alternatives or clauses than anybody writes.
const MAX_CLAUSES: usize = 1000;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Clause {
    pub(super) operator: Operator,
    pub(super) version: Version,
}

/// When an installer takes a version that comes before a release.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Prereleases {
    Always,
    /// Only if the requirement names one.
    IfNamed,
    /// Only if [`Clauses::names_prerelease`] is set; bounds are such versions without meaning to.
    IfSet,
}

/// Alternatives, in each of which all clauses hold; an empty alternative admits everything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Clauses {
    pub(super) scheme: Scheme,
    pub(super) alternatives: Vec<Vec<Clause>>,
    pub(super) prereleases: Prereleases,
    /// A prerelease is named by something else than a clause's version: a flag, a floating part.
    pub(super) names_prerelease: bool,
    /// What the installer takes if it exists and nothing asks for more.
    pub(super) selected: Option<Version>,
}

impl Clauses {
    /// `None` if there are more than can be meant.
    pub(super) fn new(
        scheme: Scheme,
        alternatives: Vec<Vec<Clause>>,
        prereleases: Prereleases,
    ) -> Option<Self> {
        let n_clauses: usize = alternatives.iter().map(|it| it.len() + 1).sum();
        (n_clauses <= MAX_CLAUSES).then_some(Self {
            scheme,
            alternatives,
            prereleases,
            names_prerelease: false,
            selected: None,
        })
    }

    pub(super) fn admit(&self, version: &Version) -> bool {
        version.scheme() == self.scheme
            && self.alternatives.iter().any(|all| {
                let is_let_in = !version.is_prerelease()
                    || self.prereleases == Prereleases::Always
                    || self.names_prerelease
                    || (self.prereleases == Prereleases::IfNamed
                        && all.iter().any(Clause::names_prerelease));
                is_let_in && all.iter().all(|it| it.holds(version))
            })
    }

    pub(super) fn exact(&self) -> Option<&str> {
        match &self.alternatives[..] {
            [all] => match &all[..] {
                [Clause { operator: Operator::Equal, version }] => Some(version.as_str()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Clause {
    pub(super) fn new(operator: Operator, scheme: Scheme, version: &str) -> Option<Self> {
        Some(Self { operator, version: scheme.parse(version).ok()? })
    }

    fn holds(&self, version: &Version) -> bool {
        match self.operator {
            Operator::Less => *version < self.version,
            Operator::LessOrEqual => *version <= self.version,
            Operator::Equal => *version == self.version,
            Operator::NotEqual => *version != self.version,
            Operator::GreaterOrEqual => *version >= self.version,
            Operator::Greater => *version > self.version,
        }
    }

    /// An upper bound that shuts prereleases out (`<2-0`) is not meant to let them in.
    fn names_prerelease(&self) -> bool {
        !matches!(self.operator, Operator::Less | Operator::NotEqual)
            && self.version.is_prerelease()
    }
}

/// The operator that `text` begins with, and what follows without blanks; `=` and nothing mean [`Operator::Equal`].
pub(super) fn operator(text: &str) -> (Option<Operator>, &str) {
    const SYMBOLS: &[(&str, Operator)] = &[
        (">=", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("!=", Operator::NotEqual),
        ("<>", Operator::NotEqual),
        ("==", Operator::Equal),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("=", Operator::Equal),
    ];
    for (symbol, operator) in SYMBOLS {
        if let Some(rest) = text.strip_prefix(symbol) {
            return (Some(*operator), rest.trim_start());
        }
    }
    (None, text)
}

/// The numbers at the start of a version, and what follows them: `1.2-rc` is `[1, 2]` and `-rc`.
pub(super) fn numbers(version: &str) -> (Vec<&str>, &str) {
    let end = version.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(version.len());
    let digits = version[..end].trim_end_matches('.');
    let parts = digits.split('.').filter(|it| !it.is_empty()).collect();
    (parts, &version[digits.len()..])
}

/// The first `n` numbers, the last of them raised by one: the next release line.
pub(super) fn raised(numbers: &[&str], n: usize) -> Option<String> {
    let kept = numbers.get(..n)?;
    let (last, before) = kept.split_last()?;
    let next = crate::number::Number::parse(last)?.successor();
    let mut out = before.join(".");
    if !before.is_empty() {
        out.push('.');
    }
    out.push_str(&next.to_string());
    Some(out)
}
