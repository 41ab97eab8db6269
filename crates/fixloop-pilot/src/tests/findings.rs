//! The table that the analysis reads.

use fixloop_model::Ending;
use fixloop_policy::{Moment, Scope};
use fixloop_stats::{Observation, Outcome};

use super::*;
use crate::{Findings, findings};

fn found(world: &World, pilot: &Pilot) -> Findings {
    findings(pilot, &world.mirrors(), &world.joined(pilot))
}

fn world() -> World {
    let mut world = World::new();
    let web = ("web", LOCK);
    // Open over the start: in both periods. Its severity is unrated.
    world.exposure(web, "a@1", (-10.0, -200.0), Some((4.5, Ending::Upgraded))).severity = None;
    // Came in during, was dismissed.
    world.exposure(("api", LOCK), "b@1", (2.25, -200.0), Some((3.0, Ending::Suppressed)));
    // Disclosed during, fixed after the cut.
    world.exposure(("api", LOCK), "c@1", (-400.0, 6.0), Some((30.0, Ending::Removed)));
    // Before, and its watch ended with the history window's begin: older than that.
    world.exposure(web, "d@1", (-120.0, -200.0), Some((-60.0, Ending::Removed)));
    world.exposure(web, "e@1", (-300.0, -400.0), Some((-90.0, Ending::Upgraded)));
    // A mirror that went stale on day 5.
    world.exposure(("site", LOCK), "f@1", (1.0, -200.0), None).last_seen = day(5.0);
    // Not in the pilot, and after the cut.
    world.exposure(("tools", LOCK), "g@1", (1.0, -200.0), None);
    world.exposure(web, "h@1", (11.0, -200.0), None);
    world
}

#[test]
fn periods_cut_what_is_watched() {
    let found = found(&world(), &pilot(10.0));
    insta::assert_snapshot!(found.csv(), @r"
    team,arm,stratum,entry,time,status,period,limit,day,id
    a,treated,critical-high,30,60,removed,before,,-120,web:package-lock.json#npm/d#3
    a,treated,rest,0,10,open,before,,-10,web:package-lock.json#npm/a#0
    a,treated,rest,10,14.5,upgraded,during,20,-10,web:package-lock.json#npm/a#0
    a,treated,critical-high,0,4,open,during,9,1,site:package-lock.json#npm/f#5
    b,holdout,critical-high,0,0.75,suppressed,during,7.75,2.25,api:package-lock.json#npm/b#1
    b,holdout,critical-high,0,4,open,during,4,6,api:package-lock.json#npm/c#2
    ");
    assert_eq!(found.n_of_others, 1);
}

#[test]
fn rows_are_what_the_reader_takes() {
    let text = found(&world(), &pilot(10.0)).csv();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |at: usize| cells[at].parse::<f64>().unwrap();
        assert!(["upgraded", "removed", "suppressed", "open"].contains(&cells[5]), "{line}");
        Observation::entered(number(3), number(4), Outcome::Censored).unwrap();
        if cells[6] == "during" {
            assert!(number(7) >= number(4), "{line}");
            // An assignment refuses what was watched before it.
            assert!(number(8) + number(3) >= 0.0, "{line}");
        }
    }
}

#[test]
fn the_scope_filters_both_periods_alike() {
    let mut pilot = pilot(10.0);
    pilot.treatment.moment = Moment::FirstReference;
    let mut world = world();
    world.opportunities[3].left_truncated = true;
    let found = found(&world, &pilot);
    let names = |found: &Findings| {
        let name = |it: &crate::FindingRow| it.id.split('/').nth(1).unwrap()[..1].to_owned();
        found.rows.iter().map(name).collect::<String>()
    };
    // c was disclosed later; of d nobody knows.
    assert_eq!(names(&found), "aafb");
    assert_eq!((found.n_out_of_scope, found.n_scope_unknown), (1, 1));
    pilot.treatment.scope = Scope::Direct;
    world.opportunities[1].direct = Some(false);
    assert_eq!(names(&super::findings::found(&world, &pilot)), "aaf");
    pilot.treatment.threshold = Some(Rating::Critical);
    // What is unrated passes.
    assert_eq!(names(&super::findings::found(&world, &pilot)), "aa");
    pilot.treatment.scope = Scope::Malicious;
    assert_eq!(names(&super::findings::found(&world, &pilot)), "");
}

#[test]
fn a_draft_moves_the_origin_and_not_the_entry() {
    let mut world = World::new();
    world.exposure(("web", LOCK), "a@1", (5.0, -200.0), Some((6.0, Ending::Upgraded)));
    world.story("1 web/package-lock.json a@1 2+");
    insta::assert_snapshot!(found(&world, &pilot(10.0)).csv(), @r"
    team,arm,stratum,entry,time,status,period,limit,day,id
    a,treated,critical-high,3,4,upgraded,during,8,2,web:package-lock.json#npm/a#0
    ");
}

#[test]
fn what_is_fixed_in_the_commit_that_brought_it_counts() {
    let mut world = World::new();
    world.exposure(("web", LOCK), "a@1", (5.0, -200.0), Some((5.0, Ending::Upgraded)));
    insta::assert_snapshot!(found(&world, &pilot(10.0)).csv(), @r"
    team,arm,stratum,entry,time,status,period,limit,day,id
    a,treated,critical-high,,0,upgraded,during,5,5,web:package-lock.json#npm/a#0
    ");
}

#[test]
fn a_moment_belongs_to_one_period() {
    let mut world = World::new();
    world.exposure(("web", LOCK), "a@1", (-5.0, -200.0), Some((0.0, Ending::Upgraded)));
    let found = found(&world, &pilot(10.0));
    assert_eq!(found.rows.len(), 1);
    assert_eq!(
        (found.rows[0].period, found.rows[0].status),
        (crate::Period::Before, Ending::Upgraded)
    );
}
