//! What became of drafts.

use fixloop_model::Ending;
use fixloop_telemetry::Kind;

use super::*;
use crate::{DraftClass, Unjoined};

const WEB: (&str, &str) = ("web", LOCK);

/// Classes of the drafts at the cut, by when they opened.
#[track_caller]
fn check(world: &World, cut: f64, expected: &[&str]) {
    let joined = world.joined(&pilot(cut));
    let words: Vec<&str> = joined.drafts.iter().map(|it| it.class.as_str()).collect();
    assert_eq!(words, expected);
    let mut seen: Vec<usize> = joined.drafts.iter().flat_map(|it| it.seen.clone()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..joined.seen.len()).collect::<Vec<_>>());
}

fn world(stories: &[&str]) -> World {
    let mut world = World::new();
    for it in stories {
        world.story(it);
    }
    world
}

#[test]
fn what_never_lands_is_prevented_after_14_days() {
    let world = world(&["1 web/package-lock.json lodash@1 1+ 2=fixed"]);
    check(&world, 1.5, &["pending"]);
    check(&world, 16.0, &["pending"]);
    check(&world, 16.1, &["prevented"]);
    check(&self::world(&["1 web/package-lock.json lodash@1 1+ 2=removed"]), 40.0, &["prevented"]);
}

#[test]
fn what_lands_was_introduced_when_it_was_first_shown() {
    let mut world = world(&["1 web/package-lock.json lodash@1 1+"]);
    world.exposure(WEB, "lodash@1", (5.0, -100.0), Some((9.0, Ending::Upgraded)));
    check(&world, 4.0, &["pending"]);
    check(&world, 10.0, &["landed"]);
    let joined = world.joined(&pilot(10.0));
    let it = &joined.opportunities[0];
    assert_eq!((it.introduced, it.start), (day(1.0), day(1.0)));
    // At risk from the commit on: what was prevented would not be here.
    assert_eq!(it.entry, day(5.0));
    assert_eq!(joined.exposures[0].introduced, day(1.0));
    assert_eq!(world.opportunities[0].introduced, day(5.0));
}

#[test]
fn it_is_the_same_in_observe() {
    let mut shown = world(&["1 web/package-lock.json lodash@1 1+"]);
    shown.exposure(WEB, "lodash@1", (5.0, -100.0), None);
    let mut silent = World::new();
    silent.mode = Mode::Observe;
    silent.story("1 web/package-lock.json lodash@1 1+");
    silent.exposure(WEB, "lodash@1", (5.0, -100.0), None);
    let of = |world: &World| world.joined(&pilot(10.0));
    assert_eq!(of(&shown).drafts, of(&silent).drafts);
    assert_eq!(of(&shown).opportunities, of(&silent).opportunities);
}

#[test]
fn the_start_is_not_before_the_disclosure() {
    let mut world = world(&["1 web/package-lock.json lodash@1 1+"]);
    world.exposure(WEB, "lodash@1", (5.0, 3.0), None);
    let joined = world.joined(&pilot(10.0));
    let it = &joined.opportunities[0];
    assert_eq!((it.introduced, it.disclosed, it.start), (day(1.0), day(3.0), day(3.0)));
}

#[test]
fn a_fixed_draft_lands_within_14_days_or_not_at_all() {
    for (introduced, expected) in [(15.9, "landed"), (16.1, "prevented")] {
        let mut world = world(&["1 web/package-lock.json lodash@1 1+ 2=fixed"]);
        world.exposure(WEB, "lodash@1", (introduced, -100.0), None);
        check(&world, 40.0, &[expected]);
    }
    // A closed file decides nothing: it may land whenever that is.
    let mut world = world(&["1 web/package-lock.json lodash@1 1+ 2=closed"]);
    check(&world, 40.0, &["pending"]);
    world.exposure(WEB, "lodash@1", (30.0, -100.0), None);
    check(&world, 40.0, &["landed"]);
}

#[test]
fn what_stands_on_the_default_branch_is_present() {
    let mut world = world(&["1 web/package-lock.json lodash@1 1+ 2=fixed"]);
    world.exposure(WEB, "lodash@1", (-50.0, -100.0), None);
    check(&world, 40.0, &["present"]);
    world.opportunities[0].end = Some(day(0.5));
    world.exposures[0].end = Some(day(0.5));
    check(&world, 40.0, &["prevented"]);
}

