//! An organization with two problems: teams with real git repositories, and how fast each reacts. Everything comes from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use fixloop_sim::random::{frailty, rng_of};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::Options;
use super::builds::Builds;
use super::real::{Packages, packages};

/// The index that an internal name can be published to, beside the organization's own.
const OPEN: &str = "--extra-index-url https://pypi.acme.example/simple\n";
const CLOSED: &str = "--index-url https://pypi.acme.example/simple\n";
const REQUIREMENTS: &str = "requirements.txt";
const LOCKFILE: &str = "package-lock.json";

/// A working day's chance that an alerted target is fixed, of a team that reacts as most do.
const REACTS: f64 = 0.12;
/// Of a team that has other things to do.
const SLEEPS: f64 = 0.004;
/// One team in so many does.
const ONE_IN: usize = 4;
/// A working day's chance that a target is fixed whose build ended.
const BLOCKED: f64 = 0.6;
/// The same after somebody called the team.
const CALLED: f64 = 0.9;
/// How much teams differ.
const TEAM_VARIANCE: f64 = 0.3;
/// Shares of repositories; a small organization has more, so that there is something to learn from.
const CONFUSED: f64 = 0.25;
const AT_RISK: f64 = 0.15;
const SMALL: usize = 200;
const MORE: f64 = 2.5;

/// What the two campaigns are about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Problem {
    Confusion,
    Package,
}

/// One repository.
pub(super) struct Repository {
    pub(super) name: String,
    team: usize,
    pub(super) bare: PathBuf,
    /// What is open in it.
    pub(super) open: BTreeSet<Problem>,
    /// What was, and is fixed.
    pub(super) fixed: BTreeSet<Problem>,
    files: BTreeMap<&'static str, String>,
}

struct Team {
    name: String,
    /// A working day's chance to fix what it was alerted of.
    chance: f64,
}

pub(super) struct Organization {
    start: Timestamp,
    teams: Vec<Team>,
    pub(super) repositories: Vec<Repository>,
    /// Name, last bad version and first good one.
    incident: (String, String, String),
    /// How much more often repositories have a problem.
    more: f64,
    /// Teams that somebody called.
    called: BTreeSet<String>,
    rng: ChaCha8Rng,
}

impl Organization {
    pub(super) fn new(folder: &Path, options: &Options, start: Timestamp) -> anyhow::Result<Self> {
        let mut rng = rng_of(options.seed, 2);
        let packages = packages()?;
        let incident = incident(&packages, &mut rng)?;
        let teams = (0..options.n_teams).map(|it| team(it, &mut rng)).collect();
        let n_repositories = options.n_teams * options.n_repositories;
        let more = if n_repositories < SMALL { MORE } else { 1.0 };
        let mut organization = Self {
            start,
            teams,
            repositories: Vec::new(),
            incident,
            more,
            called: BTreeSet::new(),
            rng,
        };
        let host = std::path::absolute(folder.join("host"))?;
        for team in 0..options.n_teams {
            for number in 0..options.n_repositories {
                let repository = organization.repository(&host, team, number, &packages)?;
                organization.repositories.push(repository);
            }
        }
        Ok(organization)
    }

    fn repository(
        &mut self,
        host: &Path,
        team: usize,
        number: usize,
        packages: &Packages,
    ) -> anyhow::Result<Repository> {
        let name = format!("{}-service-{number}", self.teams[team].name);
        let mut open = BTreeSet::new();
        let mut files = BTreeMap::new();
        let is_confused = self.rng.random::<f64>() < CONFUSED * self.more;
        let is_at_risk = self.rng.random::<f64>() < AT_RISK * self.more;
        // Most have one language, some both.
        if is_confused || self.rng.random::<f64>() < 0.4 {
            let first = if is_confused { OPEN } else { CLOSED };
            open.extend(is_confused.then_some(Problem::Confusion));
            let number = self.rng.random_range(1..9);
            files.insert(
                REQUIREMENTS,
                format!(
                    "{first}acme-billing==1.{number}.0\nrequests==2.32.{number}\nurllib3==2.5.0\n"
                ),
            );
        }
        if is_at_risk || files.is_empty() || self.rng.random::<f64>() < 0.3 {
            open.extend(is_at_risk.then_some(Problem::Package));
            let (manifest, lockfile) = self.npm(&name, is_at_risk, packages);
            files.insert("package.json", manifest);
            files.insert(LOCKFILE, lockfile);
        }
        let bare = host.join(format!("{name}.git"));
        let at = self.start.checked_sub(SignedDuration::from_hours(24 * 90))?;
        create(&bare, &files, at)?;
        Ok(Repository { name, team, bare, open, fixed: BTreeSet::new(), files })
    }

