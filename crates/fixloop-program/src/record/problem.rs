//! Problem hypotheses: why is the key result not met already? Predictions and their lines are fixed before anything is asked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{Kind, ObjectId};
use super::key_result::KeyResultState;
use super::states::{History, State, advance, begin, note, states};
use super::verdict::read_problem;
use super::{Change, Record, Refusal, Stamp, What, create, known};
use crate::evidence::Lines;

states! {
    ProblemState {
        Draft => "draft" [Framed, Parked],
        Framed => "framed" [Gathering, Parked],
        Gathering => "gathering" [Supported, Rejected, Inconclusive],
        Supported => "supported" [Confirmed, Rejected, Inconclusive],
        Confirmed => "confirmed" [],
        Rejected => "rejected" [],
        Inconclusive => "inconclusive" [Gathering, Parked],
        Parked => "parked" [Gathering],
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    pub id: ObjectId,
    pub state: ProblemState,
    /// "We believe [who] [suffers what] because [why]".
    pub believe: String,
    pub key_result: ObjectId,
    /// When somebody first thought so.
    pub insight_at: Timestamp,
    /// The hypothesis that this one replaces.
    pub supersedes: Option<ObjectId>,
    pub assumptions: Vec<String>,
    pub predictions: Vec<Prediction>,
    /// Why it stands as it does, once it is decided.
    pub verdict: Option<String>,
    pub history: History,
}

/// What will be seen if the hypothesis is right, and the two lines.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Prediction {
    /// `p1`.
    pub name: String,
    pub query: Query,
    /// Below this share the hypothesis is rejected.
    pub kill: f64,
    /// Above this share it is supported.
    pub confirm: f64,
    /// With fewer cases nothing is said.
    pub min_n: u32,
}

/// A question that histories, alert imports or collected events answer.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    KnownAtIntroduction,
    UpgradeRegressions,
    LateAlerts,
    CeilingDetect,
    CeilingReact,
    CeilingLand,
    CeilingFirstReference,
    /// Of alerts shown in editors: the share that somebody called not useful.
    NotUseful,
}

impl Query {
    pub const ALL: &[Self] = &[
        Self::KnownAtIntroduction,
        Self::UpgradeRegressions,
        Self::LateAlerts,
        Self::CeilingDetect,
        Self::CeilingReact,
        Self::CeilingLand,
        Self::CeilingFirstReference,
        Self::NotUseful,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::KnownAtIntroduction => "known-at-introduction",
            Self::UpgradeRegressions => "upgrade-regressions",
            Self::LateAlerts => "late-alerts",
            Self::CeilingDetect => "ceiling-detect",
            Self::CeilingReact => "ceiling-react",
            Self::CeilingLand => "ceiling-land",
            Self::CeilingFirstReference => "ceiling-first-reference",
            Self::NotUseful => "not-useful",
        }
    }

    /// A ceiling can reject; being high proves nothing.
    pub fn is_ceiling(self) -> bool {
        matches!(
            self,
            Self::CeilingDetect
                | Self::CeilingReact
                | Self::CeilingLand
                | Self::CeilingFirstReference
        )
    }
}

