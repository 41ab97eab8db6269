//! What a signed bundle changes in the editor: who sees, who is observed, and what goes wrong.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use fixloop_policy::{
    Arm, Assigned, Bundle, GateSettings, Mode, Moment, OrganizationKey, RepositoryId, Ring, SCHEMA,
    Scope, SigningKey, Surface, Telemetry, Treatment, sign,
};
use fixloop_telemetry::{Batch, Event, Kind, Taken, collect, prepare_sink, read};
use fixloop_test_support::git_host::git;
use serde_json::{Value, json};

use crate::client::{Client, NOW, capabilities};

const DAY_US: i64 = 86_400_000_000;
const MANIFEST: &str = "flask==0.12\n\n";
const FILE: &str = "api/requirements.txt";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

pub(crate) fn organization() -> OrganizationKey {
    OrganizationKey::new([9; 32])
}

pub(crate) fn id(team: &str) -> RepositoryId {
    RepositoryId::of_address(&format!("https://git.example/{team}/shop"))
}

/// Two teams, one of which is treated.
pub(crate) fn bundle(version: u64) -> Bundle {
    let teams = ["treated", "held"];
    let assigned = |team: &str, arm: Arm| Assigned {
        rollout: "rollout-1".to_owned(),
        treatment: "treatment-1".to_owned(),
        team: team.to_owned(),
        arm,
        is_live: true,
    };
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version,
        issued_at: NOW.0 - DAY_US,
        expires_at: NOW.0 + 30 * DAY_US,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: organization(), sink: None },
        otherwise: Mode::Alert,
        repositories: teams
            .iter()
            .map(|it| (organization().repository(&id(it)), (*it).to_owned()))
            .collect(),
        rings: vec![Ring {
            name: "canary".to_owned(),
            teams: teams.iter().map(|it| (*it).to_owned()).collect(),
        }],
        treatments: vec![Treatment {
            id: "treatment-1".to_owned(),
            version: 3,
            surface: Surface::Editor,
            moment: Moment::FirstReference,
            mode: Mode::Alert,
            scope: Scope::All,
            rule: None,
            threshold: None,
            words: Some("Your team agreed to choose safe versions.".to_owned()),
            link: Some("https://security.example/why".to_owned()),
        }],
        assigned: vec![assigned("treated", Arm::Treated), assigned("held", Arm::Holdout)],
        rules: Vec::new(),
        advisories: Vec::new(),
        campaigns: Vec::new(),
        gate: GateSettings::default(),
    }
}

