//! `fixloop.experiment/1`.

use fixloop_experiment::{
    Analysis, Differences, GuardrailReading, HealthCheck, InsideTest, LookReading, Naive, Observed,
    Sensitivity, TeamDot, TeamTest, TimeRatio, WaveReading, health_status,
};
use fixloop_stats::difference_in_differences::TeamDifference;
use fixloop_stats::{Jackknife, Level};
use serde_json::{Value, json};

use super::{ExperimentReport, words};

/// The analysis as one document; `null` is "cannot tell", with the reason in `cannot_tell`.
pub fn experiment_json(report: &ExperimentReport) -> Value {
    let it = &report.analysis;
    let primary = it.primary.as_ref().ok();
    let ratio = words::shown_ratio(it);
    json!({
        "schema": "fixloop.experiment/1",
        "subject": report.subject,
        "design": words::design(it.design),
        "verdict": it.decision.verdict.as_str(),
        "rule": words::rule(it),
        "says": words::verdict(report),
        "p_value": primary.map(|it| it.p_value),
        "p_greater": primary.map(|it| it.p_greater),
        "min_p": primary.and_then(|it| it.min_p),
        "alpha": report.question.settings.alpha,
        "time_ratio": ratio.and_then(|it| it.point),
        "interval": { "low": ratio.and_then(|it| it.low), "high": ratio.and_then(|it| it.high) },
        "method": primary.map(|it| &it.method),
        "assignments": primary.map(|it| it.n_assignments),
        "teams": it.n_teams_together(),
        "events": it.withheld.is_none().then_some(it.n_fixed[0] + it.n_fixed[1]),
        "arms": arms(it),
        "test": it.team_test.as_ref().map(|test| test_json(it, test)),
        "ratios": it.ratio.as_ref().ok().map(ratios),
        "differences": differences(&it.differences),
        "sensitivity": it.sensitivity.iter().map(sensitivity).collect::<Vec<_>>(),
        "naive": naive(&it.naive, &it.arm_names),
        "health": health(&report.question.health),
        "guardrails": report.question.guardrails.iter().map(guardrail).collect::<Vec<_>>(),
        "looks": it.looks.iter().map(look).collect::<Vec<_>>(),
        "registration": {
            "hash": report.registration.hash.to_string(),
            "lines": report.registration.lines,
        },
        "n_looks": report.outlook.n_looks,
        "next_look_day": report.outlook.next_look_day,
        "settles": report.outlook.settles,
        "inside_team": it.inside_test.as_ref().map(inside),
        "observational": it.observed.as_ref().map(observed),
        "waves": it.waves.iter().map(wave).collect::<Vec<_>>(),
        "team_dots": it.teams.iter().map(|dot| team(dot, it)).collect::<Vec<_>>(),
        "cannot_tell": words::cannot_tell(it),
    })
}

fn arms(it: &Analysis) -> Value {
    let arm = |at: usize| {
        json!({
            "name": it.arm_names[at],
            "is_treated": at == 1,
            "teams": it.n_teams[at],
            "findings": it.n_findings[at],
            "events": it.n_fixed[at],
        })
    };
    // Nothing that tells the arms apart, between looks.
    if it.withheld.is_some() { json!([]) } else { json!([arm(0), arm(1)]) }
}

fn test_json(it: &Analysis, test: &TeamTest) -> Value {
    let teams = it.teams.iter().map(|it| &it.name).collect::<Vec<_>>();
    json!({
        "difference": test.difference,
        "is_exhaustive": test.is_exhaustive,
        "units": test.n_units,
        "theta": test.theta,
        "history_slope": test.slope,
        "teams": teams,
        "observed": test.counts.observed,
        "expected": test.counts.expected,
        "scores": test.scores,
        "history": test.history,
        "adjusted": test.adjusted,
    })
}

