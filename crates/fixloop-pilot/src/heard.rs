//! Which repository and team every event is of.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fixloop_policy::Arm;
use fixloop_telemetry::{Event, Kind, SessionId, SourceId};

use crate::drafts::Unjoined;
use crate::pilot::Pilot;
use crate::targets::Targets;

/// An event with the repository that it names; nothing of it is told by a person's name.
pub(crate) struct Heard<'e> {
    pub(crate) event: &'e Event,
    /// Or why it cannot be told. A session has none of its own.
    pub(crate) place: Result<usize, Unjoined>,
}

/// Each event once, up to the cut, by time.
pub(crate) fn heard<'e>(
    pilot: &Pilot,
    targets: &Targets<'_>,
    events: &'e [Event],
) -> Vec<Heard<'e>> {
    let mut known = HashSet::new();
    let mut all: Vec<&Event> = events
        .iter()
        .filter(|it| it.at.occurred_at <= pilot.cut && known.insert(it.event_id))
        .collect();
    all.sort_by_key(|it| (it.at.occurred_at, it.source, it.seq));
    all.into_iter().map(|event| Heard { event, place: place(pilot, targets, event) }).collect()
}

fn place(pilot: &Pilot, targets: &Targets<'_>, event: &Event) -> Result<usize, Unjoined> {
    let found = match (&event.kind, &event.subject) {
        (Kind::Policy { repository, .. }, _) => {
            let key = repository.ok_or(Unjoined::NoTarget)?;
            targets.repository(key)
        }
        (_, Some(subject)) => {
            let key = subject.target.ok_or(Unjoined::NoTarget)?;
            targets.target(key).map(|it| it.repository)
        }
        (_, None) => return Err(Unjoined::NoTarget),
    };
    let repository = found.ok_or(Unjoined::UnknownTarget)?;
    match pilot.arms.get(targets.team(repository)) {
        Some(_) => Ok(repository),
        None => Err(Unjoined::NotInPilot),
    }
}

impl Heard<'_> {
    pub(crate) fn arm(&self, pilot: &Pilot, targets: &Targets<'_>) -> Option<Arm> {
        pilot.arms.get(targets.team(self.place.ok()?)).copied()
    }

    fn session(&self) -> (SourceId, SessionId) {
        (self.event.source, self.event.session)
    }
}

/// Of each session: the repositories of the pilot that it was about. A session tells no repository of itself.
pub(crate) fn repositories_of_sessions(
    heard: &[Heard<'_>],
) -> BTreeMap<(SourceId, SessionId), BTreeSet<usize>> {
    let mut found: BTreeMap<(SourceId, SessionId), BTreeSet<usize>> = BTreeMap::new();
    for it in heard {
        if let Ok(place) = it.place {
            found.entry(it.session()).or_default().insert(place);
        }
    }
    found
}
