//! Every object as scripts read it, and numbers that two people write at once.

use super::*;

#[test]
fn every_object_has_an_id_a_state_and_a_history() {
    let it = Programme::running();
    for (command, id) in [
        ("okr", "objective-1"),
        ("okr", "kr-1"),
        ("hypothesis", "problem-3"),
        ("treatment", "treatment-1"),
        ("ring", "ring-1"),
        ("solution", "solution-1"),
        ("rollout", "rollout-1"),
        ("experiment", "experiment-1"),
    ] {
        let object = it.json(&[command, "show", id]);
        assert_eq!(object["id"], id);
        assert!(object["state"].as_str().is_some_and(|it| !it.is_empty()), "{object}");
        let history = object["history"].as_array().unwrap();
        assert!(!history.is_empty(), "{object}");
        for step in history {
            let mut keys: Vec<&String> = step.as_object().unwrap().keys().collect();
            keys.sort();
            assert_eq!(keys, ["from", "to", "when", "who", "why"], "{id}");
            assert_eq!((&step["who"], &step["when"]), (&"Laura".into(), &NOW.into()), "{id}");
        }
    }
    let policy = it.json(&["policy", "build"]);
    assert_eq!((&policy["id"], &policy["state"]), (&"policy-1".into(), &"live".into()));
    let bundle = it.data().join("policy/bundle.json").to_str().unwrap().to_owned();
    let key = it.data().join("policy/public.key").to_str().unwrap().to_owned();
    let verified = it.done(&["policy", "verify", &bundle, "--key", &key]);
    assert!(verified.starts_with("Believed: version 2 "), "{verified}");
}

#[test]
fn two_people_at_once_each_get_their_own() {
    let it = Programme::started();
    let spawn = |n: usize| {
        let name = format!("treatment {n}");
        let create = ["treatment", "create", "--name", &name, "--moment", "present"];
        let mut command = it.command(&[&create[..], &["--format", "json"]].concat());
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<std::process::Child> = (0..6).map(spawn).collect();
    let mut ids: Vec<String> = children
        .into_iter()
        .map(|it| json(&it.wait_with_output().unwrap())["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    let expected: Vec<String> = (1..=6).map(|it| format!("treatment-{it}")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn whoever_only_reads_needs_no_name() {
    let it = Programme::started();
    let nameless = |arguments: &[&str]| {
        let mut command = it.command(arguments);
        command.env_remove("FIXLOOP_ACTOR").output().expect("the binary starts")
    };
    assert_exit(&nameless(&["okr", "show"]), 0);
    let refused = nameless(&["okr", "revise", "kr-1", "--target", "-30%", "--why", "x"]);
    assert_exit(&refused, 2);
    assert!(stderr(&refused).starts_with("error: nobody is named"), "{}", stderr(&refused));
}
