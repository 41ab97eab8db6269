//! The same question under other assumptions: run always, shown where the answer differs, and never what decides.

use fixloop_stats::cluster_robust::{ClusteredRows, cluster_robust};
use fixloop_stats::cox::fine_gray::{FineGraySample, fine_gray};
use fixloop_stats::cox::proportional_hazards::proportional_hazards;
use fixloop_stats::cox::{CoxSample, Ties, cox};
use fixloop_stats::gray::gray;
use fixloop_stats::log_rank::GroupedSample;
use fixloop_stats::{Observation, p_student};
use rayon::prelude::*;

use crate::table::{Arm, FIXED, Finding, Table};
use crate::team_randomized::{Settings, TeamTest, team_test};

/// Where an analysis stands beside the test that decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Agreement {
    Agrees,
    /// It would say that there is an effect (or none) where the test says otherwise, or one of the other direction.
    Disagrees,
    /// It could not be made.
    CannotTell,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    pub name: &'static str,
    /// What is assumed instead.
    pub assumes: &'static str,
    /// Above 0: fixes come sooner with the treatment. On the analysis' own scale; `None` for a test without direction.
    pub estimate: Option<f64>,
    pub p: Option<f64>,
    pub agreement: Agreement,
    /// Why it could not be made.
    pub reason: Option<String>,
}

/// Vectors of the time of the experiment.
struct Rows<'t> {
    table: &'t Table,
    observations: Vec<Observation>,
    treated: Vec<f64>,
    groups: Vec<u32>,
    strata: Vec<u32>,
    teams: Vec<u32>,
    n_teams: usize,
}

/// Estimate and p-value, or why there is none.
type Outcome = Result<(Option<f64>, f64), String>;

type Analysis<'a> = &'a (dyn Fn() -> Outcome + Sync);

