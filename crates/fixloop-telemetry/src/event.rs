//! What is recorded: `fixloop.event/1` (docs/telemetry.md, docs/schema/event-1.json).

use fixloop_model::Timestamp;
use fixloop_policy::Key;
use serde::{Deserialize, Serialize};

use crate::comment::Comment;
use crate::gate::Gate;
use crate::ids::{EventId, SessionId, SourceId};
use crate::session::Session;
use crate::subject::Subject;

/// The schema that every event names.
pub const SCHEMA: &str = "fixloop.event/1";

/// The largest sequence number: what a JSON number holds exactly everywhere (RFC 8259 section 6).
pub(crate) const MAX_SEQ: u64 = 1 << 53;

/// One event as it lies in the spool.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Event {
    /// Minted once: who gets an event twice knows it by this.
    pub event_id: EventId,
    /// This installation, by a random pseudonym.
    pub source: SourceId,
    /// Strictly growing per source, over all its processes: what is missing was lost.
    pub seq: u64,
    pub session: SessionId,
    #[serde(flatten)]
    pub at: Moment,
    #[serde(flatten)]
    pub kind: Kind,
    /// Nothing for a session, a policy and a gate.
    pub subject: Option<Subject>,
}

/// An event before the spool gives it its ids and its number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewEvent {
    pub session: SessionId,
    pub at: Moment,
    pub kind: Kind,
    pub subject: Option<Subject>,
}

/// When something happened, on the wall and on a clock that never goes back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Moment {
    #[serde(with = "crate::wire::time")]
    pub occurred_at: Timestamp,
    /// Microseconds since the session began, by a monotonic clock.
    pub offset_us: u64,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// An alert was published, or in [`Mode::Observe`](crate::Mode) would have been. Opens a draft exposure.
    AlertShown,
    /// The alert is no longer there. Ends the draft exposure, or its observation.
    AlertCleared { how: Cleared },
    /// An edit that we offered came back as a change of the document.
    FixApplied,
    /// An exception was written by our action.
    ExceptionAdded,
    /// Somebody said that the alert does not help here.
    NotUseful { reason: NotUseful, comment: Option<Comment> },
    /// Somebody read the details.
    Hover,
    /// A server began or ended.
    Session(Session),
    /// Which bundle counts for a repository from now on in this session: it was delivered, or refused.
    Policy {
        /// By [`OrganizationKey::repository`](fixloop_policy::OrganizationKey::repository); nothing where that is not known.
        repository: Option<Key>,
        /// Zero where there is none.
        version: u64,
        /// Expired, forged, older than the one before, of another organization: everything observes.
        is_refused: bool,
    },
    /// A build was judged.
    Gate(Gate),
}

impl Event {
    /// Whether it is an organization's, so that it may be copied into that one's sink: about a file or a bundle of a repository that its
    /// policy lists, or a server's begin or end. Whatever else is recorded never leaves the machine.
    pub fn may_leave(&self) -> bool {
        match &self.kind {
            Kind::Session(_) => true,
            Kind::Policy { repository, .. } => repository.is_some(),
            Kind::Gate(it) => it.repository.is_some(),
            _ => self.subject.as_ref().is_some_and(|it| it.target.is_some()),
        }
    }
}

impl Kind {
    /// The word that stands in the event.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AlertShown => "alert_shown",
            Self::AlertCleared { .. } => "alert_cleared",
            Self::FixApplied => "fix_applied",
            Self::ExceptionAdded => "exception_added",
            Self::NotUseful { .. } => "not_useful",
            Self::Hover => "hover",
            Self::Session(_) => "session",
            Self::Policy { .. } => "policy",
            Self::Gate(_) => "gate",
        }
    }

    /// Whether it is about a draft exposure.
    pub fn has_subject(&self) -> bool {
        !matches!(self, Self::Session(_) | Self::Policy { .. } | Self::Gate(_))
    }
}

/// Why an alert is no longer there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cleared {
    /// The package is there at a version that is not affected.
    Fixed,
    /// The package is no longer there.
    Removed,
    /// An exception covers it.
    Suppressed,
    /// Nobody looks any more: whether it was fixed is unknown.
    FileClosed,
}

impl Cleared {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Removed => "removed",
            Self::Suppressed => "suppressed",
            Self::FileClosed => "file_closed",
        }
    }
}

/// Why an alert does not help.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotUseful {
    Wrong,
    NotMine,
    CannotNow,
}

impl NotUseful {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::NotMine => "not_mine",
            Self::CannotNow => "cannot_now",
        }
    }
}
