//! Stage occupancy.

use serde_json::{Value, json};

use super::Case;
use super::table::rows;
use crate::{Transition, stage_occupancy};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let states: Vec<_> =
        case.params["states"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let state = |name: &str| states.iter().position(|it| *it == name);
    let transitions: Vec<_> = rows("fixtimes_states.csv")
        .iter()
        .filter(|it| it.text("period") == "post")
        .filter(|it| id == "multistate.fix_all" || id.ends_with(it.text("arm")))
        .map(|it| Transition {
            subject: it.text("finding").parse().unwrap(),
            start: it.number("start"),
            stop: it.number("stop"),
            from: state(it.text("from")).unwrap(),
            to: state(it.text("to")),
        })
        .collect();
    let occupancy = stage_occupancy(states.len(), &transitions).unwrap();
    let means = occupancy.restricted_means(case.number("tau")).unwrap();
    let mut found = json!({
        "p0": occupancy.initial(),
        "sum": means.iter().sum::<f64>(),
        "restricted_mean_days": means,
    });
    for t in case.numbers("times") {
        found[format!("pstate_{t}")] = json!(occupancy.at(t).unwrap());
    }
    found
}
