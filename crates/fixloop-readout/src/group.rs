//! The numbers of one set of rows, with intervals that know of teams.
//!
//! The event is *fixed*: upgraded or removed. *Suppressed* competes: its rows can no longer be fixed, and they count as not fixed
//! (Aalen–Johansen), where Kaplan–Meier would pretend that they might have been. So `open` of a curve is the share not fixed yet.
//!
//! Intervals are those of the delete-one-team jackknife, on the scale log(-log(share)), with t of teams minus one. Where one team is
//! all there is, they are Greenwood's by row, and the group says so.

use fixloop_model::Ending;
use fixloop_stats::{
    AalenJohansen, Causes, ClusterCounts, Jackknife, KaplanMeier, Level, Observation, Outcome,
    Sample, Start, aalen_johansen_from, guarded_start, jackknife, kaplan_meier_from,
    restricted_mean,
};

use crate::labels::Labels;
use crate::readout::{CurvePoint, Estimate, Group, Quantile, Row, Share};
use crate::window::{LogSpread, Replicated, Statistic};

/// The ages, in days, of which a readout speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Ages {
    /// At which the share fixed is told; ascending.
    pub shares: Vec<f64>,
    /// Up to which the restricted mean goes.
    pub horizon: f64,
}

/// Horizon of the restricted mean, in days, unless another is asked for.
const HORIZON_DAYS: f64 = 90.0;

impl Default for Ages {
    fn default() -> Self {
        Self { shares: vec![7.0, 14.0, 30.0, 90.0], horizon: HORIZON_DAYS }
    }
}

/// More teams than this are put together for the jackknife, which stays valid (delete-a-group).
const MAX_CLUSTERS: usize = 50;

/// Points of a drawn curve; between them the band is not computed.
const MAX_POINTS: usize = 240;

const UPGRADED: u8 = 1;
const REMOVED: u8 = 2;
pub(crate) const SUPPRESSED: u8 = 3;

/// Upgraded or removed.
pub(crate) const FIXED: Causes = Causes::Set(1 << UPGRADED | 1 << REMOVED);

/// How a row's time ended, for the estimators; `None` for a withdrawn one, which is no event and no observation.
pub(crate) fn outcome(ending: Ending) -> Option<Outcome> {
    match ending {
        Ending::Upgraded => Some(Outcome::Event(UPGRADED)),
        Ending::Removed => Some(Outcome::Event(REMOVED)),
        Ending::Suppressed => Some(Outcome::Event(SUPPRESSED)),
        Ending::Open => Some(Outcome::Censored),
        Ending::Withdrawn => None,
    }
}

/// An observation with the row that it is about.
pub(crate) struct Observed<'r> {
    pub(crate) row: &'r Row,
    pub(crate) observation: Observation,
}

impl<'r> Observed<'r> {
    /// `None` for what was never at risk: withdrawn, or gone when it would have come under observation.
    pub(crate) fn of(row: &'r Row) -> Option<Self> {
        let outcome = outcome(row.outcome)?;
        let observation = match row.entry_days {
            Some(entry) => Observation::entered(entry, row.time_days, outcome),
            None => Observation::new(row.time_days, outcome),
        };
        Some(Self { row, observation: observation.ok()? })
    }
}

/// The curves of all rows.
struct Curves {
    fixed: AalenJohansen,
    upgraded: AalenJohansen,
    /// Of any end; owns the sample.
    any: KaplanMeier,
}

/// What is estimated once more without each team.
struct Numbers {
    fixed: Vec<Option<f64>>,
    upgraded: Vec<Option<f64>>,
    restricted_mean: Option<f64>,
    /// Share fixed at each point of the curve.
    curve: Vec<Option<f64>>,
}

/// Estimates of all rows, and of all but each cluster's.
struct Replicates {
    all: Numbers,
    without: Vec<Numbers>,
}

impl Curves {
    fn of(sample: Sample, start: Start) -> Self {
        Self {
            fixed: aalen_johansen_from(&sample, FIXED, start),
            upgraded: aalen_johansen_from(&sample, Causes::Only(UPGRADED), start),
            any: kaplan_meier_from(sample, Causes::Any, start),
        }
    }

