//! `story-b`: the embargo. A critical supply-chain problem becomes known; who is affected, are they fixed fast enough, and if alerting does
//! not move the needle, the affected builds break. On real repositories, real builds and one data directory.
//!
//! Read it from top to bottom: it is what a security engineer types, on a simulated calendar (`FIXLOOP_NOW`). The organization is made by
//! [`organization`]; how fast its teams react is known there and nowhere else. A team is stopped only by a real `fixloop gate` that ended
//! with exit code 1, and what is affected, forecast and decided comes from the commands.

#![expect(clippy::print_stdout, reason = "a transcript for people")]

mod builds;
mod organization;
mod real;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;
use serde_json::Value;

use crate::story_command::Fixloop;
use builds::Builds;
use organization::{Organization, Problem};

/// Weeks until the date.
const DAYS: u32 = 28;
/// Below this chance of being done in time, two evenings in a row, Laura pivots.
const TOO_UNLIKELY: f64 = 0.5;
/// The first evening on which a forecast is acted on.
const FIRST_WEEK: u32 = 7;
/// From this evening on the teams of the targets that will be last are called.
const LAST_WEEK: u32 = 21;

/// The two campaigns, in the order in which they are created.
const CAMPAIGNS: [(&str, Problem); 2] =
    [("campaign-1", Problem::Confusion), ("campaign-2", Problem::Package)];

struct Options {
    seed: u64,
    n_teams: usize,
    n_repositories: usize,
    pivots: bool,
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let options = options(arguments)?;
    let temporary = tempfile::tempdir()?;
    let folder = options.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    fs::create_dir_all(&folder)?;
    let start = Offset::UTC.to_timestamp(date(2027, 3, 1).at(0, 0, 0, 0))?;
    let mut organization = Organization::new(&folder, &options, start)?;
    let mut fixloop = Fixloop::new(&folder.join("data"), start, false)?;
    let mut story = Story { said: Vec::new(), last: None, n_gates: [0; 4] };

    begins(&mut fixloop, &organization, &folder)?;
    story.affected_are_found(&mut fixloop, &organization)?;
    story.days_pass(&mut fixloop, &mut organization, &folder, &options)?;
    story.ends(&mut fixloop, &organization, &folder, &options)
}

fn options(arguments: &[&str]) -> anyhow::Result<Options> {
    let mut options =
        Options { seed: 1, n_teams: 60, n_repositories: 10, pivots: true, folder: None };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if *word == "--no-pivot" {
            options.pivots = false;
            continue;
        }
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match *word {
            "--seed" => options.seed = value.parse()?,
            "--teams" => options.n_teams = value.parse()?,
            "--repositories" => options.n_repositories = value.parse()?,
            "--into" => options.folder = Some(PathBuf::from(value)),
            other => bail!("`{other}` is no option of story-b"),
        }
    }
    if options.n_teams < 6 {
        bail!("four rings need at least six teams");
    }
    Ok(options)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The mirrors, four rings, and a draft for each of the two problems.
fn begins(fixloop: &mut Fixloop, organization: &Organization, folder: &Path) -> anyhow::Result<()> {
    let list = folder.join("repositories.csv");
    organization.write_list(&list)?;
    let advisories = folder.join("advisories");
    Organization::write_advisories(&advisories)?;
    fixloop.run(&["start", &text(&list), "--advisories", &text(&advisories)])?;
    let teams = organization.teams();
    let n_early = teams.len() / 3;
    let cut = |from: usize, to: usize| teams[from..to].join(",");
    fixloop.run(&["ring", "set", "canary", "--teams", &cut(0, 1)])?;
    fixloop.run(&["ring", "set", "pilot", "--teams", &cut(1, 4)])?;
    fixloop.run(&["ring", "set", "early", "--teams", &cut(4, 4 + n_early.max(1))])?;
    fixloop.run(&["ring", "set", "broad", "--rest"])?;
    let deadline = organization.midnight(DAYS)?.to_string();
    fixloop.run(&[
        "campaign",
        "create",
        "--title",
        "Whoever publishes our names to a public index is installed",
        "--contact",
        "#supply-chain",
        "--rule",
        "dependency-confusion",
        "--deadline",
        &deadline,
    ])?;
    let (package, range) = organization.incident();
    fixloop.run(&[
        "campaign",
        "create",
        "--title",
        "A maintainer's account was taken over",
        "--contact",
        "#supply-chain",
        "--package",
        &package,
        "--range",
        &range,
        "--deadline",
        &deadline,
    ])
}