fn ratios(it: &TimeRatio) -> Value {
    let tried = it.set.p_values.iter();
    json!(tried.map(|(ratio, p)| json!({ "ratio": ratio, "p": p })).collect::<Vec<_>>())
}

fn differences(it: &Differences) -> Value {
    let of = |values: Option<[f64; 2]>, difference: Option<&Jackknife>| {
        let interval = difference.map(|it| it.interval(Level::P95));
        json!({
            "control": values.map(|it| it[0]),
            "treated": values.map(|it| it[1]),
            "difference": difference.map(|it| it.estimate),
            "std_error": difference.map(|it| it.std_error),
            "low": interval.map(|it| it.lower),
            "high": interval.map(|it| it.upper),
        })
    };
    json!({
        "horizon_days": it.horizon,
        "mean_days_open": of(it.means, it.mean.as_ref()),
        "share_fixed": of(it.shares, it.share.as_ref()),
        "share_dismissed": of(it.dismissed, it.dismissal.as_ref()),
    })
}

fn sensitivity(it: &Sensitivity) -> Value {
    json!({
        "name": it.name,
        "assumes": it.assumes,
        "estimate": it.estimate,
        "p_value": it.p,
        "agreement": words::agreement(it.agreement),
        "reason": it.reason,
    })
}

fn naive(it: &Naive, names: &[String; 2]) -> Value {
    let arm = |at: usize| json!({ "name": names[at], "median": it.closed_medians[at], "mean": it.closed_means[at] });
    json!({
        "closed_only": [arm(0), arm(1)],
        "log_rank_p": it.log_rank_p,
        "why_it_misleads": words::NAIVE,
    })
}

fn health(checks: &[HealthCheck]) -> Value {
    let check = |it: &HealthCheck| json!({ "name": it.name, "status": words::health(it.status), "says": it.says });
    json!({
        "status": words::health(health_status(checks)),
        "checks": checks.iter().map(check).collect::<Vec<_>>(),
    })
}

fn guardrail(it: &GuardrailReading) -> Value {
    json!({
        "name": it.name,
        "unit": it.unit,
        "control": it.control,
        "treated": it.treated,
        "worsening": it.worsening,
        "low": it.interval.map(|it| it.0),
        "high": it.interval.map(|it| it.1),
        "margin": it.margin,
        "answer": words::guardrail(it.answer),
        "is_alarm": it.is_alarm,
        "says": it.says,
    })
}

fn inside(it: &InsideTest) -> Value {
    json!({ "score": it.score, "z": it.z, "e_value": it.e_value })
}

fn observed(it: &Observed) -> Value {
    let of = &it.differences;
    let difference = |it: &TeamDifference| {
        json!({
            "days": it.test.difference,
            "std_error": it.test.std_error,
            "p_t": it.test.p,
            "p_placebo": it.p_permutation,
        })
    };
    json!({
        "raw": difference(&of.raw),
        "adjusted_for_history": difference(&of.cuped),
        "difference_in_differences": difference(&of.difference_in_differences),
        "placebos_days": it.placebos,
        "is_apart_from_drift": it.is_apart_from_drift,
    })
}

fn wave(it: &WaveReading) -> Value {
    json!({
        "name": it.name,
        "teams": it.n_teams,
        "e_value": it.e_value,
        "reason": it.reason,
        "product": it.product,
    })
}

fn look(it: &LookReading) -> Value {
    json!({
        "day": it.day,
        "findings": it.n_findings,
        "events": it.n_fixed,
        "statistic": it.statistic,
        "threshold": it.threshold,
        "spent": it.spent,
        "is_rejected": it.is_rejected,
        "is_futile": it.is_futile,
    })
}

fn team(dot: &TeamDot, it: &Analysis) -> Value {
    json!({
        "team": dot.name,
        "arm": it.arm_names[dot.arm.index()],
        "findings": dot.n_findings,
        "events": dot.n_fixed,
        "mean_days_open_before": dot.before,
        "mean_days_open": dot.during,
    })
}
