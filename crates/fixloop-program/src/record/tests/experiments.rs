//! Experiments, looks and decisions: what is refused, and the way out.

use super::*;

fn of(it: &Making) -> &Experiment {
    it.record.experiment(id("experiment-1")).unwrap()
}

fn created(mut it: Making) -> Making {
    let of = (id("solution-1"), id("rollout-1"));
    it.make(|record| record.create_experiment(of, None));
    it
}

fn void(mut it: Making) -> Making {
    it.make(|record| record.experiment(id("experiment-1"))?.void("the gateway was down"));
    it
}

fn paused() -> Making {
    let mut it = pilot().running();
    it.make(|record| record.experiment(id("experiment-1"))?.pause("heartbeats stopped"));
    it
}

fn decided() -> Making {
    let mut it = pilot().analysed("expand");
    it.make(|record| record.decide(id("experiment-1"), wish(DecisionVerdict::Expand), at(500)));
    it
}

/// One row for each state of `experiment-1`.
fn in_each_state(told: impl Fn(&Making) -> String) -> String {
    table([
        ("draft", told(&created(pilot()))),
        ("registered", told(&pilot().registered())),
        ("running", told(&pilot().running())),
        ("paused", told(&paused())),
        ("analysed", told(&pilot().analysed("expand"))),
        ("decided", told(&decided())),
        ("void", told(&void(pilot().running()))),
    ])
}

