//! Evidence as it was filed: answers of queries frozen with what they were computed from, interviews, notes. Retracted, never deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::states::{History, Step};
use super::{Change, Record, Refusal, Stamp, What, create, known};

/// What a number was computed from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Basis {
    /// Of the question with all its settings, SHA-256 in hexadecimal digits.
    pub query_hash: String,
    /// Nothing later was looked at.
    pub cut: Timestamp,
    /// Name and version of how it was computed.
    pub method: String,
    /// Of the document that was printed, if it is kept.
    pub document: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    Telemetry,
    Interview,
    Analysis,
    Document,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    For,
    Against,
    Neither,
}

impl Stance {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::For => "for",
            Self::Against => "against",
            Self::Neither => "neither",
        }
    }
}

/// What a query said, and stays as it was said.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Answer {
    /// Of the prediction that asked.
    pub prediction: String,
    pub x: f64,
    pub n: f64,
    pub share: Option<f64>,
    pub interval: Option<(f64, f64)>,
    /// `supported`, `rejected`, `open` or `cannot tell`, by the prediction's lines.
    pub verdict: String,
    pub reason: Option<String>,
    pub n_teams: usize,
    pub basis: Basis,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Filed {
    pub problem: ObjectId,
    pub kind: EvidenceKind,
    pub stance: Stance,
    /// From 1, a hint, to 3.
    pub strength: u8,
    pub answer: Option<Answer>,
    pub interview: Option<ObjectId>,
    /// A link, or where a document lies.
    pub source: Option<String>,
    pub words: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FiledEvidence {
    pub id: ObjectId,
    /// `filed` or `retracted`.
    pub state: &'static str,
    #[serde(flatten)]
    pub filed: Filed,
    /// How what speaks against the hypothesis was answered.
    pub answered: Option<String>,
    pub history: History,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceChange {
    Filed(Box<Filed>),
    Answered { how: String },
    Retracted { why: String },
}

pub(super) fn apply(
    evidence: &mut BTreeMap<u32, FiledEvidence>,
    number: u32,
    change: &EvidenceChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let step = |from: Option<&str>, to: &str, why: Option<&String>| Step {
        who: stamp.actor.clone(),
        when: stamp.at,
        from: from.map(str::to_owned),
        to: to.to_owned(),
        why: why.cloned(),
    };
    match change {
        EvidenceChange::Filed(filed) => {
            let id = ObjectId::new(Kind::Evidence, number);
            let history = vec![step(None, "filed", None)];
            let filed = (**filed).clone();
            create(
                evidence,
                number,
                FiledEvidence { id, state: "filed", filed, answered: None, history },
            )
        }
        EvidenceChange::Answered { how } => {
            let it = known(evidence, number)?;
            it.history.push(step(Some(it.state), it.state, Some(how)));
            it.answered = Some(how.clone());
            Ok(())
        }
        EvidenceChange::Retracted { why } => {
            let it = known(evidence, number)?;
            if it.state == "retracted" {
                return Err("it was retracted before".to_owned());
            }
            it.history.push(step(Some("filed"), "retracted", Some(why)));
            it.state = "retracted";
            Ok(())
        }
    }
}

impl FiledEvidence {
    pub fn counts(&self) -> bool {
        self.state == "filed"
    }

    pub fn filed_at(&self) -> Option<Timestamp> {
        self.history.first().map(|it| it.when)
    }
}

impl Record {
    /// Evidence about a hypothesis, the oldest first.
    pub fn evidence_about(&self, problem: ObjectId) -> impl Iterator<Item = &FiledEvidence> {
        self.evidence.values().filter(move |it| it.filed.problem == problem)
    }

    /// Files a piece of evidence, and moves its hypothesis to gathering if it is the first.
    pub fn file_evidence(&self, filed: Filed) -> Result<Vec<Change>, Refusal> {
        let problem = self.problem(filed.problem)?;
        let gathering = problem.gathers()?;
        if let Some(answer) = &filed.answer
            && problem.prediction(&answer.prediction).is_none()
        {
            return Err(Refusal::new(
                format!("{} predicts nothing of the name `{}`", problem.id, answer.prediction),
                format!("fixloop hypothesis show {} lists its predictions", problem.id),
            ));
        }
        if filed.words.trim().is_empty() && filed.answer.is_none() {
            return Err(Refusal::new("evidence without words says nothing", "--note \"…\""));
        }
        let object = self.next(Kind::Evidence);
        let what = What::Evidence(EvidenceChange::Filed(Box::new(filed)));
        Ok(gathering.into_iter().chain([Change { object, what }]).collect())
    }

    /// Says how a piece that speaks against the hypothesis is answered.
    pub fn answer_evidence(&self, id: ObjectId, how: &str) -> Result<Change, Refusal> {
        let it = self.evidence_of(id)?;
        if it.filed.stance != Stance::Against {
            let what = format!("{id} does not speak against its hypothesis");
            return Err(Refusal::new(what, "only what disconfirms needs an answer"));
        }
        if how.trim().is_empty() {
            return Err(Refusal::new("an answer is a sentence", "--how \"…\""));
        }
        let what = EvidenceChange::Answered { how: how.to_owned() };
        Ok(Change { object: id, what: What::Evidence(what) })
    }

    pub fn retract_evidence(&self, id: ObjectId, why: &str) -> Result<Change, Refusal> {
        let it = self.evidence_of(id)?;
        if !it.counts() {
            return Err(Refusal::new(
                format!("{id} was retracted before"),
                "nothing is to be done",
            ));
        }
        if why.trim().is_empty() {
            return Err(Refusal::new("evidence is retracted for a reason", "--why \"…\""));
        }
        let what = EvidenceChange::Retracted { why: why.to_owned() };
        Ok(Change { object: id, what: What::Evidence(what) })
    }
}