    /// A part of what real lockfiles hold; the incident's package at its bad version, at its good one, or not at all.
    fn npm(&mut self, name: &str, is_at_risk: bool, packages: &Packages) -> (String, String) {
        let (bad, last, good) = self.incident.clone();
        let mut entries = Map::new();
        let mut direct = Map::new();
        for (package, entry) in packages.iter().filter(|it| *it.0 != bad) {
            if self.rng.random::<f64>() < 0.3 {
                entries.insert(format!("node_modules/{package}"), entry.clone());
                if direct.len() < 12 {
                    direct.insert(package.clone(), entry["version"].clone());
                }
            }
        }
        let version =
            if is_at_risk { Some(last) } else { self.rng.random_bool(0.3).then_some(good) };
        if let Some(version) = version {
            entries.insert(format!("node_modules/{bad}"), json!({ "version": version }));
            direct.insert(bad, json!(version));
        }
        let root = json!({ "name": name, "version": "1.0.0", "dependencies": direct });
        entries.insert(String::new(), root.clone());
        let lockfile = json!({
            "name": name, "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": entries,
        });
        (format!("{root:#}\n"), format!("{lockfile:#}\n"))
    }

    pub(super) fn teams(&self) -> Vec<&str> {
        self.teams.iter().map(|it| &*it.name).collect()
    }

    pub(super) fn write_list(&self, path: &Path) -> anyhow::Result<()> {
        let mut text = "url,team\n".to_owned();
        for it in &self.repositories {
            writeln!(text, "{},{}", it.bare.display(), self.teams[it.team].name)?;
        }
        Ok(fs::write(path, text)?)
    }

    /// What the public knows: one older advisory, which is about something else.
    pub(super) fn write_advisories(folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let record = json!({
            "schema_version": "1.7.0",
            "id": "ACME-2027-0001",
            "summary": "A known problem of a package that a few have",
            "published": "2027-01-04T00:00:00Z",
            "modified": "2027-01-04T00:00:00Z",
            "affected": [{
                "package": { "ecosystem": "PyPI", "name": "requests" },
                "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "2.32.4" }] }],
            }],
        });
        Ok(fs::write(folder.join("ACME-2027-0001.json"), record.to_string())?)
    }

    /// Package URL and range of the second campaign.
    pub(super) fn incident(&self) -> (String, String) {
        let (name, _, good) = &self.incident;
        (format!("pkg:npm/{name}"), format!("<{good}"))
    }

    pub(super) fn planted(&self, problem: Problem) -> BTreeSet<String> {
        let has = |it: &&Repository| it.open.contains(&problem) || it.fixed.contains(&problem);
        self.repositories.iter().filter(has).map(|it| it.name.clone()).collect()
    }

    pub(super) fn open(&self, problem: Problem) -> BTreeSet<String> {
        let has = |it: &&Repository| it.open.contains(&problem);
        self.repositories.iter().filter(has).map(|it| it.name.clone()).collect()
    }

    pub(super) fn midnight(&self, day: u32) -> anyhow::Result<Timestamp> {
        Ok(self.start.checked_add(SignedDuration::from_hours(24 * i64::from(day)))?)
    }

    /// Day 0 is a Monday.
    pub(super) fn is_working_day(&self, day: u32) -> anyhow::Result<bool> {
        let date = jiff::tz::Offset::UTC.to_datetime(self.midnight(day)?).date();
        Ok(date.weekday().since(jiff::civil::Weekday::Monday) < 5)
    }

    /// Calls a team; whether it is the first time. It helps where a build has ended: who is only alerted and has other things to do goes
    /// on with them.
    pub(super) fn call(&mut self, team: &str) -> bool {
        self.called.insert(team.to_owned())
    }

