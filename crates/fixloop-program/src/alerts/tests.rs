use super::github::{GithubAlerts, parse};
use super::*;

fn wire(number: u64, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut value = serde_json::json!({
        "number": number,
        "state": "fixed",
        "dependency": {
            "package": { "ecosystem": "pip", "name": "Jinja2" },
            "manifest_path": "requirements.txt",
            "scope": "runtime"
        },
        "security_advisory": { "ghsa_id": "GHSA-1", "cve_id": "CVE-1",
            "identifiers": [{ "type": "GHSA", "value": "GHSA-1" }, { "type": "OTHER", "value": "X-1" }] },
        "security_vulnerability": { "severity": "high" },
        "created_at": "2024-03-01T10:00:00Z",
        "updated_at": "2024-03-05T10:00:00Z",
        "dismissed_at": null,
        "dismissed_reason": null,
        "fixed_at": "2024-03-05T10:00:00Z",
        "repository": { "name": "shop", "full_name": "corp/shop" }
    });
    change(&mut value);
    value.to_string()
}

fn read(text: &str) -> GithubAlerts {
    parse(text.as_bytes()).unwrap()
}

#[test]
fn an_alert_is_read() {
    let list = read(&format!("[{}]", wire(3, |_| {})));
    let expected = Alert {
        repository: "corp/shop".to_owned(),
        number: 3,
        ecosystem: "PyPI".to_owned(),
        name: "jinja2".to_owned(),
        ids: ["GHSA-1", "CVE-1", "X-1"].map(str::to_owned).to_vec(),
        manifest_path: "requirements.txt".to_owned(),
        state: State::Fixed,
        created: Timestamp(1_709_287_200_000_000),
        updated: Timestamp(1_709_632_800_000_000),
        closed: Some(Timestamp(1_709_632_800_000_000)),
        dismissed_reason: None,
    };
    assert_eq!(list, GithubAlerts { alerts: vec![expected], skipped: Vec::new() });
}

#[test]
fn pages_follow_one_another() {
    let (one, two) = (wire(1, |_| {}), wire(2, |_| {}));
    assert_eq!(read(&format!("[{one}][{two}]")).alerts.len(), 2);
    assert_eq!(read(&format!("\u{feff}[{one},{two}]\n[]\n")).alerts.len(), 2);
    assert_eq!(read("[]"), GithubAlerts::default());
}

#[test]
fn what_cannot_be_used_is_skipped_with_a_reason() {
    let skipped = |change: &dyn Fn(&mut serde_json::Value)| {
        let list = read(&format!("[{},{}]", wire(1, |it| change(it)), wire(2, |_| {})));
        assert_eq!(list.alerts.len(), 1);
        list.skipped[0].clone()
    };
    assert_eq!(skipped(&|it| it["state"] = "lost".into()), "entry 1: unknown state `lost`");
    let ecosystem = skipped(&|it| it["dependency"]["package"]["ecosystem"] = "vcpkg".into());
    assert_eq!(ecosystem, "entry 1: unknown ecosystem `vcpkg`");
    let time = skipped(&|it| it["created_at"] = "yesterday".into());
    assert_eq!(time, "entry 1: no time in `created_at`: `yesterday`");
    let repository = skipped(&|it| it["repository"] = serde_json::Value::Null);
    assert!(repository.starts_with("entry 1: no repository"), "{repository}");
    let number = skipped(&|it| it["number"] = "one".into());
    assert!(number.contains("expected u64"), "{number}");
    let missing = skipped(&|it| it["dependency"] = serde_json::json!({}));
    assert!(missing.contains("missing field `package`"), "{missing}");
    assert!(skipped(&|it| *it = 5.into()).contains("invalid type"));
}

#[test]
fn what_is_no_list_is_an_error() {
    let error = |text: &str| {
        let error = parse(text.as_bytes()).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        cause.unwrap_or_else(|| error.to_string())
    };
    assert_eq!(error(""), "there is no JSON in it");
    assert!(error(r#"{"message": "Not Found"}"#).contains("`Not Found`"));
    assert!(error("{}").contains("an object in place of a list"));
    assert!(error(r#""text""#).contains("expected a list of alerts"));
    assert!(error("nonsense").contains("expected"));
    let whole = format!("[{}]", wire(1, |_| {}));
    for end in 1..whole.len() - 1 {
        assert!(parse(&whole.as_bytes()[..end]).is_err(), "{end}");
    }
    assert!(error(&"[".repeat(100_000)).contains("recursion limit"));
}

#[test]
fn the_later_update_wins() {
    let alert = |number, updated, state| {
        let mut it = read(&format!("[{}]", wire(number, |_| {}))).alerts.remove(0);
        (it.updated, it.state) = (Timestamp(updated), state);
        it
    };
    let mut known = Vec::new();
    let add = |known: &mut Vec<Alert>, it: Alert| {
        let merged = merge(known, vec![it]);
        (merged.n_new, merged.n_changed, merged.n_unchanged)
    };
    assert_eq!(add(&mut known, alert(2, 5, State::Open)), (1, 0, 0));
    assert_eq!(add(&mut known, alert(2, 5, State::Open)), (0, 0, 1));
    assert_eq!(add(&mut known, alert(2, 9, State::Fixed)), (0, 1, 0));
    assert_eq!(add(&mut known, alert(2, 7, State::Open)), (0, 0, 1));
    let other = Alert { repository: "Corp/Shop".to_owned(), ..alert(2, 10, State::Dismissed) };
    assert_eq!(add(&mut known, other), (0, 1, 0));
    assert_eq!(add(&mut known, alert(1, 1, State::Open)), (1, 0, 0));
    let numbers: Vec<_> = known.iter().map(|it| (it.number, it.state)).collect();
    assert_eq!(numbers, [(1, State::Open), (2, State::Dismissed)]);
}

#[test]
fn what_is_kept_is_read_again() {
    let alerts = read(&format!("[{},{}]", wire(1, |_| {}), wire(2, |_| {}))).alerts;
    let mut bytes = Vec::new();
    write_store(&alerts, &mut bytes).unwrap();
    assert_eq!(read_store(&bytes).unwrap(), alerts);
    assert!(read_store(b"[]").is_err());
    let other = br#"{"schema": "fixloop.alerts/2", "alerts": []}"#;
    assert!(matches!(read_store(other), Err(StoreError::Schema(_))));
    let text = String::from_utf8(bytes).unwrap().replace("2024-03-01T10:00:00Z", "never");
    assert!(matches!(read_store(text.as_bytes()), Err(StoreError::Field { .. })));
}
