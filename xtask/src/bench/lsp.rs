//! `bench lsp`: from a keystroke, written to the server's pipe, to the diagnostics read from it, under the full index.
//!
//! The floor is a request that the session refuses at once: what pipes, threads and JSON cost without any work.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use fixloop_index::Index;
use fixloop_policy::{
    Bundle, GateSettings, Mode, OrganizationKey, RepositoryId, SCHEMA, SigningKey, Telemetry, sign,
};
use serde_json::json;
use tempfile::TempDir;

use super::{imported_index, release_build};
use crate::language_server::Server;

const KEYSTROKES: usize = 3000;

/// What people who type fast leave between two keys would make the run long; this much lets every thread sleep.
const GAP: Duration = Duration::from_millis(2);

pub(crate) fn run() -> anyhow::Result<()> {
    let fixloop = release_build()?;
    let index = imported_index(&fixloop)?;
    let names = npm_packages(&Index::open(&index)?)?;
    println!(
        "| dependencies / alerts | p50 | p99 | p99.9 | largest | floor p50 / p99 | peak memory |"
    );
    println!("|---|---|---|---|---|---|---|");
    for n_dependencies in [50, 300, 1000] {
        let manifest = manifest(&names, n_dependencies);
        let n_alerts = manifest.n_vulnerable;
        for governed in [None, Some(Governed::new()?)] {
            let mut command = Command::new(&fixloop);
            command.arg("lsp").arg("--index").arg(&index).env("DO_NOT_TRACK", "1");
            let (uri, with) = match &governed {
                None => ("file:///w/package.json".to_owned(), ""),
                Some(it) => (it.configure(&mut command)?, ", with a policy"),
            };
            let mut server = Server::start(command, &json!({}))?;
            let measured = keystrokes(&mut server, &manifest, &uri)?;
            println!("| {n_dependencies} / {n_alerts}{with} | {measured} |");
            server.stop()?;
        }
    }
    Ok(())
}

/// Packages of npm of which 0.0.1 is affected and 9999.0.0 is not.
fn npm_packages(index: &Index) -> anyhow::Result<Vec<String>> {
    let known = fixloop_match::Known::new(index);
    let mut names = Vec::new();
    let is_affected = |name: &str, version: &str| -> anyhow::Result<bool> {
        let ecosystem = fixloop_model::Ecosystem::NPM;
        let span = fixloop_model::Span::default();
        let mut component = fixloop_model::Component::new(ecosystem, name, span);
        component.version = Some(version.to_owned());
        component.source = fixloop_model::Source::PublicRegistry;
        Ok(!fixloop_match::check(&known, &component, &[])?.matches.is_empty())
    };
    for package in index.packages() {
        let name = package?.name()?.to_owned();
        if is_affected(&name, "0.0.1")? && !is_affected(&name, "9999.0.0")? {
            names.push(name);
        }
    }
    if names.len() < 400 {
        bail!("the index has only {} packages of npm to measure with", names.len());
    }
    Ok(names)
}

/// A repository that a signed policy lists, and has alerted.
struct Governed {
    folder: TempDir,
}

impl Governed {
    fn new() -> anyhow::Result<Self> {
        let it = Self { folder: tempfile::tempdir()? };
        let address = "https://git.example/bench/shop";
        let (root, policy) = (it.folder.path().join("shop"), it.folder.path());
        std::fs::create_dir(&root)?;
        for arguments in [&["init", "-q"][..], &["remote", "add", "origin", address]] {
            let status = Command::new("git").args(arguments).current_dir(&root).status()?;
            if !status.success() {
                bail!("git {arguments:?}: {status}");
            }
        }
        let key = SigningKey::from_seed([1; 32]);
        let bundle = sign(&bundle(address), &key);
        std::fs::write(policy.join("bundle.json"), bundle)?;
        std::fs::write(policy.join("public.key"), key.public().to_string())?;
        Ok(it)
    }

    /// The document's address.
    fn configure(&self, command: &mut Command) -> anyhow::Result<String> {
        let folder = self.folder.path();
        command
            .env("FIXLOOP_POLICY", folder.join("bundle.json"))
            .env("FIXLOOP_POLICY_KEY", folder.join("public.key"))
            .env("HOME", folder)
            .env_remove("XDG_DATA_HOME");
        let file = folder.join("shop/package.json");
        Ok(format!("file://{}", file.to_str().context("a plain path")?))
    }
}

