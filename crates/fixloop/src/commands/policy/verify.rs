//! `fixloop policy verify`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;
use fixloop_policy::Bundle;
use fixloop_report::visible;
use serde_json::{Value, json};

use super::{BundleArguments, time};
use crate::error::CommandError;
use crate::output::{Format, print};

/// Check a bundle as an editor does: signature, content, dates
///
/// Exit code: 0 if it is believed, 2 if it is not or cannot be read.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    bundle: BundleArguments,
}

pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode, CommandError> {
    let bundle = arguments.bundle.open()?;
    if arguments.bundle.format == Format::Json {
        print(|out| writeln!(out, "{:#}", document(&bundle)))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(|out| {
        writeln!(
            out,
            "Believed: version {} of organization {}",
            bundle.version, bundle.organization
        )?;
        let (from, until) = (time(bundle.issued_at), time(bundle.expires_at));
        writeln!(
            out,
            "counts      {from} until {until}, looked at every {} s",
            bundle.poll_seconds
        )?;
        let switch = if bundle.kill_switch { "on: everything observes" } else { "off" };
        writeln!(out, "kill switch {switch}")?;
        let sink = bundle.telemetry.sink.as_deref().unwrap_or("none: events stay in the spools");
        writeln!(out, "sink        {}", visible(sink))?;
        writeln!(out, "otherwise   {}", bundle.otherwise)?;
        let n_teams = n_teams(&bundle);
        writeln!(out, "lists       {} repositories of {n_teams} teams", bundle.repositories.len())?;
        for it in &bundle.rings {
            writeln!(out, "ring        {}: {} teams", visible(&it.name), it.teams.len())?;
        }
        for it in &bundle.treatments {
            let (name, surface, mode) = (it.name(), it.surface, it.mode);
            let n = bundle.assigned.iter().filter(|at| at.treatment == it.id).count();
            writeln!(
                out,
                "treatment   {name}: {mode} in {surface}, {} ({n} teams assigned)",
                it.moment
            )?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn n_teams(bundle: &Bundle) -> usize {
    bundle.repositories.values().collect::<BTreeSet<_>>().len()
}

fn document(it: &Bundle) -> Value {
    json!({
        "schema": "fixloop.policy-verify/1",
        "is_believed": true,
        "organization": it.organization,
        "version": it.version,
        "issued_at": time(it.issued_at),
        "expires_at": time(it.expires_at),
        "kill_switch": it.kill_switch,
        "poll_seconds": it.poll_seconds,
        "sink": it.telemetry.sink,
        "otherwise": it.otherwise,
        "n_repositories": it.repositories.len(),
        "n_teams": n_teams(it),
        "rings": it.rings.iter().map(|it| json!({"name": it.name, "n_teams": it.teams.len()})).collect::<Vec<_>>(),
        "treatments": it.treatments.iter().map(fixloop_policy::Treatment::name).collect::<Vec<_>>(),
    })
}
