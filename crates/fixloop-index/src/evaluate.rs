//! Whether a version lies in a range: the evaluation of the OSV schema.
//!
//! Source: <https://ossf.github.io/osv-schema/#evaluation>. The schema leaves open which of two events at one version comes first;
//! here the one that changes the state does, so `[0, 1) [1, 2)` holds 1 and `[1, 1)` holds nothing.

use fixloop_model::{Bound, RangeType};
use fixloop_version::{InvalidVersion, Scheme, Version};

/// Before every version, where a range is introduced; after every version, where it is limited.
const FIRST: &str = "0";
const LAST: &str = "*";

/// A range whose versions are parsed, in evaluation order.
#[derive(Clone, Debug)]
pub struct ParsedRange {
    pub scheme: Scheme,
    events: Vec<ParsedEvent>,
}

#[derive(Clone, Debug)]
struct ParsedEvent {
    bound: Bound,
    /// `None` stands before every version, or for a limit after every version.
    version: Option<Version>,
}

/// The scheme that orders a range; `None` if no order is known.
pub fn scheme_of_range(range_type: RangeType, ecosystem: &str) -> Option<Scheme> {
    match range_type {
        RangeType::Semver | RangeType::GoTags => Some(Scheme::SemVer),
        RangeType::Ecosystem => Scheme::for_ecosystem(ecosystem),
    }
}

impl ParsedRange {
    /// Parses events given in any order.
    ///
    /// # Errors
    /// The first version outside the scheme: such a range cannot be evaluated.
    pub fn parse<'e>(
        scheme: Scheme,
        events: impl IntoIterator<Item = (Bound, &'e str)>,
    ) -> Result<Self, InvalidVersion> {
        let parse = |(bound, text)| {
            let version = match (bound, text) {
                (Bound::Limit, LAST) | (Bound::Introduced, FIRST) => None,
                _ => Some(scheme.parse(text)?),
            };
            Ok(ParsedEvent { bound, version })
        };
        let mut events: Vec<ParsedEvent> =
            events.into_iter().map(parse).collect::<Result<_, _>>()?;
        // Limits first, then by version; `None` sorts first, as `introduced: 0` must.
        events.sort_by(|a, b| {
            let is_no_limit = |it: &ParsedEvent| it.bound != Bound::Limit;
            is_no_limit(a).cmp(&is_no_limit(b)).then_with(|| a.version.cmp(&b.version))
        });
        let n_limits = events.iter().take_while(|it| it.bound == Bound::Limit).count();
        let mut is_affected = false;
        for tied in events[n_limits..].chunk_by_mut(|a, b| a.version == b.version) {
            tied.sort_by_key(|it| ((it.bound == Bound::Introduced) == is_affected, it.bound));
            is_affected = tied.last().is_some_and(|it| it.bound == Bound::Introduced);
        }
        Ok(Self { scheme, events })
    }

    /// Whether `version`, which must be of the range's scheme, is affected.
    pub fn contains(&self, version: &Version) -> bool {
        let (mut has_limit, mut is_before_limit, mut is_affected) = (false, false, false);
        for event in &self.events {
            let order = event.version.as_ref().map(|it| version.cmp(it));
            match event.bound {
                Bound::Limit => {
                    has_limit = true;
                    is_before_limit |= order.is_none_or(std::cmp::Ordering::is_lt);
                }
                // Sorted: nothing from here on concerns the version.
                _ if order.is_some_and(std::cmp::Ordering::is_lt) => break,
                Bound::Introduced => is_affected = true,
                Bound::Fixed => is_affected = false,
                Bound::LastAffected => is_affected &= order.is_some_and(std::cmp::Ordering::is_eq),
            }
        }
        is_affected && (!has_limit || is_before_limit)
    }

    /// The versions at which it begins, without "from the first on".
    pub fn introductions(&self) -> impl Iterator<Item = &Version> {
        let begins = self.events.iter().filter(|it| it.bound == Bound::Introduced);
        begins.filter_map(|it| it.version.as_ref())
    }

    /// What the range holds, in words: `>= 1.0, < 1.2.3`. One text per interval.
    pub fn intervals(&self) -> Vec<String> {
        let mut intervals = Vec::new();
        let mut from: Option<Option<&Version>> = None;
        let lower = |from: Option<&Version>| match from {
            Some(version) => format!(">= {version}"),
            None => String::new(),
        };
        let mut limits = Vec::new();
        for event in &self.events {
            match (event.bound, &event.version) {
                (Bound::Limit, Some(version)) => limits.push(format!("< {version}")),
                (Bound::Introduced, version) => from = from.or(Some(version.as_ref())),
                (Bound::Fixed | Bound::LastAffected, Some(version)) => {
                    if let Some(start) = from.take() {
                        let sign = if event.bound == Bound::Fixed { "<" } else { "<=" };
                        let upper = format!("{sign} {version}");
                        let parts = [lower(start), upper];
                        let parts: Vec<String> =
                            parts.into_iter().filter(|it| !it.is_empty()).collect();
                        intervals.push(parts.join(", "));
                    }
                }
                (Bound::Limit | Bound::Fixed | Bound::LastAffected, None) => {}
            }
        }
        if let Some(start) = from {
            let text = lower(start);
            intervals.push(if text.is_empty() { "every version".to_owned() } else { text });
        }
        if !limits.is_empty() {
            let limits = limits.join(" or ");
            for interval in &mut intervals {
                interval.extend([" (only ", &limits, ")"]);
            }
        }
        intervals
    }

    /// Every version at which it begins or ends.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.events.iter().filter_map(|it| it.version.as_ref())
    }

    /// The versions at which the range ends because of a fix.
    pub fn fixes(&self) -> impl Iterator<Item = &Version> {
        let fixed = self.events.iter().filter(|it| it.bound == Bound::Fixed);
        fixed.filter_map(|it| it.version.as_ref())
    }
}
