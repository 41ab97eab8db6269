//! Wall time and peak memory of a whole process.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

pub(crate) struct Measured {
    pub(crate) median_s: f64,
    pub(crate) min_s: f64,
    pub(crate) max_s: f64,
    pub(crate) peak_kib: u64,
}

/// Runs the command once uncounted, then `runs` times for the wall time, then once under `time -v` for the memory.
pub(crate) fn measure(runs: usize, command: impl Fn() -> Command) -> anyhow::Result<Measured> {
    let mut seconds = Vec::with_capacity(runs);
    for run in 0..=runs {
        let mut command = command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let status = command.status().with_context(|| format!("{command:?}"))?;
        let elapsed = started.elapsed().as_secs_f64();
        // 1 says that something was found, 2 that something could not be decided.
        if !matches!(status.code(), Some(0..=2)) {
            bail!("{command:?}: {status}");
        }
        if run > 0 {
            seconds.push(elapsed);
        }
    }
    seconds.sort_by(f64::total_cmp);
    let inner = command();
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o", "/dev/stderr"]).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    let output =
        timed.stdout(Stdio::null()).output().context("/usr/bin/time (Debian package `time`)")?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let peak_kib = text.lines().rev().find_map(|it| it.trim().parse().ok());
    Ok(Measured {
        median_s: seconds[seconds.len() / 2],
        min_s: seconds[0],
        max_s: seconds[seconds.len() - 1],
        peak_kib: peak_kib.with_context(|| format!("no peak memory in `{text}`"))?,
    })
}
