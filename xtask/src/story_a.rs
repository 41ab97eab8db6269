//! `story-a`: the late alert, from an objective to a decision, on real repositories, real editors' servers and one data directory.
//!
//! Read it from top to bottom: it is what a security engineer types, on a simulated calendar (`FIXLOOP_NOW`). The organisation is made by
//! `fixloop-sim`; what it knows (who fixes how fast, what an alert changes) is nowhere here. A developer is alerted if the server published
//! a diagnostic about the package, and not else. What the analysis says, and what is decided, comes from the commands.

#![expect(clippy::print_stdout, reason = "a transcript for people")]

mod editors;
mod interviews;
mod seeds;
mod statements;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use fixloop_sim::{Moment, Organization, Settings, TimeToFix};
use serde_json::Value;

use crate::story_command::Fixloop;
use editors::Editors;
use statements::Statements;

/// What a run is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// The time ratio that an alert plants: 1 is none.
    pub(crate) effect: f64,
    /// As many as the planner asks for, if nothing is said.
    pub(crate) teams: Option<usize>,
    pub(crate) days: u32,
    /// Mirrors are the repositories themselves, and editors of an arm share a server: for many seeds.
    pub(crate) is_fast: bool,
    pub(crate) folder: Option<PathBuf>,
    /// Says nothing but the end.
    pub(crate) is_quiet: bool,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) verdict: String,
    pub(crate) says: String,
    pub(crate) decided_on_day: f64,
    pub(crate) n_teams: usize,
    pub(crate) predicted_power: Option<f64>,
    pub(crate) n_events: u64,
}

pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let (options, seeds) = options(arguments)?;
    if let Some(seeds) = seeds {
        return seeds::run(&options, seeds);
    }
    let outcome = story(&options)?;
    println!(
        "\nthe story ends: {} on day {}, with {} teams and {} events",
        outcome.verdict, outcome.decided_on_day, outcome.n_teams, outcome.n_events
    );
    Ok(())
}

/// One run, or a range of seeds.
fn options(arguments: &[&str]) -> anyhow::Result<(Options, Option<(u64, u64)>)> {
    let mut options = Options {
        seed: 1,
        effect: 0.7,
        teams: None,
        days: 56,
        is_fast: false,
        folder: None,
        is_quiet: false,
    };
    let mut seeds = None;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if *word == "--fast" {
            options.is_fast = true;
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match *word {
            "--seed" => options.seed = value.parse()?,
            "--teams" => options.teams = Some(value.parse()?),
            "--days" => options.days = value.parse()?,
            "--into" => options.folder = Some(PathBuf::from(value)),
            "--effect" => {
                let ratio: f64 = value.parse()?;
                options.effect = if ratio == 0.0 { 1.0 } else { ratio };
            }
            "--seeds" => {
                let (from, to) = value.split_once('-').context("write --seeds 1-100")?;
                seeds = Some((from.parse()?, to.parse()?));
            }
            other => bail!("`{other}` is no option of story-a"),
        }
    }
    Ok((options, seeds))
}

/// The whole story once.
pub(crate) fn story(options: &Options) -> anyhow::Result<Outcome> {
    let kept = options.folder.clone();
    let temporary = tempfile::tempdir()?;
    let folder = kept.unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&folder)?;
    let n_teams = match options.teams {
        Some(teams) => teams,
        None => planned_teams(options, &folder)?,
    };
    let settings = Settings { n_teams, effect: options.effect, ..world() };
    let mut organization =
        Organization::new(&folder.join("organization"), options.seed, &settings)?;
    let mut fixloop =
        Fixloop::new(&folder.join("data"), organization.midnight(0), options.is_quiet)?;
    let mut told = Statements::default();

    begin(&mut fixloop, &organization, &folder, options)?;
    let predicted_power = first_problem_is_rejected(&mut fixloop, &mut told, n_teams, options)?;
    second_problem_is_confirmed(&mut fixloop, &organization, &folder, &mut told)?;
    pilot_begins(&mut fixloop, options)?;
    let (day, last) = pilot_runs(&mut fixloop, &mut organization, &folder, (options, &mut told))?;
    let outcome = decided(&mut fixloop, &last, &mut told)?;
    let n_events = told.n_events;
    told.check(&mut fixloop)?;
    Ok(Outcome { decided_on_day: day, n_teams, predicted_power, n_events, ..outcome })
}