    fn numbers(&self, ages: &Ages, points: &[f64]) -> Numbers {
        let share = |of: &AalenJohansen, t: f64| of.at(t).map(|it| it.share);
        Numbers {
            fixed: ages.shares.iter().map(|t| share(&self.fixed, *t)).collect(),
            upgraded: ages.shares.iter().map(|t| share(&self.upgraded, *t)).collect(),
            restricted_mean: restricted_mean(&self.any, ages.horizon).ok().map(|it| it.mean),
            curve: points.iter().map(|t| share(&self.fixed, *t)).collect(),
        }
    }

    /// The same without each cluster; none if there are fewer than two, which say nothing of each other.
    fn numbers_without_each(
        &self,
        clusters: &Clusters,
        ages: &Ages,
        points: &[f64],
    ) -> Vec<Numbers> {
        if clusters.n < 2 {
            return Vec::new();
        }
        let counts = ClusterCounts::new(self.any.sample(), clusters.n, |row| clusters.of_row[row]);
        let start = self.any.start();
        let at = [&ages.shares, points].concat();
        let fixed = counts.shares_without_each(FIXED, start, &at);
        let upgraded = counts.shares_without_each(Causes::Only(UPGRADED), start, &ages.shares);
        let means = counts.restricted_means_without_each(Causes::Any, start, ages.horizon);
        let numbers = fixed.into_iter().zip(upgraded).zip(means);
        let numbers = numbers.map(|((mut fixed, upgraded), restricted_mean)| {
            let curve = fixed.split_off(ages.shares.len());
            Numbers { fixed, upgraded, restricted_mean, curve }
        });
        numbers.collect()
    }
}

impl Replicates {
    fn jackknife(&self, pick: impl Fn(&Numbers) -> Option<f64>) -> Option<Jackknife> {
        let statistic = |excluded: Option<usize>| {
            pick(match excluded {
                None => &self.all,
                Some(cluster) => self.without.get(cluster)?,
            })
        };
        jackknife(self.without.len(), statistic).ok()
    }
}

