//! `bench experiment`: the exact test and its inversion with 16 teams, the analysis of a million findings in 200 teams, beside lifelines
//! where that is installed.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::measure;
use super::{heading, release_build, row, scratch};

/// A pilot as large as the reference's second one, and an organisation's whole year.
const PILOT: Size = Size { name: "experiment-pilot.csv", n_teams: 16, n_findings: 360 };
const LARGE: Size = Size { name: "experiment-large.csv", n_teams: 200, n_findings: 1_000_000 };

struct Size {
    name: &'static str,
    n_teams: usize,
    n_findings: usize,
}

pub(crate) fn run() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let [pilot, large] = [written(&PILOT)?, written(&LARGE)?];
    heading();
    let analyze = |table: &Path| {
        let mut command = Command::new(&fixloop);
        command.args(["experiment", "analyze", "--format", "json"]).arg(table);
        command
    };
    row(
        "fixloop experiment analyze, 360 findings, 16 teams: 12,870 assignments, 396 ratios",
        &measure(10, || analyze(&pilot))?,
    );
    row(
        "fixloop experiment analyze, 1,000,000 findings, 200 teams: 10,000 assignments",
        &measure(3, || analyze(&large))?,
    );
    let past = past()?;
    let plan = || {
        let mut command = Command::new(&fixloop);
        command.args(["experiment", "plan", "--treatment", "build-warn", "--days", "56"]);
        command.args(["--teams", "40", "--runs", "400", "--format", "json", "--from"]).arg(&past);
        command
    };
    row(
        "fixloop experiment plan, 40 teams, 56 days: replays of 400 runs with all variations",
        &measure(3, plan)?,
    );
    let Some(python) = std::env::var_os("BENCH_PYTHON") else {
        println!("| lifelines | not measured: BENCH_PYTHON names no Python that has it | |");
        return Ok(());
    };
    let peer = || {
        let mut command = Command::new(&python);
        command.args(["-c", LIFELINES]).arg(&large);
        command
    };
    row(
        "lifelines: read, KM, restricted mean, log-rank, Cox with cluster errors on the same table",
        &measure(1, peer)?,
    );
    Ok(())
}

/// What lifelines has of the same analysis; no randomisation test and no interval of a time ratio.
const LIFELINES: &str = "
import sys, pandas, lifelines
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time
d = pandas.read_csv(sys.argv[1])
for arm, part in d.groupby('arm'):
    km = lifelines.KaplanMeierFitter().fit(part.time, part.status == 1)
    km.median_survival_time_, restricted_mean_survival_time(km, 30)
a, b = d[d.arm == 0], d[d.arm == 1]
logrank_test(a.time, b.time, a.status == 1, b.status == 1)
d['event'] = d.status == 1
columns = ['time', 'event', 'arm', 'team', 'severity']
lifelines.CoxPHFitter().fit(d[columns], 'time', 'event', cluster_col='team', strata='severity')
";

/// A year of 40 teams that differ threefold, 60 findings each.
fn past() -> anyhow::Result<PathBuf> {
    let path = scratch()?.join("experiment-past.csv");
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    writeln!(out, "team,day,time,status,severity")?;
    let mut random = random();
    for index in 0..2_400 {
        let team = index % 40;
        let pace = 0.5 + f64::from(team * 7 % 40) / 40.0;
        let day = (random() * 365.0).floor();
        let fix = 1.0 + (-30.0 * pace * (1.0 - random()).ln()).floor();
        let (time, status) = if fix > 365.0 - day { (365.0 - day, 0) } else { (fix, 1) };
        writeln!(out, "t{team},{day},{time},{status},high")?;
    }
    out.flush()?;
    Ok(path)
}

/// Numbers from 0 to 1, the same each time: Marsaglia's xorshift.
fn random() -> impl FnMut() -> f64 {
    let mut state: u64 = 88_172_645_463_325_252;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Whole days, every second team treated, three severities, some dismissed; the same numbers each time.
fn written(size: &Size) -> anyhow::Result<PathBuf> {
    let path = scratch()?.join(size.name);
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    writeln!(out, "finding,team,arm,severity,disclosed,time,status,admin_cens")?;
    let mut random = random();
    for index in 0..size.n_findings {
        let team = index % size.n_teams;
        let arm = team % 2;
        // Teams differ threefold, in an order that has nothing to do with the arms.
        let pace = 0.5 + (team * 7 % size.n_teams) as f64 / size.n_teams as f64;
        let mean = if arm == 1 { 25.0 } else { 30.0 } * pace;
        let day = (random() * 42.0).floor();
        let (limit, severity) = (56.0 - day, (random() * 3.0).floor());
        let fix = 1.0 + (-mean * (1.0 - random()).ln()).floor();
        let other = 1.0 + (-260.0 * (1.0 - random()).ln()).floor();
        let (time, status) = if fix.min(other) > limit {
            (limit, 0)
        } else if fix <= other {
            (fix, 1)
        } else {
            (other, 2)
        };
        writeln!(out, "{index},{team},{arm},{severity},{day},{time},{status},{limit}")?;
    }
    out.flush()?;
    Ok(path)
}
