//! What a change brought.

use fixloop_model::Timestamp;
use fixloop_policy::Change;
use proptest::prelude::*;

use super::{build_check, finding};
use crate::{Compared, Side, compare};

fn side(findings: &[&str], others: &[&str]) -> Side {
    let findings: Vec<_> = findings.iter().map(|it| finding(it)).collect();
    let paths = findings.iter().map(|it| it.path.clone());
    let paths = paths.chain(others.iter().map(|it| (*it).to_owned())).collect();
    Side { findings, checks: Vec::new(), paths }
}

/// Changes of the head's findings in their order, then ids of what is gone.
#[track_caller]
fn check(base: &Side, head: &Side, expected: &[&str], gone: &[&str]) {
    let Compared { findings, fixed, .. } = compare(base, head, None);
    let found: Vec<&str> = findings.iter().map(|it| it.as_str()).collect();
    assert_eq!(found, expected);
    let fixed: Vec<&str> = fixed.iter().map(|it| &*it.ids[0]).collect();
    assert_eq!(fixed, gone);
}

#[test]
fn a_target_package_and_alias_group_is_one_thing() {
    let base = side(&["package-lock.json lodash A high"], &[]);
    check(&base, &base, &["pre-existing"], &[]);
    let both = side(&["package-lock.json lodash A high", "package-lock.json minimist B low"], &[]);
    check(&base, &both, &["pre-existing", "introduced"], &[]);
    check(&both, &base, &["pre-existing"], &["B"]);
    // In another target it is another thing.
    let other =
        side(&["package-lock.json lodash A high", "api/package-lock.json lodash A high"], &[]);
    check(&base, &other, &["pre-existing", "introduced"], &[]);
}

#[test]
fn another_version_is_worse_only_if_there_is_more_or_more_severe() {
    let base = side(&["yarn.lock lodash A high", "yarn.lock lodash B low"], &[]);
    let better = side(&["yarn.lock lodash C high"], &[]);
    check(&base, &better, &["pre-existing"], &["A", "B"]);
    let worse = side(&["yarn.lock lodash C critical"], &[]);
    check(&base, &worse, &["worsened"], &["A", "B"]);
    let more =
        side(&["yarn.lock lodash A high", "yarn.lock lodash B low", "yarn.lock lodash C low"], &[]);
    check(&base, &more, &["pre-existing", "pre-existing", "worsened"], &[]);
}

#[test]
fn what_was_moved_is_not_new() {
    let base = side(&["web/package-lock.json lodash A high"], &[]);
    let moved = side(&["site/package-lock.json lodash A high"], &[]);
    check(&base, &moved, &["pre-existing"], &[]);
    // A copy is.
    let copied =
        side(&["site/package-lock.json lodash A high", "web/package-lock.json lodash A high"], &[]);
    check(&base, &copied, &["introduced", "pre-existing"], &[]);
    // Another package manager's lockfile in its place continues the target.
    let replaced = side(&["web/pnpm-lock.yaml lodash A high"], &[]);
    check(&base, &replaced, &["pre-existing"], &[]);
    // Moved, and something came with it.
    let grown = side(
        &["site/package-lock.json lodash A high", "site/package-lock.json minimist B low"],
        &[],
    );
    check(&base, &grown, &["pre-existing", "introduced"], &[]);
}

#[test]
fn what_nobody_could_know_is_newly_disclosed() {
    let disclosed = |at: i64| {
        let mut side = side(&["yarn.lock lodash A high"], &[]);
        side.findings[0].disclosed = Some(Timestamp(at));
        side
    };
    let change = |at: i64| compare(&disclosed(at), &disclosed(at), Some(Timestamp(100))).findings;
    assert_eq!(change(101), [Change::NewlyDisclosed]);
    assert_eq!(change(100), [Change::PreExisting]);
}

#[test]
fn checks_are_known_by_their_lines_and_then_by_their_number() {
    let side = |checks: &[&str]| Side {
        checks: checks.iter().map(|it| build_check(it)).collect(),
        paths: checks.iter().map(|it| it.split(' ').next().unwrap().to_owned()).collect(),
        ..Side::default()
    };
    let changes = |base: &[&str], head: &[&str]| {
        let compared = compare(&side(base), &side(head), None);
        let words: Vec<&str> = compared.checks.iter().map(|it| it.as_str()).collect();
        (words.join(" "), compared.fixed_checks.len())
    };
    let one = "pip.conf confusion mixed a";
    assert_eq!(changes(&[one], &[one]), ("pre-existing".to_owned(), 0));
    assert_eq!(changes(&[], &[one]), ("introduced".to_owned(), 0));
    assert_eq!(changes(&[one], &[]), (String::new(), 1));
    let edited = "pip.conf confusion mixed b";
    assert_eq!(changes(&[one], &[edited]), ("pre-existing".to_owned(), 0));
    assert_eq!(changes(&[one], &[edited, one]), ("introduced pre-existing".to_owned(), 0));
    assert_eq!(changes(&[one], &["ci/pip.conf confusion mixed a"]), ("pre-existing".to_owned(), 0));
    assert_eq!(changes(&[one], &["pip.conf confusion affected a"]), ("worsened".to_owned(), 0));
    assert_eq!(changes(&["pip.conf confusion safe a"], &[one]), ("introduced".to_owned(), 0));
}

proptest! {
    /// Nothing is new and nothing is gone against oneself, and every finding gets its change.
    #[test]
    fn nothing_is_new_against_itself(
        found in prop::collection::vec(("[ab]/(yarn.lock|package-lock.json)", "[a-c]", "[A-D]"), 0..12),
    ) {
        let texts: Vec<String> =
            found.iter().map(|(path, name, id)| format!("{path} {name} {id} high")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let it = side(&texts, &[]);
        let compared = compare(&it, &it, None);
        prop_assert_eq!(compared.findings.len(), texts.len());
        prop_assert!(compared.findings.iter().all(|it| *it == Change::PreExisting));
        prop_assert!(compared.fixed.is_empty());
        let nothing = compare(&Side::default(), &it, None);
        prop_assert!(nothing.findings.iter().all(|it| it.is_of_this_change()));
    }
}
