//! `fixloop ring`.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fixloop_fleet::Fleet;
use fixloop_program::record::{Kind, RingPlan, Selection};

use crate::data::{DataArguments, ShowArguments};
use crate::error::CommandError;

/// Rings: ordered sets of teams, as canary, pilot, early and broad
#[derive(Subcommand)]
pub(crate) enum RingCommand {
    Set(SetArguments),
    /// Show rings
    Show(ShowArguments),
}

/// Make a ring, or give one that no rollout uses other teams
#[derive(Args)]
pub(crate) struct SetArguments {
    #[command(flatten)]
    data: DataArguments,
    /// canary, pilot, early, broad
    name: String,
    /// Its place in the order, from 0 [default: canary 0, pilot 1, early 2, broad 3]
    #[arg(long, value_name = "N")]
    ordinal: Option<u32>,
    /// Its teams, with commas between them
    #[arg(long, value_name = "TEAMS", value_delimiter = ',', required_unless_present = "rest")]
    teams: Vec<String>,
    /// Every team of the fleet that is in no other ring
    #[arg(long, conflicts_with = "teams")]
    rest: bool,
    /// How its teams came to be in it
    #[arg(long, value_enum, default_value_t = SelectionName::Chosen)]
    selection: SelectionName,
    /// Why they change
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum SelectionName {
    Randomised,
    Chosen,
    Volunteer,
}

pub(crate) fn run(command: RingCommand) -> Result<ExitCode, CommandError> {
    match command {
        RingCommand::Set(arguments) => set(arguments),
        RingCommand::Show(arguments) => arguments.run(Kind::Ring),
    }
}

fn set(arguments: SetArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let usual = ["canary", "pilot", "early", "broad"];
    let place = usual.iter().zip(0..).find(|it| *it.0 == arguments.name).map(|it| it.1);
    let known = data.record()?;
    let known = known.rings.values().find(|it| it.plan.name == arguments.name);
    let next = known.map(|it| it.plan.ordinal).or(place).unwrap_or(9);
    let fleet = if arguments.rest {
        Fleet::open(&data.folder.join("fleet"))?.repositories
    } else {
        Vec::new()
    };
    let selection = match arguments.selection {
        SelectionName::Randomised => Selection::Randomised,
        SelectionName::Chosen => Selection::Chosen,
        SelectionName::Volunteer => Selection::Volunteer,
    };
    data.change_and_show(|record| {
        let mut teams = arguments.teams;
        if arguments.rest {
            let all = fleet.iter().filter_map(|it| it.team.clone());
            let is_free = |team: &String| {
                record.ring_of_team(team).is_none_or(|it| it.plan.name == arguments.name)
            };
            teams = all.filter(is_free).collect();
            teams.sort();
            teams.dedup();
        }
        let ordinal = arguments.ordinal.unwrap_or(next);
        let plan = RingPlan { name: arguments.name, ordinal, teams, selection };
        record.set_ring(plan, &arguments.why)
    })?;
    Ok(ExitCode::SUCCESS)
}
