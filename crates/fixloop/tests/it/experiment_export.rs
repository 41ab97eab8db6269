//! `fixloop experiment export`: a script that knows nothing of fixloop finds the same numbers.

use std::fmt::Write as _;
use std::io::Write as _;

use super::*;

/// What is in a generated table.
#[derive(Clone, Copy)]
struct Made {
    n_teams: usize,
    has_history: bool,
    has_pairs: bool,
    has_platforms: bool,
    n_findings: usize,
}

const PLAIN: Made =
    Made { n_teams: 8, has_history: false, has_pairs: false, has_platforms: false, n_findings: 9 };

/// Whole days, so that ties are everywhere; fixes, dismissals and open findings; some that entered late; two strata.
fn generated(made: Made) -> String {
    let mut text = String::from("team,arm,pair,platform,period,severity,entry,time,status,limit\n");
    let mut state = 12_345_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for team in 0..made.n_teams {
        let is_treated = if made.has_platforms { team / 2 % 2 == 1 } else { team % 2 == 1 };
        let pair = if made.has_pairs { team / 2 } else { 0 };
        let platform =
            if made.has_platforms { format!("platform {}", team / 2) } else { String::new() };
        let periods: &[&str] = if made.has_history { &["pre", "post"] } else { &["post"] };
        for period in periods {
            for finding in 0..made.n_findings + team % 3 {
                let limit = 20 + next(20);
                let mut time = 1 + next(25) * (2 + team as u64 % 3) / 3;
                if is_treated && *period == "post" {
                    time = time.div_ceil(2);
                }
                let entry = if finding % 4 == 0 && time > 3 { "2" } else { "" };
                let status = if time > limit { 0 } else { [1, 1, 1, 2, 0][finding % 5] };
                let time = time.min(limit);
                let severity = if finding % 2 == 0 { "high" } else { "low" };
                let arm = u8::from(is_treated);
                writeln!(
                    text,
                    "team {team:02},{arm},{pair},{platform},{period},{severity},{entry},{time},{status},{limit}"
                )
                .expect("a string takes it");
            }
        }
    }
    text
}

/// Runs a script of the folder; `None` if the program is not installed.
pub(super) fn script(folder: &str, program: &str, script: &str) -> Option<Output> {
    let output = Command::new(program).arg(script).current_dir(folder).output();
    if output.is_err() {
        // Not by `eprintln!`, which the test runner swallows: a skipped test must say so.
        let message = format!("SKIPPED: there is no {program}, so that {script} was not run\n");
        std::io::stderr().write_all(message.as_bytes()).expect("standard error is open");
    }
    output.ok()
}

/// Exports, and lets Python, and R where it is installed, compute the numbers again.
#[track_caller]
fn check(text: &str, more: &[&str]) -> Option<String> {
    let inputs = folder(&[("table.csv", text.as_bytes())]);
    let at = |name: &str| inputs.path().join(name).to_str().expect("a plain path").to_owned();
    let (table, into) = (at("table.csv"), at("check"));
    let mut all = vec!["experiment", "export", &table, "--into", &into];
    all.extend(more);
    let output = fixloop(&all);
    assert_exit(&output, 0);
    if let Some(r) = script(&into, "Rscript", "check.R") {
        assert_exit(&r, 0);
    }
    let python = script(&into, "python3", "check.py")?;
    assert_exit(&python, 0);
    // A number that is not ours is told apart.
    let expected = fs::read_to_string(at("check/expected.json")).expect("it was written");
    let mut document: serde_json::Value = serde_json::from_str(&expected).expect("it is JSON");
    document["p_value"] = (document["p_value"].as_f64().expect("a number") + 0.001).into();
    fs::write(at("check/expected.json"), document.to_string()).expect("writable");
    assert_exit(&script(&into, "python3", "check.py")?, 1);
    Some(stdout(&python))
}

#[test]
fn python_finds_the_same_without_history() {
    if let Some(found) = check(&generated(PLAIN), &[]) {
        assert!(found.contains("assignments: 70 = 70"), "{found}");
    }
}

#[test]
fn python_finds_the_same_with_history_and_pairs() {
    let made = Made { n_teams: 12, has_history: true, has_pairs: true, ..PLAIN };
    if let Some(found) = check(&generated(made), &["--pair", "pair", "--theta", "history"]) {
        assert!(found.contains("assignments: 64 = 64"), "{found}");
    }
}

#[test]
fn python_finds_the_same_with_platforms() {
    let made = Made { n_teams: 16, has_platforms: true, has_history: true, n_findings: 5, ..PLAIN };
    if let Some(found) = check(&generated(made), &[]) {
        assert!(found.contains("assignments: 70 = 70"), "{found}");
    }
}

#[test]
fn python_finds_the_same_of_the_log_rank_statistic() {
    check(&generated(PLAIN), &["--statistic", "log-rank", "--alpha", "0.1"]);
}

#[test]
fn draws_are_listed_where_assignments_are_too_many() {
    // 9,999 draws over the whole grid of ratios take Python a minute: without limits there is the p-value only.
    let text = generated(Made { n_teams: 18, n_findings: 4, ..PLAIN });
    let text: String =
        text.lines().map(|it| it.rsplit_once(',').expect("cells").0.to_owned() + "\n").collect();
    if let Some(found) = check(&text, &[]) {
        assert!(found.contains("assignments: 10000 = 10000"), "{found}");
    }
}

#[test]
fn what_cannot_be_tested_is_not_exported() {
    let inputs = folder(&[("table.csv", b"team,arm,time,status\na,0,1,0\nb,1,2,0\nc,1,2,0\n")]);
    let table = inputs.path().join("table.csv");
    let into = inputs.path().join("check");
    let plain = |it: &Path| it.to_str().expect("a plain path").to_owned();
    let output = fixloop(&["experiment", "export", &plain(&table), "--into", &plain(&into)]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("nothing was fixed"), "{}", stderr(&output));
    assert!(!into.exists());
}
