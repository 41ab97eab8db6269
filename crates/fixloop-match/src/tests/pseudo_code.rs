//! The evaluation of the OSV schema, transcribed as literally as Rust allows and sharing nothing with the crate but the version
//! order: <https://ossf.github.io/osv-schema/#evaluation>.

use std::cmp::Ordering;

use fixloop_model::{Advisory, Bound, Event, Range, RangeType};
use fixloop_version::Scheme;

/// `IsVulnerable(pkg, version)` over one record; `None` where a version cannot be parsed.
pub(super) fn is_vulnerable(
    ecosystem: &str,
    name: &str,
    version: &str,
    osv: &Advisory,
) -> Option<bool> {
    for affected in &osv.affected {
        let same_name = fixloop_model::normalize_name(ecosystem, &affected.name)
            == fixloop_model::normalize_name(ecosystem, name);
        if affected.ecosystem.as_str() == ecosystem && same_name {
            let scheme = Scheme::for_ecosystem(ecosystem)?;
            if included_in_versions(scheme, version, &affected.versions)?
                || included_in_ranges(scheme, version, &affected.ranges)?
            {
                return Some(true);
            }
        }
    }
    Some(false)
}

fn included_in_versions(scheme: Scheme, version: &str, versions: &[String]) -> Option<bool> {
    for v in versions {
        if compare(scheme, version, v)? == Ordering::Equal {
            return Some(true);
        }
    }
    Some(false)
}

fn included_in_ranges(scheme: Scheme, version: &str, ranges: &[Range]) -> Option<bool> {
    for range in ranges {
        let scheme = match range.range_type {
            RangeType::Ecosystem => scheme,
            RangeType::Semver | RangeType::GoTags => Scheme::SemVer,
        };
        if before_limits(scheme, version, range)? && included_in_range(scheme, version, range)? {
            return Some(true);
        }
    }
    Some(false)
}

fn included_in_range(scheme: Scheme, version: &str, range: &Range) -> Option<bool> {
    let mut vulnerable = false;
    for evt in sorted(scheme, &range.events)? {
        if evt.bound == Bound::Introduced
            && (evt.version == "0" || compare(scheme, version, &evt.version)? != Ordering::Less)
        {
            vulnerable = true;
        } else if evt.bound == Bound::Fixed
            && compare(scheme, version, &evt.version)? != Ordering::Less
            || evt.bound == Bound::LastAffected
                && compare(scheme, version, &evt.version)? == Ordering::Greater
        {
            vulnerable = false;
        }
    }
    Some(vulnerable)
}

fn before_limits(scheme: Scheme, version: &str, range: &Range) -> Option<bool> {
    let limits: Vec<&Event> = range.events.iter().filter(|it| it.bound == Bound::Limit).collect();
    if limits.is_empty() {
        return Some(true);
    }
    for evt in limits {
        if evt.version == "*" || compare(scheme, version, &evt.version)? == Ordering::Less {
            return Some(true);
        }
    }
    Some(false)
}

fn compare(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    Some(scheme.parse(a).ok()?.cmp(&scheme.parse(b).ok()?))
}

/// By insertion, so that events at one version keep the record's order.
fn sorted(scheme: Scheme, events: &[Event]) -> Option<Vec<&Event>> {
    let mut sorted: Vec<&Event> = Vec::new();
    for event in events.iter().filter(|it| it.bound != Bound::Limit) {
        let mut at = sorted.len();
        while at > 0 && is_after(scheme, sorted[at - 1], event)? {
            at -= 1;
        }
        sorted.insert(at, event);
    }
    Some(sorted)
}

fn is_after(scheme: Scheme, a: &Event, b: &Event) -> Option<bool> {
    let is_first = |it: &Event| it.bound == Bound::Introduced && it.version == "0";
    Some(match (is_first(a), is_first(b)) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => compare(scheme, &a.version, &b.version)? == Ordering::Greater,
    })
}
