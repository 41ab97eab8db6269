//! `fixloop fleet index`.

use std::process::ExitCode;

use clap::Args;
use fixloop_fleet::Fleet;
use serde_json::json;

use crate::components::refreshed;
use crate::data::DataArguments;
use crate::error::CommandError;
use crate::output::{Format, print};

/// Index what every repository of a data directory holds, so that campaigns answer in seconds
///
/// Written to DATA/components.index. Only repositories whose mirror has another commit than before are read; campaigns do it by themselves.
#[derive(Args)]
pub(crate) struct IndexArguments {
    #[command(flatten)]
    data: DataArguments,
}

pub(super) fn run(arguments: &IndexArguments) -> Result<ExitCode, CommandError> {
    let folder = arguments.data.folder()?;
    let fleet = Fleet::open(&folder.join("fleet")).map_err(|error| {
        CommandError::from(error).hint("fixloop start FILE makes a data directory with its fleet")
    })?;
    let components = refreshed(&folder, &fleet)?;
    let index = &components.index;
    let n_unknown = index.repositories.iter().filter(|it| it.unknown.is_some()).count();
    let (n_repositories, n_targets) = (index.repositories.len(), index.n_targets());
    let (n_components, n_read) = (index.components.len(), components.n_read);
    print(|out| match arguments.data.format {
        Format::Json => {
            let document = json!({
                "schema": "fixloop.components/1",
                "repositories": n_repositories,
                "unknown": n_unknown,
                "read": n_read,
                "targets": n_targets,
                "components": n_components,
            });
            writeln!(out, "{document:#}")
        }
        Format::Text => writeln!(
            out,
            "{n_repositories} repositories ({n_unknown} unknown, {n_read} read now): {n_targets} targets with {n_components} different components"
        ),
    })?;
    Ok(if n_unknown == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
