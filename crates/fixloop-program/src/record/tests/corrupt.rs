//! Entries that no command writes are found, and nothing is repaired.

use super::*;

#[track_caller]
fn check(making: &Making, object: &str, what: What, expected: &str) {
    let mut record = making.record.clone();
    let seq = record.seq + 1;
    let change = Change { object: id(object), what };
    let entry = Entry { seq, at: at(900), actor: actor("Eve"), is_clock_set: false, change };
    let error = record.add(&entry).unwrap_err();
    assert_eq!(error.to_string(), format!("entry {seq} of the record cannot be: {expected}"));
    let all: Vec<Entry> = making.entries.iter().cloned().chain([entry]).collect();
    assert_eq!(Record::replay(&all), Err(error));
}

#[test]
fn entries_are_in_a_row() {
    let it = Making::framed();
    let mut entries = it.entries.clone();
    entries.remove(2);
    let error = Record::replay(&entries).unwrap_err().to_string();
    assert_eq!(error, "entry 4 of the record cannot be: it follows entry 2");
    let error = Record::replay(&it.entries[1..]).unwrap_err().to_string();
    assert_eq!(error, "entry 2 of the record cannot be: it follows entry 0");
}

#[test]
fn an_entry_names_what_there_is() {
    let it = pilot().running();
    let supersedes = ProblemChange::Created {
        believe: "x".to_owned(),
        key_result: id("kr-1"),
        insight_at: at(0),
        supersedes: Some(id("problem-8")),
        assumptions: Vec::new(),
    };
    check(
        &it,
        "problem-2",
        What::Problem(supersedes),
        "it names `problem-8`, which does not exist",
    );
    let looked = ExperimentChange::Looked { readout: id("problem-1") };
    let expected = "it names `problem-1` where a readout stands";
    check(&it, "experiment-1", What::Experiment(looked), expected);
    let framed = || What::Problem(ProblemChange::Framed { predictions: Vec::new() });
    check(&it, "problem-5", framed(), "number 5 does not exist");
    check(&it, "ring-1", framed(), "`ring-1` is no object of that kind");
    let planned = || What::Rollout(RolloutChange::Planned(rollout()));
    check(&it, "rollout-3", planned(), "number 3 is not the next one");
    check(&it, "rollout-1", planned(), "number 1 is not the next one");
}

#[test]
fn an_entry_keeps_the_rules() {
    let it = pilot().running();
    let done = RolloutChange::Resumed { why: "x".to_owned() };
    check(&it, "rollout-1", What::Rollout(done), "live does not follow live");
    let again = RolloutChange::Assigned { rows: rows("pilot", "ring-2") };
    check(&it, "rollout-1", What::Rollout(again), "team pilot a was assigned before");
    let ramped = RolloutChange::Ramped { ring: id("ring-2"), set_aside: None };
    check(&it, "rollout-1", What::Rollout(ramped), "ring-2 has it already");
    let moved = RingChange::Teams { teams: Vec::new(), why: String::new() };
    check(&it, "ring-2", What::Ring(moved), "its teams are frozen");
    let framed = ProblemChange::Framed { predictions: vec![prediction()] };
    check(&it, "problem-1", What::Problem(framed), "framed does not follow supported");
    let checked = KeyResultChange::Checked { checks: Vec::new() };
    check(&it, "kr-1", What::KeyResult(checked), "it is active");
    let telemetry = ExperimentChange::FirstTelemetry { at: at(1) };
    let expected = "telemetry is first once, after the start";
    check(&pilot().registered(), "experiment-1", What::Experiment(telemetry), expected);
    let readout = id("readout-1");
    let analysed = ExperimentChange::Analysed { readout, why: "x".to_owned() };
    let expected = "readout-1 is no readout of it";
    check(&it, "experiment-1", What::Experiment(analysed), expected);
    let built = || Built { version: 0, digest: String::new(), expires_at: at(1) };
    let expected = "bundle 0 does not follow 0";
    check(&it, "policy-1", What::Policy(PolicyChange::Built(built())), expected);
    let data = Treatment { version: 5, ..treatment(Mode::Alert).data };
    let changed = TreatmentChange::Changed { data, why: "x".to_owned() };
    check(&it, "treatment-1", What::Treatment(changed), "version 5 does not follow 1");
}

#[test]
fn an_entry_of_a_newer_build_is_not_read_as_something_else() {
    let it = Making::okr();
    let text = serde_json::to_string(&it.entries[0]).unwrap();
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), it.entries[0]);
    for (from, to) in [
        ("\"created\"", "\"dreamt\""),
        ("\"objective\"", "\"wish\""),
        ("objective-1", "objective-0"),
        ("objective-1", "wish-1"),
        ("Laura", " "),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        assert!(serde_json::from_str::<Entry>(&changed).is_err(), "{changed}");
    }
}

#[test]
fn names_are_one_line() {
    for (name, expected) in [
        (" Laura ", Ok("Laura")),
        (" ", Err("a name is needed")),
        ("a\nb", Err("a name is one line of at most 100 characters")),
        (&"x".repeat(101), Err("a name is one line of at most 100 characters")),
    ] {
        assert_eq!(Actor::new(name).as_ref().map(Actor::as_str), expected.as_ref().copied());
    }
    for text in ["problem", "problem-0", "problem-x", "-1", "problem--1", "policy-4294967296"] {
        let error = text.parse::<ObjectId>().unwrap_err();
        assert_eq!(error, format!("`{text}` is no id such as problem-1"));
    }
    for kind in Kind::ALL {
        let id = ObjectId::new(*kind, 7);
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
