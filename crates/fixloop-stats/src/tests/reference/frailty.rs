use serde_json::{Value, json};

use super::table::{self, Row};
use crate::cox::frailty::gamma_frailty;
use crate::cox::{CoxSample, Ties};
use crate::{Causes, Observation};

pub(super) fn compute() -> Value {
    let rows: Vec<Row> =
        table::rows("rats.csv").into_iter().filter(|it| it.text("sex") == "f").collect();
    let observations: Vec<Observation> =
        rows.iter().map(|it| super::km::observation(it, "event")).collect();
    let covariates: Vec<f64> = rows.iter().map(|it| it.number("rx")).collect();
    let clusters = table::labels(&rows, "litter");
    let sample = CoxSample {
        observations: &observations,
        covariates: &covariates,
        n_covariates: 1,
        strata: None,
        clusters: Some(&clusters),
    };
    let fit = gamma_frailty(&sample, Causes::Any, Ties::Efron).unwrap();
    json!({
        "coef": fit.coefficients[0],
        "se": fit.std_errors[0],
        "theta": fit.theta,
        "loglik_integrated": fit.log_likelihood,
    })
}
