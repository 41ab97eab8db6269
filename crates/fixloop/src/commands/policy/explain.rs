//! `fixloop policy explain`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_model::Class;
use fixloop_policy::{
    About, Applied, Bundle, Facts, RepositoryId, Resolution, Ruling, Surface, decide, resolve,
    resolve_team,
};
use fixloop_report::visible;
use serde_json::{Value, json};
use thiserror::Error;

use super::BundleArguments;
use crate::error::CommandError;
use crate::output::{Format, print};

/// Say what a team gets, in which mode, and why
///
/// By the function that editors ask, for typical findings: a new and an old direct dependency, one that was brought in, and malicious
/// packages. Severities are left open: a treatment's threshold stands beside it.
///
/// Exit code: 0 if it can be told, 2 if the bundle is not believed or does not know the team.
#[derive(Args)]
pub(crate) struct ExplainArguments {
    #[command(flatten)]
    bundle: BundleArguments,
    #[command(flatten)]
    whose: Whose,
    /// Only this surface
    #[arg(long, value_enum)]
    surface: Option<SurfaceWord>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The address that a repository is cloned from
    #[arg(long, value_name = "ADDRESS")]
    repository: Option<String>,
    #[arg(long)]
    team: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum SurfaceWord {
    Editor,
    Agent,
    PullRequest,
    Build,
}

impl From<SurfaceWord> for Surface {
    fn from(word: SurfaceWord) -> Self {
        match word {
            SurfaceWord::Editor => Self::Editor,
            SurfaceWord::Agent => Self::Agent,
            SurfaceWord::PullRequest => Self::PullRequest,
            SurfaceWord::Build => Self::Build,
        }
    }
}

#[derive(Debug, Error)]
#[error("the policy knows no team `{0}`")]
struct NoTeam(String);

/// Findings that a policy is mostly asked about: their words, whether it is a first reference, whether the project names it itself.
const FINDINGS: &[(&str, bool, bool, Class)] = &[
    ("new, named by the project", true, true, Class::Vulnerability),
    ("there before, named by the project", false, true, Class::Vulnerability),
    ("new, brought in", true, false, Class::Vulnerability),
    ("there before, brought in", false, false, Class::Vulnerability),
    ("malicious, new", true, true, Class::Malicious),
    ("malicious, there before", false, true, Class::Malicious),
];

pub(crate) fn run(arguments: &ExplainArguments) -> Result<ExitCode, CommandError> {
    let bundle = arguments.bundle.open()?;
    let (whose, resolution) = resolved(&bundle, &arguments.whose)?;
    let one = arguments.surface.map(Surface::from);
    let surfaces: Vec<Surface> = one.map_or_else(|| Surface::ALL.to_vec(), |it| vec![it]);
    if arguments.bundle.format == Format::Json {
        let document = document(&bundle, &whose, &resolution, &surfaces);
        print(|out| writeln!(out, "{document:#}"))?;
    } else {
        print(|out| write(&bundle, &whose, &resolution, &surfaces, out))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn resolved(bundle: &Bundle, whose: &Whose) -> Result<(String, Resolution), CommandError> {
    if let Some(team) = &whose.team {
        let is_listed = bundle.repositories.values().any(|it| it == team);
        let is_in_ring = bundle.rings.iter().any(|it| it.teams.contains(team));
        if !is_listed && !is_in_ring {
            return Err(NoTeam(team.clone()).into());
        }
        return Ok((format!("Team {team}"), resolve_team(bundle, team)));
    }
    let address = whose.repository.as_deref().unwrap_or("");
    let id = RepositoryId::of_address(address);
    let resolution = resolve(bundle, Some(bundle.telemetry.key.repository(&id)));
    Ok((format!("Repository {id}"), resolution))
}

/// What is done about each of the findings, in one surface.
fn rulings(resolution: &Resolution, surface: Surface) -> Vec<(&'static str, Ruling)> {
    let ruling = |(words, is_first, is_direct, class): &(&'static str, bool, bool, Class)| {
        let facts = Facts {
            surface,
            is_first_reference: Some(*is_first),
            is_direct: Some(*is_direct),
            severity: None,
            class: *class,
        };
        (*words, decide(resolution, facts, About::default()))
    };
    FINDINGS.iter().map(ruling).collect()
}

fn write(
    bundle: &Bundle,
    whose: &str,
    resolution: &Resolution,
    surfaces: &[Surface],
    out: &mut dyn Write,
) -> io::Result<()> {
    let team = resolution.team.as_deref().unwrap_or("none");
    let ring = resolution.ring.as_deref().unwrap_or("none");
    writeln!(out, "{} by version {} of the policy", visible(whose), bundle.version)?;
    writeln!(out, "team {}, ring {}", visible(team), visible(ring))?;
    if let Some(why) = resolution.observes {
        return writeln!(out, "\nEverything observes: {}.", why.sentence());
    }
    for surface in surfaces {
        writeln!(out, "\n{surface}")?;
        for it in resolution.treatments.iter().filter(|it| it.treatment.surface == *surface) {
            writeln!(out, "  {}", visible(&treatment(it)))?;
        }
        let rulings = rulings(resolution, *surface);
        let (first, rest) = rulings.split_first().expect("there are findings to ask about");
        if rest.iter().all(|(_, it)| *it == first.1) {
            let Ruling { mode, why, .. } = first.1;
            writeln!(out, "  {:<8}everything: {}", mode.as_str(), why.sentence())?;
            continue;
        }
        for (words, Ruling { mode, treatment, why, .. }) in &rulings {
            let by = treatment.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
            writeln!(out, "  {:<8}{words}: {}{by}", mode.as_str(), why.sentence())?;
        }
    }
    Ok(())
}

/// A treatment, and the team's place in it.
fn treatment(Applied { treatment: it, place }: &Applied) -> String {
    let threshold = it.threshold.map(|it| format!(", from {} on", it.as_str())).unwrap_or_default();
    format!("{} {place}: {} at {}, {}{threshold}", it.name(), it.mode, it.moment, it.scope)
}

fn document(bundle: &Bundle, whose: &str, resolution: &Resolution, surfaces: &[Surface]) -> Value {
    let treatments = |surface: Surface| {
        let of_surface =
            resolution.treatments.iter().filter(move |it| it.treatment.surface == surface);
        let shown = |it: &Applied| {
            json!({
                "treatment": it.treatment.name(),
                "place": it.place.as_str(),
                "arm": it.place.arm(),
                "mode": it.treatment.mode,
                "moment": it.treatment.moment,
                "scope": it.treatment.scope,
                "threshold": it.treatment.threshold.map(fixloop_model::Rating::as_str),
                "words": it.treatment.words,
                "link": it.treatment.link,
            })
        };
        of_surface.map(shown).collect::<Vec<_>>()
    };
    let ruled = |surface: Surface| {
        let shown = |(finding, it): (&str, Ruling)| {
            json!({
                "finding": finding,
                "mode": it.mode,
                "treatment": it.treatment,
                "arm": it.arm,
                "why": it.why.as_str(),
                "sentence": it.why.sentence(),
            })
        };
        rulings(resolution, surface).into_iter().map(shown).collect::<Vec<_>>()
    };
    let surface =
        |it: &Surface| json!({"surface": it, "treatments": treatments(*it), "rulings": ruled(*it)});
    json!({
        "schema": "fixloop.policy-explain/1",
        "of": whose,
        "version": bundle.version,
        "team": resolution.team,
        "ring": resolution.ring,
        "observes": resolution.observes.map(fixloop_policy::Why::as_str),
        "surfaces": surfaces.iter().map(surface).collect::<Vec<_>>(),
    })
}
