//! Health and guardrails as text.

use fixloop_model::{Ending, Regression};

use super::*;
use crate::{guardrails, guardrails_csv, health, health_csv};

#[test]
fn what_was_heard_of_each_team() {
    let mut world = World::new();
    // A team that was treated after the bundle came, and one that observes.
    world.session(1, -1.0);
    world.policy(1, 0.5, "web", 3);
    world.mode = Mode::Observe;
    world.story("1 web/package-lock.json a@1 0.25+");
    world.story("2 api/package-lock.json b@1 1+");
    world.mode = Mode::Alert;
    world.story("1 web/package-lock.json b@1 2+ 3.5=fixed");
    world.story("3 tools/package-lock.json b@1 5+");
    // Disclosed during, of a version that was there; and one that came in later.
    world.exposure(("api", LOCK), "c@1", (-400.0, 6.0), Some((30.0, Ending::Removed)));
    world.exposure(("api", LOCK), "d@1", (7.0, 6.0), None);
    let mut pilot = pilot(10.0);
    pilot.arms.insert("z".to_owned(), Arm::Treated);
    let rows = health(&pilot, &world.targets(), &world.mirrors(), &world.events);
    insta::assert_snapshot!(health_csv(&rows), @r"
    team,assigned,received,last_heartbeat,scanner,applicable
    a,treated,treated,3.5,0.0.0,0
    b,holdout,holdout,1,,1
    z,treated,,,,0
    ");
}

#[test]
fn one_alert_in_the_holdout_is_a_crossover() {
    let mut world = World::new();
    world.story("2 api/package-lock.json b@1 1+");
    world.mode = Mode::Observe;
    world.story("2 api/package-lock.json c@1 2+");
    let rows = health(&pilot(10.0), &world.targets(), &world.mirrors(), &world.events);
    assert_eq!(rows[1].received, Some(Arm::Treated));
}

#[test]
fn undone_upgrades_are_bad_fixes() {
    let mut world = World::new();
    let none = guardrails(&pilot(60.0), &world.targets(), &world.mirrors());
    insta::assert_snapshot!(guardrails_csv(&none), @r"
    guardrail,team,numerator,denominator
    bad fixes,,,
    ");
    world.exposure(("web", LOCK), "a@1", (-10.0, -200.0), Some((20.0, Ending::Upgraded)));
    world.exposures[0].regressions = [(1.0, 2.0), (-5.0, 1.0)]
        .map(|(upgraded, reverted)| Regression {
            upgraded: day(upgraded),
            upgrading_commit: format!("{upgraded}"),
            upgraded_version: String::new(),
            reverted: day(reverted),
            reverting_commit: String::new(),
            reverted_version: String::new(),
        })
        .to_vec();
    // Too young to tell, and not an upgrade.
    world.exposure(("api", LOCK), "b@1", (-10.0, -200.0), Some((50.0, Ending::Upgraded)));
    world.exposure(("api", LOCK), "c@1", (-10.0, -200.0), Some((20.0, Ending::Removed)));
    let rows = guardrails(&pilot(60.0), &world.targets(), &world.mirrors());
    insta::assert_snapshot!(guardrails_csv(&rows), @r"
    guardrail,team,numerator,denominator
    bad fixes,a,1,2
    ");
}
