//! Treatments, rings, solution hypotheses and rollouts: what is refused, and the way out.

use super::*;

fn rolled_back() -> Making {
    let mut it = pilot();
    it.make(|record| record.rollout(id("rollout-1"))?.roll_back("it did not work"));
    it
}

/// `problem-1` was supported, and is rejected by what was asked afterwards.
fn refuted(mut it: Making) -> Making {
    it.make(|record| record.file_evidence(answered("problem-1", "rejected")));
    it.make(|record| record.judge(id("problem-1"), None, None));
    it
}

fn assigned(mut it: Making) -> Making {
    for (ring, name) in [("ring-1", "canary"), ("ring-2", "pilot"), ("ring-3", "early")] {
        it.make(|record| record.assign(id("rollout-1"), rows(name, ring)));
    }
    it
}

#[test]
fn a_treatment_treats() {
    let create = |plan| told(Record::default().create_treatment(plan));
    let nameless = TreatmentPlan { name: " ".to_owned(), ..treatment(Mode::Alert) };
    insta::assert_snapshot!(table([
        ("alert", create(treatment(Mode::Alert))),
        ("observe", create(treatment(Mode::Observe))),
        ("nameless", create(nameless)),
    ]), @r#"
    alert: allowed
    observe: a treatment that only observes treats nothing
        -> --mode alert or break; the holdout observes anyway
    nameless: a treatment has a name
        -> --name "alert at the first reference"
    "#);
}

#[test]
fn a_treatment_changes_for_a_reason() {
    let change = |it: &Making, mode, words: Option<&str>, why: &str| {
        let words = words.map(str::to_owned);
        let data = Treatment { words, ..treatment(mode).data };
        told(it.record.change_treatment(id("treatment-1"), data, why))
    };
    let mut live = assigned(pilot());
    live.make(|record| record.ramp(id("rollout-1"), id("ring-1"), (&actor("Laura"), None)));
    let mut confirmed = assigned(Making::confirmed().planned(Mode::Alert));
    confirmed.make(|record| record.ramp(id("rollout-1"), id("ring-1"), (&actor("Laura"), None)));
    insta::assert_snapshot!(table([
        ("words", change(&pilot(), Mode::Alert, Some("look"), "nobody understood")),
        ("for no reason", change(&pilot(), Mode::Alert, Some("look"), "")),
        ("nothing", change(&pilot(), Mode::Alert, None, "x")),
        ("to break, before teams have it", change(&pilot(), Mode::Break, None, "x")),
        ("to break, supported only", change(&live, Mode::Break, None, "x")),
        ("to break, confirmed", change(&confirmed, Mode::Break, None, "x")),
    ]), @r#"
    words: allowed
    for no reason: a treatment is changed for a reason
        -> --why "…"
    nothing: nothing of treatment-1 would be another
        -> --mode, --threshold, --words or --link says what changes
    to break, before teams have it: allowed
    to break, supported only: rollout-1 has brought treatment-1 to teams, and breaking needs a confirmed problem: problem-1 is supported
        -> confirm the problem first, or create a breaking treatment with a hypothesis and a rollout of its own
    to break, confirmed: allowed
    "#);
}

#[test]
fn a_team_is_in_one_ring_and_does_not_move_in_the_middle() {
    let set = |it: &Making, name: &str, ordinal, teams: &[&str]| {
        let teams = teams.iter().map(|it| (*it).to_owned()).collect();
        told(it.record.set_ring(ring(name, ordinal, teams), ""))
    };
    let (open, frozen) = (pilot(), assigned(pilot()));
    insta::assert_snapshot!(table([
        ("other teams", set(&open, "pilot", 1, &["pilot a", "new"])),
        ("a team of another ring", set(&open, "pilot", 1, &["canary a"])),
        ("a team twice", set(&open, "pilot", 1, &["new", "new"])),
        ("a team without a name", set(&open, "pilot", 1, &[" "])),
        ("another place", set(&open, "pilot", 7, &["pilot a"])),
        ("a place that is taken", set(&open, "later", 1, &["new"])),
        ("in the middle", set(&frozen, "pilot", 1, &["pilot a"])),
        ("into another ring in the middle", set(&frozen, "broad", 3, &["pilot b"])),
        ("nothing in the middle", set(&frozen, "pilot", 1, &["pilot a", "pilot b"])),
    ]), @"
    other teams: allowed
    a team of another ring: team canary a is in ring canary already
        -> a team is in one ring: take it out of the other one first
    a team twice: team new is named twice
        -> name each team once
    a team without a name: rings and teams have names
        -> --teams A,B
    another place: ring pilot is number 1, and stays so
        -> make a ring of another name
    a place that is taken: ring pilot is number 1 already
        -> --ordinal N: rings have an order
    in the middle: ring pilot is frozen, a rollout uses it: pilot b cannot move in the middle
        -> whoever changed sides would make every number void; begin the next rollout with other rings
    into another ring in the middle: team pilot b is in ring pilot already
        -> a rollout uses that ring, and its teams cannot move in the middle
    nothing in the middle: ring pilot has these teams already
        -> nothing is to be done
    ");
}

#[test]
fn a_solution_is_of_a_problem_that_is_known_to_be_one() {
    let create = |it: &Making, plan| told(it.record.create_solution(plan));
    let of = |mut making: Making| {
        making.make(|record| record.create_treatment(treatment(Mode::Alert)));
        for (n, name) in (0..).zip(["canary", "pilot"]) {
            making.make(|record| record.set_ring(ring(name, n, vec![name.to_owned()]), ""));
        }
        told(making.record.create_solution(solution()))
    };
    let leading = LeadingMeasure { within_hours: 48, ..solution().leading };
    insta::assert_snapshot!(table([
        ("framed", of(Making::framed())),
        ("gathering", of(Making::gathering())),
        ("supported", of(Making::supported())),
        ("confirmed", of(Making::confirmed())),
        ("rejected", of(Making::judged("rejected"))),
        ("no treatment", create(&Making::supported(), solution())),
        ("no change", create(&pilot(), SolutionPlan { worthwhile: 0.0, ..solution() })),
        ("no mechanism", create(&pilot(), SolutionPlan { because: " ".to_owned(), ..solution() })),
        ("no guard", create(&pilot(), SolutionPlan { guards: Vec::new(), ..solution() })),
        ("read too late", create(&pilot(), SolutionPlan { leading, ..solution() })),
    ]), @r#"
    framed: problem-1 is framed: nobody knows yet whether it is a problem
        -> fixloop hypothesis evidence problem-1, then fixloop hypothesis verdict problem-1
    gathering: problem-1 is gathering: nobody knows yet whether it is a problem
        -> fixloop hypothesis evidence problem-1, then fixloop hypothesis verdict problem-1
    supported: allowed
    confirmed: allowed
    rejected: problem-1 was rejected: upgrade-regressions: 40 % (30 % to 50 %), kill line 10 %, confirm line 25 %
        -> fixloop hypothesis create --supersedes problem-1: what else could be why?
    no treatment: there is no `treatment-1`
        -> there is no treatment yet
    no change: the smallest worthwhile change is a share between 0 and 1
        -> --worthwhile 10%
    no mechanism: a solution hypothesis names its mechanism, or nothing is learned if it fails
        -> --because "developers see it before the code is committed"
    no guard: a solution hypothesis has a guard metric: what must not get worse
        -> --guard dismissal
    read too late: the leading measure is read within 24 hours
        -> --leading-hours 24
    "#);
}

#[test]
fn a_rollout_is_planned_once() {
    let plan = |it: &Making, plan| told(it.record.plan_rollout(plan));
    let mut other = rolled_back();
    other.make(|record| record.create_treatment(treatment(Mode::Alert)));
    let of_other = RolloutPlan { treatment: id("treatment-2"), ..rollout() };
    let mut stopped = pilot().analysed("stop");
    stopped.make(|record| record.decide(id("experiment-1"), wish(DecisionVerdict::Stop), at(500)));
    insta::assert_snapshot!(table([
        ("again after it was taken back", plan(&rolled_back(), rollout())),
        ("twice", plan(&pilot(), rollout())),
        ("of another treatment", plan(&other, of_other)),
        ("everybody silent", plan(&rolled_back(), RolloutPlan { holdout: 1.0, ..rollout() })),
        ("no share", plan(&rolled_back(), RolloutPlan { holdout: f64::NAN, ..rollout() })),
        ("of a rejected problem", plan(&refuted(rolled_back()), rollout())),
        ("of what was stopped", plan(&stopped, rollout())),
    ]), @"
    again after it was taken back: allowed
    twice: rollout-1 rolls treatment-1 out already, and two rollouts cannot share a treatment
        -> end it (fixloop rollout rollback rollout-1), or create another treatment
    of another treatment: solution-1 is about treatment-1, not treatment-2
        -> a rollout is of the treatment that its hypothesis names
    everybody silent: the holdout is a share from 0 to 90 %
        -> --holdout 10%
    no share: the holdout is a share from 0 to 90 %
        -> --holdout 10%
    of a rejected problem: problem-1 was rejected: nothing is rolled out for it
        -> fixloop hypothesis create --supersedes problem-1
    of what was stopped: solution-1 is stopped
        -> what was stopped or pivoted away from is not rolled out: create another solution hypothesis
    ");
}

#[test]
fn an_assignment_is_written_once() {
    let assign = |it: &Making, rows| told(it.record.assign(id("rollout-1"), rows));
    let twice = rows("pilot", "ring-2").into_iter().chain(rows("pilot", "ring-2")).collect();
    insta::assert_snapshot!(table([
        ("a ring's teams", assign(&pilot(), rows("pilot", "ring-2"))),
        ("anew", assign(&assigned(pilot()), rows("pilot", "ring-2"))),
        ("twice at once", assign(&pilot(), twice)),
        ("of another ring", assign(&pilot(), rows("pilot", "ring-1"))),
        ("of no ring", assign(&pilot(), rows("pilot", "ring-9"))),
        ("after the end", assign(&rolled_back(), rows("pilot", "ring-2"))),
    ]), @"
    a ring's teams: allowed
    anew: team pilot a was assigned before, as treated
        -> an assignment is written once: whoever changed sides would make every number void
    twice at once: team pilot a is named twice
        -> name each team once
    of another ring: team pilot a is not in ring canary
        -> teams keep their ring while a rollout runs
    of no ring: there is no `ring-9`
        -> there are ring-1 to ring-4
    after the end: rollout-1 is rolled_back
        -> plan another rollout
    ");
    // The rings of a rollout are frozen.
    let it = assigned(pilot());
    assert_eq!(it.record.ring(id("ring-2")).unwrap().state.as_str(), "frozen");
}

#[test]
fn beyond_the_pilot_ring_a_problem_is_confirmed() {
    let ramp = |it: &Making, ring: &str, by: Option<(&str, &str)>| {
        let by = by.map(|(who, why)| (actor(who), why.to_owned()));
        told(it.record.ramp(id("rollout-1"), id(ring), (&actor("Laura"), by)))
    };
    let supported = assigned(pilot());
    let confirmed = assigned(Making::confirmed().planned(Mode::Alert));
    let breaking = assigned(Making::supported().planned(Mode::Break));
    let breaking_confirmed = assigned(Making::confirmed().planned(Mode::Break));
    let mut at_pilot = supported.clone();
    at_pilot.make(|record| record.ramp(id("rollout-1"), id("ring-2"), (&actor("Laura"), None)));
    let mut paused = at_pilot.clone();
    paused.make(|record| record.rollout(id("rollout-1"))?.pause("a look"));
    insta::assert_snapshot!(table([
        ("canary, supported", ramp(&supported, "ring-1", None)),
        ("pilot, supported", ramp(&supported, "ring-2", None)),
        ("early, supported", ramp(&supported, "ring-3", None)),
        ("early, set aside for no reason", ramp(&supported, "ring-3", Some(("Jo", " ")))),
        ("early, set aside", ramp(&supported, "ring-3", Some(("Jo", "an attack is on")))),
        ("early, confirmed", ramp(&confirmed, "ring-3", None)),
        ("breaking, supported", ramp(&breaking, "ring-1", None)),
        ("breaking, set aside by who asks", ramp(&breaking, "ring-1", Some(("Laura", "x")))),
        ("breaking, by two", ramp(&breaking, "ring-1", Some(("Jo", "x")))),
        ("breaking, confirmed", ramp(&breaking_confirmed, "ring-1", None)),
        ("rejected", ramp(&refuted(supported.clone()), "ring-1", Some(("Jo", "x")))),
        ("nobody assigned", ramp(&supported, "ring-4", Some(("Jo", "x")))),
        ("twice", ramp(&at_pilot, "ring-2", None)),
        ("back", ramp(&at_pilot, "ring-1", None)),
        ("paused", ramp(&paused, "ring-3", Some(("Jo", "x")))),
    ]), @r#"
    canary, supported: allowed
    pilot, supported: allowed
    early, supported: beyond the pilot ring pilot the problem has to be confirmed, and problem-1 is supported
        -> confirm the problem first, or set the rule aside by name: --override NAME --why "…"; both are shown for ever
    early, set aside for no reason: beyond the pilot ring pilot the problem has to be confirmed, and problem-1 is supported
        -> confirm the problem first, or set the rule aside by name: --override NAME --why "…"; both are shown for ever
    early, set aside: allowed
    early, confirmed: allowed
    breaking, supported: a breaking treatment needs a confirmed problem, and problem-1 is supported
        -> confirm the problem first, or set the rule aside by name: --override NAME --why "…"; both are shown for ever
    breaking, set aside by who asks: a breaking treatment needs a confirmed problem, and problem-1 is supported, or two names: Laura asks and Laura decides
        -> --override with the name of a second person
    breaking, by two: allowed
    breaking, confirmed: allowed
    rejected: problem-1 was rejected: nothing is rolled out for it
        -> fixloop hypothesis create --supersedes problem-1
    nobody assigned: no team of ring broad is assigned yet
        -> fixloop rollout ramp rollout-1 assigns by hash; an experiment draws its own
    twice: ring pilot has rollout-1 already
        -> name the next ring
    back: ring canary comes before ring number 1, which has it
        -> rings are taken in their order
    paused: rollout-1 is paused and cannot be ramped
        -> only what is planned or live can
    "#);
    let mut it = supported;
    let by = Some((actor("Jo"), "an attack is on".to_owned()));
    it.make(|record| record.ramp(id("rollout-1"), id("ring-3"), (&actor("Laura"), by)));
    let rollout = it.record.rollout(id("rollout-1")).unwrap();
    insta::assert_snapshot!(rollout.history.last().unwrap().why.as_deref().unwrap(), @"to ring-3; Jo set the rule aside (beyond the pilot ring pilot the problem has to be confirmed, and problem-1 is supported): an attack is on");
}

#[test]
fn what_cannot_be_taken_back_needs_a_confirmed_problem() {
    let mut it = Making::supported();
    for (n, name) in (0..).zip(["canary", "pilot"]) {
        let teams = vec![format!("{name} a"), format!("{name} b")];
        it.make(|record| record.set_ring(ring(name, n, teams), ""));
    }
    let plan = TreatmentPlan { is_reversible: false, ..treatment(Mode::Alert) };
    it.make(|record| record.create_treatment(plan));
    it.make(|record| record.create_solution(solution()));
    it.make(|record| record.plan_rollout(rollout()));
    it.make(|record| record.assign(id("rollout-1"), rows("pilot", "ring-2")));
    insta::assert_snapshot!(told(it.record.ramp(id("rollout-1"), id("ring-2"), (&actor("Laura"), None))), @r#"
    what cannot be taken back needs a confirmed problem, and problem-1 is supported only
        -> confirm the problem first, or set the rule aside by name: --override NAME --why "…"; both are shown for ever
    "#);
}

#[test]
fn a_rollout_moves_for_a_reason() {
    let mut live = assigned(pilot());
    live.make(|record| record.ramp(id("rollout-1"), id("ring-1"), (&actor("Laura"), None)));
    let of = |it: &Making| it.record.rollout(id("rollout-1")).unwrap().clone();
    insta::assert_snapshot!(table([
        ("pause a plan", told(of(&pilot()).pause("x"))),
        ("pause", told(of(&live).pause("x"))),
        ("pause for no reason", told(of(&live).pause(""))),
        ("resume what is live", told(of(&live).resume("x"))),
        ("done", told(of(&live).finish("x"))),
        ("done before it began", told(of(&pilot()).finish("x"))),
        ("roll back twice", told(of(&rolled_back()).roll_back("x"))),
    ]), @r#"
    pause a plan: rollout-1 is planned and cannot be paused
        -> only what is live can
    pause: allowed
    pause for no reason: a reason is needed
        -> --why "…"
    resume what is live: rollout-1 is live and cannot be resumed
        -> only what is paused can
    done: allowed
    done before it began: rollout-1 is planned and cannot be done
        -> only what is live can
    roll back twice: rollout-1 is rolled_back and cannot be rolled back
        -> only what is planned or live or paused can
    "#);
}
