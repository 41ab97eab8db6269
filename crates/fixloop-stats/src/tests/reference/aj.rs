//! Cumulative incidence.

use serde_json::{Value, json};

use super::Case;
use super::km::{findings, observation};
use super::table::rows;
use crate::{Causes, IncidenceStep, Observation, aalen_johansen, kaplan_meier};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    match id {
        "aj.fix_arm0" => by_closure(&findings("0"), &case.numbers("times")),
        "aj.fix_arm1" => by_closure(&findings("1"), &case.numbers("times")),
        _ => mgus2(&case.numbers("times")),
    }
}

fn steps(observations: &[Observation], cause: u8, times: &[f64]) -> Vec<IncidenceStep> {
    let incidence = aalen_johansen(observations, Causes::Only(cause)).unwrap();
    times.iter().map(|t| incidence.at(*t).unwrap()).collect()
}

fn shares(steps: &[IncidenceStep]) -> Value {
    steps.iter().map(|it| it.share).collect()
}

fn std_errors(steps: &[IncidenceStep]) -> Value {
    steps.iter().map(|it| it.std_error).collect()
}

fn mgus2(times: &[f64]) -> Value {
    let observations: Vec<_> =
        rows("mgus2_cr.csv").iter().map(|it| observation(it, "estat")).collect();
    let mut found = json!({});
    for cause in [1, 2] {
        let steps = steps(&observations, cause, times);
        found[format!("cif{cause}")] = shares(&steps);
        found[format!("cif{cause}_cmprsk")] = shares(&steps);
        found[format!("se{cause}_survfit")] = std_errors(&steps);
        found[format!("se{cause}_cmprsk")] = steps.iter().map(|it| it.gray_std_error).collect();
    }
    found
}

fn by_closure(observations: &[Observation], times: &[f64]) -> Value {
    let fixed = steps(observations, 1, times);
    let curve = kaplan_meier(observations, Causes::Only(1)).unwrap();
    let one_minus_km: Vec<_> = times.iter().map(|t| 1.0 - curve.at(*t).unwrap().survival).collect();
    json!({
        "cif_fixed": shares(&fixed),
        "cif_removed": shares(&steps(observations, 2, times)),
        "cif_ignored": shares(&steps(observations, 3, times)),
        "se_fixed": std_errors(&fixed),
        "one_minus_km_fixed": one_minus_km,
    })
}