/// A world in which the planner's power is neither 0 nor 1: half fixed within 20 days, teams that differ.
pub(crate) fn world() -> Settings {
    Settings { time_to_fix: TimeToFix::EXPONENTIAL, history_days: 300, ..Settings::default() }
}

/// How many teams the planner asks for at 80 % power, from the past of a first organisation.
fn planned_teams(options: &Options, folder: &Path) -> anyhow::Result<usize> {
    let settings = Settings { n_teams: 40, ..world() };
    let folder = folder.join("planning");
    let organization = Organization::new(&folder.join("organization"), options.seed, &settings)?;
    let mut fixloop =
        Fixloop::new(&folder.join("data"), organization.midnight(0), options.is_quiet)?;
    begin(&mut fixloop, &organization, &folder, options)?;
    // A pilot of twelve teams: the planner says how many more would do.
    let plan = plan(&mut fixloop, 12, options)?;
    let needed = plan["teams_to_decision"].as_f64();
    let needed = needed.context("the planner names no number of teams that is enough")?;
    println!("the planner asks for {needed} teams at 80 % power");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of teams"
    )]
    Ok((needed.ceil() as usize).next_multiple_of(2))
}

fn plan(fixloop: &mut Fixloop, n_teams: usize, options: &Options) -> anyhow::Result<Value> {
    let (teams, days) = (n_teams.to_string(), options.days.to_string());
    let fleet = fixloop.data().join("fleet");
    let index = fixloop.data().join("advisories.index");
    fixloop.json(&[
        "experiment",
        "plan",
        "--fleet",
        &text(&fleet),
        "--index",
        &text(&index),
        "--treatment",
        "build-warn",
        "--effect",
        "30",
        "--pilot-teams",
        &teams,
        "--days",
        &days,
        "--looks",
        &looks(options),
        "--runs",
        "200",
    ])
}

