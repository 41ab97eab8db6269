//! The organization's own advisories beside the public ones.

use fixloop_model::Source;

use super::{component, index, record};
use crate::{Known, check_both, check_requirement_both};

fn affected(id: &str, fixed: &str) -> String {
    let range = format!(
        r#""ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]"#
    );
    record(id, "npm", &range)
}

/// What affects `a` at this version, and what clears all of it.
#[track_caller]
fn check(public: &[String], own: &[String], source: Source, version: &str, expected: &str) {
    let (public, own) = (index(public), index(own));
    let (public, own) = (Known::new(&public), Known::new(&own));
    let component = fixloop_model::Component { source, ..component("npm", "a", version) };
    let checked = check_both(&public, Some(&own), &component, &[]).unwrap();
    let told = checked.matches.iter().map(|it| {
        format!("{}: {}", it.ids[0], it.fixed_version.as_deref().unwrap_or("nothing clears it"))
    });
    assert_eq!(told.collect::<Vec<_>>().join(", "), expected);
}

#[test]
fn what_clears_one_has_to_clear_both() {
    let (lower, higher) = ([affected("X-1", "1.2.0")], [affected("OWN-1", "1.3.0")]);
    let public = || Source::PublicRegistry;
    check(&lower, &[], public(), "1.0.0", "X-1: 1.2.0");
    check(&[], &higher, public(), "1.0.0", "OWN-1: 1.3.0");
    check(&lower, &higher, public(), "1.0.0", "X-1: 1.3.0, OWN-1: 1.3.0");
    check(&higher, &lower, public(), "1.0.0", "OWN-1: 1.3.0, X-1: 1.3.0");
    check(&lower, &higher, public(), "1.2.0", "OWN-1: 1.3.0");
    check(&lower, &higher, public(), "1.3.0", "");
    // Nothing of their own clears what the other index says of every version.
    let all =
        [record("OWN-2", "npm", r#""ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]"#)];
    check(&lower, &all, public(), "1.0.0", "X-1: nothing clears it, OWN-2: nothing clears it");
}

#[test]
fn own_advisories_are_about_packages_of_any_registry() {
    let own = [affected("OWN-1", "1.3.0")];
    let private = Source::Registry { host: "npm.corp.example".to_owned() };
    check(&[affected("X-1", "1.2.0")], &own, private, "1.0.0", "OWN-1: 1.3.0");
    check(&[], &own, Source::Unknown, "1.0.0", "OWN-1: 1.3.0");
    check(&[], &own, Source::Workspace, "1.0.0", "");
}

#[test]
fn a_requirement_is_told_at_one_version() {
    let (public, own) = (index(&[affected("X-1", "1.2.0")]), index(&[affected("OWN-1", "1.3.0")]));
    let (public, own) = (Known::new(&public), Known::new(&own));
    let asked = |requirement: &str| {
        let mut asked = component("npm", "a", "");
        (asked.version, asked.requirement) = (None, Some(requirement.to_owned()));
        let told = check_requirement_both(&public, Some(&own), &asked, &[]).unwrap();
        let ids: Vec<String> = told.checked.matches.iter().map(|it| it.ids[0].clone()).collect();
        (told.version.unwrap_or_default(), ids.join(" "))
    };
    let both = |version: &str, ids: &str| (version.to_owned(), ids.to_owned());
    assert_eq!(asked("^1.0.0"), both("1.0.0", "X-1 OWN-1"));
    assert_eq!(asked("^1.2.0"), both("1.2.0", "OWN-1"));
    assert_eq!(asked("^1.3.0").1, "");
}
