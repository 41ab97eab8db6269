//! The `fixloop` binary: parse, dispatch, print.

mod alerts_file;
mod commands;
mod components;
mod data;
mod error;
mod index_path;
mod intervals;
mod merge_base;
mod mined;
mod output;
mod progress;
mod today;

use std::process::ExitCode;

use clap::Parser;

/// fixloop finds vulnerable packages, says exactly where they stand and which version fixes them: offline and in milliseconds.
#[derive(Parser)]
#[command(name = "fixloop", version, max_term_width = 100, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = today::check().map_err(Into::into).and_then(|()| commands::run(arguments.command));
    match done {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            error.print();
            ExitCode::from(2)
        }
    }
}
