//! Estimates as JSON, under the names that R users know. A field without a value is `null`, and `cannot_tell` says why.

use fixloop_stats::cox::CoxFit;
use fixloop_stats::log_rank::{ClusterLogRank, LogRank};
use fixloop_stats::{AalenJohansen, Band, Level, Step};
use serde_json::{Map, Value, json};

use super::arms::{CannotTell, Comparison, Means};
use super::estimates::{Estimates, GroupEstimates, Points};

/// Said beside every mean or median of closed rows.
const CLOSED_ONLY: &str =
    "of closed rows only: what is still open is the slow part, so both are too short";

pub(super) fn estimates(it: &Estimates) -> Value {
    let arms = it.arms.iter().map(|(name, of)| {
        let mut arm = group(of, &it.points);
        arm["arm"] = json!(name);
        arm
    });
    let mut document = json!({
        "all": it.all.as_ref().map(|of| group(of, &it.points)),
        "arms": arms.collect::<Vec<_>>(),
        "logrank": null,
        "logrank_strata": null,
        "logrank_cluster_robust": null,
        "rmst_diff": null,
        "cox_efron": null,
        "cox_efron_strata": null,
        "cannot_tell": {},
    });
    if let (Some(of), Some(fields)) = (&it.comparison, document.as_object_mut()) {
        compared(of, it.points.horizon, fields);
    }
    document
}

fn group(it: &GroupEstimates, points: &Points) -> Value {
    let mut cannot_tell = Map::new();
    if let Err(reason) = &it.restricted_mean {
        cannot_tell.insert("rmst".to_owned(), reason.to_string().into());
    }
    let rmst = it.restricted_mean.as_ref().ok();
    json!({
        "n": it.n,
        "events": it.n_events,
        "competing": it.n_competing,
        "censored": it.n - it.n_events - it.n_competing,
        "at": at(it, points),
        "quantiles": { "loglog": {
            "p": it.quantiles.iter().map(|it| it.0).collect::<Vec<_>>(),
            "q": it.quantiles.iter().map(|it| it.1.time).collect::<Vec<_>>(),
            "lower": it.quantiles.iter().map(|it| it.1.lower).collect::<Vec<_>>(),
            "upper": it.quantiles.iter().map(|it| it.1.upper).collect::<Vec<_>>(),
        } },
        "rmst": rmst.map(|it| json!({ "tau": it.tau, "rmst": it.mean, "se": it.std_error })),
        "cif_event": incidence(&it.event, points),
        "cif_competing": incidence(&it.competing, points),
        "mean_closed": it.closed.mean,
        "median_closed": it.closed.median,
        "closed_note": CLOSED_ONLY,
        "cannot_tell": cannot_tell,
    })
}

fn at(it: &GroupEstimates, points: &Points) -> Value {
    let steps: Vec<Option<Step>> = points.times.iter().map(|t| it.curve.at(*t)).collect();
    let column = |of: &dyn Fn(&Step) -> Option<f64>| -> Vec<Option<f64>> {
        steps.iter().map(|it| of(it.as_ref()?)).collect()
    };
    let limits = |it: &Step| it.limits(Band::LogLog, Level::P95);
    let sample = it.curve.sample();
    json!({
        "time": points.times,
        "n_risk": points.times.iter().map(|t| sample.n_at_risk(*t)).collect::<Vec<_>>(),
        "surv": column(&|it| Some(it.survival)),
        "greenwood_se": column(&Step::std_error),
        "loglog_lower": column(&|it| Some(limits(it)?.lower)),
        "loglog_upper": column(&|it| Some(limits(it)?.upper)),
    })
}

fn incidence(it: &AalenJohansen, points: &Points) -> Value {
    let steps: Vec<_> = points.times.iter().map(|t| it.at(*t)).collect();
    json!({
        "time": points.times,
        "cif": steps.iter().map(|it| it.map(|it| it.share)).collect::<Vec<_>>(),
        "se": steps.iter().map(|it| it.map(|it| it.std_error)).collect::<Vec<_>>(),
    })
}

