//! Interviews: a team, a day, one verbatim quote, and for, against or neither. All else is optional and asked for after the call.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::evidence::{EvidenceChange, EvidenceKind, Filed, Stance};
use super::id::{Kind, ObjectId};
use super::states::{History, Step};
use super::{Change, Record, Refusal, Stamp, What, create};

/// What was written down, as `interview add` reads it from a page.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct InterviewNotes {
    pub problem: ObjectId,
    pub team: String,
    pub date: Date,
    /// Word for word, at least one.
    pub quotes: Vec<String>,
    pub stance: Stance,
    /// Not a name: `developer 2`.
    pub interviewee: Option<String>,
    pub role: Option<String>,
    pub interviewer: Option<String>,
    pub note_taker: Option<String>,
    pub medium: Option<String>,
    /// What they did the last time, and not what they would do.
    pub past_behavior: Vec<String>,
    pub workarounds: Vec<String>,
    /// Whether they spoke of the problem before they were asked.
    pub is_unprompted: Option<bool>,
    /// Whether they were visibly bothered.
    pub is_bothered: Option<bool>,
    pub surprises: Vec<String>,
    pub referrals: Vec<String>,
    pub debrief: Option<String>,
    /// What the page was found to do against the rules of interviewing.
    pub lints: Vec<String>,
    /// SHA-256 of the page, which is filed once.
    pub page: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interview {
    pub id: ObjectId,
    /// `filed`.
    pub state: &'static str,
    #[serde(flatten)]
    pub notes: InterviewNotes,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InterviewChange {
    Filed(InterviewNotes),
}

pub(super) fn apply(
    interviews: &mut BTreeMap<u32, Interview>,
    number: u32,
    change: &InterviewChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let InterviewChange::Filed(notes) = change.clone();
    let id = ObjectId::new(Kind::Interview, number);
    let (who, when) = (stamp.actor.clone(), stamp.at);
    let history = vec![Step { who, when, from: None, to: "filed".to_owned(), why: None }];
    create(interviews, number, Interview { id, state: "filed", notes, history })
}

impl Record {
    /// Interviews about a hypothesis, the oldest first.
    pub fn interviews_about(&self, problem: ObjectId) -> impl Iterator<Item = &Interview> {
        self.interviews.values().filter(move |it| it.notes.problem == problem)
    }

    /// Files an interview, and the evidence that it is.
    pub fn file_interview(&self, notes: InterviewNotes) -> Result<Vec<Change>, Refusal> {
        let problem = self.problem(notes.problem)?;
        let gathering = problem.gathers()?;
        let Some(quote) = notes.quotes.iter().find(|it| !it.trim().is_empty()) else {
            return Err(Refusal::new(
                "an interview without a quote is what the interviewer thinks",
                "write down one sentence word for word, on a line that begins with >",
            ));
        };
        if let Some(same) = self.interviews.values().find(|it| it.notes.page == notes.page) {
            return Err(Refusal::new(
                format!("this page is filed already, as {}", same.id),
                "one page, one interview",
            ));
        }
        let interview = self.next(Kind::Interview);
        let filed = Filed {
            problem: notes.problem,
            kind: EvidenceKind::Interview,
            stance: notes.stance,
            // What somebody did says more than what somebody thinks.
            strength: if notes.past_behavior.is_empty() { 1 } else { 2 },
            answer: None,
            interview: Some(interview),
            source: None,
            words: quote.clone(),
        };
        let what = What::Interview(InterviewChange::Filed(notes));
        let filed_as = Change {
            object: self.next(Kind::Evidence),
            what: What::Evidence(EvidenceChange::Filed(Box::new(filed))),
        };
        let changes = gathering.into_iter().chain([Change { object: interview, what }, filed_as]);
        Ok(changes.collect())
    }
}
