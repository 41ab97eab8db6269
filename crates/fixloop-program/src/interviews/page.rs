//! The page of an interview: one Markdown file that is printed with its questions, filled in by hand, and read again.
//!
//! Required are the hypothesis (which is filled in), the team, the date, one quote and for, against or neither; all else may stay empty.
//! Reading is total: what is missing is told with the line to fill in. Markdown is read by lines (headings, `key: value`, `>`, bullets), not
//! as `CommonMark`, since people write these pages in a hurry.

mod print;
mod read;

use jiff::civil::Date;
use thiserror::Error;

pub use print::{print, questions};
pub use read::read;

use crate::record::{InterviewNotes, ObjectId, Stance};

/// A page is a few KiB; a transcript does not belong into it.
pub const MAX_BYTES: usize = 256 << 10;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub problem: Option<ObjectId>,
    pub team: String,
    pub date: Option<Date>,
    pub stance: Option<Stance>,
    pub quotes: Vec<String>,
    pub interviewee: Option<String>,
    pub role: Option<String>,
    pub interviewer: Option<String>,
    pub note_taker: Option<String>,
    pub medium: Option<String>,
    pub is_unprompted: Option<bool>,
    pub is_bothered: Option<bool>,
    /// What was noted under the question for the last time.
    pub past_behavior: Vec<String>,
    pub workarounds: Vec<String>,
    pub surprises: Vec<String>,
    pub referrals: Vec<String>,
    pub debrief: Option<String>,
    /// As they stand on the page, added ones too.
    pub questions: Vec<Question>,
}

/// A question as it stands on the page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Question {
    /// From 1.
    pub line: usize,
    pub text: String,
}

/// Why a page cannot be filed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PageError {
    #[error("the page is larger than {} KiB", MAX_BYTES >> 10)]
    TooLarge,
    #[error("the page is not filled in: {}", .0.join("; "))]
    Missing(Vec<String>),
}

impl Page {
    /// As it is filed; nothing for a page that lacks something required, which [`read`] never gives.
    pub fn notes(self, lints: Vec<String>, digest: String) -> Option<InterviewNotes> {
        Some(InterviewNotes {
            problem: self.problem?,
            team: self.team,
            date: self.date?,
            quotes: self.quotes,
            stance: self.stance?,
            interviewee: self.interviewee,
            role: self.role,
            interviewer: self.interviewer,
            note_taker: self.note_taker,
            medium: self.medium,
            past_behavior: self.past_behavior,
            workarounds: self.workarounds,
            is_unprompted: self.is_unprompted,
            is_bothered: self.is_bothered,
            surprises: self.surprises,
            referrals: self.referrals,
            debrief: self.debrief,
            lints,
            page: digest,
        })
    }
}

/// Parts of a page, by the words of their heading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Section {
    /// Before the first heading, and under a heading that is not ours.
    Fields,
    Quotes,
    Today,
    Tools,
    LastTime,
    Wand,
    Else,
    After,
    Surprises,
    Referrals,
    Debrief,
}

impl Section {
    const HEADINGS: [(Self, &str); 10] = [
        (Self::Quotes, "Quotes"),
        (Self::Today, "1 Today"),
        (Self::Tools, "2 Tools and tricks"),
        (Self::LastTime, "3 The last time"),
        (Self::Wand, "4 Magic wand"),
        (Self::Else, "5 What else"),
        (Self::After, "After the call"),
        (Self::Surprises, "Surprises"),
        (Self::Referrals, "Referrals"),
        (Self::Debrief, "Debrief"),
    ];

    fn heading(self) -> &'static str {
        Self::HEADINGS.iter().find(|it| it.0 == self).map_or("", |it| it.1)
    }

    /// By the words, whatever stands around them.
    fn of_heading(text: &str) -> Self {
        let plain = |text: &str| {
            let letters = text.chars().filter(|it| it.is_alphabetic());
            letters.flat_map(char::to_lowercase).collect::<String>()
        };
        let text = plain(text);
        let found = Self::HEADINGS.iter().find(|it| plain(it.1) == text);
        found.map_or(Self::Fields, |it| it.0)
    }
}
