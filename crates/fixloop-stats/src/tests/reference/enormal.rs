use serde_json::{Value, json};

use super::Case;
use super::table::{self, Row};
use crate::e_normal::log_e_normal_mixture;
use crate::log_rank::{GroupedSample, log_rank_by_cluster};
use crate::{Causes, Observation, Outcome};

pub(super) fn compute(case: &Case) -> Value {
    let rows: Vec<Row> =
        table::rows("fixtimes.csv").into_iter().filter(|it| it.text("period") == "post").collect();
    let observation = |row: &Row| {
        let is_fixed = row.text("status") == "1";
        let outcome = if is_fixed { Outcome::Event(1) } else { Outcome::Censored };
        Observation::new(row.number("time"), outcome).unwrap()
    };
    let observations: Vec<Observation> = rows.iter().map(observation).collect();
    let groups = table::labels(&rows, "arm");
    let sample = GroupedSample { observations: &observations, groups: &groups, strata: None };
    let test = log_rank_by_cluster(&sample, &table::labels(&rows, "team"), Causes::Any).unwrap();
    let log_e = |variance: f64| -> Vec<f64> {
        let tau2 = case.numbers("tau2");
        tau2.iter().map(|&it| log_e_normal_mixture(test.score, variance, it).unwrap()).collect()
    };
    json!({
        "U": test.score,
        "V_naive": test.variance_independent,
        "V_robust": test.variance_robust,
        "log_e_naive": log_e(test.variance_independent),
        "log_e_robust": log_e(test.variance_robust),
    })
}
