use super::State;
use crate::record::ring::RingState;
use crate::record::{
    CampaignState, ExperimentState, KeyResultState, ObjectiveState, ProblemState, RolloutState,
    SolutionState,
};

const PAGE: &str = include_str!("../../../../../docs/program.md");

/// Every state that can be reached, nearest first.
fn table<S: State>(first: S) -> String {
    let mut states = vec![first];
    let mut place = 0;
    while let Some(state) = states.get(place) {
        let new: Vec<S> = state.next().iter().filter(|it| !states.contains(it)).copied().collect();
        states.extend(new);
        place += 1;
    }
    let mut text = "| state | may become |\n|---|---|\n".to_owned();
    for state in states {
        let next: Vec<&str> = state.next().iter().map(|it| it.word()).collect();
        let row = format!("| {} | {} |", state.word(), next.join(", "));
        text += &row.replace("|  |", "| |");
        text += "\n";
    }
    text
}

#[test]
fn the_documentation_has_these_tables() {
    #[track_caller]
    fn check<S: State>(object: &str, first: S) {
        let section = PAGE.split("\n### ").find(|it| it.starts_with(object)).expect("a section");
        let table = table(first);
        assert!(section.contains(&table), "{object}:\n{table}");
    }
    check("Objective (", ObjectiveState::Draft);
    check("Key result (", KeyResultState::Draft);
    check("Problem hypothesis (", ProblemState::Draft);
    check("Ring (", RingState::Open);
    check("Solution hypothesis (", SolutionState::Draft);
    check("Rollout (", RolloutState::Planned);
    check("Experiment (", ExperimentState::Draft);
    check("Campaign (", CampaignState::Draft);
}