/// What the story said of itself, and what it goes on with.
struct Story {
    said: Vec<(String, bool)>,
    /// The last fix.
    last: Option<Timestamp>,
    /// Builds: ended, of fixed ones that passed, of unaffected ones that passed, alerted.
    n_gates: [usize; 4],
}

impl Story {
    fn expect(&mut self, what: &str, holds: bool) {
        self.said.push((what.to_owned(), holds));
    }

    /// The list against what was planted, which no command can see.
    fn affected_are_found(
        &mut self,
        fixloop: &mut Fixloop,
        organization: &Organization,
    ) -> anyhow::Result<()> {
        for (campaign, problem) in CAMPAIGNS {
            fixloop.run(&["campaign", "open", campaign])?;
            fixloop.later(1)?;
            let listed = fixloop.json(&["campaign", "affected", campaign])?;
            let found = repositories(&listed, "affected");
            let planted = organization.planted(problem);
            self.expect(
                &format!("{campaign} lists exactly the repositories that have the problem"),
                found == planted,
            );
            println!(
                "{campaign}: {} affected repositories, {} were planted",
                found.len(),
                planted.len()
            );
            fixloop.run(&[
                "campaign",
                "messages",
                campaign,
                "--into",
                &text(&fixloop.data().join("messages")),
            ])?;
        }
        Ok(())
    }

    fn days_pass(
        &mut self,
        fixloop: &mut Fixloop,
        organization: &mut Organization,
        folder: &Path,
        options: &Options,
    ) -> anyhow::Result<()> {
        let mut builds = Builds::new(&folder.join("builds"), fixloop)?;
        let list = folder.join("repositories.csv");
        let mut unlikely = 0;
        // Rings that are still to be broken, the next one last; nothing until somebody decides it.
        let mut left: Option<Vec<&str>> = None;
        let mut chances = Vec::new();
        for day in 0..DAYS {
            if !organization.is_working_day(day)? {
                continue;
            }
            fixloop.is_now(organization.midnight(day)?, 13)?;
            if let Some(rings) = &mut left
                && let Some(ring) = rings.pop()
            {
                pivot(fixloop, ring)?;
            }
            let counted = builds.of_day(fixloop, organization, day)?;
            for (sum, n) in self.n_gates.iter_mut().zip(counted) {
                *sum += n;
            }
            let fixed = organization.fixes(day, &builds)?;
            self.last = self.last.max(fixed);
            fixloop.is_now(organization.midnight(day)?, 18)?;
            fixloop.mirrors(&list)?;
            let mut chance: f64 = 1.0;
            for (campaign, _) in CAMPAIGNS {
                let forecast = fixloop.json(&["campaign", "forecast", campaign])?;
                chance = chance.min(forecast["forecast"]["p_all"].as_f64().unwrap_or(1.0));
                println!("[{}] day {day:2} {campaign}: {}", fixloop.now(), line(&forecast));
                if day >= LAST_WEEK {
                    call_the_last(organization, &forecast);
                }
            }
            chances.push((day, chance, left.is_some()));
            unlikely = if chance < TOO_UNLIKELY { unlikely + 1 } else { 0 };
            if options.pivots && left.is_none() && day >= FIRST_WEEK && unlikely >= 2 {
                println!("\nAlerting alone will not do: on to breaking builds, ring by ring.");
                left = Some(vec!["broad", "early", "pilot", "canary"]);
            }
        }
        self.chances(&chances, options);
        Ok(())
    }

    fn chances(&mut self, chances: &[(u32, f64, bool)], options: &Options) {
        let before: Vec<f64> = chances.iter().filter(|it| !it.2).map(|it| it.1).collect();
        let stalled = before.last().is_some_and(|it| *it < TOO_UNLIKELY);
        self.expect("the forecast of alerting alone stalled", stalled);
        if options.pivots {
            let after = chances.iter().rev().find(|it| it.2).map_or(0.0, |it| it.1);
            self.expect("after the pivot the forecast turned", after > TOO_UNLIKELY);
        }
    }

