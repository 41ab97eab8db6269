use serde_json::{Value, json};

use super::cluster_robust::{fixed_in_14_days, watched_14_days};
use super::table::{self, Row};
use crate::intraclass::intraclass;

pub(super) fn compute() -> Value {
    json!({ "arm0": of_arm("0"), "arm1": of_arm("1") })
}

fn of_arm(arm: &str) -> Value {
    let rows: Vec<Row> = watched_14_days().into_iter().filter(|it| it.text("arm") == arm).collect();
    let found = intraclass(&fixed_in_14_days(&rows), &table::labels(&rows, "team")).unwrap();
    json!({
        "msb": found.mean_square_between,
        "msw": found.mean_square_within,
        "n0": found.effective_size,
        "icc": found.correlation,
    })
}
