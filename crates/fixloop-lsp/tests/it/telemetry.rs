//! What a session leaves in the spool.

use std::path::Path;

use fixloop_telemetry::read;
use serde_json::{Value, json};

use crate::client::{Client, capabilities};

/// `kind how package-advisories mode` of each event, in order.
fn events(spool: &Path) -> String {
    let contents = read(spool).unwrap();
    let line = |it: &fixloop_telemetry::Event| {
        let it = serde_json::to_value(it).unwrap();
        let words = [&it["kind"], &it["how"], &it["reason"], &it["comment"], &it["phase"]];
        let words = words.into_iter().filter_map(Value::as_str);
        let mut words: Vec<String> = words.map(ToOwned::to_owned).collect();
        if let Some(subject) = it["subject"].as_object() {
            words.push(subject["advisories"].to_string());
            words.push(format!("first={}", subject["is_first_reference"]));
            words.push(subject["mode"].as_str().unwrap().to_owned());
        }
        words.join(" ")
    };
    contents.events.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn recording(client_options: Value) -> (tempfile::TempDir, Value) {
    let spool = tempfile::tempdir().unwrap();
    let mut options = client_options;
    options["telemetry"] = json!(true);
    options["spool"] = json!(spool.path().join("spool"));
    (spool, options)
}

#[test]
fn an_episode_opens_and_ends() {
    let (spool, options) = recording(json!({}));
    let mut client = Client::with(&[], options, capabilities());
    client.open("requirements.txt", "flask==0.12\n\n");
    client.published("requirements.txt");
    client.change("requirements.txt", 2, &[("1:0", "1:0", "jinja2==2.10")]);
    client.published("requirements.txt");
    for _ in 0..3 {
        let position = json!({"line": 1, "character": 9});
        let params =
            json!({"textDocument": {"uri": client.uri("requirements.txt")}, "position": position});
        client.request("textDocument/hover", params);
    }
    // The upgrade comes back as a change.
    let upgrade = client.actions("requirements.txt", 1)[0].clone();
    let edit = &upgrade["edit"]["documentChanges"][0]["edits"][0];
    let change = json!({"range": edit["range"], "text": edit["newText"]});
    let document = json!({"uri": client.uri("requirements.txt"), "version": 3});
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": document, "contentChanges": [change]}),
    );
    client.published("requirements.txt");
    // The other one is removed, comes back, and is still there when the file is closed.
    client.change("requirements.txt", 4, &[("0:0", "0:11", "")]);
    client.change("requirements.txt", 5, &[("0:0", "0:0", "flask==0.12")]);
    client.close("requirements.txt");
    client.published("requirements.txt");
    client.shut_down();
    insta::assert_snapshot!(events(&spool.path().join("spool")), @r#"
    session started
    alert_shown ["CVE-2018-1000656"] first=false alert
    alert_shown ["CVE-2019-10906"] first=true alert
    hover ["CVE-2019-10906"] first=true alert
    fix_applied ["CVE-2019-10906"] first=true alert
    alert_cleared fixed ["CVE-2019-10906"] first=true alert
    alert_cleared removed ["CVE-2018-1000656"] first=false alert
    alert_shown ["CVE-2018-1000656"] first=false alert
    alert_cleared file_closed ["CVE-2018-1000656"] first=false alert
    session ended
    "#);
}

#[test]
fn a_fix_is_known_by_what_comes_out_of_it() {
    let (spool, options) = recording(json!({}));
    let mut client = Client::with(&[], options, capabilities());
    client.open("requirements.txt", "jinja2==2.10\nflask==0.12\n");
    client.published("requirements.txt");
    client.actions("requirements.txt", 0);
    // Only what differs, as Neovim sends it.
    client.change("requirements.txt", 2, &[("0:12", "0:12", ".1")]);
    // Another version than the one that was offered is somebody's own fix.
    client.change("requirements.txt", 3, &[("1:11", "1:11", ".5")]);
    client.published("requirements.txt");
    client.shut_down();
    insta::assert_snapshot!(events(&spool.path().join("spool")), @r#"
    session started
    alert_shown ["CVE-2019-10906"] first=false alert
    alert_shown ["CVE-2018-1000656"] first=false alert
    fix_applied ["CVE-2019-10906"] first=false alert
    alert_cleared fixed ["CVE-2019-10906"] first=false alert
    alert_cleared fixed ["CVE-2018-1000656"] first=false alert
    session ended
    "#);
}

#[test]
fn observing_records_the_same_and_says_so() {
    let (spool, options) = recording(json!({"mode": "observe"}));
    let mut client = Client::with(&[], options, capabilities());
    client.open("requirements.txt", "\n");
    client.change("requirements.txt", 2, &[("0:0", "0:0", "jinja2==2.10")]);
    client.change("requirements.txt", 3, &[("0:8", "0:12", "3.1.6")]);
    client.sync();
    client.shut_down();
    insta::assert_snapshot!(events(&spool.path().join("spool")), @r#"
    session started
    alert_shown ["CVE-2019-10906"] first=true observe
    alert_cleared fixed ["CVE-2019-10906"] first=true observe
    session ended
    "#);
}

#[test]
fn exceptions_and_answers_are_recorded() {
    let (spool, options) = recording(json!({}));
    let mut client = Client::with(&[], options, capabilities());
    client.open("requirements.txt", "jinja2==2.10\nflask==0.12\n");
    client.published("requirements.txt");
    let uri = client.uri("requirements.txt");
    let exception = json!({"uri": uri, "ecosystem": "PyPI", "package": "flask", "reason": "r", "owner": "o", "expires": "2027-01-01"});
    let not_useful = json!({"uri": uri, "ecosystem": "PyPI", "package": "jinja2", "reason": "cannot_now", "comment": "after the release"});
    for (command, argument) in [("addException", exception), ("notUseful", not_useful)] {
        let params =
            json!({"command": format!("fixloop.server.{command}"), "arguments": [argument]});
        client.request("workspace/executeCommand", params);
        client.sync();
    }
    client.published("requirements.txt");
    client.die();
    insta::assert_snapshot!(events(&spool.path().join("spool")), @r#"
    session started
    alert_shown ["CVE-2019-10906"] first=false alert
    alert_shown ["CVE-2018-1000656"] first=false alert
    exception_added ["CVE-2018-1000656"] first=false alert
    alert_cleared suppressed ["CVE-2018-1000656"] first=false alert
    not_useful cannot_now after the release ["CVE-2019-10906"] first=false alert
    alert_cleared suppressed ["CVE-2019-10906"] first=false alert
    session ended
    "#);
}

#[test]
fn nothing_is_kept_where_the_client_says_no() {
    let spool = tempfile::tempdir().unwrap();
    let options = json!({"spool": spool.path(), "telemetry": false});
    let mut client = Client::with(&[], options, capabilities());
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    client.shut_down();
    assert_eq!(std::fs::read_dir(spool.path()).unwrap().count(), 0);
}
