//! `fixloop experiment analyze`: the reference's verdicts, and tables that tell little.

use fixloop_test_support::shared;
use serde_json::Value;

use super::*;

/// A table of teams `A` to `H`, alternating arms; treated findings are fixed twice as fast. `change` makes it bad.
fn write(folder: &Path, header: &str, row: impl Fn(usize, usize) -> String) -> PathBuf {
    let mut text = format!("{header}\n");
    for team in 0..8 {
        for number in 0..12 {
            text.push_str(&row(team, number));
            text.push('\n');
        }
    }
    let path = folder.join("table.csv");
    fs::write(&path, text).expect("a temporary folder is writable");
    path
}

fn usual(team: usize, number: usize) -> String {
    let arm = team % 2;
    let time = (3 + number * 4) / (1 + arm) + team / 2;
    let status = if time > 40 { 0 } else { 1 + usize::from(number % 9 == 8) };
    let time = time.min(40);
    format!("team {team},{arm},high,{time},{status},40,{number}")
}

const HEADER: &str = "team,arm,stratum,time,status,limit,day";

#[track_caller]
fn analyzed(path: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["experiment", "analyze", path.to_str().expect("a plain path")];
    all.extend(["--format", "json"]);
    all.extend(arguments);
    let output = fixloop(&all);
    assert_exit(&output, 0);
    json(&output)
}

/// `analyze` fails with exit code 2, and says these words.
#[track_caller]
fn refused(path: &Path, arguments: &[&str], words: &str) {
    let mut all = vec!["experiment", "analyze", path.to_str().expect("a plain path")];
    all.extend(arguments);
    let output = fixloop(&all);
    assert_exit(&output, 2);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains(words), "{text}");
}

#[test]
fn p_values_are_those_of_the_reference() {
    let check = |data: &str, arguments: &[&str], case: &str, expected: &str| {
        let Some(folder) = shared::file("data/stats_reference") else { return };
        let text = fs::read_to_string(folder.join("reference.json")).unwrap();
        let reference: Value = serde_json::from_str(&text).unwrap();
        let expected = reference["cases"][case]["expected"][expected].as_f64().unwrap();
        let document = analyzed(&folder.join("data").join(data), arguments);
        let found = document["p_value"].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-8, "{case}: {found} is not {expected}");
    };
    check("fixtimes_b.csv", &[], "teamscore.b", "p_raw_two_sided");
    check("fixtimes_b.csv", &["--pair", "pair"], "teamscore.b", "p_paired_two_sided");
    check("fixtimes.csv", &[], "teamscore.fix", "p_adj_two_sided");
    check("fixtimes.csv", &["--pair", "pair"], "teamscore.fix", "p_adj_paired_two_sided");
    check("fixtimes.csv", &["--design", "observational"], "team.cuped_did", "p_perm_did");
}

#[test]
fn an_effect_has_an_interval_and_a_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), HEADER, usual);
    let it = analyzed(&path, &[]);
    assert_eq!(it["schema"], "fixloop.experiment/1");
    assert_eq!((it["teams"].as_u64(), it["assignments"].as_u64()), (Some(8), Some(70)));
    assert!(it["p_value"].as_f64().unwrap() <= 0.05, "{it:#}");
    let (low, high) = (it["interval"]["low"].as_f64(), it["interval"]["high"].as_f64());
    assert!(low.unwrap() < 0.6 && (0.4..1.0).contains(&high.unwrap()), "{low:?} {high:?}");
    assert_eq!(it["verdict"], "persevere");
    assert!(it["rule"].as_str().unwrap().contains("guardrails are not known"));
    // The same data read differently: the treated arm is the other one.
    let other = analyzed(&path, &["--treated", "0"]);
    assert!(other["time_ratio"].as_f64().unwrap() > 1.0);
    assert_eq!((&other["p_value"], &other["verdict"]), (&it["p_value"], &Value::from("stop")));
}

#[test]
fn looks_come_on_their_days() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), HEADER, usual);
    let it = analyzed(&path, &["--looks", "14,28,40", "--now", "28"]);
    assert_eq!(it["looks"].as_array().unwrap().len(), 2);
    let it = analyzed(&path, &["--looks", "14,28,40", "--now", "20"]);
    assert_eq!((&it["p_value"], &it["interval"]["low"]), (&Value::Null, &Value::Null));
    assert!(it["cannot_tell"][0].as_str().unwrap().contains("the next is day 28"), "{it:#}");
    refused(&path, &["--looks", "14,14"], "does not come after");
    refused(&path, &["--looks", "soon"], "is no day");
}

