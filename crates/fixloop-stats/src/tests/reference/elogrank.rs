use serde_json::{Value, json};

use super::Case;
use super::table::{self, Row};
use crate::e_log_rank::{
    AGE_BANDS, CalendarObservation, CalendarSample, EStep, HazardRatio, e_log_rank,
    e_log_rank_by_calendar,
};
use crate::log_rank::GroupedSample;
use crate::{Causes, Observation, Outcome};

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let ratio = HazardRatio::new(case.number("theta")).unwrap();
    match id {
        "elogrank.ovarian" => ovarian(ratio),
        "elogrank.fix_age_scale" => by_age(ratio, None),
        "elogrank.fix_age_scale_strata_severity" => by_age(ratio, Some("severity")),
        "elogrank.fix_calendar_agebands" => by_calendar(case, ratio),
        _ => panic!("unknown case `{id}`"),
    }
}

fn ovarian(ratio: HazardRatio) -> Value {
    let rows = table::rows("ovarian.csv");
    let observations: Vec<Observation> = rows
        .iter()
        .map(|it| Observation::new(it.number("time"), outcome(it, "event")).unwrap())
        .collect();
    let groups = table::labels(&rows, "rx");
    let sample = GroupedSample { observations: &observations, groups: &groups, strata: None };
    let process = e_log_rank(&sample, Causes::Any, ratio).unwrap();
    let of = |number: fn(&EStep) -> f64| process.steps().iter().map(number).collect::<Vec<_>>();
    json!({
        "time": of(|it| it.time),
        "cum_log_e_theta": of(|it| it.log_e),
        "cum_log_e_inv": of(|it| it.log_e_inverse),
        "log_e_mix": of(EStep::log_e_mixture),
    })
}

fn by_age(ratio: HazardRatio, strata: Option<&str>) -> Value {
    let rows = post();
    let observations: Vec<Observation> = rows
        .iter()
        .map(|it| Observation::new(it.number("time"), outcome(it, "status")).unwrap())
        .collect();
    let groups = table::labels(&rows, "arm");
    let strata = strata.map(|it| table::labels(&rows, it));
    let sample =
        GroupedSample { observations: &observations, groups: &groups, strata: strata.as_deref() };
    let process = e_log_rank(&sample, Causes::Any, ratio).unwrap();
    let last = process.steps().last().unwrap();
    json!({ "log_e_theta": last.log_e, "log_e_inv": last.log_e_inverse })
}

fn by_calendar(case: &Case, ratio: HazardRatio) -> Value {
    let rows = post();
    let observation = |row: &Row| {
        let day = |column: &str| row.text(column).parse::<i32>().unwrap();
        let origin = day("disclosed");
        let end = origin + day("time");
        CalendarObservation::new(origin, origin, end, outcome(row, "status")).unwrap()
    };
    let observations: Vec<CalendarObservation> = rows.iter().map(observation).collect();
    let groups = table::labels(&rows, "arm");
    let sample = CalendarSample {
        observations: &observations,
        groups: &groups,
        strata: None,
        age_bands: &AGE_BANDS,
    };
    let process = e_log_rank_by_calendar(&sample, Causes::Any, ratio).unwrap();
    let days: Vec<f64> =
        case.expected["day"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect();
    let log_e: Vec<f64> = days.iter().map(|&it| process.at(it).log_e).collect();
    json!({ "day": days, "cum_log_e": log_e })
}

fn post() -> Vec<Row> {
    table::rows("fixtimes.csv").into_iter().filter(|it| it.text("period") == "post").collect()
}

fn outcome(row: &Row, column: &str) -> Outcome {
    if row.text(column) == "1" { Outcome::Event(1) } else { Outcome::Censored }
}
