use serde_json::{Value, json};

use super::Case;
use super::table::{self, Row};
use crate::randomization::{
    Assignments, Limits, PValues, Sequential, grid, invert, p_values, rescaled, soft_rank_e,
    spent_budget,
};
use crate::team_counts::{TeamCounts, TeamSample, team_counts};
use crate::team_score::{DEFAULT_THETA, team_scores};
use crate::{Causes, Observation, Outcome};

/// Findings of one data set, with what was assigned to their teams.
struct Table {
    rows: Vec<Row>,
    teams: Vec<u32>,
    names: Vec<String>,
    treated: Vec<bool>,
    pairs: Vec<u32>,
}

const FIXED: Causes = Causes::Only(1);

pub(super) fn compute(id: &str, case: &Case) -> Value {
    let table = Table::of(if id.starts_with("b.") || id == "teamscore.b" {
        "fixtimes_b.csv"
    } else {
        "fixtimes.csv"
    });
    match id {
        "permutation.fix_logrank_exact924" | "b.permutation_exact12870" => log_rank(&table),
        "permutation.fix_logrank_paired64" | "b.permutation_paired256" => paired(&table),
        "permutation.fix_time_ratio" => {
            let p = case.numbers("phi").iter().map(|it| table.ratio_p(*it)).collect::<Vec<_>>();
            json!({ "p": p })
        }
        "b.time_ratio_ci" => time_ratio(&table, case),
        "b.sequential_permutation" => sequential(&table, case),
        "softrank_e" => soft_rank(case),
        "teamscore.fix" => team_score_fix(&table),
        "teamscore.b" => team_score_b(&table),
        _ => panic!("unknown case `{id}`"),
    }
}

impl Table {
    /// The rows after assignment; teams are numbered over all rows.
    fn of(file: &str) -> Self {
        let all = table::rows(file);
        let labels = table::labels(&all, "team");
        let is_after = |row: &Row| file == "fixtimes_b.csv" || row.text("period") == "post";
        let n = labels.iter().max().map_or(0, |it| *it as usize + 1);
        let (mut treated, mut pairs, mut names) =
            (vec![false; n], vec![0; n], vec![String::new(); n]);
        for (row, team) in all.iter().zip(&labels) {
            let team = *team as usize;
            treated[team] = row.text("arm") == "1";
            pairs[team] = row.text("pair").parse().unwrap();
            row.text("team").clone_into(&mut names[team]);
        }
        let (rows, teams) = all.into_iter().zip(labels).filter(|(row, _)| is_after(row)).unzip();
        Self { rows, teams, names, treated, pairs }
    }

    fn assignments(&self, is_paired: bool) -> Assignments {
        let strata = if is_paired { self.pairs.clone() } else { vec![0; self.pairs.len()] };
        Assignments::of_strata(&strata, &self.treated, Limits::default(), 0).unwrap()
    }

    fn counts(&self, observations: &[Observation], strata: Option<&[u32]>) -> TeamCounts {
        let sample =
            TeamSample { observations, teams: &self.teams, n_teams: self.treated.len(), strata };
        team_counts(&sample, FIXED).unwrap()
    }

    fn ratio_p(&self, ratio: f64) -> f64 {
        let is_treated = |team: u32| self.treated[team as usize];
        let (mut observations, mut teams) = (Vec::new(), Vec::new());
        for (row, team) in self.rows.iter().zip(&self.teams) {
            let closed = row.text("status") != "0";
            let outcome = if closed { Outcome::Event(1) } else { Outcome::Censored };
            let observation = Observation::new(row.number("time"), outcome).unwrap();
            let limit = row.number("admin_cens");
            let scaled = rescaled(&observation, is_treated(*team), limit, ratio).unwrap();
            observations.extend(scaled);
            teams.extend(scaled.map(|_| *team));
        }
        let n_teams = self.treated.len();
        let sample =
            TeamSample { observations: &observations, teams: &teams, n_teams, strata: None };
        let counts = team_counts(&sample, FIXED).unwrap();
        let assignments = self.assignments(false);
        let scores = assignments.map(|it| counts.log_rank(it).0);
        p_values(&scores, assignments.observed()).unwrap().two_sided
    }
}

