//! Kaplan-Meier curves, their quantiles and restricted means, and the naive numbers beside them.

use serde_json::{Value, json};

use super::Case;
use super::table::{Row, rows};
use crate::{
    Band, Causes, Interval, KaplanMeier, Level, Observation, Outcome, Quantile, Sample, Start,
    Step, closed_only, kaplan_meier, kaplan_meier_from, quantile, restricted_mean,
};

const BANDS: [(&str, Band); 3] =
    [("loglog", Band::LogLog), ("log", Band::Log), ("plain", Band::Plain)];

pub(super) fn compute(id: &str, case: &Case) -> Value {
    match id {
        "km.ovarian" => every_event_time(&right_censored("ovarian.csv", "event", |_| true)),
        "km.tiny_truncated" => tiny_truncated(),
        "km.tiny_truncated_conditional" => tiny_truncated_conditional(case),
        "km.fixtimes_pre_left_truncated" => pre(case, Entry::Respected),
        "km.fixtimes_pre_ignoring_truncation" => pre(case, Entry::Ignored),
        "convention.median_at_half" => median_at_half(),
        "naive.mttr_of_closed" => mttr_of_closed(),
        _ => at_chosen_times(&curve_of(&case.dataset), case),
    }
}

#[derive(Clone, Copy)]
enum Entry {
    Respected,
    Ignored,
}

/// `period` and `arm` of the findings; `status` is the cause.
pub(super) fn findings(arm: &str) -> Vec<Observation> {
    let rows = rows("fixtimes.csv");
    let chosen = rows.iter().filter(|it| it.text("period") == "post" && it.text("arm") == arm);
    chosen.map(|it| observation(it, "status")).collect()
}

/// 0 is censored, anything else a cause.
pub(super) fn observation(row: &Row, cause: &str) -> Observation {
    let time = if cause == "estat" { "etime" } else { "time" };
    Observation::new(row.number(time), outcome(row, cause)).unwrap()
}

fn outcome(row: &Row, cause: &str) -> Outcome {
    match row.text(cause) {
        "0" => Outcome::Censored,
        cause => Outcome::Event(cause.parse().unwrap()),
    }
}

fn right_censored(file: &str, cause: &str, keep: impl Fn(&Row) -> bool) -> KaplanMeier {
    let observations: Vec<_> =
        rows(file).iter().filter(|it| keep(it)).map(|it| observation(it, cause)).collect();
    kaplan_meier(&observations, Causes::Only(1)).unwrap()
}

/// The curve of a data set as the reference describes it.
fn curve_of(dataset: &str) -> KaplanMeier {
    match dataset {
        "lung.csv sex==1" => right_censored("lung.csv", "event", |it| it.text("sex") == "1"),
        "lung.csv sex==2" => right_censored("lung.csv", "event", |it| it.text("sex") == "2"),
        "veteran.csv trt==1" => right_censored("veteran.csv", "event", |it| it.text("trt") == "1"),
        "veteran.csv trt==2" => right_censored("veteran.csv", "event", |it| it.text("trt") == "2"),
        "fixtimes.csv period==post & arm==0; event = status==1" => {
            kaplan_meier(&findings("0"), Causes::Only(1)).unwrap()
        }
        "fixtimes.csv period==post & arm==1; event = status==1" => {
            kaplan_meier(&findings("1"), Causes::Only(1)).unwrap()
        }
        _ => panic!("no such data set: {dataset}"),
    }
}

fn every_event_time(curve: &KaplanMeier) -> Value {
    let mut found = columns(curve.steps());
    found["nelson_aalen"] = curve.steps().iter().map(|it| it.cumulative_hazard).collect();
    found["nelson_aalen_se"] =
        curve.steps().iter().map(|it| it.cumulative_hazard_std_error).collect();
    found
}

fn columns(steps: &[Step]) -> Value {
    let mut found = json!({
        "time": steps.iter().map(|it| it.time).collect::<Vec<_>>(),
        "n_risk": steps.iter().map(|it| it.n_at_risk).collect::<Vec<_>>(),
        "n_event": steps.iter().map(|it| it.n_events).collect::<Vec<_>>(),
        "surv": steps.iter().map(|it| it.survival).collect::<Vec<_>>(),
        "greenwood_se": steps.iter().map(Step::std_error).collect::<Vec<_>>(),
    });
    for (name, band) in BANDS {
        let limits = || steps.iter().map(|it| it.limits(band, Level::P95));
        found[format!("{name}_lower")] =
            limits().map(|it| it.map(|it: Interval| it.lower)).collect();
        found[format!("{name}_upper")] =
            limits().map(|it| it.map(|it: Interval| it.upper)).collect();
    }
    found
}

