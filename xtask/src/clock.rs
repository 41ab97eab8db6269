//! `clock`: a rule and a wording that nobody had thought of, from `rule test` to the first counted alert, with editors and builds running.
//!
//! Everything is real: two `fixloop lsp` processes of two teams that have the file open before the rule exists, `fixloop gate` on their
//! checkouts, one data directory, one sink. Nothing is restarted and nothing is built. What is printed is this machine's time for each
//! step; what a person thinks and types is not in it. It ends with checks of its own statements.

#![expect(clippy::print_stdout, reason = "a transcript for people")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use fixloop_sim::{Organization, Settings};
use serde_json::{Value, json};

use crate::language_server::Server;
use crate::story_a;
use crate::story_command::Fixloop;

/// The most that the way may take.
const AIM: Duration = Duration::from_mins(2);
/// How long anything is waited for before the run has failed.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at what is waited for.
const PAUSE: Duration = Duration::from_millis(50);

const FILE: &str = "pip.conf";
const AFFECTED: &str = "[global]\nextra-index-url = https://pip.corp.example/simple\n";
const WORDS: &str = "Two companies were broken into through this line last week.";
const OTHER_WORDS: &str =
    "Ask #supply-chain for the mirror that serves both; it takes five minutes.";

/// A team's machine: a checkout, the editor that has the file open, and where its spool lies.
struct Desk {
    team: String,
    tree: PathBuf,
    home: PathBuf,
    uri: String,
    editor: Server,
    process: u32,
}

struct Clock {
    began: Instant,
    last: Instant,
    steps: Vec<(String, Duration)>,
    said: Vec<(String, bool)>,
}

impl Clock {
    fn new() -> Self {
        let now = Instant::now();
        Self { began: now, last: now, steps: Vec::new(), said: Vec::new() }
    }

    fn step(&mut self, what: &str) {
        let now = Instant::now();
        self.steps.push((what.to_owned(), now - self.last));
        self.last = now;
    }

    fn expect(&mut self, what: &str, holds: bool) {
        self.said.push((what.to_owned(), holds));
    }
}

pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = match arguments {
        [] => temporary.path().to_owned(),
        ["--into", folder] => std::path::absolute(folder)?,
        _ => bail!("usage: cargo xtask clock [--into FOLDER]"),
    };
    fs::create_dir_all(&folder)?;
    let options = story_a::Options {
        seed: 1,
        effect: 1.0,
        teams: Some(12),
        days: 56,
        is_fast: true,
        folder: None,
        is_quiet: false,
    };
    let settings = Settings { n_teams: 12, ..story_a::world() };
    let organization = Organization::new(&folder.join("organization"), 1, &settings)?;
    let mut fixloop = Fixloop::new(&folder.join("data"), organization.midnight(0), false)?;
    story_a::begin(&mut fixloop, &organization, &folder, &options)?;
    a_problem_is_supported(&mut fixloop)?;
    let mut desks = desks(&mut fixloop, &organization, &folder)?;
    let built = built(fixloop.program())?;
    println!("\neditors and builds are running; the clock begins\n");
    let mut clock = Clock::new();
    first_alert(&mut clock, &mut fixloop, &mut desks, &folder)?;
    other_words(&mut clock, &mut fixloop, &mut desks)?;
    clock.expect("no binary was built meanwhile", built == self::built(fixloop.program())?);
    for it in &desks {
        let is_same = it.editor.process() == it.process && it.editor.is_running();
        clock.expect(&format!("the editor of {} is the process that it was", it.team), is_same);
    }
    for it in desks {
        it.editor.stop()?;
    }
    ends(&clock, fixloop.program())
}

/// What a rollout has to answer: long before this morning.
fn a_problem_is_supported(fixloop: &mut Fixloop) -> anyhow::Result<()> {
    fixloop.run(&[
        "hypothesis",
        "create",
        "--key-result",
        "kr-1",
        "--believe",
        "We believe that developers are alerted late, when the code is on the default branch already, because nobody looks before",
    ])?;
    fixloop.run(&["hypothesis", "frame", "problem-3", "--predict", "late-alerts:25%:50%:20"])?;
    fixloop.run(&["hypothesis", "evidence", "problem-3"])?;
    fixloop.run(&["hypothesis", "verdict", "problem-3", "--expect", "supported"])
}

