//! The organization's own advisories, which a signed bundle carries.

use fixloop_policy::{BranchKind, Bundle, Campaign, Mode, Step, sign};
use serde_json::{Value, json};

use crate::client::NOW;
use crate::policy::{Place, bundle, key};

const FILE: &str = "api/requirements.txt";

fn advisory() -> Value {
    json!({
        "schema_version": "1.7.0",
        "id": "CORP-2026-1",
        "modified": "2026-11-27T00:00:00Z",
        "published": "2026-11-27T00:00:00Z",
        "summary": "A maintainer's account was taken over",
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "internal-billing"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.2.0"}, {"fixed": "1.2.3"}]}],
        }],
    })
}

fn with_campaign(version: u64) -> Bundle {
    Bundle {
        advisories: vec![advisory()],
        campaigns: vec![Campaign {
            id: "campaign-1".to_owned(),
            version: 1,
            title: "Billing was taken over".to_owned(),
            advisories: vec!["CORP-2026-1".to_owned()],
            rules: Vec::new(),
            deadline: NOW.0 + 12 * 86_400_000_000,
            contact: "#supply-chain".to_owned(),
            words: None,
            link: None,
            branches: vec![BranchKind::Default],
            steps: vec![Step { ring: None, mode: Mode::Alert, since: NOW.0, grace_hours: 0 }],
        }],
        ..bundle(version)
    }
}

#[test]
fn a_private_advisory_alerts_without_a_restart() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("held");
    client.open(FILE, "internal-billing==1.2.1\n");
    assert_eq!(client.published(FILE), [""; 0]);
    place.publish(&sign(&with_campaign(8), &key()));
    client.changed_on_disk(&[]);
    insta::assert_snapshot!(client.published(FILE).join("\n"), @"
    0:18-0:23 error CORP-2026-1
        New here: internal-billing 1.2.1 has a known vulnerability
        A maintainer's account was taken over (CORP-2026-1)
        1.2.3 is the nearest version that clears all advisories.
    ");
    let position = json!({"line": 0, "character": 3});
    let document = json!({"uri": client.uri(FILE)});
    let params = json!({"textDocument": document, "position": position});
    let hover = client.request("textDocument/hover", params);
    insta::assert_snapshot!(hover["contents"]["value"].as_str().unwrap(), @"
    internal-billing 1.2.1
    PyPI, named in this file, new here
    CORP-2026-1: no rating, fixed in 1.2.3
    A maintainer's account was taken over
    1.2.3 clears all advisories.
    Campaign: Billing was taken over, to be fixed by 2026-12-10. Ask #supply-chain
    ");
    client.change(FILE, 2, &[("0:18", "0:23", "1.2.3")]);
    assert_eq!(client.published(FILE), [""]);
    client.change(FILE, 3, &[("0:18", "0:23", "1.2.1")]);
    assert_eq!(client.published(FILE).len(), 1);
    // The campaign is closed.
    place.publish(&sign(&bundle(9), &key()));
    client.changed_on_disk(&[]);
    assert_eq!(client.published(FILE), [""]);
    client.shut_down();
    insta::assert_snapshot!(place.events(), @"
    session
    policy repository version 7
    policy repository version 8
    alert_shown alert -
    hover alert -
    alert_cleared alert -
    alert_shown alert -
    policy repository version 9
    alert_cleared alert -
    session
    ");
}

#[test]
fn a_record_that_cannot_be_used_is_said_once_and_costs_nothing_else() {
    let place = Place::with(&bundle(7));
    let mut client = place.client("treated");
    client.open(FILE, "jinja2==2.10\n");
    assert_eq!(client.published(FILE).len(), 1);
    for version in 8..10 {
        let broken = Bundle { advisories: vec![json!({"id": 3})], ..with_campaign(version) };
        place.publish(&sign(&broken, &key()));
        client.changed_on_disk(&[]);
    }
    insta::assert_snapshot!(client.messages().join("\n"), @"of the policy bundle, a private advisory is no OSV record that can be used: not an OSV record: invalid type: integer `3`, expected a string at line 1 column 7");
    client.change(FILE, 2, &[("0:8", "0:12", "3.1.6")]);
    assert_eq!(client.published(FILE).last().unwrap(), "");
}
