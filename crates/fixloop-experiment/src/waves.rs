//! Ring waves, each with a randomisation of its own: evidence that may grow for as long as anybody likes.

use fixloop_stats::randomization::soft_rank_e;

use crate::table::{Finding, Table};
use crate::team_randomized::{CannotTest, Engine, Settings};

/// How sharply a wave is read; fixed before any of them was seen.
const KAPPA: f64 = 1.0;

/// One wave, of the teams that were randomised in it.
#[derive(Clone, Debug, PartialEq)]
pub struct WaveReading {
    pub name: String,
    pub n_teams: usize,
    /// `None` if it could not be tested; it then counts as 1, which is no evidence.
    pub e_value: Option<f64>,
    pub reason: Option<String>,
    /// Of this wave and those before it.
    pub product: f64,
}

/// The e-value of each wave, against fixes that come sooner, and their product.
///
/// Tables are in the order of the waves; no team may be in two. At a product of 1 / alpha "no effect on anyone" is rejected, whenever one
/// looks. Inside a wave all randomness is spent at its start, so each counts once, when it is over.
pub fn waves<'t>(
    waves: impl IntoIterator<Item = (String, &'t Table)>,
    settings: &Settings,
) -> Vec<WaveReading> {
    let mut product = 1.0;
    let mut readings = Vec::new();
    for (name, table) in waves {
        let found = e_value(table, settings);
        product *= found.as_ref().copied().unwrap_or(1.0);
        readings.push(WaveReading {
            name,
            n_teams: table.teams.len(),
            reason: found.as_ref().err().map(ToString::to_string),
            e_value: found.ok(),
            product,
        });
    }
    readings
}

fn e_value(table: &Table, settings: &Settings) -> Result<f64, CannotTest> {
    let engine = Engine::of(table, settings)?;
    let during: Vec<&Finding> = table.during().collect();
    let observations: Vec<_> = during.iter().map(|it| it.observation).collect();
    let statistics = engine.statistics(&during, &observations).ok_or(CannotTest::NoEvent)?;
    // Standardised by what all assignments have in common, so that kappa means the same in every wave.
    let n = statistics.len() as f64;
    let mean = statistics.iter().sum::<f64>() / n;
    let variance = statistics.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / n;
    let standard: Vec<f64> = statistics.iter().map(|it| (it - mean) / variance.sqrt()).collect();
    let observed = engine.assignments().observed();
    soft_rank_e(&standard, observed, KAPPA).ok_or(CannotTest::Undefined)
}