#[test]
fn an_advisory_in_common_does_where_the_version_is_another() {
    let mut world = world(&["1 web/package-lock.json lodash@1 1+"]);
    world.exposure(WEB, "lodash@2", (-50.0, -100.0), None);
    check(&world, 40.0, &["present"]);
    world.exposures[0].ids = vec!["CVE-2019-1".to_owned()];
    check(&world, 40.0, &["pending"]);
    world.exposures[0].ecosystem = "PyPI".to_owned();
    world.exposures[0].ids = vec![advisory("lodash")];
    check(&world, 40.0, &["pending"]);
}

#[test]
fn a_lockfile_may_come_after_the_manifest() {
    let mut world = world(&["1 web/package.json lodash@1 1+ 2=fixed"]);
    world.exposure(WEB, "lodash@1", (3.0, -100.0), None);
    check(&world, 40.0, &["landed"]);
    world.exposure(("web", "app/package-lock.json"), "lodash@1", (2.0, -100.0), None);
    let joined = world.joined(&pilot(40.0));
    let expected = DraftClass::Landed { exposure: 0, opportunity: Some(0) };
    assert_eq!(joined.drafts[0].class, expected);
}

#[test]
fn a_commit_of_the_same_second_is_not_before() {
    // Shown half a second after the whole second that git tells.
    let mut world = world(&["1 web/package-lock.json lodash@1 1.0000057870370370+"]);
    world.exposure(WEB, "lodash@1", (1.0, -100.0), None);
    check(&world, 40.0, &["landed"]);
    assert_eq!(world.joined(&pilot(40.0)).opportunities[0].start, day(1.0));
}

#[test]
fn two_installations_see_one_draft() {
    let world = world(&[
        "1 web/package-lock.json lodash@1 1+ 2=fixed",
        "2 web/package-lock.json lodash@1 1.5+ 3=fixed",
    ]);
    check(&world, 17.0, &["pending"]);
    check(&world, 17.1, &["prevented"]);
    assert_eq!(world.joined(&pilot(17.1)).seen.len(), 2);
    // Whoever still has it may land it.
    let world = self::world(&[
        "1 web/package-lock.json lodash@1 1+ 2=fixed",
        "2 web/package-lock.json lodash@1 1.5+",
    ]);
    check(&world, 40.0, &["pending"]);
    // Weeks later it is another one.
    let world = self::world(&[
        "1 web/package-lock.json lodash@1 1+ 2=fixed",
        "2 web/package-lock.json lodash@1 20+ 21=suppressed",
    ]);
    check(&world, 40.0, &["prevented", "suppressed"]);
}

#[test]
fn what_cannot_be_joined_says_why() {
    let mut world = world(&[
        "1 web/package-lock.json lodash@1 1+ 2=fixed",
        "1 web/new/package-lock.json lodash@1 3+",
        "1 tools/package-lock.json lodash@1 4+",
    ]);
    world.is_first = Some(false);
    world.story("1 api/package-lock.json lodash@1 5+ 6=removed");
    let subject = Subject { target: None, ..world.subject(WEB, "semver@1") };
    world.event(1, 7.0, Kind::AlertShown, Some(subject));
    let classes: Vec<DraftClass> =
        world.joined(&pilot(40.0)).drafts.iter().map(|it| it.class).collect();
    assert_eq!(
        classes,
        [
            DraftClass::Prevented,
            DraftClass::Unjoined(Unjoined::UnknownTarget),
            DraftClass::Unjoined(Unjoined::NotInPilot),
            DraftClass::Unjoined(Unjoined::AnotherBranch),
            DraftClass::Unjoined(Unjoined::NoTarget),
        ]
    );
}

#[test]
fn what_one_commit_brought_in_moves_together() {
    let mut world = world(&["1 web/package-lock.json lodash@1 1+"]);
    world.exposure(WEB, "lodash@1", (5.0, -100.0), None);
    // Another advisory of the same version, published earlier, and one that came in with a later commit.
    for (introduced, disclosed) in [(5.0, -200.0), (6.0, -300.0)] {
        let mut more = world.exposures[0].clone();
        (more.introduced, more.disclosed) = (day(introduced), day(disclosed));
        (more.start, more.entry) = (day(introduced), day(introduced));
        more.ids = vec![format!("CVE-2025-{introduced}")];
        world.exposures.push(more);
    }
    world.opportunities[0].exposures = vec![0, 1, 2];
    let joined = world.joined(&pilot(10.0));
    let starts: Vec<Timestamp> = joined.exposures.iter().map(|it| it.introduced).collect();
    assert_eq!(starts, [day(1.0), day(1.0), day(6.0)]);
    assert_eq!(joined.opportunities[0].start, day(1.0));
}