/// Fixed is 1; removed and ignored censor.
fn observation(row: &Row) -> Observation {
    let outcome = if row.text("status") == "1" { Outcome::Event(1) } else { Outcome::Censored };
    Observation::new(row.number("time"), outcome).unwrap()
}

fn observations(rows: &[Row]) -> Vec<Observation> {
    rows.iter().map(observation).collect()
}

fn log_rank(table: &Table) -> Value {
    let counts = table.counts(&observations(&table.rows), None);
    let assignments = table.assignments(false);
    let u = assignments.map(|it| counts.log_rank(it).0);
    let z = assignments.map(|it| {
        let (score, variance) = counts.log_rank(it);
        score / variance.sqrt()
    });
    let observed = assignments.observed();
    let (p_u, p_z) = (p_values(&u, observed).unwrap(), p_values(&z, observed).unwrap());
    json!({
        "U_obs": u[observed], "Z_obs": z[observed],
        "p_U_two_sided": p_u.two_sided, "p_U_greater": p_u.greater,
        "p_Z_two_sided": p_z.two_sided, "p_Z_greater": p_z.greater,
    })
}

fn paired(table: &Table) -> Value {
    let counts = table.counts(&observations(&table.rows), None);
    let assignments = table.assignments(true);
    let u = assignments.map(|it| counts.log_rank(it).0);
    let p = p_values(&u, assignments.observed()).unwrap();
    json!({
        "U_obs": u[assignments.observed()],
        "p_U_two_sided": p.two_sided, "p_U_greater": p.greater,
        "min_two_sided": assignments.min_p(),
    })
}

fn time_ratio(table: &Table, case: &Case) -> Value {
    let ratios = grid(case.number("grid_from"), case.number("grid_to"), case.number("step"));
    let set = invert(&ratios, 0.05, |it| Some(table.ratio_p(it)));
    let phi = case.expected["p_at"]["phi"].as_array().unwrap();
    let at = |phi: &Value| {
        let phi = phi.as_f64().unwrap();
        set.p_values.iter().find(|it| (it.0 - phi).abs() < 1e-9).unwrap().1
    };
    json!({
        "ci_low": set.low, "ci_high": set.high, "phi_max_p": set.point,
        "p_at": { "phi": phi, "p": phi.iter().map(at).collect::<Vec<_>>() },
    })
}

fn sequential(table: &Table, case: &Case) -> Value {
    let assignments = table.assignments(false);
    let mut test = Sequential::new(assignments.len(), assignments.observed());
    let days = case.numbers("looks");
    let last = days[days.len() - 1];
    let mut looks = Vec::new();
    let (mut first_rejection, mut spent) = (None, 0);
    for day in days {
        let (mut cut, mut teams) = (Vec::new(), Vec::new());
        for (row, team) in table.rows.iter().zip(&table.teams) {
            let followed = day - row.number("disclosed");
            if followed > 0.0 {
                let whole = observation(row);
                cut.push(if whole.time() <= followed {
                    whole
                } else {
                    Observation::new(followed, Outcome::Censored).unwrap()
                });
                teams.push(*team);
            }
        }
        let n_teams = table.treated.len();
        let sample = TeamSample { observations: &cut, teams: &teams, n_teams, strata: None };
        let counts = team_counts(&sample, FIXED).unwrap();
        let z = assignments.map(|it| {
            let (score, variance) = counts.log_rank(it);
            score / variance.sqrt()
        });
        let budget = spent_budget(
            assignments.len(),
            case.number("alpha"),
            day / last,
            case.number("spending_power"),
        );
        let look = test.look(&z, budget).unwrap();
        if look.is_rejected {
            first_rejection = first_rejection.or(Some(day));
        }
        spent = look.n_spent;
        looks.push(json!({
            "day": day, "n": cut.len(), "events": counts.n_events,
            "z_obs": look.observed, "threshold": look.threshold, "spent": look.n_spent,
        }));
    }
    json!({
        "looks": looks, "first_rejection_day": first_rejection, "total_spent": spent,
        "M": assignments.len(),
    })
}

