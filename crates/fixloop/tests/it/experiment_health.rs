//! `fixloop experiment analyze --health --guardrails`, `ledger`, `stages` and `backtest`.

use fixloop_test_support::shared;
use serde_json::Value;

use super::*;

/// Eight teams in two arms, six findings each; the treated fix within days.
fn findings() -> String {
    let row = |(team, it): (usize, usize)| {
        let (arm, slow) = if team.is_multiple_of(2) { ("control", 10) } else { ("treated", 1) };
        let status = if it == 5 && team < 4 { "ignored" } else { "1" };
        format!("T{team},{arm},{},{status},60\n", slow + it * 2 + team / 2)
    };
    let rows = (0..8).flat_map(|team| (0..6).map(move |it| (team, it)));
    format!("team,arm,time,status,limit\n{}", rows.map(row).collect::<String>())
}

/// Runs `experiment` on files; the first is the command's, others follow their option.
fn run(command: &str, file: &str, options: &[(&str, &str)], more: &[&str]) -> Output {
    let names: Vec<String> = options.iter().map(|it| format!("{}.csv", &it.0[2..])).collect();
    let mut files = vec![("file.csv", file.as_bytes())];
    files.extend(names.iter().zip(options).map(|(name, it)| (&**name, it.1.as_bytes())));
    let folder = folder(&files);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let mut arguments = vec!["experiment".to_owned(), command.to_owned(), path("file.csv")];
    for (name, it) in names.iter().zip(options) {
        arguments.extend([it.0.to_owned(), path(name)]);
    }
    arguments.extend(more.iter().map(|it| (*it).to_owned()));
    fixloop(&arguments.iter().map(|it| &**it).collect::<Vec<_>>())
}

fn document(output: &Output) -> Value {
    assert_exit(output, 0);
    json(output)
}

/// The file and what it says on standard error, without the folder.
#[track_caller]
fn check_error(output: &Output, expected: &str) {
    assert_exit(output, 2);
    assert_eq!(stderr(output).trim(), expected);
    assert_eq!(stdout(output), "");
}

const HEALTHY: &str = "team,assigned,received,last_heartbeat,scanner,applicable
T0,control,control,30,1.2,10\nT1,treated,treated,30,1.2,11
T2,control,control,29,1.2,12\nT3,treated,treated,30,1.2,9
T4,control,control,30,1.2,10\nT5,treated,treated,30,1.2,11
T6,control,control,30,1.2,12\nT7,treated,treated,28,1.2,9\n";

const SAFE: &str = "guardrail,team,numerator,denominator
bad fixes,T0,2,200\nbad fixes,T1,1,210\nbad fixes,T2,3,190\nbad fixes,T3,2,220
bad fixes,T4,2,200\nbad fixes,T5,3,210\nbad fixes,T6,1,190\nbad fixes,T7,2,220\n";

#[test]
fn health_and_guardrails_reach_the_decision() {
    let run = |health: &str, guardrails: &str| {
        let options = [("--health", health), ("--guardrails", guardrails)];
        document(&run("analyze", &findings(), &options, &["--format", "json"]))
    };
    let sound = run(HEALTHY, SAFE);
    assert_eq!(sound["health"]["status"], "healthy", "{:#}", sound["health"]);
    let answers = |it: &Value| -> Vec<String> {
        let readings = it["guardrails"].as_array().expect("a list");
        readings.iter().map(|it| format!("{} {}", it["name"], it["answer"])).collect()
    };
    assert_eq!(answers(&sound)[1], "\"bad fixes\" \"safe\"");
    let swapped = HEALTHY.replace("T0,control", "T0,treated").replace("T1,treated", "T1,control");
    let broken = run(&swapped, SAFE);
    assert_eq!(broken["health"]["status"], "unhealthy");
    assert_eq!(broken["verdict"], "inconclusive");
    assert_eq!(broken["rule"], "the experiment is not healthy, so its numbers decide nothing");
    let mut killing = SAFE.to_owned();
    killing.push_str("override,T1,6,10\noverride,T3,7,10\n");
    let stopped = run(HEALTHY, &killing);
    assert_eq!(stopped["verdict"], "stop");
    assert_eq!(stopped["rule"], "a guardrail is harmed");
    let unknown = run(HEALTHY, &format!("{SAFE}flow,,,\n"));
    assert_eq!(answers(&unknown)[2], "\"flow\" \"not known\"");
    assert_ne!(unknown["verdict"], "expand");
}