fn compared(it: &Comparison, horizon: f64, fields: &mut Map<String, Value>) {
    let mut reasons = Map::new();
    let mut add = |name: &str, told: Result<Value, &CannotTell>| match told {
        Ok(value) => {
            fields.insert(name.to_owned(), value);
        }
        Err(reason) => {
            reasons.insert(name.to_owned(), reason.to_string().into());
        }
    };
    add("logrank", it.log_rank.as_ref().map(|of| log_rank(of, it)));
    if let Some(told) = &it.log_rank_strata {
        add("logrank_strata", told.as_ref().map(|of| log_rank(of, it)));
    }
    if let Some(told) = &it.log_rank_by_team {
        add("logrank_cluster_robust", told.as_ref().map(|of| by_cluster(of, it)));
    }
    add("rmst_diff", it.means.as_ref().map(|of| means(of, horizon)));
    if let Some(Err(reason)) = it.means.as_ref().ok().and_then(|it| it.by_team.as_ref()) {
        add("rmst_diff.se_team_jackknife", Err(reason));
    }
    add("cox_efron", it.cox.as_ref().map(cox));
    if let Some(told) = &it.cox_strata {
        add("cox_efron_strata", told.as_ref().map(cox));
    }
    fields.insert("cannot_tell".to_owned(), reasons.into());
}

fn log_rank(it: &LogRank, of: &Comparison) -> Value {
    json!({
        "arms": of.arm_names,
        "observed": it.groups.iter().map(|it| it.observed).collect::<Vec<_>>(),
        "expected": it.groups.iter().map(|it| it.expected).collect::<Vec<_>>(),
        "var_first": it.covariance.first().and_then(|it| it.first()),
        "chisq": it.test.statistic,
        "df": it.test.df,
        "p": it.test.p,
    })
}

fn by_cluster(it: &ClusterLogRank, of: &Comparison) -> Value {
    let scores = it.scores.iter().map(|(team, score)| {
        let name = of.team_names.get(*team as usize);
        (name.map_or_else(|| team.to_string(), Clone::clone), json!(score))
    });
    json!({
        "U": it.score,
        "V_hypergeometric": it.variance_independent,
        "V_robust": it.variance_robust,
        "z_naive": it.score / it.variance_independent.sqrt(),
        "z_robust": it.z,
        "teams": it.scores.len(),
        "df": it.scores.len() - 2,
        "p": it.p,
        "score_by_team": scores.collect::<Map<String, Value>>(),
    })
}

fn means(it: &Means, tau: f64) -> Value {
    let by_team = it.by_team.as_ref().and_then(|it| it.as_ref().ok());
    let interval = by_team.map(|it| it.interval(Level::P95));
    json!({
        "tau": tau,
        "rmst0": it.first.mean,
        "se0": it.first.std_error,
        "rmst1": it.second.mean,
        "se1": it.second.std_error,
        "diff": it.difference.difference,
        "se_naive": it.difference.std_error,
        "p_naive": it.difference.p,
        "se_team_jackknife": by_team.map(|it| it.std_error),
        "df": by_team.map(|it| it.degrees_of_freedom),
        "lower": interval.map(|it| it.lower),
        "upper": interval.map(|it| it.upper),
        "p": by_team.and_then(fixloop_stats::Jackknife::p),
    })
}

/// The second arm's hazard over the first's.
fn cox(it: &CoxFit) -> Value {
    let robust = it.robust.as_ref();
    let wald = robust.map_or(it.wald, |it| it.wald);
    json!({
        "coef": it.coefficients.first(),
        "hazard_ratio": it.coefficients.first().map(|it| it.exp()),
        "se": it.std_errors.first(),
        "robust_se": robust.and_then(|it| it.std_errors.first()),
        "loglik_null": it.log_likelihood_null,
        "loglik": it.log_likelihood,
        "lrt": it.likelihood_ratio.statistic,
        "wald": wald.statistic,
        "score": it.score.statistic,
        "robust_score": robust.and_then(|it| it.score).map(|it| it.statistic),
        "p": wald.p,
        "n": it.n_rows,
        "events": it.n_events,
        "clusters": robust.map(|it| it.n_clusters),
    })
}