#[test]
fn a_changed_metric_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), HEADER, usual);
    let registered = analyzed(&path, &["--looks", "14,28,40", "--now", "28"]);
    let hash = registered["registration"]["hash"].as_str().unwrap().to_owned();
    let with = |more: &[&'static str]| {
        let mut all = vec!["--registered".to_owned(), hash.clone()];
        all.extend(more.iter().map(|it| (*it).to_owned()));
        all
    };
    let same = with(&["--looks", "14,28,40", "--now", "40"]);
    let same: Vec<&str> = same.iter().map(|it| &**it).collect();
    assert_eq!(analyzed(&path, &same)["registration"]["hash"], *hash);
    for change in [&["--looks", "14,28,41"][..], &["--looks", "14,28,40", "--event", "2"]] {
        let other = with(change);
        let other: Vec<&str> = other.iter().map(|it| &**it).collect();
        refused(&path, &other, "is not the registered one");
    }
}

#[test]
fn tables_that_are_no_experiment_are_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let check = |row: &dyn Fn(usize, usize) -> String, arguments: &[&str], words: &str| {
        let path = write(folder.path(), HEADER, row);
        refused(&path, arguments, words);
    };
    let arm = |it: usize| {
        move |team: usize, number: usize| {
            usual(team, number).replacen(&format!(",{},", team % 2), &format!(",{it},"), 1)
        }
    };
    check(&arm(1), &[], "two arms can be compared, and there are 1");
    check(
        &|team, number| {
            let it = usual(team, number);
            if team == 3 && number == 5 { it.replacen(",1,", ",0,", 1) } else { it }
        },
        &[],
        "1 team is in both arms: team 3",
    );
    check(
        &|team, number| usual(team, number).replacen(",40,", ",1,", 1),
        &[],
        "could be watched up to 1 days",
    );
    check(
        &|team, _| format!("team {team},{},high,NaN,1,40,1", team % 2),
        &[],
        "not a finite number",
    );
    check(
        &|team, _| format!("team {team},{},high,-4,1,40,1", team % 2),
        &[],
        "not a finite number",
    );
    check(&usual, &["--treated", "alert"], "no arm is called `alert`");
    check(&usual, &["--pair", "nowhere"], "there is no column `nowhere`");
    check(&usual, &["--pair", "day"], "is in two pairs");
    check(&usual, &["--alpha", "5"], "between 0 and 1");
    let no_arm =
        write(folder.path(), "team,time,status", |team, number| format!("{team},{number},1"));
    refused(&no_arm, &[], "needs a column for the arm");
}

#[test]
fn little_is_told_as_little() {
    let folder = tempfile::tempdir().unwrap();
    let nothing_fixed = |team, number| {
        let fields: Vec<String> = usual(team, number).split(',').map(str::to_owned).collect();
        format!(
            "{},{},{},{},0,{},{}",
            fields[0], fields[1], fields[2], fields[3], fields[5], fields[6]
        )
    };
    let it = analyzed(&write(folder.path(), HEADER, nothing_fixed), &[]);
    assert_eq!((&it["p_value"], &it["verdict"]), (&Value::Null, &Value::from("inconclusive")));
    assert!(it["cannot_tell"][0].as_str().unwrap().contains("nothing was fixed"), "{it:#}");

    let six =
        |team: usize, number: usize| if team < 6 { usual(team, number) } else { String::new() };
    let it = analyzed(&write(folder.path(), HEADER, six), &[]);
    assert_eq!(it["min_p"].as_f64(), Some(0.1));
    assert_eq!(it["rule"], "with these teams no result could have counted");

    let no_limit = write(folder.path(), "team,arm,time,status", |team, number| {
        format!("{team},{},{},1", team % 2, 1 + number)
    });
    let it = analyzed(&no_limit, &[]);
    assert!(it["p_value"].is_number() && it["time_ratio"].is_null());
    assert!(it["cannot_tell"].to_string().contains("nobody can tell how long"), "{it:#}");
}

#[test]
fn rows_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), HEADER, |team, number| match (team, number) {
        (2, 2) => "team 2,0,high,soon,1,40,2".to_owned(),
        _ => usual(team, number),
    });
    let output = fixloop(&["experiment", "analyze", path.to_str().unwrap()]);
    assert_exit(&output, 2);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("line 28: `time` is `soon`"), "{text}");
}
