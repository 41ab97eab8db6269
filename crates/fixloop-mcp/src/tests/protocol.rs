//! Whole runs over pipes in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;
use crate::serve;

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the server answers to these lines, in the order of the ids; what has none comes first.
fn talk(lines: &[String]) -> Vec<Value> {
    let case = Case::new();
    let environment = environment(case.folder.path(), Machine::default());
    let output = Output::default();
    let input = io::Cursor::new(lines.join("\n"));
    serve(input, output.clone(), environment).unwrap();
    let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    let mut answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    answers.sort_by_key(|it| it["id"].as_u64());
    answers
}

fn request(id: u32, method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}

fn initialize() -> String {
    let client = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    request(1, "initialize", &params)
}

fn check_a(id: u32) -> String {
    let arguments = json!({"ecosystem": "npm", "name": "a", "version": "1.2.0"});
    request(id, "tools/call", &json!({"name": "check_package", "arguments": arguments}))
}

#[test]
fn nothing_is_answered_to_nobody() {
    assert_eq!(talk(&[]), [Value::Null; 0]);
}

#[test]
fn many_calls_at_once_are_all_answered() {
    let lines: Vec<String> = std::iter::once(initialize()).chain((2..20).map(check_a)).collect();
    let answers = talk(&lines);
    assert_eq!(answers.len(), 19);
    for answer in &answers[1..] {
        assert_eq!(answer["result"]["structuredContent"]["verdict"], "vulnerable", "{answer}");
    }
}

#[test]
fn a_false_start_is_no_end() {
    let lines = [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.to_owned(),
        request(7, "tools/list", &json!({})),
        initialize(),
        check_a(2),
    ];
    let answers = talk(&lines);
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "fixloop");
    assert_eq!(answers[1]["result"]["isError"], false);
    assert_eq!(answers[2]["error"]["code"], -32602);
}

#[test]
fn what_is_malformed_is_answered_and_the_server_goes_on() {
    let lines = [
        initialize(),
        "no JSON".to_owned(),
        "[]".to_owned(),
        request(2, "tools/call", &json!({"name": "format_disk", "arguments": {}})),
        request(3, "tools/call", &json!({"name": "check_package", "arguments": "a"})),
        request(4, "tools/call", &json!({"arguments": {}})),
        request(5, "tools/call", &json!({"name": "check_package", "arguments": {"name": ["a"]}})),
        request(6, "tools/call", &json!({"name": "check_package"})),
        request(7, "tools/call", &json!({"name": "check_package", "arguments": {"colour": "red"}})),
        request(8, "no/such", &json!({})),
        request(
            9,
            "tools/call",
            &json!({"name": "scan_project", "arguments": {"path": "x".repeat(10_000_000)}}),
        ),
        request(10, "ping", &json!({})),
    ];
    let words = |it: &Value| {
        let id = it["id"].as_u64().map_or("-".to_owned(), |it| it.to_string());
        if it["error"].is_object() {
            return format!("{id} error {} {}", it["error"]["code"], it["error"]["message"]);
        }
        match it["result"]["content"][0]["text"].as_str() {
            Some(text) => format!("{id} isError {}: {text}", it["result"]["isError"]),
            None => format!("{id} result"),
        }
    };
    let answers: Vec<String> = talk(&lines).iter().map(words).collect();
    insta::assert_snapshot!(answers.join("\n"), @r#"
    - error -32700 "not JSON, or nested too deep, at column 2"
    - error -32600 "batches are not part of the protocol: one message a line"
    1 result
    2 error -32602 "no tool is called `format_disk`; there are check_package, scan_project, suggest_fix"
    3 error -32602 "tools/call takes `name`, a text, and `arguments`, an object"
    4 error -32602 "tools/call takes `name`, a text, and `arguments`, an object"
    5 isError true: wrong arguments: invalid type: sequence, expected a string; see the input schema of check_package
    6 isError true: give `ecosystem` and `name`, or `purl` alone
    7 isError true: wrong arguments: unknown field `colour`, expected one of `ecosystem`, `name`, `version`, `purl`; see the input schema of check_package
    8 error -32601 "`no/such` is no method of this server, or its parameters are not the protocol's"
    9 error -32600 "message of more than 1 MiB: arguments are names, versions and paths, not contents"
    10 result
    "#);
}
