//! What can be done about an alert, done as a client does it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Client, capabilities};

fn titles(actions: &[Value]) -> String {
    let title = |it: &Value| it["title"].as_str().unwrap().to_owned();
    actions.iter().map(title).collect::<Vec<_>>().join("\n")
}

fn titled<'a>(actions: &'a [Value], start: &str) -> &'a Value {
    let is_it = |it: &&Value| it["title"].as_str().unwrap().starts_with(start);
    actions.iter().find(is_it).unwrap_or_else(|| panic!("no `{start}` in\n{}", titles(actions)))
}

/// The edits by file; `line:character-line:character text` each.
fn edits(client: &Client, action: &Value) -> String {
    let mut by_file: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in action["edit"]["documentChanges"].as_array().unwrap() {
        let Some(edits) = change["edits"].as_array() else { continue };
        let file = change["textDocument"]["uri"].as_str().unwrap();
        let file = file.replace(&client.uri(""), "");
        let edit = |it: &Value| {
            let at = |end: &str| {
                format!("{}:{}", it["range"][end]["line"], it["range"][end]["character"])
            };
            format!("{}-{} {}", at("start"), at("end"), it["newText"].as_str().unwrap())
        };
        by_file.entry(file).or_default().extend(edits.iter().map(edit));
    }
    let files =
        by_file.into_iter().map(|(file, edits)| format!("{file}\n  {}", edits.join("\n  ")));
    files.collect::<Vec<_>>().join("\n")
}

/// Applies an action's edits of the open file as editors do, and tells the server.
fn apply(client: &mut Client, path: &str, version: i32, action: &Value) {
    let changes = action["edit"]["documentChanges"].as_array().unwrap();
    let uri = client.uri(path);
    let of_file = changes.iter().filter(|it| it["textDocument"]["uri"] == uri.as_str());
    let mut edits: Vec<Value> =
        of_file.flat_map(|it| it["edits"].as_array().unwrap().clone()).collect();
    // From the end, so that none moves another.
    edits.sort_by_key(|it| {
        let at = &it["range"]["start"];
        std::cmp::Reverse((at["line"].as_u64(), at["character"].as_u64()))
    });
    let changes: Vec<Value> =
        edits.iter().map(|it| json!({"range": it["range"], "text": it["newText"]})).collect();
    let document = json!({"uri": uri, "version": version});
    let params = json!({"textDocument": document, "contentChanges": changes});
    client.notify("textDocument/didChange", params);
}

