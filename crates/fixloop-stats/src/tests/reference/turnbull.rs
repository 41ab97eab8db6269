use serde_json::{Value, json};

use super::Case;
use super::table;
use crate::turnbull::{Censored, turnbull};

pub(super) fn compute(case: &Case) -> Value {
    let intervals: Vec<Censored> = table::rows("scan_intervals.csv")
        .iter()
        .map(|it| (it.number("left"), it.known("right")))
        .filter(|it| *it != (0.0, None))
        .map(|(left, right)| Censored::new(left, right).unwrap())
        .collect();
    let found = turnbull(&intervals).unwrap();
    assert_eq!(json!(found.n_subjects), case.params["n"]);
    let mut value = case.expected.clone();
    let days = case.expected["days_uniquely_defined"].as_array().unwrap();
    let survival: Vec<f64> = days
        .iter()
        .map(|day| {
            let range = found.survival(day.as_f64().unwrap());
            assert!(range.upper - range.lower < 1e-12, "{day}: {range:?}");
            range.lower
        })
        .collect();
    // R's own are kept for comparison; they stop two digits early.
    for (found, by_r) in survival.iter().zip(case.expected["surv_r_loose"].as_array().unwrap()) {
        assert!((found - by_r.as_f64().unwrap()).abs() < 3e-3);
    }
    value["surv"] = json!(survival);
    value
}
