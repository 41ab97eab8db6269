//! Arms' curves, whole and without each team.

use std::collections::BTreeMap;

use fixloop_stats::{
    HorizonOutOfRange, Jackknife, StageOccupancy, Transition, jackknife, jackknife_stratified,
    stage_occupancy,
};
use rayon::prelude::*;

use super::{StageDays, StageStretch, StageTable, StagesError};
use crate::table::Arm;

/// More teams than this are put together, which keeps the jackknife valid (delete-a-group).
const MAX_CLUSTERS: usize = 200;

/// Mean days by stage.
type Means = Vec<f64>;

/// A group's means, and those without each cluster of the table; `None` where a curve does not reach the horizon.
struct Group {
    whole: Means,
    without: Vec<Option<Means>>,
    /// Which clusters have a finding of the group.
    has: Vec<bool>,
}

pub(super) struct Groups<'t> {
    pub(super) names: Vec<String>,
    pub(super) n_findings: Vec<usize>,
    pub(super) n_teams: Vec<usize>,
    curves: Vec<Group>,
    is_open: &'t [bool],
}

impl<'t> Groups<'t> {
    pub(super) fn of(
        table: &StageTable,
        is_open: &'t [bool],
        horizon: f64,
    ) -> Result<Self, StagesError> {
        check(table)?;
        let names = match &table.arm_names {
            Some(names) => names.to_vec(),
            None => vec!["all".to_owned()],
        };
        let clusters = clusters(table);
        let mut all = Self {
            names,
            n_findings: Vec::new(),
            n_teams: Vec::new(),
            curves: Vec::new(),
            is_open,
        };
        for at in 0..all.names.len() {
            let arm = if at == 0 { Arm::Control } else { Arm::Treated };
            let of_group = |it: &&StageStretch| table.arm_names.is_none() || it.arm == Some(arm);
            let stretches: Vec<&StageStretch> = table.stretches.iter().filter(of_group).collect();
            let name = &all.names[at];
            let findings: std::collections::BTreeSet<usize> =
                stretches.iter().map(|it| it.finding).collect();
            let teams: std::collections::BTreeSet<u32> =
                stretches.iter().map(|it| it.team).collect();
            let group = Group::of(table.stages.len(), &stretches, &clusters, horizon, name)?;
            all.n_findings.push(findings.len());
            all.n_teams.push(teams.len());
            all.curves.push(group);
        }
        Ok(all)
    }

    fn open_of(&self, means: &[f64]) -> f64 {
        means.iter().zip(self.is_open).filter(|it| *it.1).map(|it| it.0).sum()
    }

    pub(super) fn open_days(&self, at: usize) -> f64 {
        self.open_of(&self.curves[at].whole)
    }

    pub(super) fn days(&self, at: usize, stage: usize) -> StageDays {
        let group = &self.curves[at];
        let share = |means: &[f64]| {
            let open = self.open_of(means);
            (self.is_open[stage] && open > 0.0).then(|| means[stage] / open)
        };
        StageDays {
            days: group.whole[stage],
            jackknife: group.jackknife(|means| Some(means[stage])),
            share: share(&group.whole),
            share_jackknife: group.jackknife(share),
        }
    }

    /// Treated minus control: teams are left out of the arm they are in, or of both where they are in both.
    pub(super) fn difference(&self, stage: usize) -> Option<Jackknife> {
        let [control, treated] = &self.curves[..] else { return None };
        let statistic = |excluded: Option<usize>| {
            Some(treated.means(excluded)?[stage] - control.means(excluded)?[stage])
        };
        let n = control.has.len();
        if (0..n).any(|it| control.has[it] && treated.has[it]) {
            return jackknife(n, statistic).ok();
        }
        let strata: Vec<usize> = treated.has.iter().map(|it| usize::from(*it)).collect();
        jackknife_stratified(&strata, statistic).ok()
    }
}

impl Group {
    fn of(
        n_stages: usize,
        stretches: &[&StageStretch],
        clusters: &[usize],
        horizon: f64,
        name: &str,
    ) -> Result<Self, StagesError> {
        let n_clusters = clusters.iter().max().map_or(0, |it| it + 1);
        let mut has = vec![false; n_clusters];
        for it in stretches {
            has[clusters[it.team as usize]] = true;
        }
        let curve = |excluded: Option<usize>| {
            let kept = stretches.iter().filter(|it| Some(clusters[it.team as usize]) != excluded);
            let transitions: Vec<Transition> = kept.map(|it| transition(it)).collect();
            stage_occupancy(n_stages, &transitions)
        };
        let means = |it: &StageOccupancy| it.restricted_means(horizon);
        let whole = curve(None).map_err(|source| {
            let group = name.to_owned();
            StagesError::Transitions { group, source }
        })?;
        let whole = means(&whole).map_err(|HorizonOutOfRange { end, .. }| {
            StagesError::TooShort { group: name.to_owned(), end, horizon }
        })?;
        let without = (0..n_clusters).into_par_iter().map(|cluster| {
            if !has[cluster] {
                return Some(whole.clone());
            }
            curve(Some(cluster)).ok().and_then(|it| means(&it).ok())
        });
        let without = without.collect();
        Ok(Self { whole, without, has })
    }

    fn means(&self, excluded: Option<usize>) -> Option<&Means> {
        match excluded {
            None => Some(&self.whole),
            Some(cluster) => self.without[cluster].as_ref(),
        }
    }

    /// Over the group's own clusters.
    fn jackknife(&self, of: impl Fn(&[f64]) -> Option<f64>) -> Option<Jackknife> {
        let own: Vec<usize> = (0..self.has.len()).filter(|it| self.has[*it]).collect();
        jackknife(own.len(), |excluded| of(self.means(excluded.map(|it| own[it]))?)).ok()
    }
}

/// The cluster of each team: counted within its arm, so that no cluster is in both unless a team is.
fn clusters(table: &StageTable) -> Vec<usize> {
    let mut of_team: Vec<Option<usize>> = vec![None; table.n_teams];
    let mut n = [0; 2];
    for it in &table.stretches {
        let arm = usize::from(it.arm == Some(Arm::Treated));
        of_team[it.team as usize].get_or_insert_with(|| {
            n[arm] += 1;
            2 * ((n[arm] - 1) % MAX_CLUSTERS) + arm
        });
    }
    // Numbered without gaps, as the jackknife wants it.
    let mut places: BTreeMap<usize, usize> = of_team.iter().flatten().map(|it| (*it, 0)).collect();
    places.values_mut().enumerate().for_each(|(place, it)| *it = place);
    of_team.into_iter().map(|it| it.map_or(0, |it| places[&it])).collect()
}

fn check(table: &StageTable) -> Result<(), StagesError> {
    if table.stretches.is_empty() {
        return Err(StagesError::Empty);
    }
    let mut places: BTreeMap<usize, (u32, Option<Arm>)> = BTreeMap::new();
    for it in &table.stretches {
        if it.team as usize >= table.n_teams {
            let (finding, team, n_teams) = (it.finding, it.team, table.n_teams);
            return Err(StagesError::Team { finding, team, n_teams });
        }
        if *places.entry(it.finding).or_insert((it.team, it.arm)) != (it.team, it.arm) {
            return Err(StagesError::TwoPlaces(it.finding));
        }
    }
    Ok(())
}

fn transition(it: &StageStretch) -> Transition {
    let StageStretch { finding, start, stop, from, to, .. } = *it;
    Transition { subject: finding, start, stop, from, to }
}
