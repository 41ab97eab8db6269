use serde_json::{Value, json};

use super::km::observation;
use super::table::{self, Row};
use crate::cox::fine_gray::{FineGraySample, fine_gray};
use crate::{Causes, Observation};

pub(super) fn compute() -> Value {
    let rows: Vec<Row> =
        table::rows("fixtimes.csv").into_iter().filter(|it| it.text("period") == "post").collect();
    let observations: Vec<Observation> = rows.iter().map(|it| observation(it, "status")).collect();
    let arms: Vec<f64> = rows.iter().map(|it| it.number("arm")).collect();
    let clusters = table::labels(&rows, "team");
    let sample = FineGraySample {
        observations: &observations,
        covariates: &arms,
        n_covariates: 1,
        clusters: Some(&clusters),
    };
    let fit = fine_gray(&sample, Causes::Only(1)).unwrap();
    json!({ "coef": fit.coefficients[0], "robust_se": fit.std_errors[0] })
}
