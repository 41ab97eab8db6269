//! `fixloop mcp` over pipes, as an agent starts it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// With the starter index, and initialized.
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fixloop"));
        command.arg("mcp").env_clear().env("DO_NOT_TRACK", "1");
        command.env("HOME", std::env::temp_dir().join("no-such-home-of-fixloop-tests"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut server = Self { child, input, output };
        let client = json!({"name": "test", "version": "1"});
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        let answer = server.request("initialize", &params);
        assert_eq!(answer["result"]["serverInfo"]["name"], "fixloop");
        assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
        server.line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        server
    }

    fn line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it goes on");
        writeln!(input, "{line}").expect("the server reads");
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).expect("a line") > 0, "the server ended");
        serde_json::from_str(&line).expect("JSON")
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.line(&request.to_string());
        self.next()
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.request("tools/call", &json!({"name": tool, "arguments": arguments}));
        answer["result"].clone()
    }

    /// Closes the input; the exit code.
    fn end(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().expect("it ends").code()
    }
}

#[test]
fn each_tool_answers_and_the_end_of_the_input_ends_it() {
    let mut server = Server::start();
    let lodash = json!({"ecosystem": "npm", "name": "lodash", "version": "4.17.11"});
    let checked = server.call("check_package", &lodash);
    assert_eq!(checked["structuredContent"]["verdict"], "vulnerable");
    assert_eq!(checked["structuredContent"]["clear_version"], "4.17.21");

    let project = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/old-project");
    let scan = server.call("scan_project", &json!({"path": project}));
    assert_eq!(scan["structuredContent"]["n_findings"], 21);
    let fix = server.call("suggest_fix", &json!({"path": project, "package": "Jinja2"}));
    let diff = fix["structuredContent"]["diff"].as_str().expect("a text");
    assert!(diff.contains("+Jinja2==2.10.1"), "{diff}");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn malformed_lines_are_answered() {
    let mut server = Server::start();
    server.line("{");
    assert_eq!(server.next()["error"]["code"], -32700);
    let wrong = server.call("check_package", &json!({"name": 5}));
    assert_eq!(wrong["isError"], true);
    let unknown = server.request("tools/call", &json!({"name": "format_disk"}));
    assert_eq!(unknown["error"]["code"], -32602);
    assert_eq!(server.request("ping", &json!({}))["result"], json!({}));
    assert_eq!(server.end(), Some(0));
}

/// What a model reads of each tool: its name and arguments, each with the first sentence said of it.
#[test]
fn the_tools_say_when_to_call_them() {
    let mut server = Server::start();
    let answer = server.request("tools/list", &json!({}));
    let first = |it: &Value| {
        let text = it["description"].as_str().expect("each has one");
        text.split(". ").next().unwrap_or(text).trim_end_matches('.').replace('\n', " ")
    };
    let mut lines = Vec::new();
    for tool in answer["result"]["tools"].as_array().expect("a list") {
        let required = &tool["inputSchema"]["required"];
        lines.push(format!("{} (required: {required}): {}", tool["name"], first(tool)));
        for (name, schema) in tool["inputSchema"]["properties"].as_object().expect("arguments") {
            lines.push(format!("  {name}: {} {}", schema["type"], first(schema)));
        }
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["outputSchema"]["type"], "object");
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    "check_package" (required: null): Look up the known vulnerabilities and malicious releases of one package
      ecosystem: ["string","null"] The package registry: OSV's name or a package URL type, in any case
      name: ["string","null"] The package's name in that registry; Maven's as group:artifact
      purl: ["string","null"] A package URL in place of ecosystem and name, for example pkg:npm/lodash@4.17.20
      version: ["string","null"] The exact version, or the requirement that you are about to write, such as ^4.17.0 or >=2,<3
    "scan_project" (required: ["path"]): Find vulnerable and malicious packages in the manifests and lockfiles of a folder or file on this machine, grouped by package, with place, chain and the version that clears them
      max_findings: ["integer","null"] How many findings to list, the most urgent first: 1 to 200
      path: "string" The project's folder, or one manifest or lockfile
    "suggest_fix" (required: ["path"]): Work out the edits that clear a project's known vulnerabilities, as a unified diff and the command to run after it
      package: ["string","null"] Only this package, by its name in the registry; without it every package that has findings
      path: "string" The project's folder, or one manifest
    "#);
    assert_eq!(server.end(), Some(0));
}
