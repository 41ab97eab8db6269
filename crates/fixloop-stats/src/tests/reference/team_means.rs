use serde_json::{Value, json};

use super::cluster_robust::{fixed_in_14_days, watched_14_days};
use super::table;
use crate::team_means::{TeamRows, team_means};

pub(super) fn compute() -> Value {
    let rows = watched_14_days();
    let (teams, arms) = (table::labels(&rows, "team"), table::labels(&rows, "arm"));
    let values = fixed_in_14_days(&rows);
    let test = team_means(&TeamRows { values: &values, teams: &teams, arms: &arms }).unwrap().test;
    json!({ "diff": test.difference, "t": test.t, "df": test.degrees_of_freedom, "p": test.p })
}
