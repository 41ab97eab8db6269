//! Power by replaying the past: many imagined pilots, each analysed as a real one would be.

use fixloop_stats::group_sequential::{MIN_INCREMENT, Spending, critical_values};
use fixloop_stats::randomization::{Assignments, Limits, Sequential, spent_budget};
use fixloop_stats::team_score::{DEFAULT_THETA, team_scores};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::design::PilotDesign;
use super::past::Weeks;
use super::schedule::{MIN_FIXES, SPENDING_POWER};
use super::world::{Shape, World};

/// Fewer than the analysis takes: the p-value of a single pilot is coarser, its power hardly another.
const LIMITS: Limits = Limits { n_listed: 1_000, n_drawn: 999 };

/// A pilot to be imagined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pilot {
    pub(super) design: PilotDesign,
    pub(super) shape: Shape,
    /// Days, ascending; the last is the pilot's end.
    pub(super) looks: Vec<u32>,
    pub(super) alpha: f64,
    /// The planted cut of time, as 0.3.
    pub(super) effect: f64,
}

/// A share of imagined pilots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    pub share: f64,
    /// Of the replay: what more runs would make smaller.
    pub std_error: f64,
    pub n_runs: usize,
}

/// What looks show by when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LookPower {
    pub day: u32,
    /// Share of the error spent by now.
    pub spent: f64,
    /// Share of imagined pilots in which the effect is seen by now.
    pub power: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// The effect is seen, in its direction, at the end or before.
    pub power: Power,
    pub looks: Vec<LookPower>,
    /// Means over runs, of both arms.
    pub n_findings: f64,
    pub n_fixed: f64,
    /// Fixes of a team in the time before.
    pub n_fixed_before: f64,
}

/// What came of one imagined pilot.
struct Run {
    /// The look at which the effect was seen.
    seen_at: Option<usize>,
    /// Of findings drawn inside teams: score in standard errors and variance at each look.
    readings: Vec<Option<(f64, f64)>>,
    n_findings: usize,
    n_fixed: usize,
    n_fixed_before: usize,
}

impl Power {
    fn of(n_seen: usize, n_runs: usize) -> Self {
        let (x, n) = (n_seen as f64, n_runs as f64);
        // Two more of each kind, so that all and none still have an error (Agresti & Coull 1998).
        let share = (x + 2.0) / (n + 4.0);
        let std_error = (share * (1.0 - share) / (n + 4.0)).sqrt();
        Self { share: if n_runs == 0 { 0.0 } else { x / n }, std_error, n_runs }
    }
}

/// The same seed replays the same worlds, whatever the effect: effects are compared on equal ground.
pub(super) fn replay(weeks: &Weeks, pilot: &Pilot, n_runs: usize, seed: u64) -> Replay {
    let run = |at: usize| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(at as u64);
        if pilot.design == PilotDesign::InsideTeam {
            inside_team(weeks, pilot, &mut rng)
        } else {
            of_teams(weeks, pilot, &mut rng)
        }
    };
    let mut runs: Vec<Run> = (0..n_runs).into_par_iter().map(run).collect();
    let spent: Vec<f64> = if pilot.design == PilotDesign::InsideTeam {
        spend_by_information(&mut runs, pilot)
    } else {
        pilot.looks.iter().map(|it| pilot.share(*it).powf(SPENDING_POWER)).collect()
    };
    let n_seen_by =
        |look: usize| runs.iter().filter(|it| it.seen_at.is_some_and(|it| it <= look)).count();
    let looks = pilot.looks.iter().zip(spent).enumerate();
    let looks = looks.map(|(look, (day, spent))| LookPower {
        day: *day,
        spent,
        power: Power::of(n_seen_by(look), n_runs).share,
    });
    let mean = |of: &dyn Fn(&Run) -> usize| {
        runs.iter().map(of).sum::<usize>() as f64 / runs.len().max(1) as f64
    };
    Replay {
        power: Power::of(n_seen_by(pilot.looks.len()), n_runs),
        looks: looks.collect(),
        n_findings: mean(&|it| it.n_findings),
        n_fixed: mean(&|it| it.n_fixed),
        n_fixed_before: mean(&|it| it.n_fixed_before) / pilot.shape.n_teams.max(1) as f64,
    }
}

impl Pilot {
    fn last(&self) -> u32 {
        self.looks.last().copied().unwrap_or(1)
    }

    fn share(&self, day: u32) -> f64 {
        f64::from(day) / f64::from(self.last())
    }

    fn is_last(&self, look: usize) -> bool {
        look + 1 == self.looks.len()
    }
}

