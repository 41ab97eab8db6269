//! Whatever commands come in whatever order: the rules of the record hold, and no command writes what the record would not read again.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use super::campaigns::{campaign, look, pivot};
use super::*;

/// One command in numbers: which, on what, and how.
type Step = (u8, u8, u8);

/// An id that may or may not be there.
fn some(kind: Kind, n: u8) -> ObjectId {
    ObjectId::new(kind, u32::from(n % 3) + 1)
}

fn several<C: Changes>(answer: Result<C, Refusal>) -> Result<Vec<Change>, Refusal> {
    answer.map(Changes::all)
}

fn about_key_results(record: &Record, (which, a, b): Step) -> Result<Vec<Change>, Refusal> {
    let it = || record.key_result(some(Kind::KeyResult, a));
    let checks = vec![check_of(if b.is_multiple_of(2) { "ok" } else { "block" })];
    let outcomes =
        [KeyResultOutcome::Achieved, KeyResultOutcome::Missed, KeyResultOutcome::Abandoned];
    let objective = record.next(Kind::Objective);
    let of = ObjectId::new(Kind::Objective, objective.number().min(u32::from(a % 2) + 1));
    match which % 6 {
        0 => several(record.create_objective("x", (None, None, None))),
        // The first one comes with its objective.
        1 if of == objective => {
            let created = record.create_objective("x", (None, None, None))?;
            let plan = key_result(&of.to_string());
            Ok(vec![created, record.create_key_result(plan, Vec::new())?])
        }
        1 => several(record.create_key_result(key_result(&of.to_string()), Vec::new())),
        2 => several(it()?.check(checks)),
        3 => several(it()?.activate(None)),
        4 => {
            let it = it()?;
            several(it.revise(key_result(&it.plan.objective.to_string()), checks, "x"))
        }
        _ => several(it()?.end(outcomes[usize::from(b % 3)], "x")),
    }
}

fn about_problems(record: &Record, (which, a, b): Step) -> Result<Vec<Change>, Refusal> {
    let problem = some(Kind::Problem, a);
    let evidence = some(Kind::Evidence, b);
    let stance = [Stance::For, Stance::Against, Stance::Neither][usize::from(b % 3)];
    let verdict = ["supported", "rejected", "open", "cannot tell"][usize::from(b % 4)];
    let supersedes = b.is_multiple_of(3).then(|| some(Kind::Problem, b));
    let given_up = b.is_multiple_of(4).then_some(ProblemState::Inconclusive);
    match which % 9 {
        0 => {
            let key_result = some(Kind::KeyResult, a);
            several(record.create_problem("x", key_result, (at(0), supersedes), Vec::new()))
        }
        1 => several(record.frame(problem, vec![prediction()])),
        2 => several(record.file_evidence(answered(&problem.to_string(), verdict))),
        3 => several(record.file_evidence(note(&problem.to_string(), stance))),
        4 => {
            let page = format!("{a} {b} {}", record.seq);
            several(record.file_interview(interview(&problem.to_string(), &page, stance)))
        }
        5 => several(record.answer_evidence(evidence, "x")),
        6 => several(record.retract_evidence(evidence, "x")),
        7 => several(record.judge(problem, given_up, None)),
        _ => several(record.park(problem, "x")),
    }
}