/// Every finding of an editor is told.
fn bundle(address: &str) -> Bundle {
    let now = jiff::Timestamp::now().as_microsecond();
    let organization = OrganizationKey::new([9; 32]);
    let repository = organization.repository(&RepositoryId::of_address(address));
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version: 1,
        issued_at: now,
        expires_at: now + 86_400_000_000,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: organization, sink: None },
        otherwise: Mode::Alert,
        repositories: [(repository, "bench".to_owned())].into(),
        rings: Vec::new(),
        treatments: Vec::new(),
        assigned: Vec::new(),
        rules: Vec::new(),
        advisories: Vec::new(),
        campaigns: Vec::new(),
        gate: GateSettings::default(),
    }
}

struct Manifest {
    text: String,
    /// Line and character of the version that is typed over.
    typed: (usize, usize),
    n_vulnerable: usize,
}

/// Two of five dependencies vulnerable; the one in the middle is typed over.
fn manifest(names: &[String], n_dependencies: usize) -> Manifest {
    use std::fmt::Write;

    let mut text = String::from("{\n  \"dependencies\": {\n");
    let mut typed = (0, 0);
    let mut n_vulnerable = 0;
    for at in 0..n_dependencies {
        let is_vulnerable = at % 5 < 2;
        let name = if is_vulnerable {
            n_vulnerable += 1;
            names[n_vulnerable - 1].clone()
        } else {
            format!("clean-{at}")
        };
        let version = if is_vulnerable { "0.0.1" } else { "9999.0.0" };
        let comma = if at + 1 == n_dependencies { "" } else { "," };
        writeln!(text, "    \"{name}\": \"{version}\"{comma}")
            .expect("writing to a string succeeds");
        if at == n_dependencies / 2 / 5 * 5 {
            typed = (2 + at, 4 + name.len() + 2 + 3 + 4);
        }
    }
    text.push_str("  }\n}\n");
    Manifest { text, typed, n_vulnerable }
}

/// `p50 | p99 | p99.9 | largest | floor | memory`.
fn keystrokes(server: &mut Server, manifest: &Manifest, uri: &str) -> anyhow::Result<String> {
    let document = json!({"uri": uri, "languageId": "json", "version": 1, "text": manifest.text});
    server.notify("textDocument/didOpen", &json!({"textDocument": document}))?;
    server.ask("fixloop/sync")?;
    let (line, character) = manifest.typed;
    let (mut typed, mut floor) = (Vec::new(), Vec::new());
    for key in 0..KEYSTROKES {
        thread::sleep(GAP);
        let version = key + 2;
        // 0.0.1 and 0.0.0: both are affected, so that a list of the same length comes each time.
        let digit = if key % 2 == 0 { "0" } else { "1" };
        let place = |character: usize| json!({"line": line, "character": character});
        let range = json!({"start": place(character), "end": place(character + 1)});
        let params = json!({
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": range, "text": digit}],
        });
        let started = Instant::now();
        server.notify("textDocument/didChange", &params)?;
        server.until(|it| {
            it["method"] == "textDocument/publishDiagnostics" && it["params"]["version"] == version
        })?;
        typed.push(started.elapsed());
        thread::sleep(GAP);
        let started = Instant::now();
        server.ask("x/refused")?;
        floor.push(started.elapsed());
    }
    typed.sort_unstable();
    floor.sort_unstable();
    // In thousandths.
    let at = |sorted: &[Duration], share: usize| {
        let index = sorted.len() * share / 1000;
        let micros = sorted[index.min(sorted.len() - 1)].as_secs_f64() * 1e6;
        if micros < 1000.0 {
            format!("{micros:.0} µs")
        } else {
            format!("{:.1} ms", micros / 1000.0)
        }
    };
    let memory = server.peak_mib()?;
    Ok(format!(
        "{} | {} | {} | {} | {} / {} | {memory:.0} MiB",
        at(&typed, 500),
        at(&typed, 990),
        at(&typed, 999),
        at(&typed, 1000),
        at(&floor, 500),
        at(&floor, 990),
    ))
}