#[test]
fn two_experiments_do_not_share_a_treatment() {
    let create =
        |it: &Making| told(it.record.create_experiment((id("solution-1"), id("rollout-1")), None));
    let mut rejected = pilot();
    rejected.make(|record| record.file_evidence(answered("problem-1", "rejected")));
    rejected.make(|record| record.judge(id("problem-1"), None, None));
    let mut back = pilot();
    back.make(|record| record.rollout(id("rollout-1"))?.roll_back("x"));
    let mut other = pilot();
    other.make(|record| record.create_treatment(treatment(Mode::Alert)));
    let plan = SolutionPlan { treatment: id("treatment-2"), ..solution() };
    other.make(|record| record.create_solution(plan));
    let of_other = other.record.create_experiment((id("solution-2"), id("rollout-1")), None);
    insta::assert_snapshot!(table([
        ("the first", create(&pilot())),
        ("while one is a draft", create(&created(pilot()))),
        ("while one runs", create(&pilot().running())),
        ("after one was made void", create(&void(created(pilot())))),
        ("on a rejected problem", create(&rejected)),
        ("on what was taken back", create(&back)),
        ("of another hypothesis", told(of_other)),
    ]), @"
    the first: allowed
    while one is a draft: experiment-1 runs on treatment-1 already, and two experiments cannot share a treatment
        -> end it, or make it void: fixloop experiment void experiment-1
    while one runs: experiment-1 runs on treatment-1 already, and two experiments cannot share a treatment
        -> end it, or make it void: fixloop experiment void experiment-1
    after one was made void: allowed
    on a rejected problem: problem-1 was rejected: there is nothing to solve
        -> fixloop hypothesis create --supersedes problem-1
    on what was taken back: rollout-1 is rolled_back
        -> fixloop rollout plan --solution solution-1
    of another hypothesis: rollout-1 is of solution-1
        -> an experiment and its rollout are of one hypothesis
    ");
}

#[test]
fn a_question_is_locked_once() {
    insta::assert_snapshot!(in_each_state(|it| {
        told(it.record.register(id("experiment-1"), registered()))
    }), @"
    draft: allowed
    registered: experiment-1 is registered: its question is locked
        -> fixloop experiment edit names what changes, and the clock begins anew
    running: experiment-1 is running: its question is locked
        -> fixloop experiment edit names what changes, and the clock begins anew
    paused: experiment-1 is paused: its question is locked
        -> fixloop experiment edit names what changes, and the clock begins anew
    analysed: experiment-1 is analysed
        -> create another experiment
    decided: experiment-1 is decided
        -> create another experiment
    void: experiment-1 is void
        -> create another experiment
    ");
    let looks = |looks: &[f64]| {
        let question = Registered { looks: looks.to_vec(), ..registered() };
        told(created(pilot()).record.register(id("experiment-1"), question))
    };
    insta::assert_snapshot!(table([
        ("no look", looks(&[])),
        ("back", looks(&[28.0, 14.0])),
        ("before the start", looks(&[0.0, 14.0])),
        ("no number", looks(&[f64::NAN])),
    ]), @"
    no look: looks are days that grow
        -> --looks 14,28,42,56
    back: looks are days that grow
        -> --looks 14,28,42,56
    before the start: looks are days that grow
        -> --looks 14,28,42,56
    no number: looks are days that grow
        -> --looks 14,28,42,56
    ");
}

#[test]
fn it_starts_once_and_only_what_runs_is_looked_at() {
    insta::assert_snapshot!(in_each_state(|it| {
        told(it.record.start(id("experiment-1"), started()))
    }), @"
    draft: experiment-1 is draft
        -> fixloop experiment register comes first, and an experiment starts once
    registered: allowed
    running: experiment-1 is running
        -> fixloop experiment register comes first, and an experiment starts once
    paused: experiment-1 is paused
        -> fixloop experiment register comes first, and an experiment starts once
    analysed: experiment-1 is analysed
        -> fixloop experiment register comes first, and an experiment starts once
    decided: experiment-1 is decided
        -> fixloop experiment register comes first, and an experiment starts once
    void: experiment-1 is void
        -> fixloop experiment register comes first, and an experiment starts once
    ");
    insta::assert_snapshot!(in_each_state(|it| told(it.record.look(readout(28.0, "persevere"), None))), @"
    draft: experiment-1 is not registered yet
        -> fixloop experiment register locks the question
    registered: experiment-1 has not started
        -> fixloop experiment start draws the teams
    running: allowed
    paused: allowed
    analysed: experiment-1 is analysed
        -> its readouts stay: fixloop readout show
    decided: experiment-1 is decided
        -> its readouts stay: fixloop readout show
    void: experiment-1 is void
        -> its readouts stay: fixloop readout show
    ");
}

#[test]
fn a_look_is_taken_once_with_the_question_that_was_registered() {
    let mut it = pilot().running();
    it.make(|record| record.look(readout(14.0, "persevere"), None));
    let other = FrozenReadout { analysis_hash: "another".to_owned(), ..readout(28.0, "expand") };
    insta::assert_snapshot!(table([
        ("the same day", told(it.record.look(readout(14.0, "expand"), None))),
        ("the next day", told(it.record.look(readout(28.0, "expand"), None))),
        ("another question", told(it.record.look(other, None))),
    ]), @"
    the same day: the look of day 14 was taken: readout-1
        -> fixloop readout show readout-1
    the next day: allowed
    another question: experiment-1 was registered with another question
        -> fixloop experiment edit names what changed, and the clock begins anew
    ");
}

#[test]
fn scope_creep_begins_the_clock_anew() {
    insta::assert_snapshot!(in_each_state(|it| {
        told(it.record.edit_scope(id("experiment-1"), "another metric"))
    }), @"
    draft: experiment-1 is draft
        -> only what is registered or runs can creep
    registered: allowed
    running: allowed
    paused: allowed
    analysed: experiment-1 is analysed
        -> only what is registered or runs can creep
    decided: experiment-1 is decided
        -> only what is registered or runs can creep
    void: experiment-1 is void
        -> only what is registered or runs can creep
    ");
    insta::assert_snapshot!(told(pilot().running().record.edit_scope(id("experiment-1"), "")), @r#"
    a reason is needed
        -> --why "…"
    "#);
    let mut it = pilot().running();
    it.make(|record| record.look(readout(14.0, "persevere"), None));
    let data = Treatment { words: Some("look".to_owned()), ..treatment(Mode::Alert).data };
    it.make(|record| record.change_treatment(id("treatment-1"), data, "nobody understood"));
    assert_eq!((of(&it).state.as_str(), &of(&it).started), ("draft", &None));
    insta::assert_snapshot!(of(&it).scope_changes[0].what, @"treatment-1 became version 2: nobody understood");
    it.make(|record| record.register(id("experiment-1"), registered()));
    it.make(|record| record.start(id("experiment-1"), started()));
    // The day is one of the new clock; what was said before stays.
    it.make(|record| record.look(readout(14.0, "persevere"), None));
    assert_eq!(of(&it).readouts.len(), 2);
}

#[test]
fn it_is_paused_resumed_and_made_void_for_a_reason() {
    insta::assert_snapshot!(in_each_state(|it| told(of(it).pause("x"))), @"
    draft: experiment-1 is draft
        -> only what runs is paused
    registered: experiment-1 is registered
        -> only what runs is paused
    running: allowed
    paused: experiment-1 is paused
        -> only what runs is paused
    analysed: experiment-1 is analysed
        -> only what runs is paused
    decided: experiment-1 is decided
        -> only what runs is paused
    void: experiment-1 is void
        -> only what runs is paused
    ");
    insta::assert_snapshot!(in_each_state(|it| told(of(it).resume("x"))), @"
    draft: experiment-1 is draft
        -> only what is paused is resumed
    registered: experiment-1 is registered
        -> only what is paused is resumed
    running: experiment-1 is running
        -> only what is paused is resumed
    paused: allowed
    analysed: experiment-1 is analysed
        -> only what is paused is resumed
    decided: experiment-1 is decided
        -> only what is paused is resumed
    void: experiment-1 is void
        -> only what is paused is resumed
    ");
    insta::assert_snapshot!(in_each_state(|it| told(of(it).void("x"))), @"
    draft: allowed
    registered: allowed
    running: allowed
    paused: allowed
    analysed: allowed
    decided: allowed
    void: experiment-1 is void already
        -> nothing is to be done
    ");
    insta::assert_snapshot!(table([
        ("pause", told(of(&pilot().running()).pause(" "))),
        ("resume", told(of(&paused()).resume(" "))),
        ("void", told(of(&paused()).void(" "))),
    ]), @r#"
    pause: a reason is needed
        -> --why "…"
    resume: a reason is needed
        -> --why "…"
    void: an experiment is made void for a reason
        -> --why "…"
    "#);
}

#[test]
fn a_decision_is_taken_once_on_a_readout() {
    use DecisionVerdict as V;
    let decide = |it: &Making, wish| told(it.record.decide(id("experiment-1"), wish, at(500)));
    insta::assert_snapshot!(in_each_state(|it| decide(it, wish(V::Expand))), @"
    draft: experiment-1 is draft: there is nothing to decide on yet
        -> a planned look ends it: fixloop experiment look; to end it otherwise, fixloop experiment void
    registered: experiment-1 is registered: there is nothing to decide on yet
        -> a planned look ends it: fixloop experiment look; to end it otherwise, fixloop experiment void
    running: experiment-1 is running: there is nothing to decide on yet
        -> a planned look ends it: fixloop experiment look; to end it otherwise, fixloop experiment void
    paused: experiment-1 is paused: there is nothing to decide on yet
        -> a planned look ends it: fixloop experiment look; to end it otherwise, fixloop experiment void
    analysed: allowed
    decided: experiment-1 is decided, expand by Laura at 2026-12-24T08:26:40Z
        -> a decision stays; what comes after is the next hypothesis
    void: experiment-1 is void: nothing is decided on it
        -> its data are kept; register another experiment
    ");
    let nobody = Wish { decided_by: Vec::new(), ..wish(V::Expand) };
    let why = Some("the budget is gone".to_owned());
    let pivot = Some(PivotKind::Mechanism);
    let next_believe = Some("a gate would do more".to_owned());
    let it = pilot().analysed("expand");
    insta::assert_snapshot!(table([
        ("persevere before a look", decide(&pilot().running(), wish(V::Persevere))),
        ("by nobody", decide(&it, nobody)),
        ("against the rule", decide(&it, wish(V::Stop))),
        ("against the rule, with a reason", decide(&it, Wish { why: why.clone(), ..wish(V::Stop) })),
        ("a pivot to nothing", decide(&it, Wish { why: why.clone(), ..wish(V::Pivot) })),
        ("a pivot", decide(&it, Wish { why, pivot, next_believe, ..wish(V::Pivot) })),
    ]), @r#"
    persevere before a look: experiment-1 has no readout
        -> fixloop experiment look
    by nobody: a decision is taken by somebody
        -> --by NAME
    against the rule: readout-1 recommends expand, and you decide stop
        -> say why: --why "…"; it stands beside the decision
    against the rule, with a reason: allowed
    a pivot to nothing: a pivot says what changes and what is believed next
        -> --pivot problem|segment|mechanism|metric --next "we believe …"
    a pivot: allowed
    "#);
}

#[test]
fn breaking_is_expanded_by_two() {
    let it = Making::confirmed().planned(Mode::Break).analysed("expand");
    let by = |names: &[&str]| {
        let decided_by = names.iter().map(|it| actor(it)).collect();
        let wish = Wish { decided_by, ..wish(DecisionVerdict::Expand) };
        told(it.record.decide(id("experiment-1"), wish, at(500)))
    };
    insta::assert_snapshot!(table([
        ("one", by(&["Laura"])),
        ("one, twice", by(&["Laura", "Laura"])),
        ("two", by(&["Laura", "Jo"])),
    ]), @"
    one: breaking builds is decided by two people
        -> --by NAME --by NAME
    one, twice: breaking builds is decided by two people
        -> --by NAME --by NAME
    two: allowed
    ");
}

/// States of solution and rollout, and whether another hypothesis was opened.
fn after(recommended: &str, verdict: DecisionVerdict) -> String {
    let mut it = pilot().analysed(recommended);
    let wish = Wish {
        why: Some("x".to_owned()),
        pivot: Some(PivotKind::Segment),
        next_believe: Some("y".to_owned()),
        ..wish(verdict)
    };
    it.make(|record| record.decide(id("experiment-1"), wish, at(500)));
    let solution = it.record.solution(id("solution-1")).unwrap();
    let rollout = it.record.rollout(id("rollout-1")).unwrap();
    let states: Vec<&str> = solution.history.iter().skip(3).map(|it| &*it.to).collect();
    let next = solution.next.map_or("-".to_owned(), |it| it.to_string());
    let against =
        it.record.decision(id("decision-1")).unwrap().decided.against_recommendation.is_some();
    let against = if against { ", against the rule" } else { "" };
    format!("{}; {}; {next}{against}", states.join(", "), rollout.state.as_str())
}

#[test]
fn what_follows_of_a_decision() {
    use DecisionVerdict as V;
    insta::assert_snapshot!(table([
        ("expand", after("expand", V::Expand)),
        ("pivot", after("pivot", V::Pivot)),
        ("stop", after("stop", V::Stop)),
        ("persevere", after("persevere", V::Persevere)),
        // Nothing is called harmful or refuted that was not.
        ("out of time", after("inconclusive", V::Pivot)),
        ("stopped though it worked", after("expand", V::Stop)),
        ("stopped as futile", after("pivot", V::Stop)),
    ]), @"
    expand: supported, expanding; live; -
    pivot: not_supported, pivoted; rolled_back; problem-2
    stop: harmful, stopped; rolled_back; -
    persevere: ; live; -
    out of time: inconclusive, pivoted; rolled_back; problem-2
    stopped though it worked: supported, stopped; rolled_back; -, against the rule
    stopped as futile: not_supported, stopped; rolled_back; -, against the rule
    ");
}
