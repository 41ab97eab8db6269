//! A few cells with few runs and wide bounds, so that the code runs with every test; the numbers come from the command.

use super::cells::{self, Part};
use super::team_tests::ALPHA;
use super::verdict::{Compared, beside_promise, beside_reference};
use super::world::seen_by;

/// Simulates one cell; at 5 standard errors a false alarm comes once in a million.
#[track_caller]
fn check(name: &str, n_runs: u64) {
    let cell = cells::all().into_iter().find(|it| it.name() == name).unwrap();
    let found = cell.simulate(n_runs);
    assert_eq!(found, cell.simulate(n_runs), "the same seeds give the same numbers");
    let file = match cell.part {
        Part::Inside => "sim_within_team.json",
        _ => "sim_results.json",
    };
    let mut compared: Vec<Compared> = beside_promise(&found, ALPHA);
    if let (Part::Teams | Part::Inside, Ok(reference)) = (cell.part, super::reference(file)) {
        compared.extend(beside_reference(&found, &reference));
        assert_eq!(compared.len(), found.counts.len());
    }
    for it in compared {
        let is_promise = matches!(cell.part, Part::Daily | Part::Coverage);
        let distance = if is_promise { it.distance } else { it.distance.abs() };
        assert!(distance < 5.0, "{it:?}");
    }
}

#[test]
fn a_few_worlds_come_out_as_they_should() {
    check("teams-4v4-0.3-1", 50);
    check("teams-6v6-0.3-2", 50);
    check("inside-12-0.3-2", 50);
    check("daily-4v4-0.1-1", 50);
    check("coverage-6v6-0.3-0.7-exact", 20);
}

#[test]
fn every_cell_has_a_name_of_its_own() {
    let mut names: Vec<String> = cells::all().iter().map(cells::Cell::name).collect();
    assert_eq!(names.len(), 24 + 8 + 24 + 48);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 24 + 8 + 24 + 48);
}

#[test]
fn arguments_are_read() {
    assert_eq!(super::parsed(&[]).unwrap(), (super::RUNS, vec![]));
    let asked = ["--runs", "7", "--cells", "teams-6v6,inside"];
    assert_eq!(super::parsed(&asked).unwrap(), (7, vec!["teams-6v6", "inside"]));
    for wrong in [&["--runs"][..], &["--runs", "many"], &["--runs", "0"], &["7"]] {
        assert!(super::parsed(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn on_the_last_day_all_has_been_seen() {
    let cell = cells::all()[0];
    let table = cell.world.team_randomized(&mut fixloop_sim::random::rng_of(1, 2));
    assert_eq!(seen_by(&table, 56.0), table);
    let early = seen_by(&table, 10.0);
    assert!(early.during().all(|it| it.day.unwrap() + it.observation.time() <= 10.0));
    assert_eq!(early.before().count(), table.before().count());
}