/// Two teams, with the file open in their editors before there is any rule about it.
fn desks(
    fixloop: &mut Fixloop,
    organization: &Organization,
    folder: &Path,
) -> anyhow::Result<Vec<Desk>> {
    let mut of_team = BTreeMap::new();
    for it in organization.repositories() {
        of_team.entry(it.team.clone()).or_insert(it);
    }
    let two: Vec<_> = of_team.into_values().take(2).collect();
    let teams: Vec<&str> = two.iter().map(|it| &*it.team).collect();
    fixloop.run(&["ring", "set", "pilot", "--teams", &teams.join(",")])?;
    fixloop.run(&["policy", "build", "--poll", "1"])?;
    let mut desks = Vec::new();
    for it in &two {
        let tree = folder.join("work").join(&it.name);
        let home = folder.join("home").join(&it.team);
        fs::create_dir_all(&home)?;
        git(folder, &["clone", "-q", &text(&it.git_dir), &text(&tree)])?;
        fs::write(tree.join(FILE), AFFECTED)?;
        git(&tree, &["add", "-A"])?;
        git(&tree, &["commit", "-q", "-m", "where packages come from"])?;
        let mut command = fixloop.command(&["lsp", "--index"]);
        command
            .arg(fixloop.data().join("advisories.index"))
            .env("FIXLOOP_POLICY", fixloop.data().join("policy/bundle.json"))
            .env("FIXLOOP_POLICY_KEY", fixloop.data().join("policy/public.key"));
        of_machine(&mut command, &home);
        let mut editor = Server::start(command, &json!({}))?;
        let uri = format!("file://{}", tree.join(FILE).display());
        let document = json!({"uri": uri, "languageId": "ini", "version": 1, "text": AFFECTED});
        editor.notify("textDocument/didOpen", &json!({"textDocument": document}))?;
        editor.ask("fixloop/sync")?;
        let process = editor.process();
        desks.push(Desk { team: it.team.clone(), tree, home, uri, editor, process });
    }
    Ok(desks)
}

/// Where a user's own files of fixloop lie.
fn of_machine(command: &mut Command, home: &Path) {
    command
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CACHE_HOME", home.join("cache"));
}

/// The rule, from its file to what two teams see and do not see.
fn first_alert(
    clock: &mut Clock,
    fixloop: &mut Fixloop,
    desks: &mut [Desk],
    folder: &Path,
) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no root")?;
    let rule = text(&root.join("rules/extra-package-index.toml"));
    let trees: Vec<String> = desks.iter().map(|it| text(&it.tree)).collect();
    let before: Vec<String> = desks
        .iter()
        .map(|it| Ok(gate(fixloop, it)?["verdict"].as_str().unwrap_or("").to_owned()))
        .collect::<anyhow::Result<_>>()?;
    clock.expect("before, both builds pass", before == ["pass", "pass"]);
    clock.expect("before, no editor shows anything", desks.iter().all(|it| shown(it).is_empty()));
    *clock = Clock { said: std::mem::take(&mut clock.said), ..Clock::new() };
    let words: Vec<&str> =
        ["rule", "test", &rule].into_iter().chain(trees.iter().map(String::as_str)).collect();
    fixloop.run(&words)?;
    clock.step("rule test, on both checkouts");
    fixloop.run(&["rule", "add", &rule])?;
    clock.step("rule add");
    treatments(fixloop)?;
    clock.step("treatment create, for editors and for builds");
    rollouts(fixloop)?;
    clock.step("solution create and rollout plan, of both");
    let arms = folder.join("arms.csv");
    let [pilot, held] = desks else { bail!("two teams are needed") };
    fs::write(&arms, format!("team,arm\n{},treated\n{},holdout\n", pilot.team, held.team))?;
    for rollout in ["rollout-1", "rollout-2"] {
        let arms = text(&arms);
        fixloop.run(&["rollout", "start", rollout, "--ring", "pilot", "--by-hand", &arms])?;
    }
    clock.step("rollout start, of both: signed and published");
    wait(|| {
        pilot.editor.ask("fixloop/sync")?;
        Ok(shown(pilot).contains(WORDS))
    })?;
    println!("\nthe editor of {} shows:\n{}", pilot.team, shown(pilot));
    clock.step("the pilot's open editor shows it");
    let of_pilot = gate(fixloop, pilot)?;
    let of_held = gate(fixloop, held)?;
    clock.expect("the pilot's build is alerted", of_pilot["verdict"] == "alert");
    clock.expect("the holdout's build is told nothing", of_held["verdict"] == "pass");
    clock.step("gate, on both checkouts");
    held.editor.ask("fixloop/sync")?;
    let mut counted = BTreeMap::new();
    wait(|| {
        fixloop.json(&["telemetry", "collect"])?;
        counted = collected(fixloop.data())?;
        Ok(counted.len() >= 4)
    })?;
    clock.step("telemetry collect: first counted alert, first silent count");
    println!("\ncollected, by surface, mode and treatment: {counted:?}");
    for (key, what) in [
        ("editor alert treatment-1@1", "the pilot's editor counts one alert"),
        ("editor observe treatment-1@1", "the holdout's editor counts one in silence"),
        ("build alert treatment-2@1", "the pilot's build counts one alert"),
        ("build observe treatment-2@1", "the holdout's build counts one in silence"),
    ] {
        clock.expect(what, counted.get(key) == Some(&1));
    }
    clock.expect("nothing else is counted", counted.len() == 4);
    clock.expect("the holdout's editor shows nothing", shown(held).is_empty());
    clock.expect("it took less than 2 minutes", clock.began.elapsed() < AIM);
    Ok(())
}

