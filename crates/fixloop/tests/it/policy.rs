//! `fixloop policy`: what an editor would believe, and what it would do then.

use std::path::Path;
use std::process::Command;

use fixloop_model::Rating;
use fixloop_policy::{
    Arm, Assigned, Bundle, GateSettings, Mode, Moment, OrganizationKey, RepositoryId, Ring, SCHEMA,
    Scope, SigningKey, Surface, Telemetry, Treatment, sign,
};

use super::*;

const DAY_US: i64 = 86_400_000_000;
/// 2026-11-01.
const ISSUED: i64 = 1_793_491_200_000_000;

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

/// One team is treated in the editor, one is in the holdout, and one gets nothing; builds break for the treated team.
fn bundle() -> Bundle {
    let organization = OrganizationKey::new([9; 32]);
    let teams = ["payments", "search", "web"];
    let repository = |team: &str| {
        organization
            .repository(&RepositoryId::of_address(&format!("https://git.example/{team}/shop")))
    };
    let assigned = |treatment: &str, team: &str, arm: Arm| Assigned {
        rollout: "rollout-1".to_owned(),
        treatment: treatment.to_owned(),
        team: team.to_owned(),
        arm,
        is_live: true,
    };
    let treatment = |id: &str, surface: Surface, mode: Mode| Treatment {
        id: id.to_owned(),
        version: 2,
        surface,
        moment: Moment::FirstReference,
        mode,
        scope: Scope::All,
        rule: None,
        threshold: None,
        words: None,
        link: None,
    };
    let ring = |name: &str, teams: &[&str]| Ring {
        name: name.to_owned(),
        teams: teams.iter().map(|it| (*it).to_owned()).collect(),
    };
    let builds = Treatment {
        scope: Scope::Malicious,
        moment: Moment::Present,
        threshold: Some(Rating::High),
        ..treatment("treatment-2", Surface::Build, Mode::Break)
    };
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version: 7,
        issued_at: ISSUED,
        expires_at: ISSUED + 30 * DAY_US,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: organization.clone(), sink: Some("/srv/sink".to_owned()) },
        otherwise: Mode::Alert,
        repositories: teams.iter().map(|it| (repository(it), (*it).to_owned())).collect(),
        rings: vec![ring("canary", &["payments", "search"]), ring("pilot", &["web"])],
        treatments: vec![treatment("treatment-1", Surface::Editor, Mode::Alert), builds],
        assigned: vec![
            assigned("treatment-1", "payments", Arm::Treated),
            assigned("treatment-1", "search", Arm::Holdout),
            assigned("treatment-2", "payments", Arm::Treated),
        ],
        rules: Vec::new(),
        advisories: Vec::new(),
        campaigns: Vec::new(),
        gate: GateSettings::default(),
    }
}

fn policy(folder: &Path, now: &str, arguments: &[&str]) -> Output {
    let nowhere = std::env::temp_dir().join("no-such-home-of-fixloop-tests");
    Command::new(env!("CARGO_BIN_EXE_fixloop"))
        .arg("policy")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", &nowhere)
        .env("FIXLOOP_NOW", now)
        .output()
        .expect("the binary starts")
}

const NOW: &str = "2026-11-15T12:00:00Z";

fn signed() -> TempDir {
    let line = format!("{}\n", key().public());
    let stranger = SigningKey::from_seed([2; 32]).public().to_string();
    folder(&[
        ("bundle.json", &sign(&bundle(), &key())),
        ("public.key", line.as_bytes()),
        ("other.key", stranger.as_bytes()),
    ])
}

#[track_caller]
fn explained(more: &[&str]) -> String {
    let folder = signed();
    let arguments = [&["explain", "bundle.json", "--key", "public.key"], more].concat();
    let output = policy(folder.path(), NOW, &arguments);
    assert_exit(&output, 0);
    stdout(&output)
}

#[test]
fn a_bundle_that_editors_believe() {
    let folder = signed();
    let output = policy(folder.path(), NOW, &["verify", "bundle.json", "--key", "public.key"]);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output), @"
    Believed: version 7 of organization 0123456789abcdef0123456789abcdef
    counts      2026-11-01T00:00:00Z until 2026-12-01T00:00:00Z, looked at every 60 s
    kill switch off
    sink        /srv/sink
    otherwise   alert
    lists       3 repositories of 3 teams
    ring        canary: 2 teams
    ring        pilot: 1 teams
    treatment   treatment-1@2: alert in editor, first-reference (2 teams assigned)
    treatment   treatment-2@2: break in build, present (1 teams assigned)
    ");
    let line = key().public().to_string();
    let output =
        policy(folder.path(), NOW, &["verify", "bundle.json", "--key", &line, "--format", "json"]);
    assert_eq!(json(&output)["version"], 7);
    assert!(!stdout(&output).contains(&"09".repeat(32)), "the organization's key is a secret");
}

