//! Draft exposures: what an editor or agent saw come and go before it was committed.
//!
//! `alert_shown` opens one, `alert_cleared` ends it, and the same rules hold as for landed ones (docs/exposures.md): what comes back within
//! 14 days of a fix or removal never went. A file that is closed fixes nothing: it ends only what is known.

use std::collections::BTreeMap;

use fixloop_model::Timestamp;

use crate::event::{Cleared, Event, Kind, Moment};
use crate::ids::{ExposureId, SessionId, SourceId};
use crate::subject::Subject;

/// As for landed exposures, in microseconds.
const REOPEN: i64 = 14 * 86_400_000_000;

/// An alert from its first showing to its last end, of one package at one place of one installation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftExposure {
    pub source: SourceId,
    /// As at the first showing.
    pub subject: Subject,
    pub opened: Timestamp,
    /// Nothing while it is shown.
    pub ended: Option<Timestamp>,
    /// How it ended. After [`Cleared::FileClosed`] it is right-censored.
    pub how: Option<Cleared>,
    /// Microseconds from opening to end: by the monotonic clock within a session, else by the wall clock; nothing if that went back.
    pub open_us: Option<u64>,
    /// How often it came back.
    pub n_reopened: u32,
    /// Whether a fix of ours was applied while it was open.
    pub fix_applied: bool,
}

impl DraftExposure {
    pub fn exposure(&self) -> ExposureId {
        self.subject.exposure
    }
}

/// A draft with where its clock stood when it opened.
struct Open {
    draft: DraftExposure,
    at: Moment,
    session: SessionId,
}

/// The draft exposures of these events, by the number of the event that opened them. The order of the events does not matter; an end
/// without a beginning, as after dropped events, is passed over.
pub fn drafts(events: &[Event]) -> Vec<DraftExposure> {
    let mut ordered: Vec<&Event> = events.iter().collect();
    ordered.sort_by_key(|it| (it.source, it.seq));
    ordered.dedup_by_key(|it| it.event_id);
    let mut all: Vec<Open> = Vec::new();
    let mut latest: BTreeMap<(SourceId, ExposureId), usize> = BTreeMap::new();
    for event in ordered {
        let Some(subject) = &event.subject else { continue };
        let key = (event.source, subject.exposure);
        let known = latest.get(&key).map(|at| &mut all[*at]);
        match (&event.kind, known) {
            (Kind::AlertShown, Some(open)) if open.goes_on(event) => open.reopen(),
            (Kind::AlertShown, _) => {
                latest.insert(key, all.len());
                all.push(Open::new(event, subject));
            }
            (Kind::AlertCleared { how }, Some(open)) => open.end(event, *how),
            (Kind::FixApplied, Some(open)) => open.draft.fix_applied |= open.draft.ended.is_none(),
            _ => {}
        }
    }
    all.into_iter().map(|it| it.draft).collect()
}

impl Open {
    fn new(event: &Event, subject: &Subject) -> Self {
        let draft = DraftExposure {
            source: event.source,
            subject: subject.clone(),
            opened: event.at.occurred_at,
            ended: None,
            how: None,
            open_us: None,
            n_reopened: 0,
            fix_applied: false,
        };
        Self { draft, at: event.at, session: event.session }
    }

    /// Whether an alert that is shown now is the same exposure.
    fn goes_on(&self, event: &Event) -> bool {
        match (self.draft.how, self.draft.ended) {
            (Some(Cleared::Fixed | Cleared::Removed), Some(ended)) => {
                event.at.occurred_at.0.saturating_sub(ended.0) <= REOPEN
            }
            (Some(Cleared::Suppressed), _) => false,
            // Still shown, as after a server was killed or in a second one; or nobody looked meanwhile.
            _ => true,
        }
    }

    fn reopen(&mut self) {
        let came_back = matches!(self.draft.how, Some(Cleared::Fixed | Cleared::Removed));
        self.draft.n_reopened += u32::from(came_back);
        (self.draft.ended, self.draft.how, self.draft.open_us) = (None, None, None);
    }

    /// What has ended stays as it is, unless all that ended was that somebody looked.
    fn end(&mut self, event: &Event, how: Cleared) {
        if matches!(self.draft.how, Some(Cleared::Fixed | Cleared::Removed | Cleared::Suppressed)) {
            return;
        }
        let (from, to) = (self.at, event.at);
        let is_one_session = self.session == event.session;
        self.draft.open_us = if is_one_session {
            to.offset_us.checked_sub(from.offset_us)
        } else {
            to.occurred_at.0.checked_sub(from.occurred_at.0).and_then(|it| u64::try_from(it).ok())
        };
        self.draft.ended = Some(to.occurred_at);
        self.draft.how = Some(how);
    }
}
