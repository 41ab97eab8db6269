//! Decisions: recommended by the rule, taken by people, with who disagreed, and with what follows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::experiment::{Experiment, ExperimentChange, ExperimentState};
use super::id::{Kind, ObjectId};
use super::problem::ProblemChange;
use super::readout::FrozenReadout;
use super::rollout::RolloutState;
use super::solution::{Solution, SolutionChange, SolutionOutcome, SolutionState};
use super::states::{History, Step};
use super::{Actor, Change, Record, Refusal, Stamp, What, create};

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionVerdict {
    /// The next rings get it.
    Expand,
    /// It goes on as it is.
    Persevere,
    /// Something else is tried.
    Pivot,
    /// It is taken back.
    Stop,
}

impl DecisionVerdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expand => "expand",
            Self::Persevere => "persevere",
            Self::Pivot => "pivot",
            Self::Stop => "stop",
        }
    }
}

/// What changes in a pivot.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PivotKind {
    Problem,
    /// Who.
    Segment,
    /// Alert to gate.
    Mechanism,
    Metric,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Dissent {
    pub who: Actor,
    pub words: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Decided {
    pub experiment: ObjectId,
    /// What it was decided on.
    pub readout: ObjectId,
    pub verdict: DecisionVerdict,
    /// By the rule.
    pub recommended: String,
    pub rule: String,
    /// Why otherwise than recommended.
    pub against_recommendation: Option<String>,
    pub decided_by: Vec<Actor>,
    pub dissent: Vec<Dissent>,
    pub pivot: Option<PivotKind>,
    /// The hypothesis that a pivot opens.
    pub next: Option<ObjectId>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    pub id: ObjectId,
    /// `taken`.
    pub state: &'static str,
    #[serde(flatten)]
    pub decided: Decided,
    pub history: History,
}

pub(super) fn apply(
    decisions: &mut BTreeMap<u32, Decision>,
    number: u32,
    decided: &Decided,
    stamp: Stamp<'_>,
) -> Result<(), String> {
    let id = ObjectId::new(Kind::Decision, number);
    let (who, when) = (stamp.actor.clone(), stamp.at);
    let why = decided.against_recommendation.clone();
    let history =
        vec![Step { who, when, from: None, to: decided.verdict.as_str().to_owned(), why }];
    create(decisions, number, Decision { id, state: "taken", decided: decided.clone(), history })
}

/// What somebody wants to decide.
#[derive(Clone, Debug)]
pub struct Wish {
    pub verdict: DecisionVerdict,
    pub decided_by: Vec<Actor>,
    pub dissent: Vec<Dissent>,
    /// Needed against the recommendation.
    pub why: Option<String>,
    pub pivot: Option<PivotKind>,
    /// What is believed next, after a pivot.
    pub next_believe: Option<String>,
}

impl Record {
    /// Decides on the last readout of an experiment, with all that follows of it but the rings of an expansion.
    pub fn decide(
        &self,
        experiment: ObjectId,
        wish: Wish,
        at: jiff::Timestamp,
    ) -> Result<Vec<Change>, Refusal> {
        let it = self.experiment(experiment)?;
        let readout = self.decidable(it, &wish)?;
        let recommended = readout.frozen.verdict.clone();
        let is_against = recommended != wish.verdict.as_str()
            // Out of time: both are what the rule offers.
            && !(recommended == "inconclusive" && wish.verdict == DecisionVerdict::Pivot);
        if is_against && wish.why.as_ref().is_none_or(|it| it.trim().is_empty()) {
            return Err(Refusal::new(
                format!(
                    "{} recommends {recommended}, and you decide {}",
                    readout.id,
                    wish.verdict.as_str()
                ),
                "say why: --why \"…\"; it stands beside the decision",
            ));
        }
        let object = self.next(Kind::Decision);
        let (next, opened) = self.opens(it, &wish, at)?;
        let decided = Decided {
            experiment,
            readout: readout.id,
            verdict: wish.verdict,
            recommended,
            rule: readout.frozen.rule.clone(),
            against_recommendation: if is_against { wish.why.clone() } else { None },
            decided_by: wish.decided_by,
            dissent: wish.dissent,
            pivot: wish.pivot,
            next,
        };
        let mut changes = vec![Change { object, what: What::Decision(decided) }];
        changes.extend(opened);
        changes.extend(self.follows(it, wish.verdict, (object, next), &readout.frozen)?);
        Ok(changes)
    }

    fn decidable(&self, it: &Experiment, wish: &Wish) -> Result<&super::Readout, Refusal> {
        if it.state == ExperimentState::Decided {
            let decision = it.decision.and_then(|id| self.decisions.get(&id.number()));
            let who = decision.and_then(|it| it.history.first()).map_or(String::new(), |it| {
                format!(", {} by {} at {}", it.to, it.who.as_str(), it.when)
            });
            return Err(Refusal::new(
                format!("{} is decided{who}", it.id),
                "a decision stays; what comes after is the next hypothesis",
            ));
        }
        let may_go_on = matches!(it.state, ExperimentState::Running | ExperimentState::Paused)
            && wish.verdict == DecisionVerdict::Persevere;
        if it.state != ExperimentState::Analysed && !may_go_on {
            let (is, way_out) = if it.state == ExperimentState::Void {
                ("nothing is decided on it", "its data are kept; register another experiment")
            } else {
                (
                    "there is nothing to decide on yet",
                    "a planned look ends it: fixloop experiment look; to end it otherwise, fixloop experiment void",
                )
            };
            let what = format!("{} is {}: {is}", it.id, it.state.as_str());
            return Err(Refusal::new(what, way_out));
        }
        if wish.decided_by.is_empty() {
            return Err(Refusal::new("a decision is taken by somebody", "--by NAME"));
        }
        let rollout = self.rollout(it.rollout)?;
        let is_breaking = self.treatment(rollout.plan.treatment)?.is_breaking();
        let mut names: Vec<&Actor> = wish.decided_by.iter().collect();
        names.sort();
        names.dedup();
        if is_breaking && wish.verdict == DecisionVerdict::Expand && names.len() < 2 {
            return Err(Refusal::new(
                "breaking builds is decided by two people",
                "--by NAME --by NAME",
            ));
        }
        let last = it.readouts.last().and_then(|id| self.readouts.get(&id.number()));
        last.ok_or_else(|| {
            Refusal::new(format!("{} has no readout", it.id), "fixloop experiment look")
        })
    }

    /// The hypothesis that a pivot opens.
    fn opens(
        &self,
        it: &Experiment,
        wish: &Wish,
        at: jiff::Timestamp,
    ) -> Result<(Option<ObjectId>, Option<Change>), Refusal> {
        if wish.verdict != DecisionVerdict::Pivot {
            return Ok((None, None));
        }
        let (Some(_), Some(believe)) = (wish.pivot, &wish.next_believe) else {
            return Err(Refusal::new(
                "a pivot says what changes and what is believed next",
                "--pivot problem|segment|mechanism|metric --next \"we believe …\"",
            ));
        };
        let problem = self.problem(self.solution(it.solution)?.plan.problem)?;
        let object = self.next(Kind::Problem);
        let what = ProblemChange::Created {
            believe: believe.clone(),
            key_result: problem.key_result,
            insight_at: at,
            supersedes: Some(problem.id),
            assumptions: vec![format!("opened by a pivot of {}", it.id)],
        };
        Ok((Some(object), Some(Change { object, what: What::Problem(what) })))
    }

    fn follows(
        &self,
        it: &Experiment,
        verdict: DecisionVerdict,
        (decision, next): (ObjectId, Option<ObjectId>),
        readout: &FrozenReadout,
    ) -> Result<Vec<Change>, Refusal> {
        let mut changes = Vec::new();
        if it.state == ExperimentState::Analysed {
            let verdict = verdict.as_str().to_owned();
            changes.push(it.change(ExperimentChange::Decided { decision, verdict }));
        }
        let solution = self.solution(it.solution)?;
        let rollout = self.rollout(it.rollout)?;
        let why = format!("{decision}: {}", readout.rule);
        let learned = learned(&readout.verdict);
        match verdict {
            DecisionVerdict::Persevere => {}
            DecisionVerdict::Expand => {
                changes.extend(concluded(solution, SolutionOutcome::Supported, &why));
                changes.push(solution.change(SolutionChange::Expanding { why }));
            }
            DecisionVerdict::Pivot => {
                changes.extend(concluded(solution, learned, &why));
                changes.push(solution.change(SolutionChange::Pivoted { why: why.clone(), next }));
                changes.extend(taken_back(rollout, &why)?);
            }
            DecisionVerdict::Stop => {
                changes.extend(concluded(solution, learned, &why));
                changes.push(solution.change(SolutionChange::Stopped { why: why.clone() }));
                changes.extend(taken_back(rollout, &why)?);
            }
        }
        Ok(changes)
    }
}

/// What the readout says of a solution that is given up, whatever people decided for other reasons.
fn learned(recommended: &str) -> SolutionOutcome {
    match recommended {
        "stop" => SolutionOutcome::Harmful,
        "pivot" => SolutionOutcome::NotSupported,
        "expand" => SolutionOutcome::Supported,
        _ => SolutionOutcome::Inconclusive,
    }
}

fn concluded(solution: &Solution, outcome: SolutionOutcome, why: &str) -> Option<Change> {
    let is_open = solution.state == SolutionState::Piloting;
    is_open.then(|| solution.change(SolutionChange::Concluded { outcome, why: why.to_owned() }))
}

fn taken_back(rollout: &super::Rollout, why: &str) -> Result<Option<Change>, Refusal> {
    let is_open = matches!(rollout.state, RolloutState::Live | RolloutState::Paused);
    if is_open { rollout.roll_back(why).map(Some) } else { Ok(None) }
}
