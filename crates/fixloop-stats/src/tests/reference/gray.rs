use serde_json::{Value, json};

use super::km::observation;
use super::table::{self, Row};
use crate::gray::gray;
use crate::log_rank::GroupedSample;
use crate::{Causes, Observation};

pub(super) fn compute(id: &str) -> Value {
    if id == "gray.mgus2_sex" {
        return by_cause(&table::rows("mgus2_cr.csv"), "sex", "estat", &[1, 2]);
    }
    let rows: Vec<Row> =
        table::rows("fixtimes.csv").into_iter().filter(|it| it.text("period") == "post").collect();
    by_cause(&rows, "arm", "status", &[1, 2, 3])
}

fn by_cause(rows: &[Row], group: &str, cause: &str, causes: &[u8]) -> Value {
    let observations: Vec<Observation> = rows.iter().map(|it| observation(it, cause)).collect();
    let groups = table::labels(rows, group);
    let sample = GroupedSample { observations: &observations, groups: &groups, strata: None };
    let tests: Vec<_> =
        causes.iter().map(|&it| gray(&sample, Causes::Only(it)).unwrap().test).collect();
    json!({
        "chisq": tests.iter().map(|it| it.statistic).collect::<Vec<_>>(),
        "p": tests.iter().map(|it| it.p).collect::<Vec<_>>(),
        "df": tests.iter().map(|it| it.df).collect::<Vec<_>>(),
    })
}
