use serde_json::{Value, json};

use super::table::{self, Row};
use crate::cluster_robust::{ClusteredRows, cluster_robust};

/// Findings that could have been watched for 14 days.
pub(super) fn watched_14_days() -> Vec<Row> {
    let rows = table::rows("fixtimes.csv").into_iter();
    rows.filter(|it| it.text("period") == "post" && it.number("admin_cens") >= 14.0).collect()
}

/// 1 where it was fixed within 14 days.
pub(super) fn fixed_in_14_days(rows: &[Row]) -> Vec<f64> {
    let is_fixed = |it: &Row| it.text("status") == "1" && it.number("time") <= 14.0;
    rows.iter().map(|it| f64::from(u8::from(is_fixed(it)))).collect()
}

pub(super) fn compute() -> Value {
    let rows = watched_14_days();
    let outcomes = fixed_in_14_days(&rows);
    let arms: Vec<f64> = rows.iter().map(|it| it.number("arm")).collect();
    let clusters = table::labels(&rows, "team");
    let rows = ClusteredRows {
        outcomes: &outcomes,
        covariates: &arms,
        n_covariates: 1,
        clusters: &clusters,
    };
    let fit = cluster_robust(&rows).unwrap();
    let arm = fit.coefficients[0];
    json!({
        "n": fit.n_rows,
        "coef": arm.estimate,
        "se_ols": arm.std_error_independent,
        "se_CR0": arm.cr0,
        "se_CR1": arm.cr1,
        "se_CR1S": arm.cr1s,
        "se_CR2": arm.cr2,
        "se_CR3": arm.cr3,
        "t_CR2": arm.t,
        "df_satt": arm.degrees_of_freedom,
        "p_CR2": arm.p,
    })
}
