//! `fixloop lsp` over pipes, as an editor starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
        command.arg("lsp").args(arguments).env_clear().env("DO_NOT_TRACK", "1");
        command.env("HOME", std::env::temp_dir().join("no-such-home-of-fixloop-tests"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        Self { child, input, output }
    }

    fn raw(&mut self, bytes: &str) {
        let input = self.input.as_mut().expect("it goes on");
        input.write_all(bytes.as_bytes()).expect("the server reads");
        input.flush().expect("the server reads");
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    }

    /// The next message for which `is_it` holds.
    fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                assert!(self.output.read_line(&mut line).expect("a line") > 0, "the server ended");
                if line.trim_end().is_empty() {
                    break;
                }
                length = length_of(&line);
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).expect("a whole message");
            let message = serde_json::from_slice(&body).expect("JSON");
            if is_it(&message) {
                return message;
            }
        }
    }

    fn request(&mut self, id: u32, method: &str, params: &Value) -> Value {
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.until(|it| it["id"] == id && it.get("method").is_none())
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn initialize(&mut self) {
        let capabilities = json!({"textDocument": {"publishDiagnostics": {}}});
        let answer = self.request(1, "initialize", &json!({"capabilities": capabilities}));
        assert_eq!(answer["result"]["serverInfo"]["name"], "fixloop");
        self.notify("initialized", &json!({}));
    }

    fn open(&mut self, text: &str) {
        let document = json!({"uri": "file:///nowhere/requirements.txt", "languageId": "pip", "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn exit(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().expect("it ends").code()
    }
}

fn length_of(header: &str) -> usize {
    let length = header.trim_end().strip_prefix("Content-Length: ").expect("a length");
    length.parse().expect("a number")
}

#[test]
fn an_editor_is_served_over_pipes() {
    let mut server = Server::start(&["--stdio"]);
    server.initialize();
    server.open("jinja2==2.10\n");
    let shown = server.until(|it| it["method"] == "textDocument/publishDiagnostics");
    assert_eq!(shown["params"]["diagnostics"][0]["code"], "CVE-2019-10906");
    assert_eq!(server.request(2, "shutdown", &Value::Null)["result"], Value::Null);
    server.notify("exit", &Value::Null);
    assert_eq!(server.exit(), Some(0));
}

#[test]
fn what_is_no_message_is_answered_and_survived() {
    let mut server = Server::start(&[]);
    let early = server.request(7, "textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    server.initialize();
    server.raw("Content-Length: 9\r\n\r\n{not json");
    assert_eq!(server.until(|it| it.get("error").is_some())["error"]["code"], -32700);
    server.raw("this is no header\r\n\r\n");
    server.raw("Content-Length: 2\r\n\r\n[]");
    assert_eq!(server.until(|it| it.get("error").is_some())["error"]["code"], -32600);
    server.open("jinja2==2.10\n");
    server.until(|it| it["method"] == "textDocument/publishDiagnostics");
    assert_eq!(server.request(3, "x/y", &Value::Null)["error"]["code"], -32601);
    // Without `shutdown`, and in the middle of a message.
    server.raw("Content-Length: 100\r\n\r\n{");
    assert_eq!(server.exit(), Some(1));
}
