//! A bundle to test with.

mod deciding;
mod signing;

use crate::{
    Arm, Assigned, Bundle, GateSettings, Key, Mode, Moment, OrganizationKey, RepositoryId, Ring,
    SCHEMA, Scope, Surface, Telemetry, Treatment,
};

pub(crate) const ISSUED: i64 = 1_790_000_000_000_000;
pub(crate) const DAY_US: i64 = 86_400_000_000;

pub(crate) fn treatment(id: &str) -> Treatment {
    Treatment {
        id: id.to_owned(),
        version: 3,
        surface: Surface::Editor,
        moment: Moment::FirstReference,
        mode: Mode::Alert,
        scope: Scope::All,
        rule: None,
        threshold: None,
        words: Some("Your team asked for this.".to_owned()),
        link: Some("https://security.example/why".to_owned()),
    }
}

pub(crate) fn assigned(treatment: &str, team: &str, arm: Arm, is_live: bool) -> Assigned {
    let (treatment, team) = (treatment.to_owned(), team.to_owned());
    Assigned { rollout: "rollout-1".to_owned(), treatment, team, arm, is_live }
}

pub(crate) fn repository(team: &str) -> Key {
    let id = RepositoryId::of_address(&format!("https://git.example/{team}/shop"));
    OrganizationKey::new([9; 32]).repository(&id)
}

/// Four teams: treated, in the holdout, paused, and not assigned.
pub(crate) fn bundle() -> Bundle {
    let teams = ["treated", "held", "paused", "other"];
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: "0123456789abcdef0123456789abcdef".to_owned(),
        version: 7,
        issued_at: ISSUED,
        expires_at: ISSUED + 30 * DAY_US,
        kill_switch: false,
        poll_seconds: 60,
        telemetry: Telemetry { key: OrganizationKey::new([9; 32]), sink: None },
        otherwise: Mode::Alert,
        repositories: teams.iter().map(|it| (repository(it), (*it).to_owned())).collect(),
        rings: vec![Ring {
            name: "canary".to_owned(),
            teams: teams.iter().map(|it| (*it).to_owned()).collect(),
        }],
        treatments: vec![treatment("treatment-1")],
        assigned: vec![
            assigned("treatment-1", "treated", Arm::Treated, true),
            assigned("treatment-1", "held", Arm::Holdout, true),
            assigned("treatment-1", "paused", Arm::Treated, false),
        ],
        rules: Vec::new(),
        advisories: Vec::new(),
        campaigns: Vec::new(),
        gate: GateSettings::default(),
    }
}
