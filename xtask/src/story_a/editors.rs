//! Real `fixloop lsp` processes with the manifests that developers have open on a day.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use fixloop_sim::{Shown, Work};
use serde_json::json;

use crate::language_server::Server;
use crate::story_command::Fixloop;

pub(crate) struct Editors {
    /// Work trees, one of each repository.
    work: PathBuf,
    spools: PathBuf,
    is_shared: bool,
}

/// The editors of a day while they are open.
pub(crate) struct Day {
    servers: BTreeMap<String, Server>,
    /// Of each repository: whose server, which document, how it was, which version it is.
    opened: BTreeMap<String, Opened>,
    /// Repository and package of what a server published.
    alerted: HashSet<(String, String)>,
}

struct Opened {
    server: String,
    uri: String,
    committed: String,
    version: i32,
}

impl Editors {
    pub(crate) fn new(fixloop: &Fixloop, work: &Path, is_shared: bool) -> anyhow::Result<Self> {
        let spools = fixloop.data().join("spools");
        fs::create_dir_all(work)?;
        fs::create_dir_all(&spools)?;
        Ok(Self { work: std::path::absolute(work)?, spools, is_shared })
    }

    /// Each team has a server of its own; of many seeds, one serves a third of the teams.
    fn server_of(&self, team: &str) -> String {
        if self.is_shared {
            let last = team.bytes().last().unwrap_or(0);
            format!("shared-{}", last % 3)
        } else {
            team.to_owned()
        }
    }

    /// Opens every manifest of the day, with what its developer makes of it.
    pub(crate) fn open(&mut self, fixloop: &Fixloop, work: &[Work]) -> anyhow::Result<Day> {
        let mut day =
            Day { servers: BTreeMap::new(), opened: BTreeMap::new(), alerted: HashSet::new() };
        for it in work {
            let name = self.server_of(&it.team);
            if !day.servers.contains_key(&name) {
                day.servers.insert(name.clone(), self.start(fixloop, &name)?);
            }
            let folder = self.work_tree(it)?;
            let uri = format!("file://{}/{}", folder.display(), it.manifest);
            let Some(server) = day.servers.get_mut(&name) else { continue };
            server.notify(
                "textDocument/didOpen",
                &json!({"textDocument": {"uri": uri, "languageId": "json", "version": 1, "text": it.manifest_text}}),
            )?;
            let mut version = 1;
            if let Some(edited) = &it.edited {
                // What was there is judged before it is changed: only then is the new package new.
                server.ask("fixloop/sync")?;
                version = 2;
                change(server, &uri, version, edited)?;
            }
            let committed = it.manifest_text.clone();
            day.opened
                .insert(it.repository.clone(), Opened { server: name, uri, committed, version });
        }
        for server in day.servers.values_mut() {
            server.ask("fixloop/sync")?;
        }
        day.read(work);
        Ok(day)
    }

    fn start(&self, fixloop: &Fixloop, name: &str) -> anyhow::Result<Server> {
        let data = fixloop.data();
        let mut command = fixloop.command(&["lsp", "--index"]);
        command
            .arg(data.join("advisories.index"))
            .env("FIXLOOP_POLICY", data.join("policy/bundle.json"))
            .env("FIXLOOP_POLICY_KEY", data.join("policy/public.key"))
            .env("XDG_CACHE_HOME", self.spools.join("cache").join(name));
        Server::start(command, &json!({"spool": self.spools.join(name)}))
    }

    /// The work tree of a clone: its origin, and the two files as committed.
    fn work_tree(&self, it: &Work) -> anyhow::Result<PathBuf> {
        let folder = self.work.join(&it.repository);
        let git = folder.join(".git");
        if !git.exists() {
            fs::create_dir_all(git.join("objects"))?;
            fs::create_dir_all(git.join("refs/heads"))?;
            fs::write(git.join("HEAD"), "ref: refs/heads/main\n")?;
            let config = format!(
                "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n\turl = {}\n",
                it.git_dir.display()
            );
            fs::write(git.join("config"), config)?;
        }
        fs::write(folder.join(it.manifest), &it.manifest_text)?;
        fs::write(folder.join(it.lockfile), &it.lockfile_text)?;
        Ok(folder)
    }
}

fn change(server: &mut Server, uri: &str, version: i32, text: &str) -> anyhow::Result<()> {
    server.notify(
        "textDocument/didChange",
        &json!({
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"text": text}],
        }),
    )
}

impl Day {
    /// What stands in the editors: a package is alerted if a diagnostic names it.
    fn read(&mut self, work: &[Work]) {
        for it in work {
            let Some(opened) = self.opened.get(&it.repository) else { continue };
            let server = self.servers.get(&opened.server);
            let published = server.and_then(|server| server.published.get(&opened.uri));
            let messages: Vec<&str> = published
                .and_then(serde_json::Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|it| it["message"].as_str())
                .collect();
            for exposure in &it.exposures {
                let names = |message: &&str| {
                    let mut words =
                        message.split(|it: char| it.is_whitespace() || "`\"@:,".contains(it));
                    words.any(|it| it == exposure.package)
                };
                if messages.iter().any(names) {
                    self.alerted.insert((exposure.repository.clone(), exposure.package.clone()));
                }
            }
        }
    }

    pub(crate) fn is_alerted(&self, exposure: &Shown) -> bool {
        self.alerted.contains(&(exposure.repository.clone(), exposure.package.clone()))
    }

    /// The developer thinks better of it: the manifest is as it was.
    pub(crate) fn take_out(&mut self, exposure: &Shown) -> anyhow::Result<()> {
        let Some(opened) = self.opened.get_mut(&exposure.repository) else { return Ok(()) };
        opened.version += 1;
        let Some(server) = self.servers.get_mut(&opened.server) else { return Ok(()) };
        change(server, &opened.uri, opened.version, &opened.committed)?;
        server.ask("fixloop/sync")
    }

    /// The developer writes another version, or takes the package out, before it is committed.
    pub(crate) fn fix(
        &mut self,
        repository: &str,
        package: &str,
        (before, after): (&str, Option<&str>),
    ) -> anyhow::Result<()> {
        let Some(opened) = self.opened.get_mut(repository) else { return Ok(()) };
        let Some(server) = self.servers.get_mut(&opened.server) else { return Ok(()) };
        opened.version += 1;
        opened.committed = with_version(&opened.committed, package, (before, after));
        change(server, &opened.uri, opened.version, &opened.committed)?;
        server.ask("fixloop/sync")
    }

    /// The end of the day.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        for server in self.servers.into_values() {
            server.stop()?;
        }
        Ok(())
    }
}

/// The manifest with one dependency's line changed, or without it.
fn with_version(text: &str, package: &str, (before, after): (&str, Option<&str>)) -> String {
    let is_it = |line: &&str| {
        let line = line.trim_start();
        let names = line.strip_prefix('"').unwrap_or(line).strip_prefix(package);
        names.is_some_and(|it| it.starts_with(['"', ' ']))
    };
    let lines = text.lines().filter_map(|line| match (is_it(&line), after) {
        (true, Some(after)) => Some(line.replacen(before, after, 1)),
        (true, None) => None,
        (false, _) => Some(line.to_owned()),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
