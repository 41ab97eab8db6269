use serde_json::{Map, Value, json};

use super::Case;
use super::table::{self, Row};
use crate::log_rank::{GroupedSample, log_rank, log_rank_by_cluster};
use crate::{Causes, Observation, Outcome};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let (_, name) = id.split_once('.').unwrap();
    let fix = |period: &'static str| move |it: &Row| it.text("period") == period;
    match name {
        "lung_sex" | "lung_sex_rho1" => plain(case, "sex", None, |_| true),
        "lung_sex_strata_ecog" => {
            plain(case, "sex", Some("ph_ecog"), |it| it.known("ph_ecog").is_some())
        }
        "veteran_trt" => plain(case, "trt", None, |_| true),
        "veteran_trt_strata_cell" => plain(case, "trt", Some("celltype"), |_| true),
        "veteran_celltype" => plain(case, "celltype", None, |_| true),
        "ovarian_rx" => plain(case, "rx", None, |_| true),
        "rats_f" => plain(case, "rx", None, |it| it.text("sex") == "f"),
        "fix_arm" | "fix_peto_hr" | "fix_arm_cluster_robust" => {
            plain(case, "arm", None, fix("post"))
        }
        "logrank" => plain(case, "arm", None, |_| true),
        "fix_arm_strata_severity" => plain(case, "arm", Some("severity"), fix("post")),
        "fix_pre_arm_left_truncated" => plain(case, "arm", None, fix("pre")),
        _ => panic!("unknown case `{id}`"),
    }
}

fn plain(case: &Case, group: &str, strata: Option<&str>, keep: impl Fn(&Row) -> bool) -> Value {
    let file = case.dataset.split_once(' ').map_or(&*case.dataset, |it| it.0);
    let rows: Vec<Row> = table::rows(file).into_iter().filter(keep).collect();
    let is_fix = file.starts_with("fixtimes");
    let is_truncated = file == "fixtimes.csv" && rows[0].text("period") == "pre";
    let observation = |row: &Row| {
        let outcome = match row.text(if is_fix { "status" } else { "event" }) {
            "1" => Outcome::Event(1),
            _ => Outcome::Censored,
        };
        let time = row.number("time");
        if is_truncated {
            Observation::entered(row.number("entry"), time, outcome).unwrap()
        } else {
            Observation::new(time, outcome).unwrap()
        }
    };
    let observations: Vec<Observation> = rows.iter().map(observation).collect();
    let groups = table::labels(&rows, group);
    let strata = strata.map(|it| table::labels(&rows, it));
    let sample =
        GroupedSample { observations: &observations, groups: &groups, strata: strata.as_deref() };
    let result =
        log_rank(&sample, Causes::Any, case.params["rho"].as_f64().unwrap_or(0.0)).unwrap();
    let second = result.groups[1];
    let mut value = json!({
        "observed": result.groups.iter().map(|it| it.observed).collect::<Vec<_>>(),
        "expected": result.groups.iter().map(|it| it.expected).collect::<Vec<_>>(),
        "var_first": result.covariance[0][0],
        "chisq": result.test.statistic,
        "df": result.test.df,
        "p": result.test.p,
        "O1": second.observed,
        "E1": second.expected,
        "V": result.covariance[1][1],
    });
    if let Some(peto) = result.peto() {
        value["loghr"] = json!(peto.estimate);
        value["se"] = json!(peto.std_error);
    }
    if is_fix {
        clusters(&sample, &rows, &mut value);
    }
    value
}

fn clusters(sample: &GroupedSample<'_>, rows: &[Row], value: &mut Value) {
    let labels = table::labels(rows, "team");
    let result = log_rank_by_cluster(sample, &labels, Causes::Any).unwrap();
    let mut names: Vec<&str> = rows.iter().map(|it| it.text("team")).collect();
    names.sort_unstable();
    names.dedup();
    let scores: Map<String, Value> = names
        .iter()
        .zip(&result.scores)
        .map(|(name, (_, score))| ((*name).to_owned(), json!(score)))
        .collect();
    let n = scores.len() as f64;
    value["U"] = json!(result.score);
    value["V_hypergeometric"] = json!(result.variance_independent);
    value["V_robust"] = json!(result.variance_robust);
    value["z_naive"] = json!(result.score / result.variance_independent.sqrt());
    value["z_robust"] = json!(result.z);
    value["V_robust_G_over_Gminus1"] = json!(result.variance_robust * n / (n - 1.0));
    // Named after the degrees of freedom: teams minus 2.
    value[format!("p_t{}", scores.len() - 2)] = json!(result.p);
    value["score_by_team"] = Value::Object(scores);
}
