//! `validate-statistics`: error rates, power and coverage of the engine in simulated worlds, beside the reference simulations and what the
//! tests promise. Prints Markdown tables for `docs/statistics-validation.md`.

#![expect(clippy::print_stdout, reason = "the tables are the output")]

mod cells;
mod coverage;
mod team_tests;
#[cfg(test)]
mod tests;
mod verdict;
mod world;

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use serde_json::Value;

use cells::{Cell, Part, Simulated};
use team_tests::ALPHA;
use verdict::Compared;

/// Runs of a cell, unless the command says another number.
const RUNS: u64 = 500;

/// Runs all cells, or those whose names start with one of the prefixes of `--cells`.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        return in_release(arguments);
    }
    let (n_runs, prefixes) = parsed(arguments)?;
    let is_asked = |it: &Cell| {
        prefixes.is_empty() || prefixes.iter().any(|prefix| it.name().starts_with(prefix))
    };
    let cells: Vec<Cell> = cells::all().into_iter().filter(is_asked).collect();
    if cells.is_empty() {
        bail!("no cell's name starts so; `--cells teams,inside,daily,coverage` names them all");
    }
    let started = Instant::now();
    let mut found = Vec::new();
    for cell in &cells {
        let since = Instant::now();
        found.push(cell.simulate(n_runs));
        eprintln_progress(cell, since);
    }
    println!(
        "{} cells of {n_runs} runs in {} s; cell `i` of all has the seed 1000003 i, run `r` its stream `r`\n",
        cells.len(),
        started.elapsed().as_secs()
    );
    let is_good = [
        by_reference(&found, Part::Teams, "sim_results.json")?,
        by_reference(&found, Part::Inside, "sim_within_team.json")?,
        by_promise(&found, Part::Daily, "Looks: rejected by the adjusted team score"),
        by_promise(&found, Part::Coverage, "Time ratio"),
    ];
    if is_good.contains(&false) {
        bail!("more shares are away from what they should be than chance explains");
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress is for people")]
fn eprintln_progress(cell: &Cell, since: Instant) {
    eprintln!("{}: {:.1} s", cell.name(), since.elapsed().as_secs_f64());
}

/// Unoptimised simulations take half a day.
fn in_release(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("cargo");
    command.args(["run", "--release", "--quiet", "--package", "xtask", "--"]);
    let status = command.arg("validate-statistics").args(arguments).status()?;
    if !status.success() {
        bail!("the release build of this command said no");
    }
    Ok(())
}

fn parsed<'a>(arguments: &[&'a str]) -> anyhow::Result<(u64, Vec<&'a str>)> {
    let (mut n_runs, mut prefixes) = (RUNS, Vec::new());
    for pair in arguments.chunks(2) {
        match *pair {
            ["--runs", n] => {
                n_runs = n.parse().with_context(|| format!("`--runs {n}` is no number"))?;
            }
            ["--cells", names] => prefixes = names.split(',').collect(),
            _ => bail!("usage: cargo xtask validate-statistics [--runs N] [--cells PREFIX,…]"),
        }
    }
    if n_runs == 0 {
        bail!("`--runs` must be at least 1");
    }
    Ok((n_runs, prefixes))
}

/// Ours over the reference's; numbers beyond the bounds are marked. Whether these are as few as chance explains.
fn by_reference(found: &[Simulated], part: Part, file: &str) -> anyhow::Result<bool> {
    let found: Vec<&Simulated> = found.iter().filter(|it| it.cell.part == part).collect();
    let Some(first) = found.first() else { return Ok(true) };
    let reference = reference(file)?;
    println!("### `{file}`, in percent: ours / reference\n");
    table_head(&first.cell.tests());
    let mut all: Vec<Compared> = Vec::new();
    for simulated in found {
        let compared = verdict::beside_reference(simulated, &reference);
        let cells = compared.iter().map(|it| {
            let mark = if it.distance.abs() > verdict::N_ERRORS { " **!**" } else { "" };
            format!("{} / {}{mark}", percent(it.share), percent(it.expected))
        });
        table_row(&simulated.cell, cells);
        all.extend(compared);
    }
    let (is_good, expected, n_out) = verdict::judged(&all, false);
    let squares = all.iter().map(|it| it.distance * it.distance).sum::<f64>();
    println!(
        "\n{} shares; {n_out} more than {} standard errors of the difference away, {expected:.1} expected by chance; mean square of the distances {:.2} (1 by chance)\n",
        all.len(),
        verdict::N_ERRORS,
        squares / all.len().max(1) as f64
    );
    Ok(is_good && !all.is_empty())
}

/// Shares beside what is promised.
fn by_promise(found: &[Simulated], part: Part, title: &str) -> bool {
    let found: Vec<&Simulated> = found.iter().filter(|it| it.cell.part == part).collect();
    let Some(first) = found.first() else { return true };
    println!("### {title}, in percent\n");
    let mut tests = first.cell.tests();
    if part == Part::Coverage {
        tests.extend(["both ends", "median of upper / lower end"]);
    }
    table_head(&tests);
    let mut all: Vec<Compared> = Vec::new();
    for simulated in found {
        let mut cells: Vec<String> =
            (0..simulated.counts.len()).map(|it| percent(simulated.share(it))).collect();
        if part == Part::Coverage {
            cells.push(percent(simulated.n_bounded as f64 / simulated.n_runs as f64));
            cells.push(simulated.median_width.map_or("–".to_owned(), |it| format!("{it:.2}")));
        }
        table_row(&simulated.cell, cells.into_iter());
        all.extend(verdict::beside_promise(simulated, ALPHA));
    }
    let worst = all.iter().max_by(|a, b| a.distance.total_cmp(&b.distance));
    if let Some(it) = worst {
        println!(
            "\nworst against {} %: {} % ({}, {}), {:.1} standard errors",
            percent(it.expected),
            percent(it.share),
            it.cell,
            it.test,
            it.distance
        );
    }
    let (is_good, expected, n_out) = verdict::judged(&all, true);
    println!(
        "{} promises; {n_out} broken by more than {} standard errors, {expected:.1} expected by chance if all were only just kept\n",
        all.len(),
        verdict::N_ERRORS
    );
    is_good
}

fn table_head(tests: &[&str]) {
    println!("| cell | {} |", tests.join(" | "));
    println!("|---|{}", "---|".repeat(tests.len()));
}

fn table_row(cell: &Cell, shares: impl Iterator<Item = String>) {
    println!("| {} | {} |", cell.name(), shares.collect::<Vec<_>>().join(" | "));
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

fn reference(file: &str) -> anyhow::Result<Value> {
    let path = fixloop_test_support::shared::file(&format!("data/stats_reference/{file}"));
    let path =
        path.with_context(|| format!("the reference data `{file}` is not beside this checkout"))?;
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}