/// The numbers of these rows, under this name.
pub(crate) fn group(name: &str, observed: &[Observed<'_>], ages: &Ages) -> Group {
    let count = |ending: Ending| {
        let outcome = outcome(ending);
        observed.iter().filter(|it| Some(it.observation.outcome()) == outcome).count()
    };
    let clusters = clusters(observed);
    let mut group = Group {
        name: name.to_owned(),
        n_rows: observed.len(),
        n_upgraded: count(Ending::Upgraded),
        n_removed: count(Ending::Removed),
        n_suppressed: count(Ending::Suppressed),
        n_open: count(Ending::Open),
        n_left_truncated: observed.iter().filter(|it| it.row.left_truncated).count(),
        n_teams: clusters.n_teams,
        median: Quantile::default(),
        shares: ages
            .shares
            .iter()
            .map(|days| Share { days: *days, fixed: None, upgraded: None })
            .collect(),
        restricted_mean: None,
        horizon_days: ages.horizon,
        interval_method: "no interval: no rows".to_owned(),
        curve: Vec::new(),
        conditional_from_days: None,
        exposure_days: observed
            .iter()
            .map(|it| it.observation.time() - it.observation.entry().unwrap_or(0.0))
            .sum(),
        row_ids: observed.iter().map(|it| it.row.id.clone()).collect(),
    };
    let observations: Vec<Observation> = observed.iter().map(|it| it.observation).collect();
    let Ok(sample) = Sample::new(&observations) else { return group };
    let Ok(start) = guarded_start(&sample) else {
        "cannot tell: most rows were seen late, and fewer than 10 are ever at risk"
            .clone_into(&mut group.interval_method);
        return group;
    };
    if let Start::After(age) = start {
        group.conditional_from_days = Some(age);
    }
    estimate(&mut group, &Curves::of(sample, start), &clusters, ages);
    group
}

fn estimate(group: &mut Group, curves: &Curves, clusters: &Clusters, ages: &Ages) {
    let Curves { fixed, upgraded, any } = curves;
    let points = points(any, ages);
    let replicates = Replicates {
        all: curves.numbers(ages, &points),
        without: curves.numbers_without_each(clusters, ages, &points),
    };
    let by_team = !replicates.without.is_empty();
    group.interval_method = method(clusters, by_team);
    for (index, share) in group.shares.iter_mut().enumerate() {
        let days = share.days;
        share.fixed = estimate_share(&replicates, by_team, &|it| it.fixed[index], fixed, days);
        share.upgraded =
            estimate_share(&replicates, by_team, &|it| it.upgraded[index], upgraded, days);
    }
    group.restricted_mean = mean_open(&replicates, by_team, any, ages.horizon);
    for (index, time_days) in points.iter().enumerate() {
        let pick = |it: &Numbers| it.curve[index];
        let Some(share) = estimate_share(&replicates, by_team, &pick, fixed, *time_days) else {
            continue;
        };
        group.curve.push(CurvePoint {
            time_days: *time_days,
            open: 1.0 - share.value,
            lower: share.interval.map(|it| 1.0 - it.1),
            upper: share.interval.map(|it| 1.0 - it.0),
            n_at_risk: any.sample().n_at_risk(*time_days),
        });
    }
    group.median = median(&group.curve, fixed);
}

/// Event times, thinned where there are many; the last time too, up to which the curve is known.
fn points(curve: &KaplanMeier, ages: &Ages) -> Vec<f64> {
    let steps = curve.steps();
    let mut points: Vec<f64> = if steps.len() <= MAX_POINTS {
        steps.iter().map(|it| it.time).collect()
    } else {
        let at = |index: usize| steps[index * (steps.len() - 1) / (MAX_POINTS - 1)].time;
        (0..MAX_POINTS).map(at).collect()
    };
    points.extend(ages.shares.iter().filter(|it| **it <= curve.sample().last_time()));
    points.sort_by(f64::total_cmp);
    points.dedup();
    points
}

fn estimate_share(
    replicates: &Replicates,
    by_team: bool,
    pick: &dyn Fn(&Numbers) -> Option<f64>,
    by_row: &AalenJohansen,
    days: f64,
) -> Option<Estimate> {
    let value = pick(&replicates.all)?;
    // log(-log(1 - F)) is symmetric enough for t, and its limits stay within [0, 1].
    let scale = |share: f64| (0.0 < share && share < 1.0).then(|| (-(1.0 - share).ln()).ln());
    let back = |it: f64| 1.0 - (-it.exp()).exp();
    let interval = if by_team {
        let spread = replicates.jackknife(|it| scale(pick(it)?));
        spread.map(|it| it.interval(Level::P95)).map(|it| (back(it.lower), back(it.upper)))
    } else {
        let std_error = by_row.at(days)?.std_error;
        let center = scale(value);
        center.filter(|_| std_error > 0.0).map(|center| {
            let half = Level::P95.z() * std_error / ((1.0 - value) * -(1.0 - value).ln());
            (back(center - half), back(center + half))
        })
    };
    Some(Estimate { value, interval })
}

fn mean_open(
    replicates: &Replicates,
    by_team: bool,
    any: &KaplanMeier,
    horizon: f64,
) -> Option<Estimate> {
    let by_row = restricted_mean(any, horizon).ok()?;
    let clamp = |lower: f64, upper: f64| (lower.max(0.0), upper.min(horizon));
    let interval = if by_team {
        let spread = replicates.jackknife(|it| it.restricted_mean);
        spread.map(|it| it.interval(Level::P95)).map(|it| clamp(it.lower, it.upper))
    } else {
        let half = Level::P95.z() * by_row.std_error;
        (half > 0.0).then(|| clamp(by_row.mean - half, by_row.mean + half))
    };
    Some(Estimate { value: by_row.mean, interval })
}

/// The smallest age by which half is fixed; its limits are where those of the curve cross the same level.
fn median(curve: &[CurvePoint], fixed: &AalenJohansen) -> Quantile {
    let crossing = |open: &dyn Fn(&CurvePoint) -> Option<f64>| {
        let mut points = curve.iter();
        points.find(|it| open(it).is_some_and(|it| it <= 0.5)).map(|it| it.time_days)
    };
    Quantile {
        value: fixed.steps().iter().find(|it| it.share >= 0.5).map(|it| it.time),
        lower: crossing(&|it| it.lower),
        upper: crossing(&|it| it.upper),
    }
}

/// How exactly the rows tell one number, on the scale of its logarithm; `None` if it is not defined.
pub(crate) fn log_spread(statistic: Statistic, observed: &[Observed<'_>]) -> Option<LogSpread> {
    let clusters = clusters(observed);
    let observations: Vec<Observation> = observed.iter().map(|it| it.observation).collect();
    let sample = Sample::new(&observations).ok()?;
    let start = guarded_start(&sample).ok()?;
    let (value, std_error) = statistic.of(&sample, start)?;
    let positive = |value: f64| (value > 0.0).then_some(value);
    let counts = ClusterCounts::new(&sample, clusters.n, |row| clusters.of_row[row]);
    let without = statistic.without_each(&counts, start);
    let by_team = jackknife(clusters.n, |excluded| {
        let value = excluded.map_or(Some(value), |cluster| without[cluster])?;
        Some(positive(value)?.ln())
    });
    Some(LogSpread {
        value,
        n_fixed: observed.iter().filter(|it| FIXED.holds(it.observation.outcome())).count(),
        by_row: std_error / positive(value)?,
        by_team: by_team.ok().map(|it| (it.std_error, it.degrees_of_freedom)),
    })
}

/// One number of these rows, and without each cluster; `None` if it is not defined of all.
pub(crate) fn replicated(
    statistic: Statistic,
    observed: &[Observed<'_>],
    (n_clusters, cluster_of): (usize, &dyn Fn(&Row) -> usize),
) -> Option<Replicated> {
    let observations: Vec<Observation> = observed.iter().map(|it| it.observation).collect();
    let sample = Sample::new(&observations).ok()?;
    let start = guarded_start(&sample).ok()?;
    let (value, std_error) = statistic.of(&sample, start)?;
    let counts = ClusterCounts::new(&sample, n_clusters, |row| cluster_of(observed[row].row));
    let without = statistic.without_each(&counts, start);
    let is_fixed = |it: &&Observed<'_>| FIXED.holds(it.observation.outcome());
    let n_fixed = observed.iter().filter(is_fixed).count();
    Some(Replicated { value, std_error, n_fixed, without })
}

impl Statistic {
    /// Value and standard error by row.
    fn of(self, sample: &Sample, start: Start) -> Option<(f64, f64)> {
        match self {
            Self::MeanOpen => {
                let any = kaplan_meier_from(sample.clone(), Causes::Any, start);
                let it = restricted_mean(&any, HORIZON_DAYS).ok()?;
                Some((it.mean, it.std_error))
            }
            Self::Unfixed { days } => {
                let it = aalen_johansen_from(sample, FIXED, start).at(days)?;
                Some((1.0 - it.share, it.std_error))
            }
        }
    }

    /// The value without each cluster.
    fn without_each(self, counts: &ClusterCounts, start: Start) -> Vec<Option<f64>> {
        match self {
            Self::MeanOpen => {
                counts.restricted_means_without_each(Causes::Any, start, HORIZON_DAYS)
            }
            Self::Unfixed { days } => {
                let shares = counts.shares_without_each(FIXED, start, &[days]);
                shares.into_iter().map(|it| Some(1.0 - it[0]?)).collect()
            }
        }
    }
}

/// Which team each row is of, by number.
struct Clusters {
    n: usize,
    n_teams: usize,
    of_row: Vec<usize>,
}

fn clusters(observed: &[Observed<'_>]) -> Clusters {
    let teams = Labels::of(observed.iter().map(|it| it.row.team.as_deref()));
    let n_teams = teams.names.len();
    let n = n_teams.min(MAX_CLUSTERS);
    let cluster = |team: &Option<u32>| Some((*team)? as usize % n);
    match teams.of_row.iter().map(cluster).collect() {
        Some(of_row) => Clusters { n, n_teams, of_row },
        None => Clusters { n: 0, n_teams, of_row: vec![0; observed.len()] },
    }
}

fn method(clusters: &Clusters, by_team: bool) -> String {
    match (by_team, clusters.n_teams) {
        (true, n) if n == clusters.n => {
            format!("by team: delete-one-team jackknife, {} degrees of freedom", n - 1)
        }
        (true, n) => format!(
            "by team: jackknife over {} groups of {n} teams, {} degrees of freedom",
            clusters.n,
            clusters.n - 1
        ),
        (false, 1) => {
            "by row, as if rows were independent: too narrow, there is only one team".to_owned()
        }
        (false, _) => "by row, as if rows were independent: too narrow if teams differ".to_owned(),
    }
}
