//! Repository automation: `cargo xtask tidy | bench NAME | fix-e2e INDEX | validate-statistics | fuzz [TARGET…] | e2e-vscode [PROGRAM] | story-a [OPTION…] | story-b [OPTION…] | clock [--into FOLDER]`.

mod bench;
mod clock;
mod e2e_vscode;
mod fix_e2e;
mod fuzz;
mod language_server;
mod story_a;
mod story_b;
mod story_command;
mod tidy;
mod validate_statistics;

use anyhow::{Context, bail};

const USAGE: &str = "usage: cargo xtask tidy | bench fleet | bench history | bench stats | bench index | bench scan | bench tree | bench experiment | bench lsp | bench campaign | bench gate | fix-e2e INDEX | validate-statistics [--runs N] [--cells PREFIX,…] | fuzz [TARGET…] | e2e-vscode [PROGRAM] | story-a [--seed N] [--effect RATIO|0] [--teams N] | story-b [--seed N] [--teams N] [--no-pivot] | clock [--into FOLDER]";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["tidy"] => tidy::run().context("tidy"),
        ["bench", "experiment"] => bench::experiment::run(),
        ["bench", "fleet"] => bench::fleet::run(),
        ["bench", "history"] => bench::history::history(),
        ["bench", "lsp"] => bench::lsp::run(),
        ["bench", "stats"] => bench::history::stats(),
        ["bench", "index"] => bench::index(),
        ["bench", "campaign"] => bench::campaign::run(),
        ["bench", "gate"] => bench::gate::run(),
        ["bench", "scan"] => bench::scan(),
        ["bench", "tree"] => bench::tree(),
        ["fix-e2e", index] => fix_e2e::run(index),
        ["validate-statistics", ref arguments @ ..] => validate_statistics::run(arguments),
        ["clock", ref arguments @ ..] => clock::run(arguments),
        ["story-b", ref arguments @ ..] => story_b::run(arguments),
        ["story-a", ref arguments @ ..] => story_a::run(arguments),
        ["e2e-vscode", ref arguments @ ..] => e2e_vscode::run(arguments),
        ["fuzz", ref targets @ ..] => fuzz::run(targets),
        _ => bail!(USAGE),
    }
}
