//! References in versions of Maven and `MSBuild`: `${x}` and `$(x)`.

use std::collections::HashMap;

use fixloop_model::{Component, Declaration, Span};

/// References are followed this deep, and a value grows no longer than this, so that no set of properties can explode.
const MAX_DEPTH: usize = 8;
const MAX_LENGTH: usize = 4096;

/// A place in one of the files that are read together; `None` is the file itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Origin {
    pub(crate) file: Option<String>,
    pub(crate) span: Span,
}

/// A value with the place where it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Placed {
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

impl Placed {
    /// Writes into `component` that this is its version, where `fixed` (a part of the value) is one, and else its requirement.
    pub(crate) fn put_into(&self, component: &mut Component, fixed: Option<&str>) {
        // `[1.0]` has brackets around the version.
        let at = fixed.and_then(|it| self.value.find(it)).unwrap_or(0);
        let length = fixed.map_or(self.value.len(), str::len);
        let written = self.origin.span;
        // Where it is put together from several places, the whole reference is what can be pointed at.
        let span = if written.range().len() == self.value.len() {
            let start = written.range().start + at;
            Span::new(start, start + length)
        } else {
            written
        };
        match &self.origin.file {
            None => component.version_span = Some(span),
            Some(path) => {
                component.declared = Some(Declaration { path: path.clone(), span });
            }
        }
        match fixed {
            Some(version) => component.version = Some(version.to_owned()),
            None => component.requirement = Some(self.value.clone()),
        }
    }
}

/// Properties by name, and the two marks that a reference stands between.
pub(crate) struct Properties {
    pub(crate) by_name: HashMap<String, Placed>,
    pub(crate) marks: (&'static str, char),
}

impl Properties {
    /// The first definition of a name stays: it is the nearest.
    pub(crate) fn define(&mut self, name: &str, value: impl Into<String>, origin: Origin) {
        let placed = || Placed { value: value.into(), origin };
        self.by_name.entry(name.to_owned()).or_insert_with(placed);
    }

    /// `written` with its references resolved; `None` if one is not known. Where it is one reference and nothing else, the origin is
    /// where that leads to.
    pub(crate) fn resolve(&self, written: &Placed) -> Option<Placed> {
        let mut placed = written.clone();
        for _ in 0..MAX_DEPTH {
            if !placed.value.contains(self.marks.0) {
                return Some(placed);
            }
            placed = self.step(placed)?;
            if placed.value.len() > MAX_LENGTH {
                return None;
            }
        }
        None
    }

    fn step(&self, placed: Placed) -> Option<Placed> {
        let (open, close) = self.marks;
        let is_one = placed.value.starts_with(open)
            && placed.value.find(close) == Some(placed.value.len() - 1);
        if is_one {
            return self.get(&placed.value[open.len()..placed.value.len() - 1]).cloned();
        }
        let mut out = String::new();
        let mut rest = &*placed.value;
        while let Some((before, after)) = rest.split_once(open) {
            let (name, after) = after.split_once(close)?;
            out.push_str(before);
            out.push_str(&self.get(name)?.value);
            rest = after;
            if out.len() > MAX_LENGTH {
                return None;
            }
        }
        out.push_str(rest);
        Some(Placed { value: out, origin: placed.origin })
    }

    fn get(&self, name: &str) -> Option<&Placed> {
        self.by_name.get(name.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(value: &str, at: usize) -> Placed {
        Placed { value: value.to_owned(), origin: Origin { file: None, span: Span::new(at, at) } }
    }

    #[track_caller]
    fn check(written: &str, expected: Option<(&str, usize)>) {
        let mut properties = Properties { by_name: HashMap::new(), marks: ("${", '}') };
        let define = [("a", "1.0"), ("b", "${a}"), ("c", "${c}"), ("d", "${a}-${b}")];
        for (at, (name, value)) in define.into_iter().enumerate() {
            properties.define(name, value, placed("", at + 1).origin);
        }
        properties.define("x0", "lol".repeat(9), placed("", 9).origin);
        for index in 1..9 {
            let value = format!("${{x{}}}", index - 1).repeat(9);
            properties.define(&format!("x{index}"), value, placed("", 9).origin);
        }
        let found = properties.resolve(&placed(written, 0));
        let expected = expected.map(|(value, at)| placed(value, at));
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn references_lead_to_the_literal() {
        check("2.0", Some(("2.0", 0)));
        check("${a}", Some(("1.0", 1)));
        check("${b}", Some(("1.0", 1)));
        check("${a}.RELEASE", Some(("1.0.RELEASE", 0)));
        check("${d}", Some(("1.0-1.0", 4)));
    }

    #[test]
    fn what_is_not_known_has_no_value() {
        check("${missing}", None);
        check("${a}${missing}", None);
        check("${a", None);
        check("${c}", None);
        check("${x8}", None);
    }
}
