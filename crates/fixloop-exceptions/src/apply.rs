//! Findings against exceptions.

use std::collections::HashMap;

use fixloop_model::{BuildCheck, Class, Finding, Place, Position, Suppressed, normalize_name};
use jiff::civil::Date;

use crate::exception::{Exception, Exceptions, Fault};

/// What became of the findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Those that no exception covers, and one for each exception that is expired, unused or broken.
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
}

/// Takes out the findings that an exception covers on `today`. The first exception of the file that covers one is the one named, and
/// the one that is of use.
///
/// Linear in findings and exceptions, but for exceptions of the same id or package.
pub fn apply(exceptions: &Exceptions, findings: Vec<Finding>, today: Date) -> Applied {
    let all = &exceptions.exceptions;
    let is_expired = |it: &Exception| it.expires.is_some_and(|day| day < today);
    let lookup = Lookup::of(all);
    let mut is_used = vec![false; all.len()];
    let mut holds_at: HashMap<String, Vec<bool>> = HashMap::new();
    let mut applied = Applied::default();
    for finding in findings {
        // Findings are many and paths are few.
        let holds_here = holds_at.entry(finding.path.clone()).or_insert_with(|| {
            all.iter().map(|it| it.holds_at(&finding.path)).collect::<Vec<bool>>()
        });
        let mut covering = None;
        for index in lookup.candidates(&finding) {
            if holds_here[index] && all[index].is_about(&finding) {
                // An expired one was of use once: that it expired is said, not that it covers nothing.
                is_used[index] = true;
                if !is_expired(&all[index]) {
                    covering = Some(&all[index]);
                    break;
                }
            }
        }
        match covering {
            Some(exception) => applied.suppressed.push(suppressed(exception, finding)),
            None => applied.findings.push(finding),
        }
    }
    for (exception, is_used) in all.iter().zip(is_used) {
        let reason = match exception.expires {
            Some(day) if day < today => format!("this exception expired on {day}: decide again"),
            _ if !is_used && exception.must_be_used => {
                "this exception covers no finding that no earlier one covers: remove it".to_owned()
            }
            _ => continue,
        };
        applied.findings.push(about(exception, reason));
    }
    applied.findings.extend(exceptions.faults.iter().map(of_fault));
    applied
}

/// The exception that covers what a build rule found on `today`, if there is one. What is unknown or safe needs none.
pub fn covering_check<'e>(
    exceptions: &'e Exceptions,
    check: &BuildCheck,
    today: Date,
) -> Option<&'e Exception> {
    exceptions.exceptions.iter().find(|it| {
        check.state.is_finding()
            && it.expires.is_none_or(|day| day >= today)
            && it.is_about_check(check)
    })
}

/// Takes out what an exception covers of what build rules found on `today`.
pub fn apply_to_checks(
    exceptions: &Exceptions,
    checks: Vec<BuildCheck>,
    today: Date,
) -> (Vec<BuildCheck>, Vec<Suppressed>) {
    let (mut left, mut accepted) = (Vec::new(), Vec::new());
    for check in checks {
        let Some(exception) = covering_check(exceptions, &check, today) else {
            left.push(check);
            continue;
        };
        let position = Position { line: check.line.unwrap_or(1), column: 1 };
        let place = Place { path: check.path.clone(), position };
        let (rule, summary) = (check.rule.clone(), check.summary.clone());
        let finding = Finding::of_file(Class::BuildRule, rule, summary, place);
        let check = Some(Box::new(check));
        accepted.push(Suppressed { check, ..suppressed(exception, finding) });
    }
    (left, accepted)
}

fn suppressed(exception: &Exception, finding: Finding) -> Suppressed {
    Suppressed {
        finding,
        check: None,
        place: exception.place.clone(),
        reason: exception.reason.clone(),
        owner: exception.owner.clone(),
        expires: exception.expires.map(|it| it.to_string()),
    }
}

/// The exception that covers one finding on `today`, if there is one. Linear in the exceptions.
pub fn covering<'e>(
    exceptions: &'e Exceptions,
    finding: &Finding,
    today: Date,
) -> Option<&'e Exception> {
    exceptions.exceptions.iter().find(|it| {
        it.expires.is_none_or(|day| day >= today)
            && it.holds_at(&finding.path)
            && it.is_about(finding)
    })
}

/// Exceptions by what a finding can be looked up by.
struct Lookup<'e> {
    by_id: HashMap<String, Vec<usize>>,
    /// By normalized name, whatever the ecosystem.
    by_name: HashMap<std::borrow::Cow<'e, str>, Vec<usize>>,
}

impl<'e> Lookup<'e> {
    fn of(all: &'e [Exception]) -> Self {
        let mut lookup = Self { by_id: HashMap::new(), by_name: HashMap::new() };
        for (index, it) in all.iter().enumerate() {
            for id in it.id.iter().flat_map(|it| &it.0) {
                lookup.by_id.entry(id.to_ascii_uppercase()).or_default().push(index);
            }
            if it.id.is_none() {
                for package in &it.packages {
                    let name = normalize_name(package.ecosystem.as_str(), &package.name);
                    lookup.by_name.entry(name).or_default().push(index);
                }
            }
        }
        lookup
    }

    /// In the order of the file.
    fn candidates(&self, finding: &Finding) -> Vec<usize> {
        let by_id = finding.ids.iter().filter_map(|id| self.by_id.get(&id.to_ascii_uppercase()));
        let by_name = self.by_name.get(&normalize_name(&finding.ecosystem, &finding.name));
        let mut found: Vec<usize> = by_id.chain(by_name).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn about(exception: &Exception, reason: String) -> Finding {
    Finding::of_file(Class::Exception, exception.subject(), reason, exception.place.clone())
}

fn of_fault(fault: &Fault) -> Finding {
    let Fault { place, subject, reason } = fault.clone();
    Finding::of_file(Class::Exception, subject, reason, place)
}
