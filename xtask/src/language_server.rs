//! A client of `fixloop lsp` over pipes, for benchmarks and stories.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};
use serde_json::{Value, json};

/// A running server, and what it published last of each document.
pub(crate) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    n_requests: usize,
    /// By document.
    pub(crate) published: HashMap<String, Value>,
}

impl Server {
    /// `options` are the client's initialization options.
    pub(crate) fn start(mut command: Command, options: &Value) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take().context("no standard input")?;
        let output = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut server = Self { child, input, output, n_requests: 0, published: HashMap::new() };
        let capabilities = json!({
            "general": {"positionEncodings": ["utf-16"]},
            "textDocument": {"publishDiagnostics": {}},
        });
        let params = json!({
            "processId": null,
            "rootUri": null,
            "clientInfo": {"name": "Neovim", "version": "0.10"},
            "capabilities": capabilities,
            "initializationOptions": options,
        });
        server.request("initialize", &params)?;
        server.notify("initialized", &json!({}))?;
        server.ask("fixloop/sync")?;
        Ok(server)
    }

    pub(crate) fn ask(&mut self, method: &str) -> anyhow::Result<()> {
        self.request(method, &Value::Null)
    }

    fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.n_requests += 1;
        let id = self.n_requests;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        self.until(|it| it["id"] == id && it.get("method").is_none())
    }

    pub(crate) fn notify(&mut self, method: &str, params: &Value) -> anyhow::Result<()> {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn write(&mut self, message: &Value) -> anyhow::Result<()> {
        let body = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.input.write_all(framed.as_bytes())?;
        Ok(self.input.flush()?)
    }

    pub(crate) fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
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
            let message: Value = serde_json::from_slice(&body)?;
            if message["method"] == "textDocument/publishDiagnostics"
                && let Some(uri) = message["params"]["uri"].as_str()
            {
                self.published.insert(uri.to_owned(), message["params"]["diagnostics"].clone());
            }
            if is_it(&message) {
                return Ok(());
            }
        }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&self) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .is_ok_and(|it| !it.contains(") Z "))
    }

    pub(crate) fn peak_mib(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let kib = line.and_then(|it| it.trim().strip_suffix(" kB")).context("no VmHWM")?;
        Ok(kib.trim().parse::<f64>()? / 1024.0)
    }

    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        self.ask("shutdown")?;
        self.notify("exit", &Value::Null)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the server ended with {status}");
        }
        Ok(())
    }
}
