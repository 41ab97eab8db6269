//! A small organization: three repositories, their histories, and editors that send events.

mod chain;
mod drafts;
mod findings;
mod properties;
mod tables;

use std::collections::BTreeMap;

use fixloop_model::{
    Class, Ending, Exposure, Opportunity, Rating, Severity, SeveritySource, Timestamp,
};
use fixloop_policy::{Arm, OrganizationKey, RepositoryId, Treatment};
use fixloop_telemetry::{
    Cleared, Client, Event, ExposureId, Kind, Mode, Moment, NotUseful, PublicEcosystem, PublicIds,
    Session, SessionId, SourceId, Subject, Surface,
};

use crate::pilot::DAY;
use crate::{Joined, MirroredRepository, Mirrors, Pilot, Targets, join};

/// 2026-11-02T00:00:00Z: the start of the pilot.
pub(crate) const START: i64 = 1_793_577_600_000_000;

pub(crate) const LOCK: &str = "package-lock.json";

/// So many days after the start.
pub(crate) fn day(days: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred days")]
    let microseconds = (days * DAY as f64).round() as i64;
    Timestamp(START + microseconds)
}

pub(crate) fn key() -> OrganizationKey {
    OrganizationKey::new([7; 32])
}

/// `web` and `site` are treated, `api` is the holdout, `tools` has no part.
pub(crate) fn repositories() -> Vec<MirroredRepository> {
    let repository = |(name, team): (&str, &str)| MirroredRepository {
        name: name.to_owned(),
        id: RepositoryId::of_address(&format!("https://git.example/org/{name}")),
        team: team.to_owned(),
        paths: vec![LOCK.to_owned(), "package.json".to_owned()],
    };
    [("web", "a"), ("site", "a"), ("api", "b"), ("tools", "c")].map(repository).to_vec()
}

pub(crate) fn treatment() -> Treatment {
    serde_json::from_str(
        r#"{"id":"treatment-1","version":1,"surface":"editor","moment":"present","mode":"alert"}"#,
    )
    .unwrap()
}

pub(crate) fn pilot(cut: f64) -> Pilot {
    Pilot {
        started: day(0.0),
        cut: day(cut),
        bundle: 3,
        history_days: 90,
        treatment: treatment(),
        arms: BTreeMap::from([("a".to_owned(), Arm::Treated), ("b".to_owned(), Arm::Holdout)]),
    }
}

