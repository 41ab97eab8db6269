//! Verdicts read from the advisory files by hand.

use fixloop_test_support::shared;

use super::*;
use crate::{Known, check};

#[test]
fn hand_read_examples_are_answered_as_expected() {
    let Some(examples) = shared::file("data/examples.jsonl") else { return };
    let Some(root) = shared::unpacked("advisories") else { return };
    let mut builder = Builder::default();
    for path in shared::files_below(&root, "json") {
        builder.add(prepare(parse(&std::fs::read(&path).unwrap()).unwrap().advisory));
    }
    let index = Index::from_bytes(builder.build().unwrap().into_bytes()).unwrap();
    let known = Known::new(&index);
    let text = std::fs::read_to_string(examples).unwrap();
    let mut failures = Vec::new();
    for line in text.lines() {
        let example: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| example[key].as_str().unwrap();
        let ids = |key: &str| {
            let list = example[key].as_array().unwrap();
            list.iter().map(|it| it.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let subject = component(text("ecosystem"), text("name"), text("version"));
        let checked = check(&known, &subject, &[]).unwrap();
        let found: Vec<&String> = checked.matches.iter().flat_map(|it| &it.ids).collect();
        for id in ids("must_match") {
            if !found.contains(&&id) {
                failures.push(format!("missed {id}: {line}"));
            }
        }
        for id in ids("must_not_match") {
            if found.contains(&&id) {
                failures.push(format!("wrong {id}: {line}"));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
