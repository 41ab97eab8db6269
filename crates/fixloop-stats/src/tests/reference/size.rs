use serde_json::Value;

use super::Case;
use crate::size::{
    Accrual, ClusterSpread, ClusteredEvents, ErrorRates, ExponentialHazard, cluster_power,
    clusters_per_arm, design_effect, freedman_events, min_p_of_complete, min_p_of_pairs,
    schoenfeld_events, total_subjects,
};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let mut value = case.expected.clone();
    match id {
        "size.schoenfeld_events" => events(case, &mut value),
        "size.exponential_accrual" => accrual(case, &mut value),
        "size.design_effect" => {
            let [m, cv, icc] = ["m", "cv", "icc"].map(|it| given(case, it));
            value["de"] =
                (0..m.len()).map(|i| design_effect(m[i], cv[i], icc[i]).unwrap()).collect();
        }
        "size.hayes_bennett_clusters_per_arm" => {
            let [p0, p1, m, k] = ["p0", "p1", "m", "k"].map(|it| given(case, it));
            let c = |i| clusters_per_arm([p0[i], p1[i]], m[i], k[i], ErrorRates::USUAL).unwrap();
            value["c_per_arm"] = (0..m.len()).map(c).collect();
        }
        "size.cluster_frailty_power" => frailty(case, &mut value),
        "size.min_permutation_p" => {
            let k: Vec<u32> = given(case, "k").into_iter().map(whole).collect();
            value["complete"] = k.iter().map(|&it| min_p_of_complete(it, it)).collect();
            value["paired"] = k.iter().map(|&it| min_p_of_pairs(it)).collect();
        }
        _ => panic!("unknown case `{id}`"),
    }
    value
}

fn events(case: &Case, value: &mut Value) {
    let [hr, p1] = ["hr", "p1"].map(|it| given(case, it));
    for (key, power) in [("d_power80", 0.8), ("d_power90", 0.9)] {
        let rates = ErrorRates::new(case.number("alpha"), power).unwrap();
        let d = |i| schoenfeld_events(hr[i], p1[i], rates).unwrap();
        value[key] = (0..hr.len()).map(d).collect();
    }
    let n_equal = given(case, "freedman_power80_equal").len();
    value["freedman_power80_equal"] =
        hr[..n_equal].iter().map(|&it| freedman_events(it, ErrorRates::USUAL).unwrap()).collect();
}

fn accrual(case: &Case, value: &mut Value) {
    let [median, days, follow] = ["median0", "accrual", "follow"].map(|it| given(case, it));
    let hr = case.expected["hr"].as_f64().unwrap();
    let events = schoenfeld_events(hr, 0.5, ErrorRates::USUAL).unwrap();
    for i in 0..median.len() {
        let accrual = Accrual::new(days[i], follow[i]).unwrap();
        let control = ExponentialHazard::of_median(median[i]).unwrap();
        let treated = control.times(hr).unwrap();
        value["p_event0"][i] = control.event_probability(accrual).into();
        value["p_event1"][i] = treated.event_probability(accrual).into();
        value["n_total"][i] = total_subjects(events, accrual, [control, treated]).unwrap().into();
    }
}

fn frailty(case: &Case, value: &mut Value) {
    let [teams, theta, events] = ["G", "theta", "D"].map(|it| given(case, it));
    let [cv, hr] = ["cv", "hr"].map(|it| case.expected[it].as_f64().unwrap());
    for i in 0..teams.len() {
        let spread = ClusterSpread::new(theta[i], cv).unwrap();
        let comparison = ClusteredEvents::new(events[i], whole(teams[i]), spread).unwrap();
        value["var"][i] = comparison.log_ratio_variance().into();
        let alpha = case.number("alpha");
        value["power"][i] = cluster_power(comparison, hr, alpha).unwrap().into();
    }
}

/// These cases keep what is given among what is expected.
fn given(case: &Case, key: &str) -> Vec<f64> {
    case.expected[key].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

fn whole(number: f64) -> u32 {
    format!("{number}").parse().unwrap()
}
