use fixloop_telemetry::{Kind, read};

use super::*;

/// Words of each event in the spool after two calls of the same and a scan.
fn recorded(do_not_track: bool) -> Vec<String> {
    let case = Case::of_project(&[("package.json", r#"{"dependencies":{"a":"1.2.0"}}"#)]);
    let spool = case.folder.path().join("spool");
    let machine = Machine {
        do_not_track: do_not_track.then(|| "1".into()),
        default_folder: Some(spool.clone()),
        ..Machine::default()
    };
    let tools = Tools::new(environment(case.folder.path(), machine));
    let case = Case { tools, ..case };
    let arguments = json!({"ecosystem": "npm", "name": "a", "version": "1.2.0"});
    case.text(Tool::CheckPackage, &arguments);
    case.text(Tool::CheckPackage, &arguments);
    case.text(Tool::CheckPackage, &json!({"ecosystem": "npm", "name": "x", "version": "1.2.0"}));
    case.text(Tool::ScanProject, &case.of_shop(json!({})));
    case.tools.end();
    if !spool.exists() {
        return Vec::new();
    }
    let words = |event: &fixloop_telemetry::Event| match (&event.kind, &event.subject) {
        (Kind::Session(it), _) => {
            format!("session {:?} {} {}", it.phase, it.surface.as_str(), it.client.as_str())
        }
        (kind, Some(it)) => format!(
            "{} {} {:?} {:?}",
            kind.as_str(),
            it.surface.as_str(),
            it.file_kind.map(fixloop_manifest::Format::name),
            it.advisories.ids(),
        ),
        (kind, None) => kind.as_str().to_owned(),
    };
    read(&spool).unwrap().events.iter().map(words).collect()
}

#[test]
fn an_alert_is_recorded_once_per_run_and_place() {
    insta::assert_snapshot!(recorded(false).join("\n"), @r#"
    session Started agent claude-code
    alert_shown agent None ["CVE-2024-0001", "GHSA-3333-3333-3333"]
    alert_shown agent Some("package.json") ["CVE-2024-0001", "GHSA-3333-3333-3333"]
    session Ended agent claude-code
    "#);
}

#[test]
fn who_is_not_to_be_tracked_is_not() {
    assert_eq!(recorded(true), [""; 0]);
}