fn soft_rank(case: &Case) -> Value {
    let of = |file: &str| {
        let table = Table::of(file);
        let counts = table.counts(&observations(&table.rows), None);
        let assignments = table.assignments(false);
        let z = assignments.map(|it| {
            let (score, variance) = counts.log_rank(it);
            score / variance.sqrt()
        });
        let e = |kappa: &f64| soft_rank_e(&z, assignments.observed(), *kappa);
        case.numbers("kappa").iter().map(e).collect::<Vec<_>>()
    };
    json!({ "fix": of("fixtimes.csv"), "b": of("fixtimes_b.csv") })
}

fn severity(rows: &[Row]) -> Vec<u32> {
    table::labels(rows, "severity")
}

fn team_score_fix(table: &Table) -> Value {
    let strata = severity(&table.rows);
    let counts = table.counts(&observations(&table.rows), Some(&strata));
    let before: Vec<Row> =
        table::rows("fixtimes.csv").into_iter().filter(|it| it.text("period") == "pre").collect();
    let entered = |row: &Row| {
        let whole = observation(row);
        Observation::entered(row.number("entry"), whole.time(), whole.outcome()).unwrap()
    };
    let history = Table { teams: table::labels(&before, "team"), ..Table::of("fixtimes.csv") };
    let pre: Vec<Observation> = before.iter().map(entered).collect();
    let pre = history.counts(&pre, Some(&severity(&before)));
    let scores = team_scores(&counts, DEFAULT_THETA);
    let x = team_scores(&pre, DEFAULT_THETA).scores;
    let adjusted = scores.adjusted(&x);
    let all = table.assignments(false);
    let p = |of: &dyn Fn(&[f64]) -> f64, all: &Assignments| -> PValues {
        p_values(&all.map(of), all.observed()).unwrap()
    };
    let raw = |it: &[f64]| scores.difference(it);
    let adj = |it: &[f64]| adjusted.scores.difference(it);
    let observed = all.iter().nth(all.observed()).unwrap();
    json!({
        "teams": table.names, "O": counts.observed, "E": counts.expected,
        "y": scores.scores, "h": scores.weights,
        "O_pre": pre.observed, "E_pre": pre.expected, "x": x,
        "slope": adjusted.slope, "y_adj": adjusted.scores.scores,
        "diff_raw": raw(observed), "p_raw_two_sided": p(&raw, &all).two_sided,
        "diff_adj": adj(observed), "p_adj_two_sided": p(&adj, &all).two_sided,
        "p_adj_greater": p(&adj, &all).greater,
        "p_adj_paired_two_sided": p(&adj, &table.assignments(true)).two_sided,
    })
}

fn team_score_b(table: &Table) -> Value {
    let strata = severity(&table.rows);
    let counts = table.counts(&observations(&table.rows), Some(&strata));
    let scores = team_scores(&counts, DEFAULT_THETA);
    let difference = |it: &[f64]| scores.difference(it);
    let (all, pairs) = (table.assignments(false), table.assignments(true));
    let p = p_values(&all.map(difference), all.observed()).unwrap();
    let paired = p_values(&pairs.map(difference), pairs.observed()).unwrap();
    let observed = all.iter().nth(all.observed()).unwrap();
    json!({
        "teams": table.names, "O": counts.observed, "E": counts.expected,
        "y": scores.scores, "h": scores.weights, "diff_raw": difference(observed),
        "p_raw_two_sided": p.two_sided, "p_raw_greater": p.greater,
        "p_paired_two_sided": paired.two_sided,
    })
}
