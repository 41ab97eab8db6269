//! The story over many seeds: how often it ends in which verdict, beside what the planner predicted.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Options, story};

pub(super) fn run(options: &Options, (from, to): (u64, u64)) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut verdicts: BTreeMap<String, u64> = BTreeMap::new();
    let mut predicted = Vec::new();
    println!("| seed | teams | decided on day | verdict | says |\n|---|---|---|---|---|");
    for seed in from..=to {
        let options = Options { seed, is_quiet: true, ..options.clone() };
        let outcome = story(&options)?;
        predicted.extend(outcome.predicted_power);
        println!(
            "| {seed} | {} | {} | {} | {} |",
            outcome.n_teams, outcome.decided_on_day, outcome.verdict, outcome.says
        );
        *verdicts.entry(outcome.verdict).or_default() += 1;
    }
    let n = to - from + 1;
    let counts: Vec<String> =
        verdicts.iter().map(|(verdict, n)| format!("{verdict} {n}")).collect();
    println!("\n{n} seeds, planted time ratio {}: {}", options.effect, counts.join(", "));
    if !predicted.is_empty() {
        let mean = predicted.iter().sum::<f64>() / predicted.len() as f64;
        println!("the planner's predicted power: {:.0} %", mean * 100.0);
    }
    println!("{:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}