#[test]
fn a_bundle_that_editors_do_not_believe() {
    let folder = signed();
    let said = |now: &str, arguments: &[&str]| {
        let output = policy(folder.path(), now, arguments);
        assert_exit(&output, 2);
        stderr(&output)
    };
    let said = [
        said("2026-12-01T00:00:00Z", &["verify", "bundle.json", "--key", "public.key"]),
        said(NOW, &["verify", "bundle.json", "--key", "other.key"]),
        said(NOW, &["verify", "public.key", "--key", "public.key"]),
        said(NOW, &["verify", "nowhere", "--key", "public.key"]),
        said(NOW, &["verify", "bundle.json", "--key", "bundle.json"]),
        said(NOW, &["explain", "bundle.json", "--key", "public.key", "--team", "unheard-of"]),
    ];
    insta::assert_snapshot!(said.concat(), @"
    error: `bundle.json` is not to be believed: the policy bundle expired at 2026-12-01T00:00:00Z

    hint: editors that read this observe: they record, and show nothing
    error: `bundle.json` is not to be believed: the policy bundle is signed by another key than `6a3803d5f059902a1c6dafbc9ba47292`

    hint: editors that read this observe: they record, and show nothing
    error: `public.key` is not to be believed: this is no signed policy bundle: expected value at line 1 column 1

    hint: editors that read this observe: they record, and show nothing
    error: failed to read `nowhere`: No such file or directory (os error 2)
    error: `bundle.json` holds no key: expected a key: one line of base64 that stands for 32 bytes
    error: the policy knows no team `unheard-of`
    ");
}

#[test]
fn what_a_team_gets_is_said_with_its_reason() {
    insta::assert_snapshot!(explained(&["--repository", "git@git.example:payments/shop.git"]), @"
    Repository git.example/payments/shop by version 7 of the policy
    team payments, ring canary

    editor
      treatment-1@2 treated: alert at first-reference, all
      alert   new, named by the project: the team gets this treatment (treatment-1@2)
      observe there before, named by the project: no treatment of this surface speaks to such a finding
      alert   new, brought in: the team gets this treatment (treatment-1@2)
      observe there before, brought in: no treatment of this surface speaks to such a finding
      alert   malicious, new: the team gets this treatment (treatment-1@2)
      observe malicious, there before: no treatment of this surface speaks to such a finding

    agent
      alert   everything: no treatment speaks to this surface, so the policy's `otherwise` holds

    pull_request
      alert   everything: no treatment speaks to this surface, so the policy's `otherwise` holds

    build
      treatment-2@2 treated: break at present, malicious, from high on
      observe new, named by the project: no treatment of this surface speaks to such a finding
      observe there before, named by the project: no treatment of this surface speaks to such a finding
      observe new, brought in: no treatment of this surface speaks to such a finding
      observe there before, brought in: no treatment of this surface speaks to such a finding
      break   malicious, new: the team gets this treatment (treatment-2@2)
      break   malicious, there before: the team gets this treatment (treatment-2@2)
    ");
    insta::assert_snapshot!(explained(&["--team", "search", "--surface", "editor"]), @"
    Team search by version 7 of the policy
    team search, ring canary

    editor
      treatment-1@2 holdout: alert at first-reference, all
      observe new, named by the project: the team is in the holdout, which observes for as long as there is one (treatment-1@2)
      observe there before, named by the project: no treatment of this surface speaks to such a finding
      observe new, brought in: the team is in the holdout, which observes for as long as there is one (treatment-1@2)
      observe there before, brought in: no treatment of this surface speaks to such a finding
      observe malicious, new: the team is in the holdout, which observes for as long as there is one (treatment-1@2)
      observe malicious, there before: no treatment of this surface speaks to such a finding
    ");
    insta::assert_snapshot!(explained(&["--repository", "https://git.example/else/where"]), @"
    Repository git.example/else/where by version 7 of the policy
    team none, ring none

    Everything observes: the policy does not list this repository, so it observes.
    ");
}

#[test]
fn scripts_get_the_same_in_json() {
    let folder = signed();
    let arguments = ["explain", "bundle.json", "--key", "public.key", "--team", "search"];
    let arguments = [&arguments[..], &["--surface", "editor", "--format", "json"]].concat();
    let document = json(&policy(folder.path(), NOW, &arguments));
    assert_eq!(document["schema"], "fixloop.policy-explain/1");
    assert_eq!(document["surfaces"][0]["treatments"][0]["place"], "holdout");
    assert_eq!(document["surfaces"][0]["rulings"][0]["mode"], "observe");
    assert_eq!(document["surfaces"][0]["rulings"][0]["why"], "holdout");
}
