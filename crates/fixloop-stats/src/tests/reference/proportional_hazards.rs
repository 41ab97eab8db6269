use serde_json::{Value, json};

use super::table;
use crate::cox::proportional_hazards::proportional_hazards;
use crate::cox::{CoxSample, Ties};
use crate::{Causes, Observation};

pub(super) fn compute() -> Value {
    let names = ["trt", "karno", "age"];
    let rows = table::rows("veteran.csv");
    let observations: Vec<Observation> =
        rows.iter().map(|it| super::km::observation(it, "event")).collect();
    let covariates: Vec<f64> =
        rows.iter().flat_map(|row| names.iter().map(|it| row.number(it))).collect();
    let sample = CoxSample {
        observations: &observations,
        covariates: &covariates,
        n_covariates: names.len(),
        strata: None,
        clusters: None,
    };
    let found = proportional_hazards(&sample, Causes::Any, Ties::Efron).unwrap();
    let tests: Vec<_> = found.covariates.iter().chain([&found.global]).collect();
    json!({
        "chisq": tests.iter().map(|it| it.statistic).collect::<Vec<_>>(),
        "df": tests.iter().map(|it| it.df).collect::<Vec<_>>(),
        "p": tests.iter().map(|it| it.p).collect::<Vec<_>>(),
        "rows": names.iter().chain(["GLOBAL"].iter()).collect::<Vec<_>>(),
    })
}