fn at_chosen_times(curve: &KaplanMeier, case: &Case) -> Value {
    let steps: Vec<_> = case.numbers("times").into_iter().map(|t| curve.at(t).unwrap()).collect();
    let mut quantiles = json!({});
    for (name, band) in BANDS {
        let p = [0.25, 0.5, 0.75];
        let found = p.map(|p| quantile(curve, p, band, Level::P95));
        quantiles[name] = json!({
            "p": p,
            "q": found.map(|it| it.time),
            "lower": found.map(|it| it.lower),
            "upper": found.map(|it| it.upper),
        });
    }
    let rmst = restricted_mean(curve, case.number("tau")).unwrap();
    json!({
        "at": columns(&steps),
        "quantiles": quantiles,
        "rmst": { "tau": rmst.tau, "rmst": rmst.mean, "se": rmst.std_error },
        "n": curve.sample().n_subjects(),
        "events": curve.sample().n_events(Causes::Only(1)),
    })
}

fn entered(row: &Row, cause: &str) -> Observation {
    let (entry, time) = (row.number("entry"), row.number("time"));
    Observation::entered(entry, time, outcome(row, cause)).unwrap()
}

fn tiny() -> Vec<Observation> {
    rows("tiny_truncated.csv").iter().map(|it| entered(it, "event")).collect()
}

/// The reference lists the ages of censorings too.
fn tiny_truncated() -> Value {
    let curve = kaplan_meier(&tiny(), Causes::Any).unwrap();
    let mut times: Vec<f64> = tiny().iter().map(Observation::time).collect();
    times.sort_by(f64::total_cmp);
    columns(&times.into_iter().map(|t| curve.at(t).unwrap()).collect::<Vec<_>>())
}

fn tiny_truncated_conditional(case: &Case) -> Value {
    let sample = Sample::new(&tiny()).unwrap();
    let start = Start::After(case.number("start_time"));
    columns(kaplan_meier_from(sample, Causes::Any, start).steps())
}

fn pre(case: &Case, entry: Entry) -> Value {
    let rows = rows("fixtimes.csv");
    let pre = rows.iter().filter(|it| it.text("period") == "pre");
    let observations: Vec<_> = pre
        .map(|it| match entry {
            Entry::Respected => entered(it, "status"),
            Entry::Ignored => observation(it, "status"),
        })
        .collect();
    let curve = kaplan_meier(&observations, Causes::Only(1)).unwrap();
    let steps: Vec<_> = case.numbers("times").into_iter().map(|t| curve.at(t).unwrap()).collect();
    let mut found = columns(&steps);
    found["median"] = json!(median(&curve).time);
    found
}

fn median(curve: &KaplanMeier) -> Quantile {
    quantile(curve, 0.5, Band::LogLog, Level::P95)
}

fn median_at_half() -> Value {
    let curve = right_censored("tiny_half.csv", "event", |_| true);
    let left_end = curve.steps().iter().find(|it| it.survival <= 0.5).map(|it| it.time);
    json!({ "r_median": median(&curve).time, "left_end": left_end })
}

fn mttr_of_closed() -> Value {
    let [first, second] = ["0", "1"].map(|arm| {
        let findings = findings(arm);
        let curve = kaplan_meier(&findings, Causes::Only(1)).unwrap();
        (closed_only(&findings, Causes::Only(1)), median(&curve).time)
    });
    json!({
        "mean_closed_arm0": first.0.mean,
        "median_closed_arm0": first.0.median,
        "mean_closed_arm1": second.0.mean,
        "median_closed_arm1": second.0.median,
        "km_median_arm0": first.1,
        "km_median_arm1": second.1,
        "fixed0": first.0.n_closed,
        "n0": first.0.n_subjects,
        "fixed1": second.0.n_closed,
        "n1": second.0.n_subjects,
    })
}