    /// Who fixes what on a day, as commits that are pushed in the afternoon; the last of them.
    pub(super) fn fixes(&mut self, day: u32, builds: &Builds) -> anyhow::Result<Option<Timestamp>> {
        let mut last = None;
        for index in 0..self.repositories.len() {
            let (name, team) =
                (self.repositories[index].name.clone(), self.repositories[index].team);
            let chance =
                match (builds.has_ended(&name), self.called.contains(&self.teams[team].name)) {
                    (false, _) => self.teams[team].chance,
                    (true, false) => BLOCKED,
                    (true, true) => CALLED,
                };
            for problem in self.repositories[index].open.clone() {
                if self.rng.random::<f64>() >= chance {
                    continue;
                }
                let minutes = 14 * 60 + self.rng.random_range(0..180);
                let at = self.midnight(day)?.checked_add(SignedDuration::from_mins(minutes))?;
                self.fix(index, problem, at)?;
                last = last.max(Some(at));
            }
        }
        Ok(last)
    }

    fn fix(&mut self, index: usize, problem: Problem, at: Timestamp) -> anyhow::Result<()> {
        let (name, last, good) = &self.incident;
        let repository = &mut self.repositories[index];
        match problem {
            Problem::Confusion => {
                let text = repository.files.get_mut(REQUIREMENTS).context("it has requirements")?;
                *text = text.replace(OPEN, CLOSED);
            }
            Problem::Package => {
                let text = repository.files.get_mut(LOCKFILE).context("it has a lockfile")?;
                let mut lockfile: Value = serde_json::from_str(text)?;
                lockfile["packages"][format!("node_modules/{name}")]["version"] = json!(good);
                lockfile["packages"][""]["dependencies"][name] = json!(good);
                *text = format!("{lockfile:#}\n");
                let text = repository.files.get_mut("package.json").context("it has a manifest")?;
                *text = text.replace(
                    &format!("\"{name}\": \"{last}\""),
                    &format!("\"{name}\": \"{good}\""),
                );
            }
        }
        repository.open.remove(&problem);
        repository.fixed.insert(problem);
        let subject = match problem {
            Problem::Confusion => "Ask one index only",
            Problem::Package => "Upgrade what was taken over",
        };
        import(&repository.bare, &repository.files, (subject, at, false))
    }
}

fn team(number: usize, rng: &mut ChaCha8Rng) -> Team {
    let sleeps = number % ONE_IN == ONE_IN - 1;
    let chance = if sleeps { SLEEPS } else { (REACTS * frailty(rng, TEAM_VARIANCE)).min(0.9) };
    Team { name: format!("team-{:02}", number + 1), chance }
}

/// A real package; the version that it really has is the good one, and the patch before it the last bad one.
fn incident(packages: &Packages, rng: &mut ChaCha8Rng) -> anyhow::Result<(String, String, String)> {
    let patched = |version: &str| {
        let (head, patch) = version.rsplit_once('.')?;
        let before = patch.parse::<u32>().ok()?.checked_sub(1)?;
        Some(format!("{head}.{before}"))
    };
    let able: Vec<(&String, &str, String)> = packages
        .iter()
        .filter(|(name, _)| !name.contains('@'))
        .filter_map(|(name, entry)| {
            let version = entry["version"].as_str()?;
            Some((name, version, patched(version)?))
        })
        .collect();
    if able.is_empty() {
        bail!("no real package has a version with a patch before it");
    }
    let (name, good, last) = &able[rng.random_range(0..able.len())];
    Ok(((*name).clone(), last.clone(), (*good).to_owned()))
}

fn create(
    bare: &Path,
    files: &BTreeMap<&'static str, String>,
    at: Timestamp,
) -> anyhow::Result<()> {
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(bare.join(folder))?;
    }
    fs::write(bare.join("HEAD"), "ref: refs/heads/main\n")?;
    fs::write(bare.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
    import(bare, files, ("Begin", at, true))
}

/// A commit on `main` with these files, by `git fast-import`.
fn import(
    bare: &Path,
    files: &BTreeMap<&'static str, String>,
    (subject, at, is_first): (&str, Timestamp, bool),
) -> anyhow::Result<()> {
    let mut stream = format!(
        "commit refs/heads/main\ncommitter A Developer <developer@acme.example> {} +0000\ndata {}\n{subject}\n",
        at.as_second(),
        subject.len()
    );
    if !is_first {
        stream.push_str("from refs/heads/main^0\n");
    }
    for (path, text) in files {
        write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?;
    }
    let mut child = Command::new("git")
        .args(["-c", "core.fsync=none", "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet"])
        .env("GIT_DIR", bare)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .spawn()?;
    let stdin = child.stdin.take().context("it was asked to be piped")?;
    std::io::Write::write_all(&mut { stdin }, stream.as_bytes())?;
    if !child.wait()?.success() {
        bail!("git fast-import failed in {}", bare.display());
    }
    Ok(())
}