fn about_rollouts(record: &Record, (which, a, b): Step) -> Result<Vec<Change>, Refusal> {
    let mode = if b.is_multiple_of(3) { Mode::Break } else { Mode::Alert };
    let (names, rollout) = (["canary", "pilot", "early"], some(Kind::Rollout, a));
    let (name, place) = (names[usize::from(a % 3)], u32::from(a % 3));
    let ring_id = some(Kind::Ring, b);
    match which % 9 {
        0 => several(record.create_treatment(treatment(mode))),
        1 => {
            let words = Some(format!("{b}"));
            let data = Treatment { words, ..treatment(mode).data };
            several(record.change_treatment(some(Kind::Treatment, a), data, "x"))
        }
        2 => {
            let teams = vec![format!("{name} a"), format!("{} b", names[usize::from(b % 3)])];
            several(record.set_ring(ring(name, place, teams), "x"))
        }
        3 => {
            let (problem, treatment) = (some(Kind::Problem, a), some(Kind::Treatment, b));
            let plan = SolutionPlan { problem, treatment, ..solution() };
            several(record.create_solution(plan))
        }
        4 => {
            let (solution, treatment) = (some(Kind::Solution, a), some(Kind::Treatment, b));
            several(record.plan_rollout(RolloutPlan { solution, treatment, holdout: 0.1 }))
        }
        5 => several(record.assign(rollout, rows(names[usize::from(b % 3)], &ring_id.to_string()))),
        6 | 7 => {
            let by = a.is_multiple_of(2).then(|| (actor("Jo"), ["", "x"][usize::from(b % 2)]));
            let by = by.map(|(who, why)| (who, why.to_owned()));
            several(record.ramp(rollout, ring_id, (&actor("Laura"), by)))
        }
        _ => {
            let it = record.rollout(rollout)?;
            several(match b % 4 {
                0 => it.pause("x"),
                1 => it.resume("x"),
                2 => it.finish("x"),
                _ => it.roll_back("x"),
            })
        }
    }
}

fn about_experiments(record: &Record, (which, a, b): Step) -> Result<Vec<Change>, Refusal> {
    let id = some(Kind::Experiment, a);
    let of = (some(Kind::Solution, a), some(Kind::Rollout, b));
    match which % 8 {
        0 => several(record.create_experiment(of, None)),
        1 => several(record.register(id, registered())),
        2 => several(record.start(id, started())),
        3 | 4 => {
            let day = f64::from(b % 3 + 1) * 14.0;
            let verdict = ["expand", "pivot", "stop", "inconclusive", "persevere"];
            let verdict = verdict[usize::from(b % 5)];
            let frozen = FrozenReadout { experiment: id, ..readout(day, verdict) };
            several(record.look(frozen, b.is_multiple_of(2).then(|| "x".to_owned())))
        }
        5 => {
            let it = record.experiment(id)?;
            several(match b % 3 {
                0 => it.pause("x"),
                1 => it.resume("x"),
                _ => it.void("x"),
            })
        }
        6 => several(record.edit_scope(id, "x")),
        _ => {
            use DecisionVerdict as V;
            let verdict = [V::Expand, V::Pivot, V::Stop, V::Persevere][usize::from(b % 4)];
            let (why, next_believe) = (Some("x".to_owned()), Some("y".to_owned()));
            let pivot = Some(PivotKind::Problem);
            let wish = Wish { why, pivot, next_believe, ..wish(verdict) };
            several(record.decide(id, wish, at(0)))
        }
    }
}

fn about_campaigns(record: &Record, (which, a, b): Step) -> Result<Vec<Change>, Refusal> {
    let it = || record.campaign(some(Kind::Campaign, a));
    let ring = some(Kind::Ring, b).to_string();
    let rings = if b.is_multiple_of(4) { Vec::new() } else { vec![&*ring] };
    let to = [Mode::Break, Mode::Alert, Mode::Observe][usize::from(b % 3)];
    match which % 9 {
        0 => several(record.create_campaign(campaign(), at(0))),
        1 | 2 => several(it()?.open(at(0), record.open_campaigns().count())),
        3 => several(it()?.observe(look())),
        4..=6 => {
            let it = it()?;
            // Now and then of an older version.
            let version = it.version - u32::from(b.is_multiple_of(5));
            let who = if b.is_multiple_of(7) { "Ines" } else { "Laura" };
            several(record.pivot_campaign(it.id, &actor(who), pivot(to, &rings, version)))
        }
        7 => several(it()?.take_back("x")),
        _ => several(it()?.close("x")),
    }
}

fn command(record: &Record, (area, a, b): Step) -> Result<Vec<Change>, Refusal> {
    let which = area / 6;
    match area % 6 {
        0 => about_key_results(record, (which, a, b)),
        1 => about_problems(record, (which, a, b)),
        2 | 3 => about_rollouts(record, (which, a, b)),
        4 => about_experiments(record, (which, a, b)),
        _ => about_campaigns(record, (which, a, b)),
    }
}

