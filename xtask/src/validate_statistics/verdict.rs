//! What simulated shares are compared with: shares of the reference, or what a test promises.

use serde_json::Value;

use super::cells::{Part, Simulated};

/// Standard errors that a share may be away from what it should be.
pub(super) const N_ERRORS: f64 = 3.0;
/// Of a normal number: how often chance alone goes beyond, on both sides and on one.
const BEYOND: f64 = 0.0027;
const BEYOND_ONE_SIDE: f64 = 0.00135;

/// A share beside what it should be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Compared {
    pub(super) cell: String,
    pub(super) test: &'static str,
    pub(super) share: f64,
    pub(super) expected: f64,
    /// How far away, in standard errors; only shares on the wrong side of a promise count.
    pub(super) distance: f64,
}

/// Rejection shares beside those of the reference, where it has the cell.
pub(super) fn beside_reference(found: &Simulated, reference: &Value) -> Vec<Compared> {
    let world = found.cell.world;
    let (super::world::Effect::Hazard(ratio) | super::world::Effect::Time(ratio)) = world.effect;
    let (teams, n_teams) = match found.cell.part {
        Part::Inside => ("teams_total", world.n_teams),
        _ => ("teams_per_arm", world.n_teams / 2),
    };
    let is_near =
        |value: &Value, wanted: f64| value.as_f64().is_some_and(|it| (it - wanted).abs() < 1e-9);
    let is_same = |it: &&Value| {
        is_near(&it[teams], n_teams as f64)
            && is_near(&it["frailty_var"], world.frailty)
            && is_near(&it["hazard_ratio"], ratio)
    };
    let cells = reference["cells"].as_array();
    let Some(cell) = cells.and_then(|it| it.iter().find(is_same)) else { return Vec::new() };
    let n_reference = cell["nsim"].as_f64().unwrap_or(0.0);
    let compared = found.cell.tests().into_iter().enumerate().filter_map(|(place, test)| {
        let expected = cell["reject"][test].as_f64()?;
        let distance = between(
            (found.counts[place] as f64, found.n_runs as f64),
            ((expected * n_reference).round(), n_reference),
        );
        let (cell, share) = (found.cell.name(), found.share(place));
        Some(Compared { cell, test, share, expected, distance })
    });
    compared.collect()
}

/// The difference of two shares in standard errors of it, from both together; half a run more of either kind, so that none is 0.
fn between((x, n): (f64, f64), (y, m): (f64, f64)) -> f64 {
    let pooled = (x + y + 0.5) / (n + m + 1.0);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    (x / n - y / m) / error
}

/// Shares beside what is promised: at most `alpha` of an exact test in a null world, at least `1 - alpha` of intervals.
pub(super) fn beside_promise(found: &Simulated, alpha: f64) -> Vec<Compared> {
    let n = found.n_runs as f64;
    let error = (alpha * (1.0 - alpha) / n).sqrt();
    let compare = |place: usize, expected: f64, sign: f64| Compared {
        cell: found.cell.name(),
        test: found.cell.tests()[place],
        share: found.share(place),
        expected,
        distance: sign * (found.share(place) - expected) / error,
    };
    match found.cell.part {
        Part::Daily if found.cell.is_null() => {
            (0..found.counts.len()).map(|it| compare(it, alpha, 1.0)).collect()
        }
        Part::Coverage => vec![compare(0, 1.0 - alpha, -1.0)],
        _ => Vec::new(),
    }
}

/// Whether as many are beyond [`N_ERRORS`] as chance allows once in a thousand times; with how many chance puts there, and how many are.
pub(super) fn judged(compared: &[Compared], is_one_sided: bool) -> (bool, f64, usize) {
    let beyond = if is_one_sided { BEYOND_ONE_SIDE } else { BEYOND };
    let is_out = |it: &&Compared| {
        if is_one_sided { it.distance > N_ERRORS } else { it.distance.abs() > N_ERRORS }
    };
    let n_out = compared.iter().filter(is_out).count();
    let expected = beyond * compared.len() as f64;
    (n_out <= allowed(expected), expected, n_out)
}

/// The smallest number that a Poisson number of this mean exceeds at most once in a thousand times.
fn allowed(mean: f64) -> usize {
    let mut term = (-mean).exp();
    let (mut n, mut sum) = (0, term);
    while sum < 0.999 && n < 1_000 {
        n += 1;
        term *= mean / n as f64;
        sum += term;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_allowed_its_share() {
        assert_eq!([0.0, 0.01, 0.9, 3.0].map(allowed), [0, 1, 5, 10]);
        assert!(between((50.0, 1000.0), (50.0, 1000.0)).abs() < 1e-12);
        assert!(between((0.0, 300.0), (0.0, 1000.0)).abs() < 1e-12);
        assert!(between((100.0, 1000.0), (50.0, 1000.0)) > 4.0);
    }
}
