//! Break-glass: somebody answers for a build that goes on although it would break.

use fixloop_model::Timestamp;

/// How long it holds at most, in microseconds.
const MAX_US: i64 = 24 * 3_600_000_000;
/// Characters of ticket and reason.
const MAX_TICKET: usize = 64;
const MAX_REASON: usize = 300;

/// `TICKET: reason`, for one commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BreakGlass {
    pub ticket: String,
    pub reason: String,
    /// The one commit that it holds for.
    pub commit: Option<String>,
    pub until: Timestamp,
}

/// Why it is not believed; a fragment without a period that says what to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BreakGlassError {
    NoTicket,
    NoReason,
    TooLong,
    Unprintable,
    /// It was used for another commit before.
    OtherCommit,
    /// It was used first more than a day ago.
    Over,
}

impl BreakGlassError {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoTicket => "it has to name a ticket first: \"TICKET: reason\"",
            Self::NoReason => "it has to give a reason after the ticket: \"TICKET: reason\"",
            Self::TooLong => "ticket and reason are one short line",
            Self::OtherCommit => {
                "it was used for another commit, and holds for one: name another ticket or reason"
            }
            Self::Over => "its 24 hours are over: name another ticket or reason",
            Self::Unprintable => "ticket and reason are one line without control characters",
        }
    }
}

impl BreakGlass {
    /// What the environment says, for the commit that is built.
    ///
    /// # Errors
    /// If it has no ticket or no reason, which is said instead of being let through.
    pub fn read(
        text: &str,
        commit: Option<String>,
        now: Timestamp,
    ) -> Result<Self, BreakGlassError> {
        let (ticket, reason) = text.split_once(':').unwrap_or((text, ""));
        let (ticket, reason) = (ticket.trim(), reason.trim());
        if text.chars().any(char::is_control) {
            return Err(BreakGlassError::Unprintable);
        }
        if ticket.is_empty() || ticket.contains(char::is_whitespace) {
            return Err(BreakGlassError::NoTicket);
        }
        if reason.is_empty() {
            return Err(BreakGlassError::NoReason);
        }
        if ticket.chars().count() > MAX_TICKET || reason.chars().count() > MAX_REASON {
            return Err(BreakGlassError::TooLong);
        }
        let until = Timestamp(now.0.saturating_add(MAX_US));
        Ok(Self { ticket: ticket.to_owned(), reason: reason.to_owned(), commit, until })
    }
}
