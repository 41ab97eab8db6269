//! Whether intervals of the time ratio hold the ratio that was planted.

use fixloop_experiment::{Settings, Table, time_ratio};

use super::team_tests::settings;

/// What an interval was worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) holds_planted: bool,
    pub(super) excludes_one: bool,
    /// Upper over lower end; `None` if an end is beyond the ratios that were tried.
    pub(super) width: Option<f64>,
}

/// The product's own assignments where they can all be listed (924 of 6 v 6 teams); 999 draws otherwise, which is exact as well.
///
/// Every second ratio of the product's grid, which holds all planted ones.
pub(super) fn held(table: &Table, planted: f64, run: u64) -> Held {
    let settings = Settings { ratios: (0.1, 4.0, 0.02), ..settings(run) };
    let Ok(found) = time_ratio(table, &settings) else {
        // What cannot be told rules nothing out.
        return Held { holds_planted: true, excludes_one: false, width: None };
    };
    let is_empty = found.set.p_values.iter().all(|it| it.1.is_some_and(|p| p <= settings.alpha));
    // Ends are numbers of the grid, which has nine decimals.
    let holds = |ratio: f64| {
        !is_empty
            && found.low.is_none_or(|it| it <= ratio + 1e-9)
            && found.high.is_none_or(|it| ratio <= it + 1e-9)
    };
    Held {
        holds_planted: holds(planted),
        excludes_one: !holds(1.0),
        width: found.low.zip(found.high).map(|(low, high)| high / low),
    }
}
