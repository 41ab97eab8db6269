use serde_json::{Value, json};

use super::Case;
use super::table::{self, Row};
use crate::forecast::{BeyondSupport, ClosingCurve, PoissonBinomial};
use crate::{Causes, Observation, Outcome, kaplan_meier};

pub(super) fn compute(case: &Case) -> Value {
    let rows: Vec<Row> =
        table::rows("fixtimes.csv").into_iter().filter(|it| it.text("period") == "post").collect();
    let observation = |row: &Row| {
        let cause: u8 = row.text("status").parse().unwrap();
        let outcome = if cause == 0 { Outcome::Censored } else { Outcome::Event(cause) };
        Observation::new(row.number("time"), outcome).unwrap()
    };
    let observations: Vec<Observation> = rows.iter().map(observation).collect();
    let curve = kaplan_meier(&observations, Causes::Any).unwrap();
    let curve = ClosingCurve::new(&curve, BeyondSupport::Flat).unwrap();
    let open: Vec<f64> = observations
        .iter()
        .filter(|it| it.outcome() == Outcome::Censored)
        .map(Observation::time)
        .collect();
    let closed = |horizon: f64| {
        let probability = |age: &f64| curve.closing(*age, horizon).unwrap().probability;
        PoissonBinomial::new(&open.iter().map(probability).collect::<Vec<_>>()).unwrap()
    };
    let [week, fortnight] = [0, 1].map(|i| closed(case.numbers("h")[i]));
    let example = curve.closing(10.0, 14.0).unwrap();
    json!({
        "n_open": open.len(),
        "expected_7": week.mean(),
        "expected_14": fortnight.mean(),
        "sd_7": week.std_dev(),
        "sd_14": fortnight.std_dev(),
        "pb_q10_14": fortnight.quantile(0.1),
        "pb_q90_14": fortnight.quantile(0.9),
        "p_all_closed_14": fortnight.probability(open.len()),
        "p_ge_10_in_14": fortnight.at_least(10),
        "example_age10_h14": example.probability,
        "example_loghaz_se": example.log_std_error,
    })
}
