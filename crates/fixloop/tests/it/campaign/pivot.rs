//! Alert to break: a preview, two names, one command back, and two people at once.

use super::*;

fn pivot(more: &[&str]) -> Vec<String> {
    let fixed = ["campaign", "pivot", "campaign-1", "--ring", "pilot", "--to", "break"];
    [&fixed[..], &["--why", "alerting stalls"], more]
        .concat()
        .iter()
        .map(|it| (*it).to_owned())
        .collect()
}

fn words(it: &[String]) -> Vec<&str> {
    it.iter().map(|it| &**it).collect()
}

#[test]
fn a_pivot_is_previewed_done_and_taken_back() {
    let it = Organization::opened();
    let asked = pivot(&["--with", "Ines"]);
    let preview = it.json("2024-06-05", &words(&asked));
    assert_eq!((&preview["changed"], &preview["targets"]), (&false.into(), &1.into()));
    assert_eq!(preview["teams"][0]["team"], "web");
    assert_eq!(preview["preview_of"], 2);
    let before = it.json("2024-06-05", &["campaign", "show", "campaign-1"]);
    assert_eq!(before["pivots"], serde_json::json!([]));
    let done = it.json("2024-06-05", &words(&pivot(&["--with", "Ines", "--preview-of", "2"])));
    assert_eq!((&done["changed"], &done["version"]), (&true.into(), &3.into()));
    assert_eq!(done["pivots"][0]["with"], "Ines");
    let back = it.json("2024-06-06", &["campaign", "pivot", "campaign-1", "--back"]);
    assert_eq!(back["steps"], before["steps"]);
    // Every step was published.
    let policy = it.json("2024-06-06", &["policy", "build"]);
    assert_eq!(policy["built"].as_array().expect("a list").len(), 4);
}

#[test]
fn of_two_people_the_second_is_told_what_the_first_did() {
    let it = Organization::opened();
    it.done("2024-06-05", &words(&pivot(&["--with", "Ines", "--preview-of", "2"])));
    let second =
        it.run_as("Jo", "2024-06-05", &words(&pivot(&["--with", "Ines", "--preview-of", "2"])));
    assert_exit(&second, 2);
    insta::assert_snapshot!(stderr(&second), @r"
    error: version 2 of campaign-1 was previewed, and it is at 3 now: Laura at 2024-06-05T23:00:00Z: alert → break for ring-1; with Ines: alerting stalls

    hint: preview it again, without --preview-of, and decide on what is there now
    ");
}

#[test]
fn one_name_is_too_few() {
    let it = Organization::opened();
    insta::assert_snapshot!(it.refused("2024-06-05", &words(&pivot(&["--with", "Laura"]))), @r"
    error: a pivot has two names, and Laura is who asks

    hint: --with the name of a second person
    ");
}