fn treatments(fixloop: &mut Fixloop) -> anyhow::Result<()> {
    for (surface, kind) in [("editor", "ide-hint"), ("build", "build-warn")] {
        fixloop.run(&[
            "treatment",
            "create",
            "--name",
            &format!("the extra index, in the {surface}"),
            "--kind",
            kind,
            "--surface",
            surface,
            "--moment",
            "present",
            "--rule",
            "extra-package-index",
            "--words",
            WORDS,
        ])?;
    }
    Ok(())
}

fn rollouts(fixloop: &mut Fixloop) -> anyhow::Result<()> {
    for number in ["1", "2"] {
        fixloop.run(&[
            "solution",
            "create",
            "--problem",
            "problem-3",
            "--treatment",
            &format!("treatment-{number}"),
            "--because",
            "nobody knows that the line is dangerous",
            "--leading",
            "seen:20%",
        ])?;
        let solution = format!("solution-{number}");
        fixloop.run(&["rollout", "plan", "--solution", &solution, "--holdout", "50%"])?;
    }
    Ok(())
}

/// Words that help nobody are changed while people look at them.
fn other_words(clock: &mut Clock, fixloop: &mut Fixloop, desks: &mut [Desk]) -> anyhow::Result<()> {
    let [pilot, held] = desks else { bail!("two teams are needed") };
    clock.last = Instant::now();
    fixloop.run(&[
        "treatment",
        "change",
        "treatment-1",
        "--words",
        OTHER_WORDS,
        "--why",
        "the first words did not say what to do",
    ])?;
    wait(|| {
        pilot.editor.ask("fixloop/sync")?;
        Ok(shown(pilot).contains(OTHER_WORDS))
    })?;
    clock.step("treatment change: other words in the pilot's open editor");
    held.editor.ask("fixloop/sync")?;
    clock.expect("the other words reach the pilot", !shown(pilot).contains(WORDS));
    clock.expect("and not the holdout", shown(held).is_empty());
    Ok(())
}

/// What the editor shows of the file now.
fn shown(desk: &Desk) -> String {
    let published = desk.editor.published.get(&desk.uri).and_then(Value::as_array);
    let messages = published.into_iter().flatten().filter_map(|it| it["message"].as_str());
    messages.collect::<Vec<_>>().join("\n")
}

fn gate(fixloop: &Fixloop, desk: &Desk) -> anyhow::Result<Value> {
    let policy = fixloop.data().join("policy");
    let mut command =
        fixloop.command(&["gate", ".", "--base", "HEAD~1", "--branch", "pull-request"]);
    command
        .args(["--format", "json", "--policy"])
        .arg(policy.join("bundle.json"))
        .arg("--policy-key")
        .arg(policy.join("public.key"))
        .current_dir(&desk.tree);
    of_machine(&mut command, &desk.home);
    let output = command.output()?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("gate: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Alerts about build rules in the batches that were taken, by surface, mode and treatment.
fn collected(data: &Path) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut counted = BTreeMap::new();
    let mut folders = vec![data.join("sink/taken")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A header, a seal, then events.
            for line in fs::read_to_string(&path)?.lines().skip(2) {
                let event: Value = serde_json::from_str(line)?;
                let subject = &event["subject"];
                if event["kind"] == "alert_shown" && subject["class"] == "build-rule" {
                    let word = |key: &str| subject[key].as_str().unwrap_or("-").to_owned();
                    let key = [word("surface"), word("mode"), word("treatment")].join(" ");
                    *counted.entry(key).or_insert(0) += 1;
                }
            }
        }
    }
    Ok(counted)
}

fn wait(mut is_there: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while !is_there()? {
        if Instant::now() >= until {
            bail!("waited {} s for nothing", PATIENCE.as_secs());
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("git")
        .args(["-c", "user.name=dev", "-c", "user.email=dev@corp.example"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("git {arguments:?} failed");
    }
    Ok(())
}

fn built(program: &Path) -> anyhow::Result<SystemTime> {
    Ok(fs::metadata(program)?.modified()?)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn ends(clock: &Clock, program: &Path) -> anyhow::Result<()> {
    println!("\n| step | machine time |\n|---|---|");
    for (what, took) in &clock.steps {
        println!("| {what} | {:.2} s |", took.as_secs_f64());
    }
    let is_of_first = |it: &&(String, Duration)| !it.0.starts_with("treatment change");
    let total: Duration = clock.steps.iter().filter(is_of_first).map(|it| it.1).sum();
    println!("| **from `rule test` to both counts** | **{:.2} s** |", total.as_secs_f64());
    println!("\n{}; statements:", program.display());
    let mut n_wrong = 0;
    for (what, holds) in &clock.said {
        println!("  {} {what}", if *holds { "holds:" } else { "DOES NOT HOLD:" });
        n_wrong += usize::from(!holds);
    }
    if n_wrong > 0 {
        bail!("{n_wrong} statements do not hold");
    }
    Ok(())
}
