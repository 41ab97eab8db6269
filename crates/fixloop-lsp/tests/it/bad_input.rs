//! What nobody should send or have: the session goes on, and says what a person can do.

use std::fmt::Write;
use std::fs;

use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};

use crate::client::{Client, capabilities};

/// The session answers, and shows what it should.
#[track_caller]
fn assert_alive(client: &mut Client) {
    client.open("alive/requirements.txt", "jinja2==2.10\n");
    assert_eq!(client.published("alive/requirements.txt").len(), 1);
    client.close("alive/requirements.txt");
    client.published("alive/requirements.txt");
}

#[test]
fn large_documents_and_lines_are_survived() {
    let mut client = Client::new(&[]);
    let line = format!(
        "{{\"dependencies\": {{\"lodash\": \"4.17.15\", \"x\": \"{}\"}}}}",
        "é".repeat(1 << 19)
    );
    client.open("package.json", &line);
    assert!(client.published("package.json")[0].contains("lodash 4.17.15"));
    // 10 MB, of which 20,000 lines are dependencies.
    let mut many = String::from("jinja2==2.10\n");
    for it in 0..20_000 {
        writeln!(many, "package-{it}==1.0.{it}  # {}", "-".repeat(490)).unwrap();
    }
    assert!(many.len() > 10_000_000);
    client.open("requirements.txt", &many);
    assert!(client.published("requirements.txt")[0].contains("jinja2"));
    client.change("requirements.txt", 2, &[("0:8", "0:12", "3.1.6")]);
    assert!(!client.published("requirements.txt").is_empty());
    // More than is judged.
    client.open("b/requirements.txt", &"#".repeat(17 << 20));
    insta::assert_snapshot!(client.published("b/requirements.txt").join(""), @r"
    0:0-0:0 information -
        more than 16 MiB: not analyzed
    ");
    assert_alive(&mut client);
}

#[test]
fn offsets_that_lie_outside_are_clamped() {
    let mut client = Client::new(&[]);
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    client.change(
        "requirements.txt",
        2,
        &[("4000000000:4000000000", "4000000001:7", "flask==0.12\n")],
    );
    let shown = client.published("requirements.txt");
    assert!(shown[0].contains("1:7-1:11 error"), "{shown:?}");
    client.change("requirements.txt", 3, &[("1:4000000000", "0:0", "")]);
    assert_eq!(client.published("requirements.txt"), [""]);
}

#[test]
fn a_change_that_makes_no_sense_takes_the_alerts_away_and_says_so() {
    let mut client = Client::new(&[]);
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    let uri = client.uri("requirements.txt");
    let bad = json!({"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}});
    let params = json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": bad, "text": "x"}]});
    client.notify("textDocument/didChange", params);
    assert_eq!(client.published("requirements.txt"), [""]);
    insta::assert_snapshot!(client.messages().join("\n"), @"");
    client.take("window/logMessage");
    // Nothing is shown about a text that is not the one on the screen…
    client.change("requirements.txt", 3, &[("0:0", "0:0", "#")]);
    assert_eq!(client.published("requirements.txt"), [""; 0]);
    // … until the whole text comes.
    let params = json!({"textDocument": {"uri": uri, "version": 4}, "contentChanges": [{"text": "flask==0.12\n"}]});
    client.notify("textDocument/didChange", params);
    assert!(client.published("requirements.txt")[0].contains("flask"));
}

#[test]
fn changes_out_of_order_and_of_closed_files_are_left_out() {
    let mut client = Client::new(&[]);
    client.change("requirements.txt", 1, &[("0:0", "0:0", "jinja2==2.10")]);
    client.open("requirements.txt", "\n");
    client.change("requirements.txt", 5, &[("0:0", "0:0", "flask==0.12")]);
    client.change("requirements.txt", 3, &[("0:0", "0:0", "jinja2==2.10 # ")]);
    let shown = client.published("requirements.txt");
    assert!(shown.len() == 1 && shown[0].contains("flask"), "{shown:?}");
    client.close("requirements.txt");
    client.close("requirements.txt");
    assert_eq!(client.published("requirements.txt"), [""]);
}

#[test]
fn requests_and_notifications_of_any_shape_are_survived() {
    let mut client = Client::new(&[]);
    let shapes = [
        json!(null),
        json!(1),
        json!([]),
        json!({}),
        json!({"textDocument": 1}),
        json!({"textDocument": {"uri": "no uri"}}),
    ];
    let methods = [
        "textDocument/hover",
        "textDocument/codeAction",
        "textDocument/inlayHint",
        "textDocument/diagnostic",
        "workspace/executeCommand",
        "initialize",
        "x/y",
    ];
    for method in methods {
        for shape in &shapes {
            let response = client.response(method, shape.clone());
            assert!(response.response_result.is_err(), "{method} {shape}");
        }
    }
    let notices = [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "workspace/didChangeWatchedFiles",
        "workspace/didChangeWorkspaceFolders",
        "$/cancelRequest",
        "x/y",
    ];
    for method in notices {
        for shape in &shapes {
            client.send(Message::Notification(Notification::new(method.to_owned(), shape.clone())));
        }
    }
    client.send(Message::Response(lsp_server::Response::new_ok(77.into(), Value::Null)));
    client.sync();
    client.take("window/logMessage");
    let params = json!({"command": "fixloop.server.addException", "arguments": [{"uri": "file:///x", "ecosystem": "npm", "package": "a", "reason": "", "owner": "", "expires": "soon"}]});
    assert!(client.response("workspace/executeCommand", params).response_result.is_err());
    assert_eq!(client.messages().len(), 1);
    assert_alive(&mut client);
}

#[test]
fn a_file_that_is_deleted_while_open_is_still_judged() {
    let mut client =
        Client::new(&[("requirements.txt", "jinja2==2.10\n"), ("package-lock.json", "{")]);
    client.open("requirements.txt", "jinja2==2.10\n");
    fs::remove_file(client.path("requirements.txt")).unwrap();
    fs::remove_file(client.path("package-lock.json")).unwrap();
    client.changed_on_disk(&["requirements.txt", "package-lock.json"]);
    assert_eq!(client.published("requirements.txt").len(), 1);
    assert_alive(&mut client);
}

#[test]
fn an_index_that_is_replaced_is_used_and_one_that_is_truncated_is_not() {
    let index = tempfile::tempdir().unwrap();
    let path = index.path().join("a.index");
    let build = |records: &[&str]| {
        let mut builder = fixloop_index::Builder::default();
        for it in records {
            let record = fixloop_advisory::parse(it.as_bytes()).unwrap().advisory;
            builder.add(fixloop_index::prepare(record));
        }
        builder.build().unwrap().into_bytes()
    };
    let record = |id: &str, fixed: &str| {
        format!(
            r#"{{"id":"{id}","modified":"2026-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"PyPI","name":"a"}},"ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
        )
    };
    fs::write(&path, build(&[])).unwrap();
    let mut client = Client::with(&[], json!({"index": path}), capabilities());
    client.open("requirements.txt", "a==1.0\n");
    assert_eq!(client.published("requirements.txt"), [""; 0]);
    let bytes = build(&[&record("PYSEC-2026-1", "1.1")]);
    fs::write(index.path().join("new"), &bytes).unwrap();
    fs::rename(index.path().join("new"), &path).unwrap();
    client.changed_on_disk(&["x"]);
    assert!(client.published("requirements.txt")[0].contains("PYSEC-2026-1"));
    // Truncated in place: what was read before stays, and is said to.
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    client.changed_on_disk(&["x"]);
    assert_eq!(client.published("requirements.txt"), [""; 0]);
    let messages = client.messages();
    assert!(
        messages.len() == 1
            && messages[0].contains("cannot be used")
            && messages[0].contains("still used"),
        "{messages:?}"
    );
    fs::remove_file(&path).unwrap();
    client.changed_on_disk(&["x"]);
    assert_eq!(client.messages().len(), 1);
    fs::write(&path, build(&[&record("PYSEC-2026-2", "1.2")])).unwrap();
    client.changed_on_disk(&["x"]);
    assert!(client.published("requirements.txt")[0].contains("PYSEC-2026-2"));
}

#[test]
fn an_index_that_was_asked_for_and_is_not_there_is_an_error() {
    let options = json!({"index": "/nowhere/a.index", "mode": "loud"});
    let mut client = Client::with(&[], options, capabilities());
    insta::assert_snapshot!(client.messages().join("\n"), @r"
    `initializationOptions.mode` cannot be used: expected `alert` or `observe`
    the advisory index cannot be used: failed to read `/nowhere/a.index`: No such file or directory (os error 2)
    ");
    client.open("requirements.txt", "jinja2==2.10\n");
    assert_eq!(client.published("requirements.txt"), [""; 0]);
}

#[test]
fn a_spool_that_cannot_be_written_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("file");
    fs::write(&spool, "no folder").unwrap();
    let options = json!({"spool": spool, "telemetry": true});
    let mut client = Client::with(&[], options, capabilities());
    for path in ["a/requirements.txt", "b/requirements.txt"] {
        client.open(path, "jinja2==2.10\n");
        assert_eq!(client.published(path).len(), 1);
    }
    let messages = client.messages();
    assert!(
        messages.len() == 1 && messages[0].starts_with("events are not recorded"),
        "{messages:?}"
    );
}

#[test]
fn a_client_that_dies_ends_the_server_and_two_servers_do_not_disturb_each_other() {
    let spool = tempfile::tempdir().unwrap();
    let options = json!({"spool": spool.path(), "telemetry": true});
    let mut one = Client::with(&[], options.clone(), capabilities());
    let mut other = Client::with(&[], options, capabilities());
    for client in [&mut one, &mut other] {
        client.open("requirements.txt", "jinja2==2.10\n");
        assert_eq!(client.published("requirements.txt").len(), 1);
    }
    assert_eq!(one.die(), fixloop_lsp::Served::Gone);
    assert_alive(&mut other);
    other.shut_down();
    let events = fixloop_telemetry::read(spool.path()).unwrap().events;
    let n_shown = events.iter().filter(|it| it.kind.as_str() == "alert_shown").count();
    assert_eq!(n_shown, 3);
    let mut numbers: Vec<u64> = events.iter().map(|it| it.seq).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|it| it[0] + 1 == it[1]), "{numbers:?}");
}

#[test]
fn nothing_is_answered_after_shutdown() {
    let mut client = Client::new(&[]);
    client.request("shutdown", Value::Null);
    let response = client.response("textDocument/hover", json!({}));
    assert!(response.response_result.is_err());
    client.send(Request::new(99.into(), "fixloop/sync".to_owned(), Value::Null).into());
    client.notify("exit", Value::Null);
    client.die();
}