/// Every week.
fn looks(options: &Options) -> String {
    let days: Vec<String> = (1..=options.days / 7).map(|it| (it * 7).to_string()).collect();
    days.join(",")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Laura has a list of repositories with teams, and one command.
pub(crate) fn begin(
    fixloop: &mut Fixloop,
    organization: &Organization,
    folder: &Path,
    options: &Options,
) -> anyhow::Result<()> {
    let alerts = folder.join("alerts.json");
    fs::write(&alerts, organization.alerts_json())?;
    fs::create_dir_all(fixloop.data())?;
    let into = fixloop.data().join("alerts.json");
    fixloop.run(&["import", "alerts", &text(&alerts), "--into", &text(&into)])?;
    let list = organization.repositories_csv();
    let advisories = organization.advisories_folder();
    if options.is_fast {
        fixloop.mirrors_are(organization)?;
    }
    fixloop.run(&[
        "start",
        &text(&list),
        "--advisories",
        &text(&advisories),
        "--risk",
        "products ship open source packages with known vulnerabilities",
    ])?;
    fixloop.run(&["okr", "check", "kr-1"])?;
    fixloop.run(&[
        "okr",
        "activate",
        "kr-1",
        "--why",
        "the quarter has begun; the warnings were read",
    ])?;
    Ok(())
}

/// "Upgrades are slow because they break things": git says how often one was taken back.
fn first_problem_is_rejected(
    fixloop: &mut Fixloop,
    told: &mut Statements,
    n_teams: usize,
    options: &Options,
) -> anyhow::Result<Option<f64>> {
    fixloop.run(&["hypothesis", "verdict", "problem-1"])?;
    let first = fixloop.json(&["hypothesis", "show", "problem-1"])?;
    told.expect("the first problem hypothesis is rejected", first["state"] == "rejected");
    fixloop.run(&["hypothesis", "verdict", "problem-2"])?;
    let second = fixloop.json(&["hypothesis", "show", "problem-2"])?;
    told.say(&format!(
        "an alert at the first reference alone could reach {} of opportunities ({}): the treatment is about what is present",
        percent(&second["evidence"][0]["answer"]["share"]),
        second["state"].as_str().unwrap_or("")
    ));
    let plan = plan(fixloop, n_teams, options)?;
    Ok(plan["power"].as_f64())
}

fn percent(value: &Value) -> String {
    value.as_f64().map_or("cannot tell".to_owned(), |it| format!("{:.1} %", it * 100.0))
}

/// "Developers are alerted late, when the code has shipped": imported alerts support it, interviews confirm it.
fn second_problem_is_confirmed(
    fixloop: &mut Fixloop,
    organization: &Organization,
    folder: &Path,
    told: &mut Statements,
) -> anyhow::Result<()> {
    fixloop.run(&[
        "hypothesis", "create", "--key-result", "kr-1", "--supersedes", "problem-1", "--believe",
        "We believe that developers are alerted late, when the code is on the default branch already, because nobody looks before",
    ])?;
    fixloop.run(&["hypothesis", "frame", "problem-3", "--predict", "late-alerts:25%:50%:20"])?;
    fixloop.run(&["hypothesis", "evidence", "problem-3"])?;
    fixloop.run(&["hypothesis", "verdict", "problem-3", "--expect", "supported"])?;
    let supported = fixloop.json(&["hypothesis", "show", "problem-3"])?;
    told.expect("the second is supported by telemetry at once", supported["state"] == "supported");
    interviews::hold(fixloop, organization, folder, "problem-3")?;
    fixloop.run(&["hypothesis", "verdict", "problem-3", "--expect", "confirmed"])?;
    let confirmed = fixloop.json(&["hypothesis", "show", "problem-3"])?;
    told.expect("five interviews confirm it", confirmed["state"] == "confirmed");
    Ok(())
}

/// A treatment is data: written, planned, registered, drawn and live within the hour.
fn pilot_begins(fixloop: &mut Fixloop, options: &Options) -> anyhow::Result<()> {
    fixloop.later(60)?;
    fixloop.run(&[
        "treatment",
        "create",
        "--name",
        "alert in the editor",
        "--kind",
        "ide-hint",
        "--moment",
        "present",
        "--words",
        "Your team is asked to fix this within two weeks.",
    ])?;
    fixloop.run(&["ring", "set", "pilot", "--rest"])?;
    fixloop.run(&[
        "solution",
        "create",
        "--problem",
        "problem-3",
        "--treatment",
        "treatment-1",
        "--because",
        "developers see it in the file that they have open anyway",
        "--leading",
        "seen:20%",
    ])?;
    fixloop.run(&["rollout", "plan", "--solution", "solution-1", "--holdout", "10%"])?;
    let design = if options.teams.is_some_and(|it| it < 12) { "complete" } else { "pairs" };
    fixloop.run(&[
        "experiment",
        "register",
        "--rollout",
        "rollout-1",
        "--design",
        design,
        "--looks",
        &looks(options),
        "--history",
        "180",
    ])?;
    fixloop.run(&["policy", "build", "--poll", "1", "--days", "200"])?;
    fixloop.run(&[
        "experiment",
        "start",
        "experiment-1",
        "--public-nonce",
        "the headline of that morning",
    ])?;
    Ok(())
}

/// Working days: editors open manifests, developers fix when they fix, and every week somebody looks.
fn pilot_runs(
    fixloop: &mut Fixloop,
    organization: &mut Organization,
    folder: &Path,
    (options, told): (&Options, &mut Statements),
) -> anyhow::Result<(f64, Value)> {
    let mut editors = Editors::new(fixloop, &folder.join("work"), options.is_fast)?;
    let first = organization.today();
    loop {
        let day = organization.today() - first;
        fixloop.is_now(organization.midnight(organization.today()), 10)?;
        organization.work()?;
        fixloop.index_of(organization)?;
        one_day(fixloop, organization, &mut editors)?;
        if day == 0 {
            fixloop.is_now(organization.midnight(organization.today()), -6)?;
            let collected = fixloop.json(&["telemetry", "collect"])?;
            told.collected(&collected);
            fixloop.run(&["experiment", "show", "experiment-1"])?;
            let shown = fixloop.json(&["experiment", "show", "experiment-1"])?;
            told.first_evening(&shown);
        }
        if (day + 1) % 7 != 0 {
            continue;
        }
        // The experiment began in the afternoon, so its weeks end in one.
        fixloop.is_now(organization.midnight(organization.today()), 15)?;
        if options.is_fast {
            fixloop.mirrors_are(organization)?;
        } else {
            let (list, into) = (organization.repositories_csv(), fixloop.data().join("fleet"));
            fixloop.run(&["fleet", "sync", &text(&list), "--into", &text(&into)])?;
        }
        told.collected(&fixloop.json(&["telemetry", "collect"])?);
        fixloop.look("experiment-1")?;
        fixloop.run(&["okr", "show", "kr-1", "--record"])?;
        let experiment = fixloop.json(&["experiment", "show", "experiment-1"])?;
        let readouts = experiment["readouts"].as_array().context("no readouts")?;
        let last = readouts.last().and_then(Value::as_str).context("no readout")?;
        let readout = fixloop.json(&["readout", "show", last])?;
        println_unless(
            options,
            &format!("day {}: {}", day + 1, readout["sentence"].as_str().unwrap_or("")),
        );
        match experiment["state"].as_str() {
            Some("analysed") => return Ok((f64::from(day + 1), readout)),
            Some("paused") => {
                fixloop.run(&[
                    "experiment",
                    "resume",
                    "experiment-1",
                    "--why",
                    "looked at; it goes on",
                ])?;
            }
            _ => {}
        }
        if day > i32::try_from(options.days)? {
            bail!("the experiment did not end by its last look");
        }
    }
}

fn println_unless(options: &Options, line: &str) {
    if !options.is_quiet {
        println!("{line}");
    }
}

/// One working day in all editors.
fn one_day(
    fixloop: &Fixloop,
    organization: &mut Organization,
    editors: &mut Editors,
) -> anyhow::Result<()> {
    let work = organization.work()?.to_vec();
    let mut shown = editors.open(fixloop, &work)?;
    let today = organization.today();
    let mut introduced = Vec::new();
    let landed = organization.advance(today + 1, &mut |exposure| {
        let is_shown = shown.is_alerted(exposure);
        if exposure.moment == Moment::FirstReference {
            introduced.push(exposure.clone());
        }
        is_shown
    })?;
    // Who fixes something has changed it in the editor first.
    for it in &landed {
        if let Some((package, Some(before), after)) = &it.change {
            shown.fix(&it.repository, package, (before, after.as_deref()))?;
        }
    }
    // What did not land was taken out again before the commit.
    for exposure in introduced {
        let came_in = landed.iter().any(|it| {
            it.repository == exposure.repository
                && it.change.as_ref().is_some_and(|it| it.0 == exposure.package && it.2.is_some())
        });
        if !came_in {
            shown.take_out(&exposure)?;
        }
    }
    shown.close()
}

/// Whatever the rule gives is what is decided.
fn decided(
    fixloop: &mut Fixloop,
    readout: &Value,
    told: &mut Statements,
) -> anyhow::Result<Outcome> {
    let verdict = readout["verdict"].as_str().context("no verdict")?.to_owned();
    let mut words = vec!["decision", "record", "experiment-1", "--by", "Laura", "--by", "Omar"];
    let as_decided = if verdict == "inconclusive" { "pivot" } else { &*verdict };
    words.extend(["--verdict", as_decided]);
    if as_decided == "pivot" {
        words.extend([
            "--pivot",
            "mechanism",
            "--next",
            "We believe that an alert is not enough, because it is easy to leave for later",
        ]);
    }
    fixloop.run(&words)?;
    if as_decided == "expand" {
        fixloop.run(&["rollout", "done", "rollout-1", "--why", "there is no further ring"])?;
    }
    fixloop.run(&["readout", "verify"])?;
    told.expect("every readout is computed again to the byte", fixloop.last_code() == 0);
    let record = fixloop.data().join("record.md");
    fixloop.run(&["program", "export", "--into", &text(&record)])?;
    let page = fixloop.data().join("report.html");
    fixloop.run(&["program", "report", "--into", &text(&page)])?;
    Ok(Outcome {
        says: readout["sentence"].as_str().unwrap_or("").to_owned(),
        verdict,
        decided_on_day: 0.0,
        n_teams: 0,
        predicted_power: None,
        n_events: 0,
    })
}
