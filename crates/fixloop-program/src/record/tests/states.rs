//! Every transition table as people read it in `docs/program.md`.

use super::super::campaign::CampaignState;
use super::super::experiment::ExperimentState;
use super::super::key_result::KeyResultState;
use super::super::objective::ObjectiveState;
use super::super::problem::ProblemState;
use super::super::ring::RingState;
use super::super::rollout::RolloutState;
use super::super::solution::SolutionState;
use super::super::states::State;

/// All states that can be reached, each with what may follow.
fn transitions<S: State>(first: S) -> String {
    let mut met = vec![first];
    let mut text = String::new();
    let mut place = 0;
    while let Some(state) = met.get(place).copied() {
        let next: Vec<&str> = state.next().iter().map(|it| it.word()).collect();
        let next = if next.is_empty() { "(final)".to_owned() } else { next.join(", ") };
        text.extend([state.word(), " -> ", &next, "\n"]);
        let new: Vec<S> = state.next().iter().filter(|it| !met.contains(it)).copied().collect();
        met.extend(new);
        place += 1;
    }
    text
}

#[test]
fn objectives() {
    insta::assert_snapshot!(transitions(ObjectiveState::Draft), @"
    draft -> active, dropped
    active -> met, missed, dropped
    dropped -> (final)
    met -> (final)
    missed -> (final)
    ");
}

#[test]
fn key_results() {
    insta::assert_snapshot!(transitions(KeyResultState::Draft), @"
    draft -> smart_checked, abandoned
    smart_checked -> active, draft, abandoned
    abandoned -> (final)
    active -> achieved, missed, abandoned
    achieved -> (final)
    missed -> (final)
    ");
}

#[test]
fn problems() {
    insta::assert_snapshot!(transitions(ProblemState::Draft), @"
    draft -> framed, parked
    framed -> gathering, parked
    parked -> gathering
    gathering -> supported, rejected, inconclusive
    supported -> confirmed, rejected, inconclusive
    rejected -> (final)
    inconclusive -> gathering, parked
    confirmed -> (final)
    ");
}

#[test]
fn rings() {
    insta::assert_snapshot!(transitions(RingState::Open), @"
    open -> frozen
    frozen -> (final)
    ");
}

#[test]
fn solutions() {
    insta::assert_snapshot!(transitions(SolutionState::Draft), @"
    draft -> planned, stopped
    planned -> piloting, stopped
    stopped -> (final)
    piloting -> supported, not_supported, harmful, inconclusive, stopped
    supported -> expanding, pivoted, stopped
    not_supported -> pivoted, stopped
    harmful -> pivoted, stopped
    inconclusive -> piloting, pivoted, stopped
    expanding -> stopped
    pivoted -> (final)
    ");
}

#[test]
fn rollouts() {
    insta::assert_snapshot!(transitions(RolloutState::Planned), @"
    planned -> live, rolled_back
    live -> paused, done, rolled_back
    rolled_back -> (final)
    paused -> live, rolled_back
    done -> (final)
    ");
}

#[test]
fn experiments() {
    insta::assert_snapshot!(transitions(ExperimentState::Draft), @"
    draft -> registered, void
    registered -> running, draft, void
    void -> (final)
    running -> paused, analysed, draft, void
    paused -> running, analysed, draft, void
    analysed -> decided, void
    decided -> void
    ");
}

#[test]
fn campaigns() {
    insta::assert_snapshot!(transitions(CampaignState::Draft), @"
    draft -> open, closed
    open -> closed
    closed -> (final)
    ");
}