#[test]
fn an_upgrade_is_offered_first_and_clears_the_alert() {
    let mut client = Client::new(&[]);
    client.open("package.json", "{\n  \"dependencies\": {\n    \"lodash\": \"^4.16.0\",\n    \"axios\": \"0.21.0\"\n  }\n}\n");
    client.published("package.json");
    let actions = client.actions("package.json", 3);
    insta::assert_snapshot!(titles(&actions), @r"
    Upgrade axios to 0.21.3
    Open advisory CVE-2020-28168
    Open advisory CVE-2021-3749
    Accept CVE-2020-28168 in axios: fill in reason and owner in fixloop.toml
    Accept CVE-2021-3749 in axios: fill in reason and owner in fixloop.toml
    Not useful here: wrong
    Not useful here: not mine
    Not useful here: cannot now
    Upgrade all 2 vulnerable dependencies in this file
    ");
    assert_eq!(actions[0]["isPreferred"], true);
    insta::assert_snapshot!(edits(&client, &actions[0]), @r"
    package.json
      3:14-3:20 0.21.3
    ");
    apply(&mut client, "package.json", 2, &actions[0].clone());
    let shown = client.published("package.json");
    assert!(shown.len() == 1 && !shown[0].contains("axios"), "{shown:?}");
}

#[test]
fn all_of_a_file_are_upgraded_at_once() {
    let mut client = Client::new(&[]);
    client
        .open("requirements.txt", "jinja2==2.10  # pinned\r\nflask>=0.12\r\nrequests==2.31.0\r\n");
    client.published("requirements.txt");
    let actions = client.actions("requirements.txt", 0);
    let all = titled(&actions, "Upgrade all").clone();
    assert_eq!(all["kind"], "source.fixAll");
    insta::assert_snapshot!(edits(&client, &all), @r"
    requirements.txt
      0:8-0:12 2.10.1
      1:5-1:11 >=0.12.3
    ");
    apply(&mut client, "requirements.txt", 2, &all);
    assert_eq!(client.published("requirements.txt"), [""]);
}

#[test]
fn edits_go_to_the_file_that_has_the_version() {
    let workspace =
        "[workspace]\nmembers = [\"a\"]\n[workspace.dependencies]\nsmallvec = \"=1.6.0\"\n";
    let mut client = Client::new(&[("Cargo.toml", workspace)]);
    client.open(
        "a/Cargo.toml",
        "[package]\nname = \"a\"\n[dependencies]\nsmallvec.workspace = true\n",
    );
    client.published("a/Cargo.toml");
    let actions = client.actions("a/Cargo.toml", 3);
    insta::assert_snapshot!(edits(&client, &actions[0]), @r"
    Cargo.toml
      3:13-3:18 1.6.1
    ");
    let props = "<Project><ItemGroup><PackageVersion Include=\"jQuery\" Version=\"3.3.1\" /></ItemGroup></Project>\n";
    client.write("b/Directory.Packages.props", props);
    client.open(
        "b/b.csproj",
        "<Project><ItemGroup>\n<PackageReference Include=\"jQuery\" />\n</ItemGroup></Project>\n",
    );
    client.published("b/b.csproj");
    let actions = client.actions("b/b.csproj", 1);
    insta::assert_snapshot!(edits(&client, &actions[0]), @r"
    b/Directory.Packages.props
      0:62-0:67 3.5.0
    ");
}

#[test]
fn an_exception_takes_the_alert_away() {
    let options = json!({"clientCommands": true});
    let mut client = Client::with(&[], options, capabilities());
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    let actions = client.actions("requirements.txt", 0);
    let ask = titled(&actions, "Accept ");
    assert_eq!(ask["command"]["command"], "fixloop.addException");
    // What the client does once a person has answered.
    let mut argument = ask["command"]["arguments"][0].clone();
    argument["reason"] = json!("templates are our own");
    argument["owner"] = json!("web team");
    argument["expires"] = json!("2027-01-31");
    let command = "fixloop.server.addException";
    client
        .request("workspace/executeCommand", json!({"command": command, "arguments": [argument]}));
    assert_eq!(client.published("requirements.txt"), [""]);
    let written = std::fs::read_to_string(client.path("fixloop.toml")).unwrap();
    insta::assert_snapshot!(written, @r#"
    [[exception]]
    id = "CVE-2019-10906"
    package = "pkg:pypi/jinja2@2.10"
    reason = "templates are our own"
    owner = "web team"
    expires = 2027-01-31
    "#);
    // The same once more is refused, and said.
    let refused = client
        .response("workspace/executeCommand", json!({"command": command, "arguments": [argument]}));
    assert!(refused.response_result.is_err());
    insta::assert_snapshot!(client.messages().join("\n"), @"no exception was added: `fixloop.toml` has this exception already, line 1");
}

#[test]
fn an_exception_to_fill_in_has_no_effect_before_it_is() {
    let mut client = Client::new(&[]);
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    let actions = client.actions("requirements.txt", 0);
    let action = titled(&actions, "Accept ");
    insta::assert_snapshot!(edits(&client, action), @r#"
    fixloop.toml
      0:0-0:0 [[exception]]
    id = "CVE-2019-10906"
    package = "pkg:pypi/jinja2@2.10"
    reason = ""
    owner = ""
    expires = 2026-12-28
    "#);
    let text = action["edit"]["documentChanges"][1]["edits"][0]["newText"].as_str().unwrap();
    client.write("fixloop.toml", text);
    client.changed_on_disk(&["fixloop.toml"]);
    assert_eq!(client.published("requirements.txt"), [""; 0]);
    let filled = text
        .replace("reason = \"\"", "reason = \"own\"")
        .replace("owner = \"\"", "owner = \"web\"");
    client.write("fixloop.toml", &filled);
    client.changed_on_disk(&["fixloop.toml"]);
    assert_eq!(client.published("requirements.txt"), [""]);
    client.take("window/logMessage");
}

#[test]
fn what_is_not_useful_is_not_shown_again() {
    let mut client = Client::new(&[]);
    client.open("requirements.txt", "jinja2==2.10\nflask==0.12\n");
    client.published("requirements.txt");
    let actions = client.actions("requirements.txt", 0);
    let action = titled(&actions, "Not useful here: not mine");
    let params = json!({"command": action["command"]["command"], "arguments": action["command"]["arguments"]});
    client.request("workspace/executeCommand", params);
    let shown = client.published("requirements.txt");
    assert!(shown.len() == 1 && shown[0].contains("flask") && !shown[0].contains("jinja2"));
}

#[test]
fn an_advisory_is_opened_by_the_client() {
    let mut client = Client::new(&[]);
    client.open("requirements.txt", "jinja2==2.10\n");
    client.published("requirements.txt");
    let actions = client.actions("requirements.txt", 0);
    let action = titled(&actions, "Open advisory");
    let params = json!({"command": action["command"]["command"], "arguments": action["command"]["arguments"]});
    client.request("workspace/executeCommand", params);
    client.sync();
    let opened = client.take("window/showDocument");
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0]["external"], true);
    for url in ["file:///etc/passwd", "javascript:x", ""] {
        let command = "fixloop.server.openAdvisory";
        let params = json!({"command": command, "arguments": [{"url": url}]});
        assert!(client.response("workspace/executeCommand", params).response_result.is_err());
    }
}

#[test]
fn versions_declared_for_others_are_told_and_upgraded_where_they_stand() {
    let mut client = Client::new(&[]);
    let text = "[workspace]\nmembers = []\n[workspace.dependencies]\nsmallvec = { version = \"=1.6.0\" }\n";
    client.open("Cargo.toml", text);
    let shown = client.published("Cargo.toml").join("");
    assert!(shown.starts_with("3:25-3:30 error"), "{shown}");
    let actions = client.actions("Cargo.toml", 3);
    insta::assert_snapshot!(edits(&client, &actions[0]), @r"
    Cargo.toml
      3:25-3:30 1.6.1
    ");
    apply(&mut client, "Cargo.toml", 2, &actions[0].clone());
    assert_eq!(client.published("Cargo.toml"), [""]);
    let props = "<Project><ItemGroup>\n<PackageVersion Include=\"jQuery\" Version=\"3.3.1\" />\n</ItemGroup></Project>\n";
    client.open("Directory.Packages.props", props);
    client.published("Directory.Packages.props");
    let actions = client.actions("Directory.Packages.props", 1);
    apply(&mut client, "Directory.Packages.props", 2, &actions[0].clone());
    assert_eq!(client.published("Directory.Packages.props"), [""]);
}