/// Where a story begins: anywhere in the loop.
fn begun(n: u8) -> Making {
    match n % 7 {
        0 => Making::default(),
        1 => Making::framed(),
        2 => Making::supported(),
        3 => Making::confirmed(),
        4 => pilot(),
        5 => pilot().running(),
        _ => Making::confirmed().planned(Mode::Break).analysed("expand"),
    }
}

/// Every object as scripts read it, by id.
fn objects(record: &Record) -> BTreeMap<ObjectId, Value> {
    let mut all = BTreeMap::new();
    macro_rules! add {
        ($($field:ident),+) => {
            $(for (number, it) in &record.$field {
                assert_eq!(it.id.number(), *number);
                all.insert(it.id, serde_json::to_value(it).unwrap());
            })+
        };
    }
    add!(objectives, key_results, problems, evidence, interviews, treatments);
    add!(rings, solutions, rollouts, experiments, readouts, decisions, campaigns);
    all
}

const FINAL: [&str; 15] = [
    "closed",
    "achieved",
    "missed",
    "abandoned",
    "met",
    "dropped",
    "confirmed",
    "rejected",
    "retracted",
    "frozen",
    "pivoted",
    "stopped",
    "done",
    "rolled_back",
    "void",
];

/// Nothing is taken back: histories grow, what is final stays, and numbers are dense.
fn check_history(before: &Record, after: &Record) {
    let (old, new) = (objects(before), objects(after));
    for (id, was) in &old {
        let is = &new[id];
        let (short, long) = (was["history"].as_array().unwrap(), is["history"].as_array().unwrap());
        assert!(long.starts_with(short), "{id}");
        let state = was["state"].as_str().unwrap();
        assert!(!FINAL.contains(&state) || was["state"] == is["state"], "{id} was {state}");
    }
    for (id, is) in &new {
        let history = is["history"].as_array().unwrap();
        assert!(!history.is_empty() && history[0]["from"].is_null(), "{id}");
        for pair in history.windows(2) {
            assert_eq!(pair[0]["to"], pair[1]["from"], "{id}");
        }
        if !matches!(id.kind(), Kind::Treatment | Kind::Decision) {
            assert_eq!(history.last().unwrap()["to"], is["state"], "{id}");
        }
        let earlier = ObjectId::new(id.kind(), id.number() - 1);
        assert!(id.number() == 1 || new.contains_key(&earlier), "{id} without {earlier}");
    }
}

/// Nothing is built on a rejected problem, and nothing goes beyond the pilot ring without a confirmed one or a name.
fn check_problems(before: &Record, after: &Record) {
    let problem_of = |it: &Rollout| {
        let solution = &after.solutions[&it.plan.solution.number()];
        (solution, &before.problems[&solution.plan.problem.number()])
    };
    for it in after.solutions.values().skip(before.solutions.len()) {
        let state = before.problems[&it.plan.problem.number()].state;
        assert!(matches!(state, ProblemState::Supported | ProblemState::Confirmed));
    }
    for it in after.rollouts.values().skip(before.rollouts.len()) {
        assert_ne!(problem_of(it).1.state, ProblemState::Rejected);
    }
    for it in after.experiments.values().skip(before.experiments.len()) {
        let solution = &after.solutions[&it.solution.number()];
        let problem = &before.problems[&solution.plan.problem.number()];
        assert_ne!(problem.state, ProblemState::Rejected);
    }
    for (number, it) in &after.rollouts {
        let was = before.rollouts.get(number);
        let new = it.live_rings.iter().skip(was.map_or(0, |it| it.live_rings.len()));
        for ring in new {
            let (solution, problem) = problem_of(it);
            assert_ne!(problem.state, ProblemState::Rejected);
            let pilot = after.rings[&solution.plan.ring.number()].plan.ordinal;
            let treatment = &after.treatments[&it.plan.treatment.number()];
            let is_beyond =
                after.rings[&ring.number()].plan.ordinal > pilot || treatment.is_breaking();
            let aside = it.overrides.len() > was.map_or(0, |it| it.overrides.len());
            assert!(!is_beyond || problem.state == ProblemState::Confirmed || aside);
            assert!(it.overrides.iter().all(|it| !it.why.trim().is_empty()));
        }
    }
}