impl Prediction {
    pub fn lines(&self) -> Option<Lines> {
        Lines::new(self.kill, self.confirm).ok()
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemChange {
    Created {
        believe: String,
        key_result: ObjectId,
        insight_at: Timestamp,
        supersedes: Option<ObjectId>,
        assumptions: Vec<String>,
    },
    Framed {
        predictions: Vec<Prediction>,
    },
    /// The first evidence was filed.
    Gathering {
        why: String,
    },
    Judged {
        verdict: ProblemState,
        why: String,
    },
    Parked {
        why: String,
    },
}

pub(super) fn apply(
    problems: &mut BTreeMap<u32, Problem>,
    number: u32,
    change: &ProblemChange,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    use ProblemState as S;
    if let ProblemChange::Created { believe, key_result, insight_at, supersedes, assumptions } =
        change.clone()
    {
        let problem = Problem {
            id: ObjectId::new(Kind::Problem, number),
            state: S::Draft,
            believe,
            key_result,
            insight_at,
            supersedes,
            assumptions,
            predictions: Vec::new(),
            verdict: None,
            history: begin(S::Draft, stamp),
        };
        return create(problems, number, problem);
    }
    let it = known(problems, number)?;
    let state = it.state;
    let mut go = |to, why: Option<&str>| advance((&mut it.state, &mut it.history), to, stamp, why);
    match change.clone() {
        ProblemChange::Created { .. } => {}
        ProblemChange::Framed { predictions } => {
            if state == S::Framed {
                note(state, &mut it.history, stamp, "framed anew, before any evidence");
            } else {
                go(S::Framed, None)?;
            }
            it.predictions = predictions;
        }
        ProblemChange::Gathering { why } => go(S::Gathering, Some(&why))?,
        ProblemChange::Judged { verdict, why } => {
            go(verdict, Some(&why))?;
            it.verdict = Some(why);
        }
        ProblemChange::Parked { why } => go(S::Parked, Some(&why))?,
    }
    Ok(())
}

impl Problem {
    fn change(&self, what: ProblemChange) -> Change {
        Change { object: self.id, what: What::Problem(what) }
    }

    pub fn prediction(&self, name: &str) -> Option<&Prediction> {
        self.predictions.iter().find(|it| it.name == name)
    }

    pub fn is_decided(&self) -> bool {
        matches!(self.state, ProblemState::Confirmed | ProblemState::Rejected)
    }

    /// The states on the way to a verdict: confirmed goes through supported, whenever somebody asks.
    fn steps_to(&self, verdict: ProblemState) -> Result<Vec<ProblemState>, Refusal> {
        use ProblemState as S;
        let (id, state) = (self.id, self.state);
        let refuse = |why: &str, way_out: String| {
            Err(Refusal::new(format!("{id} is {}: {why}", state.as_str()), way_out))
        };
        match state {
            S::Rejected => refuse(
                "a verdict never flips back",
                format!("fixloop hypothesis create --supersedes {id} frames the next one"),
            ),
            S::Confirmed => refuse(
                "a verdict never flips back",
                "fixloop hypothesis create writes down what is believed now".to_owned(),
            ),
            S::Gathering if verdict == S::Confirmed => Ok(vec![S::Supported, verdict]),
            _ if state.next().contains(&verdict) => Ok(vec![verdict]),
            S::Inconclusive | S::Parked => refuse(
                "it is judged again once further evidence is filed",
                format!("fixloop hypothesis evidence {id} asks the stored data again"),
            ),
            _ => refuse(
                "there is no evidence to judge by",
                format!("fixloop hypothesis evidence {id} asks the stored data"),
            ),
        }
    }

    /// Evidence may be filed: with the change that the first piece brings.
    pub(super) fn gathers(&self) -> Result<Option<Change>, Refusal> {
        match self.state {
            ProblemState::Draft => Err(Refusal::new(
                format!(
                    "{} has no prediction yet: evidence before the lines are fixed proves anything",
                    self.id
                ),
                format!("fixloop hypothesis frame {} --predict QUERY:KILL:CONFIRM", self.id),
            )),
            // Put aside before anything was predicted.
            ProblemState::Parked if self.predictions.is_empty() => Err(Refusal::new(
                format!("{} was parked before it predicted anything", self.id),
                format!("fixloop hypothesis create --supersedes {} takes it up again", self.id),
            )),
            ProblemState::Framed | ProblemState::Inconclusive | ProblemState::Parked => {
                let why = "evidence was filed".to_owned();
                Ok(Some(self.change(ProblemChange::Gathering { why })))
            }
            // Evidence against what is confirmed, or for what was rejected, is kept as well.
            _ => Ok(None),
        }
    }
}

impl Record {
    pub fn create_problem(
        &self,
        believe: &str,
        key_result: ObjectId,
        (insight_at, supersedes): (Timestamp, Option<ObjectId>),
        assumptions: Vec<String>,
    ) -> Result<Change, Refusal> {
        let it = self.key_result(key_result)?;
        if matches!(
            it.state,
            KeyResultState::Achieved | KeyResultState::Missed | KeyResultState::Abandoned
        ) {
            let what = format!("{key_result} is {}", it.state.as_str());
            return Err(Refusal::new(
                what,
                "a hypothesis explains a key result that is still to be met",
            ));
        }
        let believe = believe.trim();
        if believe.is_empty() {
            return Err(Refusal::new(
                "a hypothesis is a sentence",
                "--believe \"developers [suffer what] when [task] because [why]\"",
            ));
        }
        if let Some(earlier) = supersedes {
            let earlier = self.problem(earlier)?;
            if !matches!(
                earlier.state,
                ProblemState::Rejected | ProblemState::Inconclusive | ProblemState::Parked
            ) {
                let (is, way_out) = if earlier.state == ProblemState::Confirmed {
                    let way_out = "without --supersedes it stands beside the confirmed one";
                    ("it stands", way_out.to_owned())
                } else {
                    let first = format!("fixloop hypothesis verdict {} comes first", earlier.id);
                    ("nothing to replace yet", first)
                };
                let what = format!("{} is {}: {is}", earlier.id, earlier.state.as_str());
                return Err(Refusal::new(what, way_out));
            }
        }
        let believe = believe.to_owned();
        let what =
            ProblemChange::Created { believe, key_result, insight_at, supersedes, assumptions };
        Ok(Change { object: self.next(Kind::Problem), what: What::Problem(what) })
    }

    /// Sets the predictions; only while nothing was asked.
    pub fn frame(
        &self,
        problem: ObjectId,
        predictions: Vec<Prediction>,
    ) -> Result<Change, Refusal> {
        let it = self.problem(problem)?;
        if predictions.is_empty() {
            return Err(Refusal::new(
                format!("{problem} has no prediction: what would show that it is wrong?"),
                "--predict QUERY:KILL:CONFIRM; fixloop hypothesis frame --help lists the queries",
            ));
        }
        if it.state == ProblemState::Parked && it.predictions.is_empty() {
            let way_out = format!("fixloop hypothesis create --supersedes {problem}");
            return Err(Refusal::new(format!("{problem} is parked"), way_out));
        }
        if !matches!(it.state, ProblemState::Draft | ProblemState::Framed) {
            return Err(Refusal::new(
                format!(
                    "{problem} is {}: its lines were fixed before the first answer and stay",
                    it.state.as_str()
                ),
                format!(
                    "fixloop hypothesis create --supersedes {problem} begins another one, once this one has its verdict"
                ),
            ));
        }
        for prediction in &predictions {
            if let Err(error) = Lines::new(prediction.kill, prediction.confirm) {
                return Err(Refusal::new(
                    error.to_string(),
                    "lines are shares, the kill line below the confirm line",
                ));
            }
            if predictions.iter().filter(|it| it.query == prediction.query).count() > 1 {
                let what = format!("two predictions ask {}", prediction.query.as_str());
                return Err(Refusal::new(what, "one query, one pair of lines"));
            }
        }
        Ok(it.change(ProblemChange::Framed { predictions }))
    }

    /// The verdict that the rule gives, and no other.
    pub fn judge(
        &self,
        problem: ObjectId,
        wanted: Option<ProblemState>,
        why: Option<&str>,
    ) -> Result<Vec<Change>, Refusal> {
        let it = self.problem(problem)?;
        let reading = read_problem(self, it);
        let given_up = wanted.filter(|it| *it == ProblemState::Inconclusive);
        let Some(verdict) = reading.verdict.or(given_up) else {
            let what = format!("{problem} cannot be judged yet: {}", reading.missing.join("; "));
            return Err(Refusal::new(what, reading.next.clone()));
        };
        if let Some(wanted) = wanted.filter(|it| *it != verdict) {
            return Err(Refusal::new(
                format!(
                    "the evidence for {problem} reads {}, not {}: {}",
                    verdict.as_str(),
                    wanted.as_str(),
                    reading.reasons.join("; ")
                ),
                "file what is missing, or take the verdict as it is; refutations are kept, with why",
            ));
        }
        if verdict == it.state {
            return Err(Refusal::new(
                format!("{problem} is {} already", verdict.as_str()),
                reading.next.clone(),
            ));
        }
        let steps = it.steps_to(verdict)?;
        let mut reasons = reading.reasons;
        if given_up.is_some() && reading.verdict.is_none() {
            reasons = reading.missing;
        }
        reasons.extend(why.map(str::to_owned));
        let why = reasons.join("; ");
        let judged = |verdict| it.change(ProblemChange::Judged { verdict, why: why.clone() });
        Ok(steps.into_iter().map(judged).collect())
    }

    pub fn park(&self, problem: ObjectId, why: &str) -> Result<Change, Refusal> {
        let it = self.problem(problem)?;
        if !matches!(
            it.state,
            ProblemState::Draft | ProblemState::Framed | ProblemState::Inconclusive
        ) {
            let what = format!("{problem} is {}", it.state.as_str());
            let way_out = match it.state {
                ProblemState::Gathering | ProblemState::Supported => {
                    format!("judge it first: fixloop hypothesis verdict {problem}")
                }
                _ => "it stays as it is".to_owned(),
            };
            return Err(Refusal::new(what, way_out));
        }
        if why.trim().is_empty() {
            return Err(Refusal::new("a hypothesis is parked for a reason", "--why \"…\""));
        }
        Ok(it.change(ProblemChange::Parked { why: why.to_owned() }))
    }
}