#[test]
fn without_records_nothing_is_called_healthy_or_safe() {
    let it = document(&run("analyze", &findings(), &[], &["--format", "json"]));
    assert_eq!(it["health"]["status"], "cannot tell");
    let last = it["guardrails"].as_array().and_then(|it| it.last()).expect("one at least");
    assert_eq!(last["says"], "not known: nobody said which other guardrails there are");
    assert_ne!(it["verdict"], "expand");
}

#[test]
fn records_that_cannot_be_used_are_refused_with_their_line() {
    let health = |text: &str| run("analyze", &findings(), &[("--health", text)], &[]);
    check_error(
        &health("team,assigned\nT0,blue\n"),
        "error: line 2: no arm is called `blue`\n\nhint: the arms of the findings are control and treated",
    );
    check_error(&health("team\nT0\nT0\n"), "error: line 3: team `T0` is there twice");
    check_error(
        &health("team,applicable\nT0,NaN\n"),
        "error: line 2: `applicable` is `NaN`, which is no finite number",
    );
    check_error(
        &health("team,applicable\nT0,-1\n"),
        "error: line 2: `applicable` is `-1`, which is less than 0",
    );
    check_error(
        &health("team,assigned\nT0\n"),
        "error: line 2: its cells number 1, those of the header 2",
    );
    let guardrails = |text: &str| run("analyze", &findings(), &[("--guardrails", text)], &[]);
    let head = "guardrail,team,numerator,denominator,margin\n";
    check_error(
        &guardrails(&format!("{head}flow,T9,1,2,\n")),
        "error: line 2: team `T9` has no finding, so its arm is not known\n\nhint: say its arm in --health TEAMS.csv (columns team, assigned), or leave the row out",
    );
    check_error(
        &guardrails(&format!("{head}flow,T0,1,,\n")),
        "error: line 2: guardrail `flow` has a numerator without a denominator",
    );
    check_error(
        &guardrails(&format!("{head}flow,T0,1,2,5\nflow,T1,1,2,6\n")),
        "error: line 3: guardrail `flow` has two margins, 5 and 6",
    );
    check_error(
        &guardrails(&format!("{head}flow,T0,1,-2,\n")),
        "error: guardrail `flow`: number `-2` of team `T0` is no denominator: it is negative or not finite\n\nhint: see docs/experiment-health.md for the table",
    );
}

