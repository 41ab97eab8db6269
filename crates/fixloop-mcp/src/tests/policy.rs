//! What a signed bundle changes for agents: what is said unasked, and how it is recorded.

use fixloop_policy::{
    Arm, Assigned, Bundle, GateSettings, Mode, Moment, OrganizationKey, RepositoryId, Ring, SCHEMA,
    Scope, SigningKey, Surface, Telemetry, Treatment, sign,
};
use fixloop_telemetry::{Batch, Event, Kind, Taken, Time, collect, prepare_sink, read};
use fixloop_test_support::git_host::git;

use super::*;

/// 2026-12-01T00:00:00Z, in microseconds.
const NOW: i64 = 1_796_083_200_000_000;
const DAY_US: i64 = 86_400_000_000;

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

fn organization() -> OrganizationKey {
    OrganizationKey::new([9; 32])
}

fn id(team: &str) -> RepositoryId {
    RepositoryId::of_address(&format!("https://git.example/{team}/shop"))
}

/// Two teams, one of which is treated.
fn bundle(sink: &Path) -> Bundle {
    let teams = ["treated", "held"];
    let assigned = |team: &str, arm: Arm| Assigned {
        rollout: "rollout-1".to_owned(),
        treatment: "treatment-2".to_owned(),
        team: team.to_owned(),
        arm,
        is_live: true,
    };
    let named = |it: &&str| (organization().repository(&id(it)), (*it).to_owned());
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version: 7,
        issued_at: NOW - DAY_US,
        expires_at: NOW + 30 * DAY_US,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: organization(), sink: Some(sink.display().to_string()) },
        otherwise: Mode::Alert,
        repositories: teams.iter().map(named).collect(),
        rings: vec![Ring {
            name: "canary".to_owned(),
            teams: teams.iter().map(|it| (*it).to_owned()).collect(),
        }],
        treatments: vec![Treatment {
            id: "treatment-2".to_owned(),
            version: 1,
            surface: Surface::Agent,
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

/// A clone of a team's repository in which `a` is new since the last commit, and a policy, a spool and a sink beside it.
struct Governed {
    case: Case,
}

impl Governed {
    fn new(team: &str) -> Self {
        Self::with(team, |folder| {
            fs::write(folder.join("bundle.json"), sign(&bundle(&folder.join("sink")), &key()))
                .unwrap();
        })
    }

    fn with(team: &str, publish: impl Fn(&Path)) -> Self {
        let case = Case::of_project(&[("web/package.json", r#"{"dependencies":{"b":"1.0.0"}}"#)]);
        let folder = case.folder.path();
        let shop = folder.join("shop");
        git(&shop, &["init", "-q"]);
        git(&shop, &["remote", "add", "origin", &format!("git@git.example:{team}/shop.git")]);
        git(&shop, &["add", "-A"]);
        git(&shop, &["commit", "-q", "-m", "before"]);
        let text = r#"{"dependencies":{"b":"1.0.0","a":"1.2.0"}}"#;
        fs::write(shop.join("web/package.json"), text).unwrap();
        prepare_sink(&folder.join("sink"), &bundle(folder).organization).unwrap();
        publish(folder);
        let machine = Machine {
            default_folder: Some(folder.join("spool")),
            time: Time::set(fixloop_model::Timestamp(NOW)),
            ..Machine::default()
        };
        let environment = Environment {
            policy: Some(folder.join("bundle.json").display().to_string()),
            policy_key: Some(key().public().to_string()),
            folder: Some(shop.clone()),
            ..environment(folder, machine)
        };
        let tools = Tools::new(environment);
        Self { case: Case { tools, ..case } }
    }

    fn scan(&self) -> String {
        self.case.text(Tool::ScanProject, &self.case.of_shop(json!({})))
    }

    fn check_a(&self) -> String {
        let arguments = json!({"ecosystem": "npm", "name": "a", "version": "1.2.0"});
        self.case.text(Tool::CheckPackage, &arguments)
    }

    fn events(&self) -> Vec<Event> {
        read(&self.case.folder.path().join("spool")).unwrap().events
    }

    fn collected(&self) -> Vec<Event> {
        let bundle = bundle(self.case.folder.path());
        let mut stored: Vec<Event> = Vec::new();
        let mut take = |batch: &Batch| {
            stored.extend(batch.events.iter().cloned());
            Ok::<_, std::convert::Infallible>(Taken::Stored)
        };
        let sink = self.case.folder.path().join("sink");
        collect(&sink, &bundle.organization, &organization(), &mut take).unwrap();
        stored
    }
}

/// As `kind: mode treatment, first reference, whether it names the place`.
fn told(events: &[Event]) -> String {
    let line = |it: &Event| match (&it.kind, &it.subject) {
        (Kind::Policy { repository, version, is_refused }, _) => {
            format!("policy: {} version {version}, refused {is_refused}", repository.is_some())
        }
        (kind, None) => kind.as_str().to_owned(),
        (kind, Some(it)) => {
            let treatment = it.treatment.as_ref().map_or("-".to_owned(), ToString::to_string);
            format!(
                "{}: {} {treatment}, first {:?}, {}",
                it.advisories.ids()[0],
                it.mode.as_str(),
                it.is_first_reference,
                if it.target.is_some() { "a target" } else { "no target" },
            )
            .replace("alert_shown", kind.as_str())
        }
    };
    events.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_treated_team_is_asked_to_call_and_told_in_its_organizations_words() {
    let governed = Governed::new("treated");
    assert!(!governed.case.tools.is_silent());
    insta::assert_snapshot!(governed.scan(), @r"
    Your team agreed to choose safe versions. https://security.example/why
    3 findings in 2 components in 1 files:
    - b 1.0.0 (npm) at web/package.json:1: MAL-2026-1 malicious; remove it
    - a 1.2.0 (npm) at web/package.json:1: CVE-2024-0001 critical 9.8 and 1 more; 1.4.3 clears all
    Index: 7 advisories as of 2026-01-02 ([FOLDER]/a.index).
    ");
    governed.case.tools.end();
    // `b` was there before.
    insta::assert_snapshot!(told(&governed.events()), @r"
    session
    policy: true version 7, refused false
    MAL-2026-1: observe -, first Some(false), a target
    CVE-2024-0001: alert treatment-2@1, first Some(true), a target
    session
    ");
    let target = organization().target(&id("treated"), "web/package.json");
    let component = organization().component("npm", "a", "1.2.0");
    let names = |it: &Event| it.subject.as_ref().map(|it| (it.target, it.component));
    assert_eq!(names(&governed.events()[3]), Some((Some(target), Some(component))));
    assert_eq!(governed.collected(), governed.events());
}

#[test]
fn the_holdout_is_asked_for_nothing_and_answered_in_full() {
    let governed = Governed::new("held");
    assert!(governed.case.tools.is_silent());
    let said = Governed::new("treated").scan();
    let (words, answer) = said.split_once('\n').unwrap();
    assert_eq!(governed.scan(), answer);
    assert!(!governed.check_a().contains(words));
    let recorded = told(&governed.events());
    assert!(
        recorded.contains("CVE-2024-0001: observe treatment-2@1, first Some(true)"),
        "{recorded}"
    );
    assert!(!recorded.contains("alert"), "{recorded}");
}

#[test]
fn the_lockfile_that_decides_is_the_target() {
    let governed = Governed::new("treated");
    let lockfile =
        r#"{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.2.0"}}}"#;
    fs::write(governed.case.folder.path().join("shop/package-lock.json"), lockfile).unwrap();
    governed.scan();
    let target = organization().target(&id("treated"), "package-lock.json");
    let events = governed.events();
    let targets: Vec<_> = events.iter().filter_map(|it| it.subject.as_ref()?.target).collect();
    assert!(targets.len() >= 2 && targets.iter().all(|it| *it == target), "{}", told(&events));
}

#[test]
fn what_no_policy_lists_never_leaves() {
    let governed = Governed::new("stranger");
    assert!(governed.case.tools.is_silent());
    governed.scan();
    governed.case.tools.end();
    insta::assert_snapshot!(told(&governed.events()), @r"
    session
    policy: false version 7, refused false
    MAL-2026-1: observe -, first Some(false), no target
    CVE-2024-0001: observe -, first Some(true), no target
    session
    ");
    assert_eq!(told(&governed.collected()), "session\nsession");
}

#[test]
fn a_package_in_no_file_has_no_target() {
    let governed = Governed::new("treated");
    governed.check_a();
    let recorded = told(&governed.events());
    // Nobody knows whether it would be the first reference.
    assert!(recorded.ends_with("CVE-2024-0001: observe -, first None, no target"), "{recorded}");
}

#[test]
fn a_bundle_that_is_not_believed_is_said_once_and_silences() {
    let forged = |folder: &Path| {
        let other = SigningKey::from_seed([2; 32]);
        fs::write(folder.join("bundle.json"), sign(&bundle(folder), &other)).unwrap();
    };
    let governed = Governed::with("treated", forged);
    assert!(governed.case.tools.is_silent());
    let text = governed.check_a();
    assert!(text.lines().any(|it| it.starts_with("Note: fixloop ")), "{text}");
    assert!(!governed.check_a().contains("Note: fixloop "));
    let recorded = told(&governed.events());
    assert!(recorded.contains("policy: false version 0, refused true"), "{recorded}");
    // One that is replaced counts from the next call on.
    let folder = governed.case.folder.path();
    fs::write(folder.join("bundle.json"), sign(&bundle(folder), &key())).unwrap();
    assert!(governed.scan().starts_with("Your team agreed"));
    assert!(!governed.case.tools.is_silent());
}

#[test]
fn in_silence_no_tool_asks_to_be_called() {
    for tool in Tool::ALL {
        let words = |is_silent| tool.offered(is_silent).description.unwrap().into_owned();
        assert!(words(false).contains("Call this"));
        assert!(!words(true).contains("Call this"), "{}", words(true));
    }
}
