//! What was recorded of each team, for the experiment's health (docs/experiment-health.md).

use std::collections::{BTreeMap, BTreeSet};

use fixloop_model::{Exposure, Timestamp};
use fixloop_policy::Arm;
use fixloop_telemetry::{Event, Kind, Mode};

use crate::csv;
use crate::heard::{Heard, heard, repositories_of_sessions};
use crate::pilot::{Mirrors, Pilot, is_about};
use crate::targets::Targets;

/// One team of the pilot; nothing stands where nothing was heard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HealthRow {
    pub team: String,
    pub assigned: Arm,
    /// By the modes of its events: treated once anything that the treatment is about was shown since the start, holdout if all was silent.
    pub received: Option<Arm>,
    /// Of any event of the team, before the start too.
    pub last_heard: Option<Timestamp>,
    /// Of the latest session.
    pub scanner: Option<String>,
    /// Advisories that were disclosed during the pilot about what the team's targets held by then, found by an editor or not.
    pub n_applicable: usize,
    started: Timestamp,
}

/// A row for every team of the pilot, by name.
pub fn health(
    pilot: &Pilot,
    targets: &Targets<'_>,
    mirrors: &Mirrors<'_>,
    events: &[Event],
) -> Vec<HealthRow> {
    let row = |(team, assigned): (&String, &Arm)| HealthRow {
        team: team.clone(),
        assigned: *assigned,
        received: None,
        last_heard: None,
        scanner: None,
        n_applicable: 0,
        started: pilot.started,
    };
    let mut rows: BTreeMap<&str, HealthRow> =
        pilot.arms.iter().map(|it| (it.0.as_str(), row(it))).collect();
    let heard = heard(pilot, targets, events);
    let of_sessions = repositories_of_sessions(&heard);
    for it in &heard {
        let of_session = of_sessions.get(&(it.event.source, it.event.session));
        let places: Vec<usize> = match (&it.event.kind, it.place) {
            (Kind::Session(_), _) => of_session.into_iter().flatten().copied().collect(),
            (_, place) => place.ok().into_iter().collect(),
        };
        for place in places {
            if let Some(row) = rows.get_mut(targets.team(place)) {
                row.hear(pilot, it);
            }
        }
    }
    for (team, n) in applicable(pilot, targets, mirrors.exposures) {
        if let Some(row) = rows.get_mut(team) {
            row.n_applicable = n;
        }
    }
    rows.into_values().collect()
}

impl HealthRow {
    /// Events come by time.
    fn hear(&mut self, pilot: &Pilot, heard: &Heard<'_>) {
        let event = heard.event;
        self.last_heard = Some(event.at.occurred_at);
        match (&event.kind, &event.subject) {
            (Kind::Session(session), _) => self.scanner = Some(session.server_version.into()),
            (Kind::AlertShown, Some(subject))
                if event.at.occurred_at >= pilot.started && is_about(&pilot.treatment, subject) =>
            {
                let shown = match subject.mode {
                    Mode::Alert => Arm::Treated,
                    Mode::Observe => Arm::Holdout,
                };
                // One alert in the holdout is a treated team; silence before the bundle came is no crossover.
                if self.received != Some(Arm::Treated) {
                    self.received = Some(shown);
                }
            }
            _ => {}
        }
    }
}

/// Targets and alias groups of each team that were disclosed after the start, and were there by then.
fn applicable<'t>(
    pilot: &Pilot,
    targets: &Targets<'t>,
    exposures: &[Exposure],
) -> BTreeMap<&'t str, usize> {
    let mut groups: BTreeMap<&str, BTreeSet<[&str; 3]>> = BTreeMap::new();
    for (place, it) in exposures.iter().enumerate() {
        let is_during = it.disclosed > pilot.started && it.disclosed <= pilot.cut;
        if is_during
            && it.introduced <= it.disclosed
            && let Some(team) = targets.team_of_exposure(place)
        {
            let group = it.ids.first().map_or("", String::as_str);
            groups.entry(team).or_default().insert([&it.target, &it.name, group]);
        }
    }
    groups.into_iter().map(|(team, it)| (team, it.len())).collect()
}

/// `health.csv`: heartbeats in days since the start.
pub fn health_csv(rows: &[HealthRow]) -> String {
    let cells = |it: &HealthRow| {
        let last = it.last_heard.map(|at| csv::days(it.started, at));
        vec![
            it.team.clone(),
            it.assigned.as_str().to_owned(),
            it.received.map_or("", Arm::as_str).to_owned(),
            last.unwrap_or_default(),
            it.scanner.clone().unwrap_or_default(),
            it.n_applicable.to_string(),
        ]
    };
    let header = ["team", "assigned", "received", "last_heartbeat", "scanner", "applicable"];
    csv::table(&header, rows.iter().map(cells))
}
