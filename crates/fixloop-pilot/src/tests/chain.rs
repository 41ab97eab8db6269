//! The chain of each arm.

use fixloop_model::Ending;
use fixloop_program::record::LeadingMeasure;

use super::*;
use crate::{Chain, Count, Reading, Unjoined, chain};

fn of(world: &World, pilot: &Pilot, leading: Option<&LeadingMeasure>) -> Chain {
    chain(pilot, &world.targets(), &world.joined(pilot), &world.events, leading)
}

fn count(n: usize, of: usize) -> Count {
    Count { n, of }
}

fn world() -> World {
    let mut world = World::new();
    world.policy(1, 0.1, "web", 3);
    world.policy(2, 0.1, "site", 2);
    world.policy(4, 0.2, "api", 3);
    world.policy(4, 0.3, "api", 0);
    // Treated: present and fixed by a commit; a draft that was prevented; one that nobody acted on.
    world.exposure(("web", LOCK), "a@1", (-10.0, -200.0), Some((5.0, Ending::Upgraded)));
    world.story("1 web/package-lock.json a@1 1+ 2! 2.5=fixed");
    world.story("1 web/package-lock.json b@1 1+ 3=removed");
    world.story("1 web/package-lock.json c@1 4+ 4.5?");
    world.mode = Mode::Observe;
    // The bundle came late to one editor.
    world.story("2 site/package-lock.json d@1 1+");
    // Holdout: the same draft in two installations, and one that lands.
    world.story("4 api/package-lock.json b@1 0.5+ 2=fixed");
    world.story("5 api/package-lock.json b@1 0.75+ 2=fixed");
    world.exposure(("api", LOCK), "e@1", (6.0, -200.0), None);
    world.story("4 api/package-lock.json e@1 5+");
    world
}

#[test]
fn counts_have_denominators() {
    let chain = of(&world(), &pilot(30.0), None);
    let [treated, holdout] = &chain.arms;
    assert_eq!((treated.n_teams, treated.delivered), (1, count(1, 2)));
    assert_eq!(treated.repositories_seen, count(1, 1));
    assert_eq!((treated.seen, treated.acted), (count(3, 4), count(2, 3)));
    assert_eq!((treated.landed, treated.prevented), (count(1, 1), count(1, 1)));
    assert_eq!(treated.classes, BTreeMap::from([("pending", 1), ("present", 1), ("prevented", 1)]));
    assert_eq!(treated.not_useful, BTreeMap::from([("cannot_now", 1)]));
    assert_eq!((holdout.delivered, holdout.n_refused), (count(1, 1), 1));
    assert_eq!((holdout.seen, holdout.acted), (count(2, 2), count(1, 2)));
    assert_eq!((holdout.landed, holdout.prevented), (count(0, 0), count(1, 1)));
    assert_eq!(holdout.classes, BTreeMap::from([("landed", 1), ("prevented", 1)]));
    assert_eq!(chain.unjoinable.n_silent_in_treated, 1);
    assert_eq!(chain.first_telemetry(), Some(day(1.0)));
    assert_eq!(holdout.first_counted, Some(day(0.5)));
}

#[test]
fn nothing_before_the_start_or_after_the_cut_counts() {
    let mut world = World::new();
    world.story("1 web/package-lock.json a@1 -1+ -0.5=fixed");
    world.story("1 web/package-lock.json b@1 9+");
    world.policy(1, -1.0, "web", 3);
    let chain = of(&world, &pilot(8.0), None);
    assert_eq!((chain.arms[0].seen, chain.arms[0].delivered), (count(0, 0), count(0, 2)));
    assert_eq!(chain.first_telemetry(), None);
}

#[test]
fn the_leading_measure_is_read_when_its_hours_are_over() {
    for (step, line, cut, expected) in [
        ("acted", 0.6, 0.9, Reading::TooEarly),
        ("acted", 0.6, 30.0, Reading::OverTheLine),
        ("acted", 0.7, 30.0, Reading::UnderTheLine),
        ("delivered", 0.5, 1.0, Reading::OverTheLine),
        ("prevented", 0.5, 1.0, Reading::TooEarly),
        ("looked at", 0.5, 30.0, Reading::NoSuchStep),
    ] {
        let leading = LeadingMeasure { step: step.to_owned(), line, within_hours: 24 };
        let chain = of(&world(), &pilot(cut), Some(&leading));
        assert_eq!(chain.leading.unwrap().reading, expected, "{step} {line} {cut}");
    }
}

#[test]
fn what_cannot_be_joined_is_counted() {
    let mut world = World::new();
    world.session(1, 1.0);
    world.policy(1, 1.0, "nowhere", 3);
    world.story("1 tools/package-lock.json a@1 1+ 2=fixed");
    world.story("1 web/package-lock.json a@1 1+");
    let again = world.events.clone();
    world.events.extend(again);
    let unjoinable = of(&world, &pilot(30.0), None).unjoinable;
    assert_eq!(unjoinable.n_events, 4);
    let events = BTreeMap::from([(Unjoined::UnknownTarget, 1), (Unjoined::NotInPilot, 2)]);
    assert_eq!(unjoinable.events, events);
    assert_eq!(unjoinable.drafts, BTreeMap::from([(Unjoined::NotInPilot, 1)]));
    assert_eq!(unjoinable.n_drafts, 2);
}
