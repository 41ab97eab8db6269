//! Experiments with a planted time ratio.

use fixloop_stats::{Observation, Outcome};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Arm, Finding, Table, Team};

/// Half of the teams are treated, every second one; or every second finding of each team.
#[derive(Clone, Copy, Debug)]
pub(super) struct World {
    pub(super) n_teams: u32,
    /// Of each team.
    pub(super) n_findings: u32,
    pub(super) n_before: u32,
    /// Treated times over others.
    pub(super) ratio: f64,
    /// Spread of the teams' pace.
    pub(super) frailty: f64,
    pub(super) is_inside: bool,
    pub(super) seed: u64,
}

impl Default for World {
    fn default() -> Self {
        Self {
            n_teams: 12,
            n_findings: 20,
            n_before: 0,
            ratio: 1.0,
            frailty: 0.1,
            is_inside: false,
            seed: 7,
        }
    }
}

const DAYS: f64 = 56.0;
const MEDIAN: f64 = 15.0;

pub(super) fn table(world: &World) -> Table {
    let mut rng = ChaCha8Rng::seed_from_u64(world.seed);
    let mut findings = Vec::new();
    for team in 0..world.n_teams {
        let pace = f64::exp(world.frailty.sqrt() * (rng.random::<f64>() - 0.5) * 3.4);
        for number in 0..world.n_findings + world.n_before {
            let is_before = number >= world.n_findings;
            let of = if world.is_inside { number } else { team };
            let arm = if of % 2 == 0 { Arm::Treated } else { Arm::Control };
            let day = (rng.random::<f64>() * 42.0).floor();
            let ratio = if arm == Arm::Treated && !is_before { world.ratio } else { 1.0 };
            let natural = -rng.random::<f64>().max(1e-12).ln() * MEDIAN / f64::ln(2.0) / pace;
            let dismissed = -rng.random::<f64>().max(1e-12).ln() * 180.0;
            let limit = DAYS - day;
            let (fix, dismissal) = ((natural * ratio).ceil(), dismissed.ceil());
            let (time, outcome) = if fix <= dismissal {
                (fix, Outcome::Event(1))
            } else {
                (dismissal, Outcome::Event(2))
            };
            let observation = if time <= limit {
                Observation::new(time, outcome).unwrap()
            } else {
                Observation::new(limit, Outcome::Censored).unwrap()
            };
            let day = if is_before { day - 60.0 } else { day };
            findings.push(Finding {
                team,
                arm,
                stratum: number / 2 % 2,
                is_before,
                observation,
                limit: Some(limit),
                day: Some(day),
            });
        }
    }
    let team = |number: u32| Team { name: format!("team {number}"), block: 0, platform: None };
    Table {
        arm_names: ["control".to_owned(), "alert".to_owned()],
        teams: (0..world.n_teams).map(team).collect(),
        findings,
    }
}