/// A team has one arm in a rollout and one ring, a treatment has one open experiment, a day has one look.
fn check_experiments(before: &Record, after: &Record) {
    for (number, it) in &after.rollouts {
        let teams: BTreeSet<&String> = it.ledger.iter().map(|it| &it.team).collect();
        assert_eq!(teams.len(), it.ledger.len());
        let was = before.rollouts.get(number).map_or(&[][..], |it| &it.ledger);
        assert!(it.ledger.starts_with(was), "{}", it.id);
    }
    let teams: Vec<&String> = after.rings.values().flat_map(|it| &it.plan.teams).collect();
    assert_eq!(teams.iter().collect::<BTreeSet<_>>().len(), teams.len());
    let open = after.experiments.values().filter(|it| it.is_open());
    let treatments: Vec<ObjectId> =
        open.map(|it| after.rollouts[&it.rollout.number()].plan.treatment).collect();
    assert_eq!(treatments.iter().collect::<BTreeSet<_>>().len(), treatments.len());
    for it in after.experiments.values() {
        let since = it.scope_changes.last().map(|it| it.at);
        let readouts = it.readouts.iter().map(|id| &after.readouts[&id.number()]);
        let days: Vec<u64> = readouts
            .filter(|it| Some(it.history[0].when) > since)
            .map(|it| it.frozen.day.to_bits())
            .collect();
        assert_eq!(days.iter().collect::<BTreeSet<_>>().len(), days.len(), "{}", it.id);
    }
}

/// A pivot has two names and stays as it was written; what was looked at stays looked at; nothing reaches a ring of a campaign that is not open.
fn check_campaigns(before: &Record, after: &Record) {
    for (number, it) in &after.campaigns {
        for pivot in &it.pivots {
            assert_ne!(pivot.by, pivot.pivot.with, "{}", it.id);
            assert!(pivot.pivot.from != pivot.pivot.to && !pivot.pivot.why.trim().is_empty());
        }
        let is_open = it.state == CampaignState::Open;
        assert!(is_open == (it.opened_at.is_some() && it.closed_at.is_none()));
        assert!(it.steps.iter().all(|it| it.mode > Mode::Observe));
        assert!(it.opened_at.is_none() || !it.steps.is_empty());
        let Some(was) = before.campaigns.get(number) else { continue };
        assert!(it.looks.starts_with(&was.looks) && it.pivots.len() >= was.pivots.len());
        assert!(it.version >= was.version);
        if was.state == CampaignState::Closed {
            assert_eq!(it, was);
        }
        let n_standing =
            |it: &Campaign| it.pivots.iter().filter(|it| it.taken_back.is_none()).count();
        if n_standing(it) < n_standing(was) {
            assert_eq!(it.version, was.version + 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn rules_hold_whatever_comes(
        start: u8,
        steps in prop::collection::vec((0..54_u8, 0..6_u8, 0..12_u8), 1..40),
    ) {
        let mut making = begun(start);
        for step in steps {
            let before = making.record.clone();
            match command(&making.record, step) {
                // A refusal says what cannot be done and what can.
                Err(it) => prop_assert!(!it.what.trim().is_empty() && !it.way_out.trim().is_empty()),
                Ok(changes) => {
                    let written = making.write(changes);
                    prop_assert!(written.is_ok(), "{step:?}: {}", written.unwrap_err());
                    check_history(&before, &making.record);
                    check_problems(&before, &making.record);
                    check_experiments(&before, &making.record);
                    check_campaigns(&before, &making.record);
                }
            }
        }
        // What is stored is all there is.
        let text = serde_json::to_string(&making.entries).unwrap();
        let entries: Vec<Entry> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(Record::replay(&entries).unwrap(), making.record);
    }
}
