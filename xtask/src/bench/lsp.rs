//! `bench lsp`: from a keystroke, written to the server's pipe, to the diagnostics read from it, under the full index.
//!
//! The floor is a request that the session refuses at once: what pipes, threads and JSON cost without any work.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use fixloop_index::Index;
use serde_json::{Value, json};

use super::{imported_index, release_build};

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
        let mut server = Server::start(&fixloop, &index)?;
        let measured = keystrokes(&mut server, &manifest)?;
        let n_alerts = manifest.n_vulnerable;
        println!("| {n_dependencies} / {n_alerts} | {measured} |");
        server.stop()?;
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
fn keystrokes(server: &mut Server, manifest: &Manifest) -> anyhow::Result<String> {
    let uri = "file:///w/package.json";
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

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    n_requests: usize,
}

impl Server {
    fn start(fixloop: &std::path::Path, index: &std::path::Path) -> anyhow::Result<Self> {
        let mut command = Command::new(fixloop);
        command.arg("lsp").arg("--index").arg(index);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).env("DO_NOT_TRACK", "1");
        let mut child = command.spawn()?;
        let input = child.stdin.take().context("no standard input")?;
        let output = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut server = Self { child, input, output, n_requests: 0 };
        let capabilities = json!({
            "general": {"positionEncodings": ["utf-16"]},
            "textDocument": {"publishDiagnostics": {}},
        });
        let params = json!({"processId": null, "rootUri": null, "capabilities": capabilities});
        server.request("initialize", &params)?;
        server.notify("initialized", &json!({}))?;
        server.ask("fixloop/sync")?;
        Ok(server)
    }

    fn ask(&mut self, method: &str) -> anyhow::Result<()> {
        self.request(method, &Value::Null)
    }

    fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.n_requests += 1;
        let id = self.n_requests;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        self.until(|it| it["id"] == id && it.get("method").is_none())
    }

    fn notify(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn write(&mut self, message: &Value) -> anyhow::Result<()> {
        let body = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.input.write_all(framed.as_bytes())?;
        Ok(self.input.flush()?)
    }

    fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                if self.output.read_line(&mut line)? == 0 {
                    bail!("the server ended");
                }
                match line.trim_end() {
                    "" => break,
                    header => {
                        if let Some(value) = header.strip_prefix("Content-Length: ") {
                            length = value.parse()?;
                        }
                    }
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body)?;
            if is_it(&serde_json::from_slice(&body)?) {
                return Ok(());
            }
        }
    }

    fn peak_mib(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let kib = line.and_then(|it| it.trim().strip_suffix(" kB")).context("no VmHWM")?;
        Ok(kib.trim().parse::<f64>()? / 1024.0)
    }

    fn stop(mut self) -> anyhow::Result<()> {
        self.ask("shutdown")?;
        self.notify("exit", &Value::Null)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }
}