/// A folder with a bundle and a spool.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn with(bundle: &Bundle) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.publish(&sign(bundle, &key()));
        place
    }

    fn bundle(&self) -> PathBuf {
        self.folder.path().join("bundle.json")
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// As whoever publishes does: renamed over.
    pub(crate) fn publish(&self, bytes: &[u8]) {
        let new = self.folder.path().join("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, self.bundle()).unwrap();
    }

    fn options(&self) -> Value {
        json!({
            "policy": self.bundle(),
            "policyKey": key().public().to_string(),
            "telemetry": true,
            "spool": self.spool(),
        })
    }

    /// A session in a clone of this team's repository.
    pub(crate) fn client(&self, team: &str) -> Client {
        client_with(team, self.options(), capabilities())
    }

    /// As `kind mode treatment`, in order.
    pub(crate) fn events(&self) -> String {
        let line = |it: &Event| match (&it.kind, &it.subject) {
            (Kind::Policy { repository, version, is_refused }, _) => {
                let known = if repository.is_some() { "repository" } else { "-" };
                format!(
                    "policy {known} version {version}{}",
                    if *is_refused { " refused" } else { "" }
                )
            }
            (kind, None) => kind.as_str().to_owned(),
            (kind, Some(it)) => {
                let treatment = it.treatment.as_ref().map_or("-".to_owned(), ToString::to_string);
                format!("{} {} {treatment}", kind.as_str(), it.mode.as_str())
            }
        };
        let contents = read(&self.spool()).unwrap();
        contents.events.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

fn client_with(team: &str, options: Value, capabilities: Value) -> Client {
    let client = Client::with(&[], options, capabilities);
    let root = PathBuf::from(client.root());
    git(&root, &["init", "-q"]);
    git(&root, &["remote", "add", "origin", &format!("git@git.example:{team}/shop.git")]);
    client.write(FILE, MANIFEST);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "before"]);
    client
}

/// Everything that a client can see of a file.
fn seen(client: &mut Client, line: u32) -> String {
    client.sync();
    let statuses = client.take("fixloop/status");
    let count = |it: &Value| it["n_findings"].to_string();
    let status = statuses.last().map_or("-".to_owned(), count);
    let shown = client.published(FILE);
    let position = json!({"line": line, "character": 9});
    let document = json!({"uri": client.uri(FILE)});
    let hover = client
        .request("textDocument/hover", json!({"textDocument": document, "position": position}));
    let hover = hover["contents"]["value"].as_str().unwrap_or("-").to_owned();
    let n_actions = client.actions(FILE, line).len();
    format!(
        "status {status}, {n_actions} actions\nPUBLISHED\n{}\nHOVER\n{hover}",
        shown.last().map_or("-", |it| it)
    )
}

#[test]
fn a_treated_team_sees_first_references_with_the_words_of_its_organization() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("treated");
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    insta::assert_snapshot!(seen(&mut client, 1), @"
    status 1, 6 actions
    PUBLISHED
    1:8-1:12 error CVE-2019-10906
        Your team agreed to choose safe versions.
        New here: jinja2 2.10 has a known vulnerability
        str.format_map escapes the sandbox (CVE-2019-10906)
        2.10.1 is the nearest version that clears all advisories.
    HOVER
    jinja2 2.10
    Your team agreed to choose safe versions.
    PyPI, named in this file, new here
    CVE-2019-10906 PYSEC-2019-217 GHSA-462w-v97r-4m45: no rating, fixed in 2.10.1
    str.format_map escapes the sandbox
    2.10.1 clears all advisories.
    More from your organization: https://security.example/why
    ");
    // What was there before is observed.
    assert_eq!(client.actions(FILE, 0).len(), 0);
    client.shut_down();
    insta::assert_snapshot!(place.events(), @"
    session
    policy repository version 7
    alert_shown observe -
    alert_shown alert treatment-1@3
    hover alert treatment-1@3
    alert_cleared observe -
    alert_cleared alert treatment-1@3
    session
    ");
}

/// The events of one script, with what of them must not depend on the arm.
fn recorded(team: &str) -> Vec<Value> {
    let place = Place::with(&bundle(7));
    let mut client = place.client(team);
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    client.change(FILE, 3, &[("1:8", "1:12", "3.1.6")]);
    client.published(FILE);
    client.shut_down();
    let events = read(&place.spool()).unwrap().events;
    let subject = |it: &Event| {
        let mut it = it.to_json();
        let told = it["subject"]["treatment"] == "treatment-1@3";
        let mode = it["subject"]["mode"].clone();
        assert_eq!(mode == "alert", told && team == "treated", "{it}");
        for part in ["event_id", "source", "session", "occurred_at", "offset_us", "repository"] {
            it.as_object_mut().unwrap().remove(part);
        }
        if let Some(subject) = it["subject"].as_object_mut() {
            for part in ["exposure", "mode", "target"] {
                subject.remove(part);
            }
        }
        it
    };
    events.iter().filter(|it| it.subject.is_some()).map(subject).collect()
}

#[test]
fn the_holdout_is_told_nothing_and_recorded_alike() {
    assert_eq!(recorded("held"), recorded("treated"));
    let place = Place::with(&bundle(7));
    let mut client = place.client("held");
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    insta::assert_snapshot!(seen(&mut client, 1), @"
    status -, 0 actions
    PUBLISHED
    -
    HOVER
    -
    ");
}

#[test]
fn events_name_what_the_collector_names() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("treated");
    client.write("web/package.json", "{\"dependencies\": {\"lodash\": \"^4.17.0\"}}");
    client.write("web/package-lock.json", r#"{"lockfileVersion": 3, "packages": {"": {"dependencies": {"lodash": "^4.17.0"}}, "node_modules/lodash": {"version": "4.17.15"}}}"#);
    client.open("web/package.json", "{\"dependencies\": {\"lodash\": \"^4.17.0\"}}");
    client.open(FILE, "Jinja2==2.10\n");
    client.published(FILE);
    client.published("web/package.json");
    client.shut_down();
    let events = read(&place.spool()).unwrap().events;
    let shown = events.iter().filter(|it| it.kind == Kind::AlertShown);
    let named: Vec<_> =
        shown.filter_map(|it| it.subject.as_ref()).map(|it| (it.target, it.component)).collect();
    let target = |path: &str| Some(organization().target(&id("treated"), path));
    let component = |ecosystem: &str, name: &str, version: &str| {
        Some(organization().component(ecosystem, name, version))
    };
    assert_eq!(
        named,
        [
            (target("web/package-lock.json"), component("npm", "lodash", "4.17.15")),
            (target(FILE), component("PyPI", "jinja2", "2.10")),
        ]
    );
}

#[test]
fn a_new_version_switches_without_a_restart_and_ends_no_exposure() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("held");
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    let mut seen = vec![client.published(FILE).len()];
    let mut turn = |client: &mut Client, bundle: &Bundle| {
        place.publish(&sign(bundle, &key()));
        client.changed_on_disk(&[]);
        let published = client.published(FILE);
        seen.push(published.last().map_or(0, |it| it.matches("CVE-2019-10906").count()));
    };
    let mut ramped = bundle(8);
    ramped.assigned[1].arm = Arm::Treated;
    turn(&mut client, &ramped);
    turn(&mut client, &Bundle { version: 9, kill_switch: true, ..ramped.clone() });
    turn(&mut client, &Bundle { version: 10, ..ramped });
    // Each alert is named twice in what is published: as its code, and in its words.
    assert_eq!(seen, [0, 2, 0, 2]);
    client.change(FILE, 3, &[("1:8", "1:12", "3.1.6")]);
    client.published(FILE);
    client.shut_down();
    // The exposure belongs to the arm that it began in.
    insta::assert_snapshot!(place.events(), @"
    session
    policy repository version 7
    alert_shown observe -
    alert_shown observe treatment-1@3
    policy repository version 8
    policy repository version 9
    policy repository version 10
    alert_cleared observe treatment-1@3
    alert_cleared observe -
    session
    ");
}

/// What people are told and shown while these bytes lie where the bundle lay.
fn with_bytes(bytes: &[u8]) -> String {
    let place = Place::with(&bundle(7));
    let mut client = place.client("treated");
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    assert_eq!(client.published(FILE).len(), 1);
    place.publish(bytes);
    let mut said = Vec::new();
    for _ in 0..3 {
        client.changed_on_disk(&[]);
        said.extend(client.messages());
    }
    assert_eq!(client.published(FILE), [""]);
    client.shut_down();
    assert!(place.events().contains("policy - version 0 refused"), "{}", place.events());
    said.join("\n")
}

#[test]
fn what_cannot_be_believed_observes_and_is_said_once() {
    let said = [
        with_bytes(&sign(&bundle(8), &SigningKey::from_seed([2; 32]))),
        with_bytes(&sign(&Bundle { expires_at: NOW.0, ..bundle(8) }, &key())),
        with_bytes(&sign(&bundle(6), &key())),
        with_bytes(&sign(&Bundle { organization: "f".repeat(32), ..bundle(8) }, &key())),
        with_bytes(b"{}"),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    fixloop shows no alerts and only observes: the policy bundle is signed by another key than `34750f98bd59fcfc946da45aaabe933b`
    fixloop shows no alerts and only observes: the policy bundle expired at 2026-11-28T00:00:00Z
    fixloop shows no alerts and only observes: the policy bundle is version 6, but version 7 was seen before: an older one is never taken back
    fixloop shows no alerts and only observes: the policy bundle is of another organization: `ffffffffffffffffffffffffffffffff` where `0123456789abcdef0123456789abcdef` was expected
    fixloop shows no alerts and only observes: this is no signed policy bundle: missing field `payloadType` at line 1 column 2
    ");
}

#[test]
fn a_policy_that_is_configured_badly_observes() {
    let check = |options: Value| {
        let mut client = client_with("treated", options, capabilities());
        client.open(FILE, "jinja2==2.10\n");
        assert_eq!(client.published(FILE), [""; 0]);
        client.messages().join("\n")
    };
    let key = key().public().to_string();
    let said = [
        check(json!({"policy": "/nowhere/bundle.json"})),
        check(json!({"policyKey": key})),
        check(json!({"policy": "/nowhere/bundle.json", "policyKey": "/nowhere/key"})),
        check(json!({"policy": "http://policy.example/b", "policyKey": key})),
        check(json!({"policy": "/nowhere/bundle.json", "policyKey": key})),
    ];
    insta::assert_snapshot!(said.join("\n"), @"
    fixloop shows no alerts and only observes: `policy` is there without `policyKey`
    fixloop shows no alerts and only observes: `policyKey` is there without `policy`
    fixloop shows no alerts and only observes: `policyKey`: `/nowhere/key` is neither a key nor a file that holds one
    fixloop shows no alerts and only observes: `http://policy.example/b` is not encrypted: a policy comes from a path or an https address
    fixloop shows no alerts and only observes: there is no policy bundle: failed to read `/nowhere/bundle.json`: No such file or directory (os error 2)
    ");
}

#[test]
fn what_is_in_no_listed_repository_is_observed() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("stranger");
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    assert_eq!(client.published(FILE), [""; 0]);
    let document = json!({"uri": "untitled:requirements.txt", "languageId": "x", "version": 1, "text": "flask==0.12\n"});
    client.notify("textDocument/didOpen", json!({"textDocument": document}));
    client.sync();
    assert_eq!(client.take("textDocument/publishDiagnostics").len(), 0);
}

#[test]
fn a_lockfile_that_changes_is_told_to_the_treated_only() {
    let lockfile = |version: &str| {
        format!(
            r#"{{"lockfileVersion": 3, "packages": {{"": {{"dependencies": {{"lodash": "^4.17.0"}}}}, "node_modules/lodash": {{"version": "{version}"}}}}}}"#
        )
    };
    let said = |team: &str| {
        let place = Place::with(&bundle(7));
        let mut client = place.client(team);
        client.write("package.json", "{\"dependencies\": {\"lodash\": \"^4.17.0\"}}");
        client.write("package-lock.json", &lockfile("4.17.21"));
        client.changed_on_disk(&["package-lock.json"]);
        client.write("package-lock.json", &lockfile("4.17.15"));
        client.changed_on_disk(&["package-lock.json"]);
        let said = client.messages().join("\n");
        client.published("package.json");
        client.take("textDocument/publishDiagnostics");
        said
    };
    insta::assert_snapshot!(said("treated"), @"package-lock.json: lodash 4.17.15 came in and is vulnerable");
    assert_eq!(said("held"), "");
}

#[test]
fn the_option_to_observe_silences_a_treated_team_too() {
    let place = Place::with(&bundle(7));
    let mut options = place.options();
    options["mode"] = json!("observe");
    let mut client = client_with("treated", options, capabilities());
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    assert_eq!(client.published(FILE), [""; 0]);
    client.shut_down();
    assert!(place.events().contains("alert_shown observe treatment-1@3"), "{}", place.events());
}

#[test]
fn events_go_to_the_sink_that_the_bundle_names() {
    let sink = tempfile::tempdir().unwrap();
    let mut bundle = bundle(7);
    bundle.telemetry.sink = Some(sink.path().join("sink").display().to_string());
    let place = Place::with(&bundle);
    let session = |team: &str| {
        let mut client = place.client(team);
        client.open(FILE, MANIFEST);
        client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
        client.published(FILE);
        client.shut_down();
    };
    // It is not there yet: nothing is lost, and nobody is bothered.
    session("treated");
    fs::create_dir(sink.path().join("sink")).unwrap();
    prepare_sink(&sink.path().join("sink"), &bundle.organization).unwrap();
    session("treated");
    // Somebody's own project in the same editor: of it nothing but that there was a session.
    session("stranger");
    let mut stored: Vec<Event> = Vec::new();
    let mut take = |batch: &Batch| {
        stored.extend(batch.events.iter().cloned());
        Ok::<_, std::io::Error>(Taken::Stored)
    };
    let folder = sink.path().join("sink");
    collect(&folder, &bundle.organization, &bundle.telemetry.key, &mut take).unwrap();
    let mut recorded = read(&place.spool()).unwrap().events;
    let strangers: Vec<Event> = recorded.extract_if(.., |it| !it.may_leave()).collect();
    assert_eq!(stored, recorded);
    // Of all sessions, each from its beginning to its end.
    assert_eq!(stored.iter().filter(|it| matches!(it.kind, Kind::Session(_))).count(), 6);
    let kinds: Vec<&str> = strangers.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["policy", "alert_shown", "alert_shown", "alert_cleared", "alert_cleared"]);
}

#[test]
fn an_address_is_asked_without_anybody_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/bundle.json", listener.local_addr().unwrap());
    let place = Place::with(&bundle(7));
    let mut options = place.options();
    options["policy"] = json!(url);
    let mut client = client_with("treated", options, capabilities());
    // The server has not answered, and everything else goes on.
    client.open(FILE, MANIFEST);
    client.change(FILE, 2, &[("1:0", "1:0", "jinja2==2.10")]);
    assert_eq!(client.published(FILE), [""; 0]);
    answer(&listener, &place.bundle());
    // It is taken in at one of the next looks.
    loop {
        client.changed_on_disk(&[]);
        let published = client.published(FILE);
        if !published.is_empty() {
            assert_eq!(published.len(), 1);
            break;
        }
    }
    client.shut_down();
    let events = place.events();
    assert!(events.contains("alert_shown alert treatment-1@3"), "{events}");
    assert!(!events.contains("alert_shown observe treatment-1@3"), "{events}");
}

fn answer(listener: &TcpListener, file: &Path) {
    let (mut stream, _) = listener.accept().unwrap();
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    assert!(lines.map(Result::unwrap).take_while(|it| !it.is_empty()).count() > 0);
    let body = fs::read(file).unwrap();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
}
