//! Every estimator against numbers that R and Python computed; the README beside the numbers names versions and conventions.

mod aj;
mod cluster_robust;
mod confseq;
mod cox;
mod difference_in_differences;
mod elogrank;
mod enormal;
mod fine_gray;
mod forecast;
mod frailty;
mod gray;
mod groupseq;
mod immortal;
mod intraclass;
mod km;
mod logrank;
mod multiplicity;
mod multistate;
mod prop;
mod proportional_hazards;
mod randomization;
mod rmst;
mod size;
mod srm;
mod table;
mod team_means;
mod turnbull;

use std::fs::File;
use std::io::{self, BufReader, Write};

use fixloop_test_support::shared;
use serde_json::Value;

/// How many cases there are.
const N_CASES: usize = 106;

/// One set of reference numbers.
struct Case {
    /// File of the rows, and the condition that chooses among them.
    dataset: String,
    params: Value,
    expected: Value,
    tolerance_rel: f64,
}

#[test]
fn every_reference_number_is_reproduced() {
    let Some(path) = shared::file("data/stats_reference/reference.json") else { return };
    let reference: Value =
        serde_json::from_reader(BufReader::new(File::open(path).unwrap())).unwrap();
    let (mut n_cases, mut n_passed, mut n_numbers) = (0, 0, 0);
    let mut report = Vec::new();
    for (id, case) in reference["cases"].as_object().unwrap() {
        n_cases += 1;
        let mut comparison = Comparison::default();
        comparison.case(id, &Case::new(case));
        n_numbers += comparison.n_numbers;
        n_passed += usize::from(comparison.problems.is_empty());
        report.extend(comparison.problems);
    }
    // Not by `eprintln!`, which the test runner swallows: how much was compared is part of the result.
    let message = format!("{n_passed}/{n_cases} reference cases, {n_numbers} numbers\n");
    io::stderr().write_all(message.as_bytes()).unwrap();
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert_eq!((n_cases, n_passed), (N_CASES, N_CASES));
}

/// What this crate computes for a case, shaped as the case's `expected`; `None` for a family that is not implemented.
fn compute(id: &str, case: &Case) -> Option<Value> {
    match id {
        "b.logrank" => return Some(logrank::compute(id, case)),
        "b.cox_cluster_efron" | "b.cox_cluster_breslow" => return Some(cox::compute(id, case)),
        _ => {}
    }
    match id.split('.').next()? {
        "km" | "convention" | "naive" => Some(km::compute(id, case)),
        "rmst" => Some(rmst::compute(id, case)),
        "aj" => Some(aj::compute(id, case)),
        "multistate" => Some(multistate::compute(id, case)),
        "logrank" => Some(logrank::compute(id, case)),
        "cox" => Some(cox::compute(id, case)),
        "immortal" => Some(immortal::compute(id, case)),
        "prop" => Some(prop::compute(id, case)),
        "size" => Some(size::compute(id, case)),
        "permutation" | "softrank_e" | "teamscore" | "b" => Some(randomization::compute(id, case)),
        "cr2" => Some(cluster_robust::compute()),
        "teammeans" => Some(team_means::compute()),
        "icc" => Some(intraclass::compute()),
        "team" => Some(difference_in_differences::compute(case)),
        "gray" => Some(gray::compute(id)),
        "turnbull" => Some(turnbull::compute(case)),
        "coxzph" => Some(proportional_hazards::compute()),
        "frailty" => Some(frailty::compute()),
        "finegray" => Some(fine_gray::compute()),
        "elogrank" => Some(elogrank::compute(id, case)),
        "enormal" => Some(enormal::compute(case)),
        "confseq" => Some(confseq::compute(id, case)),
        "groupseq" => Some(groupseq::compute()),
        "multiplicity" => Some(multiplicity::compute(id)),
        "srm" => Some(srm::compute(id, case)),
        "forecast" => Some(forecast::compute(case)),
        _ => None,
    }
}

impl Case {
    fn new(case: &Value) -> Self {
        Self {
            dataset: case["dataset"].as_str().unwrap().to_owned(),
            params: case["params"].clone(),
            expected: case["expected"].clone(),
            tolerance_rel: case["tolerance_rel"].as_f64().unwrap(),
        }
    }

    /// A list of numbers among the parameters.
    fn numbers(&self, param: &str) -> Vec<f64> {
        self.params[param].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
    }

    fn number(&self, param: &str) -> f64 {
        self.params[param].as_f64().unwrap()
    }
}

#[derive(Default)]
struct Comparison {
    n_numbers: usize,
    problems: Vec<String>,
}

impl Comparison {
    fn case(&mut self, id: &str, case: &Case) {
        match compute(id, case) {
            Some(found) => self.value(id, &case.expected, &found, case.tolerance_rel),
            None => self.problems.push(format!("{id}: not computed")),
        }
    }

    /// Demands every key and element of `expected`; what is found beyond them is not looked at.
    fn value(&mut self, path: &str, expected: &Value, found: &Value, tolerance_rel: f64) {
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) => {
                for (key, expected) in expected {
                    let found = found.get(key).unwrap_or(&Value::Bool(false));
                    self.value(&format!("{path}.{key}"), expected, found, tolerance_rel);
                }
            }
            (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
                for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.value(&format!("{path}[{i}]"), expected, found, tolerance_rel);
                }
            }
            (Value::Number(expected), Value::Number(found)) => {
                self.n_numbers += 1;
                let (a, b) = (expected.as_f64().unwrap(), found.as_f64().unwrap());
                // Written so that a NaN fails.
                let is_near = (a - b).abs() <= tolerance_rel * a.abs().max(1e-6) + 1e-12;
                if !is_near {
                    self.problems.push(format!("{path}: expected {a}, found {b}"));
                }
            }
            _ => {
                self.n_numbers += 1;
                if expected != found {
                    self.problems.push(format!("{path}: expected {expected}, found {found}"));
                }
            }
        }
    }
}
