use serde_json::{Value, json};

use super::Case;
use super::km::observation;
use super::table::{self, Row};
use crate::difference_in_differences::{TeamScore, difference_in_differences};
use crate::{Causes, Observation, kaplan_meier, restricted_mean};

pub(super) fn compute(case: &Case) -> Value {
    let rows = table::rows("fixtimes.csv");
    let mut names: Vec<&str> = rows.iter().map(|it| it.text("team")).collect();
    names.sort_unstable();
    names.dedup();
    let teams: Vec<TeamScore> =
        names.iter().map(|it| score(&rows, it, case.number("tau"))).collect();
    let found = difference_in_differences(&teams).unwrap();
    let (raw, cuped, did) = (found.raw, found.cuped, found.difference_in_differences);
    json!({
        "team": names,
        "arm": teams.iter().map(|it| u8::from(it.is_treated)).collect::<Vec<_>>(),
        "Y": teams.iter().map(|it| it.after).collect::<Vec<_>>(),
        "X": teams.iter().map(|it| it.before).collect::<Vec<_>>(),
        "diff_raw": raw.test.difference,
        "se_raw": raw.test.std_error,
        "p_perm_raw": raw.p_permutation,
        "theta": found.theta,
        "diff_cuped": cuped.test.difference,
        "se_cuped": cuped.test.std_error,
        "p_perm_cuped": cuped.p_permutation,
        "ancova_coef": found.ancova.difference,
        "ancova_se": found.ancova.std_error,
        "ancova_p_t": found.ancova.p,
        "did": did.test.difference,
        "se_did": did.test.std_error,
        "p_perm_did": did.p_permutation,
        "p_t_did": did.test.p,
    })
}

fn score(rows: &[Row], team: &str, tau: f64) -> TeamScore {
    let of_team = |period: &'static str| {
        rows.iter().filter(move |it| it.text("team") == team && it.text("period") == period)
    };
    // What was found late in the time before would need a curve with delayed entry, of very few.
    let before = of_team("pre").filter(|it| it.number("entry") == 0.0);
    let is_treated = of_team("post").any(|it| it.text("arm") == "1");
    TeamScore { is_treated, before: mean(before, tau), after: mean(of_team("post"), tau) }
}

fn mean<'a>(rows: impl Iterator<Item = &'a Row>, tau: f64) -> f64 {
    let observations: Vec<Observation> = rows.map(|it| observation(it, "status")).collect();
    restricted_mean(&kaplan_meier(&observations, Causes::Any).unwrap(), tau).unwrap().mean
}
