//! Arms compared: as if rows were independent, and, where teams are known, with a variance between teams.

use fixloop_readout::{Labels, Row, observation};
use fixloop_stats::cox::{CoxError, CoxFit, CoxSample, Ties, cox};
use fixloop_stats::log_rank::{
    ClusterLogRank, GroupedSample, LogRank, LogRankError, log_rank, log_rank_by_cluster,
};
use fixloop_stats::{
    ClusterCounts, EmptySample, HorizonOutOfRange, Jackknife, Observation, ResamplingError,
    RestrictedMean, RestrictedMeanDifference, Sample, Start, jackknife_stratified,
    kaplan_meier_from, restricted_mean, restricted_mean_difference,
};
use thiserror::Error;

use super::estimates::EVENT;

/// More teams of an arm than this are put together for the jackknife, which stays valid (delete-a-group).
const MAX_CLUSTERS: usize = 200;

/// Why a comparison says nothing.
#[derive(Debug, Error)]
pub(super) enum CannotTell {
    #[error("two arms can be compared, and there are {0}")]
    NotTwoArms(usize),
    #[error("arm `{arm}` has {n} team, and a spread between teams needs two in each arm")]
    FewTeams { arm: String, n: usize },
    #[error(transparent)]
    Empty(#[from] EmptySample),
    #[error(transparent)]
    LogRank(#[from] LogRankError),
    #[error(transparent)]
    Cox(#[from] CoxError),
    #[error(transparent)]
    Horizon(#[from] HorizonOutOfRange),
    #[error(transparent)]
    Resampling(#[from] ResamplingError),
}

pub(super) type Told<T> = Result<T, CannotTell>;

/// Rows with an arm, their labels numbered in order.
pub(super) struct Compared {
    observations: Vec<Observation>,
    pub(super) arm_names: Vec<String>,
    arms: Vec<u32>,
    /// `None` unless every row has one.
    strata: Option<Vec<u32>>,
    teams: Option<Teams>,
}

struct Teams {
    names: Vec<String>,
    of_row: Vec<u32>,
}

/// What holds between arms; each in the order of the arms' names.
pub(super) struct Comparison {
    pub(super) arm_names: Vec<String>,
    pub(super) team_names: Vec<String>,
    pub(super) log_rank: Told<LogRank>,
    /// The others are `None` where there is no stratum or no team.
    pub(super) log_rank_strata: Option<Told<LogRank>>,
    pub(super) log_rank_by_team: Option<Told<ClusterLogRank>>,
    pub(super) means: Told<Means>,
    pub(super) cox: Told<CoxFit>,
    pub(super) cox_strata: Option<Told<CoxFit>>,
}

/// Restricted means of two arms.
pub(super) struct Means {
    pub(super) first: RestrictedMean,
    pub(super) second: RestrictedMean,
    pub(super) difference: RestrictedMeanDifference,
    pub(super) by_team: Option<Told<Jackknife>>,
}

impl Compared {
    pub(super) fn of(rows: &[Row]) -> Self {
        let rows: Vec<(&Row, &str, Observation)> =
            rows.iter().filter_map(|it| Some((it, it.arm.as_deref()?, observation(it)?))).collect();
        let (arm_names, arms) = numbered(rows.iter().map(|it| Some(it.1)));
        let strata = numbered(rows.iter().map(|it| it.0.stratum.as_deref())).1;
        let (team_names, teams) = numbered(rows.iter().map(|it| it.0.team.as_deref()));
        Self {
            observations: rows.iter().map(|it| it.2).collect(),
            arm_names,
            arms: arms.into_iter().flatten().collect(),
            strata: strata.into_iter().collect(),
            teams: teams
                .into_iter()
                .collect::<Option<_>>()
                .map(|of_row| Teams { names: team_names, of_row }),
        }
    }

    pub(super) fn observations_of(&self, arm: u32) -> Vec<Observation> {
        self.rows_of(arm).map(|row| self.observations[row]).collect()
    }

    fn rows_of(&self, arm: u32) -> impl Iterator<Item = usize> {
        (0..self.arms.len()).filter(move |row| self.arms[*row] == arm)
    }

    /// On all cores; each part sorts for itself.
    pub(super) fn compare(&self, horizon: f64) -> Comparison {
        let in_strata = self.strata.as_deref();
        let rank = |strata| Ok(log_rank(&self.grouped(strata), EVENT, 0.0)?);
        let ranks = || {
            rayon::join(
                || (rank(None), in_strata.map(|it| rank(Some(it)))),
                || self.teams.as_ref().map(|it| self.log_rank_by_team(it)),
            )
        };
        let models = || {
            rayon::join(
                || self.means(horizon),
                || (self.cox(None), in_strata.map(|it| self.cox(Some(it)))),
            )
        };
        let (ranks, (means, (cox, cox_strata))) = rayon::join(ranks, models);
        let ((log_rank, log_rank_strata), log_rank_by_team) = ranks;
        Comparison {
            log_rank,
            log_rank_strata,
            log_rank_by_team,
            means,
            cox,
            cox_strata,
            team_names: self.teams.as_ref().map(|it| it.names.clone()).unwrap_or_default(),
            arm_names: self.arm_names.clone(),
        }
    }

    fn log_rank_by_team(&self, teams: &Teams) -> Told<ClusterLogRank> {
        self.two_arms()?;
        self.enough_teams(teams)?;
        Ok(log_rank_by_cluster(&self.grouped(None), &teams.of_row, EVENT)?)
    }

    fn grouped<'a>(&'a self, strata: Option<&'a [u32]>) -> GroupedSample<'a> {
        GroupedSample { observations: &self.observations, groups: &self.arms, strata }
    }

    fn two_arms(&self) -> Told<()> {
        match self.arm_names.len() {
            2 => Ok(()),
            n => Err(CannotTell::NotTwoArms(n)),
        }
    }

    /// Each arm has two teams or more.
    fn enough_teams(&self, teams: &Teams) -> Told<()> {
        for (name, arm) in self.arm_names.iter().zip(0..) {
            let mut of_arm: Vec<u32> = self.rows_of(arm).map(|row| teams.of_row[row]).collect();
            of_arm.sort_unstable();
            of_arm.dedup();
            if of_arm.len() < 2 {
                return Err(CannotTell::FewTeams { arm: name.clone(), n: of_arm.len() });
            }
        }
        Ok(())
    }

    fn cox(&self, strata: Option<&[u32]>) -> Told<CoxFit> {
        self.two_arms()?;
        let covariates: Vec<f64> = self.arms.iter().map(|it| f64::from(*it)).collect();
        let teams = self.teams.as_ref().filter(|it| self.enough_teams(it).is_ok());
        let sample = CoxSample {
            observations: &self.observations,
            covariates: &covariates,
            n_covariates: 1,
            strata,
            clusters: teams.map(|it| &*it.of_row),
        };
        Ok(cox(&sample, EVENT, Ties::Efron)?)
    }

    fn means(&self, horizon: f64) -> Told<Means> {
        self.two_arms()?;
        let samples = [0, 1].map(|arm| Sample::new(&self.observations_of(arm)));
        let [first, second] = samples;
        let samples = [first?, second?];
        let mean = |sample: &Sample| {
            restricted_mean(&kaplan_meier_from(sample.clone(), EVENT, Start::Origin), horizon)
        };
        let (first, second) = (mean(&samples[0])?, mean(&samples[1])?);
        let by_team = |teams: &Teams| {
            self.enough_teams(teams)?;
            let clusters = self.clusters(teams);
            let [first_without, second_without] = [0, 1].map(|arm: usize| {
                let cluster_of = |row: usize| clusters.of_row[arm][row];
                ClusterCounts::new(&samples[arm], clusters.strata.len(), cluster_of)
                    .restricted_means_without_each(EVENT, Start::Origin, horizon)
            });
            Ok(jackknife_stratified(&clusters.strata, |excluded| match excluded {
                None => Some(second.mean - first.mean),
                Some(cluster) => Some(second_without[cluster]? - first_without[cluster]?),
            })?)
        };
        Ok(Means {
            first,
            second,
            difference: restricted_mean_difference(first, second),
            by_team: self.teams.as_ref().map(by_team),
        })
    }

    /// What is left out together: a team; a team that is in both arms is left out of both.
    fn clusters(&self, teams: &Teams) -> Clusters {
        let mut arms_of = vec![[false; 2]; teams.names.len()];
        for (team, arm) in teams.of_row.iter().zip(&self.arms) {
            arms_of[*team as usize][*arm as usize] = true;
        }
        let is_nested = arms_of.iter().all(|it| it[0] != it[1]);
        let mut n_of = [0, 0];
        let mut place: Vec<(usize, usize)> = Vec::new();
        for of in &arms_of {
            let stratum = usize::from(is_nested && of[1]);
            place.push((stratum, n_of[stratum] % MAX_CLUSTERS));
            n_of[stratum] += 1;
        }
        let n_of = n_of.map(|it| it.min(MAX_CLUSTERS));
        let number = |team: u32| {
            let (stratum, within) = place[team as usize];
            stratum * n_of[0] + within
        };
        let of_row =
            [0, 1].map(|arm| self.rows_of(arm).map(|row| number(teams.of_row[row])).collect());
        let strata = [vec![0; n_of[0]], vec![1; n_of[1]]].concat();
        Clusters { strata, of_row }
    }
}

/// Clusters by number.
struct Clusters {
    /// The arm of each, or 0 of all where teams are in both.
    strata: Vec<usize>,
    /// Of each arm's rows.
    of_row: [Vec<usize>; 2],
}

/// The distinct labels in order, numbers as numbers, and each row's place among them.
fn numbered<'r>(labels: impl Iterator<Item = Option<&'r str>>) -> (Vec<String>, Vec<Option<u32>>) {
    let Labels { names, of_row } = Labels::of(labels);
    let owned = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    let numbers: Option<Vec<f64>> =
        names.iter().map(|it| it.parse().ok().filter(|it: &f64| it.is_finite())).collect();
    let Some(numbers) = numbers else { return (owned(&names), of_row) };
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
    let mut places = vec![0; names.len()];
    for (place, at) in (0..).zip(&order) {
        places[*at] = place;
    }
    let names: Vec<&str> = order.iter().map(|at| names[*at]).collect();
    (owned(&names), of_row.into_iter().map(|it| it.map(|at| places[at as usize])).collect())
}