#[test]
fn stages_are_those_of_r_and_add_up() {
    let Some(folder) = shared::file("data/stats_reference") else { return };
    let text = fs::read_to_string(folder.join("reference.json")).expect("it is readable");
    let reference: Value = serde_json::from_str(&text).expect("it is JSON");
    let path = folder.join("data/fixtimes_states.csv");
    let path = path.to_str().expect("a plain path");
    let it =
        document(&fixloop(&["experiment", "stages", path, "--want", "20%", "--format", "json"]));
    for (group, case) in ["multistate.fix_0", "multistate.fix_1"].into_iter().enumerate() {
        let expected = &reference["cases"][case]["expected"]["restricted_mean_days"];
        let expected = expected.as_array().expect("a list");
        for (stage, expected) in it["stages"].as_array().expect("a list").iter().zip(expected) {
            let days = stage["groups"][group]["days"].as_f64().expect("a number");
            let expected = expected.as_f64().expect("a number");
            assert!((days - expected).abs() <= 1e-8 * expected, "{stage} is not {expected}");
        }
    }
    let ceilings: Vec<&Value> = it["stages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["ceiling"]["verdict"])
        .collect();
    assert_eq!(ceilings[0], "not rejected");
    assert_eq!(ceilings[3], "rejected for this objective");
    assert!(ceilings[4].is_null());
    assert_eq!(it["rows_of_before"], 1061);
}

const STAGES: &str = "finding,team,start,stop,from,to
a,T1,0,2,unalerted,alerted\na,T1,2,9,alerted,fixed\nb,T1,0,1,unalerted,alerted\nb,T1,1,12,alerted,fixed
c,T2,0,3,unalerted,alerted\nc,T2,3,9,alerted,ignored\nd,T2,0,1,unalerted,fixed
e,T3,0,2,unalerted,alerted\ne,T3,2,10,alerted,fixed\nf,T3,0,1,unalerted,alerted\nf,T3,1,20,alerted,censor\n";

#[test]
fn stages_in_words() {
    let output = run("stages", STAGES, &[], &["--horizon", "12", "--want", "50%"]);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output));
    check_error(
        &run("stages", STAGES, &[], &["--horizon", "100"]),
        "error: all is watched up to day 20, and the horizon is 100\n\nhint: take a shorter --horizon",
    );
    let three =
        "finding,team,arm,start,stop,from,to\na,T,0,0,2,x,y\nb,T,1,0,2,x,y\nc,T,2,0,2,x,y\n";
    check_error(
        &run("stages", three, &[], &[]),
        "error: two arms can be compared, and there are 3: 0, 1, 2",
    );
    let gap = STAGES.replace("a,T1,2,9", "a,T1,3,9");
    check_error(
        &run("stages", &gap, &[], &[]),
        "error: all: stretches of subject `0` do not join at `3`\n\nhint: number 0 is finding `a`; its stretches have to join, in one team and one arm",
    );
}

#[test]
fn ledgers_are_those_of_the_reference() {
    let Some(folder) = shared::file("data/stats_reference/data") else { return };
    for (file, n_confirmed) in [("pvalues.csv", 7), ("evalues.csv", 4)] {
        let path = folder.join(file);
        let path = path.to_str().expect("a plain path");
        let it = document(&fixloop(&["experiment", "ledger", path, "--format", "json"]));
        let all = it["hypotheses"].as_array().expect("a list");
        let confirmed = all.iter().map(|it| it["decision"] == "confirmed");
        let expected = (0..10).map(|it| it < n_confirmed);
        assert_eq!(confirmed.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{file}");
    }
}

#[test]
fn a_ledger_in_words() {
    let text = "hypothesis,p,e,effect,decision
in-editor alerts,0.004,,0.39,confirmed\nauto-merge,0.03,,0.2,\nbot reminders,0.4,,0.05,\nchat digests,0.9,,-0.02,rejected
pinned versions,,45,,\nowners,0.8,,0.01,\nweekly fix hour,0.06,,0.15,confirmed\n";
    let output = run("ledger", text, &[], &[]);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output));
    check_error(
        &run("ledger", "hypothesis,p\na,1.5\n", &[], &[]),
        "error: hypothesis `a`: p-value `1.5` is not from 0 to 1",
    );
    check_error(
        &run("ledger", "hypothesis,p,decision\na,0.5,maybe\n", &[], &[]),
        "error: line 2: `decision` is `maybe`, which is none of confirmed, rejected and open",
    );
}

#[test]
fn back_tests_in_words() {
    let text = "kind,forecast,low,high,outcome
probability,0.9,,,1\nprobability,0.2,,,0\nprobability,0.7,,,\ncount,30,25,35,28\ncount,10,8,12,15\ncount,10,8,12,14\n";
    let output = run("backtest", text, &[], &[]);
    assert_exit(&output, 0);
    insta::assert_snapshot!(stdout(&output));
    let it = document(&run("backtest", text, &[], &["--format", "json"]));
    assert_eq!((&it["advice"], &it["open"]), (&"widen".into(), &1.into()));
    check_error(
        &run("backtest", "kind,forecast,outcome\nprobability,1.2,\n", &[], &[]),
        "error: forecast 1: probability `1.2` is not from 0 to 1\n\nhint: it is in line 2",
    );
    check_error(
        &run("backtest", "kind,forecast,low,high,outcome\ncount,1,,3,2\n", &[], &[]),
        "error: line 2: `low` is empty",
    );
}