/// All other analyses, beside `test`; shares are those fixed within `horizon` days. `advisories` tells which findings of the experiment's
/// time are of one advisory, if anybody knows.
pub fn sensitivity(
    table: &Table,
    settings: &Settings,
    test: &TeamTest,
    (horizon, advisories): (f64, Option<&[u32]>),
) -> Vec<Sensitivity> {
    let rows = Rows::of(table);
    let alpha = settings.alpha;
    let primary = (test.difference, test.p.two_sided <= alpha);
    // Beside each other: on a large table each takes as long as the test itself.
    let analyses: [(&str, &str, Analysis<'_>); 7] = [
        (
            "Cox model",
            "hazards in proportion; errors between teams (Lin-Wei), t of teams minus 2",
            &|| rows.cox(),
        ),
        (
            "share fixed",
            "a share within the horizon; CR2 errors, Satterthwaite's degrees of freedom",
            &|| rows.share(horizon),
        ),
        (
            "inside advisories",
            "one patch release fixes many findings: compared only inside an advisory (Cox), errors between teams",
            &|| rows.inside_advisories(advisories),
        ),
        ("without the largest team", "that no single team makes the result", &|| {
            rows.without_largest(settings)
        }),
        (
            "Fine-Gray model",
            "dismissed findings can no longer be fixed; errors between teams",
            &|| rows.fine_gray(),
        ),
        ("Gray's test", "as Fine-Gray, by rank; findings as independent", &|| rows.gray()),
        (
            "proportional hazards",
            "a test of the Cox model itself: where it fails, one ratio does not describe both arms",
            &|| rows.hazards(),
        ),
    ];
    let judged = analyses.into_par_iter().map(|(name, assumes, analysis)| {
        let (estimate, p, reason) = match analysis() {
            Ok((estimate, p)) => (estimate, Some(p), None),
            Err(reason) => (None, None, Some(reason)),
        };
        let agreement = agreement(primary, (name, estimate, p), alpha);
        Sensitivity { name, assumes, estimate, p, agreement, reason }
    });
    judged.collect()
}

fn agreement(
    (difference, is_rejected): (f64, bool),
    (name, estimate, p): (&str, Option<f64>, Option<f64>),
    alpha: f64,
) -> Agreement {
    let Some(p) = p.filter(|it| it.is_finite()) else { return Agreement::CannotTell };
    let is_against = p <= alpha;
    let is_model_check = name == "proportional hazards";
    let is_opposite = is_against && estimate.is_some_and(|it| it * difference < 0.0);
    let differs = if is_model_check { is_against } else { is_against != is_rejected };
    if differs || is_opposite { Agreement::Disagrees } else { Agreement::Agrees }
}

impl<'t> Rows<'t> {
    fn of(table: &'t Table) -> Self {
        let findings: Vec<&Finding> = table.during().collect();
        let is_treated = |it: &&Finding| it.arm == Arm::Treated;
        let teams: Vec<u32> = findings.iter().map(|it| it.team).collect();
        let mut distinct = teams.clone();
        distinct.sort_unstable();
        distinct.dedup();
        Self {
            table,
            observations: findings.iter().map(|it| it.observation).collect(),
            treated: findings.iter().map(|it| f64::from(u8::from(is_treated(it)))).collect(),
            groups: findings.iter().map(|it| u32::from(is_treated(it))).collect(),
            strata: findings.iter().map(|it| it.stratum).collect(),
            n_teams: distinct.len(),
            teams,
        }
    }

    fn cox_sample(&self) -> CoxSample<'_> {
        CoxSample {
            observations: &self.observations,
            covariates: &self.treated,
            n_covariates: 1,
            strata: Some(&self.strata),
            clusters: Some(&self.teams),
        }
    }

    fn cox(&self) -> Outcome {
        let fit = cox(&self.cox_sample(), FIXED, Ties::Efron).map_err(|it| it.to_string())?;
        let robust = fit.robust.ok_or("no variance between teams")?;
        let t = fit.coefficients[0] / robust.std_errors[0];
        Ok((Some(fit.coefficients[0]), self.student(t)?))
    }

    fn inside_advisories(&self, advisories: Option<&[u32]>) -> Outcome {
        let known = advisories.filter(|it| it.len() == self.observations.len());
        let advisories = known.ok_or("no column says which findings are of one advisory")?;
        let sample = CoxSample { strata: Some(advisories), ..self.cox_sample() };
        let fit = cox(&sample, FIXED, Ties::Efron).map_err(|it| it.to_string())?;
        let robust = fit.robust.ok_or("no variance between teams")?;
        Ok((Some(fit.coefficients[0]), self.student(fit.coefficients[0] / robust.std_errors[0])?))
    }

    fn student(&self, t: f64) -> Result<f64, String> {
        match self.n_teams.checked_sub(2) {
            Some(degrees) if degrees > 0 && t.is_finite() => Ok(p_student(t, degrees)),
            _ => Err("too few teams".to_owned()),
        }
    }

    /// Of findings that could be watched up to the horizon.
    fn share(&self, horizon: f64) -> Outcome {
        let (mut outcomes, mut treated, mut teams) = (Vec::new(), Vec::new(), Vec::new());
        for (it, team) in self.table.during().zip(&self.teams) {
            let is_watched = it.limit.is_none_or(|limit| limit >= horizon)
                && (it.limit.is_some()
                    || it.observation.time() >= horizon
                    || FIXED.holds(it.observation.outcome()));
            if is_watched && it.observation.entry().is_none() {
                let is_fixed =
                    FIXED.holds(it.observation.outcome()) && it.observation.time() <= horizon;
                outcomes.push(f64::from(u8::from(is_fixed)));
                treated.push(f64::from(u8::from(it.arm == Arm::Treated)));
                teams.push(*team);
            }
        }
        let rows = ClusteredRows {
            outcomes: &outcomes,
            covariates: &treated,
            n_covariates: 1,
            clusters: &teams,
        };
        let fit = cluster_robust(&rows).map_err(|it| it.to_string())?;
        let arm = fit.coefficients.first().ok_or("no coefficient")?;
        Ok((Some(arm.estimate), arm.p))
    }

    fn without_largest(&self, settings: &Settings) -> Outcome {
        let mut n_of = vec![0_usize; self.table.teams.len()];
        self.teams.iter().for_each(|it| n_of[*it as usize] += 1);
        let largest = (0..n_of.len()).max_by_key(|it| n_of[*it]).ok_or("no team")?;
        // In a pair its partner goes with it: alone it could not have been drawn otherwise.
        let is_kept = |team: usize| team != largest;
        let place = |team: usize| if team > largest { team - 1 } else { team };
        let mut table = self.table.clone();
        table.teams = (0..n_of.len())
            .filter(|it| is_kept(*it))
            .map(|it| self.table.teams[it].clone())
            .collect();
        table.findings.retain(|it| is_kept(it.team as usize));
        for it in &mut table.findings {
            it.team = u32::try_from(place(it.team as usize)).map_err(|it| it.to_string())?;
        }
        let test = team_test(&table, settings).map_err(|it| it.to_string())?;
        Ok((Some(test.difference), test.p.two_sided))
    }

    fn fine_gray(&self) -> Outcome {
        let sample = FineGraySample {
            observations: &self.observations,
            covariates: &self.treated,
            n_covariates: 1,
            clusters: Some(&self.teams),
        };
        let fit = fine_gray(&sample, FIXED).map_err(|it| it.to_string())?;
        Ok((Some(fit.coefficients[0]), self.student(fit.coefficients[0] / fit.std_errors[0])?))
    }

    fn gray(&self) -> Outcome {
        let sample = GroupedSample {
            observations: &self.observations,
            groups: &self.groups,
            strata: Some(&self.strata),
        };
        let found = gray(&sample, FIXED).map_err(|it| it.to_string())?;
        let direction = found.scores.iter().find(|it| it.0 == 1).map(|it| it.1);
        Ok((direction, found.test.p))
    }

    fn hazards(&self) -> Outcome {
        let sample = CoxSample { clusters: None, ..self.cox_sample() };
        let found =
            proportional_hazards(&sample, FIXED, Ties::Efron).map_err(|it| it.to_string())?;
        Ok((None, found.global.p))
    }
}