/// What an organization has, and what its editors said.
pub(crate) struct World {
    pub(crate) repositories: Vec<MirroredRepository>,
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) opportunities: Vec<Opportunity>,
    pub(crate) events: Vec<Event>,
    pub(crate) mode: Mode,
    pub(crate) is_first: Option<bool>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            repositories: repositories(),
            exposures: Vec::new(),
            opportunities: Vec::new(),
            events: Vec::new(),
            mode: Mode::Alert,
            is_first: Some(true),
        }
    }

    /// `web:package-lock.json`, `lodash@1`, days of introduction and disclosure, and how it ended.
    pub(crate) fn exposure(
        &mut self,
        (repository, path): (&str, &str),
        package: &str,
        (introduced, disclosed): (f64, f64),
        end: Option<(f64, Ending)>,
    ) -> &mut Opportunity {
        let (name, version) = package.split_once('@').unwrap();
        let start = introduced.max(disclosed);
        let (end, outcome) = end.map_or((None, Ending::Open), |(at, how)| (Some(day(at)), how));
        let severity = Severity { rating: Rating::High, source: SeveritySource::Record };
        let id = format!("{repository}:{path}#npm/{name}#{}", self.opportunities.len());
        let exposure = Exposure {
            opportunity: id.clone(),
            repository: repository.to_owned(),
            target: format!("{repository}:{path}"),
            ecosystem: "npm".to_owned(),
            name: name.to_owned(),
            ids: vec![advisory(name)],
            class: Class::Vulnerability,
            severity: Some(severity.clone()),
            introduced: day(introduced),
            left_truncated: false,
            disclosed: day(disclosed),
            start: day(start),
            entry: day(start),
            end,
            last_seen: end.unwrap_or(day(400.0)),
            outcome,
            direct: Some(true),
            scope: None,
            version_before: version.to_owned(),
            version_after: None,
            introducing_commit: String::new(),
            fixing_commit: None,
            regressions: Vec::new(),
        };
        let opportunity = Opportunity {
            id,
            exposures: vec![self.exposures.len()],
            repository: exposure.repository.clone(),
            target: exposure.target.clone(),
            team: None,
            ecosystem: exposure.ecosystem.clone(),
            name: exposure.name.clone(),
            class: exposure.class,
            introduced: exposure.introduced,
            disclosed: exposure.disclosed,
            left_truncated: false,
            start: exposure.start,
            entry: exposure.entry,
            end,
            last_seen: exposure.last_seen,
            outcome,
            severity: Some(severity),
            direct: Some(true),
            scope: None,
            n_regressions: 0,
            introducing_commit: String::new(),
            fixing_commit: None,
        };
        self.exposures.push(exposure);
        self.opportunities.push(opportunity);
        self.opportunities.last_mut().unwrap()
    }

    pub(crate) fn subject(&self, (repository, path): (&str, &str), package: &str) -> Subject {
        let (name, version) = package.split_once('@').unwrap();
        let id = RepositoryId::of_address(&format!("git@git.example:org/{repository}.git"));
        let mut pseudonym = [0; 16];
        for (at, byte) in format!("{repository}{path}{name}").bytes().enumerate() {
            pseudonym[at % 16] ^= byte.rotate_left(u32::try_from(at % 7).unwrap());
        }
        Subject {
            exposure: ExposureId::new(pseudonym),
            ecosystem: PublicEcosystem::of("npm"),
            advisories: PublicIds::of([advisory(name)]),
            severity: Some(Rating::High),
            class: Class::Vulnerability,
            file_kind: None,
            is_first_reference: self.is_first,
            is_direct: Some(true),
            surface: Surface::Editor,
            mode: self.mode,
            target: Some(key().target(&id, path)),
            component: Some(key().component("npm", name, version)),
            treatment: None,
        }
    }

    pub(crate) fn event(&mut self, source: u8, at: f64, kind: Kind, subject: Option<Subject>) {
        let seq = self.events.len() as u64 + 1;
        let event_id = format!("\"01a22206-ca00-7101-8101-{seq:012x}\"");
        let offset_us = u64::try_from((day(at).0 - START).max(0)).unwrap();
        self.events.push(Event {
            event_id: serde_json::from_str(&event_id).unwrap(),
            source: SourceId::new([source; 16]),
            seq,
            session: SessionId::new([source; 16]),
            at: Moment { occurred_at: day(at), offset_us },
            kind,
            subject,
        });
    }

    /// `1 web/package-lock.json lodash@1`, then steps of one place: `0.5+` shown on that day, `=fixed`, `=removed`, `=suppressed`,
    /// `=closed`, `!` a fix applied, `?` not useful.
    pub(crate) fn story(&mut self, story: &str) {
        let mut words = story.split_whitespace();
        let source = words.next().unwrap().parse().unwrap();
        let (repository, path) = words.next().unwrap().split_once('/').unwrap();
        let package = words.next().unwrap();
        for step in words {
            let at = step.find(['+', '=', '!', '?']).unwrap();
            let how = |how| Kind::AlertCleared { how };
            let kind = match &step[at..] {
                "+" => Kind::AlertShown,
                "!" => Kind::FixApplied,
                "?" => Kind::NotUseful { reason: NotUseful::CannotNow, comment: None },
                "=fixed" => how(Cleared::Fixed),
                "=removed" => how(Cleared::Removed),
                "=suppressed" => how(Cleared::Suppressed),
                "=closed" => how(Cleared::FileClosed),
                other => panic!("{other}"),
            };
            let subject = self.subject((repository, path), package);
            self.event(source, step[..at].parse().unwrap(), kind, Some(subject));
        }
    }

    pub(crate) fn policy(&mut self, source: u8, at: f64, repository: &str, version: u64) {
        let id = RepositoryId::of_address(&format!("https://git.example/org/{repository}"));
        let repository = Some(key().repository(&id));
        let kind = Kind::Policy { repository, version, is_refused: version == 0 };
        self.event(source, at, kind, None);
    }

    pub(crate) fn session(&mut self, source: u8, at: f64) {
        let session = Session::started(Surface::Editor, self.mode, Client::of("neovim"), None);
        self.event(source, at, Kind::Session(session), None);
    }

    pub(crate) fn mirrors(&self) -> Mirrors<'_> {
        Mirrors {
            repositories: &self.repositories,
            exposures: &self.exposures,
            opportunities: &self.opportunities,
        }
    }

    pub(crate) fn targets(&self) -> Targets<'_> {
        Targets::of(&key(), &self.mirrors())
    }

    pub(crate) fn joined(&self, pilot: &Pilot) -> Joined {
        join(pilot, &self.targets(), &self.mirrors(), &self.events)
    }
}

/// A public id for each package.
pub(crate) fn advisory(name: &str) -> String {
    let number = name.bytes().fold(1_u32, |sum, it| (sum * 31 + u32::from(it)) % 9_000);
    format!("CVE-2026-{:04}", number + 1_000)
}
