use serde_json::{Value, json};

use super::Case;
use crate::fisher::{Fisher, OddsRatio, TwoByTwo, fisher_exact};
use crate::proportion::{Proportion, clopper_pearson, newcombe_difference, wilson};
use crate::{Interval, Level};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let mut value = case.expected.clone();
    match id {
        "prop.intervals" => intervals(case, &mut value),
        "prop.newcombe_diff" => newcombe(case, &mut value),
        "prop.fisher_exact" => fisher(case, &mut value),
        _ => panic!("unknown case `{id}`"),
    }
    value
}

fn intervals(case: &Case, value: &mut Value) {
    let proportions = proportions(case, "x", "n");
    let of = |f: fn(Proportion, Level) -> Interval| -> Vec<Interval> {
        proportions.iter().map(|&it| f(it, Level::P95)).collect()
    };
    limits(value, ["wilson_lower", "wilson_upper"], &of(wilson));
    let exact = of(clopper_pearson);
    limits(value, ["cp_lower", "cp_upper"], &exact);
}

fn newcombe(case: &Case, value: &mut Value) {
    let pairs = proportions(case, "x1", "n1").into_iter().zip(proportions(case, "x2", "n2"));
    let found: Vec<Interval> =
        pairs.map(|(first, second)| newcombe_difference(first, second, Level::P95)).collect();
    limits(value, ["lower", "upper"], &found);
}

fn fisher(case: &Case, value: &mut Value) {
    let (x1, n1) = (counts(case, "x1"), counts(case, "n1"));
    let (x2, n2) = (counts(case, "x2"), counts(case, "n2"));
    let found: Vec<Fisher> = (0..x1.len())
        .map(|i| TwoByTwo { first: (x1[i], n1[i] - x1[i]), second: (x2[i], n2[i] - x2[i]) })
        .map(|it| fisher_exact(it, Level::P95).unwrap())
        .collect();
    let ratios: Vec<(f64, Interval)> = found
        .iter()
        .map(|it| match it.odds_ratio {
            OddsRatio::Estimated { estimate, limits } => (estimate, limits),
            OddsRatio::CannotTell => panic!("the tables are informative"),
        })
        .collect();
    value["p_two"] = found.iter().map(|it| it.p_two_sided).collect();
    value["p_greater"] = found.iter().map(|it| it.p_greater).collect();
    value["p_less"] = found.iter().map(|it| it.p_less).collect();
    value["or_cmle"] = ratios.iter().map(|it| it.0).collect();
    let found: Vec<Interval> = ratios.iter().map(|it| it.1).collect();
    limits(value, ["or_lower", "or_upper"], &found);
    // R's own roots are kept for comparison; they are four digits good.
    for (i, (estimate, _)) in ratios.iter().enumerate() {
        let by_r = case.expected["r_or_cmle"][i].as_f64().unwrap();
        assert!((estimate - by_r).abs() < 1e-3 * by_r.max(1.0));
    }
}

fn limits(value: &mut Value, [lower, upper]: [&str; 2], found: &[Interval]) {
    value[lower] = json!(found.iter().map(|it| it.lower).collect::<Vec<_>>());
    value[upper] = json!(found.iter().map(|it| it.upper).collect::<Vec<_>>());
}

fn proportions(case: &Case, hits: &str, n: &str) -> Vec<Proportion> {
    let pairs = counts(case, hits).into_iter().zip(counts(case, n));
    pairs.map(|(x, n)| Proportion::new(x, n).unwrap()).collect()
}

/// These cases keep what is given among what is expected.
fn counts(case: &Case, key: &str) -> Vec<u64> {
    case.expected[key].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect()
}
