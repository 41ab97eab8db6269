use serde_json::{Value, json};

use super::Case;
use super::table::{self, Row};
use crate::cox::{CoxSample, Ties, cox};
use crate::{Causes, Observation, Outcome};

/// Columns of a model.
struct Model {
    entry: Option<&'static str>,
    time: &'static str,
    event: &'static str,
    covariates: &'static [&'static str],
    strata: Option<&'static str>,
    cluster: Option<&'static str>,
}

const MODEL: Model = Model {
    entry: None,
    time: "time",
    event: "event",
    covariates: &[],
    strata: None,
    cluster: None,
};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let ties = match case.params["ties"].as_str().unwrap() {
        "efron" => Ties::Efron,
        _ => Ties::Breslow,
    };
    let (family, name) = id.split_once('.').unwrap();
    // The second data set of findings has the first one's model.
    let name = if family == "b" { "fix_b" } else { name };
    let name = name.trim_end_matches("_efron").trim_end_matches("_breslow");
    let rows = rows(case.dataset.split_once(' ').map_or(&*case.dataset, |it| it.0), name);
    fit(&rows, &model(name), ties)
}

fn rows(file: &str, name: &str) -> Vec<Row> {
    let rows = table::rows(file).into_iter();
    match name {
        "lung" => rows.filter(|it| it.known("ph_ecog").is_some()).collect(),
        "rats_f_cluster" => rows.filter(|it| it.text("sex") == "f").collect(),
        "fix_cluster" | "fix_strata_cluster" => {
            rows.filter(|it| it.text("period") == "post").collect()
        }
        "fix_pre_left_truncated" => rows.filter(|it| it.text("period") == "pre").collect(),
        _ => rows.collect(),
    }
}

fn model(name: &str) -> Model {
    let rats = Model { covariates: &["rx"], cluster: Some("litter"), ..MODEL };
    let fix = Model { event: "status", covariates: &["arm"], cluster: Some("team"), ..MODEL };
    let heart = Model { entry: Some("start"), time: "stop", ..MODEL };
    let bladder =
        Model { time: "stop", covariates: &["rx", "number", "size"], cluster: Some("id"), ..MODEL };
    match name {
        "lung" => Model { covariates: &["sex", "age", "ph_ecog"], ..MODEL },
        "veteran" => Model { covariates: &["trt", "karno", "age"], ..MODEL },
        "veteran_strata" => {
            Model { covariates: &["trt", "karno"], strata: Some("celltype"), ..MODEL }
        }
        "ovarian" => Model { covariates: &["rx", "age"], ..MODEL },
        "rats_f_cluster" => rats,
        "rats_all_cluster" => Model { strata: Some("sex"), ..rats },
        "fix_cluster" => fix,
        "fix_strata_cluster" | "fix_b" => Model { strata: Some("severity"), ..fix },
        "fix_pre_left_truncated" => Model { entry: Some("entry"), ..fix },
        "heart_tvc" => Model { covariates: &["transplant", "age", "year"], ..heart },
        "heart_correct" => Model { covariates: &["transplant"], ..heart },
        "jasa_naive" => {
            Model { time: "futime", event: "fustat", covariates: &["transplant"], ..MODEL }
        }
        "bladder2_AG_cluster" => Model { entry: Some("start"), ..bladder },
        "bladder_WLW_cluster" => Model { strata: Some("enum"), ..bladder },
        _ => panic!("unknown model `{name}`"),
    }
}

fn fit(rows: &[Row], model: &Model, ties: Ties) -> Value {
    let observation = |row: &Row| {
        let outcome = match row.text(model.event) {
            "1" => Outcome::Event(1),
            _ => Outcome::Censored,
        };
        let time = row.number(model.time);
        match model.entry {
            Some(entry) => Observation::entered(row.number(entry), time, outcome),
            None => Observation::new(time, outcome),
        }
        .unwrap()
    };
    let observations: Vec<Observation> = rows.iter().map(observation).collect();
    let covariates: Vec<f64> =
        rows.iter().flat_map(|row| model.covariates.iter().map(|it| row.number(it))).collect();
    let strata = model.strata.map(|it| table::labels(rows, it));
    let clusters = model.cluster.map(|it| table::labels(rows, it));
    let sample = CoxSample {
        observations: &observations,
        covariates: &covariates,
        n_covariates: model.covariates.len(),
        strata: strata.as_deref(),
        clusters: clusters.as_deref(),
    };
    let fit = cox(&sample, Causes::Any, ties).unwrap();
    let mut value = json!({
        "coef": one_or_many(&fit.coefficients),
        "se": one_or_many(&fit.std_errors),
        "loglik_null": fit.log_likelihood_null,
        "loglik": fit.log_likelihood,
        "lrt": fit.likelihood_ratio.statistic,
        "wald": fit.wald.statistic,
        "score": fit.score.statistic,
        "n": fit.n_rows,
        "events": fit.n_events,
    });
    if let Some(robust) = &fit.robust {
        value["wald"] = json!(robust.wald.statistic);
        value["robust_se"] = one_or_many(&robust.std_errors);
        value["robust_score"] = json!(robust.score.unwrap().statistic);
    }
    value
}

/// R writes a vector of one number as a number.
fn one_or_many(numbers: &[f64]) -> Value {
    match numbers {
        [one] => json!(one),
        many => json!(many),
    }
}
