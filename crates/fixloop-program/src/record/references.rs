//! What an entry names has to be there: one that names something unknown was written by nobody's command.

use super::{
    CampaignChange, Change, EvidenceChange, ExperimentChange, InterviewChange, KeyResultChange,
    Kind, ObjectId, ProblemChange, ReadoutChange, Record, RolloutChange, SolutionChange,
    TreatmentChange, What,
};

/// The objects that a change builds on. What it creates together with others, as a pivot's next hypothesis, is not among them.
fn named(what: &What) -> Vec<(Kind, ObjectId)> {
    match what {
        What::KeyResult(
            KeyResultChange::Created { plan, .. } | KeyResultChange::Revised { plan, .. },
        ) => vec![(Kind::Objective, plan.objective)],
        What::Problem(ProblemChange::Created { key_result, supersedes, .. }) => {
            let earlier = supersedes.map(|it| (Kind::Problem, it));
            [(Kind::KeyResult, *key_result)].into_iter().chain(earlier).collect()
        }
        What::Evidence(EvidenceChange::Filed(filed)) => {
            let interview = filed.interview.map(|it| (Kind::Interview, it));
            [(Kind::Problem, filed.problem)].into_iter().chain(interview).collect()
        }
        What::Interview(InterviewChange::Filed(notes)) => vec![(Kind::Problem, notes.problem)],
        What::Solution(SolutionChange::Created(plan)) => vec![
            (Kind::Problem, plan.problem),
            (Kind::Treatment, plan.treatment),
            (Kind::Ring, plan.ring),
        ],
        What::Rollout(RolloutChange::Planned(plan)) => {
            vec![(Kind::Solution, plan.solution), (Kind::Treatment, plan.treatment)]
        }
        What::Rollout(RolloutChange::Assigned { rows }) => {
            rows.iter().map(|it| (Kind::Ring, it.ring)).collect()
        }
        What::Rollout(RolloutChange::Ramped { ring, .. }) => vec![(Kind::Ring, *ring)],
        What::Experiment(ExperimentChange::Created { solution, rollout, .. }) => {
            vec![(Kind::Solution, *solution), (Kind::Rollout, *rollout)]
        }
        What::Experiment(ExperimentChange::Looked { readout }) => vec![(Kind::Readout, *readout)],
        What::Experiment(ExperimentChange::Decided { decision, .. }) => {
            vec![(Kind::Decision, *decision)]
        }
        What::Readout(ReadoutChange::Frozen(frozen)) => {
            vec![(Kind::Experiment, frozen.experiment)]
        }
        What::Decision(decided) => {
            vec![(Kind::Experiment, decided.experiment), (Kind::Readout, decided.readout)]
        }
        What::Campaign(CampaignChange::Created(plan)) => {
            plan.ladder.iter().filter_map(|it| it.ring).map(|it| (Kind::Ring, it)).collect()
        }
        What::Campaign(CampaignChange::Pivoted(pivot)) => {
            pivot.rings.iter().map(|it| (Kind::Ring, *it)).collect()
        }
        _ => Vec::new(),
    }
}

/// The rule that a treatment is about.
fn named_rule(what: &What) -> Option<&str> {
    match what {
        What::Treatment(TreatmentChange::Created(plan)) => plan.data.rule.as_deref(),
        What::Treatment(TreatmentChange::Changed { data, .. }) => data.rule.as_deref(),
        _ => None,
    }
}

impl Record {
    /// What is wrong with the objects that a change names.
    pub(super) fn refers(&self, change: &Change) -> Result<(), String> {
        for (kind, id) in named(&change.what) {
            if id.kind() != kind {
                return Err(format!("it names `{id}` where a {} stands", kind.noun()));
            }
            if !self.has(id) {
                return Err(format!("it names `{id}`, which does not exist"));
            }
        }
        match named_rule(&change.what).filter(|it| !self.has_rule(it)) {
            Some(rule) => Err(format!("it names the rule `{rule}`, which does not exist")),
            None => Ok(()),
        }
    }

    /// Numbers are dense, so that all up to the last one are there.
    fn has(&self, id: ObjectId) -> bool {
        (1..self.next(id.kind()).number()).contains(&id.number())
    }
}
