//! Version specifiers of Python: <https://packaging.python.org/en/latest/specifications/version-specifiers/#version-specifiers>.

use crate::number::{Number, trim_zeros};
use crate::pep440::{self, Dev, Key, Pre, Regular};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Clause {
    operator: Operator,
    version: Box<Regular>,
    /// How many release numbers were written.
    n_release: usize,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Operator {
    Compatible,
    Equal,
    NotEqual,
    /// `==1.2.*`.
    Prefix,
    NotPrefix,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
    /// `===`, by text.
    Identical(Box<str>),
}

/// Longer operators before their prefixes.
const OPERATORS: &[&str] = &["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

pub(super) fn parse(text: &str) -> Option<Vec<Clause>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let text = text.strip_suffix(',').unwrap_or(text);
    text.split(',').map(|part| clause(part.trim())).collect()
}

fn clause(text: &str) -> Option<Clause> {
    let symbol = OPERATORS.iter().find(|it| text.starts_with(**it))?;
    let written = text[symbol.len()..].trim();
    // `====1.0` is no text that any version has.
    if written.is_empty() || written.starts_with('=') || written.contains(char::is_whitespace) {
        return None;
    }
    let lower = written.to_ascii_lowercase();
    if *symbol == "===" {
        let (version, n_release) = pep440::regular(&lower).or_else(|| pep440::regular("0"))?;
        return Some(Clause {
            operator: Operator::Identical(lower.into()),
            version: Box::new(version),
            n_release,
        });
    }
    let (lower, is_prefix) = match lower.strip_suffix(".*") {
        Some(prefix) => (prefix, true),
        None => (&*lower, false),
    };
    let (version, n_release) = pep440::regular(lower)?;
    let operator = match (*symbol, is_prefix) {
        ("==", true) => Operator::Prefix,
        ("!=", true) => Operator::NotPrefix,
        (_, true) => return None,
        // One number cannot be compatible with another release.
        ("~=", _) => (n_release > 1).then_some(Operator::Compatible)?,
        ("==", _) => Operator::Equal,
        ("!=", _) => Operator::NotEqual,
        ("<=", _) => Operator::LessOrEqual,
        (">=", _) => Operator::GreaterOrEqual,
        ("<", _) => Operator::Less,
        _ => Operator::Greater,
    };
    Some(Clause { operator, version: Box::new(version), n_release })
}

/// Legacy versions are admitted by `===` only.
pub(super) fn admit(clauses: &[Clause], key: &Key, text: &str) -> bool {
    let Key::Regular(version) = key else {
        let is_it = |it: &Clause| matches!(&it.operator, Operator::Identical(wanted) if wanted.eq_ignore_ascii_case(text));
        return !clauses.is_empty() && clauses.iter().all(is_it);
    };
    let names_prerelease = |it: &Clause| {
        let excludes = matches!(
            it.operator,
            Operator::NotEqual | Operator::NotPrefix | Operator::Less | Operator::Greater
        );
        !excludes && (it.version.pre != Pre::Final || it.version.dev != Dev::None)
    };
    (!key.is_prerelease() || clauses.iter().any(names_prerelease))
        && clauses.iter().all(|it| it.holds(version, text))
}

pub(super) fn is_exact(clauses: &[Clause]) -> bool {
    matches!(clauses, [Clause { operator: Operator::Equal | Operator::Identical(_), .. }])
}

/// An end of an interval, and whether it belongs to it.
type End = Option<(Regular, bool)>;

impl Clause {
    /// Where the interval around what it admits begins and ends.
    pub(super) fn ends(&self) -> (End, End) {
        let wanted = (*self.version).clone();
        match &self.operator {
            Operator::NotEqual | Operator::NotPrefix => (None, None),
            Operator::Identical(_) | Operator::Equal => {
                (Some((wanted.clone(), true)), Some((wanted, true)))
            }
            Operator::Compatible => {
                let end = self.end_of_prefix(self.n_release - 1);
                (Some((wanted, true)), Some((end, false)))
            }
            Operator::Prefix => {
                (Some((wanted, true)), Some((self.end_of_prefix(self.n_release), false)))
            }
            Operator::GreaterOrEqual => (Some((wanted, true)), None),
            Operator::Greater => (Some((wanted, false)), None),
            Operator::LessOrEqual => (None, Some((wanted, true))),
            Operator::Less => (None, Some((wanted, false))),
        }
    }

    /// The first version behind those whose first `n` release numbers are these.
    fn end_of_prefix(&self, n: usize) -> Regular {
        let mut release = self.version.release.clone();
        release.resize(n.max(1), Number::ZERO);
        if let Some(last) = release.last_mut() {
            *last = last.successor();
        }
        Regular {
            epoch: self.version.epoch.clone(),
            release,
            pre: Pre::OnlyDev,
            post: None,
            dev: Dev::Dev(Number::ZERO),
            local: Box::default(),
        }
    }

    fn holds(&self, version: &Regular, text: &str) -> bool {
        let wanted = &*self.version;
        match &self.operator {
            Operator::Identical(written) => written.eq_ignore_ascii_case(text.trim()),
            Operator::Equal => self.equals(version),
            Operator::NotEqual => !self.equals(version),
            Operator::Prefix => self.has_prefix(version, self.n_release),
            Operator::NotPrefix => !self.has_prefix(version, self.n_release),
            Operator::Compatible => {
                without_local(version) >= *wanted && self.has_prefix(version, self.n_release - 1)
            }
            Operator::LessOrEqual => without_local(version) <= *wanted,
            Operator::GreaterOrEqual => without_local(version) >= *wanted,
            // `<1.0` leaves out the prereleases of 1.0, `>1.0` its post releases and local versions.
            Operator::Less => {
                let is_its_prerelease = base(version) == base(wanted)
                    && is_prerelease(version)
                    && !is_prerelease(wanted);
                version < wanted && !is_its_prerelease
            }
            Operator::Greater => {
                let is_its_post = base(version) == base(wanted)
                    && version.post.is_some()
                    && wanted.post.is_none();
                let is_its_local = base(version) == base(wanted) && !version.local.is_empty();
                version > wanted && !is_its_post && !is_its_local
            }
        }
    }

    /// A local version counts only if the clause names one.
    fn equals(&self, version: &Regular) -> bool {
        if self.version.local.is_empty() {
            without_local(version) == *self.version
        } else {
            *version == *self.version
        }
    }

    fn has_prefix(&self, version: &Regular, n_release: usize) -> bool {
        let numbers = |it: &Regular| {
            let mut numbers: Vec<Number> = it.release.iter().take(n_release).cloned().collect();
            trim_zeros(&mut numbers);
            numbers
        };
        let is_release_prefix =
            version.epoch == self.version.epoch && numbers(version) == numbers(&self.version);
        // A prefix may end in a prerelease (`==1.1a1.*`), which then has to be the same.
        let pre = &self.version.pre;
        let is_pre = n_release < self.n_release || *pre == Pre::Final || *pre == version.pre;
        is_release_prefix && is_pre
    }
}

fn without_local(version: &Regular) -> Regular {
    Regular { local: Box::default(), ..version.clone() }
}

fn base(version: &Regular) -> (&Number, &[Number]) {
    (&version.epoch, &version.release)
}

fn is_prerelease(version: &Regular) -> bool {
    version.pre != Pre::Final || version.dev != Dev::None
}
