use serde_json::{Value, json};

use super::Case;
use super::table;
use crate::sample_ratio::{ArmCount, exact_binomial, sample_ratio};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    if id == "srm.teams_exact" {
        return json!({
            "p_9_of_12": exact_binomial(9, 12, 0.5).unwrap(),
            "p_8_of_20": exact_binomial(8, 20, 0.5).unwrap(),
        });
    }
    let (_, name) = id.split_once('.').unwrap();
    let rows = table::rows("srm.csv");
    let arms: Vec<ArmCount> = rows
        .iter()
        .filter(|it| it.text("case") == name)
        .map(|it| ArmCount {
            expected_share: it.number("expected_share"),
            observed: it.text("observed").parse().unwrap(),
        })
        .collect();
    let result = sample_ratio(&arms, case.number("concentration")).unwrap();
    json!({
        "chisq": result.test.statistic,
        "df": result.test.df,
        "p": result.test.p,
        "log_e": result.log_e,
    })
}
