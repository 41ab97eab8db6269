//! `fixloop experiment plan`: tables, refusals, bad input.

use std::fmt::Write;

use super::*;

/// So many teams with a finding every fourth day for 300 days.
fn table(n_teams: usize) -> String {
    let mut text = "team,day,time,status,severity,known\n".to_owned();
    for team in 0..n_teams {
        for day in (team % 4..300).step_by(4) {
            let time = (5 + (day * 7 + team * 3) % 25 + team % 10).min(300 - day);
            let status = usize::from(day + time < 300);
            let known = usize::from(day % 3 == 0);
            writeln!(text, "t{team},{day},{time},{status},high,{known}").expect("it fits");
        }
    }
    text
}

fn plan(table: &str, more: &[&str]) -> Output {
    let folder = folder(&[("past.csv", table.as_bytes())]);
    let path = folder.path().join("past.csv");
    let mut arguments = vec!["experiment", "plan", "--from", path.to_str().expect("plain")];
    arguments.extend(["--runs", "40", "--days", "21"]);
    arguments.extend(more);
    fixloop(&arguments)
}

#[test]
fn a_table_is_planned_with() {
    let output = plan(&table(9), &["--treatment", "hint", "--format", "json", "--teams", "12"]);
    assert_exit(&output, 0);
    let document = json(&output);
    assert_eq!(document["design"], "inside-team");
    assert_eq!(document["teams"], 12);
    assert_eq!(document["days"], 21);
    assert_eq!(document["reach"], 1.0);
    assert!(document["power"].is_number());
    assert_eq!(document["alternatives"].as_array().map(Vec::len), Some(5));
    let looks = document["looks"].as_array().expect("a list");
    assert_eq!(looks.len(), 3);
}

#[test]
fn the_same_seed_prints_the_same() {
    let arguments = ["--treatment", "build-break", "--seed", "7"];
    let first = plan(&table(9), &arguments);
    assert_exit(&first, 0);
    assert_eq!(stdout(&first), stdout(&plan(&table(9), &arguments)));
}

#[test]
fn what_cannot_reach_alpha_is_refused() {
    let output = plan(&table(6), &["--treatment", "build-break"]);
    assert_exit(&output, 1);
    let text = stdout(&output);
    assert!(text.starts_with("Refused: with 6 teams"), "{text}");
    assert!(text.contains("8 teams could"), "{text}");
}

#[test]
fn a_scope_has_its_reach() {
    let arguments =
        ["--treatment", "hint", "--scope", "at-introduction", "--format", "json", "--looks", "end"];
    let output = plan(&table(9), &arguments);
    assert_exit(&output, 0);
    let document = json(&output);
    let reach = document["reach"].as_f64().expect("a number");
    assert!((reach - 1.0 / 3.0).abs() < 0.02, "{reach}");
    let told = document["cannot_show"].to_string();
    assert!(told.contains("The scope reaches 33 %"), "{told}");
}

#[test]
fn bad_input_is_told_with_the_way_out() {
    let good = table(9);
    for (text, more, expected) in [
        (good.replace("team,", "group,"), &[][..], "no column for the team"),
        (good.replace("day,", "when,"), &[], "when its clock started"),
        (good.clone(), &["--looks", "soon"], "`soon` is no day of the pilot"),
        (good.clone(), &["--looks", "7,14"], "looks ascend"),
        (good.clone(), &["--follow-up", "21"], "follow-up `21`"),
        (good.clone(), &["--scope", "direct"], "no row says whether it is in the scope"),
        ("team,day,time,status\na,0,3,1\nb,1,4,1\n".to_owned(), &[], "the past covers"),
        ("team,day,time,status\na,x,3,1\n".to_owned(), &[], "no number of days"),
    ] {
        let arguments = [&["--treatment", "hint"], more].concat();
        let output = plan(&text, &arguments);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(expected), "{expected}: {}", stderr(&output));
    }
}
