//! Differences of restricted means, of independent findings and by team.

use serde_json::{Value, json};

use super::Case;
use super::km::{findings, observation};
use super::table::rows;
use crate::{
    Causes, RestrictedMean, Sample, Start, jackknife_stratified, kaplan_meier, kaplan_meier_from,
    restricted_mean, restricted_mean_difference,
};

pub(super) fn compute(_id: &str, case: &Case) -> Value {
    let tau = case.number("tau");
    let [first, second] = ["0", "1"].map(|arm| {
        let curve = kaplan_meier(&findings(arm), Causes::Only(1)).unwrap();
        restricted_mean(&curve, tau).unwrap()
    });
    let naive = restricted_mean_difference(first, second);
    let by_team = by_team(tau);
    assert_eq!(by_team.degrees_of_freedom, 10);
    json!({
        "rmst0": first.mean,
        "se0": first.std_error,
        "rmst1": second.mean,
        "se1": second.std_error,
        "diff": naive.difference,
        "se_naive": naive.std_error,
        "z_naive": naive.z,
        "p_naive": naive.p,
        "se_team_jackknife": by_team.std_error,
        "t_df10": by_team.t(),
        "p_t10": by_team.p(),
    })
}

fn by_team(tau: f64) -> crate::Jackknife {
    let mut rows = rows("fixtimes.csv");
    rows.retain(|it| it.text("period") == "post");
    let observations: Vec<_> = rows.iter().map(|it| observation(it, "status")).collect();
    let arms: Vec<_> = rows.iter().map(|it| usize::from(it.text("arm") == "1")).collect();
    let mut teams: Vec<_> = rows.iter().map(|it| it.text("team")).collect();
    teams.sort_unstable();
    teams.dedup();
    let team_of = |row: usize| teams.binary_search(&rows[row].text("team")).unwrap();
    let strata: Vec<_> = (0..teams.len())
        .map(|team| arms[(0..rows.len()).find(|row| team_of(*row) == team).unwrap()])
        .collect();
    let sample = Sample::new(&observations).unwrap();
    let mean = |arm: usize, excluded: Option<usize>| -> Option<RestrictedMean> {
        let kept = sample.kept(|row| arms[row] == arm && Some(team_of(row)) != excluded).ok()?;
        restricted_mean(&kaplan_meier_from(kept, Causes::Only(1), Start::Origin), tau).ok()
    };
    jackknife_stratified(&strata, |excluded| {
        Some(mean(1, excluded)?.mean - mean(0, excluded)?.mean)
    })
    .unwrap()
}