    fn ends(
        &mut self,
        fixloop: &mut Fixloop,
        organization: &Organization,
        folder: &Path,
        options: &Options,
    ) -> anyhow::Result<()> {
        fixloop.is_now(organization.midnight(DAYS)?, 0)?;
        let mut n_open = 0;
        for (campaign, problem) in CAMPAIGNS {
            let shown = fixloop.json(&["campaign", "show", campaign])?;
            let affected = shown["counts"]["affected"].as_u64().unwrap_or(u64::MAX);
            let n_left = organization.open(problem).len() as u64;
            self.expect(&format!("{campaign} knows on the day what is open"), affected == n_left);
            n_open += affected;
        }
        let done = n_open == 0;
        println!("\non the date {n_open} targets are open; the last fix: {:?}", self.last);
        self.expect(
            "every build of a fixed or unaffected repository passed",
            self.n_gates[1] + self.n_gates[2] > 0,
        );
        if options.pivots {
            self.expect("everything was fixed before the date", done);
            self.expect("builds were ended", self.n_gates[0] > 0);
        } else {
            self.expect("without the pivot the date is missed", !done);
            self.expect("no build was ended", self.n_gates[0] == 0);
        }
        let report = text(&folder.join("report"));
        for (campaign, _) in CAMPAIGNS {
            fixloop
                .run(&["campaign", "close", campaign, "--why", "the date", "--into", &report])?;
        }
        let written = fs::read_to_string(folder.join("report/campaign-1.md"))?;
        self.expect(
            "the report names both who pivoted",
            !options.pivots || written.contains("Ines"),
        );
        self.check()
    }

    fn check(&self) -> anyhow::Result<()> {
        let [ended, fixed, unaffected, alerted] = self.n_gates;
        println!(
            "builds: {ended} ended, {alerted} alerted; passed: {fixed} fixed, {unaffected} unaffected"
        );
        let failed: Vec<&str> = self.said.iter().filter(|it| !it.1).map(|it| &*it.0).collect();
        println!("{} statements hold, {} do not", self.said.len() - failed.len(), failed.len());
        if failed.is_empty() {
            return Ok(());
        }
        bail!("does not hold: {}", failed.join("; "))
    }
}

/// A preview, and then the command with two names.
fn pivot(fixloop: &mut Fixloop, ring: &str) -> anyhow::Result<()> {
    for (campaign, _) in CAMPAIGNS {
        let words = [
            "campaign",
            "pivot",
            campaign,
            "--ring",
            ring,
            "--to",
            "break",
            "--grace",
            "24",
            "--with",
            "Ines",
            "--why",
            "alerting alone will not be done in time",
        ];
        let preview = fixloop.json(&words)?;
        let version = preview["preview_of"].as_u64().context("a preview names its version")?;
        println!(
            "\npreview: {ring} of {campaign} hits {} targets of {} teams",
            preview["targets"],
            preview["teams"].as_array().map_or(0, Vec::len)
        );
        fixloop.run(&[&words[..], &["--preview-of", &version.to_string()]].concat())?;
        fixloop.later(1)?;
    }
    Ok(())
}

/// Calls the teams of the targets that the forecast says will be last.
fn call_the_last(organization: &mut Organization, forecast: &Value) {
    for it in forecast["forecast"]["last"].as_array().into_iter().flatten() {
        if let Some(team) = it["team"].as_str()
            && organization.call(team)
        {
            println!("Laura calls {team}: {} will be among the last.", it["target"]);
        }
    }
}

/// Repositories that have a target in this state.
fn repositories(listed: &Value, state: &str) -> BTreeSet<String> {
    let targets = listed["targets"].as_array().into_iter().flatten();
    let of_state = targets.filter(|it| it["state"] == state);
    of_state.filter_map(|it| it["repository"].as_str().map(ToOwned::to_owned)).collect()
}

/// A forecast in one line.
fn line(forecast: &Value) -> String {
    let day = |it: &Value| it.as_str().and_then(|it| it.get(..10)).unwrap_or("never").to_owned();
    let (counts, it) = (&forecast["counts"], &forecast["forecast"]);
    let open = format!(
        "{} affected, {} fixed, {} unknown",
        counts["affected"], counts["fixed"], counts["unknown"]
    );
    match it["p_all"].as_f64() {
        Some(p) => format!(
            "{open}; all in time: {:.0} %, last fix {} to {}",
            p * 100.0,
            day(&it["p10"]),
            day(&it["p90"])
        ),
        None => format!("{open}; no forecast: {}", forecast["no_forecast"]),
    }
}
