//! Rules of the signed bundle on open texts: who sees, who is observed, and what no restart is needed for.

use fixloop_policy::{
    Arm, Assigned, BranchKind, Bundle, Campaign, Mode, Moment, RuleText, Scope, Step, Surface,
    Treatment, sign,
};
use fixloop_telemetry::{Event, Kind, read};
use serde_json::{Value, json};

use crate::client::{Client, NOW};
use crate::policy::{Place, bundle, id, key, organization};

const FILE: &str = "build/pip.conf";
const CLEAN: &str = "[global]\nindex-url = https://pip.corp.example/simple\n";
const AFFECTED: &str = "[global]\nextra-index-url = https://pip.corp.example/simple\n";
const RULE: &str = r#"schema = "fixloop.rule/1"
id = "extra-index"
title = "pip asks an additional index"
severity = "high"
fix = "Use one `index-url` that serves both"
url = "https://advisories.example/extra-index"
files = ["pip.conf"]
format = "text"
[when]
matches = '^extra-index-url'

[[bad]]
path = "pip.conf"
text = "extra-index-url = https://pip.corp.example/simple"

[[good]]
path = "pip.conf"
text = "index-url = https://pip.corp.example/simple"
"#;

/// The bundle, with this rule for editors.
fn with_rule(version: u64, rule: &str, text: &str) -> Bundle {
    let mut bundle = bundle(version);
    bundle.rules = vec![RuleText { id: rule.to_owned(), version: 1, text: text.to_owned() }];
    if rule == "dependency-confusion" {
        bundle.rules.clear();
    }
    bundle.treatments.push(Treatment {
        id: "treatment-2".to_owned(),
        version: 1,
        surface: Surface::Editor,
        moment: Moment::Present,
        mode: Mode::Alert,
        scope: Scope::All,
        rule: Some(rule.to_owned()),
        threshold: None,
        words: Some("This is how we were broken into.".to_owned()),
        link: None,
    });
    for (team, arm) in [("treated", Arm::Treated), ("held", Arm::Holdout)] {
        bundle.assigned.push(Assigned {
            rollout: "rollout-2".to_owned(),
            treatment: "treatment-2".to_owned(),
            team: team.to_owned(),
            arm,
            is_live: true,
        });
    }
    bundle
}

fn turn(place: &Place, client: &mut Client, bundle: &Bundle) -> Vec<String> {
    place.publish(&sign(bundle, &key()));
    client.changed_on_disk(&[]);
    client.published(FILE)
}

fn hover(client: &mut Client, line: u32) -> String {
    let position = json!({"line": line, "character": 3});
    let document = json!({"uri": client.uri(FILE)});
    let params = json!({"textDocument": document, "position": position});
    let hover = client.request("textDocument/hover", params);
    hover["contents"]["value"].as_str().unwrap_or("-").to_owned()
}

