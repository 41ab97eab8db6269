//! Experiments, rings and decisions that would make numbers void.

use fixloop_program::record::{Actor, FrozenReadout};
use fixloop_store::{Author, Store};

use super::*;

#[test]
fn a_treatment_is_in_one_experiment() {
    let it = Programme::running();
    insta::assert_snapshot!(it.refused(&["experiment", "register", "--rollout", "rollout-1"]), @"
    error: experiment-1 runs on treatment-1 already, and two experiments cannot share a treatment

    hint: end it, or make it void: fixloop experiment void experiment-1
    ");
    insta::assert_snapshot!(it.refused(&["rollout", "plan", "--solution", "solution-1"]), @"
    error: rollout-1 rolls treatment-1 out already, and two rollouts cannot share a treatment

    hint: end it (fixloop rollout rollback rollout-1), or create another treatment
    ");
    insta::assert_snapshot!(it.refused(&["experiment", "start", "experiment-1"]), @"
    error: experiment-1 is running

    hint: fixloop experiment register comes first, and an experiment starts once
    ");
}

#[test]
fn a_team_stays_in_its_ring_and_arm() {
    let it = Programme::running();
    insta::assert_snapshot!(it.refused(&["ring", "set", "pilot", "--teams", "web,api,jobs,docs,shop,site,ops"]), @"
    error: ring pilot is frozen, a rollout uses it: lake cannot move in the middle

    hint: whoever changed sides would make every number void; begin the next rollout with other rings
    ");
    insta::assert_snapshot!(it.refused(&["ring", "set", "early", "--teams", "lake"]), @"
    error: team lake is in ring pilot already

    hint: a rollout uses that ring, and its teams cannot move in the middle
    ");
    let csv = it.path("arms.csv");
    fs::write(&csv, "team,arm\nweb,treated\n").unwrap();
    let by_hand = ["rollout", "ramp", "rollout-1", "--ring", "pilot", "--by-hand", &csv];
    // Which arm the draw gave it, nobody knows beforehand.
    let said = it.refused(&by_hand).replace("as treated", "as holdout");
    insta::assert_snapshot!(said, @"
    error: team web was assigned before, as holdout

    hint: an assignment is written once: whoever changed sides would make every number void
    ");
}

#[test]
fn between_looks_there_is_no_verdict() {
    let it = Programme::running();
    let mut command = it.command(&["experiment", "look", "experiment-1"]);
    let output = command.env("FIXLOOP_NOW", "2025-01-02T12:00:00Z").output().unwrap();
    assert_exit(&output, 0);
    insta::assert_snapshot!(stderr(&output), @"harm cannot be told: there is no finding of the time of the experiment");
    let text = stdout(&output);
    assert!(
        text.contains("the next look is on day 14: until then counts, and no verdict"),
        "{text}"
    );
    for word in ["expand", "stop", "pivot", "persevere"] {
        assert!(!text.contains(word), "{word}\n{text}");
    }
    // At the very moment of the start, too.
    it.done(&["experiment", "look", "experiment-1"]);
    insta::assert_snapshot!(it.refused(&["decision", "record", "experiment-1", "--verdict", "expand"]), @"
    error: experiment-1 is running: there is nothing to decide on yet

    hint: a planned look ends it: fixloop experiment look; to end it otherwise, fixloop experiment void
    ");
}

/// As if the look of day 14 had ended it.
fn analysed() -> Programme {
    let it = Programme::running();
    let mut store = Store::open(&it.data()).expect("as the test made it");
    let at = NOW.parse().expect("as the test made it");
    let author =
        Author { actor: Actor::new("Laura").expect("as the test made it"), at, is_clock_set: true };
    store
        .change(&author, |record| {
            let id = "experiment-1".parse().expect("as the test made it");
            let question = record.experiment(id)?.registered.as_ref().expect("as the test made it");
            let readout = FrozenReadout {
                experiment: id,
                day: 14.0,
                is_planned: true,
                cut: at,
                analysis_hash: question.analysis_hash.clone(),
                method: "a test".to_owned(),
                inputs: std::collections::BTreeMap::new(),
                document: "0".repeat(64),
                verdict: "stop".to_owned(),
                rule: "the treatment harms".to_owned(),
                sentence: "a sentence".to_owned(),
            };
            record.look(readout, Some("the treatment harms".to_owned()))
        })
        .expect("as the test made it");
    it
}

#[test]
fn of_two_people_who_decide_at_once_one_does() {
    let it = analysed();
    let spawn = |name: &str| {
        let decide = ["decision", "record", "experiment-1", "--verdict", "stop", "--by", name];
        let mut command = it.command(&decide);
        command.env("FIXLOOP_ACTOR", name);
        let piped = Stdio::piped;
        command.stdout(piped()).stderr(piped()).spawn().unwrap()
    };
    let outputs: Vec<Output> =
        ["Laura", "Jo"].map(spawn).into_iter().map(|it| it.wait_with_output().unwrap()).collect();
    let mut codes: Vec<Option<i32>> = outputs.iter().map(|it| it.status.code()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(2)], "{outputs:?}");
    let loser = outputs.iter().find(|it| it.status.code() == Some(2)).unwrap();
    let winner = if loser.stderr == outputs[0].stderr { "Jo" } else { "Laura" };
    let said = stderr(loser).replace(winner, "WINNER");
    insta::assert_snapshot!(said, @"
    error: experiment-1 is decided, stop by WINNER at 2024-12-31T12:00:00Z

    hint: a decision stays; what comes after is the next hypothesis
    ");
    let decision = it.json(&["decision", "show", "decision-1"]);
    assert_eq!(decision["decided_by"], serde_json::json!([winner]));
    assert_eq!(it.json(&["rollout", "show", "rollout-1"])["state"], "rolled_back");
}

#[test]
fn a_readout_without_its_files_is_not_believed() {
    let it = analysed();
    insta::assert_snapshot!(it.plain(&stdout(&it.run(&["readout", "verify"]))), @"");
    insta::assert_snapshot!(it.plain(&stderr(&it.run(&["readout", "verify"]))), @"error: the frozen file `look.json` is missing");
    assert_exit(&it.run(&["readout", "verify"]), 2);
}