/// Teams are drawn; the exact sequential test over what else could have been.
fn of_teams(weeks: &Weeks, pilot: &Pilot, rng: &mut ChaCha8Rng) -> Run {
    let mut world = World::draw(weeks, pilot.shape, rng);
    let (blocks, treated) = assign(pilot, world.history.as_deref(), rng);
    world.plant(1.0 - pilot.effect, |_, it| treated[it.team]);
    let mut run = Run::of(&world);
    let Ok(assignments) = Assignments::of_strata(&blocks, &treated, LIMITS, rng.random()) else {
        return run;
    };
    let mut sequential = Sequential::new(assignments.len(), assignments.observed());
    for (look, day) in pilot.looks.iter().enumerate() {
        let Ok(counts) = world.by_team(f64::from(*day)) else { continue };
        run.n_fixed = counts.n_events;
        if counts.n_events == 0 || (counts.n_events < MIN_FIXES && !pilot.is_last(look)) {
            continue;
        }
        let scores = team_scores(&counts, DEFAULT_THETA);
        let scores = match &world.history {
            Some(history) => scores.adjusted(history).scores,
            None => scores,
        };
        let statistics = assignments.map(|it| scores.difference(it));
        let budget =
            spent_budget(assignments.len(), pilot.alpha, pilot.share(*day), SPENDING_POWER);
        let Ok(reading) = sequential.look(&statistics, budget) else { continue };
        // Seen the wrong way round is not seen.
        if reading.is_rejected && run.seen_at.is_none() {
            let is_sooner = statistics.get(assignments.observed()).is_some_and(|it| *it > 0.0);
            run.seen_at = is_sooner.then_some(look);
        }
    }
    run
}

/// Block and arm of each team.
fn assign(pilot: &Pilot, history: Option<&[f64]>, rng: &mut ChaCha8Rng) -> (Vec<u32>, Vec<bool>) {
    let n_teams = pilot.shape.n_teams;
    let mut order: Vec<usize> = (0..n_teams).collect();
    order.shuffle(rng);
    let (mut blocks, mut treated) = (vec![0; n_teams], vec![false; n_teams]);
    if pilot.design != PilotDesign::MatchedPairs {
        for team in order.iter().take(n_teams / 2) {
            treated[*team] = true;
        }
        return (blocks, treated);
    }
    if let Some(history) = history {
        order.sort_by(|a, b| history[*a].total_cmp(&history[*b]));
    }
    for (block, pair) in (0..).zip(order.chunks(2)) {
        for team in pair {
            blocks[*team] = block;
        }
        if let [first, second] = *pair {
            treated[if rng.random() { first } else { second }] = true;
        }
    }
    (blocks, treated)
}

/// Findings are drawn; the log-rank test inside teams.
fn inside_team(weeks: &Weeks, pilot: &Pilot, rng: &mut ChaCha8Rng) -> Run {
    let mut world = World::draw(weeks, pilot.shape, rng);
    let treated: Vec<bool> = world.drawn.iter().map(|_| rng.random()).collect();
    world.plant(1.0 - pilot.effect, |place, _| treated[place]);
    let mut run = Run::of(&world);
    for (look, day) in pilot.looks.iter().enumerate() {
        let counts = world.by_arm(f64::from(*day), &treated).ok();
        let n_fixed = counts.as_ref().map_or(0, |it| it.n_events);
        run.n_fixed = n_fixed;
        let is_waiting = n_fixed < MIN_FIXES && !pilot.is_last(look);
        let reading = counts.filter(|_| !is_waiting).map(|it| it.log_rank(&[0.0, 1.0]));
        let reading = reading.filter(|it| it.1 > 0.0);
        run.readings.push(reading.map(|(score, variance)| (score / variance.sqrt(), variance)));
    }
    run
}

/// Lan-DeMets bounds at the mean information of each look; tells each run when it saw the effect, and what was spent by each look.
fn spend_by_information(runs: &mut [Run], pilot: &Pilot) -> Vec<f64> {
    let total = |look: usize| -> f64 {
        runs.iter().filter_map(|it| it.readings[look]).map(|it| it.1).sum()
    };
    let n_looks = pilot.looks.len();
    let mut bounds: Vec<Option<f64>> = vec![None; n_looks];
    let mut spent = vec![0.0; n_looks];
    let at_end = total(n_looks - 1);
    if at_end > 0.0 {
        let (mut places, mut information, mut before) = (Vec::new(), Vec::new(), 0.0);
        for look in 0..n_looks {
            let is_last = pilot.is_last(look);
            let here = if is_last { 1.0 } else { total(look) / at_end };
            // The last look always has room; one that adds next to nothing is none.
            let has_room = is_last || here < 1.0 - MIN_INCREMENT;
            if here >= before + MIN_INCREMENT && has_room {
                places.push(look);
                information.push(here);
                before = here;
            }
        }
        let looks = critical_values(Spending::OBrienFleming, pilot.alpha, &information);
        for (look, at) in looks.into_iter().flatten().zip(places) {
            bounds[at] = look.critical_z;
            spent[at..].fill(look.spent / pilot.alpha);
        }
    }
    for run in runs {
        let beyond = |look: &usize| {
            let (z, bound) = (run.readings[*look]?.0, bounds[*look]?);
            (z.abs() >= bound).then_some((*look, z))
        };
        // The first that goes beyond ends the pilot, whichever way round.
        let first = (0..n_looks).find_map(|it| beyond(&it));
        run.seen_at = first.filter(|it| it.1 > 0.0).map(|it| it.0);
    }
    spent
}

impl Run {
    fn of(world: &World) -> Self {
        Self {
            seen_at: None,
            readings: Vec::new(),
            n_findings: world.drawn.len(),
            n_fixed: 0,
            n_fixed_before: world.n_fixed_before,
        }
    }
}
