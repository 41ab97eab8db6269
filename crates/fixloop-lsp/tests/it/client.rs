//! A client of the server under test: one folder, one session, and no message that nobody asked about.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use fixloop_lsp::{Environment, Served, serve};
use fixloop_model::Timestamp;
use fixloop_telemetry::{Machine, Time};
use jiff::civil::date;
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// How long an answer may take before the test fails; on a busy machine they take milliseconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// The start of every session, 2026-11-28.
pub(crate) const NOW: Timestamp = Timestamp(1_795_824_000_000_000);

pub(crate) struct Client {
    folder: tempfile::TempDir,
    connection: Option<Connection>,
    server: Option<JoinHandle<Served>>,
    n_requests: i32,
    /// Notifications and requests of the server that no test has looked at yet.
    received: RefCell<Vec<Value>>,
    pub(crate) capabilities: Value,
}

/// What a client of most editors can do.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "textDocument": {
            "publishDiagnostics": {},
            "hover": {"contentFormat": ["plaintext"]},
            "codeAction": {"codeActionLiteralSupport": {}},
        },
        "workspace": {"workspaceEdit": {"documentChanges": true}},
        "window": {"showDocument": {"support": true}},
    })
}

impl Client {
    /// A session in a folder of these files; none of the user's settings or data are looked at.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, json!({}), capabilities())
    }

    pub(crate) fn with(files: &[(&str, &str)], options: Value, capabilities: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut client = Self {
            folder,
            connection: None,
            server: None,
            n_requests: 0,
            received: RefCell::default(),
            capabilities,
        };
        for (path, text) in files {
            client.write(path, text);
        }
        client.start(options);
        client
    }

    fn start(&mut self, mut options: Value) {
        let (ours, theirs) = Connection::memory();
        let environment = Environment {
            index: None,
            default_index: None,
            policy: None,
            policy_key: None,
            policy_cache: Some(self.path(".policy-cache")),
            machine: Machine { time: Time::set(NOW), ..Machine::default() },
            today: || date(2026, 11, 28),
        };
        self.server = Some(std::thread::spawn(move || serve(theirs, &environment)));
        self.connection = Some(ours);
        if options.get("telemetry").is_none() && options.is_object() {
            options["telemetry"] = json!(false);
        }
        let root = url(self.folder.path());
        let answer = self.request(
            "initialize",
            json!({
                "processId": null,
                "clientInfo": {"name": "Neovim", "version": "0.9.1"},
                "workspaceFolders": [{"uri": root, "name": "w"}],
                "capabilities": self.capabilities,
                "initializationOptions": options,
            }),
        );
        assert!(answer["capabilities"].is_object(), "{answer}");
        self.notify("initialized", json!({}));
        self.sync();
        self.take("fixloop/status");
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        url(&self.path(path))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Opens a file with this text, whatever is on disk, and waits until everything about it was looked at.
    pub(crate) fn open(&mut self, path: &str, text: &str) {
        self.open_unsynced(path, text);
        self.sync();
    }

    pub(crate) fn open_unsynced(&self, path: &str, text: &str) {
        let document =
            json!({"uri": self.uri(path), "languageId": "x", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces what stands between two places of one text, given as `line:character`.
    pub(crate) fn change(&mut self, path: &str, version: i32, changes: &[(&str, &str, &str)]) {
        let position = |it: &str| {
            let (line, character) = it.split_once(':').unwrap();
            json!({"line": line.parse::<u32>().unwrap(), "character": character.parse::<u32>().unwrap()})
        };
        let changes = changes.iter().map(|(from, to, text)| {
            json!({"range": {"start": position(from), "end": position(to)}, "text": text})
        });
        let changes: Vec<Value> = changes.collect();
        let document = json!({"uri": self.uri(path), "version": version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.notify("textDocument/didChange", params);
    }

    pub(crate) fn close(&mut self, path: &str) {
        let params = json!({"textDocument": {"uri": self.uri(path)}});
        self.notify("textDocument/didClose", params);
        self.sync();
    }

    /// Tells that files changed on disk, and waits until they were looked at.
    pub(crate) fn changed_on_disk(&mut self, paths: &[&str]) {
        let changes = paths.iter().map(|it| json!({"uri": self.uri(it), "type": 2}));
        let changes: Vec<Value> = changes.collect();
        self.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
        self.sync();
    }

    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    pub(crate) fn send(&self, message: Message) {
        let connection = self.connection.as_ref().expect("the session goes on");
        connection.sender.send(message).expect("the server goes on");
    }

    /// Waits until the worker has done all that it was asked, twice: what it finds may make it look again.
    pub(crate) fn sync(&mut self) {
        for _ in 0..2 {
            assert_eq!(self.request("fixloop/sync", Value::Null), Value::Null);
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let response = self.response(method, params);
        match response.response_result {
            Ok(result) => result,
            Err(error) => panic!("`{method}` failed: {error:?}"),
        }
    }

    pub(crate) fn response(&mut self, method: &str, params: Value) -> Response {
        self.n_requests += 1;
        let id = RequestId::from(self.n_requests);
        self.send(Request::new(id.clone(), method.to_owned(), params).into());
        loop {
            match self.receive() {
                Message::Response(response) if response.id == id => return response,
                Message::Response(response) => panic!("an answer to nothing: {response:?}"),
                Message::Notification(it) => {
                    let it = json!({"method": it.method, "params": it.params});
                    self.received.borrow_mut().push(it);
                }
                Message::Request(it) => {
                    let received = json!({"method": it.method, "params": it.params});
                    self.received.borrow_mut().push(received);
                    self.send(Response::new_ok(it.id, Value::Null).into());
                }
            }
        }
    }

    fn receive(&self) -> Message {
        let connection = self.connection.as_ref().expect("the session goes on");
        connection.receiver.recv_timeout(PATIENCE).expect("an answer in time")
    }

    /// Everything received of one method, in order.
    pub(crate) fn take(&self, method: &str) -> Vec<Value> {
        let mut received = self.received.borrow_mut();
        let (taken, kept) = received.drain(..).partition(|it: &Value| it["method"] == method);
        *received = kept;
        taken.into_iter().map(|it: Value| it["params"].clone()).collect()
    }

    /// The diagnostics published for a file since the last look, oldest first, each list as people read it.
    pub(crate) fn published(&mut self, path: &str) -> Vec<String> {
        self.sync();
        self.take("fixloop/status");
        let uri = self.uri(path);
        let (ours, others): (Vec<Value>, Vec<Value>) = self
            .take("textDocument/publishDiagnostics")
            .into_iter()
            .partition(|it| it["uri"] == uri.as_str());
        for params in others {
            let method = "textDocument/publishDiagnostics";
            self.received.borrow_mut().push(json!({"method": method, "params": params}));
        }
        ours.iter().map(|it| shown(&it["diagnostics"])).collect()
    }

    pub(crate) fn messages(&mut self) -> Vec<String> {
        self.sync();
        let messages = self.take("window/showMessage");
        messages
            .iter()
            .map(|it| it["message"].as_str().unwrap().replace(&self.root(), "ROOT"))
            .collect()
    }

    pub(crate) fn root(&self) -> String {
        self.folder.path().display().to_string()
    }

    pub(crate) fn actions(&mut self, path: &str, line: u32) -> Vec<Value> {
        let at = json!({"line": line, "character": 0});
        let params = json!({
            "textDocument": {"uri": self.uri(path)},
            "range": {"start": at, "end": at},
            "context": {"diagnostics": []},
        });
        self.request("textDocument/codeAction", params).as_array().unwrap().clone()
    }

    /// Ends the session as clients do, and expects the server to have nothing more to say.
    pub(crate) fn shut_down(&mut self) -> Served {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.server.take().unwrap().join().unwrap()
    }

    /// The client dies.
    pub(crate) fn die(&mut self) -> Served {
        drop(self.connection.take());
        self.server.take().unwrap().join().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() || self.server.is_none() {
            return;
        }
        assert_eq!(self.shut_down(), Served::Ended);
        self.take("fixloop/status");
        let unclaimed = self.received.borrow();
        assert!(unclaimed.is_empty(), "nobody asked about {unclaimed:#?}");
    }
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A line each: place, severity, code and message.
pub(crate) fn shown(diagnostics: &Value) -> String {
    let line = |it: &Value| {
        let at = |end: &str| {
            let position = &it["range"][end];
            format!("{}:{}", position["line"], position["character"])
        };
        let severity = ["", "error", "warning", "information", "hint"]
            [usize::try_from(it["severity"].as_u64().unwrap()).unwrap()];
        let code = it["code"].as_str().unwrap_or("-");
        let message = it["message"].as_str().unwrap().replace('\n', "\n    ");
        format!("{}-{} {severity} {code}\n    {message}", at("start"), at("end"))
    };
    let lines: Vec<String> = diagnostics.as_array().unwrap().iter().map(line).collect();
    lines.join("\n")
}
