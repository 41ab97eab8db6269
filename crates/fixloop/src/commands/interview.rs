//! `fixloop interview`.

mod asked;
mod filed;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fixloop_program::record::ObjectId;

use crate::data::DataArguments;
use crate::error::CommandError;

/// Interviews about a problem hypothesis: whom to ask, the page to fill in, and what was heard
#[derive(Subcommand)]
pub(crate) enum InterviewCommand {
    Candidates(CandidatesArguments),
    New(NewArguments),
    Add(AddArguments),
    Show(ShowArguments),
}

/// Name the teams with the worst and the best recent cases, each with the one case to ask about
///
/// Cases of the last 180 days, from the data directory's mirrors. What makes a case bad follows from the hypothesis' first prediction.
#[derive(Args)]
pub(crate) struct CandidatesArguments {
    #[command(flatten)]
    data: DataArguments,
    problem: ObjectId,
}

/// Write the page of an interview: five open questions with the team's case filled in
#[derive(Args)]
pub(crate) struct NewArguments {
    #[command(flatten)]
    data: DataArguments,
    problem: ObjectId,
    /// Whose people are asked
    #[arg(long, value_name = "NAME")]
    team: String,
    /// A file that is not there yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
}

/// File a page that was filled in
///
/// Team, date, one verbatim quote and for, against or neither are needed; all else may be missing. What its questions do against the rules of
/// interviewing is told and kept, and stops nothing.
#[derive(Args)]
pub(crate) struct AddArguments {
    #[command(flatten)]
    data: DataArguments,
    /// The page, or - for standard input
    file: PathBuf,
}

/// Show what was heard, how far the interviews are, and what editors were told
#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    data: DataArguments,
    /// A problem hypothesis, or one interview [default: all hypotheses]
    id: Option<ObjectId>,
}

pub(crate) fn run(command: InterviewCommand) -> Result<ExitCode, CommandError> {
    match command {
        InterviewCommand::Candidates(arguments) => {
            asked::candidates(&arguments.data, arguments.problem)
        }
        InterviewCommand::New(arguments) => asked::new(&arguments),
        InterviewCommand::Add(arguments) => filed::add(&arguments.data, &arguments.file),
        InterviewCommand::Show(arguments) => filed::show(&arguments.data, arguments.id),
    }
}