#[test]
fn a_rule_that_was_not_there_appears_and_its_words_change() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("treated");
    client.open(FILE, AFFECTED);
    assert_eq!(client.published(FILE), [""; 0]);
    let mut bundle = with_rule(8, "extra-index", RULE);
    insta::assert_snapshot!(turn(&place, &mut client, &bundle).join("\n"), @"
    1:0-1:49 error extra-index
        This is how we were broken into.
        New here: pip asks an additional index
        Use one `index-url` that serves both
    ");
    bundle.version = 9;
    bundle.treatments[1].version = 2;
    bundle.treatments[1].words = Some("Please fix this by Friday.".to_owned());
    bundle.treatments[1].link = Some("https://security.example/pip".to_owned());
    insta::assert_snapshot!(turn(&place, &mut client, &bundle).join("\n"), @"
    1:0-1:49 error extra-index
        Please fix this by Friday.
        New here: pip asks an additional index
        Use one `index-url` that serves both
    ");
    insta::assert_snapshot!(hover(&mut client, 1), @"
    pip asks an additional index
    Please fix this by Friday.
    rule extra-index, high, new here
    extra-index-url = https://pip.corp.example/simple
    Use one `index-url` that serves both
    More of it: https://advisories.example/extra-index
    More from your organization: https://security.example/pip
    ");
    let titles: Vec<Value> =
        client.actions(FILE, 1).into_iter().map(|it| it["title"].clone()).collect();
    assert_eq!(titles.len(), 4, "{titles:?}");
    // A typed fix is one, at once.
    client.change(FILE, 2, &[("1:0", "1:5", "index")]);
    assert_eq!(client.published(FILE), [""]);
    client.shut_down();
    insta::assert_snapshot!(place.events(), @"
    session
    policy repository version 7
    policy repository version 8
    alert_shown alert treatment-2@1
    policy repository version 9
    hover alert treatment-2@2
    alert_cleared alert treatment-2@1
    session
    ");
}

/// What is recorded of one script, with what of it must not depend on the arm.
fn recorded(team: &str) -> Vec<Value> {
    let place = Place::with(&with_rule(7, "extra-index", RULE));
    let mut client = place.client(team);
    client.open(FILE, CLEAN);
    client.change(FILE, 2, &[("1:0", "1:0", "extra-")]);
    let shown = client.published(FILE);
    assert_eq!(!shown.is_empty(), team == "treated", "{shown:?}");
    client.change(FILE, 3, &[("1:0", "1:6", "")]);
    client.published(FILE);
    client.shut_down();
    let subject = |it: &Event| {
        let target = organization().target(&id(team), FILE);
        let mut it = it.to_json();
        assert_eq!(it["subject"]["mode"], if team == "treated" { "alert" } else { "observe" });
        assert_eq!(it["subject"]["target"], target.to_string());
        for part in ["event_id", "source", "session", "occurred_at", "offset_us"] {
            it.as_object_mut().unwrap().remove(part);
        }
        for part in ["exposure", "mode", "target"] {
            it["subject"].as_object_mut().unwrap().remove(part);
        }
        it
    };
    let events = read(&place.spool()).unwrap().events;
    events.iter().filter(|it| it.subject.is_some()).map(subject).collect()
}

#[test]
fn the_holdout_is_told_nothing_and_recorded_alike() {
    let treated = recorded("treated");
    assert_eq!(recorded("held"), treated);
    insta::assert_snapshot!(format!("{:#}", treated[1]), @r#"
    {
      "how": "fixed",
      "kind": "alert_cleared",
      "schema": "fixloop.event/1",
      "seq": 4,
      "subject": {
        "advisories": [],
        "class": "build-rule",
        "component": null,
        "ecosystem": "other",
        "file_kind": null,
        "is_direct": true,
        "is_first_reference": true,
        "n_advisories_left_out": 0,
        "severity": "high",
        "surface": "editor",
        "treatment": "treatment-2@1"
      }
    }
    "#);
}

#[test]
fn what_the_last_commit_breaks_is_not_new() {
    let mut bundle = with_rule(7, "extra-index", RULE);
    bundle.treatments[1].moment = Moment::FirstReference;
    let place = Place::with(&bundle);
    let mut client = place.client("treated");
    client.write(FILE, AFFECTED);
    let root = std::path::PathBuf::from(client.root());
    fixloop_test_support::git_host::git(&root, &["add", "-A"]);
    fixloop_test_support::git_host::git(&root, &["commit", "-q", "-m", "pip"]);
    client.open(FILE, AFFECTED);
    client.open("other/pip.conf", AFFECTED);
    assert_eq!(client.published(FILE), [""; 0]);
    assert_eq!(client.published("other/pip.conf").len(), 1);
    fixloop_test_support::git_host::git(&root, &["rm", "-q", "--cached", FILE]);
    fixloop_test_support::git_host::git(&root, &["commit", "-q", "-m", "no pip"]);
    client.changed_on_disk(&[FILE]);
    assert_eq!(client.published(FILE).len(), 1);
}

#[test]
fn the_kill_switch_clears_and_ends_no_exposure() {
    let bundle = with_rule(7, "extra-index", RULE);
    let place = Place::with(&bundle);
    let mut client = place.client("treated");
    client.open(FILE, AFFECTED);
    assert_eq!(client.published(FILE).len(), 1);
    let killed = Bundle { version: 8, kill_switch: true, ..bundle.clone() };
    assert_eq!(turn(&place, &mut client, &killed), [""]);
    // Of a bundle that is not believed nothing is shown either, and what the last one looked for goes on to be observed.
    place.publish(b"{}");
    client.changed_on_disk(&[]);
    assert_eq!(client.messages().len(), 1);
    assert_eq!(turn(&place, &mut client, &Bundle { version: 9, ..bundle.clone() }).len(), 1);
    // A rule that is gone is no fix.
    let gone = Bundle {
        version: 10,
        treatments: bundle.treatments[..1].to_vec(),
        assigned: bundle.assigned[..2].to_vec(),
        ..bundle
    };
    assert_eq!(turn(&place, &mut client, &gone), [""]);
    client.shut_down();
    let events = read(&place.spool()).unwrap().events;
    let kinds: Vec<String> = events
        .iter()
        .filter(|it| it.subject.is_some())
        .map(|it| match &it.kind {
            Kind::AlertCleared { how } => how.as_str().to_owned(),
            kind => kind.as_str().to_owned(),
        })
        .collect();
    assert_eq!(kinds, ["alert_shown", "file_closed"]);
}

#[test]
fn a_rule_that_cannot_be_read_is_said_once() {
    let place = Place::with(&with_rule(7, "extra-index", "schema = \"fixloop.rule/1\"\nid = 3\n"));
    let mut client = place.client("treated");
    client.open(FILE, AFFECTED);
    for version in 8..10 {
        let other = with_rule(version, "extra-index", "schema = \"fixloop.rule/1\"\nid = 3\n");
        assert_eq!(turn(&place, &mut client, &other), [""; 0]);
    }
    insta::assert_snapshot!(client.messages().join("\n"), @r#"
    of the policy bundle, rule `extra-index` cannot be used: a text in quotes is expected here
     --> extra-index:2:6
      |
    2 | id = 3
      |      ^
    "#);
    // What else the bundle says goes on.
    let mended = with_rule(10, "extra-index", RULE);
    assert_eq!(turn(&place, &mut client, &mended).len(), 1);
}

#[test]
fn a_campaign_is_heard_in_every_arm_with_its_date() {
    let mut bundle = with_rule(7, "extra-index", RULE);
    bundle.campaigns = vec![Campaign {
        id: "campaign-1".to_owned(),
        version: 1,
        title: "One index".to_owned(),
        advisories: Vec::new(),
        rules: vec!["extra-index".to_owned()],
        deadline: NOW.0 + 12 * 86_400_000_000,
        contact: "#supply-chain".to_owned(),
        words: Some("We were broken into like this.".to_owned()),
        link: None,
        branches: vec![BranchKind::Default],
        steps: vec![Step { ring: None, mode: Mode::Alert, since: NOW.0, grace_hours: 0 }],
    }];
    let place = Place::with(&bundle);
    let mut client = place.client("held");
    client.open(FILE, AFFECTED);
    insta::assert_snapshot!(client.published(FILE).join("\n"), @"
    1:0-1:49 error extra-index
        We were broken into like this.
        New here: pip asks an additional index
        Use one `index-url` that serves both
    ");
    insta::assert_snapshot!(hover(&mut client, 1), @"
    pip asks an additional index
    We were broken into like this.
    rule extra-index, high, new here
    extra-index-url = https://pip.corp.example/simple
    Use one `index-url` that serves both
    Campaign: One index, to be fixed by 2026-12-10. Ask #supply-chain
    More of it: https://advisories.example/extra-index
    ");
}

#[test]
fn dependency_confusion_reads_the_tree_with_what_is_open() {
    let place = Place::with(&with_rule(7, "dependency-confusion", ""));
    let mut client = place.client("treated");
    client.open(FILE, CLEAN);
    assert_eq!(client.published(FILE), [""; 0]);
    client.change(FILE, 2, &[("1:0", "1:0", "extra-")]);
    insta::assert_snapshot!(client.published(FILE).join("\n"), @"
    1:0-1:49 error dependency-confusion
        This is how we were broken into.
        New here: pip: `pip.corp.example` and the public registry can answer for the same name, and the highest version wins
        name one index with `--index-url` that passes on what it does not have, instead of `--extra-index-url` or `--find-links`
    ");
    client.change(FILE, 3, &[("1:0", "1:6", "")]);
    // It is told of at the line as it is now until the tree has been looked at.
    assert_eq!(client.published(FILE).last().map(String::as_str), Some(""));
    client.shut_down();
    let events = place.events();
    assert!(events.contains("alert_shown alert treatment-2@1"), "{events}");
    assert!(events.contains("alert_cleared alert treatment-2@1"), "{events}");
}

#[test]
fn what_somebody_accepts_of_a_rule_is_not_shown() {
    let place = Place::with(&with_rule(7, "extra-index", RULE));
    let mut client = place.client("treated");
    client.open(FILE, AFFECTED);
    client.open("other/pip.conf", AFFECTED);
    assert_eq!(client.published(FILE).len(), 1);
    let accepted = "[[exception]]\nrule = 'extra-index'\npath = 'build'\nreason = 'r'\nowner = 'o'\nexpires = 2099-01-01\n";
    client.write("fixloop.toml", accepted);
    client.changed_on_disk(&["fixloop.toml"]);
    assert_eq!(client.published(FILE).last().map(String::as_str), Some(""));
    client.change("other/pip.conf", 2, &[("0:0", "0:0", "\n")]);
    assert!(client.published("other/pip.conf").last().is_some_and(|it| it.contains("extra-index")));
    client.shut_down();
    // It is no fix.
    let events = read(&place.spool()).unwrap().events;
    let cleared: Vec<Value> = events
        .iter()
        .filter(|it| matches!(it.kind, Kind::AlertCleared { .. }))
        .map(|it| it.to_json()["how"].clone())
        .collect();
    assert_eq!(cleared.first(), Some(&json!("suppressed")), "{cleared:?}");
}

/// Nothing is followed that no rule can speak of.
#[test]
fn files_that_no_rule_names_cost_nothing() {
    let place = Place::with(&with_rule(7, "extra-index", RULE));
    let mut client = place.client("treated");
    client.open("notes.md", "extra-index-url = x\n");
    client.change("notes.md", 2, &[("0:0", "0:0", "x")]);
    assert_eq!(client.published("notes.md"), [""; 0]);
    client.close("notes.md");
}
