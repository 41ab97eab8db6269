//! What is simulated: each cell is one world, simulated a number of times.

use fixloop_experiment::{FIXED, Table};
use fixloop_stats::log_rank::{GroupedSample, log_rank};
use rayon::prelude::*;

use super::coverage::{Held, held};
use super::team_tests::{self, arm_of, is_bet_won};
use super::world::{Clock, Effect, World};
use fixloop_sim::random::rng_of;

/// One world, and what is done in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) part: Part,
    pub(super) world: World,
    /// Position among all cells, whatever is run; it makes the seed.
    pub(super) place: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// The worlds and tests of `sim_results.json`.
    Teams,
    /// The worlds and tests of `sim_within_team.json`.
    Inside,
    /// The worlds of `sim_results.json` under more looks.
    Daily,
    Coverage,
}

/// Names as in `sim_within_team.json`.
pub(super) const INSIDE_TESTS: [&str; 2] =
    ["team-stratified log-rank, one look", "exact e-logrank team x age, daily looks"];

pub(super) fn all() -> Vec<Cell> {
    let world =
        |n_teams, frailty, effect| World { n_teams, frailty, effect, clock: Clock::WholeDays };
    let hazard = |n_teams, frailty, ratio| world(n_teams, frailty, Effect::Hazard(ratio));
    let mut of_teams = Vec::new();
    for per_arm in [4, 6, 12, 25] {
        of_teams.extend([0.0, 0.1, 0.3].map(|frailty| hazard(2 * per_arm, frailty, 1.0)));
    }
    for per_arm in [6, 12, 25] {
        for frailty in [0.1, 0.3] {
            of_teams.extend([1.43, 2.0].map(|ratio| hazard(2 * per_arm, frailty, ratio)));
        }
    }
    let inside = [
        (12, 0.1, 1.0),
        (12, 0.3, 1.0),
        (24, 0.3, 1.0),
        (12, 0.3, 1.43),
        (12, 0.3, 2.0),
        (24, 0.3, 1.43),
        (24, 0.3, 2.0),
        (50, 0.3, 1.43),
    ];
    let mut of_coverage = Vec::new();
    for clock in [Clock::Exact, Clock::WholeDays] {
        for per_arm in [6, 8, 12] {
            for frailty in [0.0, 0.3] {
                let at = |it| World { clock, ..world(2 * per_arm, frailty, Effect::Time(it)) };
                of_coverage.extend([0.5, 0.7, 1.0, 1.4].map(at));
            }
        }
    }
    let worlds = of_teams.iter().map(|it| (Part::Teams, *it));
    let worlds = worlds.chain(inside.map(|it| (Part::Inside, hazard(it.0, it.1, it.2))));
    let worlds = worlds.chain(of_teams.iter().map(|it| (Part::Daily, *it)));
    let worlds = worlds.chain(of_coverage.iter().map(|it| (Part::Coverage, *it)));
    (1..).zip(worlds).map(|(place, (part, world))| Cell { part, world, place }).collect()
}

impl Cell {
    /// As `teams-6v6-0.3-1.43` or `coverage-8v8-0-0.7-days`.
    pub(super) fn name(&self) -> String {
        let World { n_teams, frailty, effect, clock } = self.world;
        let (Effect::Hazard(ratio) | Effect::Time(ratio)) = effect;
        let half = n_teams / 2;
        match self.part {
            Part::Teams => format!("teams-{half}v{half}-{frailty}-{ratio}"),
            Part::Inside => format!("inside-{n_teams}-{frailty}-{ratio}"),
            Part::Daily => format!("daily-{half}v{half}-{frailty}-{ratio}"),
            Part::Coverage => {
                let clock = if clock == Clock::Exact { "exact" } else { "days" };
                format!("coverage-{half}v{half}-{frailty}-{ratio}-{clock}")
            }
        }
    }

    /// Whether the treatment does nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.world.effect, Effect::Hazard(it) | Effect::Time(it) if (it - 1.0).abs() < 1e-12)
    }

    /// What is counted in each run, in the order of the counts.
    pub(super) fn tests(&self) -> Vec<&'static str> {
        match self.part {
            Part::Teams => team_tests::TESTS.to_vec(),
            Part::Inside => INSIDE_TESTS.to_vec(),
            Part::Daily => team_tests::SCHEDULES.iter().map(|it| it.0).collect(),
            Part::Coverage => vec!["interval holds the planted ratio", "interval excludes 1"],
        }
    }

    fn table(&self, run: u64) -> Table {
        let mut rng = rng_of(1_000_003 * self.place, run);
        match self.part {
            Part::Inside => self.world.inside_team(&mut rng),
            _ => self.world.team_randomized(&mut rng),
        }
    }

    fn run(&self, run: u64) -> (Vec<bool>, Option<f64>) {
        let table = self.table(run);
        match self.part {
            Part::Teams => (team_tests::reject(&table, run), None),
            Part::Inside => (reject_inside(&table).to_vec(), None),
            Part::Daily => (team_tests::reject_by_schedule(&table, run), None),
            Part::Coverage => {
                let (Effect::Hazard(ratio) | Effect::Time(ratio)) = self.world.effect;
                let Held { holds_planted, excludes_one, width } = held(&table, ratio, run);
                (vec![holds_planted, excludes_one], width)
            }
        }
    }

    /// Simulates `n_runs` times.
    pub(super) fn simulate(&self, n_runs: u64) -> Simulated {
        let runs: Vec<(Vec<bool>, Option<f64>)> =
            (0..n_runs).into_par_iter().map(|run| self.run(run)).collect();
        let n_of = |test: usize| runs.iter().filter(|it| it.0[test]).count();
        let mut widths: Vec<f64> = runs.iter().filter_map(|it| it.1).collect();
        widths.sort_by(f64::total_cmp);
        Simulated {
            cell: *self,
            n_runs: runs.len(),
            counts: (0..self.tests().len()).map(n_of).collect(),
            n_bounded: widths.len(),
            median_width: widths.get(widths.len() / 2).copied(),
        }
    }
}

/// How often each test of a cell rejected, or each interval held.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Simulated {
    pub(super) cell: Cell,
    pub(super) n_runs: usize,
    pub(super) counts: Vec<usize>,
    /// Intervals with both ends, and the median of upper over lower end.
    pub(super) n_bounded: usize,
    pub(super) median_width: Option<f64>,
}

impl Simulated {
    pub(super) fn share(&self, test: usize) -> f64 {
        self.counts[test] as f64 / self.n_runs.max(1) as f64
    }
}

/// Which of [`INSIDE_TESTS`] reject; one that cannot be made does not.
fn reject_inside(table: &Table) -> [bool; 2] {
    let observations: Vec<_> = table.during().map(|it| it.observation).collect();
    let teams: Vec<u32> = table.during().map(|it| it.team).collect();
    let groups: Vec<u32> = table.during().map(arm_of).collect();
    let sample =
        GroupedSample { observations: &observations, groups: &groups, strata: Some(&teams) };
    let is_log_rank = log_rank(&sample, FIXED, 0.0).is_ok_and(|it| it.test.p < team_tests::ALPHA);
    [is_log_rank, is_bet_won(table, Some(&teams))]
}
